"""What an age in days means: bucket M0 to M6+, five-class, bureau digit, and the next turning day."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arrears.delinquency.observation import worst_class
from arrears.kernel.dates import add_months
from arrears.policy.rules_bands import band_over
from arrears.servicing.state import AccountStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrears.delinquency.observation import Observation, ObservationRules
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
    changes_on: tuple[date, ...] = ()  #: days on which the bounds may become others
    observation: ObservationRules | None = None  #: of restructured assets; None: not in force


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an account stands by its age."""

    bucket: str  #: 账龄, M0 for current
    five_class: str  #: 五级分类
    bureau: str  #: digit of the 60-month string, N for normal


def standing_of(
    days_delinquent: int, rules: AgeingRules, observed: Observation | None = None
) -> Standing:
    """How an age in days stands under the rules of the day; `NOT_IN_FORCE` where there was none.

    A restructured asset that is observed has no better class than its observation allows.
    """

    def band(bounds: Mapping[str, int] | None, below: str) -> str:
        return (
            NOT_IN_FORCE if bounds is None else band_over(bounds, days_delinquent, otherwise=below)
        )

    five_class = band(rules.five_class, NORMAL_CLASS)
    if observed is not None and rules.five_class is not None:
        five_class = worst_class(rules.five_class, five_class, observed.class_at_least)
    return Standing(
        bucket=band(rules.bucket, CURRENT_BUCKET),
        five_class=five_class,
        bureau=band(rules.bureau, NORMAL_BUREAU),
    )


def turning_days(state: AccountState, rules: AgeingRules) -> list[date]:
    """The days after the state's own on which its standing turns, if nothing is paid.

    Its age crosses a bound, or the bounds become others. While ageing is paused the days lie too
    early, never too late.
    """
    turns = [day for day in rules.changes_on if day > state.as_of]
    if state.days_delinquent == 0:
        return turns
    bounds = {
        bound
        for named in (rules.bucket, rules.five_class, rules.bureau)
        if named is not None
        for bound in named.values()
    }
    return turns + [
        state.as_of + timedelta(days=bound + 1 - state.days_delinquent)
        for bound in sorted(bounds)
        if bound >= state.days_delinquent
    ]


def day_of_month_after(day: date, day_of_month: int) -> date:
    """The next date after a day that falls on a day of the month, clipped to the month's last.

    Example:
        >>> day_of_month_after(date(2026, 1, 31), 31)
        datetime.date(2026, 2, 28)
    """
    this = day.replace(day=min(day_of_month, monthrange(day.year, day.month)[1]))
    if this > day:
        return this
    following = add_months(day.replace(day=1), 1)
    return following.replace(day=min(day_of_month, monthrange(following.year, following.month)[1]))


def next_action_on(
    state: AccountState,
    rules: AgeingRules,
    grace_days: int,
    non_accrual_days: int | None,
    statement_day: int | None = None,
) -> date | None:
    """The first day after the state's own on which the fold would post, send or reclassify.

    Ends of months are not among them: a period end touches every account there is.

    Args:
        state: The account, folded to its day.
        rules: Bounds of the day.
        grace_days: Of the contract; the day after it charges what gathered.
        non_accrual_days: Of the contract; None: never.
        statement_day: Of a line, day of the month; None: there are no statements.

    Returns:
        None where time alone will never change anything again.
    """
    days = turning_days(state, rules)
    for row in state.rows:
        if row.due_on is None or state.status is AccountStatus.SETTLED:
            continue
        days.append(row.due_on)
        if row.is_due and any(row.outstanding_minor):
            days += [row.due_on + timedelta(days=1), row.due_on + timedelta(days=grace_days + 1)]
    if state.days_past_due > 0:
        days.append(state.as_of + timedelta(days=grace_days + 1 - state.days_past_due))
    if state.may_begin_to_age:
        days.append(state.as_of + timedelta(days=1))
    if non_accrual_days and 0 < state.days_delinquent < non_accrual_days:
        days.append(state.as_of + timedelta(days=non_accrual_days - state.days_delinquent))
    if statement_day is not None:
        days.append(day_of_month_after(state.as_of, statement_day))
    days += state.timers
    return min((day for day in days if day > state.as_of), default=None)
