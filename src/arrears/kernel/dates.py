"""Dates: due days that keep the day they began with, and days counted from 1970-01-01."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum, unique

from arrears.kernel.errors import ArrearsError

EPOCH = date(1970, 1, 1)
MONTHS_IN_YEAR = 12
WEEK_DAYS = 7
#: Days outside are taken for a mistake; inside, every interval the terms allow can be counted.
DATE_FIRST = date(1900, 1, 1)
DATE_LAST = date(2199, 12, 31)
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@unique
class Unit(StrEnum):
    """The unit of a repayment interval."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(days: int) -> date:
    """The date that many days after 1970-01-01."""
    return EPOCH + timedelta(days=days)


def parse_date(text: str, *, where: str) -> date:
    """Read an ISO 8601 date, written YYYY-MM-DD.

    Raises:
        ArrearsError: `date.malformed`, `date.out_of_range`.
    """
    is_written = isinstance(text, str) and WRITTEN.fullmatch(text)
    try:
        day = date.fromisoformat(text) if is_written else None
    except ValueError:
        day = None
    if day is None:
        raise ArrearsError(
            "date.malformed", where=where, expected="a date such as 2026-01-31", got=repr(text)
        )
    if not DATE_FIRST <= day <= DATE_LAST:
        raise ArrearsError(
            "date.out_of_range",
            where=where,
            expected=f"a date from {DATE_FIRST} to {DATE_LAST}",
            got=repr(text),
        )
    return day


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, clipped to that month's length.

    Example:
        >>> add_months(date(2024, 1, 31), 1)
        datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + months, MONTHS_IN_YEAR)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def last_of_month(day: date) -> date:
    """The last day of the month that holds `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def step(start: date, every: int, unit: Unit, times: int) -> date:
    """The date `times` intervals after `start`; months count from `start`, so its day is kept."""
    if unit is Unit.MONTHS:
        return add_months(start, every * times)
    days = every * times * (WEEK_DAYS if unit is Unit.WEEKS else 1)
    return start + timedelta(days=days)


def steps_within(start: date, every: int, unit: Unit) -> int:
    """How many intervals fit between `start` and the last date this system handles."""
    if unit is Unit.MONTHS:
        months = (DATE_LAST.year - start.year) * MONTHS_IN_YEAR + DATE_LAST.month - start.month
        return months // every
    days = (DATE_LAST - start).days
    return days // (every * (WEEK_DAYS if unit is Unit.WEEKS else 1))
