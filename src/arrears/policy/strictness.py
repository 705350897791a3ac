"""Law >= lender >= product >= contract: a lower level may only be stricter, in a declared way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from arrears.kernel.errors import ArrearsError, invariant
from arrears.policy.parameter import Stricter
from arrears.policy.value import ValueType

if TYPE_CHECKING:
    from datetime import time
    from fractions import Fraction

    from arrears.policy.parameter import Level, Parameter, Step
    from arrears.policy.value import Value

_WHOLE_DAY = timedelta(days=1)

#: Types whose values have no more and less: they may be repeated below, never moved.
UNORDERED = frozenset({ValueType.CHOICE, ValueType.ORDER, ValueType.TEXT})


def is_as_strict(lower: Value, upper: Value, stricter: Stricter) -> bool:
    """Whether a value of a lower level takes away no protection that the upper one gives.

    Args:
        lower: The value of the lender, product or contract.
        upper: The value above it, of the same type and unit.
        stricter: The direction the upper parameter declares.

    Returns:
        True if equal, or moved only in that direction. Of a range the upper end counts: the lower
        end protects nobody who owes. Of bounds by name each must be there and none be laxer.
    """
    invariant(
        (lower.type, lower.unit) == (upper.type, upper.unit),
        "policy.compared_unlike",
        lower=lower.text,
        upper=upper.text,
    )
    match stricter:
        case Stricter.NONE:
            return lower.text == upper.text
        case Stricter.LOWER:
            return _is_within(lower, upper)
        case Stricter.HIGHER:
            return _is_within(upper, lower)
        case never:
            assert_never(never)


def require_as_strict(
    value: Value, upper: Parameter, step: Step, *, level: Level, where: str
) -> None:
    """Refuse a value of a lower level that is laxer than the one above it.

    Args:
        value: The value of the lower level.
        upper: The parameter above; its declared direction decides.
        step: The upper parameter's step that is in force at the same time.
        level: The level of the value.
        where: File, product or contract and its field, for the message.

    Raises:
        ArrearsError: `policy.laxer`.
    """
    if upper.yields_to_agreement or is_as_strict(value, step.value, upper.stricter):
        return
    allowed = {
        Stricter.LOWER: f"at most {step.value.text}",
        Stricter.HIGHER: f"at least {step.value.text}",
        Stricter.NONE: f"exactly {step.value.text}",
    }[upper.stricter]
    raise ArrearsError(
        "policy.laxer",
        where=where,
        expected=f"{allowed} ({upper.unit}), as {upper.level} sets by {step.citation.title}, "
        f"{step.citation.locator}",
        got=f"{value.text} at the level of {level}",
    )


def _is_within(inner: Value, outer: Value) -> bool:
    match inner.type:
        case ValueType.NAMED_INTEGERS:
            bounds, limits = inner.as_named_integers(), outer.as_named_integers()
            return bounds.keys() == limits.keys() and all(
                bounds[name] <= limits[name] for name in bounds
            )
        case ValueType.SET:
            return set(inner.as_words()) <= set(outer.as_words())
        case ValueType.FLAG:
            return inner.as_flag() <= outer.as_flag()
        case ValueType.CLOCK_RANGE:
            return _lies_within(inner.as_clock_range(), outer.as_clock_range())
        case _:
            return _highest(inner) <= _highest(outer)


def _lies_within(inner: tuple[time, time], outer: tuple[time, time]) -> bool:
    """Whether a stretch of the clock lies in another one; either may go over midnight."""
    begin, end = outer
    first, last = _after(begin, inner[0]), _after(begin, inner[1]) or _WHOLE_DAY
    return first < last <= _after(begin, end)


def _after(begin: time, at: time) -> timedelta:
    """How long after one clock time the next other one comes."""
    whole = timedelta(hours=at.hour, minutes=at.minute)
    return (whole - timedelta(hours=begin.hour, minutes=begin.minute)) % _WHOLE_DAY


def _highest(value: Value) -> Fraction | int:
    match value.type:
        case ValueType.RATE | ValueType.MULTIPLE:
            return value.as_fraction()
        case ValueType.RATE_RANGE:
            return value.as_range_ppm()[1]
        case _:
            return value.as_integer()
