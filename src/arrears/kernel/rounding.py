"""Rounding: a contract term, never a habit; exact fractions in, whole minor units out."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


@unique
class Rounding(StrEnum):
    """How an exact amount becomes whole minor units."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


@unique
class MultipleMode(StrEnum):
    """Which multiple an instalment goes to."""

    NEAREST = "nearest"  #: ties go up
    UP = "up"


def round_fraction(value: Fraction, mode: Rounding) -> int:
    """Round an exact value to a whole number; half up means away from zero.

    Example:
        >>> from fractions import Fraction
        >>> [round_fraction(Fraction(5, 2), mode) for mode in Rounding]
        [3, 2, 2, 3]
    """
    if value < 0:
        return -round_fraction(-value, mode)
    whole, rest = divmod(value, 1)
    if mode is Rounding.HALF_UP:
        return whole + (1 if rest * 2 >= 1 else 0)
    if mode is Rounding.HALF_EVEN:
        above = rest * 2 > 1 or (rest * 2 == 1 and whole % 2 == 1)
        return whole + (1 if above else 0)
    if mode is Rounding.UP:
        return whole + (1 if rest > 0 else 0)
    return whole


def round_to_multiple(amount_minor: int, multiple_minor: int, mode: MultipleMode) -> int:
    """Take an amount >= 0 to a multiple; a multiple of 1 changes nothing.

    Example:
        >>> round_to_multiple(149, 100, MultipleMode.NEAREST)
        100
    """
    if mode is MultipleMode.UP:
        return -(-amount_minor // multiple_minor) * multiple_minor
    return (2 * amount_minor + multiple_minor) // (2 * multiple_minor) * multiple_minor
