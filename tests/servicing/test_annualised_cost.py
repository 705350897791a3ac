"""Annualised cost: the rate found brings payments back to advances, by each formula's own counting."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arrears.kernel.dates import add_months
from arrears.kernel.errors import ArrearsError
from arrears.servicing.annualised_cost import (
    CashFlow,
    CostMethod,
    PeriodUnit,
    annual_rate,
    annualised_cost,
    unit_periods,
    years_between,
)
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.terms import read_terms

US, EU, IRR = CostMethod.US_ACTUARIAL, CostMethod.EU, CostMethod.IRR_NOMINAL
START = date(2025, 1, 15)
CENT = Decimal("0.01")


@st.composite
def loans(draw: st.DrawFn) -> tuple[list[CashFlow], list[CashFlow]]:
    """One or two advances and payments that are worth at least as much, at most three times.

    No payment falls within twenty days: compounded over a year, such a rate has more digits than a
    rate can.
    """
    lent = [CashFlow(START, draw(st.integers(10_000, 10**9)))]
    if draw(st.booleans()):
        lent.append(
            CashFlow(START + timedelta(draw(st.integers(0, 200))), draw(st.integers(1, 10**8)))
        )
    total = sum(flow.amount_minor for flow in lent)
    count = draw(st.integers(1, 12))
    last = max(flow.on for flow in lent)
    days = sorted(draw(st.sets(st.integers(20, 900), min_size=count, max_size=count)))
    share = Fraction(draw(st.integers(100, 300)), 100 * count)
    paid = [CashFlow(last + timedelta(day), int(total * share) + 1) for day in days]
    return lent, paid


def power(rate: Decimal, exponent: Fraction) -> Decimal:
    """(1 + rate) to an exact exponent."""
    return (1 + rate) ** (Decimal(exponent.numerator) / Decimal(exponent.denominator))


def value(
    flows: list[CashFlow], annual: Decimal, method: CostMethod, unit: PeriodUnit, every: int
) -> Decimal:
    """Worth of flows on the first day, written out from the formula and nothing else."""
    total = Decimal(0)
    a_year = {"months": 12, "half_months": 24, "weeks": 52, "days": 365}[unit.value]
    for flow in flows:
        if method is EU:
            total += flow.amount_minor / power(annual, years_between(START, flow.on, unit))
            continue
        whole, odd = unit_periods(START, flow.on, unit, every)
        rate = annual * every / a_year
        if method is US:
            simple = 1 + rate * odd.numerator / odd.denominator
            total += flow.amount_minor / (power(rate, Fraction(whole)) * simple)
        else:
            total += flow.amount_minor / power(rate, whole + odd)
    return total


@given(
    flows=loans(),
    method=st.sampled_from(list(CostMethod)),
    unit=st.sampled_from(list(PeriodUnit)),
    every=st.integers(1, 4),
)
def test_the_rate_inverts_the_present_value(
    flows: tuple[list[CashFlow], list[CashFlow]], method: CostMethod, unit: PeriodUnit, every: int
) -> None:
    """At the rate found, payments are worth the advances, to the last of its twelve decimals.

    One unit of that decimal less and they are worth more, one more and they are worth less.
    """
    if unit is PeriodUnit.HALF_MONTHS:
        every = 1
    found = annual_rate(method, *flows, unit, every)
    assert found >= 0
    with localcontext() as context:
        context.prec = 60
        step = Decimal("1e-12")
        lent, paid = (
            [
                value(each, rate, method, unit, every)
                for rate in (max(found - step, 0), found + step)
            ]
            for each in flows
        )
        below, above = paid[0] - lent[0], paid[1] - lent[1]
        assert below >= 0 >= above


@given(flows=loans(), more=st.integers(1, 10**6))
def test_paying_more_is_dearer(flows: tuple[list[CashFlow], list[CashFlow]], more: int) -> None:
    """Raising a payment raises the rate, by every formula."""
    lent, paid = flows
    dearer = [*paid[:-1], CashFlow(paid[-1].on, paid[-1].amount_minor + more)]
    for method in CostMethod:
        one = annual_rate(method, lent, paid, PeriodUnit.DAYS, 1)
        assert annual_rate(method, lent, dearer, PeriodUnit.DAYS, 1) >= one


@given(flows=loans(), factor=st.integers(2, 1000))
def test_the_rate_knows_no_size(flows: tuple[list[CashFlow], list[CashFlow]], factor: int) -> None:
    """A thousand equal loans at once bear the rate of one."""
    many = tuple([CashFlow(f.on, f.amount_minor * factor) for f in each] for each in flows)
    for method in CostMethod:
        one = annual_rate(method, *flows, PeriodUnit.MONTHS, 1)
        assert annual_rate(method, *many, PeriodUnit.MONTHS, 1) == one


@given(rate=st.integers(1, 3_600), months=st.integers(1, 36))
def test_a_plain_loan_costs_its_rate(rate: int, months: int) -> None:
    """Level monthly instalments by equal months without any fee cost the contract rate, but for cents.

    So the nominal rate by IRR is the contract's; the same as the US rate, for no period is odd; and
    the EU rate is the nominal one compounded over twelve months.
    """
    terms = read_terms(
        {
            "principal": "100000000.00",
            "disbursed_on": "2026-01-15",
            "annual_rate": f"0.{rate:04d}",
            "instalments": months,
            "day_count": "equal_periods",
        }
    )
    cost = annualised_cost(terms, solve_schedule(terms))
    nominal = Decimal(rate) / 10_000
    assert abs(cost[IRR] - nominal) < Decimal("1e-7")
    assert cost[US] == cost[IRR]
    assert abs(cost[EU] - ((1 + nominal / 12) ** 12 - 1)) < Decimal("1e-7")


@pytest.mark.parametrize(
    "day", ["2026-01-29", "2026-01-30", "2026-01-31", "2024-02-29", "2026-08-31"]
)
@pytest.mark.parametrize("months", [1, 2, 12])
def test_a_loan_begun_at_month_end_costs_its_rate(day: str, months: int) -> None:
    """A due date clipped to a short month is a whole month away: 12 % stays 12 %, whatever the day.

    Counted back alone, 28 February would be 28 days after 31 January, and one month at 12 % would
    be shown as 12.86 %.
    """
    terms = read_terms(
        {
            "principal": "100000000.00",
            "disbursed_on": day,
            "annual_rate": "0.12",
            "instalments": months,
            "day_count": "equal_periods",
        }
    )
    cost = annualised_cost(terms, solve_schedule(terms))
    assert abs(cost[IRR] - Decimal("0.12")) < Decimal("1e-7")
    assert cost[US] == cost[IRR]
    assert abs(cost[EU] - Decimal("0.126825030")) < Decimal("1e-7")


@given(
    start=st.dates(date(2000, 1, 1), date(2050, 12, 31)),
    days=st.integers(0, 2000),
    unit=st.sampled_from(list(PeriodUnit)),
)
def test_a_later_day_is_never_counted_nearer(start: date, days: int, unit: PeriodUnit) -> None:
    """Whole unit-periods never fall as the end moves on; the odd part is at most thirty days of 30."""
    end = start + timedelta(days=days)
    whole, odd = unit_periods(start, end, unit, 1)
    later, _ = unit_periods(start, end + timedelta(days=1), unit, 1)
    assert whole >= 0
    assert 0 <= odd <= 1
    assert later >= whole


def terms_of(**more: object) -> dict[str, object]:
    """A loan of 1,200 over six months without interest, and what is added."""
    return {
        "principal": "1200.00",
        "disbursed_on": "2026-01-01",
        "annual_rate": "0",
        "method": "fee_instalment",
        "instalments": 6,
        **more,
    }


def test_a_fee_up_front_costs_more_than_the_same_fee_spread() -> None:
    """54 of 1,200: spread, 15.27 % a year; taken out of the money at once, more."""
    costs = []
    for mode in ("spread", "up_front"):
        terms = read_terms(terms_of(fee_rate="0.045", fee_mode=mode))
        costs.append(annualised_cost(terms, solve_schedule(terms))[IRR])
    assert abs(costs[0] - Decimal("0.152677")) < Decimal("1e-6")
    assert costs[1] > costs[0]


def test_nothing_charged_costs_nothing() -> None:
    """A loan repaid at its principal costs exactly 0 by every formula."""
    terms = read_terms(terms_of())
    assert set(annualised_cost(terms, solve_schedule(terms)).values()) == {Decimal(0)}


def test_one_year_at_ten_per_cent() -> None:
    """1,000 for 1,100 a year later: 10 % by all formulas that compound once a year."""
    lent, paid = [CashFlow(date(2025, 1, 1), 1000_00)], [CashFlow(date(2026, 1, 1), 1100_00)]
    assert annual_rate(EU, lent, paid, PeriodUnit.DAYS, 1) == Decimal("0.1")
    assert annual_rate(US, lent, paid, PeriodUnit.MONTHS, 12) == Decimal("0.1")
    assert annual_rate(IRR, lent, paid, PeriodUnit.MONTHS, 12) == Decimal("0.1")


@pytest.mark.parametrize(
    ("start", "end", "unit", "every", "whole", "odd"),
    [
        (date(1978, 2, 10), date(1978, 4, 1), PeriodUnit.MONTHS, 1, 1, Fraction(19, 30)),
        (date(1978, 2, 23), date(1978, 3, 1), PeriodUnit.HALF_MONTHS, 1, 0, Fraction(6, 15)),
        (date(1978, 5, 23), date(1978, 10, 1), PeriodUnit.MONTHS, 3, 1, Fraction(39, 90)),
        (date(1978, 3, 20), date(1978, 4, 21), PeriodUnit.WEEKS, 1, 4, Fraction(4, 7)),
        (date(1978, 3, 18), date(1978, 4, 20), PeriodUnit.WEEKS, 4, 1, Fraction(5, 28)),
        (date(1978, 4, 3), date(1978, 4, 11), PeriodUnit.WEEKS, 2, 0, Fraction(8, 14)),
        (date(1978, 1, 10), date(1978, 3, 1), PeriodUnit.MONTHS, 2, 0, Fraction(52, 60)),
        (date(1978, 7, 23), date(1978, 10, 1), PeriodUnit.MONTHS, 3, 0, Fraction(69, 90)),
    ],
)
def test_unit_periods_of_the_regulation(
    start: date, end: date, unit: PeriodUnit, every: int, whole: int, odd: Fraction
) -> None:
    """Whole unit-periods and odd days of the first payment, as 12 CFR 1026 Appendix J (c) states them."""
    assert unit_periods(start, end, unit, every) == (whole, odd)


@given(
    start=st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    months=st.integers(0, 60),
    every=st.integers(1, 6),
)
def test_whole_months_have_no_odd_days(start: date, months: int, every: int) -> None:
    """A date reached by whole unit-periods of months from a day that every month has is whole."""
    assume(start.day <= 28)
    end = add_months(start, months * every)
    assert unit_periods(start, end, PeriodUnit.MONTHS, every) == (months, Fraction(0))
    assert years_between(start, end, PeriodUnit.MONTHS) == Fraction(months * every, 12)


@pytest.mark.parametrize(
    ("lent", "paid"),
    [
        ([], [CashFlow(START, 1)]),
        ([CashFlow(START, 100)], []),
        ([CashFlow(START, 100)], [CashFlow(START + timedelta(30), 99)]),
        ([CashFlow(START, 100)], [CashFlow(START - timedelta(1), 200)]),
        ([CashFlow(START, 100)], [CashFlow(START, 101)]),
    ],
    ids=["nothing lent", "nothing paid", "paid less", "paid before", "paid at once"],
)
def test_flows_without_a_rate_are_refused(lent: list[CashFlow], paid: list[CashFlow]) -> None:
    """Where no rate from 0 on brings payments back to advances, that is said, by every formula."""
    for method in CostMethod:
        with pytest.raises(ArrearsError, match=r"apr\.no_rate"):
            annual_rate(method, lent, paid, PeriodUnit.MONTHS, 1)


def test_five_days_at_two_per_cent() -> None:
    """500 lent and 510 asked for five days later is 324.44 % a year, in a leap year too: days / 365."""
    lent, paid = [CashFlow(date(2012, 10, 10), 500_00)], [CashFlow(date(2012, 10, 15), 510_00)]
    found = annual_rate(EU, lent, paid, PeriodUnit.DAYS, 1) * 100
    assert found.quantize(CENT) == Decimal("324.44")
