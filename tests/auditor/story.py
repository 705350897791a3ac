"""Words for golden stories: one loan in a line, and an answer that auditor and fold both give."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.auditor import audit
from auditor.model import FEE, INTEREST, PENALTY, PRINCIPAL, Account, Event, Order, Row, Terms
from auditor.translation import answer_of_audit, answer_of_fold, folded

if TYPE_CHECKING:
    from auditor.model import Audit

LENT_ON = date(2026, 1, 5)
DUE_ON = date(2026, 2, 5)
STANDINGS = ("past_due", "due", "in_advance")


def percent(text: str) -> Fraction:
    """A rate a year from per cent."""
    return Fraction(text) / 100


def row(number: int, start: date, due: date, *amounts: int, **more: object) -> Row:
    """A signed row; principal, interest, fee, penalty, compound, as many as are not zero."""
    return Row(
        number=number,
        start=start,
        due=due,
        amounts=(*amounts, *(0 for _ in range(5 - len(amounts)))),
        **more,
    )


def lent(*rows: Row) -> Event:
    """The rows' principal goes out on the day the first row starts."""
    amount = sum(each.amounts[PRINCIPAL] for each in rows)
    return Event(name="lent", on=rows[0].start, type="disbursed", amount=amount, rows=rows)


def happened(on: date, kind: str, **more: object) -> Event:
    """An event named after its type and day."""
    return Event(name=f"{kind} {on}", on=on, type=kind, **more)


def single(
    terms: Terms, *events: Event, principal: int = 1_000_00, interest: int = 0, fee: int = 0
) -> Account:
    """One row, lent on 2026-01-05, due on 2026-02-05."""
    only = row(1, LENT_ON, DUE_ON, principal, interest, fee)
    return Account(terms=terms, events=(lent(only), *events))


def nights_late(count: int) -> date:
    """So many nights after the due date."""
    return DUE_ON + timedelta(days=count)


def completed(components: tuple[int, ...]) -> tuple[int, ...]:
    """These components first, then those not named."""
    return (*components, *(each for each in range(5) if each not in components))


def order(*components: int) -> tuple[Order, ...]:
    """One order for all: these components within past due, then due, then in advance."""
    slots = tuple((where, each) for where in STANDINGS for each in completed(components))
    return (Order(slots=slots),)


PRINCIPAL_FIRST = order(PRINCIPAL, FEE, INTEREST, PENALTY)


def told(account: Account, day: date) -> Audit:
    """The auditor's answer, after the fold has given the same one."""
    answer = audit(account, day)
    fold = answer_of_fold(folded(account, day), account.terms)
    assert fold == answer_of_audit(answer, account.terms)
    return answer
