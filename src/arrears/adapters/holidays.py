"""The Chinese calendar over `chinesecalendar`: holidays, make-up workdays, and years not yet published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from chinese_calendar import holidays, is_workday
from chinese_calendar.constants import Holiday

from arrears.kernel.calendar import SATURDAY, DayAnswer
from arrears.kernel.dates import add_months

#: Festivals of the lunar year; their dates return after 19 years (235 lunar months), within a day.
LUNAR = frozenset(
    {
        Holiday.spring_festival.value,
        Holiday.dragon_boat_festival.value,
        Holiday.mid_autumn_festival.value,
    }
)
LUNAR_CYCLE_YEARS = 19
MONTHS_IN_YEAR = 12
#: The yearly notice moves a holiday's first and last day by up to this many days.
DOUBT_DAYS = 3


@cache
def published_years() -> tuple[int, int]:
    """First and last year whose notice the library holds."""
    years = {day.year for day in holidays}
    return min(years), max(years)


def shifted(day: date, years: int) -> date:
    """The same calendar day so many years later; 29 February becomes the 28th."""
    return add_months(day, MONTHS_IN_YEAR * years)


def is_doubtful(day: date, first: int, last: int) -> bool:
    """Whether a day beyond the published years, `first` to `last`, may become a rest day.

    Weekends are: whether one is worked to make up for a holiday is not known yet. So are the days
    around a festival: one of the solar year as in the nearest published year, one of the lunar year
    as in the published year of the same place in the 19-year cycle.
    """
    if day.weekday() >= SATURDAY:
        return True
    nearest = min(max(day.year, first), last)
    same_moon = day.year
    while same_moon > last:
        same_moon -= LUNAR_CYCLE_YEARS
    while same_moon < first:
        same_moon += LUNAR_CYCLE_YEARS
    for days in range(-DOUBT_DAYS, DOUBT_DAYS + 1):
        near = day + timedelta(days=days)
        solar = holidays.get(shifted(near, nearest - day.year))
        lunar = holidays.get(shifted(near, same_moon - day.year))
        if (solar is not None and solar not in LUNAR) or lunar in LUNAR:
            return True
    return False


@dataclass(frozen=True, slots=True)
class ChineseCalendar:
    """Workdays of mainland China by the State Council's yearly notice.

    For a year not yet published every doubtful day is a rest day, and the answer is provisional:
    a due date is put off rather than charged too early, a contact is left out rather than made.
    """

    def ask(self, day: date) -> DayAnswer:
        """Whether people work on that day."""
        first, last = published_years()
        if first <= day.year <= last:
            return DayAnswer(is_workday=is_workday(day), is_provisional=False)
        return DayAnswer(is_workday=not is_doubtful(day, first, last), is_provisional=True)
