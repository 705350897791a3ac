"""Rates: exact parts per million a year; derived rates are rounded down once and stored."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from arrears.kernel.decimals import read_decimal, shown
from arrears.kernel.errors import ArrearsError

PPM = 1_000_000
#: 1,000 % a year; beyond it a rate is taken for a mistake, and the fold's bounds would not hold.
RATE_ANNUAL_PPM_MAX = 10 * PPM
RATE_EXPECTED = "a decimal string from 0 to 10, where 0.18 is 18 %"


def parse_rate(text: str, *, where: str, expected: str = RATE_EXPECTED) -> Fraction:
    """Read a decimal string, 1 = 100 %, exactly.

    Args:
        text: Such as "0.0005": digits and a point, nothing scientific; see `read_decimal`.
        where: For the message, such as "penalty.daily_rate".
        expected: For the message.

    Raises:
        ArrearsError: `rate.malformed` (also below 0 or above 1,000 %).
    """
    written = read_decimal(text)
    rate = None if written is None else Fraction(written[0], 10 ** written[1])
    if rate is None or not 0 <= rate * PPM <= RATE_ANNUAL_PPM_MAX:
        raise ArrearsError("rate.malformed", where=where, expected=expected, got=shown(text))
    return rate


def parse_rate_ppm(text: str, *, where: str) -> int:
    """Read a decimal string, 1 = 100 %, as parts per million a year.

    Raises:
        ArrearsError: `rate.malformed` (also below 0 or above 1,000 %), `rate.too_fine`.

    Example:
        >>> parse_rate_ppm("0.094822", where="annual_rate")
        94822
    """
    scaled = parse_rate(text, where=where) * PPM
    if scaled.denominator != 1:
        raise ArrearsError(
            "rate.too_fine", where=where, expected="at most 6 decimals", got=shown(text)
        )
    return scaled.numerator


def format_rate(rate_ppm: int) -> str:
    """Write parts per million as a decimal string without trailing zeros.

    Example:
        >>> format_rate(180_000)
        '0.18'
    """
    return format((Decimal(rate_ppm) / PPM).normalize(), "f")


def multiplied_ppm(rate_ppm: int, factor: Fraction) -> int:
    """A rate times an exact factor, rounded down to whole ppm (an uplift, a multiple of LPR)."""
    return int(Fraction(rate_ppm) * factor // 1)
