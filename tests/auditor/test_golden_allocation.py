"""Golden stories of where cash goes, each computed by hand in its docstring.

Three rows of 100.00 fall due on 2026-02-05, 03-05 and 04-05, without interest unless a story says
so. Every number is asked of the auditor and of the fold.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from auditor.model import FEE, INTEREST, PENALTY, PRINCIPAL, Account, Event, Order, Terms
from auditor.story import (
    DUE_ON,
    LENT_ON,
    PRINCIPAL_FIRST,
    STANDINGS,
    completed,
    happened,
    lent,
    order,
    percent,
    row,
    single,
    told,
)

DUES = (date(2026, 2, 5), date(2026, 3, 5), date(2026, 4, 5))
STARTS = (LENT_ON, *DUES)


def three(terms: Terms, *events: Event, interest: int = 0, fee: int = 0) -> Account:
    """Three rows of 100.00."""
    rows = (row(at + 1, STARTS[at], due, 100_00, interest, fee) for at, due in enumerate(DUES))
    return Account(terms=terms, events=(lent(*rows), *events))


def paid(account: Account, day: date, *components: int) -> list[tuple[int, ...]]:
    """What was paid of some components, row by row."""
    return [tuple(line.paid[each] for each in components) for line in told(account, day).lines]


def test_costs_then_interest_then_principal() -> None:
    """Civil Code 561: 300.00 on costs 50.00, interest 120.00 and principal 1,000.00 leaves 870.00."""
    terms = Terms(orders=order(FEE, INTEREST, PRINCIPAL))
    day = DUE_ON + timedelta(days=1)
    account = single(terms, happened(day, "repaid", amount=300_00), interest=120_00, fee=50_00)
    answer = told(account, day)
    assert answer.lines[0].paid == (130_00, 120_00, 50_00, 0, 0)
    assert answer.principal == 870_00


@pytest.mark.parametrize(
    ("is_vertical", "expected"),
    [(False, [(100_00, 10_00), (0, 5_00)]), (True, [(95_00, 10_00), (0, 10_00)])],
)
def test_by_instalment_or_by_component(
    is_vertical: bool,  # noqa: FBT001 - a parameter of the story
    expected: list[tuple[int, int]],
) -> None:
    """115.00 on two overdue rows of 100.00 and 10.00 interest, interest first.

    By instalment the first row is met whole, and 5.00 of the second's interest. By component both
    rows' interest is met, and 95.00 of the first principal.
    """
    terms = Terms(orders=order(INTEREST, PRINCIPAL), is_vertical=is_vertical)
    day = date(2026, 3, 10)
    account = three(terms, happened(day, "repaid", amount=115_00), interest=10_00)
    assert paid(account, day, PRINCIPAL, INTEREST)[:2] == expected


def test_past_due_before_due_before_in_advance() -> None:
    """250.00 on 2026-03-05: the row of February, then that of today, then half of April's."""
    account = three(Terms(), happened(DUES[1], "repaid", amount=250_00))
    assert paid(account, DUES[1], PRINCIPAL) == [(100_00,), (100_00,), (50_00,)]


def test_a_component_may_come_first_across_standings() -> None:
    """Fees of all standings before any principal: 25.00 meets 5.00 three times and 10.00 principal.

    On 2026-03-05 the February row is past due, March's due, April's in advance, each with a fee of
    5.00.
    """
    slots = tuple((where, each) for each in completed((FEE, PRINCIPAL)) for where in STANDINGS)
    terms = Terms(orders=(Order(slots=slots),))
    account = three(terms, happened(DUES[1], "repaid", amount=25_00), fee=5_00)
    assert paid(account, DUES[1], PRINCIPAL, FEE) == [(10_00, 5_00), (0, 5_00), (0, 5_00)]


@pytest.mark.parametrize(
    ("surplus", "expected", "credit"),
    [
        ("next", [100_00, 50_00, 0], 0),
        ("last", [0, 50_00, 100_00], 0),
        ("credit", [0, 0, 0], 150_00),
    ],
)
def test_where_surplus_goes(surplus: str, expected: list[int], credit: int) -> None:
    """150.00 before anything is due: to the next rows, to the last rows, or to credit balance."""
    day = date(2026, 1, 10)
    answer = told(three(Terms(surplus=surplus), happened(day, "repaid", amount=150_00)), day)
    assert ([line.paid[PRINCIPAL] for line in answer.lines], answer.credit) == (expected, credit)


def test_credit_balance_meets_the_next_due_date() -> None:
    """150.00 of credit meets 100.00 on the first due date and the rest on the second."""
    early = happened(date(2026, 1, 10), "repaid", amount=150_00)
    account = three(Terms(surplus="credit"), early)
    first, second = told(account, DUES[0]), told(account, DUES[1])
    assert (first.credit, first.days_past_due) == (50_00, 0)
    assert ([line.paid[PRINCIPAL] for line in second.lines], second.credit) == (
        [100_00, 50_00, 0],
        0,
    )


def test_the_order_turns_with_age() -> None:
    """Interest first until day 89, principal first from day 90: 60.00 on 100.00 and 50.00."""
    before, after = order(INTEREST, PRINCIPAL)[0], order(PRINCIPAL, INTEREST)[0]
    terms = Terms(orders=(before, Order(slots=after.slots, days_past_due_from=90)))
    for days, expected in ((89, (10_00, 50_00)), (90, (60_00, 0))):
        day = DUE_ON + timedelta(days=days)
        account = single(
            terms, happened(day, "repaid", amount=60_00), principal=100_00, interest=50_00
        )
        assert paid(account, day, PRINCIPAL, INTEREST) == [expected]


def test_an_order_of_its_own_for_a_kind_of_event() -> None:
    """Recoveries after a charge-off meet principal first, though repayments meet interest first."""
    usual, after = order(INTEREST, PRINCIPAL)[0], order(PRINCIPAL, INTEREST)[0]
    terms = Terms(orders=(usual, Order(slots=after.slots, event="recovered")))
    off, day = DUE_ON + timedelta(days=10), DUE_ON + timedelta(days=20)
    events = (happened(off, "charged_off"), happened(day, "recovered", amount=60_00))
    account = single(terms, *events, principal=100_00, interest=50_00)
    assert paid(account, day, PRINCIPAL, INTEREST) == [(60_00, 0)]


def test_pay_off_asks_interest_for_the_actual_period() -> None:
    """31.00 of interest for 31 nights: after ten of them 1,010.00 settles all; 5.00 more is credit."""
    day = LENT_ON + timedelta(days=10)
    assert told(single(Terms(), interest=31_00), day).payoff == 1_010_00
    account = single(Terms(), happened(day, "repaid", amount=1_015_00), interest=31_00)
    answer = told(account, DUE_ON + timedelta(days=30))
    assert (answer.payoff, answer.credit, answer.principal) == (0, 5_00, 0)
    assert answer.lines[0].due == (1_000_00, 10_00, 0, 0, 0)


@pytest.mark.parametrize(("in_full", "payoff"), [(False, 1_010_00), (True, 1_031_00)])
def test_pay_off_asks_the_fee_in_part_or_in_full(
    in_full: bool,  # noqa: FBT001 - a parameter of the story
    payoff: int,
) -> None:
    """A fee of 31.00 after ten of 31 nights: 10.00, or all of it where the contract says so."""
    terms = Terms(is_fee_in_full=in_full)
    assert told(single(terms, fee=31_00), LENT_ON + timedelta(days=10)).payoff == payoff


def test_interest_paid_in_advance_comes_back_at_pay_off() -> None:
    """All 31.00 of interest paid on day 5; ten nights in, 21.00 of it was not yet earned.

    So 1,000.00 + 10.00 - 31.00 = 979.00 settles the loan.
    """
    fifth, tenth = (LENT_ON + timedelta(days=days) for days in (5, 10))
    ahead = happened(fifth, "repaid", amount=31_00)
    terms = Terms(orders=order(INTEREST, PRINCIPAL))
    assert told(single(terms, ahead, interest=31_00), tenth).payoff == 979_00
    done = happened(tenth, "repaid", amount=979_00)
    answer = told(single(terms, ahead, done, interest=31_00), tenth)
    assert (answer.payoff, answer.principal, answer.credit) == (0, 0, 0)
    assert answer.lines[0].paid[:2] == (1_000_00, 10_00)


def test_tiny_payments_are_not_lost() -> None:
    """A fen a day for five days on an overdue row is five fen of principal, principal first."""
    days = [DUE_ON + timedelta(days=at) for at in range(1, 6)]
    events = [happened(day, "repaid", amount=1) for day in days]
    answer = told(single(Terms(orders=PRINCIPAL_FIRST), *events), days[-1])
    assert (answer.lines[0].paid[PRINCIPAL], answer.credit) == (5, 0)


def test_penalty_before_principal_keeps_the_base() -> None:
    """The usual order: 5.00 on day 5 meets the 5.00 of penalty, the base stays: 10.00 on day 10."""
    terms = Terms(penalty_mode="replaces", penalty_rate=percent("36.5"))
    fifth = DUE_ON + timedelta(days=5)
    account = single(terms, happened(fifth, "repaid", amount=5_00))
    line = told(account, DUE_ON + timedelta(days=10)).lines[0]
    assert (line.due[PENALTY], line.paid[PENALTY], line.paid[PRINCIPAL]) == (10_00, 5_00, 0)
