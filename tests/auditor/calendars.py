"""Weights of nights as exact shares of a year, and one rounding."""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model import Row, Terms

NIGHT = timedelta(days=1)


def rounded(value: Fraction, mode: str) -> int:
    """Round an exact value >= 0."""
    whole = value.numerator // value.denominator
    rest = value - whole
    half = Fraction(1, 2)
    up = {
        "half_up": rest >= half,
        "half_even": rest > half or (rest == half and whole % 2 == 1),
        "down": False,
        "up": rest > 0,
    }[mode]
    return whole + (1 if up else 0)


def thirty_index(day: date) -> int:
    """360 y + 30 m + min(day, 30)."""
    return 360 * day.year + 30 * day.month + min(day.day, 30)


def night_weight(day: date, terms: Terms) -> Fraction:
    """The share of a year of the night from a day to the next, by the calendar."""
    morning = day + NIGHT
    if terms.day_count in ("actual/365", "equal_periods"):
        return Fraction(1, 365)
    if terms.day_count == "actual/360":
        return Fraction(1, 360)
    if terms.day_count in ("30/360", "30E/360"):
        return Fraction(thirty_index(morning) - thirty_index(day), 360)
    year = morning.year if terms.year_split == "dec31" else day.year
    return Fraction(1, 366 if isleap(year) else 365)


def month_later(day: date, months: int) -> date:
    """The same day so many months later, clipped to the month's length."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_end(start: date, terms: Terms) -> date:
    """The day one repayment interval after a start."""
    if terms.unit == "months":
        return month_later(start, terms.every)
    return start + timedelta(days=terms.every * (7 if terms.unit == "weeks" else 1))


def period_share(row: Row, terms: Terms) -> Fraction | None:
    """The whole period's share of a year where it is not the calendar's; None: night by night."""
    days = (row.due - row.start).days
    if days <= 0:
        return None
    is_regular = period_end(row.start, terms) == row.due
    if terms.day_count in ("30/360", "30E/360"):
        if is_regular and terms.unit == "months":
            return Fraction(30 * terms.every, 360)
        return Fraction(days, 360)
    if terms.day_count == "equal_periods":
        if is_regular and terms.unit == "months":
            return Fraction(terms.every, 12)
        if is_regular and terms.unit == "weeks":
            return Fraction(terms.every, 52)
        return Fraction(days, 365)
    if terms.day_count == "actual/actual" and terms.leap_year == "feb29_period_only":
        has_leap_day = any(
            isleap(year) and row.start < date(year, 2, 29) <= row.due
            for year in range(row.start.year, row.due.year + 1)
        )
        return Fraction(days, 366 if has_leap_day else 365)
    return None


def interest_weight(day: date, row: Row, terms: Terms) -> Fraction:
    """What a night inside a row's period weighs for contract interest."""
    share = period_share(row, terms) if row.kind == "instalment" else None
    if share is None or not row.start <= day < row.due:
        return night_weight(day, terms)
    return share / (row.due - row.start).days
