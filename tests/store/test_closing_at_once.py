"""Two who close the same day at the same time: one of them does, the other leaves nothing."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier, Event

import psycopg
import pytest

from arrears.adapters.postgres.session import connect
from arrears.adapters.postgres.turns import WORKER, process_name
from arrears.app.ports import Counts
from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import slot_of

DAY = date(2026, 2, 5)
INSTANT = datetime(2026, 2, 5, tzinfo=UTC)


def test_a_day_is_closed_by_one_of_two(new_database, filled, change_for) -> None:
    """Both write and end the day together: one commits, the other is told `store.busy`; one run, one entry."""
    names = ("A-1", "A-2")
    accounts = {name: filled(new_database.store(), name) for name in names}
    before = journal_rows(new_database)
    together = Barrier(2)

    def close(name: str) -> str:
        account = replace(accounts[name], version=accounts[name].version + 1)
        try:
            with new_database.store().unit_of_work() as work:
                assert work.write([change_for(account, "2", (7,))]) == []
                together.wait(20)
                work.start_run(f"close-{DAY}", DAY, INSTANT, 1, [0])
                work.close_day(DAY, f"close-{DAY}", Counts(), INSTANT)
        except ArrearsError as error:
            return error.code
        return "closed"

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(close, names))
    assert told == ["closed", "store.busy"]
    assert journal_rows(new_database) == before + 1
    with new_database.store().unit_of_work() as work:
        assert work.last_closed() == (DAY, f"close-{DAY}")


def test_a_close_and_a_receipt_do_not_wait_for_each_other(
    new_database, account_for, change_for
) -> None:
    """A receipt holds a borrower's first account while a close writes all of them; they were stored in another order.

    The close takes rows in the receipt's order: it waits, and what the receipt changed it leaves.
    """
    accounts = [
        replace(account_for(f"A-{n}"), borrower_id="B", slot=slot_of("B")) for n in (1, 2, 3)
    ]
    with new_database.store().unit_of_work() as work:
        for account in reversed(accounts):
            work.add_account(account)
    changes = [change_for(account, "1", (7,)) for account in reversed(accounts)]
    holds_first, is_writing = Event(), Event()

    def receive() -> list[str]:
        with new_database.store().unit_of_work() as work:
            assert work.lock("A-1")
            holds_first.set()
            is_writing.wait(20)
            wait_until_somebody_waits(new_database)
            return [str(work.lock(name).account_id) for name in ("A-2", "A-3")]

    def close() -> list[str]:
        with new_database.store().unit_of_work() as work:
            holds_first.wait(20)
            is_writing.set()
            return list(work.write(changes))

    with ThreadPoolExecutor(2) as threads:
        receipt, closed = threads.submit(receive), threads.submit(close)
        assert receipt.result() == ["A-2", "A-3"]
        assert closed.result() == []


def test_what_a_killed_close_left_working_ends_with_the_next_turn(new_database, filled) -> None:
    """A range's session of a process that is gone holds an account: whoever gets the turn ends it.

    Sessions that do anything else, and the workers of whoever has the turn, are left alone.
    """
    filled(new_database.store(), "A-1")
    held = "select from account_state where account_id = 'A-1' for update"
    with ExitStack() as open_until_end:
        orphan, other, own = (
            open_until_end.enter_context(closing(connect(new_database.app_url, name)))
            for name in (f"{WORKER}1@elsewhere", "arrears", WORKER + process_name())
        )
        orphan.execute(held)
        for each in (other, own):
            each.execute("select 1")
        with new_database.store().turn_to_close(60), new_database.store().unit_of_work() as work:
            assert work.lock("A-1")
        with pytest.raises(psycopg.OperationalError):
            orphan.execute("select 1")
        for each in (other, own):
            assert each.execute("select 1").fetchone()


def wait_until_somebody_waits(database) -> None:
    """Ask the server until a session waits for a lock."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for _ in range(1000):
            row = connection.execute("select count(*) from pg_locks where not granted").fetchone()
            if row and row[0]:
                return
            connection.execute("select pg_sleep(0.01)")


def journal_rows(database) -> int:
    """How many rows the journal holds."""
    with psycopg.connect(database.app_url) as connection:
        row = connection.execute("select count(*) from journal").fetchone()
    assert row
    return int(row[0])
