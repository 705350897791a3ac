"""The rows of a schedule and the periods they stand for; money split over them, to the minor unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel.rounding import Rounding, round_fraction

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One row (期) of a schedule as contracted; a re-plan writes new rows, never this one."""

    number: int  #: 1 for the first
    from_on: date  #: first day of its interest period
    due_on: date
    principal_minor: int  #: >= 0
    interest_minor: int  #: >= 0, rounded when the schedule was made
    fee_minor: int  #: >= 0
    balance_minor: int  #: principal left after the row
    is_provisional: bool = False  #: its due date rests on holidays that are not published yet

    @property
    def total_minor(self) -> int:
        """What the row asks for."""
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Period:
    """One interest period and its exact rate."""

    from_on: date
    due_on: date
    rate: Fraction  #: of the balance, for this period

    def interest_on(self, balance_minor: int, rounding: Rounding) -> int:
        """Interest of the period on a balance, whole minor units, rounded by the contract's mode."""
        return round_fraction(balance_minor * self.rate, rounding)


def row_of(
    period: Period, principal_minor: int, interest_minor: int, balance_minor: int
) -> Instalment:
    """A row not yet numbered, without a fee."""
    return Instalment(
        number=0,
        from_on=period.from_on,
        due_on=period.due_on,
        principal_minor=principal_minor,
        interest_minor=interest_minor,
        fee_minor=0,
        balance_minor=balance_minor,
    )


def spread_evenly(amount_minor: int, count: int, rounding: Rounding) -> list[int]:
    """Whole parts of an amount >= 0, the same but for the last ones; they sum to it exactly."""
    part = round_fraction(Fraction(amount_minor, count), rounding)
    parts = []
    left = amount_minor
    for _ in range(count - 1):
        parts.append(min(part, left))
        left -= parts[-1]
    return [*parts, left]
