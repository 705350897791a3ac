"""Exact arithmetic of the fold: rounding, carrying a charge night by night, and the weight of nights."""

from __future__ import annotations

from arrears.kernel.compiled import compiled

PPM = 1_000_000
DAYS_IN_ERA = 146_097
EPOCH_SHIFT = 719_468

ROUND_HALF_UP = 0
ROUND_HALF_EVEN = 1
ROUND_DOWN = 2
ROUND_UP = 3

DAY_COUNT_30E_360 = 0
DAY_COUNT_ACTUAL_360 = 1
DAY_COUNT_ACTUAL_365 = 2
DAY_COUNT_ACTUAL_ACTUAL = 3
DAY_COUNT_EQUAL_PERIODS = 4
EQUAL_PERIODS_DAY = 936


@compiled
def rounded(whole: int, remainder: int, denominator: int, mode: int) -> int:
    """Round `whole + remainder / denominator`, a value >= 0 with 0 <= remainder < denominator.

    Args:
        whole: Whole minor units.
        remainder: What is left, over `denominator`.
        denominator: > 0, below 2^62.
        mode: `ROUND_HALF_UP`, `ROUND_HALF_EVEN`, `ROUND_DOWN` or `ROUND_UP`.

    Example:
        >>> rounded(12, 1, 2, ROUND_HALF_UP), rounded(12, 1, 2, ROUND_HALF_EVEN)
        (13, 12)
    """
    twice = 2 * remainder
    if mode == ROUND_HALF_UP:
        return whole + 1 if twice >= denominator else whole
    if mode == ROUND_HALF_EVEN:
        if twice == denominator:
            return whole + whole % 2
        return whole + 1 if twice > denominator else whole
    if mode == ROUND_UP:
        return whole + 1 if remainder > 0 else whole
    return whole


@compiled
def rounded_ratio(numerator: int, denominator: int, mode: int) -> int:
    """Round a ratio >= 0; both below 2^62."""
    whole = numerator // denominator
    return rounded(whole, numerator - whole * denominator, denominator, mode)


@compiled
def carried(whole: int, remainder: int, night_ppm: int, weight: int, basis: int) -> tuple[int, int]:
    """Add `night_ppm x weight / (basis x 10^6)` to a whole and a remainder over `basis x 10^6`.

    The product is never formed: `night_ppm = a 10^6 + b`, and `a weight / basis` and
    `b weight / (basis 10^6)` are added apart, so nothing overflows below 4e18 of `night_ppm`.

    Args:
        whole: Minor units so far.
        remainder: Over `basis x 10^6`, so far.
        night_ppm: Base in minor units x rate in ppm, >= 0.
        weight: Of the nights, over `basis`; of at most 366 nights.
        basis: Day basis, times the days a period is spread over.

    Returns:
        The new whole and remainder; exact.
    """
    units = night_ppm // PPM
    scaled = units * weight
    quotient = scaled // basis
    denominator = basis * PPM
    left = remainder + (scaled - quotient * basis) * PPM + (night_ppm - units * PPM) * weight
    whole += quotient
    while left >= denominator:  # three times at most: no part is much above it
        left -= denominator
        whole += 1
    return whole, left


@compiled
def year_of(day: int) -> int:
    """The calendar year of a day counted from 1970-01-01 (proleptic Gregorian)."""
    shifted = day + EPOCH_SHIFT
    era = shifted // DAYS_IN_ERA
    day_of_era = shifted - era * DAYS_IN_ERA
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    year = year_of_era + era * 400
    return year + 1 if day_of_year >= 306 else year


@compiled
def first_of_year(year: int) -> int:
    """1 January of a year as days since 1970-01-01."""
    before = year - 1
    return 365 * before + before // 4 - before // 100 + before // 400 - 719_162


@compiled
def is_leap(year: int) -> bool:
    """Whether the year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@compiled
def index_30e(day: int) -> int:
    """360 y + 30 m + min(day of month, 30): differences of it are days of 30/360."""
    shifted = day + EPOCH_SHIFT
    era = shifted // DAYS_IN_ERA
    day_of_era = shifted - era * DAYS_IN_ERA
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day_of_month = day_of_year - (153 * month_from_march + 2) // 5 + 1
    months = 12 * (year_of_era + era * 400) + month_from_march + 3
    return 30 * months + min(day_of_month, 30)


@compiled
def month_end_after(day: int) -> int:
    """The first last-of-month later than `day`."""
    shifted = day + 1 + EPOCH_SHIFT
    era = shifted // DAYS_IN_ERA
    day_of_era = shifted - era * DAYS_IN_ERA
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    first_of_month = day + 1 - (day_of_year - (153 * month_from_march + 2) // 5)
    if month_from_march == 11:
        year = year_of_era + era * 400 + 1
        return first_of_month + (28 if is_leap(year) else 27)
    length = (153 * (month_from_march + 1) + 2) // 5 - (153 * month_from_march + 2) // 5
    return first_of_month + length - 1


@compiled
def actual_weight(start: int, end: int, is_dec31: int) -> int:
    """Weight over 365 x 366 of the nights from `start` to `end` under actual/actual."""
    first = start + is_dec31
    last = end + is_dec31
    year = year_of(first)
    weight = 0
    while first < last:
        turn = first_of_year(year + 1)
        stop = min(turn, last)
        weight += (stop - first) * (365 if is_leap(year) else 366)
        first = stop
        year += 1
    return weight


@compiled
def night_weight(start: int, end: int, day_count: int, is_dec31: int) -> int:
    """Weight over the day basis of the nights from `start` to `end` (`start` <= `end`).

    Args:
        start: First night's day, days since 1970-01-01.
        end: Day after the last night.
        day_count: A `DAY_COUNT_...` code.
        is_dec31: 1 where the night of 31 December belongs to the new year.
    """
    if day_count in (DAY_COUNT_ACTUAL_365, DAY_COUNT_ACTUAL_360):
        return end - start
    if day_count == DAY_COUNT_ACTUAL_ACTUAL:
        return actual_weight(start, end, is_dec31)
    if day_count == DAY_COUNT_30E_360:
        return index_30e(end) - index_30e(start)
    return (end - start) * EQUAL_PERIODS_DAY
