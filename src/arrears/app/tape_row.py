"""One row of a tape, as text: a column is there, is a whole number, is an amount; or the row says why not."""

from __future__ import annotations

from collections.abc import Mapping

from arrears.kernel.decimals import read_decimal, shown
from arrears.kernel.errors import ArrearsError

Row = Mapping[str, str]
#: Where a row keeps the values for which the heading has no column; such a heading is refused.
BEYOND = "\n"


def refuse_beyond(row: Row) -> None:
    """Refuse a row with more values than the heading has columns: which is which, nobody knows.

    Raises:
        ArrearsError: `tape.too_many_values`.
    """
    if BEYOND in row:
        raise ArrearsError(
            "tape.too_many_values",
            where="the row",
            expected=f"{len(row) - 1} values",
            got=row[BEYOND],
        )


def needed(row: Row, name: str) -> str:
    """A column that must be filled.

    Raises:
        ArrearsError: `tape.missing_value`.
    """
    value = row.get(name, "").strip()
    if not value:
        raise ArrearsError("tape.missing_value", where=name, expected="a value", got="nothing")
    return value


def whole(name: str, value: str) -> int:
    """A whole number, also where it is written 12.0 as some tapes do.

    Raises:
        ArrearsError: `tape.wrong_value`.
    """
    written = read_decimal(value)
    if written is None or written[1]:
        raise ArrearsError(
            "tape.wrong_value", where=name, expected="a whole number", got=shown(value)
        )
    return written[0]


def whole_up(row: Row, name: str) -> int:
    """A column that must hold a whole number from 0 up.

    Raises:
        ArrearsError: `tape.missing_value`, `tape.wrong_value`.
    """
    number = whole(name, needed(row, name))
    if number < 0:
        raise ArrearsError(
            "tape.wrong_value", where=name, expected="0 or more", got=shown(row[name])
        )
    return number
