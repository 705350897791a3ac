"""A close that is doubled or written into meanwhile: the book is what a calm close makes."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from arrears.adapters.postgres.store import PostgresWork
from arrears.app.booking import Command
from arrears.app.closing import close_to
from arrears.app.posting import post
from arrears.app.running import layout, ranges_of
from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import SLOTS

if TYPE_CHECKING:
    from collections.abc import Sequence

END = date(2026, 3, 12)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


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


@pytest.mark.parametrize("asked", ["read", "posted"])
def test_a_payment_between_two_reads_is_posted_once(
    new_database, fill, frame, clock, monkeypatch: pytest.MonkeyPatch, asked
) -> None:
    """A payment commits after the close asked for an account, or for its journal: nothing is twice.

    Whichever is asked first, the version that is written against is not newer than the journal.
    """
    store, other = new_database.store(), new_database.store()
    fill(store, date(2026, 1, 31), loans=8, lines=0)
    close_to(store, date(2026, 1, 31), frame, clock=clock)
    with store.unit_of_work() as work:
        accounts = work.read(work.open_accounts())
    names = [each.account_id for each in accounts if each.opened_on < date(2026, 2, 1)]
    asking, paid = getattr(PostgresWork, asked), []

    def then_paid(work: PostgresWork, keys: Sequence[tuple[int, str]]) -> object:
        found = asking(work, keys)
        due = [name for _, name in keys if name in names]
        if due and not paid:
            paid.append(due[0])
            event = {"id": "Z1", "on": "2026-02-01", "type": "repaid", "amount": "50.00"}
            body = {"account_id": due[0], "event": event}
            command = Command(caller="test", command="post", key="Z1", body=body)
            post(other, command, recorded_at=RECORDED, frame=frame)
        return found

    monkeypatch.setattr(PostgresWork, asked, then_paid)
    close_to(store, date(2026, 2, 27), frame, clock=clock)
    assert paid
    monkeypatch.undo()
    close_to(store, date(2026, 2, 28), frame, clock=clock)  # a period end: it reconciles
    with store.unit_of_work() as work:
        [row] = work.connection.execute(
            "select sum(case when debit_account = 'clearing' then amount_minor end)::bigint as paid"
            " from journal where account_id = %s and value_on = '2026-02-01'",
            paid,
        ).fetchall()
    assert row["paid"] == 50_00


def test_ranges_hold_every_slot_once() -> None:
    """However accounts lie, the ranges follow one another from slot 0 to the last."""
    for held in ({}, {0: 9}, {4095: 9, 4094: 9}, {slot: slot % 7 for slot in range(SLOTS)}):
        ranges = ranges_of(layout(held, 10))
        assert [slot for each in ranges for slot in each] == list(range(SLOTS))
        assert all(sum(held.get(slot, 0) for slot in each) <= 10 for each in ranges)
