"""Dates: due days that keep the day they began with, and days counted from 1970-01-01."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum, unique

from arrears.kernel.errors import ArrearsError

EPOCH = date(1970, 1, 1)
MONTHS_IN_YEAR = 12


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
    """Read an ISO 8601 date.

    Raises:
        ArrearsError: `date.malformed`.
    """
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ArrearsError(
            "date.malformed", where=where, expected="a date such as 2026-01-31", got=repr(text)
        ) from None


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, clipped to that month's length.

    Example:
        >>> add_months(date(2024, 1, 31), 1)
        datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + months, MONTHS_IN_YEAR)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def step(start: date, every: int, unit: Unit, times: int) -> date:
    """The date `times` intervals after `start`; months count from `start`, so its day is kept."""
    if unit is Unit.MONTHS:
        return add_months(start, every * times)
    days = every * times * (7 if unit is Unit.WEEKS else 1)
    return start + timedelta(days=days)
