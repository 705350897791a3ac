"""Why an amount is owed: movements as records, each with what it was computed from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel import movement as m
from arrears.kernel.dates import date_of
from arrears.kernel.movement import Component, MovementKind, Reason, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    row_kind: int | None  #: KIND_... of the row; None: the account itself
    due_on: date | None  #: of the row; None: the account itself, or not billed yet
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
    nothing = (None, None)
    keys = [(row[m.MV_CONTRACT], row[m.MV_INSTALMENT]) for row in state.movements.tolist()]
    kinds = [state.row_kinds.get(key, nothing) for key in keys]
    return tuple(
        Movement(
            contract=row[m.MV_CONTRACT],
            instalment=row[m.MV_INSTALMENT],
            row_kind=kind,
            due_on=due_on,
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
        for row, (kind, due_on) in zip(state.movements.tolist(), kinds, strict=True)
    )


def joined(movements: Sequence[Movement]) -> tuple[Movement, ...]:
    """The same movements with accruals that go on unchanged told as one, on their last day.

    A month's end or somebody else's due date cuts an accrual in two for the ledger; to a reader it is
    one stretch of days with one base and one rate. Amounts and days are summed, nothing is rounded anew.
    """
    told: list[Movement] = []
    running: dict[tuple[object, ...], Movement] = {}
    for each in movements:
        if each.kind is not MovementKind.ACCRUED or not each.rate_ppm:
            told.append(each)
            continue
        key = (each.contract, each.instalment, each.component, each.base_minor, each.rate_ppm)
        before = running.get(key)
        if before is not None and before.on == each.from_on:
            told.remove(before)
            told.append(
                replace(
                    each,
                    from_on=before.from_on,
                    days=before.days + each.days,
                    amount_minor=before.amount_minor + each.amount_minor,
                )
            )
        else:
            told.append(each)
        running[key] = told[-1]
    return tuple(told)


def unrounded(row: list[int]) -> Fraction | None:
    """The exact running sum behind an accrual; None where nothing was rounded."""
    if row[m.MV_DENOMINATOR] <= 1:
        return None
    return row[m.MV_WHOLE] + Fraction(row[m.MV_REMAINDER], row[m.MV_DENOMINATOR])
