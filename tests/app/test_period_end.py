"""A period ends where every account's journal holds what its fold says, on a real PostgreSQL."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest

from arrears.app.booking import Command, book, open_day
from arrears.app.closing import close_to
from arrears.app.periods import first_changed
from arrears.app.posting import post
from arrears.kernel.errors import ArrearsError
from arrears.servicing.fold_book import fold_book

if TYPE_CHECKING:
    from typing import Any

EVE = date(2026, 3, 30)
END = date(2026, 3, 31)
#: A row like those that no movement causes: a fold that compares them all would not take it back.
ADDED = """insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind,
                                stage, value_on, booked_on, debit_account, credit_account,
                                amount_minor, currency, policy)
select slot, account_id, 'by hand', 1, 0, 0, 1, 101, 0, '2026-03-30', '2026-03-30',
       'interest_receivable', 'interest_income', 500, 'CNY', policy
from journal where account_id <> '' order by slot, account_id, entry_id, seq limit 1
returning account_id"""
#: An amount of interest of a loan that nothing was recorded of since it was folded.
CHANGED = """update journal set amount_minor = amount_minor + 500
where row_number = (select max(row_number) from journal where debit_account = 'interest_receivable')
returning account_id"""
#: Both halves of it: each says what it does and how it is taken back.
SPOILT = {
    "added": (ADDED, "delete from journal where entry_id = 'by hand' returning account_id"),
    "changed": (CHANGED, CHANGED.replace("+ 500", "- 500")),
}


def changed_by_owner(database, statement: str) -> str:
    """What somebody does who may switch the guards off; the account it was done to."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("alter table journal disable trigger user")
        [(account_id,)] = connection.execute(statement).fetchall()  # type: ignore[call-overload]  # our own words
        connection.execute("alter table journal enable trigger user")
    return str(account_id)


def rows_of(database, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    with psycopg.connect(database.owner_url) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[call-overload]  # our own words


@pytest.mark.parametrize("how", SPOILT)
def test_a_period_that_does_not_reconcile_stays_open(
    how, new_database, fill, dump, frame, clock
) -> None:
    """A row added, or its amount changed: the month's last day is refused and names the account.

    Nothing of the day is written meanwhile; put back as it was, the month closes.
    """
    store = new_database.store()
    spoil, mend = SPOILT[how]
    columnar = replace(frame, fold_book=fold_book)
    fill(store, date(2026, 5, 10), lines=4)
    close_to(store, EVE, columnar, clock=clock)
    before = dump(store)
    account_id = changed_by_owner(new_database, spoil)
    with pytest.raises(ArrearsError) as refused:
        close_to(store, END, columnar, clock=clock)
    assert refused.value.code == "close.does_not_reconcile"
    assert refused.value.where == "the close of 2026-03-31"
    assert refused.value.got.startswith("other amounts in 1 (")
    assert f"{account_id} interest_receivable interest.normal" in refused.value.got
    assert changed_by_owner(new_database, mend) == account_id
    assert dump(store) == before
    assert [day for day, _ in close_to(store, END, columnar, clock=clock).days] == [END]


def test_a_closed_period_is_on_record_and_adds_up_to_its_journal(
    new_database, fill, arrears, frame, clock
) -> None:
    """Three months closed: each on record with the ledger as the journal has it by day of booking.

    What the folds say is owed is what the ledger accounts of borrowers hold; nothing stands beside.
    """
    store = new_database.store()
    fill(store, date(2026, 5, 10), lines=4)
    close_to(store, date(2026, 4, 2), frame, clock=clock)
    journal = rows_of(
        new_database, "select debit_account, credit_account, amount_minor, booked_on from journal"
    )
    code, printed = arrears("periods", "--json")
    told = json.loads(printed)
    assert code == 0
    assert [each["period_end"] for each in told] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    booked_until = {
        each["period_end"]: [row[:3] for row in journal if str(row[3]) <= each["period_end"]]
        for each in told
    }
    for each in told:
        wanted: Counter[tuple[str, str]] = Counter()
        for debit, credit, amount_minor in booked_until[each["period_end"]]:
            wanted[debit, "debit"] += amount_minor
            wanted[credit, "credit"] += amount_minor
        found = Counter(
            {
                (line["account"], side): line[f"{side}_minor"]
                for line in each["ledger"]
                for side in ("debit", "credit")
            }
        )
        assert +found == +wanted
        assert each["apart"] == []
        principal = sum(
            line["amount_minor"] for line in each["owed"] if line["cell"].startswith("principal")
        )
        held = sum(
            sign * found[name, side]
            for name in ("loans_normal", "loans_overdue", "written_off_assets")
            for side, sign in (("debit", 1), ("credit", -1))
        )
        assert principal == held
    code, printed = arrears("periods")
    assert code == 0
    assert printed.count("close-2026-0") == len(told)


def test_a_period_changed_on_record_is_told(new_database, fill, arrears, frame, clock) -> None:
    """Whoever may switch the guards off changes January's record: the command says so, exit code 1."""
    fill(new_database.store(), date(2026, 5, 10), loans=4)
    close_to(new_database.store(), date(2026, 2, 28), frame, clock=clock)
    assert arrears("periods")[0] == 0
    with psycopg.connect(new_database.owner_url) as connection:
        connection.execute("alter table period disable trigger user")
        connection.execute("update period set parked = 1 where period_end = '2026-01-31'")
        connection.execute("alter table period enable trigger user")
    assert arrears("periods")[0] == 1
    with new_database.store().unit_of_work() as work:
        changed = first_changed(work.periods())
    assert changed is not None
    assert changed.period_end == date(2026, 1, 31)


def test_who_is_settled_is_reconciled_and_who_is_parked_stands_apart(
    new_database, frame, clock
) -> None:
    """One borrower paid too much in January and owes nothing; another's account cannot be folded.

    The first one's credit balance is reconciled like any other, also in February, when no day of
    his comes any more. What the ledger holds of the second is in the totals, apart: nobody can say
    what is owed.
    """
    store = new_database.store()
    terms = {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 3}
    lent = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
    paid = {"id": "P1", "on": "2026-01-05", "type": "repaid", "amount": "1300.00"}
    for name, events in (("L-1", [lent, paid]), ("L-2", [lent])):
        body = {"account_id": name, "contract": {"terms": terms}, "events": events}
        command = Command(caller="t", command="book", key=name, body=body)
        book(store, command, borrower_id=name, product="", recorded_at=clock(), frame=frame)
    with store.unit_of_work() as work:
        [parked] = [each for each in work.read(work.open_accounts()) if each.account_id == "L-2"]
        work.park(parked, date(2026, 1, 5), "for the test", clock())
    close_to(store, date(2026, 2, 28), frame, clock=clock)
    with store.unit_of_work() as work:
        periods = work.periods()
    for each in periods:
        assert (each.accounts, each.parked) == (1, 1)
        assert each.owed == [{"currency": "CNY", "cell": "credit", "amount_minor": 100_00}]
        assert each.apart == [
            {"currency": "CNY", "cell": "principal.normal", "amount_minor": 1_200_00}
        ]
    assert [each.period_end for each in periods] == [date(2026, 1, 31), date(2026, 2, 28)]


def test_nothing_is_booked_into_a_closed_period(new_database, fill, frame, clock) -> None:
    """The database refuses a row under a day of a closed month; a payment of that month is booked later."""
    store = new_database.store()
    fill(store, date(2026, 5, 10))
    close_to(store, date(2026, 2, 2), frame, clock=clock)
    with (
        pytest.raises(psycopg.errors.CheckViolation),
        psycopg.connect(new_database.app_url) as late,
    ):
        late.execute(ADDED.replace("2026-03-30", "2026-01-31"))  # type: ignore[arg-type]  # our own words
    [(account_id,)] = rows_of(
        new_database,
        "select account_id from account where opened_on < '2026-01-20' order by 1 limit 1",
    )
    before = rows_of(new_database, "select count(*) from journal where booked_on <= '2026-01-31'")
    event = {"id": "LATE", "on": "2026-01-31", "type": "repaid", "amount": "1.00"}
    body = {"account_id": account_id, "event": event}
    post(
        store,
        Command(caller="t", command="post", key="k", body=body),
        recorded_at=clock(),
        frame=frame,
    )
    assert before == rows_of(
        new_database, "select count(*) from journal where booked_on <= '2026-01-31'"
    )
    [(count,)] = rows_of(
        new_database,
        "select count(*) from journal where value_on = '2026-01-31' and booked_on = '2026-02-03'",
    )
    assert count > 0


def test_a_closed_period_that_was_changed_is_found_at_the_next_end(
    new_database, fill, frame, clock
) -> None:
    """An income account of January is swapped for another in March: no borrower owes other amounts.

    Account by account the books reconcile; as a whole they are not January's with what came since.
    """
    store = new_database.store()
    fill(store, date(2026, 5, 10))
    close_to(store, EVE, frame, clock=clock)
    spoil = """update journal set debit_account = 'merchant_clearing' where row_number =
        (select min(row_number) from journal where debit_account = 'clearing' and kind = 6)
        returning account_id"""
    changed_by_owner(new_database, spoil)
    with pytest.raises(ArrearsError) as refused:
        close_to(store, END, replace(frame, fold_book=fold_book), clock=clock)
    assert refused.value.code == "close.does_not_reconcile"
    assert refused.value.got.startswith(
        "other amounts in 2 (ledger account, carried, journal): clearing "
    )


def test_a_day_does_not_end_while_somebody_books_into_it(new_database, fill, frame, clock) -> None:
    """A row booked on the last day, after its range was reconciled and before the day ends, is counted.

    The day waits for whoever asked which day is open, and the period has the row, beside what the
    folds said.
    """
    store, beside = new_database.store(), new_database.store()
    fill(store, date(2026, 1, 20))
    close_to(store, date(2026, 1, 30), frame, clock=clock)
    closing = threading.Thread(
        target=close_to, args=(store, date(2026, 1, 31), frame), kwargs={"clock": clock}
    )
    with beside.unit_of_work() as work:
        assert open_day(work, date(2026, 1, 1)) == date(2026, 1, 31)
        closing.start()
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        while rows_of(new_database, waiting) == [(0,)]:
            closing.join(0.05)
        work.connection.execute(ADDED.replace("2026-03-30", "2026-01-31"))  # type: ignore[arg-type]  # our own words
    closing.join()
    with store.unit_of_work() as work:
        [period] = work.periods()
    assert period.apart == [{"currency": "CNY", "cell": "interest.normal", "amount_minor": 500}]
