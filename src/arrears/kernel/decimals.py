"""Decimal text: digits and a point, nothing scientific, read exactly and never through a float."""

from __future__ import annotations

import re

#: ASCII digits alone: no sign but minus, no exponent, no underscore, no space, no other script.
DECIMAL_PATTERN = r"-?[0-9]+(?:\.[0-9]+)?"
WRITTEN = re.compile(DECIMAL_PATTERN)
#: Longer text is no number that anybody owes or is charged.
CHARACTERS_MAX = 40
#: Of a text that is no number, a message repeats no more than this.
SHOWN_MAX = 80


def read_decimal(given: object) -> tuple[int, int] | None:
    """The digits of a decimal as one whole number, and how many of them stand after the point.

    Zeros at the end of the part after the point are left out, so the second number says how fine
    the decimal truly is.

    Args:
        given: Whatever stood where a decimal should.

    Returns:
        (digits, places), the decimal being digits / 10^places; None where it is no decimal, or is
        longer than `CHARACTERS_MAX`.

    Example:
        >>> read_decimal("-12.370"), read_decimal("1e3")
        ((-1237, 2), None)
    """
    if not isinstance(given, str) or len(given) > CHARACTERS_MAX or not WRITTEN.fullmatch(given):
        return None
    whole, _, part = given.partition(".")
    part = part.rstrip("0")
    return int(whole + part), len(part)


def shown(given: object) -> str:
    """What was given, for a message; of something very long, its beginning."""
    text = repr(given)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"
