"""Transactions: all or nothing, once and only once, and nobody overwrites what they have not read."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Event
from typing import TYPE_CHECKING

import psycopg
import pytest

from arrears.app.booking import Command, once
from arrears.app.ports import Message, Transition
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from arrears.app.ports import Document

RECORDED_AT = datetime(2026, 2, 5, 12, 0, tzinfo=UTC)
COMMAND = Command(caller="test", command="pay", key="K-1", body={"amount": "1.00"})


def payment(event_id: str) -> Document:
    return {
        "id": event_id,
        "type": "repaid",
        "on": "2026-02-05",
        "seq": 1,
        "amount": "1.00",
    }


def count(database, table: str) -> int:
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - our own words
    assert row
    return int(row[0])


def test_what_does_not_end_well_leaves_nothing(new_database, filled) -> None:
    """An error after writing account, event and journal: the tables are as they were."""
    store = new_database.store()
    filled(store, "A-1")
    before = [count(new_database, table) for table in ("account", "event", "journal")]
    with pytest.raises(ZeroDivisionError), store.unit_of_work() as work:  # noqa: PT012 - the block is the point
        account = work.lock("A-1")
        work.add_event(account, payment("E-9"), RECORDED_AT)
        raise ZeroDivisionError
    assert [count(new_database, table) for table in ("account", "event", "journal")] == before


def test_an_account_is_read_as_it_was_written(new_database, filled) -> None:
    """Contract, events and journal rows come back equal, exact to the type."""
    store = new_database.store()
    account = filled(store, "A-1", (100_00, 1))
    with store.unit_of_work() as work:
        found = work.lock("A-1")
        rows = work.posted([(account.slot, "A-1")])["A-1"]
    assert found
    assert found.contract == account.contract
    assert [event["id"] for event in found.events] == ["E-1"]
    assert found.version == account.version + 1
    assert [row.amount_minor for row in rows] == [100_00, 1]
    assert rows[0].value_on == date(2026, 2, 5)


def test_an_account_id_is_taken_once(new_database, filled) -> None:
    """A second account of the same id, even of another borrower, is `account.exists`."""
    store = new_database.store()
    account = filled(store, "A-1")
    for slot in (account.slot, account.slot - 1 if account.slot else 1):
        with pytest.raises(ArrearsError) as caught, store.unit_of_work() as work:
            work.add_account(replace(account, slot=slot))
        assert caught.value.code == "account.exists"


def test_who_read_an_older_version_writes_nothing(new_database, filled, change_for) -> None:
    """Two refolds of the same reading: the first is written, the second is told it missed."""
    store = new_database.store()
    account = filled(store, "A-1")
    read = replace(account, version=account.version + 1)
    with store.unit_of_work() as work:
        assert work.write([change_for(read, "2", (5,))]) == []
        assert work.write([change_for(read, "3", (7,))]) == ["A-1"]
    with store.unit_of_work() as work:
        rows = work.posted([(account.slot, "A-1")])["A-1"]
    assert [row.amount_minor for row in rows] == [100_00, 1, 5]


def test_a_bank_line_is_one_payment_under_whatever_key(new_database, filled) -> None:
    """The same channel and transaction number under another event id, on another account: False."""
    store = new_database.store()
    filled(store, "A-1")
    filled(store, "A-2")
    with store.unit_of_work() as work:
        one, other = work.lock("A-1"), work.lock("A-2")
        assert work.add_event(one, payment("E-7"), RECORDED_AT, source=("bank", "T-77"))
        assert not work.add_event(one, payment("E-8"), RECORDED_AT, source=("bank", "T-77"))
        assert not work.add_event(other, payment("E-7"), RECORDED_AT, source=("bank", "T-77"))
        assert work.add_event(other, payment("E-7"), RECORDED_AT, source=("till", "T-77"))
    assert count(new_database, "event") == 4


def test_a_message_is_said_once_an_occasion(new_database, filled, change_for) -> None:
    """A refold that says the same again adds neither message nor transition, and the first one stays."""
    store = new_database.store()
    account = filled(store, "A-1")
    change = change_for(account, "2", ())
    for version, amount in ((2, "1.00"), (3, "2.00")):
        said = replace(
            change,
            version=version,
            messages=(Message(kind="collect", occasion="2026-02-05", body={"amount": amount}),),
            transitions=(
                Transition(on=date(2026, 2, 6), what="bucket", from_value="M0", to_value="M1"),
            ),
        )
        with store.unit_of_work() as work:
            assert work.write([said]) == []
    assert (count(new_database, "outbox"), count(new_database, "transition")) == (1, 1)
    with psycopg.connect(new_database.app_url) as connection:
        assert connection.execute("select body from outbox").fetchone() == ({"amount": "1.00"},)


def test_the_second_caller_waits_and_gets_the_first_answer(new_database) -> None:
    """Two connections, one key, at the same time: the command is done once, both get its answer."""
    store = new_database.store()
    began, may_end = Event(), Event()

    def first() -> Document:
        with store.unit_of_work() as work:
            assert once(work, COMMAND) is None
            began.set()
            assert may_end.wait(20)
            work.remember("test", "pay", "K-1", COMMAND.digest, {"done": 1})
        return {"done": 1}

    def second() -> Document | None:
        with new_database.store().unit_of_work() as work:
            return once(work, COMMAND)

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first)
        assert began.wait(20)
        two = threads.submit(second)
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            " and datname = current_database()"
        )
        with psycopg.connect(new_database.superuser_url, autocommit=True) as connection:
            while connection.execute(waiting).fetchone() == (0,):
                assert not two.done()
                time.sleep(0.01)
        may_end.set()
        assert one.result(20) == two.result(20) == {"done": 1}


def test_a_command_that_failed_may_be_tried_again(new_database) -> None:
    """The key is kept with the work or not at all: after a failure it is free."""
    store = new_database.store()
    with pytest.raises(ZeroDivisionError), store.unit_of_work() as work:  # noqa: PT012 - the block is the point
        work.remember("test", "pay", "K-1", COMMAND.digest, {"done": 1})
        raise ZeroDivisionError
    with store.unit_of_work() as work:
        assert once(work, COMMAND) is None


def test_a_key_with_another_body_is_an_error(new_database) -> None:
    """The same key with another body is told; the same body in another order is the same body."""
    store = new_database.store()
    command = replace(COMMAND, body={"a": 1, "b": 2})
    with store.unit_of_work() as work:
        work.remember("test", "pay", "K-1", command.digest, {"done": 1})
    with store.unit_of_work() as work:
        assert once(work, replace(command, body={"b": 2, "a": 1})) == {"done": 1}
        assert once(work, replace(command, caller="another")) is None
        with pytest.raises(ArrearsError) as caught:
            once(work, replace(command, body={"a": 1, "b": 3}))
    assert caught.value.code == "idempotency.key_reused"


def test_a_locked_account_makes_others_wait(new_database, filled) -> None:
    """Two payments at once on one account: the second sees what the first wrote."""
    store = new_database.store()
    filled(store, "A-1")
    began, may_end = Event(), Event()

    def first() -> None:
        with store.unit_of_work() as work:
            work.add_event(work.lock("A-1"), payment("E-2"), RECORDED_AT)
            began.set()
            assert may_end.wait(20)

    def second() -> int:
        with new_database.store().unit_of_work() as work:
            may_end.set()
            return len(work.lock("A-1").events)

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first)
        assert began.wait(20)
        assert threads.submit(second).result(20) == 3 - 1
        one.result(20)


def test_what_the_database_refuses_is_a_bug(new_database, filled, change_for) -> None:
    """An entry booked twice under one id is no operating error: `store.refused`, and nothing written."""
    store = new_database.store()
    account = filled(store, "A-1")
    read = replace(account, version=account.version + 1)
    with (
        pytest.raises(InvariantError, match=r"store\.refused.*journal_pkey"),
        store.unit_of_work() as work,
    ):
        work.write([change_for(read, "1", (5,))])
    assert count(new_database, "journal") == 2
