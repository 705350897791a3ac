"""A close that is killed, doubled or written into meanwhile: the book is what a calm close makes."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from arrears.app.booking import Command
from arrears.app.closing import close_to
from arrears.app.posting import post
from arrears.app.running import layout, ranges_of
from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import SLOTS

END = date(2026, 3, 12)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS_A_RANGE = 4
LOANS, LINES = 10, 6
#: How often a killed close had asked for the time: before a run begins (1), before a statement is
#: written, before a range or a day is said to be closed. Each close goes on from the one before.
KILLED_AT = (1, 2, 4, 6, 7, 60, 61, 62)

#: Closes until it asks for the time the n-th time, and then waits to be killed, its work uncommitted.
CLOSER = """
import signal, sys
from datetime import UTC, date, datetime
from arrears import bootstrap
from arrears.adapters.postgres.store import PostgresStore
from arrears.app.closing import close_to
left = int(sys.argv[2])
def clock():
    global left
    left -= 1
    if left == 0:
        print("waiting", flush=True)
        signal.pause()
    return datetime(2026, 1, 1, tzinfo=UTC)
frame = bootstrap.frame(compiled=False)
close_to(PostgresStore(sys.argv[1]), date(2026, 3, 12), frame, clock=clock, accounts_a_range=4)
"""


def test_a_killed_close_run_again_gives_the_same_book(
    new_database, another_database, fill, dump, frame, clock
) -> None:
    """Two equal books, one closed in peace, one killed eight times: the same entries, one by one."""
    calm, killed = new_database.store(), another_database.store()
    for store in (calm, killed):
        fill(store, END, loans=LOANS, lines=LINES)
    close_to(calm, END, frame, clock=clock, accounts_a_range=ACCOUNTS_A_RANGE)
    for asked in KILLED_AT:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", CLOSER, another_database.app_url, str(asked)],
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"waiting\n", "the close ended before it was killed"
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    close_to(killed, END, frame, clock=clock, accounts_a_range=ACCOUNTS_A_RANGE)
    for one, other in zip(dump(killed), dump(calm), strict=True):
        assert one == other
    with killed.unit_of_work() as work:
        progress = work.connection.execute("select * from run_progress").fetchall()
    assert {row["phase"] for row in progress} == {"closed"}
    assert all(row["ranges"] == row["ranges_done"] for row in progress)
    assert max(row["ranges"] for row in progress) > 1


def test_of_two_who_close_at_once_one_does(
    new_database, another_database, fill, dump, frame, clock
) -> None:
    """Started together, one closes; the other waits and finds it closed, or is told who is at it."""
    calm, shared = another_database.store(), new_database.store()
    for store in (calm, shared):
        fill(store, END, loans=4, lines=2)
    close_to(calm, date(2026, 1, 31), frame, clock=clock)

    def close(_: int) -> str:
        try:
            done = close_to(new_database.store(), date(2026, 1, 31), frame, clock=clock)
        except ArrearsError as error:
            return error.code
        return "already_closed" if done.already_closed else "closed"

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(close, range(2)))
    assert told in (["already_closed", "closed"], ["close.running", "closed"])
    assert dump(shared) == dump(calm)


def test_a_purchase_during_the_close_is_on_the_statement(new_database, fill, frame) -> None:
    """A line is bought with between being read and being written: it is folded again, and billed once.

    The clock is asked after the line was folded for its statement; nothing of it is locked then.
    """
    store, other = new_database.store(), new_database.store()
    fill(store, date(2026, 1, 1), loans=0, lines=1)
    buys = {"id": "B1", "on": "2026-02-20", "type": "purchased", "amount": "100.00"}

    def post_purchase(event: dict[str, str]) -> None:
        command = Command(
            caller="test",
            command="post",
            key=event["id"],
            body={"account_id": "H-0001", "event": event},
        )
        post(other, command, recorded_at=RECORDED, frame=frame)

    post_purchase(buys)
    close_to(store, date(2026, 2, 28), frame, clock=lambda: RECORDED)
    asked = []

    def clock() -> datetime:
        asked.append(len(asked))
        if len(asked) == 2:
            post_purchase({**buys, "id": "B2", "on": "2026-03-01", "amount": "50.00"})
        return RECORDED

    done = close_to(store, date(2026, 3, 1), frame, clock=clock)
    assert [(counts.refolded, counts.statements) for _, counts in done.days] == [(1, 1)]
    with store.unit_of_work() as work:
        told = work.messages("statement", "2026-03-01")
    assert [body["total_minor"] for _, body in told] == [150_00]


def test_ranges_hold_every_slot_once() -> None:
    """However accounts lie, the ranges follow one another from slot 0 to the last."""
    for held in ({}, {0: 9}, {4095: 9, 4094: 9}, {slot: slot % 7 for slot in range(SLOTS)}):
        ranges = ranges_of(layout(held, 10))
        assert [slot for each in ranges for slot in each] == list(range(SLOTS))
        assert all(sum(held.get(slot, 0) for slot in each) <= 10 for each in ranges)
