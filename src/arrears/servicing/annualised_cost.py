"""The annualised cost of dated cash flows: US actuarial, EU, and nominal IRR; exact but for one root.

The root is found in 50-digit decimals within a bracket that at least halves each time; no float
takes part. Why each formula counts days as it does: docs/reference/annualised-cost.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum, unique
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from arrears.kernel.dates import Unit, add_months
from arrears.kernel.errors import ArrearsError, invariant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from arrears.servicing.schedule import Instalment
    from arrears.servicing.terms import Terms

DIGITS = 50
STEPS_MAX = 200
NEAR_ENOUGH = Decimal("1e-24")
#: A rate a period beyond which the flows are taken for a mistake; a 1,000 % loan by the day has an
#: effective annual rate of some 20,000.
RATE_MAX = 10**9
MONTH_DAYS = 30
HALF_MONTH_DAYS = 15
YEAR_DAYS = 365
YEAR_WEEKS = 52
YEAR_MONTHS = 12
WEEK_DAYS = 7


@unique
class CostMethod(StrEnum):
    """Which formula."""

    US_ACTUARIAL = "us_actuarial"  #: 12 CFR 1026 Appendix J
    EU = "eu"  #: Directive 2008/48/EC Annex I
    IRR_NOMINAL = "irr_nominal"  #: periodic IRR x periods a year (PBOC Notice 2021 No. 3)


@unique
class PeriodUnit(StrEnum):
    """The unit-period: months, weeks, days, or half months (the 1st and the 16th)."""

    DAYS = "days"
    WEEKS = "weeks"
    HALF_MONTHS = "half_months"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money on a day, minor units >= 0."""

    on: date
    amount_minor: int


def months_back(later: date, earlier: date) -> tuple[int, int]:
    """Whole months counted back from `later` that do not pass `earlier`, and the odd days before.

    A day clipped to its month's end is whole months too: from 31 January to 28 February is one.
    """
    months = (later.year - earlier.year) * YEAR_MONTHS + later.month - earlier.month
    if add_months(earlier, months) == later:
        return months, 0
    while add_months(later, -months) < earlier:
        months -= 1
    return months, (add_months(later, -months) - earlier).days


def unit_periods(start: date, end: date, unit: PeriodUnit, every: int) -> tuple[int, Fraction]:
    """Whole unit-periods and the odd fraction between two dates, counted back from the later.

    A unit-period of several months counts its odd part as whole months x 30 + days, over 30 x
    months; of weeks, over days.

    Source: 12 CFR 1026 Appendix J (b)(5); several months: the example of (c)(4)(ii).
    """
    if unit is PeriodUnit.MONTHS:
        months, days = months_back(end, start)
        odd = Fraction((months % every) * MONTH_DAYS + days, MONTH_DAYS * every)
        return months // every, odd
    if unit is PeriodUnit.HALF_MONTHS:
        months, days = months_back(end, start)
        return 2 * months + days // HALF_MONTH_DAYS, Fraction(
            days % HALF_MONTH_DAYS, HALF_MONTH_DAYS
        )
    length = every * (WEEK_DAYS if unit is PeriodUnit.WEEKS else 1)
    days = (end - start).days
    return days // length, Fraction(days % length, length)


def periods_a_year(unit: PeriodUnit, every: int) -> Fraction:
    """Unit-periods in a year."""
    in_year = {
        PeriodUnit.MONTHS: YEAR_MONTHS,
        PeriodUnit.HALF_MONTHS: 2 * YEAR_MONTHS,
        PeriodUnit.WEEKS: YEAR_WEEKS,
        PeriodUnit.DAYS: YEAR_DAYS,
    }[unit]
    return Fraction(in_year, every)


def as_decimal(value: Fraction) -> Decimal:
    """A fraction to the working precision."""
    return Decimal(value.numerator) / Decimal(value.denominator)


@dataclass(frozen=True, slots=True)
class Flow:
    """A signed amount and its distance from the first advance, as a formula counts it."""

    steps: int  #: whole steps of compounding
    odd: Decimal  #: a fraction of a unit-period at simple interest after them
    amount_minor: int  #: payments above 0, advances below


@dataclass(frozen=True, slots=True)
class Flows:
    """Dated flows made ready for one formula: what is left is a function of the rate alone."""

    flows: tuple[Flow, ...]  #: by steps
    steps_a_unit: int  #: steps of compounding that make the period of the rate

    def excess(self, rate: Decimal) -> Decimal:
        """Present value of payments less advances at a rate a period, in minor units."""
        step = 1 / (1 + rate)
        if self.steps_a_unit > 1:
            step **= Decimal(1) / self.steps_a_unit
        jumps: dict[int, Decimal] = {}
        odds: dict[Decimal, Decimal] = {}
        total, factor, at = Decimal(0), Decimal(1), 0
        for flow in self.flows:
            jump = flow.steps - at
            if jump not in jumps:
                jumps[jump] = step**jump
            if flow.odd not in odds:
                odds[flow.odd] = 1 + flow.odd * rate
            factor *= jumps[jump]
            at = flow.steps
            total += flow.amount_minor * factor / odds[flow.odd]
        return total


def root(excess: Callable[[Decimal], Decimal]) -> Decimal:
    """The rate at which a function that begins at or above 0 crosses 0.

    Source: Ridders' method: false position on the function times an exponential that makes its three
    values lie on a line; the bracket at least halves, and digits double near the root.

    Raises:
        ArrearsError: `apr.no_rate` where there is none from 0 to 10^9 a period.
    """
    low, high = Decimal(0), Decimal(1)
    above, below = excess(low), excess(high)
    if above < 0:
        raise no_rate("payments worth less than the advances")
    while below > 0:
        low, above = high, below
        high *= 2
        if high > RATE_MAX:
            raise no_rate(f"payments that ask for more than {RATE_MAX} a period")
        below = excess(high)
    if above == 0:
        return low
    for _ in range(STEPS_MAX):
        if below == 0 or high - low < NEAR_ENOUGH:
            break
        middle = (low + high) / 2
        between = excess(middle)
        guess = middle + (middle - low) * between / (between * between - above * below).sqrt()
        value = excess(guess)
        points = sorted([(low, above), (middle, between), (guess, value), (high, below)])
        low, above = max(point for point in points if point[1] >= 0)
        high, below = min(point for point in points if point[1] <= 0 and point[0] >= low)
    return high if below == 0 else (low + high) / 2


def no_rate(got: str) -> ArrearsError:
    """The error of cash flows without an annual rate."""
    return ArrearsError(
        "apr.no_rate", where="cash flows", expected="payments that repay the advances", got=got
    )


def check_flows(advances: Sequence[CashFlow], payments: Sequence[CashFlow]) -> date:
    """The first advance's day, once the flows make sense.

    Raises:
        ArrearsError: `apr.no_rate`.
    """
    if not advances or not payments:
        raise no_rate("no advances" if not advances else "no payments")
    start = min(flow.on for flow in advances)
    if min(flow.on for flow in payments) < start:
        raise no_rate("a payment before the first advance")
    return start


def in_steps(
    dated: Sequence[tuple[Fraction, Fraction, int]],
) -> Flows:
    """Flows (distance compounded, distance at simple interest, signed amount) over whole steps."""
    steps_a_unit = lcm(*(distance.denominator for distance, _, _ in dated))
    flows = [
        Flow(int(distance * steps_a_unit), as_decimal(odd), amount)
        for distance, odd, amount in dated
    ]
    return Flows(tuple(sorted(flows, key=lambda flow: flow.steps)), steps_a_unit)


def signed(advances: Sequence[CashFlow], payments: Sequence[CashFlow]) -> list[CashFlow]:
    """All flows in one list, advances below 0."""
    return [*(CashFlow(each.on, -each.amount_minor) for each in advances), *payments]


def periodic_rate(
    advances: Sequence[CashFlow],
    payments: Sequence[CashFlow],
    unit: PeriodUnit,
    every: int,
    *,
    is_simple: bool,
) -> Decimal:
    """Rate a unit-period x unit-periods a year.

    Args:
        advances: What the borrower receives.
        payments: What the borrower pays.
        unit: The unit-period's unit.
        every: How many of it make one.
        is_simple: The odd fraction of a unit-period bears simple interest (US actuarial) rather
            than compound (IRR).
    """
    start = check_flows(advances, payments)
    dated = []
    for flow in signed(advances, payments):
        whole, odd = unit_periods(start, flow.on, unit, every)
        distance = Fraction(whole) if is_simple else whole + odd
        dated.append((distance, odd if is_simple else Fraction(0), flow.amount_minor))
    return root(in_steps(dated).excess) * as_decimal(periods_a_year(unit, every))


def years_between(start: date, end: date, unit: PeriodUnit) -> Fraction:
    """Years as the EU directive counts them: whole months of 1/12, weeks of 1/52, else days / 365.

    Source: Directive 2008/48/EC Annex I, remark (c). Where the caller counts in months and the
    interval is whole months, it is months / 12; counted in days it is days / 365, also in a leap
    year, which is the calendar basis of Directive 98/7/EC Annex III A.
    """
    if unit is PeriodUnit.MONTHS:
        months, days = months_back(end, start)
        return Fraction(months, YEAR_MONTHS) + Fraction(days, YEAR_DAYS)
    days = (end - start).days
    if unit is PeriodUnit.WEEKS and days % WEEK_DAYS == 0:
        return Fraction(days // WEEK_DAYS, YEAR_WEEKS)
    return Fraction(days, YEAR_DAYS)


def eu_rate(
    advances: Sequence[CashFlow], payments: Sequence[CashFlow], unit: PeriodUnit
) -> Decimal:
    """The effective annual rate X: sum C (1+X)^-t = sum D (1+X)^-s."""
    start = check_flows(advances, payments)
    dated = [
        (years_between(start, flow.on, unit), Fraction(0), flow.amount_minor)
        for flow in signed(advances, payments)
    ]
    return root(in_steps(dated).excess)


def annual_rate(
    method: CostMethod,
    advances: Sequence[CashFlow],
    payments: Sequence[CashFlow],
    unit: PeriodUnit,
    every: int,
) -> Decimal:
    """The annual rate of cash flows, 1 = 100 %, to 12 decimals.

    Args:
        method: Which formula.
        advances: What the borrower receives.
        payments: What the borrower pays.
        unit: The unit-period the formula counts in.
        every: How many of it make one period.

    Raises:
        ArrearsError: `apr.no_rate`.
    """
    with localcontext() as context:
        context.prec = DIGITS
        if method is CostMethod.EU:
            found = eu_rate(advances, payments, unit)
        else:
            is_simple = method is CostMethod.US_ACTUARIAL
            found = periodic_rate(advances, payments, unit, every, is_simple=is_simple)
        return found.quantize(Decimal("1e-12"))


def flows_of(
    terms: Terms, rows: Sequence[Instalment]
) -> tuple[tuple[CashFlow, ...], tuple[CashFlow, ...]]:
    """Advances (less what is due on their own day) and payments of a schedule."""
    due_at_once = sum(row.total_minor for row in rows if row.due_on == terms.disbursed_on)
    advances = [CashFlow(terms.disbursed_on, terms.principal_minor - due_at_once)]
    advances += [CashFlow(each.on, each.amount_minor) for each in terms.tranches]
    payments = [CashFlow(row.due_on, row.total_minor) for row in rows]
    return tuple(advances), tuple(
        flow for flow in payments if flow.on > terms.disbursed_on and flow.amount_minor > 0
    )


def annualised_cost(terms: Terms, rows: Sequence[Instalment]) -> dict[CostMethod, Decimal | None]:
    """The annual rate of a schedule by every method, 1 = 100 %, to 12 decimals.

    None where a rate would lie beyond 10^9: a few cents lent for a day at a fee have an effective
    annual rate of dozens of digits, which tells nobody anything and makes no schedule wrong.
    """
    unit = {
        Unit.DAYS: PeriodUnit.DAYS,
        Unit.WEEKS: PeriodUnit.WEEKS,
        Unit.MONTHS: PeriodUnit.MONTHS,
    }
    advances, payments = flows_of(terms, rows)
    found: dict[CostMethod, Decimal | None] = {}
    for method in CostMethod:
        try:
            found[method] = annual_rate(method, advances, payments, unit[terms.unit], terms.every)
        except ArrearsError as error:
            invariant(error.code == "apr.no_rate", "annualised_cost.failed", code=error.code)
            found[method] = None
    return found
