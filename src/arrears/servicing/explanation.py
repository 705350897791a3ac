"""Why an amount is owed: movements as records, each with what it was computed from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel import movement as m
from arrears.kernel.dates import date_of
from arrears.kernel.movement import Component, MovementKind, Reason, Stage

if TYPE_CHECKING:
    from datetime import date

    from arrears.servicing.state import AccountState

#: Reason -> the policy parameters that stand behind it; which values, the contract's day tells.
PARAMETERS: dict[Reason, tuple[str, ...]] = {
    Reason.PENALTY_RATE: ("cn.penalty.overdue_uplift",),
    Reason.COMPOUND_RATE: ("cn.penalty.compound_rate_on_unpaid_interest",),
    Reason.CAP_DAILY: ("cn.price.licensed_all_in_cap",),
    Reason.CAP_LIFE: ("cn.price.licensed_all_in_cap",),
    Reason.ALLOCATION: ("cn.allocation.within_debt",),
    Reason.NON_ACCRUAL: ("cn.accounting.non_accrual_from",),
    Reason.EARLY_SETTLEMENT: ("cn.price.early_repayment_interest",),
    Reason.LINE_RATE: ("cn.line.daily_rate",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One amount that accrued, fell due, was paid or moved, and why."""

    contract: int
    instalment: int  #: 0: the account itself
    component: Component
    kind: MovementKind
    on: date
    stage: Stage
    amount_minor: int
    base_minor: int  #: what the rate was applied to; 0 where none was
    rate_ppm: int
    from_on: date
    days: int
    unrounded: Fraction | None  #: the exact running sum it was rounded from, minor units
    reason: Reason
    event_id: str | None  #: None: time alone
    is_valuation: bool  #: accrued since the last posting point

    @property
    def parameter_ids(self) -> tuple[str, ...]:
        """The policy parameters behind it."""
        return PARAMETERS.get(self.reason, ())


def movements_of(state: AccountState) -> tuple[Movement, ...]:
    """The movements of a fold as records, in the order in which they happened."""
    return tuple(
        Movement(
            contract=row[m.MV_CONTRACT],
            instalment=row[m.MV_INSTALMENT],
            component=Component(row[m.MV_COMPONENT]),
            kind=MovementKind(row[m.MV_KIND]),
            on=date_of(row[m.MV_ON]),
            stage=Stage(row[m.MV_STAGE]),
            amount_minor=row[m.MV_AMOUNT],
            base_minor=row[m.MV_BASE],
            rate_ppm=row[m.MV_RATE],
            from_on=date_of(row[m.MV_FROM]),
            days=row[m.MV_DAYS],
            unrounded=unrounded(row),
            reason=Reason(row[m.MV_REASON]),
            event_id=None if row[m.MV_EVENT] < 0 else state.event_ids[row[m.MV_EVENT]],
            is_valuation=row[m.MV_IS_VALUATION] == 1,
        )
        for row in state.movements.tolist()
    )


def unrounded(row: list[int]) -> Fraction | None:
    """The exact running sum behind an accrual; None where nothing was rounded."""
    if row[m.MV_DENOMINATOR] <= 1:
        return None
    return row[m.MV_WHOLE] + Fraction(row[m.MV_REMAINDER], row[m.MV_DENOMINATOR])
