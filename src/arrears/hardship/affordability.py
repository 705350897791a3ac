"""What is left to live on: essential spending first, a buffer, then what may go to debts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.hardship.statement import ESSENTIAL
from arrears.kernel.rates import PPM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arrears.hardship.statement import Expected, SpendingKind, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingReference:
    """What living costs at least by a dated, sourced reference, minor units a month."""

    adult_minor: int
    dependant_minor: int
    parameter_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affordability:
    """What is free for this debt in a month; the floor is never touched by an instalment."""

    income_minor: int | None  #: None: not said, so nothing is known
    essential_minor: Mapping[SpendingKind, int]  #: as stated, in the order of need
    reference_minor: int | None  #: for this household; None: no reference is known
    buffer_minor: int
    floor_minor: int  #: the higher of stated and reference, and the buffer on it
    other_debts_minor: int
    other_spending_minor: int  #: told, and not part of the floor
    savings_minor: int
    expected: Expected | None  #: only one that is shown by evidence
    rests_on_evidence: bool

    @property
    def is_known(self) -> bool:
        """Whether income was told."""
        return self.income_minor is not None

    @property
    def free_minor(self) -> int:
        """Free for this debt in a month now; 0 where nothing is, or nothing is known."""
        return self._free_of(self.income_minor or 0)

    @property
    def shortfall_minor(self) -> int:
        """What is lacking each month for the floor and what other lenders ask for."""
        if self.income_minor is None:
            return 0
        return max(0, self.floor_minor + self.other_debts_minor - self.income_minor)

    def free_on(self, day: date) -> int:
        """Free for this debt in the month of a day; an income expected counts from its own day."""
        if self.expected is not None and day >= self.expected.from_on:
            return self._free_of(self.expected.income_minor)
        return self.free_minor

    def _free_of(self, income_minor: int) -> int:
        return max(0, income_minor - self.floor_minor - self.other_debts_minor)


def assess(
    statement: Statement, *, buffer_ppm: int, reference: LivingReference | None
) -> Affordability:
    """What a person may be asked for without going below what they need to live.

    Args:
        statement: What they told; their word counts like evidence, except for an income to come.
        buffer_ppm: Added to essential spending, as a share of it.
        reference: What living costs at least; None: none is known, and what was stated stands.

    Returns:
        The floor: the higher of stated and reference, with the buffer.

    Rounding:
        The buffer is rounded up, so that the floor is never too low.
    """
    stated: dict[SpendingKind, int] = dict.fromkeys(ESSENTIAL, 0)
    other_minor = 0
    for told in statement.spending:
        kind = next((each for each in ESSENTIAL if each == told.kind), None)
        if kind is None:
            other_minor += told.amount_minor
        else:
            stated[kind] += told.amount_minor
    reference_minor = None
    if reference is not None:
        reference_minor = (
            statement.adults * reference.adult_minor
            + statement.dependants * reference.dependant_minor
        )
    essential_minor = max(sum(stated.values()), reference_minor or 0)
    buffer_minor = -(-essential_minor * buffer_ppm // PPM)
    expected = statement.expected
    return Affordability(
        income_minor=None
        if statement.income is None
        else sum(told.amount_minor for told in statement.income),
        essential_minor=stated,
        reference_minor=reference_minor,
        buffer_minor=buffer_minor,
        floor_minor=essential_minor + buffer_minor,
        other_debts_minor=sum(told.amount_minor for told in statement.other_debts),
        other_spending_minor=other_minor,
        savings_minor=statement.savings_minor,
        expected=expected if expected is not None and expected.evidence else None,
        rests_on_evidence=statement.rests_on_evidence,
    )
