"""The schedule: rows solved once, in exact arithmetic, when terms are signed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from arrears.kernel.dates import step
from arrears.kernel.daycount import period_fraction, year_fraction
from arrears.kernel.errors import ArrearsError
from arrears.kernel.rates import PPM
from arrears.kernel.rounding import round_fraction, round_to_multiple
from arrears.servicing.terms import INSTALMENTS_MAX, BrokenPeriod, FeeMode, Method, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

RESPREADS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One row (期) of a schedule as contracted; a re-plan writes new rows, never this one."""

    number: int  #: 1 for the first
    from_on: date  #: first day of its interest period
    due_on: date
    principal_minor: int  #: >= 0
    interest_minor: int  #: >= 0, rounded when the schedule was made
    fee_minor: int  #: >= 0
    balance_minor: int  #: principal left after the row

    @property
    def total_minor(self) -> int:
        """What the row asks for."""
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Period:
    """One interest period and its exact rate."""

    from_on: date
    due_on: date
    rate: Fraction  #: of the balance, for this period


def due_dates(terms: Terms, periods: int) -> list[date]:
    """The due dates: one interval apart, keeping the day of disbursement or of the first due."""
    if terms.first_due_on is not None:
        return [step(terms.first_due_on, terms.every, terms.unit, at) for at in range(periods)]
    return [step(terms.disbursed_on, terms.every, terms.unit, at + 1) for at in range(periods)]


def rate_of(terms: Terms, start: date, end: date, *, is_regular: bool) -> Fraction:
    """The contract rate for one period, exact."""
    fraction = (
        period_fraction(
            start, end, terms.every, terms.unit, terms.day_count, terms.year_split, terms.leap_year
        )
        if is_regular
        else year_fraction(start, end, terms.day_count, terms.year_split, terms.leap_year)
    )
    return Fraction(terms.annual_rate_ppm, PPM) * fraction


def regular_start(terms: Terms) -> date:
    """The day one interval before the first due date."""
    if terms.first_due_on is None:
        return terms.disbursed_on
    return step(terms.first_due_on, -terms.every, terms.unit, 1)


def periods_of(terms: Terms, count: int) -> list[Period]:
    """The interest periods; a first one of another length counts its actual days."""
    dues = due_dates(terms, count)
    periods = []
    start = terms.disbursed_on
    for at, due in enumerate(dues):
        is_regular = at > 0 or start == regular_start(terms)
        rate = rate_of(terms, start, due, is_regular=is_regular)
        if at == 0 and not is_regular and terms.broken_period is not BrokenPeriod.FIRST_INSTALMENT:
            rate = rate_of(terms, regular_start(terms), due, is_regular=True)
        if at < terms.interest_free:
            rate = Fraction(0)
        periods.append(Period(start, due, rate))
        start = due
    return periods


def level_instalment(balance_minor: int, rates: Sequence[Fraction], terms: Terms) -> int:
    """The instalment that pays a balance off over periods of the given rates, rounded.

    Source: annuity with a rate of its own per period: P x prod(1 + r_i) / f, where f folds
    f x (1 + r_i) + 1 over the periods after the first, from 1.
    """
    growth, annuity = growth_and_annuity(rates)
    exact = round_fraction(balance_minor * growth / annuity, terms.rounding)
    return to_multiple(exact, terms)


def growth_and_annuity(rates: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """prod(1 + r_i), and f; in closed form where every period has the same rate."""
    first = rates[0]
    if all(rate == first for rate in rates):
        growth = (1 + first) ** len(rates)
        return growth, Fraction(len(rates)) if first == 0 else (growth - 1) / first
    growth = Fraction(1)
    annuity = Fraction(1)
    for at, rate in enumerate(rates):
        growth *= 1 + rate
        if at > 0:
            annuity = annuity * (1 + rate) + 1
    return growth, annuity


def to_multiple(amount_minor: int, terms: Terms) -> int:
    """The amount at its multiple; one below the multiple itself stays as it is."""
    if amount_minor < terms.instalment_multiple_minor:
        return amount_minor
    return round_to_multiple(amount_minor, terms.instalment_multiple_minor, terms.multiple_mode)


def split_rows(
    balance_minor: int, periods: Sequence[Period], instalment_minor: int, terms: Terms
) -> list[Instalment]:
    """Split a fixed instalment into interest and principal; the last row takes what remains."""
    rows = []
    for at, period in enumerate(periods):
        interest = round_fraction(balance_minor * period.rate, terms.rounding)
        principal = min(max(0, instalment_minor - interest), balance_minor)
        if at == len(periods) - 1:
            principal = balance_minor
        balance_minor -= principal
        rows.append(row_of(period, principal, interest, balance_minor))
    return rows


def row_of(period: Period, principal: int, interest: int, balance: int) -> Instalment:
    """A row not yet numbered."""
    return Instalment(
        number=0,
        from_on=period.from_on,
        due_on=period.due_on,
        principal_minor=principal,
        interest_minor=interest,
        fee_minor=0,
        balance_minor=balance,
    )


def level_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """Equal instalments, spread again while the last one differs by more than half a cent a row."""
    count = len(periods)
    instalment = level_instalment(balance_minor, [each.rate for each in periods], terms)
    rows = split_rows(balance_minor, periods, instalment, terms)
    for _ in range(RESPREADS_MAX):
        difference = rows[-1].total_minor - instalment
        if abs(difference) <= count // 2:
            break
        change = round_fraction(Fraction(difference, count), terms.rounding)
        other = to_multiple(instalment + change, terms)
        tried = split_rows(balance_minor, periods, other, terms)
        if abs(tried[-1].total_minor - other) >= abs(difference):
            break
        instalment, rows = other, tried
    return rows


def grace_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """Rows of the principal's grace: interest alone."""
    return [
        row_of(
            period, 0, round_fraction(balance_minor * period.rate, terms.rounding), balance_minor
        )
        for period in periods
    ]


def equal_principal_rows(
    balance_minor: int, periods: Sequence[Period], terms: Terms
) -> list[Instalment]:
    """The same principal every row, interest on what is left; the last row takes the rest."""
    part = round_fraction(Fraction(balance_minor, len(periods)), terms.rounding)
    rows = []
    for at, period in enumerate(periods):
        interest = round_fraction(balance_minor * period.rate, terms.rounding)
        principal = balance_minor if at == len(periods) - 1 else min(part, balance_minor)
        balance_minor -= principal
        rows.append(row_of(period, principal, interest, balance_minor))
    return rows


def flat_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """Interest every row on the whole principal; the instalment goes to its multiple."""
    whole = balance_minor
    rows = []
    for at, period in enumerate(periods):
        interest = round_fraction(whole * period.rate, terms.rounding)
        even = round_fraction(Fraction(whole, len(periods)), terms.rounding) + interest
        total = round_to_multiple(even, terms.instalment_multiple_minor, terms.multiple_mode)
        principal = min(max(0, total - interest), balance_minor)
        if at == len(periods) - 1:
            principal = balance_minor
        balance_minor -= principal
        rows.append(row_of(period, principal, interest, balance_minor))
    return rows


def last_principal_rows(
    balance_minor: int, periods: Sequence[Period], terms: Terms
) -> list[Instalment]:
    """Interest every row, the principal with the last."""
    rows = grace_rows(balance_minor, periods, terms)
    rows[-1] = replace(rows[-1], principal_minor=balance_minor, balance_minor=0)
    return rows


def bullet_rows(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """One row at maturity: principal and the interest of the whole time, simple."""
    rate = sum((each.rate for each in periods), Fraction(0))
    interest = round_fraction(balance_minor * rate, terms.rounding)
    return [
        row_of(Period(periods[0].from_on, periods[-1].due_on, rate), balance_minor, interest, 0)
    ]


def fixed_instalment_rows(balance_minor: int, terms: Terms) -> list[Instalment]:
    """As many rows of the given instalment as it takes; the last takes the rest.

    Raises:
        ArrearsError: `contract.never_repaid` where the instalment does not cover the interest.
    """
    for count in range(1, INSTALMENTS_MAX + 1):
        rows = split_rows(balance_minor, periods_of(terms, count), terms.instalment_minor, terms)
        if rows[-1].total_minor <= terms.instalment_minor:
            return rows
    raise ArrearsError(
        "contract.never_repaid",
        where="terms.instalment_amount",
        expected=f"an instalment that repays within {INSTALMENTS_MAX} rows",
        got=str(terms.instalment_minor),
    )


def custom_rows(terms: Terms) -> list[Instalment]:
    """Rows as written; interest by the calendar where it is not given."""
    rows = []
    balance = terms.principal_minor
    start = terms.disbursed_on
    for row in terms.rows:
        rate = rate_of(terms, start, row.due_on, is_regular=False)
        interest = row.interest_minor
        if interest is None:
            interest = round_fraction(balance * rate, terms.rounding)
        balance -= row.principal_minor
        made = row_of(Period(start, row.due_on, rate), row.principal_minor, interest, balance)
        rows.append(replace(made, fee_minor=row.fee_minor))
        start = row.due_on
    return rows


def amortise(balance_minor: int, periods: Sequence[Period], terms: Terms) -> list[Instalment]:
    """Spread a balance over periods by the terms' method."""
    match terms.method:
        case Method.EQUAL_INSTALMENT:
            grace = terms.principal_grace
            resting = grace_rows(balance_minor, periods[:grace], terms)
            return resting + level_rows(balance_minor, periods[grace:], terms)
        case Method.EQUAL_PRINCIPAL | Method.FEE_INSTALMENT:
            grace = terms.principal_grace
            resting = grace_rows(balance_minor, periods[:grace], terms)
            return resting + equal_principal_rows(balance_minor, periods[grace:], terms)
        case Method.FLAT:
            return flat_rows(balance_minor, periods, terms)
        case Method.INTEREST_ONLY:
            return last_principal_rows(balance_minor, periods, terms)
        case Method.BULLET:
            return bullet_rows(balance_minor, periods, terms)
        case Method.CUSTOM:
            return custom_rows(terms)
    assert_never(terms.method)


def with_interest_grace(rows: list[Instalment], terms: Terms) -> list[Instalment]:
    """Move the interest of the first rows to the row after them."""
    grace = terms.interest_grace
    if grace == 0:
        return rows
    held = sum(row.interest_minor for row in rows[:grace])
    spared = [replace(row, interest_minor=0) for row in rows[:grace]]
    first = replace(rows[grace], interest_minor=rows[grace].interest_minor + held)
    return [*spared, first, *rows[grace + 1 :]]


def spread_evenly(amount_minor: int, count: int, terms: Terms) -> list[int]:
    """Whole parts of an amount, the same but for the last."""
    part = round_fraction(Fraction(amount_minor, count), terms.rounding)
    parts = [min(part, amount_minor)] * (count - 1)
    return [*parts, amount_minor - sum(parts)]


def upfront_row(terms: Terms, *, principal: int, interest: int, fee: int) -> Instalment:
    """A row due on the day of disbursement."""
    day = terms.disbursed_on
    row = row_of(Period(day, day, Fraction(0)), principal, interest, 0)
    return replace(row, fee_minor=fee, balance_minor=terms.principal_minor - principal)


def broken_interest(balance_minor: int, terms: Terms) -> int:
    """What the first period's actual days cost beyond a regular period."""
    if terms.first_due_on is None or terms.first_due_on == step(
        terms.disbursed_on, terms.every, terms.unit, 1
    ):
        return 0
    odd = rate_of(terms, terms.disbursed_on, regular_start(terms), is_regular=False)
    return round_fraction(balance_minor * odd, terms.rounding)


def with_broken_period(
    rows: list[Instalment], balance_minor: int, terms: Terms
) -> tuple[list[Instalment], int]:
    """Spread a broken first period's interest, or return it to be due up front."""
    if terms.broken_period is BrokenPeriod.FIRST_INSTALMENT:
        return rows, 0
    odd = broken_interest(balance_minor, terms)
    if terms.broken_period is BrokenPeriod.UPFRONT:
        return rows, odd
    parts = spread_evenly(odd, len(rows), terms)
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
    parts = spread_evenly(fee, len(rows), terms)
    return [
        replace(row, fee_minor=row.fee_minor + part) for row, part in zip(rows, parts, strict=True)
    ], 0


def numbered(rows: Sequence[Instalment]) -> tuple[Instalment, ...]:
    """Number rows from 1."""
    return tuple(replace(row, number=at) for at, row in enumerate(rows, start=1))


def solve_schedule(terms: Terms) -> tuple[Instalment, ...]:
    """Solve the schedule of signed terms.

    Args:
        terms: As signed; `tranches` are laid over the first schedule from their own day on.

    Returns:
        Rows by due date; principal sums exactly to what is lent, the balance ends at 0.

    Rounding:
        Each row on its own, by the terms' mode; the last row takes what remains.

    Raises:
        ArrearsError: `contract.never_repaid`.
    """
    down = round_fraction(
        Fraction(terms.principal_minor * terms.down_payment_ppm, PPM), terms.rounding
    )
    balance = terms.principal_minor - down
    if terms.instalment_minor > 0:
        rows = fixed_instalment_rows(balance, terms)
    else:
        rows = amortise(balance, periods_of(terms, terms.instalments), terms)
    rows = with_interest_grace(rows, terms)
    for tranche in terms.tranches:
        rows = with_tranche(rows, tranche.on, tranche.amount_minor, terms)
    rows, odd = with_broken_period(rows, balance, terms)
    rows, fee = with_fee(rows, terms)
    if down + odd + fee > 0:
        rows = [upfront_row(terms, principal=down, interest=odd, fee=fee), *rows]
    return numbered(rows)


def with_tranche(
    rows: list[Instalment], on: date, amount_minor: int, terms: Terms
) -> list[Instalment]:
    """Lay a later tranche over a schedule: rows due after its day are solved again."""
    done = [row for row in rows if row.due_on <= on]
    left = [row for row in rows if row.due_on > on]
    if not left:
        raise ArrearsError(
            "contract.tranche_after_last_due",
            where="terms.tranches",
            expected=f"a day before {rows[-1].due_on}",
            got=str(on),
        )
    before = sum(row.principal_minor for row in left)
    return done + list(
        solve_remaining(
            before, left[0].from_on, [row.due_on for row in left], terms, (on, amount_minor)
        )
    )


def solve_remaining(
    balance_minor: int,
    from_on: date,
    dues: Sequence[date],
    terms: Terms,
    added: tuple[date, int] | None = None,
) -> tuple[Instalment, ...]:
    """Solve equal instalments (or the terms' method) for what is left of a contract.

    Args:
        balance_minor: Principal on `from_on`.
        from_on: First day of the first period.
        dues: Due dates to come, ascending.
        terms: Whose method, rate, day count and rounding apply.
        added: A day within the first period and principal added on it.

    Returns:
        Rows not numbered (0); the first bears interest on both balances of its period.
    """
    periods = []
    start = from_on
    for due in dues:
        is_regular = step(start, terms.every, terms.unit, 1) == due
        periods.append(Period(start, due, rate_of(terms, start, due, is_regular=is_regular)))
        start = due
    if added is None:
        return tuple(amortise(balance_minor, periods, terms))
    on, amount = added
    whole = balance_minor + amount
    part = year_fraction(from_on, on, terms.day_count) / year_fraction(
        from_on, dues[0], terms.day_count
    )
    share = part * Fraction(balance_minor, whole) + (1 - part)
    periods[0] = replace(periods[0], rate=periods[0].rate * share)
    return tuple(amortise(whole, periods, terms))
