"""A period ends where every account's journal holds what its fold says, on a real PostgreSQL."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from arrears.app.closing import close_to
from arrears.kernel.errors import ArrearsError

EVE = date(2026, 3, 30)
END = date(2026, 3, 31)
ADDED = """insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind,
                                stage, value_on, booked_on, debit_account, credit_account,
                                amount_minor, currency, policy)
select slot, account_id, 'by hand', 1, 0, 0, 1, 101, 0, %(day)s, %(day)s, 'interest_receivable',
       'interest_income', 500, 'CNY', policy
from journal where account_id <> '' order by slot, account_id, entry_id, seq limit 1
returning account_id"""


def changed_by_owner(database, statement: str) -> list[tuple[object, ...]]:
    """What somebody does who may switch the guards off, and what the statement returns."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("alter table journal disable trigger user")
        rows = connection.execute(statement, {"day": EVE}).fetchall()  # type: ignore[call-overload]  # our own words
        connection.execute("alter table journal enable trigger user")
    return rows


def test_a_period_that_does_not_reconcile_stays_open(
    new_database, fill, dump, frame, clock
) -> None:
    """One row added by hand: the month's last day is refused and names the account; mended, it closes.

    Nothing of the day is written meanwhile, and the book that was mended equals one nobody touched.
    """
    store = new_database.store()
    fill(store, date(2026, 5, 10), lines=4)
    close_to(store, EVE, frame, clock=clock)
    before = dump(store)
    added = changed_by_owner(new_database, ADDED)
    with pytest.raises(ArrearsError) as refused:
        close_to(store, END, frame, clock=clock)
    assert refused.value.code == "close.does_not_reconcile"
    assert refused.value.where == "the close of 2026-03-31"
    assert refused.value.got.startswith("other amounts in 1 (")
    assert f"{added[0][0]} interest_receivable interest.normal" in refused.value.got
    changed_by_owner(
        new_database, "delete from journal where entry_id = 'by hand' returning account_id"
    )
    assert dump(store) == before
    closed = close_to(store, END, frame, clock=clock)
    assert [day for day, _ in closed.days] == [END]
