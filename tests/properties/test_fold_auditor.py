"""The fold against the auditor: a second opinion on every number, written from the rule book alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from auditor.auditor import audit
from auditor.profiles import steady
from auditor.strategies import loans
from auditor.strategies_line import revolving_lines
from auditor.strategies_opening import taken_over
from auditor.translation import answer_of_audit, answer_of_fold, folded

if TYPE_CHECKING:
    from datetime import date

    from auditor.model import Account


def agree(account: Account, day: date) -> None:
    """Every amount of every row, ages, credit, pay-off, overdue, cut, credited and flags agree."""
    told = answer_of_audit(audit(account, day), account.terms)
    assert answer_of_fold(folded(account, day), account.terms) == told


@steady(250)
@given(loans())
def test_scheduled_loans(case: tuple[Account, date]) -> None:
    """Loans whose interest is as signed, under every event and mode: fold and auditor agree."""
    agree(*case)


@steady(250)
@given(loans(is_daily=True))
def test_loans_with_daily_interest(case: tuple[Account, date]) -> None:
    """Loans whose interest follows the outstanding principal: fold and auditor agree."""
    agree(*case)


@steady(250)
@given(revolving_lines())
def test_revolving_lines(case: tuple[Account, date]) -> None:
    """Lines with statements, conversions and a shop's refunds: fold and auditor agree."""
    agree(*case)


@steady(150)
@given(taken_over())
def test_loans_taken_over(case: tuple[Account, date]) -> None:
    """Loans another system served until a day: fold and auditor agree from then on."""
    agree(*case)


@steady(100)
@given(loans())
def test_every_day_on_the_way(case: tuple[Account, date]) -> None:
    """Not only on the last day: on the day of each event and the day after it they agree."""
    account, day = case
    for event in account.events:
        if event.on <= day:
            agree(account, event.on)
