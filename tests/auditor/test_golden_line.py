"""Golden stories of the revolving line: statement, minimum, rolling, conversion, the shop's refund.

A line at 18.25 % a year (0.05 % a day, actual/365). 1,000.00 is bought on 2026-01-03; the statement of
2026-01-10 is due on 2026-01-20, its minimum 100.00. Every number is asked of the auditor and the fold.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from auditor.model import FEE, INTEREST, PENALTY, PRINCIPAL, Account, Event, Row, Terms
from auditor.story import PRINCIPAL_FIRST, happened, percent, row, told

if TYPE_CHECKING:
    from auditor.model import Audit, LineAudit

BOUGHT_ON = date(2026, 1, 3)
BILLED_ON = date(2026, 1, 10)
DUE_ON = date(2026, 1, 20)
NEXT_BILL = date(2026, 2, 10)
NEXT_DUE = date(2026, 2, 20)
LINE = Terms(is_line=True, rate=percent("18.25"), orders=PRINCIPAL_FIRST)
LATE = Terms(
    is_line=True,
    rate=percent("18.25"),
    penalty_mode="replaces",
    penalty_rate=percent("36.5"),
    orders=PRINCIPAL_FIRST,
)


def statement(on: date, due: date, minimum: int, rest: int, number: int = 1, **more: int) -> Event:
    """A statement: its minimum and what may revolve."""
    carried = more.get("carried", 0)
    rows: tuple[Row, ...] = (
        row(number, on, due, minimum, carried, kind="minimum", carried=carried),
        row(number + 1, on, due, rest, kind="revolving"),
    )
    return happened(on, "statement_closed", rows=rows)


def line(terms: Terms, *events: Event) -> Account:
    """1,000.00 bought and billed."""
    bought = happened(BOUGHT_ON, "purchased", amount=1_000_00)
    bill = statement(BILLED_ON, DUE_ON, 100_00, 900_00)
    return Account(terms=terms, events=(bought, bill, *events))


def only(answer: Audit, kind: str, due: date | None = DUE_ON) -> LineAudit:
    """The one row of a kind and due date."""
    return next(each for each in answer.lines if each.kind == kind and each.due_on == due)


def test_paid_in_full_by_the_due_date_costs_nothing() -> None:
    """Purchases bear no interest until the due date, and none at all if the statement is paid then."""
    account = line(LINE, happened(DUE_ON, "repaid", amount=1_000_00))
    answer = told(account, date(2026, 3, 31))
    assert (answer.principal, answer.payoff, answer.credit) == (0, 0, 0)
    assert sum(each.due[INTEREST] for each in answer.lines) == 0


def test_the_minimum_alone_lets_the_rest_revolve() -> None:
    """Minimum paid: nothing is overdue; 900.00 bears 0.45 a night from the due date: 4.50 in ten."""
    account = line(LINE, happened(DUE_ON, "repaid", amount=100_00))
    answer = told(account, DUE_ON + timedelta(days=10))
    assert (answer.days_past_due, only(answer, "minimum").paid[PRINCIPAL]) == (0, 100_00)
    assert only(answer, "revolving").due[:2] == (900_00, 4_50)
    assert answer.payoff == 904_50


def test_an_unpaid_minimum_is_overdue_and_what_revolves_is_not() -> None:
    """Ten days late with 100.00: penalty 0.10 a night on the minimum, interest 0.45 on the rest."""
    answer = told(line(LATE), DUE_ON + timedelta(days=10))
    assert (answer.days_past_due, answer.overdue) == (10, (100_00, 0, 0, 1_00, 0))
    assert only(answer, "revolving").due == (900_00, 4_50, 0, 0, 0)


def test_cash_meets_the_overdue_minimum_before_what_revolves() -> None:
    """150.00 ten days late: 100.00 and 1.00 on the minimum, and the rest of it on what revolves."""
    day = DUE_ON + timedelta(days=10)
    answer = told(line(LATE, happened(day, "repaid", amount=150_00)), day)
    assert only(answer, "minimum").paid == (100_00, 0, 0, 1_00, 0)
    assert only(answer, "revolving").paid == (49_00, 0, 0, 0, 0)


def test_what_revolves_is_rolled_into_the_next_statement() -> None:
    """21 nights of 900.00 at 0.45 are 9.45; next to 50.00 of new purchases the sum is billed: 959.45.

    The new minimum is 95.00 and the interest; the revolving row of the first statement is gone.
    """
    paid = happened(DUE_ON, "repaid", amount=100_00)
    bought = happened(date(2026, 2, 1), "purchased", amount=50_00)
    rolled = statement(NEXT_BILL, NEXT_DUE, 95_00, 855_00, number=3, carried=9_45)
    answer = told(line(LINE, paid, bought, rolled), NEXT_BILL)
    assert only(answer, "minimum", NEXT_DUE).due == (95_00, 9_45, 0, 0, 0)
    assert only(answer, "revolving", NEXT_DUE).due[PRINCIPAL] == 855_00
    assert (answer.principal, answer.payoff, answer.needs_review) == (950_00, 959_45, False)
    assert only(answer, "revolving").due == (0, 0, 0, 0, 0)


def test_interest_a_statement_did_not_know_of_stays_owed_beside_what_it_asks_for() -> None:
    """9.45 stood and the bill carries none of it: all is owed at once, 9.00 of its own by 10 nights.

    After four of the ten nights 3.60 of the 9.00 are recognised: 900.00 + 9.45 + 3.60.
    """
    paid = happened(DUE_ON, "repaid", amount=100_00)
    rows = (
        row(3, NEXT_BILL, NEXT_DUE, 90_00, 9_00, kind="minimum"),
        row(4, NEXT_BILL, NEXT_DUE, 810_00, kind="revolving"),
    )
    account = line(LINE, paid, happened(NEXT_BILL, "statement_closed", rows=rows))
    assert told(account, NEXT_BILL).payoff == 900_00 + 9_45
    assert told(account, NEXT_BILL + timedelta(days=4)).payoff == 900_00 + 9_45 + 3_60
    assert only(told(account, NEXT_DUE), "minimum", NEXT_DUE).due[INTEREST] == 18_45


def test_the_old_minimum_keeps_its_age_through_the_next_statement() -> None:
    """Never paid: on 2026-02-25 the first minimum is 36 days past due, though a second one is too."""
    rolled = statement(NEXT_BILL, NEXT_DUE, 90_00, 810_00, number=3, carried=9_45)
    answer = told(line(LINE, rolled), date(2026, 2, 25))
    assert answer.days_past_due == 36
    assert answer.overdue[:2] == (190_00, 9_45)


def test_purchases_not_billed_are_owed_and_bear_nothing() -> None:
    """40.00 bought after the statement is in the pay-off, and costs nothing however long it waits."""
    paid = happened(DUE_ON, "repaid", amount=1_000_00)
    bought = happened(DUE_ON + timedelta(days=1), "purchased", amount=40_00)
    answer = told(line(LINE, paid, bought), DUE_ON + timedelta(days=90))
    assert (answer.payoff, answer.days_past_due) == (40_00, 0)


def test_part_of_a_statement_becomes_instalments() -> None:
    """300.00 of what may revolve is converted: 600.00 is left there, and only that revolves."""
    on = date(2026, 1, 15)
    rows = (
        row(1, on, date(2026, 2, 15), 150_00, 0, 2_00, contract=1),
        row(2, date(2026, 2, 15), date(2026, 3, 15), 150_00, 0, 2_00, contract=1),
    )
    turned = happened(on, "converted", component="statement", rows=rows)
    paid = happened(DUE_ON, "repaid", amount=100_00)
    answer = told(line(LINE, turned, paid), DUE_ON + timedelta(days=10))
    assert only(answer, "revolving").due[:2] == (600_00, 3_00)
    assert only(answer, "instalment", date(2026, 2, 15)).due[PRINCIPAL] == 150_00
    assert answer.principal == 900_00
    later = told(line(LINE, turned, paid), date(2026, 2, 15))
    assert only(later, "instalment", date(2026, 2, 15)).due[FEE] == 2_00


def test_a_purchase_becomes_instalments_before_it_is_billed() -> None:
    """200.00 of 250.00 not yet billed is converted; 50.00 stays for the next statement."""
    on = date(2026, 1, 25)
    bought = happened(date(2026, 1, 24), "purchased", amount=250_00)
    rows = (row(1, on, date(2026, 2, 25), 200_00, contract=1),)
    turned = happened(on, "converted", component="purchase", rows=rows)
    paid = happened(DUE_ON, "repaid", amount=1_000_00)
    answer = told(line(LINE, paid, bought, turned), on)
    assert only(answer, "unbilled", None).due[PRINCIPAL] == 50_00
    assert answer.principal == 250_00


def test_the_shop_gives_back_what_is_not_billed_first() -> None:
    """60.00 back with 40.00 not yet billed: that goes whole, and 20.00 of what revolves."""
    bought = happened(date(2026, 1, 12), "purchased", amount=40_00)
    back = happened(date(2026, 1, 13), "refunded", amount=60_00, component="principal")
    answer = told(line(LINE, bought, back), date(2026, 1, 13))
    assert only(answer, "revolving").due[PRINCIPAL] == 880_00
    assert only(answer, "minimum").due[PRINCIPAL] == 100_00
    assert answer.principal == 980_00


def test_a_line_charged_off_bears_nothing_more() -> None:
    """Charged off on day ten: 1,000.00, 4.50 of interest and 1.00 of penalty, a year later as well."""
    off = happened(DUE_ON + timedelta(days=10), "charged_off")
    answer = told(line(LATE, off), DUE_ON + timedelta(days=375))
    assert (answer.payoff, answer.is_charged_off) == (1_005_50, True)
    assert sum(each.due[PENALTY] for each in answer.lines) == 1_00
