"""What an age in days means: bucket M0 to M6+, five-class, bureau digit, and the next turning day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.policy.rules import band_over

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arrears.servicing.state import AccountState

CURRENT_BUCKET = "M0"
NORMAL_CLASS = "normal"
NORMAL_BUREAU = "N"
#: Where no rule was in force on the day: older books than the rules are asked about too.
NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingRules:
    """Bounds in days, each exceeded strictly; values of policy, handed in. None: not in force."""

    bucket: Mapping[str, int] | None
    five_class: Mapping[str, int] | None
    bureau: Mapping[str, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an account stands by its age."""

    bucket: str  #: 账龄, M0 for current
    five_class: str  #: 五级分类
    bureau: str  #: digit of the 60-month string, N for normal


def standing_of(days_delinquent: int, rules: AgeingRules) -> Standing:
    """How an age in days stands under the rules of the day; `NOT_IN_FORCE` where there was none."""

    def band(bounds: Mapping[str, int] | None, below: str) -> str:
        return (
            NOT_IN_FORCE if bounds is None else band_over(bounds, days_delinquent, otherwise=below)
        )

    return Standing(
        bucket=band(rules.bucket, CURRENT_BUCKET),
        five_class=band(rules.five_class, NORMAL_CLASS),
        bureau=band(rules.bureau, NORMAL_BUREAU),
    )


def turning_days(state: AccountState, rules: AgeingRules) -> list[date]:
    """The days after the state's own on which its age crosses a bound, if nothing is paid."""
    if state.days_delinquent == 0:
        return []
    bounds = {
        bound
        for named in (rules.bucket, rules.five_class, rules.bureau)
        if named is not None
        for bound in named.values()
    }
    return [
        state.as_of + timedelta(days=bound + 1 - state.days_delinquent)
        for bound in sorted(bounds)
        if bound >= state.days_delinquent
    ]


def next_action_on(
    state: AccountState, rules: AgeingRules, grace_days: int, non_accrual_days: int | None
) -> date | None:
    """The first day after the state's own on which the fold would post, send or reclassify.

    Args:
        state: The account, folded to its day.
        rules: Bounds of the day.
        grace_days: Of the contract; the day after it charges what gathered.
        non_accrual_days: Of the contract; None: never.

    Returns:
        None where time alone will never change anything again.
    """
    days = turning_days(state, rules)
    if state.next_due_on is not None:
        days.append(state.next_due_on)
    for row in state.rows:
        if row.due_on is not None and row.is_due and any(row.outstanding_minor):
            days += [row.due_on + timedelta(days=1), row.due_on + timedelta(days=grace_days + 1)]
    if non_accrual_days and 0 < state.days_delinquent < non_accrual_days:
        days.append(state.as_of + timedelta(days=non_accrual_days - state.days_delinquent))
    days += state.timers
    return min((day for day in days if day > state.as_of), default=None)
