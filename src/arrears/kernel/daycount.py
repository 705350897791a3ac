"""Day counts: the exact fraction of a year between two dates, as the contract says."""

from __future__ import annotations

from datetime import date
from enum import StrEnum, unique
from fractions import Fraction
from typing import assert_never

from arrears.kernel.arithmetic import actual_weight, is_leap
from arrears.kernel.dates import Unit, days_of

YEAR_DAYS = 365
LEAP_YEAR_DAYS = 366
BANKING_YEAR_DAYS = 360
BANKING_MONTH_DAYS = 30
WEEK_DAYS = 7
YEAR_WEEKS = 52
YEAR_MONTHS = 12


@unique
class DayCount(StrEnum):
    """How days become a fraction of a year."""

    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30E/360"
    ACTUAL_360 = "actual/360"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"
    EQUAL_PERIODS = "equal_periods"


@unique
class YearSplit(StrEnum):
    """To which year the night of 31 December belongs under actual/actual."""

    DEC31 = "dec31"  #: to the new one
    JAN1 = "jan1"  #: to the old one


@unique
class LeapYear(StrEnum):
    """Which days weigh 1/366 under actual/actual."""

    FULL = "full"  #: all of a leap year
    FEB29_PERIOD_ONLY = "feb29_period_only"  #: those of a period that holds 29 February


def thirty_days(start: date, end: date, *, european: bool) -> int:
    """Days of 30/360 between two dates: bond basis, or 30E where both 31sts become 30.

    Source: ISDA 2006 Definitions 4.16 (f) and (g).
    """
    first = min(start.day, BANKING_MONTH_DAYS)
    last = end.day
    if european or first == BANKING_MONTH_DAYS:
        last = min(last, BANKING_MONTH_DAYS)
    months = (end.year - start.year) * YEAR_MONTHS + end.month - start.month
    return months * BANKING_MONTH_DAYS + last - first


def holds_leap_day(start: date, end: date) -> bool:
    """Whether 29 February lies in (start, end]."""
    return any(
        is_leap(year) and start < date(year, 2, 29) <= end
        for year in range(start.year, end.year + 1)
    )


def year_fraction(
    start: date,
    end: date,
    day_count: DayCount,
    year_split: YearSplit = YearSplit.DEC31,
    leap_year: LeapYear = LeapYear.FULL,
) -> Fraction:
    """The exact fraction of a year from `start` to `end` by the calendar.

    Equal periods have no calendar of their own: here a day is 1/365; whole periods are counted by
    `period_fraction`.
    """
    days = (end - start).days
    match day_count:
        case DayCount.ACTUAL_365 | DayCount.EQUAL_PERIODS:
            return Fraction(days, YEAR_DAYS)
        case DayCount.ACTUAL_360:
            return Fraction(days, BANKING_YEAR_DAYS)
        case DayCount.THIRTY_360:
            return Fraction(thirty_days(start, end, european=False), BANKING_YEAR_DAYS)
        case DayCount.THIRTY_E_360:
            return Fraction(thirty_days(start, end, european=True), BANKING_YEAR_DAYS)
        case DayCount.ACTUAL_ACTUAL:
            if leap_year is LeapYear.FEB29_PERIOD_ONLY:
                year = LEAP_YEAR_DAYS if holds_leap_day(start, end) else YEAR_DAYS
                return Fraction(days, year)
            split = 1 if year_split is YearSplit.DEC31 else 0
            weight = actual_weight(days_of(start), days_of(end), split)
            return Fraction(weight, YEAR_DAYS * LEAP_YEAR_DAYS)
    assert_never(day_count)


def period_fraction(
    start: date,
    end: date,
    every: int,
    unit: Unit,
    day_count: DayCount,
    year_split: YearSplit = YearSplit.DEC31,
    leap_year: LeapYear = LeapYear.FULL,
) -> Fraction:
    """The fraction of a year of one whole repayment period.

    30/360 and equal periods know the period itself: a month is 30 of 360 days whatever its length,
    a week 7 of 360; under equal periods a month is 1/12 and a week 1/52.
    """
    if day_count is DayCount.EQUAL_PERIODS:
        if unit is Unit.MONTHS:
            return Fraction(every, YEAR_MONTHS)
        if unit is Unit.WEEKS:
            return Fraction(every, YEAR_WEEKS)
    elif day_count in (DayCount.THIRTY_360, DayCount.THIRTY_E_360):
        if unit is Unit.MONTHS:
            return Fraction(every * BANKING_MONTH_DAYS, BANKING_YEAR_DAYS)
        days = (end - start).days
        return Fraction(days, BANKING_YEAR_DAYS)
    return year_fraction(start, end, day_count, year_split, leap_year)
