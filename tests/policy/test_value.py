"""Values: what is written is what is read, exactly, or it is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError, InvariantError
from arrears.policy.value import Unit, Value, ValueType, parse_value


def read(text: object, value_type: ValueType, unit: Unit) -> Value:
    return parse_value(text, value_type, unit, where="here")


@given(annual_ppm=st.integers(0, 10_000_000))
def test_a_percentage_is_read_to_the_ppm(annual_ppm: int) -> None:
    """Whatever rate in ppm is written as a percentage comes back as that rate, without a float."""
    whole, part = divmod(annual_ppm, 10_000)
    value = read(f"{whole}.{part:04d}", ValueType.RATE, Unit.PERCENT_PER_YEAR)
    assert value.as_ppm() == annual_ppm
    assert value.as_fraction() == Fraction(annual_ppm, 1_000_000)


def test_each_type_has_its_reading() -> None:
    """One value of each type, read as a rule would."""
    assert read("30..50", ValueType.RATE_RANGE, Unit.PERCENT_OF_CONTRACT_RATE).as_range_ppm() == (
        300_000,
        500_000,
    )
    assert read("0.0175", ValueType.RATE, Unit.PERCENT_PER_DAY).as_fraction() == Fraction(
        175, 1_000_000
    )
    assert read("4", ValueType.MULTIPLE, Unit.TIMES_LPR_1Y).as_fraction() == 4
    assert read("3", ValueType.INTEGER, Unit.YEARS).as_integer() == 3
    assert read("90", ValueType.DAYS, Unit.DAYS).as_integer() == 90
    assert read(
        "M1=0 M6+=180", ValueType.NAMED_INTEGERS, Unit.DAYS_PAST_DUE_OVER
    ).as_named_integers() == {"M1": 0, "M6+": 180}
    assert read("costs interest", ValueType.ORDER, Unit.RULE).as_words() == ("costs", "interest")
    assert read("demand suit", ValueType.SET, Unit.RULE).as_words() == ("demand", "suit")
    assert read("irr_nominal", ValueType.CHOICE, Unit.RULE).as_choice() == "irr_nominal"
    assert read("true", ValueType.FLAG, Unit.RULE).as_flag() is True
    assert read("false", ValueType.FLAG, Unit.RULE).as_flag() is False
    assert read("A sentence.", ValueType.TEXT, Unit.RULE).text == "A sentence."


@pytest.mark.parametrize(
    ("text", "value_type", "unit"),
    [
        (24, ValueType.RATE, Unit.PERCENT_PER_YEAR),
        (24.0, ValueType.RATE, Unit.PERCENT_PER_YEAR),
        ("24 %", ValueType.RATE, Unit.PERCENT_PER_YEAR),
        ("-1", ValueType.RATE, Unit.PERCENT_PER_YEAR),
        ("1e3", ValueType.RATE, Unit.PERCENT_PER_YEAR),
        ("0.00001", ValueType.RATE, Unit.PERCENT_PER_YEAR),
        ("50..30", ValueType.RATE_RANGE, Unit.PERCENT_OF_CONTRACT_RATE),
        ("30..50..70", ValueType.RATE_RANGE, Unit.PERCENT_OF_CONTRACT_RATE),
        ("30", ValueType.RATE_RANGE, Unit.PERCENT_OF_CONTRACT_RATE),
        ("four", ValueType.MULTIPLE, Unit.TIMES_LPR_1Y),
        ("3.5", ValueType.INTEGER, Unit.YEARS),
        ("", ValueType.DAYS, Unit.DAYS),
        ("M1=30 M2=30", ValueType.NAMED_INTEGERS, Unit.DAYS_PAST_DUE_OVER),
        ("M1=0 M1=30", ValueType.NAMED_INTEGERS, Unit.DAYS_PAST_DUE_OVER),
        ("M1", ValueType.NAMED_INTEGERS, Unit.DAYS_PAST_DUE_OVER),
        ("two words", ValueType.CHOICE, Unit.RULE),
        ("costs costs", ValueType.ORDER, Unit.RULE),
        ("", ValueType.SET, Unit.RULE),
        ("yes", ValueType.FLAG, Unit.RULE),
        (" ", ValueType.TEXT, Unit.RULE),
        ("24", ValueType.RATE, Unit.DAYS),
    ],
)
def test_what_is_not_of_its_type_is_refused(
    text: object, value_type: ValueType, unit: Unit
) -> None:
    """No value is guessed: unquoted, malformed, too fine or of a foreign unit is an error."""
    with pytest.raises(ArrearsError) as caught:
        read(text, value_type, unit)
    assert caught.value.code == "policy.malformed"


def test_reading_a_value_as_another_type_is_a_bug() -> None:
    """A flag is no rate, and a day's rate is no annual one: asking so stops the run."""
    with pytest.raises(InvariantError):
        read("true", ValueType.FLAG, Unit.RULE).as_ppm()
    with pytest.raises(InvariantError):
        read("0.05", ValueType.RATE, Unit.PERCENT_PER_DAY).as_ppm()
