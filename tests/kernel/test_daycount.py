"""Day counts: published conventions at their edges, and what holds for any two dates."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.dates import Unit, step
from arrears.kernel.daycount import (
    DayCount,
    LeapYear,
    YearSplit,
    holds_leap_day,
    period_fraction,
    thirty_days,
    year_fraction,
)

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
CALENDARS = st.sampled_from(list(DayCount))
SPLITS = st.sampled_from(list(YearSplit))
ACTUAL = DayCount.ACTUAL_ACTUAL


@pytest.mark.parametrize(
    ("start", "end", "bond", "european"),
    [
        (date(2007, 1, 15), date(2007, 1, 30), 15, 15),
        (date(2007, 1, 15), date(2007, 2, 15), 30, 30),
        (date(2007, 1, 15), date(2007, 7, 15), 180, 180),
        (date(2007, 9, 30), date(2008, 3, 31), 180, 180),
        (date(2007, 9, 30), date(2007, 10, 31), 30, 30),
        (date(2007, 9, 30), date(2008, 9, 30), 360, 360),
        (date(2007, 1, 15), date(2007, 1, 31), 16, 15),  # bond basis keeps a 31st after a 15th
        (date(2007, 1, 31), date(2007, 2, 28), 28, 28),
        (date(2007, 2, 28), date(2007, 3, 31), 33, 32),
        (date(2006, 8, 31), date(2007, 2, 28), 178, 178),
        (date(2007, 2, 28), date(2007, 8, 31), 183, 182),
        (date(2007, 2, 14), date(2007, 2, 28), 14, 14),
        (date(2007, 2, 26), date(2008, 2, 29), 363, 363),
        (date(2008, 2, 29), date(2009, 2, 28), 359, 359),
        (date(2008, 2, 29), date(2008, 3, 30), 31, 31),
        (date(2008, 2, 29), date(2008, 3, 31), 32, 31),
    ],
)
def test_thirty_day_months(start: date, end: date, bond: int, european: int) -> None:
    """Days by ISDA 2006 section 4.16 (f) bond basis and (g) 30E, worked out from its formula."""
    assert thirty_days(start, end, european=False) == bond
    assert thirty_days(start, end, european=True) == european
    assert year_fraction(start, end, DayCount.THIRTY_360) == Fraction(bond, 360)
    assert year_fraction(start, end, DayCount.THIRTY_E_360) == Fraction(european, 360)


@pytest.mark.parametrize(
    ("start", "end", "dec31", "jan1"),
    [
        # 19 nights of 2023 and 12 of 2024; the night of 31 December belongs to one or the other.
        (
            date(2023, 12, 12),
            date(2024, 1, 12),
            Fraction(19, 365) + Fraction(12, 366),
            Fraction(20, 365) + Fraction(11, 366),
        ),
        (date(2024, 1, 12), date(2024, 2, 12), Fraction(31, 366), Fraction(31, 366)),
        (date(2025, 1, 12), date(2025, 2, 12), Fraction(31, 365), Fraction(31, 365)),
        (date(2023, 12, 31), date(2024, 1, 1), Fraction(1, 366), Fraction(1, 365)),
        (date(2024, 12, 31), date(2025, 1, 1), Fraction(1, 365), Fraction(1, 366)),
        (date(2023, 1, 1), date(2025, 1, 1), None, Fraction(2)),
        (date(2022, 12, 31), date(2024, 12, 31), Fraction(2), None),
    ],
)
def test_a_year_end_splits_a_period(
    start: date, end: date, dec31: Fraction | None, jan1: Fraction | None
) -> None:
    """Under actual/actual each night weighs 1/365 or 1/366 by the year it belongs to."""
    if dec31 is not None:
        assert year_fraction(start, end, ACTUAL, YearSplit.DEC31) == dec31
    if jan1 is not None:
        assert year_fraction(start, end, ACTUAL, YearSplit.JAN1) == jan1


@pytest.mark.parametrize(
    ("start", "end", "year"),
    [
        (date(2024, 1, 29), date(2024, 2, 28), 365),
        (date(2024, 1, 29), date(2024, 2, 29), 366),  # the day it ends on is in it
        (date(2024, 2, 29), date(2024, 3, 29), 365),  # the day it begins on is not
        (date(2024, 2, 12), date(2024, 3, 12), 366),
        (date(2023, 2, 12), date(2023, 3, 12), 365),
        (date(2100, 2, 1), date(2100, 3, 1), 365),  # a hundredth year is no leap year
    ],
)
def test_only_the_period_with_the_leap_day(start: date, end: date, year: int) -> None:
    """`feb29_period_only` divides by 366 where 29 February lies after the start, up to the end."""
    found = year_fraction(start, end, ACTUAL, YearSplit.DEC31, LeapYear.FEB29_PERIOD_ONLY)
    assert found == Fraction((end - start).days, year)
    assert holds_leap_day(start, end) == (year == 366)


@pytest.mark.parametrize(
    ("every", "unit", "thirty", "equal"),
    [
        (1, Unit.MONTHS, Fraction(30, 360), Fraction(1, 12)),
        (3, Unit.MONTHS, Fraction(90, 360), Fraction(3, 12)),
        (2, Unit.WEEKS, Fraction(14, 360), Fraction(2, 52)),
        (15, Unit.DAYS, Fraction(15, 360), Fraction(15, 365)),
    ],
)
def test_periods_that_know_themselves(
    every: int, unit: Unit, thirty: Fraction, equal: Fraction
) -> None:
    """A month is 30 of 360 days whatever its length, a week 1/52 under equal periods."""
    for start in (date(2023, 1, 31), date(2024, 1, 31), date(2024, 2, 29)):
        end = step(start, every, unit, 1)
        assert period_fraction(start, end, every, unit, DayCount.THIRTY_360) == thirty
        assert period_fraction(start, end, every, unit, DayCount.THIRTY_E_360) == thirty
        assert period_fraction(start, end, every, unit, DayCount.EQUAL_PERIODS) == equal
        assert period_fraction(start, end, every, unit, DayCount.ACTUAL_360) == Fraction(
            (end - start).days, 360
        )


@given(start=DAYS, days=st.integers(0, 1500), day_count=CALENDARS, split=SPLITS)
def test_time_never_runs_backwards(
    start: date, days: int, day_count: DayCount, split: YearSplit
) -> None:
    """A fraction is never below 0, and one day more never makes it less."""
    end = start + timedelta(days=days)
    found = year_fraction(start, end, day_count, split)
    later = year_fraction(start, end + timedelta(days=1), day_count, split)
    assert 0 <= found <= later


@given(
    start=DAYS,
    first=st.integers(0, 800),
    second=st.integers(0, 800),
    day_count=st.sampled_from([DayCount.ACTUAL_360, DayCount.ACTUAL_365, ACTUAL]),
    split=SPLITS,
)
def test_a_period_is_the_sum_of_its_parts(
    start: date, first: int, second: int, day_count: DayCount, split: YearSplit
) -> None:
    """Counts of actual days add up wherever a period is cut: a rate change moves no interest."""
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)
    parts = year_fraction(start, middle, day_count, split) + year_fraction(
        middle, end, day_count, split
    )
    assert parts == year_fraction(start, end, day_count, split)


@given(year=st.integers(1990, 2060), years=st.integers(1, 5))
def test_a_whole_year_is_one(year: int, years: int) -> None:
    """From one split day to the next is exactly one, leap year or not."""
    for split, day in ((YearSplit.JAN1, (1, 1)), (YearSplit.DEC31, (12, 31))):
        start, end = date(year, *day), date(year + years, *day)
        assert year_fraction(start, end, ACTUAL, split) == years
