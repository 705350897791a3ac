"""The value of a parameter: a quoted text with a type and a unit, read exactly, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum, unique
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError, invariant
from arrears.kernel.rates import PPM

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_WHOLE = re.compile(r"[0-9]+")
_WORD = re.compile(r"[A-Za-z0-9_+]+")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_RANGE = ".."
_PERCENT = 100


@unique
class ValueType(StrEnum):
    """How a value's text is read."""

    RATE = "rate"  #: "24", a percentage
    RATE_RANGE = "rate_range"  #: "30..50", percentages, both ends allowed
    MULTIPLE = "multiple"  #: "4", a factor
    INTEGER = "integer"  #: "3"
    DAYS = "days"  #: "90", a count of days
    NAMED_INTEGERS = "named_integers"  #: "M1=0 M2=30", in this order
    CHOICE = "choice"  #: one word
    ORDER = "order"  #: words, the first first, none twice
    SET = "set"  #: words in no order, none twice
    FLAG = "flag"  #: "true" or "false"
    CLOCK_RANGE = "clock_range"  #: "22:00..08:00", half-open, over midnight where it ends earlier
    TEXT = "text"  #: a sentence for people; no rule reads it


@unique
class Unit(StrEnum):
    """What one of the value is."""

    PERCENT_PER_YEAR = "percent_per_year"
    PERCENT_PER_DAY = "percent_per_day"
    PERCENT_OF_CONTRACT_RATE = "percent_of_contract_rate"
    PERCENT = "percent"  #: of what the parameter's meaning names
    TIMES_LPR_1Y = "times_lpr_1y"
    DAYS = "days"
    DAYS_PAST_DUE_OVER = "days_past_due_over"  #: the band begins on the day after this many
    YEARS = "years"
    MONTHS = "months"
    MINUTES = "minutes"
    TIMES = "times"  #: how often something is done
    PERSONS = "persons"
    MINOR_UNITS = "minor_units"  #: of the pack's currency
    LOCAL_TIME = "local_time"  #: on the clock of the person concerned
    AS_NAMED = "as_named"  #: each name is its own unit
    RULE = "rule"  #: words that name a rule


#: How a value of one word is written.
_PATTERN: Mapping[ValueType, re.Pattern[str]] = {
    ValueType.MULTIPLE: _DECIMAL,
    ValueType.INTEGER: _WHOLE,
    ValueType.DAYS: _WHOLE,
    ValueType.CHOICE: _WORD,
    ValueType.FLAG: re.compile("true|false"),
}

#: Which units make sense of which type; anything else is refused when a file is loaded.
_UNITS_OF_TYPE: Mapping[ValueType, frozenset[Unit]] = {
    ValueType.RATE: frozenset(
        {
            Unit.PERCENT_PER_YEAR,
            Unit.PERCENT_PER_DAY,
            Unit.PERCENT_OF_CONTRACT_RATE,
            Unit.PERCENT,
        }
    ),
    ValueType.RATE_RANGE: frozenset({Unit.PERCENT_PER_YEAR, Unit.PERCENT_OF_CONTRACT_RATE}),
    ValueType.MULTIPLE: frozenset({Unit.TIMES_LPR_1Y}),
    ValueType.INTEGER: frozenset(
        {Unit.YEARS, Unit.MONTHS, Unit.MINUTES, Unit.TIMES, Unit.PERSONS, Unit.MINOR_UNITS}
    ),
    ValueType.DAYS: frozenset({Unit.DAYS, Unit.DAYS_PAST_DUE_OVER}),
    ValueType.NAMED_INTEGERS: frozenset({Unit.DAYS_PAST_DUE_OVER, Unit.AS_NAMED}),
    ValueType.CHOICE: frozenset({Unit.RULE}),
    ValueType.ORDER: frozenset({Unit.RULE}),
    ValueType.SET: frozenset({Unit.RULE}),
    ValueType.FLAG: frozenset({Unit.RULE}),
    ValueType.CLOCK_RANGE: frozenset({Unit.LOCAL_TIME}),
    ValueType.TEXT: frozenset({Unit.RULE}),
}

_FORM: Mapping[ValueType, str] = {
    ValueType.RATE: 'a percentage in quotes, such as "24"',
    ValueType.RATE_RANGE: 'two percentages in quotes, lower first, such as "30..50"',
    ValueType.MULTIPLE: 'a factor in quotes, such as "4"',
    ValueType.INTEGER: 'a whole number in quotes, such as "3"',
    ValueType.DAYS: 'a whole number of days in quotes, such as "90"',
    ValueType.NAMED_INTEGERS: 'names and whole numbers in quotes, such as "M1=0 M2=30"',
    ValueType.CHOICE: "one word in quotes",
    ValueType.ORDER: "words in quotes, first first, none twice",
    ValueType.SET: "words in quotes, none twice",
    ValueType.FLAG: '"true" or "false"',
    ValueType.CLOCK_RANGE: 'two times in quotes, such as "22:00..08:00"',
    ValueType.TEXT: "a text in quotes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value as its source states it; made by `parse_value`, so reading it never fails.

    Asking for another type than it has (a flag as a rate) is a bug, not an error.
    """

    text: str  #: as in the file
    type: ValueType
    unit: Unit

    def as_ppm(self) -> int:
        """A rate in whole ppm: of a year, or of what its unit names; "24" is 240,000."""
        self._require(ValueType.RATE)
        invariant(self.unit is not Unit.PERCENT_PER_DAY, "policy.rate_not_annual", value=self.text)
        return int(self.as_fraction() * PPM)

    def as_range_ppm(self) -> tuple[int, int]:
        """Both ends of a range in whole ppm, the lower first."""
        self._require(ValueType.RATE_RANGE)
        lowest, highest = self.text.split(_RANGE)
        return int(_share(lowest) * PPM), int(_share(highest) * PPM)

    def as_fraction(self) -> Fraction:
        """A rate as a share of 1 (a day's rate stays a day's), or a multiple, exactly."""
        if self.type is ValueType.RATE:
            return _share(self.text)
        self._require(ValueType.MULTIPLE)
        return Fraction(self.text)

    def as_integer(self) -> int:
        """A whole number, of the value's unit."""
        self._require(ValueType.INTEGER, ValueType.DAYS)
        return int(self.text)

    def as_named_integers(self) -> dict[str, int]:
        """Name -> whole number, in the order of the source."""
        self._require(ValueType.NAMED_INTEGERS)
        pairs = (part.split("=") for part in self.text.split())
        return {name: int(number) for name, number in pairs}

    def as_words(self) -> tuple[str, ...]:
        """The words of an order or a set, as they stand."""
        self._require(ValueType.ORDER, ValueType.SET)
        return tuple(self.text.split())

    def as_choice(self) -> str:
        """The one word of a choice."""
        self._require(ValueType.CHOICE)
        return self.text

    def as_flag(self) -> bool:
        """Whether a flag is up."""
        self._require(ValueType.FLAG)
        return self.text == "true"

    def as_clock_range(self) -> tuple[time, time]:
        """From when until when, half-open, on a clock; over midnight where the end is earlier."""
        self._require(ValueType.CLOCK_RANGE)
        begin, end = self.text.split(_RANGE)
        return time.fromisoformat(begin), time.fromisoformat(end)

    def _require(self, *types: ValueType) -> None:
        invariant(self.type in types, "policy.wrong_type", value=self.text, type=str(self.type))


def parse_value(text: object, value_type: ValueType, unit: Unit, *, where: str) -> Value:
    """Read a value as it stands in a file; what is not quoted, or not of its type, is refused.

    Args:
        text: As the file has it. A number without quotes has lost its exact form and is refused.
        value_type: The parameter's declared type.
        unit: The parameter's declared unit.
        where: File and step, for the message.

    Raises:
        ArrearsError: `policy.malformed`; a rate finer than one ppm a year is refused too.

    Example:
        >>> parse_value("24", ValueType.RATE, Unit.PERCENT_PER_YEAR, where="here").as_ppm()
        240000
    """
    if unit not in _UNITS_OF_TYPE[value_type]:
        units = ", ".join(sorted(_UNITS_OF_TYPE[value_type]))
        raise ArrearsError(
            "policy.malformed", where=f"{where}, field unit", expected=units, got=str(unit)
        )
    if not isinstance(text, str) or not _is_well_formed(text, value_type, unit):
        raise ArrearsError(
            "policy.malformed",
            where=f"{where}, field value",
            expected=_FORM[value_type],
            got=repr(text),
        )
    return Value(text=text, type=value_type, unit=unit)


def _is_well_formed(text: str, value_type: ValueType, unit: Unit) -> bool:
    words = text.split()
    match value_type:
        case ValueType.RATE:
            return _is_rate(text, unit)
        case ValueType.RATE_RANGE:
            return _is_rate_range(text, unit)
        case ValueType.NAMED_INTEGERS:
            return _are_named_integers(words, unit)
        case ValueType.ORDER | ValueType.SET:
            return _are_words(words)
        case ValueType.CLOCK_RANGE:
            return _is_clock_range(text)
        case ValueType.TEXT:
            return bool(words)
        case _:
            return _PATTERN[value_type].fullmatch(text) is not None


def _is_rate(text: str, unit: Unit) -> bool:
    if _DECIMAL.fullmatch(text) is None:
        return False
    return unit is Unit.PERCENT_PER_DAY or (_share(text) * PPM).denominator == 1


def _is_rate_range(text: str, unit: Unit) -> bool:
    ends = text.split(_RANGE)
    return (
        len(ends) == len(("lowest", "highest"))
        and all(_is_rate(end, unit) for end in ends)
        and Decimal(ends[0]) <= Decimal(ends[1])
    )


def _are_words(words: list[str]) -> bool:
    are_words = all(_WORD.fullmatch(word) for word in words)
    return bool(words) and are_words and len(set(words)) == len(words)


def _is_clock_range(text: str) -> bool:
    begin, _, end = text.partition(_RANGE)
    return begin != end and all(_CLOCK.fullmatch(each) for each in (begin, end))


def _are_named_integers(words: list[str], unit: Unit) -> bool:
    """Whether each word is name=number, no name twice; bounds of bands must rise."""
    names: list[str] = []
    numbers: list[int] = []
    for word in words:
        name, sign, number = word.partition("=")
        if not (sign and _WORD.fullmatch(name) and _WHOLE.fullmatch(number)):
            return False
        names.append(name)
        numbers.append(int(number))
    rises = all(lower < upper for lower, upper in pairwise(numbers))
    is_ordered = unit is not Unit.DAYS_PAST_DUE_OVER or rises
    return bool(names) and len(set(names)) == len(names) and is_ordered


def _share(percentage: str) -> Fraction:
    return Fraction(percentage) / _PERCENT
