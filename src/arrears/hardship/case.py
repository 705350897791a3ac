"""One question for a way out: the debt, the means, the rules; and how an answer to it is put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arrears.hardship.following import follow
from arrears.hardship.harm import Course, figures_of, fits_floor, monthly_minor
from arrears.hardship.lender_value import lender_value
from arrears.hardship.option import DaysPastDue, Missing, Option, OptionType
from arrears.hardship.rules import MONTHS_A_YEAR, OBSERVATION
from arrears.kernel.dates import add_months
from arrears.kernel.money import format_minor
from arrears.servicing.events import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.hardship.affordability import Affordability
    from arrears.hardship.debt import Debt
    from arrears.hardship.following import Followed
    from arrears.hardship.option import Payment, Treatment
    from arrears.hardship.rules import Rules
    from arrears.servicing.layout import EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything an option is worked out from; nothing else decides it."""

    debt: Debt
    means: Affordability
    payday: int | None  #: day of the month on which income comes
    rules: Rules
    bucket: str  #: the age the debt stands in, M0 and so on
    baseline_minor: int  #: what it costs to pay nothing until the next due date, then as signed

    @property
    def on(self) -> date:
        """The day the options are worked out for."""
        return self.debt.on

    def treatment(self, option_type: OptionType) -> Treatment:
        """How a type of option is treated."""
        return self.rules.treatments[option_type]

    def money(self, amount_minor: int) -> str:
        """An amount as text, in the debt's currency."""
        return format_minor(amount_minor, self.debt.contract.terms.currency)

    def free_on(self, day: date) -> int:
        """What may be asked for in the month of a day, minor units.

        Of somebody who did not tell their income no more than they signed for.
        """
        means = self.means
        return means.free_on(day) if means.is_known else self.debt.signed_monthly_minor

    def event(
        self,
        option_type: OptionType,
        at: int,
        kind: EventType,
        on: date | None = None,
        **fields: object,
    ) -> Event:
        """A hypothetical event of an option, recorded on its own day."""
        day = on or self.on
        return Event(
            event_id=f"{option_type}-{at}",
            type=kind,
            value_on=day,
            recorded_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            seq=at,
            **fields,  # type: ignore[arg-type]  # the fields of an event, by their own names
        )

    def missing(
        self, option_type: OptionType, reason: str, *names: str, **facts: object
    ) -> Missing:
        """Why an option is not open."""
        return Missing(
            type=option_type,
            reason=reason,
            facts={name: str(fact) for name, fact in facts.items()},
            grounds=self.rules.grounds(*names),
        )

    def observed_until(self, option_type: OptionType, dues: Sequence[date]) -> date | None:
        """End of the observation that an option begins; None where it makes nothing restructured.

        Counted from the first due date after the change: so many years, and so many periods.
        """
        if not self.treatment(option_type).is_restructured or not dues:
            return None
        if not self.rules.has(OBSERVATION):
            return dues[-1]
        named = self.rules.named(OBSERVATION)
        periods = min(named.get("payment_periods", 0), len(dues))
        by_years = add_months(dues[0], MONTHS_A_YEAR * named.get("years", 0))
        return max(by_years, dues[max(0, periods - 1)])

    def ages_until(self, option_type: OptionType, dues: Sequence[date]) -> date | None:
        """Until when a missed row of the new plan ages from the date first missed; None: never."""
        if self.treatment(option_type).days_past_due is not DaysPastDue.CONTINUE:
            return None
        return self.observed_until(option_type, dues)


def case_of(
    debt: Debt, means: Affordability, payday: int | None, rules: Rules, bucket: str
) -> Case:
    """The case of a debt, with what going on as it is would cost."""
    baseline_minor = 0
    if debt.is_open:
        baseline_minor = follow(debt, first_on=debt.next_on).total_minor
    return Case(
        debt=debt,
        means=means,
        payday=payday,
        rules=rules,
        bucket=bucket,
        baseline_minor=baseline_minor,
    )


def below_floor(case: Case, option_type: OptionType, payments: Sequence[Payment]) -> Missing | None:
    """Why instalments may not be asked for; None where they leave what is needed to live."""
    if fits_floor(payments, case.free_on):
        return None
    monthly = monthly_minor(payments)
    if not case.means.is_known:
        return case.missing(option_type, "income_not_told", monthly=case.money(monthly))
    return case.missing(
        option_type,
        "below_floor",
        monthly=case.money(monthly),
        free=case.money(case.means.free_minor),
    )


def followed_until(case: Case, followed: Followed) -> date:
    """The day of the last payment; the day itself where there is none."""
    return followed.payments[-1].on if followed.payments else case.on


def option_of(
    case: Case,
    option_type: OptionType,
    course: Course,
    *,
    events: Sequence[Event] = (),
    closing_events: Sequence[Event] = (),
    names: Sequence[str] = (),
    review_on: date | None = None,
    rate_given_up_minor: int = 0,
) -> Option:
    """Put an option together from what the fold said of it."""
    return Option(
        type=option_type,
        on=case.on,
        events=tuple(events),
        closing_events=tuple(closing_events),
        figures=figures_of(
            course, case.means, case.free_on, on=case.on, baseline_minor=case.baseline_minor
        ),
        treatment=case.treatment(option_type),
        grounds=case.rules.grounds(*names),
        review_on=review_on,
        lender=lender_value(
            course,
            [*events, *closing_events],
            case.rules,
            owed_minor=case.debt.payoff_minor,
            bucket=case.bucket,
            rate_given_up_minor=rate_given_up_minor,
        ),
    )
