"""Golden stories of late payment, each computed by hand in its docstring."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from auditor.auditor import audit
from auditor.model import Account, Event, Row, Terms

DAY = date(2026, 1, 5)
DUE = date(2026, 2, 5)


def loan(terms: Terms, *events: Event, principal: int = 1_000_00, interest: int = 0) -> Account:
    row = Row(number=1, start=DAY, due=DUE, amounts=(principal, interest, 0, 0, 0))
    lent = Event(name="a", on=DAY, type="disbursed", amount=principal, rows=(row,))
    return Account(terms=terms, events=(lent, *events))


def replacing(**more: object) -> Terms:
    return Terms(
        rate=Fraction(18, 100), penalty_mode="replaces", penalty_rate=Fraction(27, 100), **more
    )


def test_the_first_penalty_night_is_the_due_dates() -> None:
    """On the due date nothing is charged; the day after, one night of 1,000.00 at 27 %.

    100,000 x 0.27 / 365 = 73.97 fen: 0.74.
    """
    assert audit(loan(replacing()), DUE).lines[0].due[3] == 0
    assert audit(loan(replacing()), date(2026, 2, 6)).lines[0].due[3] == 74
