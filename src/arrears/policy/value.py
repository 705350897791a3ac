"""The value of a parameter: a quoted text with a type and a unit, read exactly, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    TEXT = "text"  #: a sentence for people; no rule reads it


@unique
class Unit(StrEnum):
    """What one of the value is."""

    PERCENT_PER_YEAR = "percent_per_year"
    PERCENT_PER_DAY = "percent_per_day"
    PERCENT_OF_CONTRACT_RATE = "percent_of_contract_rate"
    TIMES_LPR_1Y = "times_lpr_1y"
    DAYS = "days"
    DAYS_PAST_DUE_OVER = "days_past_due_over"  #: the band begins on the day after this many
    YEARS = "years"
    AS_NAMED = "as_named"  #: each name is its own unit
    RULE = "rule"  #: words that name a rule


#: Which units make sense of which type; anything else is refused when a file is loaded.
_UNITS_OF_TYPE: Mapping[ValueType, frozenset[Unit]] = {
    ValueType.RATE: frozenset(
        {Unit.PERCENT_PER_YEAR, Unit.PERCENT_PER_DAY, Unit.PERCENT_OF_CONTRACT_RATE}
    ),
    ValueType.RATE_RANGE: frozenset({Unit.PERCENT_PER_YEAR, Unit.PERCENT_OF_CONTRACT_RATE}),
    ValueType.MULTIPLE: frozenset({Unit.TIMES_LPR_1Y}),
    ValueType.INTEGER: frozenset({Unit.YEARS}),
    ValueType.DAYS: frozenset({Unit.DAYS, Unit.DAYS_PAST_DUE_OVER}),
    ValueType.NAMED_INTEGERS: frozenset({Unit.DAYS_PAST_DUE_OVER, Unit.AS_NAMED}),
    ValueType.CHOICE: frozenset({Unit.RULE}),
    ValueType.ORDER: frozenset({Unit.RULE}),
    ValueType.SET: frozenset({Unit.RULE}),
    ValueType.FLAG: frozenset({Unit.RULE}),
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
        """A rate in whole ppm: of a year, or of the contract's rate; "24" is 240,000."""
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
            ends = text.split(_RANGE)
            return (
                len(ends) == len(("lowest", "highest"))
                and all(_is_rate(end, unit) for end in ends)
                and Decimal(ends[0]) <= Decimal(ends[1])
            )
        case ValueType.MULTIPLE:
            return _DECIMAL.fullmatch(text) is not None
        case ValueType.INTEGER | ValueType.DAYS:
            return _WHOLE.fullmatch(text) is not None
        case ValueType.NAMED_INTEGERS:
            return _are_named_integers(words, unit)
        case ValueType.CHOICE:
            return _WORD.fullmatch(text) is not None
        case ValueType.ORDER | ValueType.SET:
            are_words = all(_WORD.fullmatch(word) for word in words)
            return bool(words) and are_words and len(set(words)) == len(words)
        case ValueType.FLAG:
            return text in {"true", "false"}
        case ValueType.TEXT:
            return bool(words)


def _is_rate(text: str, unit: Unit) -> bool:
    if _DECIMAL.fullmatch(text) is None:
        return False
    return unit is Unit.PERCENT_PER_DAY or (_share(text) * PPM).denominator == 1


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
