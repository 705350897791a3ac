"""How a balance is spread over periods: one function a method, each row rounded on its own."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, assert_never

from arrears.kernel.dates import Unit, steps_within
from arrears.kernel.daycount import YEAR_DAYS, YEAR_MONTHS, YEAR_WEEKS
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor
from arrears.kernel.rates import PPM
from arrears.kernel.rounding import MultipleMode, round_fraction, round_to_multiple
from arrears.servicing.schedule_periods import level_share, period_at, rate_of
from arrears.servicing.schedule_rows import Instalment, Period, row_of, spread_evenly
from arrears.servicing.terms import INSTALMENTS_MAX, InstalmentBasis, Method, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

RESPREADS_MAX = 3
UNITS_A_YEAR = {Unit.MONTHS: YEAR_MONTHS, Unit.WEEKS: YEAR_WEEKS, Unit.DAYS: YEAR_DAYS}


def to_multiple(amount_minor: int, terms: Terms) -> int:
    """The amount at its multiple; one below the multiple itself stays as it is."""
    if amount_minor < terms.instalment_multiple_minor:
        return amount_minor
    return round_to_multiple(amount_minor, terms.instalment_multiple_minor, terms.multiple_mode)


def level_instalment(balance_minor: int, rates: Sequence[Fraction], terms: Terms) -> int:
    """The instalment that pays a balance off over periods of the given rates.

    Rounding:
        By the terms' mode to whole minor units, then to the terms' multiple.
    """
    return to_multiple(round_fraction(balance_minor * level_share(rates), terms.rounding), terms)


def split_instalment(
    balance_minor: int, period: Period, instalment_minor: int, terms: Terms, *, is_last: bool
) -> Instalment:
    """One row of a given instalment: interest first, principal the rest; the last takes all."""
    interest = period.interest_on(balance_minor, terms.rounding)
    principal = min(max(0, instalment_minor - interest), balance_minor)
    if is_last:
        principal = balance_minor
    return row_of(period, principal, interest, balance_minor - principal)


def split_rows(
    balance_minor: int, periods: Sequence[Period], instalment_minor: int, terms: Terms
) -> list[Instalment]:
    """Rows of a given instalment; the last one takes what remains."""
    rows: list[Instalment] = []
    for at, period in enumerate(periods, start=1):
        row = split_instalment(
            balance_minor, period, instalment_minor, terms, is_last=at == len(periods)
        )
        balance_minor = row.balance_minor
        rows.append(row)
    return rows


def rest_after(
    balance_minor: int, periods: Sequence[Period], instalment_minor: int, terms: Terms
) -> int:
    """By how much the last instalment would differ from the others, signed, minor units.

    Counted without the bounds that rows have: an instalment too high for the balance shows as a
    negative rest, and not as rows of nothing at the end.
    """
    for period in periods[:-1]:
        balance_minor -= instalment_minor - period.interest_on(balance_minor, terms.rounding)
    return balance_minor + periods[-1].interest_on(balance_minor, terms.rounding) - instalment_minor


def level_rates(periods: Sequence[Period], terms: Terms) -> list[Fraction]:
    """The rates a level instalment is solved from, one a period."""
    if terms.instalment_basis is InstalmentBasis.PERIODS:
        return [each.rate for each in periods]
    rate = Fraction(terms.annual_rate_ppm * terms.every, PPM * UNITS_A_YEAR[terms.unit])
    return [rate] * len(periods)


def level_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """Equal instalments, spread again while the last one differs by more than half a cent a row.

    Rounding every row leaves a rest in the last one. While it exceeds half a minor unit a row, the
    instalment is moved by its even share; the move is kept only if the rest shrinks, and is tried
    three times at most. An instalment taken up to a multiple, or solved from equal periods, is the
    contract's own figure and stays.
    """
    rows_count = len(periods)
    instalment = level_instalment(balance_minor, level_rates(periods, terms), terms)
    is_taken_up = terms.multiple_mode is MultipleMode.UP and terms.instalment_multiple_minor > 1
    if is_taken_up or terms.instalment_basis is InstalmentBasis.EQUAL_PERIODS:
        return split_rows(balance_minor, periods, instalment, terms)
    rest = rest_after(balance_minor, periods, instalment, terms)
    for _ in range(RESPREADS_MAX):
        if abs(rest) <= rows_count // 2:
            break
        change = round_fraction(Fraction(rest, rows_count), terms.rounding)
        other = to_multiple(max(0, instalment + change), terms)
        rest_then = rest_after(balance_minor, periods, other, terms)
        if abs(rest_then) >= abs(rest):
            break
        instalment, rest = other, rest_then
    return split_rows(balance_minor, periods, instalment, terms)


def interest_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """Rows of interest alone."""
    return [
        row_of(period, 0, period.interest_on(balance_minor, terms.rounding), balance_minor)
        for period in periods
    ]


def equal_principal_rows(
    balance_minor: int, periods: Sequence[Period], terms: Terms
) -> list[Instalment]:
    """The same principal every row, interest on what is left; the last row takes the rest."""
    rows = []
    for period, principal in zip(
        periods, spread_evenly(balance_minor, len(periods), terms.rounding), strict=True
    ):
        interest = period.interest_on(balance_minor, terms.rounding)
        balance_minor -= principal
        rows.append(row_of(period, principal, interest, balance_minor))
    return rows


def flat_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """Interest every row on the whole principal; the instalment goes to its multiple."""
    whole = balance_minor
    rows = []
    for at, period in enumerate(periods, start=1):
        interest = period.interest_on(whole, terms.rounding)
        even = round_fraction(Fraction(whole, len(periods)), terms.rounding) + interest
        total = to_multiple(even, terms)
        principal = min(max(0, total - interest), balance_minor)
        if at == len(periods):
            principal = balance_minor
        balance_minor -= principal
        rows.append(row_of(period, principal, interest, balance_minor))
    return rows


def last_principal_rows(
    balance_minor: int, periods: Sequence[Period], terms: Terms
) -> list[Instalment]:
    """Interest every row, the principal with the last."""
    rows = interest_rows(balance_minor, periods, terms)
    rows[-1] = replace(rows[-1], principal_minor=balance_minor, balance_minor=0)
    return rows


def bullet_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """One row at maturity: principal and the interest of the whole time, simple."""
    rate = sum((each.rate for each in periods), Fraction(0))
    whole = Period(periods[0].from_on, periods[-1].due_on, rate)
    return [row_of(whole, balance_minor, whole.interest_on(balance_minor, terms.rounding), 0)]


def amortise(
    balance_minor: int, periods: Sequence[Period], terms: Terms, *, grace: int = 0
) -> list[Instalment]:
    """Spread a balance over periods by the terms' method.

    Args:
        balance_minor: Principal at the start of the first period, > 0.
        periods: At least one, and more than `grace`.
        terms: Whose method, rounding and multiple apply.
        grace: First rows without principal.

    Returns:
        Rows not yet numbered; their principal sums to `balance_minor`.
    """
    resting = interest_rows(balance_minor, periods[:grace], terms)
    paying = periods[grace:]
    match terms.method:
        case Method.EQUAL_INSTALMENT:
            return resting + level_rows(balance_minor, paying, terms)
        case Method.EQUAL_PRINCIPAL | Method.FEE_INSTALMENT:
            return resting + equal_principal_rows(balance_minor, paying, terms)
        case Method.FLAT:
            return resting + flat_rows(balance_minor, paying, terms)
        case Method.INTEREST_ONLY:
            return last_principal_rows(balance_minor, periods, terms)
        case Method.BULLET:
            return bullet_rows(balance_minor, periods, terms)
        case Method.CUSTOM:
            return custom_rows(terms)
    assert_never(terms.method)


def fixed_instalment_rows(balance_minor: int, terms: Terms) -> list[Instalment]:
    """As many rows of the given instalment as it takes; the last takes the rest.

    Raises:
        ArrearsError: `contract.never_repaid` where the instalment does not cover the interest, or
            takes more rows than a contract may have.
    """
    start = terms.first_due_on or terms.disbursed_on
    most = min(INSTALMENTS_MAX, steps_within(start, terms.every, terms.unit))
    rows: list[Instalment] = []
    begins = terms.disbursed_on
    for number in count(1):
        if number > most:
            break
        period = period_at(terms, number, begins)
        row = split_instalment(balance_minor, period, terms.instalment_minor, terms, is_last=False)
        rows.append(row)
        if row.balance_minor == 0:
            return rows
        balance_minor, begins = row.balance_minor, row.due_on
    raise ArrearsError(
        "contract.never_repaid",
        where="terms.instalment_amount",
        expected=f"an instalment that repays within {most} rows",
        got=format_minor(terms.instalment_minor, terms.currency),
    )


def custom_rows(terms: Terms) -> list[Instalment]:
    """Rows as written; interest by the calendar where it is not given."""
    rows = []
    balance = terms.principal_minor
    start = terms.disbursed_on
    for written in terms.rows:
        rate = rate_of(terms, start, written.due_on, is_whole=False)
        period = Period(start, written.due_on, rate)
        interest = written.interest_minor
        if interest is None:
            interest = period.interest_on(balance, terms.rounding)
        balance -= written.principal_minor
        row = row_of(period, written.principal_minor, interest, balance)
        rows.append(replace(row, fee_minor=written.fee_minor))
        start = written.due_on
    return rows
