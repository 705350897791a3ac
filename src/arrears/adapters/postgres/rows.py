"""Rows as statements take them: one list a column, each row under the key of its account."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from arrears.app.ports import AccountChange, Document, StoredAccount


def columns(rows: Iterable[Mapping[str, object]]) -> dict[str, list[object]]:
    """Rows turned into one list a column, as statements unnest them; every row has all columns."""
    found: defaultdict[str, list[object]] = defaultdict(list)
    for row in rows:
        for name, value in row.items():
            found[name].append(value)
    return found


def key_row(change: AccountChange) -> dict[str, object]:
    """The account a row belongs to."""
    return {"slot": change.account.slot, "account_id": change.account.account_id}


def transition_rows(change: AccountChange) -> Iterator[dict[str, object]]:
    """What became another bucket, class or status."""
    for each in change.transitions:
        yield {
            **key_row(change),
            "on_date": each.on,
            "what": each.what,
            "from_value": each.from_value,
            "to_value": each.to_value,
        }


def message_rows(change: AccountChange) -> Iterator[dict[str, object]]:
    """What is to be sent."""
    for each in change.messages:
        said = {"kind": each.kind, "occasion": each.occasion, "body": Jsonb(each.body)}
        yield {**key_row(change), **said}


def arrays(keys: Sequence[tuple[int, str]]) -> dict[str, object]:
    """Keys as the two arrays that statements unnest."""
    return {"slots": [slot for slot, _ in keys], "ids": [name for _, name in keys]}


def event_row(account: StoredAccount, event: Document, recorded_at: datetime) -> dict[str, object]:
    """An event as its row, its source apart; in the order of the table's columns."""
    return {
        "slot": account.slot,
        "account_id": account.account_id,
        "event_id": event["id"],
        "type": event["type"],
        "value_on": event["on"],
        "recorded_at": recorded_at,
        "effective_seq": event["seq"],
        "body": Jsonb(event),
    }
