"""The schedule: rows solved once, in exact arithmetic, when terms are signed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from arrears.kernel.calendar import BusinessDay, BusinessDayConvention, adjust
from arrears.kernel.daycount import year_fraction
from arrears.kernel.errors import ArrearsError, invariant
from arrears.kernel.money import format_minor
from arrears.kernel.rates import PPM
from arrears.kernel.rounding import round_fraction
from arrears.servicing.schedule_methods import (
    amortise,
    fixed_instalment_rows,
    level_instalment,
    level_rows,
)
from arrears.servicing.schedule_periods import (
    broken_rate,
    due_dates,
    is_whole_period,
    periods_of,
    rate_of,
)
from arrears.servicing.schedule_rows import Instalment, Period, row_of, spread_evenly
from arrears.servicing.terms import BrokenPeriod, FeeMode, Method, Terms, Tranche, out_of_bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

__all__ = [
    "Instalment",
    "Period",
    "due_dates",
    "level_instalment",
    "level_rows",
    "periods_of",
    "solve_remaining",
    "solve_schedule",
]


def with_interest_grace(rows: list[Instalment], terms: Terms) -> list[Instalment]:
    """Move the interest of the first rows to the row after them."""
    grace = terms.interest_grace
    if grace == 0:
        return rows
    held = sum(row.interest_minor for row in rows[:grace])
    spared = [replace(row, interest_minor=0) for row in rows[:grace]]
    first = replace(rows[grace], interest_minor=rows[grace].interest_minor + held)
    return [*spared, first, *rows[grace + 1 :]]


def with_tranches(
    rows: list[Instalment], periods: Sequence[Period], terms: Terms
) -> list[Instalment]:
    """Lay later tranches over a schedule: from the row a tranche falls into, rows are solved again.

    Raises:
        ArrearsError: `contract.tranche_after_last_due`.
    """
    left = list(terms.tranches)
    while left:
        done = sum(1 for row in rows if row.due_on <= left[0].on)
        if done == len(rows):
            raise ArrearsError(
                "contract.tranche_after_last_due",
                where="terms.tranches",
                expected=f"a day before {rows[-1].due_on}",
                got=str(left[0].on),
            )
        together = [each for each in left if each.on < rows[done].due_on]
        left = left[len(together) :]
        # A bullet has one row over all its periods, so its tranches share the whole of them.
        ahead = periods if terms.method is Method.BULLET else periods[done:]
        rows = rows[:done] + with_added(rows[done:], ahead, together, terms, done)
    return rows


def with_added(
    rows: list[Instalment],
    periods: Sequence[Period],
    added: Sequence[Tranche],
    terms: Terms,
    done: int,
) -> list[Instalment]:
    """Solve rows again with principal added within the first of them.

    Args:
        rows: Not yet due.
        periods: What they stand for.
        added: Tranches within the first row's days, in the order of their days.
        terms: Whose method applies; a flat rate bears on each tranche as a loan of its own.
        done: Rows before these.
    """
    grace = max(0, terms.principal_grace - done)
    before = sum(row.principal_minor for row in rows)
    if terms.method is Method.FLAT:
        for tranche in added:
            share = 1 - elapsed(periods[0], tranche.on, terms)
            first = replace(periods[0], rate=periods[0].rate * share)
            alone = amortise(tranche.amount_minor, [first, *periods[1:]], terms, grace=grace)
            rows = [sum_of(one, other) for one, other in zip(rows, alone, strict=True)]
        return rows
    whole = before + sum(each.amount_minor for each in added)
    if terms.method is Method.BULLET:
        span = Period(
            periods[0].from_on,
            periods[-1].due_on,
            sum((each.rate for each in periods), Fraction(0)),
        )
        periods = [span]
    borne = Fraction(before)
    for tranche in added:
        borne += tranche.amount_minor * (1 - elapsed(periods[0], tranche.on, terms))
    first = replace(periods[0], rate=periods[0].rate * borne / whole)
    return amortise(whole, [first, *periods[1:]], terms, grace=grace)


def elapsed(period: Period, on: date, terms: Terms) -> Fraction:
    """The share of a period that has passed on a day, by the calendar of the contract's day count."""
    passed = year_fraction(period.from_on, on, terms.day_count, terms.year_split, terms.leap_year)
    whole = year_fraction(
        period.from_on, period.due_on, terms.day_count, terms.year_split, terms.leap_year
    )
    return min(Fraction(1), passed / whole) if whole else Fraction(0)


def sum_of(one: Instalment, other: Instalment) -> Instalment:
    """Two rows of the same days as one."""
    return replace(
        one,
        principal_minor=one.principal_minor + other.principal_minor,
        interest_minor=one.interest_minor + other.interest_minor,
        balance_minor=one.balance_minor + other.balance_minor,
    )


def with_broken_period(
    rows: list[Instalment], balance_minor: int, terms: Terms
) -> tuple[list[Instalment], int]:
    """Spread the interest of a first period's days beyond one interval, or return it, due up front."""
    if terms.broken_period in (BrokenPeriod.FIRST_INSTALMENT, BrokenPeriod.NONE):
        return rows, 0
    odd = round_fraction(balance_minor * broken_rate(terms), terms.rounding)
    if terms.broken_period is BrokenPeriod.UPFRONT:
        return rows, odd
    parts = spread_evenly(odd, len(rows), terms.rounding)
    return [
        replace(row, interest_minor=row.interest_minor + part)
        for row, part in zip(rows, parts, strict=True)
    ], 0


def with_fee(rows: list[Instalment], terms: Terms) -> tuple[list[Instalment], int]:
    """Spread the fee over the rows, or return it to be due up front."""
    of_principal = Fraction(terms.principal_minor * terms.fee_rate_ppm, PPM)
    fee = terms.fee_minor + round_fraction(of_principal, terms.rounding)
    if fee == 0 or terms.fee_mode is FeeMode.UP_FRONT:
        return rows, fee
    parts = spread_evenly(fee, len(rows), terms.rounding)
    return [
        replace(row, fee_minor=row.fee_minor + part) for row, part in zip(rows, parts, strict=True)
    ], 0


def up_front_rows(terms: Terms, *, principal: int, interest: int, fee: int) -> list[Instalment]:
    """What is due on the day of disbursement, as one row; none where nothing is.

    Raises:
        ArrearsError: `contract.term_out_of_bounds` where it is all that is paid out, or more.
    """
    due_at_once = principal + interest + fee
    if due_at_once == 0:
        return []
    if due_at_once >= terms.principal_minor:
        most = format_minor(terms.principal_minor - 1, terms.currency)
        raise out_of_bounds(
            "fee" if fee >= terms.principal_minor else "down_payment",
            f"at most {most} due on the day of disbursement",
            format_minor(due_at_once, terms.currency),
        )
    day = Period(terms.disbursed_on, terms.disbursed_on, Fraction(0))
    row = row_of(day, principal, interest, terms.principal_minor - principal)
    return [replace(row, fee_minor=fee)]


def with_business_days(rows: list[Instalment], terms: Terms) -> list[Instalment]:
    """Move due dates off rest days; amounts stay, for they stand for the contractual days.

    Raises:
        ArrearsError: `contract.term_out_of_bounds` where two rows would fall on one day.
    """
    if terms.business_day_convention is BusinessDayConvention.NONE:
        return rows
    calendar = terms.calendar
    if calendar is None:
        raise ArrearsError(
            "terms.no_calendar",
            where="terms.business_day_convention",
            expected="none",
            got=terms.business_day_convention.value,
        )
    start = BusinessDay(terms.disbursed_on, is_provisional=False)
    days = [start, *(adjust(row.due_on, terms.business_day_convention, calendar) for row in rows)]
    moved = []
    for row, (begins, due) in zip(rows, pairwise(days), strict=True):
        if due.on <= begins.on:
            raise out_of_bounds(
                "business_day_convention",
                "an interval that leaves each row a workday of its own",
                f"two due dates on {due.on}",
            )
        moved.append(
            replace(row, from_on=begins.on, due_on=due.on, is_provisional=due.is_provisional)
        )
    return moved


def numbered(rows: Sequence[Instalment]) -> tuple[Instalment, ...]:
    """Number rows from 1."""
    return tuple(replace(row, number=at) for at, row in enumerate(rows, start=1))


def solve_schedule(terms: Terms) -> tuple[Instalment, ...]:
    """Solve the schedule of signed terms.

    Args:
        terms: As signed; `tranches` are laid over the first schedule from their own day on.

    Returns:
        Rows by due date; principal sums exactly to what is lent, the balance ends at 0, nothing is
        below 0.

    Rounding:
        Each row on its own, by the terms' mode; the last row takes what remains.

    Raises:
        ArrearsError: `contract.never_repaid`, `contract.tranche_after_last_due`,
            `contract.due_before_disbursement`, `contract.term_out_of_bounds`, `terms.no_calendar`.
    """
    share = Fraction(terms.principal_minor * terms.down_payment_ppm, PPM)
    down = round_fraction(share, terms.rounding)
    balance = terms.principal_minor - down
    if terms.instalment_minor > 0:
        rows = fixed_instalment_rows(balance, terms)
    else:
        periods = [] if terms.method is Method.CUSTOM else periods_of(terms, terms.instalments)
        rows = amortise(balance, periods, terms, grace=terms.principal_grace)
        rows = with_tranches(rows, periods, terms)
    rows = with_interest_grace(rows, terms)
    rows, odd = with_broken_period(rows, balance, terms)
    rows, fee = with_fee(rows, terms)
    rows = with_business_days(rows, terms)
    solved = numbered([*up_front_rows(terms, principal=down, interest=odd, fee=fee), *rows])
    lent = terms.principal_minor + sum(each.amount_minor for each in terms.tranches)
    principal = sum(row.principal_minor for row in solved)
    invariant(principal == lent, "schedule.principal_does_not_sum", lent=lent, principal=principal)
    invariant(solved[-1].balance_minor == 0, "schedule.balance_left", row=solved[-1])
    return solved


def solve_remaining(
    balance_minor: int,
    from_on: date,
    dues: Sequence[date],
    annual_rate_ppm: int,
    terms: Terms,
    *,
    grace: int = 0,
) -> tuple[Instalment, ...]:
    """Solve what is left of a contract anew: for a re-plan, or a rate that changed.

    Args:
        balance_minor: Principal on `from_on`, > 0.
        from_on: First day of the first period.
        dues: Due dates to come, ascending, after `from_on`.
        annual_rate_ppm: The rate from `from_on` on.
        terms: Whose method, day count and rounding apply; the contract's own graces are over.
        grace: First rows without principal, fewer than there are; of a method that spreads it.

    Returns:
        Rows numbered from 1.
    """
    changed = replace(terms, annual_rate_ppm=annual_rate_ppm)
    periods = []
    start = from_on
    for due in dues:
        is_whole = is_whole_period(changed, start, due)
        periods.append(Period(start, due, rate_of(changed, start, due, is_whole=is_whole)))
        start = due
    return numbered(amortise(balance_minor, periods, changed, grace=grace))
