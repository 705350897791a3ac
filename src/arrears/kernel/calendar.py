"""Business days: what a due date on a rest day becomes, and the question a holiday calendar answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique
from typing import Protocol, assert_never

from arrears.kernel.errors import InvariantError

SATURDAY = 5
ONE_DAY = timedelta(days=1)
#: Longer than any run of rest days; beyond it the calendar itself is wrong.
REST_DAYS_MAX = 60


@unique
class BusinessDayConvention(StrEnum):
    """Where a date goes that falls on a rest day."""

    NONE = "none"  #: it stays
    FOLLOWING = "following"  #: the next workday
    MODIFIED_FOLLOWING = "modified_following"  #: the next, or the one before if that is next month
    PRECEDING = "preceding"  #: the workday before


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """What a calendar knows of one day."""

    is_workday: bool
    is_provisional: bool  #: nobody has published this day's year yet; read as the strictest


class HolidayCalendar(Protocol):
    """Workdays and rest days of one country, make-up workdays included."""

    def ask(self, day: date) -> DayAnswer:
        """Whether people work on that day.

        Beyond what is published, every doubtful day is a rest day and the answer provisional.
        """
        ...


@dataclass(frozen=True, slots=True)
class WeekendsOnly:
    """The calendar that knows Saturdays and Sundays and no holiday."""

    def ask(self, day: date) -> DayAnswer:
        """Whether the day is none of a weekend; never provisional."""
        return DayAnswer(is_workday=day.weekday() < SATURDAY, is_provisional=False)


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """A date moved to a workday."""

    on: date
    is_provisional: bool  #: some day on the way was not yet published


def workday_from(day: date, calendar: HolidayCalendar, direction: timedelta) -> BusinessDay:
    """The first workday at or beyond `day` in one direction.

    Raises:
        InvariantError: `calendar.no_workday` where a calendar knows none for sixty days.
    """
    is_provisional = False
    for _ in range(REST_DAYS_MAX):
        answer = calendar.ask(day)
        is_provisional = is_provisional or answer.is_provisional
        if answer.is_workday:
            return BusinessDay(day, is_provisional)
        day += direction
    raise InvariantError("calendar.no_workday", {"day": day})


def adjust(day: date, convention: BusinessDayConvention, calendar: HolidayCalendar) -> BusinessDay:
    """Move a date that falls on a rest day as the convention says; a workday stays.

    Source: ISDA 2006 Definitions, section 4.12.

    Example:
        >>> saturday = date(2026, 1, 31)
        >>> adjust(saturday, BusinessDayConvention.MODIFIED_FOLLOWING, WeekendsOnly()).on
        datetime.date(2026, 1, 30)
    """
    match convention:
        case BusinessDayConvention.NONE:
            return BusinessDay(day, is_provisional=False)
        case BusinessDayConvention.FOLLOWING:
            return workday_from(day, calendar, ONE_DAY)
        case BusinessDayConvention.PRECEDING:
            return workday_from(day, calendar, -ONE_DAY)
        case BusinessDayConvention.MODIFIED_FOLLOWING:
            later = workday_from(day, calendar, ONE_DAY)
            if (later.on.year, later.on.month) == (day.year, day.month):
                return later
            earlier = workday_from(day, calendar, -ONE_DAY)
            return BusinessDay(earlier.on, later.is_provisional or earlier.is_provisional)
    assert_never(convention)
