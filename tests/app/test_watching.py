"""A close as it is told: a bar, spans and metrics, a log; silent unless asked for, and no person in it."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from rich.console import Console

from arrears.adapters.logs import LogWatcher
from arrears.adapters.telemetry import TelemetryWatcher, is_configured
from arrears.app import ranges
from arrears.app.closing import close_to
from arrears.app.watching import Watchers
from arrears.entrypoints.cli.progress import ClosingBar
from arrears.entrypoints.messages import Language
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator

END = date(2026, 2, 3)
PROGRAM = "from arrears.entrypoints.cli.main import main; main()"


def test_a_run_is_a_span_and_each_range_one_below_it(new_database, fill, frame, clock) -> None:
    """Spans carry counts and phases, counters add up to what was closed, and no id of an account is told."""
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider([reader])
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    log = io.StringIO()
    store = new_database.store()
    fill(store, END, loans=12)
    done = close_to(
        store,
        END,
        frame,
        clock=clock,
        accounts_a_range=4,
        watcher=Watchers([TelemetryWatcher(tracers, meters), LogWatcher(log)]),
    )
    finished = spans.get_finished_spans()
    runs = {span.context.span_id: span for span in finished if span.name == "arrears.close.run"}
    below = [span for span in finished if span.name == "arrears.close.range"]
    assert [span.attributes["run_id"] for span in runs.values()] == [
        f"close-{day.isoformat()}" for day, _ in done.days
    ]
    assert len(below) > len(runs)
    for span in below:
        assert runs[span.parent.span_id].attributes["run_id"] == span.attributes["run_id"]
        assert span.status.is_ok
    folded = sum(counts.accounts for _, counts in done.days)
    assert sum(span.attributes["accounts"] for span in below) == folded
    told = {
        metric.name: metric.data.data_points
        for resource in reader.get_metrics_data().resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    assert [point.value for point in told["arrears.close.accounts"]] == [folded]
    assert {"arrears.close.parked", "arrears.close.rate", "arrears.close.run.duration"} <= set(told)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["event"] for line in lines].count("run_closed") == len(done.days)
    assert (
        sum(line["counts"]["accounts"] for line in lines if line["event"] == "range_closed")
        == folded
    )
    everything = log.getvalue() + "".join(span.to_json() for span in finished)
    with store.unit_of_work() as work:
        ids = [account_id for _, account_id in work.open_accounts()]
    assert ids
    assert not [each for each in ids if f'"{each}"' in everything or f" {each}" in everything]


def test_what_stops_a_run_is_told_by_its_code(
    new_database, fill, frame, clock, monkeypatch
) -> None:
    """A safety bound ends the span as an error and writes a line at level error."""
    spans, tracers, log = InMemorySpanExporter(), TracerProvider(), io.StringIO()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    store = new_database.store()
    fill(store, END, loans=3)
    monkeypatch.setattr(ranges, "ROWS_AN_ACCOUNT", 0)
    with pytest.raises(ArrearsError):
        close_to(
            store, END, frame, clock=clock,
            watcher=Watchers([TelemetryWatcher(tracers), LogWatcher(log)]),
        )  # fmt: skip
    last = spans.get_finished_spans()[-1]
    assert (last.attributes["error.type"], last.status.is_ok) == ("close.too_many_rows", False)
    line = json.loads(log.getvalue().splitlines()[-1])
    assert (line["event"], line["level"], line["code"]) == (
        "run_stopped", "error", "close.too_many_rows",
    )  # fmt: skip


class Collector(BaseHTTPRequestHandler):
    """Takes what is sent to a collector."""

    taken: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        """Keep the body and say that it came."""
        self.taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def collecting() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A collector on this machine: its address, and what came."""
    taken: list[tuple[str, bytes]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Collector,), {"taken": taken}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def close_in_a_process(database, **variables: str) -> tuple[int, str, str]:
    """`arrears close` as a process: exit code, output, error output."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OTEL_", "ARREARS_"))
    }
    words = ["close", "--to", END.isoformat(), "--interpreted", "--processes", "2"]
    ended = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROGRAM, *words],
        env={
            **kept,
            "ARREARS_DATABASE_URL": database.app_url,
            "ARREARS_LANG": "en",
            "NO_PROXY": "127.0.0.1",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_a_collector_gets_traces_and_metrics_and_a_file_the_log(
    new_database, fill, tmp_path
) -> None:
    """The command with two processes sends to a real receiver over HTTP, and adds to the file named."""
    fill(new_database.store(), END, loans=4)
    log = tmp_path / "close.log"
    log.write_text("{}\n", encoding="utf-8")
    with collecting() as (address, taken):
        code, _, told = close_in_a_process(
            new_database, OTEL_EXPORTER_OTLP_ENDPOINT=address, ARREARS_LOG=str(log)
        )
    assert (code, told) == (0, "")
    names = set()
    for path, body in taken:
        if path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                assert "arrears" in {
                    each.value.string_value for each in resource.resource.attributes
                }
                names |= {span.name for scope in resource.scope_spans for span in scope.spans}
        if path == "/v1/metrics":
            for metrics in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                names |= {
                    metric.name for scope in metrics.scope_metrics for metric in scope.metrics
                }
    assert {"arrears.close.run", "arrears.close.range", "arrears.close.accounts"} <= names
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert lines[1]["event"] == "run_begun"
    assert lines[1]["processes"] == 2


def test_without_being_asked_a_close_tells_nothing(new_database, fill) -> None:
    """No collector named, no log asked for, no terminal: standard error stays empty."""
    fill(new_database.store(), END, loans=4)
    code, _, told = close_in_a_process(new_database)
    assert (code, told) == (0, "")
    assert not is_configured({})
    assert not is_configured(
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "true"}
    )


def test_the_bar_says_day_accounts_rate_and_time_left(new_database, fill, frame, clock) -> None:
    """In both languages, on a terminal alone."""
    store = new_database.store()
    fill(store, END, loans=4)
    for language, until, words in (
        (Language.ENGLISH, date(2026, 1, 31), "accounts, "),
        (Language.CHINESE, END, "户，每秒"),
    ):
        drawn = io.StringIO()
        instants = iter(range(0, 10**15, 10**9))
        bar = ClosingBar(language, lambda: next(instants), is_shown=True)  # noqa: B023 - used up within the turn
        bar.progress.live.console = Console(file=drawn, force_terminal=True, width=100)
        with bar:
            close_to(store, until, frame, clock=clock, watcher=bar)
            bar.progress.refresh()
        assert words in drawn.getvalue()
        assert until.isoformat() in drawn.getvalue()
