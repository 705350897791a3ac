"""Spark: a book valued and closed by its executors is the one valued and closed here."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from arrears.adapters.clock import stopwatch
from arrears.adapters.spark_closing import close_once
from arrears.app.closing import close_to
from arrears.app.ports_runs import Asked, Attempt
from arrears.app.ranges import RangeCloser
from arrears.app.running import RangeTask, begin_or_resume

if TYPE_CHECKING:
    from pathlib import Path

BEFORE, END = date(2026, 1, 30), date(2026, 2, 1)
HAS_SPARK = shutil.which("java") is not None and importlib.util.find_spec("pyspark") is not None
#: What says when something was done: a process of its own has a clock of its own.
INSTANTS = ("recorded_at", "known_at")


def without_instants(rows: list[list[tuple[object, ...]]]) -> list[list[tuple[object, ...]]]:
    """What a close wrote, but for when."""

    def plain(value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: part for name, part in value.items() if name not in INSTANTS}

    return [[tuple(plain(each) for each in row) for row in table] for table in rows]


#: One process, for Java takes its time: the book exported, valued here in two processes and by Spark, closed by Spark.
WORDS = """
import sys
from arrears.entrypoints.cli.main import run
end, to = sys.argv[1:]
value = ["value", "--from", f"{to}/export", "--on", "2026-04-15", "--by", "product"]
for words in (
    ["export", "--to", f"{to}/export"],
    [*value, "--processes", "2", "--to", f"{to}/here"],
    [*value, "--engine", "spark", "--to", f"{to}/there"],
    ["close", "--to", end, "--engine", "spark"],
):
    if run(words):
        sys.exit(" ".join(words))
"""


@pytest.mark.skipif(
    not HAS_SPARK, reason="no Java or no pyspark: the Spark engine is not tested here"
)
def test_spark_does_what_this_machine_does(
    new_database, another_database, fill, frame, dump, clock, tmp_path: Path
) -> None:
    """By two cores of Spark a book is valued account by account as by compiled processes here, to the fen.

    It closes the end of a month and the day of statements as this process does: every row the same.
    """
    here, there = new_database.store(), another_database.store()
    for store in (here, there):
        fill(store, END, loans=8, lines=4)
        close_to(store, BEFORE, frame, clock=clock)
    close_to(here, END, frame, clock=clock)
    asked = {
        "ARREARS_DATABASE_URL": another_database.app_url,
        "PYSPARK_SUBMIT_ARGS": "--master local[2] pyspark-shell",
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", WORDS, END.isoformat(), str(tmp_path)],
        env=os.environ | asked, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert values_in(tmp_path / "there").equals(values_in(tmp_path / "here"))
    assert len(values_in(tmp_path / "there")) == 12
    assert without_instants(dump(there)) == without_instants(dump(here))
    with there.unit_of_work() as work:
        told = work.connection.execute(
            "select distinct engine from run_attempt where run_id > %s", [f"close-{BEFORE}"]
        ).fetchall()
    assert [row["engine"] for row in told] == ["spark"]


def values_in(folder: Path) -> pl.DataFrame:
    """The accounts of a valuation, one by one."""
    return pl.read_parquet(folder / "*.parquet").sort("account_id")


def test_a_range_that_comes_twice_is_closed_once(new_database, fill, frame, dump, clock) -> None:
    """Given again after its executor was lost, a range says what it came to and writes nothing."""
    store, day = new_database.store(), date(2026, 1, 31)
    fill(store, day, loans=3)
    close_to(store, date(2026, 1, 30), frame, clock=clock)
    attempt = Attempt(
        process="p", engine="spark", processes=2, basis=frame.basis,
        began_at=datetime(2026, 2, 1, tzinfo=UTC),
    )  # fmt: skip
    with store.unit_of_work() as work:
        run = begin_or_resume(work, day, attempt, 4_000)
    task = RangeTask(run_id=run.run_id, business_on=day, slots=run.left[0], asked=Asked.EVERY_OPEN)
    closer = RangeCloser(store=store, frame=frame, clock=clock, stopwatch=stopwatch)
    first = close_once(closer, task)
    before = dump(store)
    again = close_once(closer, task)
    assert first.counts.accounts > 0
    assert again.counts.document() == first.counts.document()
    assert dump(store) == before
