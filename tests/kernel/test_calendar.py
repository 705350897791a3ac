"""Business days: conventions on a calendar of weekends, and the Chinese calendar with what it cannot know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from chinese_calendar import holidays
from hypothesis import given
from hypothesis import strategies as st

from arrears.adapters.holidays import ChineseCalendar, is_doubtful, published_years
from arrears.kernel.calendar import (
    BusinessDayConvention,
    DayAnswer,
    WeekendsOnly,
    adjust,
)
from arrears.kernel.errors import InvariantError

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
FOLLOWING = BusinessDayConvention.FOLLOWING
CHINA = ChineseCalendar()


@pytest.mark.parametrize(
    ("convention", "moved"),
    [
        ("none", date(2026, 1, 31)),
        ("following", date(2026, 2, 2)),
        ("modified_following", date(2026, 1, 30)),
        ("preceding", date(2026, 1, 30)),
    ],
)
def test_a_saturday_at_month_end(convention: str, moved: date) -> None:
    """Saturday 31 January 2026: only `following` crosses into February."""
    found = adjust(date(2026, 1, 31), BusinessDayConvention(convention), WeekendsOnly())
    assert found.on == moved


@given(day=DAYS, convention=st.sampled_from(list(BusinessDayConvention)))
def test_a_moved_date_is_a_workday_on_the_right_side(
    day: date, convention: BusinessDayConvention
) -> None:
    """What is moved lands on a workday, on the side the convention names; a workday never moves."""
    moved = adjust(day, convention, CHINA).on
    if convention is BusinessDayConvention.NONE or CHINA.ask(day).is_workday:
        assert moved == day
        return
    assert CHINA.ask(moved).is_workday
    if convention is BusinessDayConvention.FOLLOWING:
        assert moved > day
    if convention is BusinessDayConvention.PRECEDING:
        assert moved < day
    if convention is BusinessDayConvention.MODIFIED_FOLLOWING:
        assert moved.month == day.month or moved < day


@given(day=DAYS, days=st.integers(0, 40))
def test_moving_keeps_the_order(day: date, days: int) -> None:
    """Of two dates the later one is never moved before the earlier one, by whatever convention."""
    later = day + timedelta(days=days)
    for convention in (FOLLOWING, BusinessDayConvention.PRECEDING):
        assert adjust(day, convention, CHINA).on <= adjust(later, convention, CHINA).on


@pytest.mark.parametrize(
    ("day", "is_workday"),
    [
        (date(2026, 1, 1), False),  # New Year's Day
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 15), False),  # first day of the Spring Festival
        (date(2026, 2, 23), False),  # its last
        (date(2026, 2, 24), True),
        (date(2026, 10, 10), True),  # a Saturday worked for National Day
        (date(2025, 10, 8), False),  # Mid-Autumn and National Day in one
    ],
)
def test_published_days(day: date, is_workday: bool) -> None:  # noqa: FBT001 - a table
    """Holidays and make-up workdays are those of the State Council's notices, and certain."""
    assert CHINA.ask(day) == DayAnswer(is_workday, is_provisional=False)


@pytest.mark.parametrize(
    "day",
    [
        date(2027, 1, 1),  # New Year's Day
        date(2027, 2, 6),  # first of the first lunar month, 2027
        date(2028, 1, 26),  # the same, 2028
        date(2030, 2, 4),  # second day of the Spring Festival, 2030
        date(2027, 4, 5),  # Qingming
        date(2027, 5, 3),  # Labour Day
        date(2027, 6, 9),  # fifth of the fifth lunar month
        date(2027, 9, 15),  # fifteenth of the eighth lunar month
        date(2027, 10, 4),  # National Day
        date(2027, 2, 20),  # a Saturday that may be worked: not known yet
    ],
)
def test_a_doubtful_day_is_a_rest_day(day: date) -> None:
    """Beyond the last published year festivals of both calendars and all weekends are rest days."""
    assert day.year > published_years()[1]
    assert CHINA.ask(day) == DayAnswer(is_workday=False, is_provisional=True)


def test_an_ordinary_day_beyond_the_notices_is_a_provisional_workday() -> None:
    """Tuesday 9 March 2027 is near no festival: worked, as far as anyone can know."""
    assert CHINA.ask(date(2027, 3, 9)) == DayAnswer(is_workday=True, is_provisional=True)


def test_a_date_moved_over_an_unpublished_day_is_provisional() -> None:
    """The mark stays on the answer, so that the alarm can be raised and the date looked at again."""
    assert adjust(date(2027, 10, 1), FOLLOWING, CHINA).is_provisional
    assert not adjust(date(2026, 10, 1), FOLLOWING, CHINA).is_provisional


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_doubt_foresaw_what_was_published_later(year: int) -> None:
    """With the notices up to the year before, every weekday holiday of the year was doubtful.

    Dragon Boat and Mid-Autumn are left out: nineteen years before these years they were no holidays.
    From 2027 on the cycle reaches 2008 and later, when they were.
    """
    first, _ = published_years()
    later = {"Dragon Boat Festival", "Mid-autumn Festival"}
    foreseen = [
        is_doubtful(day, first, year - 1)
        for day, name in holidays.items()
        if day.year == year and name not in later
    ]
    assert len(foreseen) >= 20
    assert all(foreseen)


def test_a_calendar_without_workdays_is_a_bug() -> None:
    """A calendar that never works stops the run instead of searching for ever."""

    @dataclass(frozen=True)
    class Never:
        def ask(self, day: date) -> DayAnswer:
            return DayAnswer(is_workday=day.year < 1, is_provisional=False)

    with pytest.raises(InvariantError, match=r"calendar\.no_workday"):
        adjust(date(2026, 1, 1), FOLLOWING, Never())
