"""Options that change when and how much is paid: payday, deferral, extension, interest only, re-plan, write-down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.hardship.case import Case, below_floor, followed_until, option_of
from arrears.hardship.following import follow
from arrears.hardship.harm import Course
from arrears.hardship.option import Missing, Option, OptionType
from arrears.hardship.rescheduling import (
    NOTHING,
    level_terms,
    monthly_dues,
    payday_dues,
    plan_rows,
    signed_terms,
)
from arrears.hardship.rules import (
    DEFERRAL_DAYS,
    EXTENSION_ASKED,
    EXTENSION_MONTHS,
    INTEREST_ONLY_MONTHS,
    OBSERVATION,
    OFFER_DAYS,
    PAYDAY_DAYS,
    WRITE_DOWN,
)
from arrears.kernel.dates import Unit, add_months, step
from arrears.kernel.movement import COMPONENTS, COMPOUND, INTEREST, PENALTY
from arrears.kernel.rates import PPM, format_rate
from arrears.servicing.layout import EventType
from arrears.servicing.terms import Method

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from arrears.servicing.events import Event, EventRow

    #: Rows for so many instalments.
    RowsOf = Callable[[int], tuple[EventRow, ...]]

PERCENT = 100


def plan_of(
    case: Case,
    option_type: OptionType,
    rows: Sequence[EventRow],
    *,
    names: Sequence[str],
    before: Sequence[Event] = (),
    rate_given_up_minor: int = 0,
) -> Option | Missing:
    """An option whose rows take the place of all that is owed, if the floor bears it."""
    plan = case.event(option_type, len(before) + 1, EventType.REPLANNED, rows=tuple(rows))
    events = [*before, plan]
    followed = follow(case.debt, events)
    too_much = below_floor(case, option_type, followed.payments)
    if too_much is not None:
        return too_much
    dues = [row.due_on for row in rows]
    course = Course(
        payments=followed.payments,
        left_minor=0,
        ends_on=followed_until(case, followed),
        late_until=case.on,
        observed_until=case.observed_until(option_type, dues),
    )
    return option_of(
        case,
        option_type,
        course,
        events=events,
        names=[*names, OBSERVATION],
        rate_given_up_minor=rate_given_up_minor,
    )


def first_plan_due(case: Case) -> date:
    """The first day on which a plan may ask for something: after the offer has run out."""
    return case.on + timedelta(days=case.rules.whole(OFFER_DAYS))


def plan_dues(case: Case, count: int) -> tuple[date, ...]:
    """Monthly due dates of a plan: after payday where it is known, else on the day they had."""
    after = first_plan_due(case)
    if case.payday is not None and case.rules.has(PAYDAY_DAYS):
        buffer_days = case.rules.whole(PAYDAY_DAYS)
        return payday_dues(case.payday, buffer_days, after=after, count=count)
    known = [row.due_on for row in case.debt.billed if row.due_on is not None]
    first = known[-1] if known else add_months(case.on, 1)
    while first <= after:
        first = add_months(first, 1)
    while add_months(first, -1) > after:
        first = add_months(first, -1)
    return monthly_dues(first, count)


def rows_at(
    case: Case, option_type: OptionType, *, rate_ppm: int, waived_minor: Sequence[int] = NOTHING
) -> RowsOf:
    """How many level instalments there may be, as rows."""
    terms = level_terms(case.debt.contract.terms)

    def rows(count: int) -> tuple[EventRow, ...]:
        dues = plan_dues(case, count)
        return plan_rows(
            case.debt,
            dues,
            terms,
            rate_ppm=rate_ppm,
            waived_minor=waived_minor,
            ages_until=case.ages_until(option_type, dues),
        )

    return rows


def shortest(case: Case, rows_of: RowsOf, least: int, most: int) -> tuple[EventRow, ...]:
    """The fewest instalments from `least` to `most` that the floor bears; `most` where none are.

    Fewer instalments cost less.
    """
    low, high = least, max(least, most)
    while low < high:
        middle = (low + high) // 2
        if fits(case, rows_of(middle)):
            high = middle
        else:
            low = middle + 1
    return rows_of(low)


def fits(case: Case, rows: Sequence[EventRow]) -> bool:
    """Whether every row leaves what is needed to live in its month."""
    return all(sum(row.amounts_minor) <= case.free_on(row.due_on) for row in rows)


def payday(case: Case) -> Option | Missing:
    """As many instalments as before, due after the day on which income comes."""
    kind, debt = OptionType.PAYDAY, case.debt
    lacking = case.rules.lacking(kind, PAYDAY_DAYS, OFFER_DAYS)
    if lacking is not None:
        return lacking
    terms = signed_terms(debt.contract.terms)
    if debt.is_line:
        return case.missing(kind, "of_a_loan_only")
    if case.payday is None:
        return case.missing(kind, "no_payday")
    if not debt.dues_to_come:
        return case.missing(kind, "nothing_to_come")
    if terms.unit is not Unit.MONTHS or terms.every != 1:
        return case.missing(kind, "not_monthly")
    dues = plan_dues(case, len(debt.dues_to_come))
    if [due.day for due in dues] == [due.day for due in debt.dues_to_come]:
        return case.missing(kind, "due_after_payday", day=dues[0].day)
    rows = plan_rows(
        debt,
        dues,
        terms,
        rate_ppm=debt.rate_ppm,
        ages_until=case.ages_until(kind, dues),
    )
    return plan_of(case, kind, rows, names=(PAYDAY_DAYS, OFFER_DAYS))


def deferral(case: Case) -> Option | Missing:
    """As many instalments as before, all of them later by as much as the lender allows."""
    kind, debt = OptionType.DEFERRAL, case.debt
    lacking = case.rules.lacking(kind, DEFERRAL_DAYS)
    if lacking is not None:
        return lacking
    terms = signed_terms(debt.contract.terms)
    if debt.is_line:
        return case.missing(kind, "of_a_loan_only")
    if not debt.dues_to_come:
        return case.missing(kind, "nothing_to_come")
    latest = debt.dues_to_come[0] + timedelta(days=case.rules.whole(DEFERRAL_DAYS))
    times = 0
    while step(debt.dues_to_come[0], terms.every, terms.unit, times + 1) <= latest:
        times += 1
    if times == 0:
        return case.missing(kind, "interval_too_long", DEFERRAL_DAYS)
    dues = [step(due, terms.every, terms.unit, times) for due in debt.dues_to_come]
    rows = plan_rows(
        debt,
        dues,
        terms,
        rate_ppm=debt.rate_ppm,
        ages_until=case.ages_until(kind, dues),
    )
    return plan_of(case, kind, rows, names=(DEFERRAL_DAYS,))


def extension(case: Case) -> Option | Missing:
    """A longer term, asked for before the due date; afterwards it is a re-plan."""
    kind, debt = OptionType.EXTENSION, case.debt
    lacking = case.rules.lacking(kind, EXTENSION_ASKED, EXTENSION_MONTHS, OFFER_DAYS)
    if lacking is not None:
        return lacking
    if debt.is_line:
        return case.missing(kind, "of_a_loan_only")
    if debt.late_since is not None:
        return case.missing(kind, "asked_after_due", EXTENSION_ASKED, since=debt.late_since)
    if not debt.dues_to_come:
        return case.missing(kind, "nothing_to_come")
    count = len(debt.dues_to_come)
    rows_of = rows_at(case, kind, rate_ppm=debt.rate_ppm)
    rows = shortest(case, rows_of, count + 1, count + case.rules.whole(EXTENSION_MONTHS))
    return plan_of(case, kind, rows, names=(EXTENSION_ASKED, EXTENSION_MONTHS))


def interest_only(case: Case) -> Option | Missing:
    """Some months of interest alone, then as many instalments as before; the end moves by as much."""
    kind, debt = OptionType.INTEREST_ONLY, case.debt
    lacking = case.rules.lacking(kind, INTEREST_ONLY_MONTHS, OFFER_DAYS)
    if lacking is not None:
        return lacking
    terms = debt.contract.terms
    if debt.is_line or debt.rate_ppm == 0:
        return case.missing(kind, "of_a_loan_only" if debt.is_line else "no_interest")
    if terms.method is Method.INTEREST_ONLY:
        return case.missing(kind, "interest_only_already")
    if not debt.dues_to_come:
        return case.missing(kind, "nothing_to_come")
    grace = case.rules.whole(INTEREST_ONLY_MONTHS)
    dues = plan_dues(case, len(debt.dues_to_come) + grace)
    rows = plan_rows(
        debt,
        dues,
        level_terms(terms),
        rate_ppm=debt.rate_ppm,
        grace=grace,
        ages_until=case.ages_until(kind, dues),
    )
    return plan_of(case, kind, rows, names=(INTEREST_ONLY_MONTHS,))


def re_plan(case: Case) -> Option | Missing:
    """All that is owed in new instalments, as few as the floor bears."""
    kind, rules = OptionType.RE_PLAN, case.rules
    lacking = rules.lacking(kind, rules.plan_months_name, OFFER_DAYS)
    if lacking is not None:
        return lacking
    rows_of = rows_at(case, kind, rate_ppm=case.debt.rate_ppm)
    rows = shortest(case, rows_of, *plan_counts(case))
    return plan_of(case, kind, rows, names=(rules.plan_months_name,))


def plan_counts(case: Case) -> tuple[int, int]:
    """How few and how many instalments a re-plan may have: the last within the longest term."""
    latest = add_months(case.on, case.rules.plan_months_max)
    first = plan_dues(case, 1)[0]
    most = 1
    while add_months(first, most) <= latest:
        most += 1
    return min(max(1, len(case.debt.dues_to_come)), most), most


def write_down(case: Case) -> Option | Missing:
    """No penalty so far, and a rate so much lower that as many instalments as before can be paid.

    Where even the lowest rate that the lender allows does not do, there are more instalments at it:
    the cost is cut before the debt is stretched.
    """
    kind, rules, debt = OptionType.WRITE_DOWN, case.rules, case.debt
    lacking = rules.lacking(kind, WRITE_DOWN, rules.plan_months_name, OFFER_DAYS)
    if lacking is not None:
        return lacking
    rate_ppm = debt.rate_ppm
    waived = [
        debt.owed_minor[component] if component in (PENALTY, COMPOUND) else 0
        for component in range(COMPONENTS)
    ]
    lower_ppm = highest_rate(case, waived)
    if lower_ppm == rate_ppm and not any(waived):
        return case.missing(kind, "nothing_to_write_down", WRITE_DOWN, rate=format_rate(rate_ppm))
    before = written_down(case, waived, lower_ppm)
    rows_of = rows_at(case, kind, rate_ppm=lower_ppm, waived_minor=waived)
    rows = shortest(case, rows_of, *plan_counts(case))
    dearer = rows_at(case, kind, rate_ppm=rate_ppm, waived_minor=waived)(len(rows))
    return plan_of(
        case,
        kind,
        rows,
        before=before,
        names=(WRITE_DOWN, rules.plan_months_name),
        rate_given_up_minor=interest_of(dearer) - interest_of(rows),
    )


def highest_rate(case: Case, waived_minor: Sequence[int]) -> int:
    """The highest rate, by whole percent of the contract's, that as many instalments as before bear.

    Returns:
        Parts per million a year; the lowest that the lender allows where none does.

    Rounding:
        Up to whole ppm, so that no more is taken off than the percent says.
    """
    kind = OptionType.WRITE_DOWN
    rate_ppm = case.debt.rate_ppm
    least, _ = plan_counts(case)

    def lowered(percent: int) -> int:
        return -(-rate_ppm * (PERCENT - percent) // PERCENT)

    low, high = 0, case.rules.share_ppm(WRITE_DOWN) * PERCENT // PPM
    while low < high:
        middle = (low + high) // 2
        rows_of = rows_at(case, kind, rate_ppm=lowered(middle), waived_minor=waived_minor)
        if fits(case, rows_of(least)):
            high = middle
        else:
            low = middle + 1
    return lowered(low)


def written_down(case: Case, waived_minor: Sequence[int], rate_ppm: int) -> list[Event]:
    """The events before the new rows: the lower rate, and what is waived."""
    kind = OptionType.WRITE_DOWN
    events: list[Event] = []
    if rate_ppm < case.debt.rate_ppm:
        events.append(case.event(kind, 1, EventType.RATE_CHANGED, rate_ppm=rate_ppm))
    for name, component in (("penalty", PENALTY), ("compound", COMPOUND)):
        amount_minor = waived_minor[component]
        if amount_minor:
            at = len(events) + 1
            waived = case.event(
                kind, at, EventType.WAIVED, component=name, amount_minor=amount_minor
            )
            events.append(waived)
    return events


def interest_of(rows: Sequence[EventRow]) -> int:
    """Interest of rows, minor units."""
    return sum(row.amounts_minor[INTEREST] for row in rows)
