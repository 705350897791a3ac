"""Hundreds of payments that arrive months late leave the book that had them in time; only booking differs."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from arrears import bootstrap
from arrears.app.closing import close_to
from arrears.app.paying_many import pay_many
from arrears.app.payment_lines import REVERSED, Line
from money.test_paying_many import BALANCES, STATES
from money.till import Till

LOANS = 80
OPENED_ON = date(2026, 1, 5)
IMPORTED_ON = date(2026, 4, 20)
IN_TIME = datetime(2026, 1, 5, tzinfo=UTC)
LATE = datetime(2026, 4, 20, 9, tzinfo=UTC)
BOOKED_SINCE = "select booked_on from journal order by row_number offset %s"
PENALTY = {"mode": "replaces", "uplift": "0.5"}


@pytest.fixture(scope="module")
def compiled():  # noqa: ANN201 - a frame
    """Policy, posting rules and the compiled fold, of one account and of many."""
    return bootstrap.frame()


def loan_name(number: int) -> str:
    return f"L-{number:02d}"


def happenings() -> list[Line]:
    """What is paid on each loan, early, in time, late, in part, too much; some of it is taken back."""
    lines: list[Line] = []

    def add(number: int, on: date, amount: str, **more: str) -> str:
        ref = f"T-{len(lines)}"
        said = {"ref": ref, **more}
        lines.append(Line(len(lines), loan_name(number), amount, on.isoformat(), "icbc", **said))
        return f"icbc/{ref}"

    for number in range(LOANS):
        for month in range(1, 4):
            due_on = date(2026, 1 + month, 5)
            days = (number * 7 + month * 11) % 40 - 9
            amount = ("100.00", "61.50", "180.00", "0.07")[(number + month) % 4]
            if (number + month) % 9 == 0:
                continue
            paid = add(number, due_on + timedelta(days=days), amount)
            if (number * 3 + month) % 7 == 0:
                on = due_on + timedelta(days=days + 5)
                add(number, on, "", type=REVERSED, reverses=paid)
        if number % 13 == 0:
            add(number, date(2026, 4, 2), "1500.00")
    return [each for each in lines if each.on < IMPORTED_ON.isoformat()]


def live(till: Till, lines: list[Line]) -> None:
    """Lend to everybody, then close day by day; what happens on a day is posted before its close."""
    for number in range(LOANS):
        till.book(loan_name(number), f"B-{number}", PENALTY, instalments=12, annual_rate="0.12")
    for day in sorted({date.fromisoformat(each.on) for each in lines}):
        close_to(till.store, day - timedelta(days=1), till.frame, clock=lambda: IN_TIME)
        mine = [each for each in lines if each.on == day.isoformat()]
        report = pay_many(till.store, mine, recorded_at=IN_TIME, frame=till.frame)
        assert report.recorded == len(mine)
    close_to(till.store, IMPORTED_ON - timedelta(days=1), till.frame, clock=lambda: IN_TIME)


def test_late_payments_leave_the_book_that_had_them_in_time(
    new_database, another_database, compiled
) -> None:
    """Two thirds of what happened in three months arrive in one file on 2026-04-20, in any order.

    Then each account's state, and each ledger account by account and value date, is what it is
    where all came in time, at the end of that month and of the next. Nothing is booked in a day that was
    closed; each account has one entry for all that came for it; and a notice of arrears that turns
    out wrong is taken back.
    """
    in_time = Till(new_database.store(), compiled)
    late = Till(another_database.store(), compiled)
    lines = happenings()
    known = [each for each in lines if each.number % 3 == 0 and not each.reverses]
    rest = [each for each in lines if each not in known]
    rest.sort(key=lambda each: each.number * 37 % 101)
    assert len(rest) > 150
    live(in_time, lines)
    live(late, known)
    closed = late.rows("select * from journal order by row_number")
    entries = "select count(distinct (account_id, entry_id)) from journal where booked_on = %s"
    assert late.rows(entries, IMPORTED_ON) == [(0,)]
    report = pay_many(late.store, rest, recorded_at=LATE, frame=compiled)
    assert (report.recorded, report.rejects) == (len(rest), [])
    now = late.rows("select * from journal order by row_number")
    assert now[: len(closed)] == closed
    assert {row[0] for row in late.rows(BOOKED_SINCE, len(closed))} == {IMPORTED_ON}
    touched = len({each.account_id for each in rest})
    assert late.rows(entries, IMPORTED_ON)[0][0] <= touched
    assert late.rows("select 1 from outbox where kind = 'correction'")
    for last in (date(2026, 4, 30), date(2026, 5, 31)):
        for till in (in_time, late):
            close_to(till.store, last, compiled, clock=lambda: LATE)
        assert late.rows(STATES) == in_time.rows(STATES)
        assert late.rows(BALANCES) == in_time.rows(BALANCES)
    with in_time.store.unit_of_work() as one, late.store.unit_of_work() as other:
        net = [
            {key: each.debit_minor - each.credit_minor for key, each in work.totals().items()}
            for work in (one, other)
        ]
    assert {k: v for k, v in net[0].items() if v} == {k: v for k, v in net[1].items() if v}
