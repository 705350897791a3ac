"""A close that is stopped, not killed: it is seen, its sessions are ended, and the next one goes on."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest

from arrears.adapters.postgres import turns
from arrears.app.closing import close_to
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator

END = date(2026, 3, 12)

#: Closes a book with two processes; in the middle of a range it says so and waits until it is told to go on.
CLOSER = """
import os, sys, time
from datetime import UTC, date, datetime
from arrears.adapters.engines import local_engine
from arrears.adapters.postgres.store import PostgresStore
from arrears import bootstrap
from arrears.app.closing import close_to
left = int(sys.argv[2])
def clock():
    global left
    left -= 1
    if left == 0:
        print("waiting", flush=True)
        while not os.read(0, 1):
            time.sleep(0.1)
    return datetime(2026, 1, 1, tzinfo=UTC)
store, frame = PostgresStore(sys.argv[1]), bootstrap.frame(compiled=False)
with local_engine(store, frame, int(sys.argv[3]), clock=clock) as engine:
    close_to(store, date(2026, 3, 12), frame, clock=clock, engine=engine, accounts_a_range=4)
"""


@contextmanager
def stopped_close(database, *, asked: int, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """A close that hangs within a range, and is killed when the block ends."""
    words = [sys.executable, "-c", CLOSER, database.app_url, str(asked), str(processes)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"waiting\n", "the close ended before it was stopped"
        os.kill(child.pid, signal.SIGSTOP)
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.parametrize("processes", [1, 2])
def test_who_does_not_move_is_taken_over(
    new_database, another_database, fill, dump, frame, clock, monkeypatch, processes
) -> None:
    """A close is stopped within a range: told `close.running` at first, the next one then ends its sessions.

    Nobody deletes a row of a lock, and the book is the one that a calm close makes. Let go on
    afterwards, the one that was stopped finds its session ended, and leaves.
    """
    monkeypatch.setattr(turns, "TURN_SECONDS", 1)
    calm, shared = another_database.store(), new_database.store()
    for store in (calm, shared):
        fill(store, END, loans=10, lines=2)
    close_to(calm, END, frame, clock=clock, accounts_a_range=4)
    close = partial(close_to, shared, END, frame, clock=clock, accounts_a_range=4)
    with stopped_close(new_database, asked=20, processes=processes) as child:
        with pytest.raises(ArrearsError) as told:
            close()
        assert told.value.code == "close.running"
        assert f"process {child.pid}@" in told.value.got
        assert "accounts for 2026-01-" in told.value.got
        close(stuck_after_seconds=1)
        os.kill(child.pid, signal.SIGCONT)
        if processes == 1:
            assert b"store.unreachable" in child.communicate(b"go", timeout=20)[1]
    for one, other in zip(dump(shared), dump(calm), strict=True):
        assert one == other
    with shared.unit_of_work() as work:
        took = [
            (run["run_id"], attempt["taken_over_from"].partition("@")[0])
            for run in work.runs(last=1000)
            for attempt in run["attempts"]
            if attempt["taken_over_from"]
        ]
    assert {pid for _, pid in took} == {str(child.pid)}
    assert took[0][0] == "close-2026-03-12"
