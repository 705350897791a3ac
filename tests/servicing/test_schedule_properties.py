"""Schedules: what holds for any terms that can be signed, whatever the method."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from arrears.kernel.dates import Unit, step
from arrears.kernel.daycount import DayCount, LeapYear, YearSplit
from arrears.kernel.errors import ArrearsError
from arrears.kernel.rounding import Rounding
from arrears.servicing.schedule import (
    Instalment,
    due_dates,
    level_instalment,
    periods_of,
    solve_remaining,
    solve_schedule,
)
from arrears.servicing.schedule_periods import level_share
from arrears.servicing.terms import BrokenPeriod, FeeMode, Method, Terms, Tranche, read_terms

INTEREST_BEARING = (
    Method.EQUAL_INSTALMENT,
    Method.EQUAL_PRINCIPAL,
    Method.INTEREST_ONLY,
    Method.BULLET,
    Method.FLAT,
)
DAYS = st.one_of(
    st.dates(date(2019, 1, 1), date(2029, 12, 31)),
    st.sampled_from([date(2024, 1, 31), date(2024, 2, 29), date(2023, 12, 31), date(2025, 8, 30)]),
)
AMOUNTS = st.one_of(
    st.integers(1, 200), st.integers(10_000, 5_000_000), st.integers(10**11, 10**12)
)


def one_of(kind: type) -> st.SearchStrategy[str]:
    """Any word of a closed set."""
    return st.sampled_from([each.value for each in kind])


@st.composite
def documents(draw: st.DrawFn, methods: tuple[Method, ...] = INTEREST_BEARING) -> dict[str, object]:
    """Terms as they are written, of any method, calendar and size, without extras."""
    unit = draw(one_of(Unit))
    minor = draw(AMOUNTS)
    return {
        "principal": f"{minor // 100}.{minor % 100:02d}",
        "disbursed_on": draw(DAYS).isoformat(),
        "annual_rate": str(Fraction(0)) if draw(st.booleans()) and draw(st.booleans())
        else f"0.{draw(st.integers(0, 999_999)):06d}",
        "method": draw(st.sampled_from([each.value for each in methods])),
        "instalments": draw(st.integers(1, 40)),
        "every": draw(st.integers(1, 45)) if unit == "days" else draw(st.integers(1, 4)),
        "unit": unit,
        "day_count": draw(one_of(DayCount)),
        "year_split": draw(one_of(YearSplit)),
        "leap_year": draw(one_of(LeapYear)),
        "rounding": draw(one_of(Rounding)),
    }  # fmt: skip


@st.composite
def full_terms(draw: st.DrawFn) -> Terms:
    """Terms with whatever extras their method hears; those that contradict themselves are thrown away."""
    document = draw(documents((*INTEREST_BEARING, Method.FEE_INSTALMENT)))
    if draw(st.booleans()):
        document["instalment_multiple_of"] = draw(st.sampled_from(["0.05", "1", "10"]))
        document["multiple_mode"] = draw(st.sampled_from(["nearest", "up"]))
    if draw(st.booleans()):
        days = draw(st.integers(1, 70))
        begins = date.fromisoformat(str(document["disbursed_on"]))
        document["first_due_on"] = (begins + timedelta(days=days)).isoformat()
        document["broken_period"] = draw(one_of(BrokenPeriod))
    for key in ("principal_grace", "interest_grace", "interest_free"):
        if draw(st.integers(0, 3)) == 0:
            document[key] = draw(st.integers(0, 3))
    if draw(st.booleans()):
        document["fee_rate"] = f"0.{draw(st.integers(0, 20)):02d}"
        document["fee_mode"] = draw(one_of(FeeMode))
    if draw(st.integers(0, 3)) == 0:
        document["down_payment"] = f"0.{draw(st.integers(0, 60)):02d}"
    try:
        return read_terms(document)
    except ArrearsError:
        assume(condition=False)
        raise


def solved(terms: Terms) -> tuple[Instalment, ...]:
    """The schedule, or no example where all would be due on the day of disbursement."""
    try:
        return solve_schedule(terms)
    except ArrearsError as error:
        if error.code != "contract.term_out_of_bounds":
            raise
        assume(condition=False)
        raise


@given(terms=full_terms())
def test_principal_sums_and_the_balance_ends_at_nothing(terms: Terms) -> None:
    """Principal sums exactly to what is lent; each row's balance is the last one's less its principal."""
    rows = solved(terms)
    assert sum(row.principal_minor for row in rows) == terms.principal_minor
    balance = terms.principal_minor
    for row in rows:
        balance -= row.principal_minor
        assert row.balance_minor == balance
    assert balance == 0


@given(terms=full_terms())
def test_nothing_is_below_zero(terms: Terms) -> None:
    """No component and no balance of any row is negative, nor a row out of the order of days."""
    rows = solved(terms)
    for number, row in enumerate(rows, start=1):
        assert row.number == number
        parts = (row.principal_minor, row.interest_minor, row.fee_minor, row.balance_minor)
        assert min(parts) >= 0
        assert row.total_minor == sum(parts[:3])
    for one, other in pairwise(rows):
        assert one.due_on < other.due_on


@given(terms=full_terms())
def test_a_fee_is_asked_for_once(terms: Terms) -> None:
    """Spread or up front, fees sum to the rate of the principal, rounded once."""
    exact = Fraction(terms.principal_minor * terms.fee_rate_ppm, 10**6)
    found = sum(row.fee_minor for row in solved(terms))
    assert abs(found - exact) < 1


@given(document=documents())
def test_due_dates_keep_their_day(document: dict[str, object]) -> None:
    """Row k falls k intervals after disbursement, counted from there: 31 January, 28 February, 31 March."""
    terms = read_terms(document)
    days = due_dates(terms, terms.instalments)
    for number, day in enumerate(days, start=1):
        assert day == step(terms.disbursed_on, terms.every, terms.unit, number)
        if terms.unit is Unit.MONTHS:
            last = (day + timedelta(days=1)).day == 1
            assert day.day == terms.disbursed_on.day or (last and day.day < terms.disbursed_on.day)


@given(document=documents((Method.EQUAL_INSTALMENT,)))
def test_interest_is_that_of_the_balance(document: dict[str, object]) -> None:
    """Each row bears its own period's rate on the balance before it, rounded by itself: within one."""
    terms = read_terms(document)
    rows = solve_schedule(terms)
    balance = terms.principal_minor
    for row, period in zip(rows, periods_of(terms, terms.instalments), strict=True):
        assert abs(row.interest_minor - balance * period.rate) < 1
        balance = row.balance_minor


@given(rates=st.lists(st.fractions(0, 1, max_denominator=10**6), min_size=1, max_size=30))
def test_the_exact_level_instalment_pays_off_exactly(rates: list[Fraction]) -> None:
    """Before any rounding, the level share of 1 leaves exactly nothing after the last period."""
    share = level_share(rates)
    balance = Fraction(1)
    for rate in rates:
        balance = balance * (1 + rate) - share
    assert balance == 0


@given(document=documents((Method.EQUAL_INSTALMENT,)))
def test_equal_instalments_are_equal(document: dict[str, object]) -> None:
    """All but the last ask the same; where amounts are not tiny, the last differs by a cent a row.

    What rounding of n rows leaves in the last one grows with interest on it; the rule of the rows
    brings it to at most half a cent a row in most cases and never above what it was at first.
    """
    terms = replace(read_terms(document), rounding=Rounding.HALF_UP)
    rows = solve_schedule(terms)
    totals = [row.total_minor for row in rows]
    interest = max(row.interest_minor for row in rows)
    if interest < totals[0] and all(row.balance_minor for row in rows[:-1]):
        assert len(set(totals[:-1])) <= 1
        growth = Fraction(1)
        for period in periods_of(terms, terms.instalments):
            growth *= 1 + period.rate
        assert abs(totals[-1] - totals[0]) <= len(rows) * growth + 1


@given(document=documents((Method.EQUAL_PRINCIPAL,)))
def test_equal_principal_is_equal(document: dict[str, object]) -> None:
    """All but the last rows repay the same principal, the rounded share, until nothing is left."""
    terms = read_terms(document)
    rows = solve_schedule(terms)
    parts = [row.principal_minor for row in rows[:-1]]
    share = Fraction(terms.principal_minor, terms.instalments)
    if parts and terms.principal_minor >= 2 * terms.instalments**2:
        assert len(set(parts)) == 1
        assert abs(parts[0] - share) < 1
        assert abs(rows[-1].principal_minor - share) < terms.instalments


@given(document=documents((Method.FLAT,)))
def test_flat_interest_ignores_what_is_repaid(document: dict[str, object]) -> None:
    """Every row bears its period's rate on the whole principal."""
    terms = read_terms(document)
    for row, period in zip(
        solve_schedule(terms), periods_of(terms, terms.instalments), strict=True
    ):
        assert abs(row.interest_minor - terms.principal_minor * period.rate) < 1


@given(document=documents((Method.BULLET, Method.INTEREST_ONLY)))
def test_principal_comes_last(document: dict[str, object]) -> None:
    """Interest only repays with the last row; a bullet is one row, its interest simple."""
    terms = read_terms(document)
    rows = solve_schedule(terms)
    assert rows[-1].principal_minor == terms.principal_minor
    if terms.method is Method.BULLET:
        rate = sum(period.rate for period in periods_of(terms, terms.instalments))
        assert len(rows) == 1
        assert abs(rows[0].interest_minor - terms.principal_minor * rate) < 1
    else:
        assert len(rows) == terms.instalments


@given(document=documents())
def test_a_higher_rate_never_costs_less(document: dict[str, object]) -> None:
    """Raising the rate never lowers the sum of interest by more than rounding: a cent a row."""
    terms = replace(read_terms(document), rounding=Rounding.HALF_UP)
    dearer = replace(terms, annual_rate_ppm=terms.annual_rate_ppm + 10_000)
    one = sum(row.interest_minor for row in solve_schedule(terms))
    other = sum(row.interest_minor for row in solve_schedule(dearer))
    assert other >= one - terms.instalments


@given(document=documents(), multiple=st.sampled_from(["0.05", "1", "10"]))
def test_a_multiple_taken_up_is_a_multiple(document: dict[str, object], multiple: str) -> None:
    """Every row but the last asks for the first multiple not below the level instalment.

    Rows whose interest alone is more than the instalment ask for that interest: none repays less
    than nothing.
    """
    base = {**document, "method": "equal_instalment"}
    terms = read_terms({**base, "instalment_multiple_of": multiple, "multiple_mode": "up"})
    rates = [period.rate for period in periods_of(terms, terms.instalments)]
    unrounded = replace(terms, instalment_multiple_minor=1)
    level = level_instalment(terms.principal_minor, rates, unrounded)
    of = terms.instalment_multiple_minor
    rows = solve_schedule(terms)
    assume(level >= of and all(row.principal_minor > 0 for row in rows[:-1]))
    for row in rows[:-1]:
        if row.balance_minor:
            assert row.total_minor % of == 0
            assert 0 <= row.total_minor - level < of


@given(terms=full_terms(), share=st.fractions(0, 1), amount=st.integers(1, 10**6))
def test_a_later_tranche_is_repaid_too(terms: Terms, share: Fraction, amount: int) -> None:
    """With a tranche before the last due date, principal sums to both; nothing is below 0."""
    assume(terms.instalment_minor == 0)
    last = due_dates(terms, terms.instalments)[-1]
    day = terms.disbursed_on + int(share * ((last - terms.disbursed_on).days - 1)) * timedelta(1)
    both = replace(terms, tranches=(Tranche(on=day, amount_minor=amount),))
    rows = solved(both)
    assert sum(row.principal_minor for row in rows) == terms.principal_minor + amount
    assert all(row.interest_minor >= 0 and row.principal_minor >= 0 for row in rows)
    assert rows[-1].balance_minor == 0


@given(document=documents())
def test_a_tranche_on_the_first_day_is_one_loan(document: dict[str, object]) -> None:
    """Two parts paid out on one day are repaid as one loan of their sum, but for rounding."""
    terms = read_terms({**document, "rounding": "half_up"})
    more = 500_00
    together = solve_schedule(replace(terms, principal_minor=terms.principal_minor + more))
    parts = replace(terms, tranches=(Tranche(on=terms.disbursed_on, amount_minor=more),))
    for one, other in zip(solve_schedule(parts), together, strict=True):
        assert abs(one.total_minor - other.total_minor) <= 2 * terms.instalments
        assert one.due_on == other.due_on


@given(document=documents(), paid=st.integers(0, 39))
def test_solving_the_rest_gives_what_was_signed(document: dict[str, object], paid: int) -> None:
    """At the same rate and dates, what is left of a schedule solved anew is what it was."""
    terms = read_terms({**document, "method": "interest_only"})
    rows = solve_schedule(terms)
    done = rows[: paid % len(rows)]
    ahead = rows[len(done) :]
    again = solve_remaining(
        terms.principal_minor,
        ahead[0].from_on,
        [row.due_on for row in ahead],
        terms.annual_rate_ppm,
        terms,
    )
    assert [(row.due_on, row.principal_minor) for row in again] == [
        (row.due_on, row.principal_minor) for row in ahead
    ]
    for one, other in zip(again, ahead, strict=True):
        assert one.interest_minor == other.interest_minor


@settings(max_examples=20)
@given(amount=st.integers(1, 10**6), instalment=st.integers(1, 10**5), rate=st.integers(0, 500_000))
def test_a_fixed_instalment_repays_or_is_refused(amount: int, instalment: int, rate: int) -> None:
    """Rows of a given instalment end with the balance, or the terms are refused as never repaid."""
    terms = read_terms(
        {
            "principal": f"{amount // 100}.{amount % 100:02d}",
            "disbursed_on": "2026-01-31",
            "annual_rate": f"0.{rate:06d}",
            "instalment_amount": f"{instalment // 100}.{instalment % 100:02d}",
        }
    )
    try:
        rows = solve_schedule(terms)
    except ArrearsError as error:
        if error.code != "contract.never_repaid":
            raise
        return
    assert all(row.total_minor == instalment for row in rows[:-1])
    assert rows[-1].total_minor <= instalment
    assert sum(row.principal_minor for row in rows) == amount


def test_without_interest_every_method_repays_the_principal_alone() -> None:
    """At 0 % no method asks a cent above the principal."""
    for method in INTEREST_BEARING:
        terms = read_terms(
            {
                "principal": "100.01",
                "disbursed_on": "2026-01-31",
                "annual_rate": "0",
                "instalments": 7,
                "method": method.value,
            }
        )
        assert sum(row.total_minor for row in solve_schedule(terms)) == 100_01


@pytest.mark.parametrize("principal", ["0.01", "0.05", "1.00", "100000000000.00"])
def test_the_smallest_and_the_largest_loan(principal: str) -> None:
    """One fen over twelve months, and all the money a contract may hold, are both solved."""
    terms = read_terms(
        {
            "principal": principal,
            "disbursed_on": "2026-01-31",
            "annual_rate": "0.36",
            "instalments": 12,
        }
    )
    rows = solve_schedule(terms)
    assert sum(row.principal_minor for row in rows) == terms.principal_minor
    assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in rows)
