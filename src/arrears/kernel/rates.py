"""Rates: exact parts per million a year; derived rates are rounded down once and stored."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from arrears.kernel.errors import ArrearsError

PPM = 1_000_000
#: 1,000 % a year; beyond it a rate is taken for a mistake, and the fold's bounds would not hold.
RATE_ANNUAL_PPM_MAX = 10 * PPM


def parse_rate_ppm(text: str, *, where: str) -> int:
    """Read a decimal string, 1 = 100 %, as parts per million a year.

    Raises:
        ArrearsError: `rate.malformed` (also below 0 or above 1,000 %), `rate.too_fine`.

    Example:
        >>> parse_rate_ppm("0.094822", where="annual_rate")
        94822
    """
    expected = "a decimal string from 0 to 10, where 0.18 is 18 %"
    try:
        scaled = Decimal(text) * PPM
    except (InvalidOperation, TypeError, ValueError):
        raise ArrearsError(
            "rate.malformed", where=where, expected=expected, got=repr(text)
        ) from None
    if not scaled.is_finite() or not 0 <= scaled <= RATE_ANNUAL_PPM_MAX:
        raise ArrearsError("rate.malformed", where=where, expected=expected, got=repr(text))
    if scaled != scaled.to_integral_value():
        raise ArrearsError(
            "rate.too_fine", where=where, expected="at most 6 decimals", got=repr(text)
        )
    return int(scaled)


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
