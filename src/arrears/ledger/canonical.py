"""Canonical bytes of a stored row: the same row gives the same bytes on any machine, in any year."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from arrears.kernel.errors import invariant

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY_TABLE = "policy_snapshot"
ACCOUNT_TABLE = "account"
JOURNAL_TABLE = "journal"
EVENT_TABLE = "event"


def canonical_row(table: str, columns: Mapping[str, object]) -> bytes:
    """One row as ASCII JSON: names sorted, no blanks, dates ISO 8601, instants in UTC.

    Args:
        table: Stands in the bytes, so that no row can pass for one of another table.
        columns: Column name to value: None, bool, int, str, date, aware datetime, or lists and
            mappings of these.

    Returns:
        The bytes a leaf is hashed from.

    Raises:
        InvariantError: `seals.not_canonical`: a value with more than one spelling, such as a float,
            a naive instant, or a name that is no text.

    Example:
        >>> canonical_row("event", {"value_on": date(2026, 1, 5), "amount": "12.37"})
        b'{"row":{"amount":"12.37","value_on":"2026-01-05"},"table":"event"}'
    """
    document = {"table": table, "row": _plain(dict(columns))}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _plain(value: object) -> object:
    """A value as JSON has it, with one spelling each."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case datetime():
            invariant(value.tzinfo is not None, "seals.not_canonical", value=value)
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case dict():
            for name in value:
                invariant(isinstance(name, str), "seals.not_canonical", name=name)
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
    invariant(holds=False, rule="seals.not_canonical", value=value)
    return None
