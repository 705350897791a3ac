"""Schedules against the published rules themselves, written out a second time, on any terms.

The rules are those the README of the shared vectors states behind its thirty-five schedules. This
file shares no code with the solver but its door: dates, day counts and rounding are done again.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from arrears.servicing.schedule import solve_schedule
from arrears.servicing.terms import read_terms

Rule = dict[str, object]
DAY_COUNTS = [
    "30/360", "actual/360", "actual/365", "actual/actual dec31", "actual/actual jan1",
    "actual/actual feb29", "equal_periods",
]  # fmt: skip


def cents(value: Fraction) -> int:
    """Half up, by `decimal`."""
    exact = Decimal(value.numerator * 10**12 // value.denominator) / 10**12
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def due_on(start: date, every: int, unit: str, number: int) -> date:
    """Due days keep the day of disbursement, clipped to the month's length."""
    if unit == "months":
        month = start.year * 12 + start.month - 1 + every * number
        year, month = month // 12, month % 12 + 1
        return date(year, month, min(start.day, monthrange(year, month)[1]))
    return start + timedelta(days=every * number * (7 if unit == "weeks" else 1))


def share_of_year(start: date, end: date, every: int, unit: str, day_count: str) -> Fraction:
    """The fraction of a year of one period."""
    days = [start + timedelta(days=at) for at in range((end - start).days)]
    match day_count:
        case "30/360":
            length = every * 30 if unit == "months" else len(days)
            return Fraction(length, 360)
        case "equal_periods":
            if unit == "days":
                return Fraction(len(days), 365)
            return Fraction(every, 12 if unit == "months" else 52)
        case "actual/actual feb29":
            holds = any((day + timedelta(days=1)).timetuple()[1:3] == (2, 29) for day in days)
            return Fraction(len(days), 366 if holds else 365)
        case "actual/actual dec31":
            years = [(day + timedelta(days=1)).year for day in days]
        case "actual/actual jan1":
            years = [day.year for day in days]
        case _:
            return Fraction(len(days), int(day_count.rpartition("/")[2]))
    return sum((Fraction(1, 366 if isleap(year) else 365) for year in years), Fraction(0))


def split(principal: int, rates: list[Fraction], instalment: int) -> list[tuple[int, int]]:
    """(principal, interest) of each row; the last row takes what remains."""
    rows = []
    balance = principal
    for at, rate in enumerate(rates, start=1):
        interest = cents(balance * rate)
        part = balance if at == len(rates) else instalment - interest
        balance -= part
        rows.append((part, interest))
    return rows


def expected(principal: int, rates: list[Fraction], multiple: int) -> list[tuple[int, int]]:
    """Rows of equal instalments by the published rules."""
    growth, fold = Fraction(1), Fraction(1)
    for at, rate in enumerate(rates):
        growth *= 1 + rate
        if at:
            fold = fold * (1 + rate) + 1

    def near(amount: int) -> int:
        return cents(Fraction(amount, multiple)) * multiple

    instalment = near(cents(principal * growth / fold))
    rows = split(principal, rates, instalment)
    for _ in range(3):
        rest = sum(rows[-1]) - instalment
        if abs(rest) <= len(rates) // 2:
            break
        change = cents(Fraction(abs(rest), len(rates))) * (1 if rest > 0 else -1)
        other = near(instalment + change)
        tried = split(principal, rates, other)
        if abs(sum(tried[-1]) - other) >= abs(rest):
            break
        instalment, rows = other, tried
    return rows


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Terms like those of the published schedules, and others of their kind."""
    unit = draw(st.sampled_from(["months", "weeks", "days"]))
    return {
        "minor": draw(st.integers(5_000, 5_000_000)),
        "start": draw(st.dates(date(2019, 1, 1), date(2029, 12, 31))),
        "rate": draw(st.integers(0, 400_000)),
        "count": draw(st.integers(1, 36)),
        "every": draw(st.integers(7, 45)) if unit == "days" else draw(st.integers(1, 3)),
        "unit": unit,
        "day_count": draw(st.sampled_from(DAY_COUNTS)),
        "multiple": draw(st.sampled_from([1, 1, 100])),
    }


@given(rule=rules())
def test_any_schedule_follows_the_published_rules(rule: Rule) -> None:
    """Every row's due date, principal and interest is what the rules give when worked out again."""
    start, every, unit = rule["start"], rule["every"], rule["unit"]
    assert isinstance(start, date) and isinstance(every, int)  # noqa: PT018 - for the types alone
    minor, count = int(str(rule["minor"])), int(str(rule["count"]))
    name, _, variant = str(rule["day_count"]).partition(" ")
    document: dict[str, object] = {
        "principal": f"{minor // 100}.{minor % 100:02d}",
        "disbursed_on": start.isoformat(),
        "annual_rate": f"0.{int(str(rule['rate'])):06d}",
        "instalments": count,
        "every": every,
        "unit": unit,
        "day_count": name,
    }
    if variant == "feb29":
        document["leap_year"] = "feb29_period_only"
    elif variant:
        document["year_split"] = variant
    if rule["multiple"] == 100:
        document["instalment_multiple_of"] = "1"
    days = [due_on(start, every, str(unit), number) for number in range(count + 1)]
    annual = Fraction(int(str(rule["rate"])), 10**6)
    rates = [
        annual * share_of_year(one, other, every, str(unit), str(rule["day_count"]))
        for one, other in pairwise(days)
    ]
    wanted = expected(minor, rates, int(str(rule["multiple"])))
    rows = solve_schedule(read_terms(document))
    assert [row.due_on for row in rows] == days[1:]
    if min(part for part, _ in wanted) >= 0:
        assert [(row.principal_minor, row.interest_minor) for row in rows] == wanted
