"""Ranges closed in forked processes: the same book, one clear error, and nobody left behind."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import psutil
import pytest

from arrears.adapters import engines
from arrears.adapters.engines import local_engine
from arrears.adapters.forking import ForkingEngine
from arrears.app.closing import close_to
from arrears.app.ports import Counts
from arrears.app.ports_runs import Asked
from arrears.app.ranges import RangeCloser
from arrears.app.running import Phases, RangeDone, RangeTask
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Iterator

END = date(2026, 3, 12)
ACCOUNTS_A_RANGE = 4

#: Closes with two processes, and after the first range waits to be killed.
CLOSER = """
import sys, time
from datetime import date
from functools import partial
from typing import TYPE_CHECKING
from arrears import bootstrap
from arrears.adapters.postgres.store import PostgresStore
from arrears.app.closing import close_day
store, frame = PostgresStore(sys.argv[1]), bootstrap.frame(compiled=False)
with bootstrap.engine(store, frame, processes=2) as engine:
    print(*(worker.process.pid for worker in engine.workers), flush=True)
    time.sleep(600)
"""


def tasks(many: int) -> list[RangeTask]:
    """Ranges of a run that no store knows."""
    return [
        RangeTask(run_id="r", business_on=END, slots=range(at, at + 1), asked=Asked.DUE)
        for at in range(many)
    ]


def test_forked_processes_close_the_same_book(
    new_database, another_database, fill, dump, frame, clock
) -> None:
    """Two equal books, one closed by this process, one by three of its own: the same, entry for entry."""
    alone, shared = new_database.store(), another_database.store()
    for store in (alone, shared):
        fill(store, END, loans=10, lines=6)
    close_to(alone, END, frame, clock=clock, accounts_a_range=ACCOUNTS_A_RANGE)
    with local_engine(shared, frame, 3, clock=clock) as engine:
        close_to(shared, END, frame, clock=clock, engine=engine, accounts_a_range=ACCOUNTS_A_RANGE)
    for one, other in zip(dump(shared), dump(alone), strict=True):
        assert one == other


def test_small_books_and_interpreted_folds_need_no_processes(
    new_database, fill, frame, monkeypatch
) -> None:
    """Left to itself a close forks as many as there are cores, but not for what one range holds."""
    store = new_database.store()
    fill(store, date(2026, 1, 20), loans=3)
    compiled = replace(frame, fold=lambda *_: 0)
    monkeypatch.setattr(engines, "warm_up", lambda _: None)
    monkeypatch.setattr(engines, "cores", lambda: 3)
    with engines.local_engine(store, compiled) as engine:
        assert (type(engine), engine.processes) == (RangeCloser, 1)
    monkeypatch.setattr(engines, "ACCOUNTS_A_RANGE", 2)
    with engines.local_engine(store, frame) as engine:
        assert (type(engine), engine.processes) == (RangeCloser, 1)
    many = engines.local_engine(store, compiled)
    assert isinstance(many, ForkingEngine)
    assert many.processes == 3


def test_a_killed_process_is_one_error_and_the_run_goes_on(
    new_database, another_database, fill, dump, frame, clock
) -> None:
    """One of two processes is killed before it is given a range: the close says so, and a later one ends it."""
    calm, killed = another_database.store(), new_database.store()
    for store in (calm, killed):
        fill(store, END, loans=10, lines=0)
    close_to(calm, END, frame, clock=clock, accounts_a_range=ACCOUNTS_A_RANGE)
    engine = local_engine(killed, frame, 2, clock=clock)
    assert isinstance(engine, ForkingEngine)
    close = partial(close_to, killed, END, frame, clock=clock, accounts_a_range=ACCOUNTS_A_RANGE)
    with engine:
        os.kill(engine.workers[0].process.pid or 0, signal.SIGKILL)
        with pytest.raises(ArrearsError) as told:
            close(engine=engine)
    assert told.value.code == "engine.process_ended"
    assert "SIGKILL" in told.value.got
    assert engine.workers == []
    close()
    assert dump(killed) == dump(calm)


def test_no_process_outlives_its_parent(new_database) -> None:
    """The process that forked them is killed outright: those it forked end too."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CLOSER, new_database.app_url], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    forked = [psutil.Process(int(pid)) for pid in child.stdout.readline().split()]
    assert len(forked) == 2
    child.kill()
    child.wait()
    child.stdout.close()
    _, alive = psutil.wait_procs(forked, timeout=20)
    assert alive == []


def test_what_a_range_raises_comes_whole(frame) -> None:
    """Errors and broken invariants go through the pipe as they were raised, and nothing runs on."""
    assert frame.fold is None
    for error in (
        ArrearsError("close.nothing_booked", where="w", expected="e", got="g", mend="m"),
        InvariantError("close.too_many_rows", {"account": "L-1"}),
    ):

        def fail(_: RangeTask, error: Exception = error) -> RangeDone:
            raise error

        with ForkingEngine(2, lambda fail=fail: fail) as engine, pytest.raises(type(error)) as told:
            list(engine.close_ranges(tasks(5)))
        assert str(told.value) == str(error) == str(pickle.loads(pickle.dumps(error)))  # noqa: S301 - our own


def test_a_task_is_asked_for_when_somebody_is_free() -> None:
    """Of five ranges for two processes each is done once, and a later one knows what was counted before."""
    heard: list[int] = []

    def asked_for() -> Iterator[RangeTask]:
        for task in tasks(5):
            known.append(len(heard))
            yield task

    def close_one(task: RangeTask) -> RangeDone:
        return RangeDone(task=task, counts=Counts(accounts=1), milliseconds={})

    known: list[int] = []
    with ForkingEngine(2, lambda: close_one) as engine:
        for done in engine.close_ranges(asked_for()):
            heard += [done.task.slots.start]
    assert sorted(heard) == [0, 1, 2, 3, 4]
    assert known == [0, 0, *known[2:]]
    assert known[2] >= 1


def test_phases_are_added_up() -> None:
    """A phase timed twice is the sum of both; what it was interrupted by is its own."""
    instants = iter([0, 5_000_000, 5_000_000, 6_999_999, 7_000_000, 8_000_000])
    phases = Phases(stopwatch=lambda: next(instants))
    for phase in ("read", "fold", "read"):
        with phases.timed(phase):
            pass
    assert phases.milliseconds() == {"read": 6, "fold": 1}
