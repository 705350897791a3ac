"""A close as traces and metrics of OpenTelemetry: sent where the usual variables say, and else nowhere.

The interface alone is always there, and does nothing until somebody listens: the exporters of
`arrears[otel]`, set up here where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector, or whoever embeds us.
Told are counts, durations and codes; nothing names an account or a person.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from opentelemetry import metrics, trace
from opentelemetry.trace import Span, Status, StatusCode

from arrears.adapters.clock import now_ns
from arrears.app.ports import COUNTED
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from arrears.app.ports_runs import Attempt
    from arrears.app.running import RangeDone, Run

SCOPE = "arrears.close"
ENDPOINTS = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
NANOSECONDS_A_MILLISECOND = 1_000_000
NANOSECONDS = 1_000_000_000


class TelemetryWatcher:
    """Tells a close: a span a run, below it one a range; see `app.watching.Watcher`.

    Args:
        tracers: Where spans go; None: to whoever the process as a whole has set up, or nowhere.
        meters: Likewise for metrics.
    """

    def __init__(
        self, tracers: TracerProvider | None = None, meters: MeterProvider | None = None
    ) -> None:
        self.tracer = trace.get_tracer(SCOPE, tracer_provider=tracers)
        meter = metrics.get_meter(SCOPE, meter_provider=meters)
        self.counters = {
            name: meter.create_counter(f"{SCOPE}.{name}", "1", f"{name} of closed ranges")
            for name in COUNTED
        }
        self.phase_seconds = meter.create_histogram(
            f"{SCOPE}.range.duration", "s", "how long ranges took, by phase"
        )
        self.run_seconds = meter.create_histogram(
            f"{SCOPE}.run.duration", "s", "how long attempts at runs took"
        )
        self.rate = meter.create_gauge(
            f"{SCOPE}.rate", "{account}/s", "accounts a second of the last attempt"
        )
        self.span: Span = trace.INVALID_SPAN
        self.engine: Mapping[str, Any] = {}
        self.began_ns = self.done_before = 0

    def begun(self, run: Run, attempt: Attempt) -> None:
        """A span begins."""
        self.began_ns, self.done_before = now_ns(), run.done
        self.engine = {"engine": attempt.engine, "processes": attempt.processes}
        self.span = self.tracer.start_span(
            f"{SCOPE}.run",
            start_time=self.began_ns,
            attributes={
                "run_id": run.run_id,
                "business_on": run.business_on.isoformat(),
                "accounts_asked": run.accounts,
                "ranges_left": len(run.left),
                "basis": attempt.basis,
                "is_taken_over": attempt.taken_over_from is not None,
                **self.engine,
            },
        )

    def moved(self, run: Run, done: RangeDone) -> None:
        """A span of the time that the range took, and what it did added to the counters."""
        ended_ns, counts = now_ns(), done.counts.document()
        spent_ns = sum(done.milliseconds.values()) * NANOSECONDS_A_MILLISECOND
        span = self.tracer.start_span(
            f"{SCOPE}.range",
            context=trace.set_span_in_context(self.span),
            start_time=ended_ns - spent_ns,
            attributes={
                "run_id": run.run_id,
                "slot_from": done.task.slots.start,
                "slot_until": done.task.slots.stop,
                **counts,
                **{f"{phase}_ms": spent for phase, spent in done.milliseconds.items()},
            },
        )
        span.end(ended_ns)
        for name, counter in self.counters.items():
            counter.add(counts[name], self.engine)
        for phase, spent in done.milliseconds.items():
            self.phase_seconds.record(spent / 1000, {"phase": phase, **self.engine})

    def ended(self, run: Run) -> None:
        """The span ends well."""
        self.span.set_attributes(run.counts.document())
        self.finish(run)

    def stopped(self, run: Run, error: ArrearsError | InvariantError) -> None:
        """The span ends with the error's code; its words may name accounts."""
        code = error.code if isinstance(error, ArrearsError) else error.rule
        self.span.set_attribute("error.type", code)
        self.span.set_status(Status(StatusCode.ERROR, code))
        self.finish(run)

    def finish(self, run: Run) -> None:
        """End the span, and say how fast it went."""
        ended_ns = now_ns()
        spent_ns = max(1, ended_ns - self.began_ns)
        self.run_seconds.record(spent_ns / NANOSECONDS, self.engine)
        self.rate.set((run.done - self.done_before) * NANOSECONDS // spent_ns, self.engine)
        self.span.end(ended_ns)


def is_configured(environment: Mapping[str, str]) -> bool:
    """Whether a collector is named, and nobody has switched telemetry off."""
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not is_off and any(environment.get(name) for name in ENDPOINTS)


def is_installed() -> bool:
    """Whether the exporters of `arrears[otel]` are there."""
    return find_spec("opentelemetry.sdk") is not None and (
        find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    )


@contextmanager
def telemetry(environment: Mapping[str, str]) -> Iterator[TelemetryWatcher]:
    """A watcher whose spans and metrics are sent by the end of the block, if a collector is named.

    A collector that does not answer delays the end by its timeouts and fails nothing. Exporters
    have threads, so this is begun after processes were forked.
    """
    if not (is_configured(environment) and is_installed()):
        yield TelemetryWatcher()
        return
    from opentelemetry.exporter.otlp.proto.http import metric_exporter, trace_exporter  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra

    resource = Resource.create(
        {} if environment.get("OTEL_SERVICE_NAME") else {"service.name": "arrears"}
    )
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(trace_exporter.OTLPSpanExporter()))
    reader = PeriodicExportingMetricReader(metric_exporter.OTLPMetricExporter())
    meters = MeterProvider([reader], resource=resource)
    try:
        yield TelemetryWatcher(tracers, meters)
    finally:
        tracers.shutdown()
        meters.shutdown()
