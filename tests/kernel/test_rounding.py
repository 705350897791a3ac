"""Rounding: whole minor units from exact values, and instalments at a multiple."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.rounding import MultipleMode, Rounding, round_fraction, round_to_multiple

DECIMAL_MODES = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.UP: ROUND_UP,
}
MODES = st.sampled_from(list(Rounding))


@pytest.mark.parametrize("mode", list(Rounding))
@pytest.mark.parametrize("thousandths", [0, 1, 499, 500, 501, 999, 1000, 1499, 1500, 1501, 2500])
def test_every_mode_is_the_standard_one(mode: Rounding, thousandths: int) -> None:
    """At, just below and just above each half, a mode is what `decimal` means by its name."""
    for sign in (1, -1):
        exact = Decimal(sign * thousandths) / 1000
        expected = exact.quantize(Decimal(1), rounding=DECIMAL_MODES[mode])
        assert round_fraction(Fraction(sign * thousandths, 1000), mode) == expected


@given(value=st.fractions(), mode=MODES)
def test_rounding_moves_by_less_than_one_and_never_past_a_whole(
    value: Fraction, mode: Rounding
) -> None:
    """The result is one of the two neighbours; halves go to the nearer, down and up to their side."""
    rounded = round_fraction(value, mode)
    assert abs(rounded - value) < 1
    if mode in (Rounding.HALF_UP, Rounding.HALF_EVEN):
        assert abs(rounded - value) <= Fraction(1, 2)
    if mode is Rounding.DOWN:
        assert abs(rounded) <= abs(value)
    if mode is Rounding.UP:
        assert abs(rounded) >= abs(value)


@given(value=st.fractions(), mode=MODES)
def test_what_is_owed_and_what_is_owing_round_alike(value: Fraction, mode: Rounding) -> None:
    """A value and its opposite stay opposites: no side of a posting gains a minor unit."""
    assert round_fraction(-value, mode) == -round_fraction(value, mode)


@given(whole=st.integers(), mode=MODES)
def test_a_whole_amount_stays(whole: int, mode: Rounding) -> None:
    """What is whole already is not rounded by any mode, however large it is."""
    assert round_fraction(Fraction(whole), mode) == whole


@given(one=st.fractions(), other=st.fractions(), mode=MODES)
def test_the_larger_never_rounds_below_the_smaller(
    one: Fraction, other: Fraction, mode: Rounding
) -> None:
    """Rounding keeps the order of amounts."""
    low, high = sorted((one, other))
    assert round_fraction(low, mode) <= round_fraction(high, mode)


@pytest.mark.parametrize(
    ("amount_minor", "nearest", "up"),
    [(0, 0, 0), (1, 0, 100), (49, 0, 100), (50, 100, 100), (100, 100, 100), (149, 100, 200)],
)
def test_multiples_of_a_hundred(amount_minor: int, nearest: int, up: int) -> None:
    """The nearest multiple, a tie going up; and the next one not below."""
    assert round_to_multiple(amount_minor, 100, MultipleMode.NEAREST) == nearest
    assert round_to_multiple(amount_minor, 100, MultipleMode.UP) == up


@given(amount_minor=st.integers(0, 10**15), multiple_minor=st.integers(1, 10**6))
def test_a_multiple_is_one_and_near(amount_minor: int, multiple_minor: int) -> None:
    """Both modes give a multiple: within half of one, or from 0 to less than one above."""
    nearest = round_to_multiple(amount_minor, multiple_minor, MultipleMode.NEAREST)
    above = round_to_multiple(amount_minor, multiple_minor, MultipleMode.UP)
    assert nearest % multiple_minor == above % multiple_minor == 0
    assert 2 * abs(nearest - amount_minor) <= multiple_minor
    assert 0 <= above - amount_minor < multiple_minor
