"""Due dates and interest periods: which days a row stands for, and its exact rate."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from arrears.kernel.dates import last_of_month, step
from arrears.kernel.daycount import period_fraction, year_fraction
from arrears.kernel.errors import ArrearsError
from arrears.kernel.rates import PPM
from arrears.servicing.schedule_rows import Period
from arrears.servicing.terms import BrokenPeriod, MonthEnd, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


def due_date(terms: Terms, number: int) -> date:
    """The contractual due date of row `number`, before any move off a rest day.

    Rows lie one interval apart and keep the day of disbursement, or of the first due date, clipped
    to the month's length: 31 January, 28 February, 31 March.
    """
    if terms.first_due_on is None:
        day = step(terms.disbursed_on, terms.every, terms.unit, number)
    else:
        day = step(terms.first_due_on, terms.every, terms.unit, number - 1)
    return last_of_month(day) if terms.month_end is MonthEnd.LAST_DAY else day


def due_dates(terms: Terms, count: int) -> list[date]:
    """The contractual due dates of the first `count` rows."""
    return [due_date(terms, number) for number in range(1, count + 1)]


def is_whole_period(terms: Terms, start: date, end: date) -> bool:
    """Whether `end` lies one interval after `start`, month ends counted as what they stand for."""
    after = step(start, terms.every, terms.unit, 1)
    before = step(end, -terms.every, terms.unit, 1)
    return (
        end == after
        or start == before
        or (
            terms.month_end is MonthEnd.LAST_DAY
            and end == last_of_month(after)
            and start == last_of_month(start)
        )
    )


def rate_of(terms: Terms, start: date, end: date, *, is_whole: bool) -> Fraction:
    """The contract rate for the days from `start` to `end`, exact.

    Args:
        terms: Whose annual rate and day count apply.
        start: First day.
        end: Day after the last night.
        is_whole: Whether this is one whole interval, which 30/360 and equal periods count as such.
    """
    if is_whole:
        fraction = period_fraction(
            start, end, terms.every, terms.unit, terms.day_count, terms.year_split, terms.leap_year
        )
    else:
        fraction = year_fraction(start, end, terms.day_count, terms.year_split, terms.leap_year)
    return Fraction(terms.annual_rate_ppm, PPM) * fraction


def regular_start(terms: Terms) -> date:
    """The day one interval before the first due date."""
    first = due_date(terms, 1)
    if is_whole_period(terms, terms.disbursed_on, first):
        return terms.disbursed_on
    begins = step(first, -terms.every, terms.unit, 1)
    return last_of_month(begins) if terms.month_end is MonthEnd.LAST_DAY else begins


def period_at(terms: Terms, number: int, start: date) -> Period:
    """The interest period of row `number`, which begins on `start`.

    A first period of another length counts its actual days; where the terms put the days beyond one
    interval elsewhere, the row counts the interval alone.

    Raises:
        ArrearsError: `contract.due_before_disbursement`.
    """
    due = due_date(terms, number)
    if due <= start:
        raise ArrearsError(
            "contract.due_before_disbursement",
            where=f"terms, row {number}",
            expected=f"a due date after {start}",
            got=str(due),
        )
    if number <= terms.interest_free:
        return Period(start, due, Fraction(0))
    if number > 1:
        return Period(start, due, rate_of(terms, start, due, is_whole=True))
    begins = regular_start(terms)
    if begins > start and terms.broken_period is not BrokenPeriod.FIRST_INSTALMENT:
        return Period(start, due, rate_of(terms, begins, due, is_whole=True))
    return Period(start, due, rate_of(terms, start, due, is_whole=begins == start))


def periods_of(terms: Terms, count: int) -> list[Period]:
    """The interest periods of the first `count` rows.

    Raises:
        ArrearsError: `contract.due_before_disbursement`.
    """
    periods: list[Period] = []
    start = terms.disbursed_on
    for number in range(1, count + 1):
        periods.append(period_at(terms, number, start))
        start = periods[-1].due_on
    return periods


def broken_rate(terms: Terms) -> Fraction:
    """The exact rate of the days of a first period beyond one interval; 0 where there are none."""
    begins = regular_start(terms)
    if begins <= terms.disbursed_on or terms.interest_free > 0:
        return Fraction(0)
    return rate_of(terms, terms.disbursed_on, begins, is_whole=False)


def level_share(rates: Sequence[Fraction]) -> Fraction:
    """The exact level instalment of a principal of 1 over periods of the given rates.

    All rates are put over one denominator and nothing is reduced on the way: the numerators of 600
    periods have thousands of digits, and reducing at each step would cost seconds.

    Source: annuity with a rate of its own per period: prod(1 + r_i) / f, where f folds
    f x (1 + r_i) + 1 over the periods after the first, from 1.
    """
    denominator = lcm(*(rate.denominator for rate in rates))
    growth, annuity, scale = 1, 0, 1
    for rate in rates:
        factor = denominator + rate.numerator * (denominator // rate.denominator)
        growth *= factor
        annuity = annuity * factor + scale
        scale *= denominator
    return Fraction(growth, annuity * denominator)
