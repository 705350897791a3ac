"""A payment by the short way in PostgreSQL: statements are sent together, and answers read together."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from arrears.adapters.postgres.rows import columns, key_row, message_rows, transition_rows
from arrears.adapters.postgres.statements import statements
from arrears.app.ports import Held, StoredAccount
from arrears.kernel.errors import invariant
from arrears.ledger.journal import JournalRow
from arrears.servicing.packing import Packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    import psycopg

    from arrears.adapters.postgres.session import Connection
    from arrears.app.ports import AccountChange, Document, PaymentAsked

#: What a posted row is compared by; its entry is nobody's concern.
KEY_COLUMNS = (
    "contract", "instalment", "component", "kind", "stage", "value_on", "debit_account",
    "credit_account", "amount_minor",
)  # fmt: skip


@contextmanager
def payment(connection: Connection, asked: PaymentAsked) -> Iterator[PostgresPayment]:
    """A transaction that keeps nothing unless the payment was recorded.

    It begins with its first statement and is committed with its last: `transaction` would wait for
    the server's word at both ends.
    """
    try:
        with connection.pipeline():
            paying = PostgresPayment(connection, asked)
            yield paying
            if paying.is_recorded:
                connection.commit()
    finally:
        # Nothing happens where it was committed; a refusal is told when the pipeline ends, not before.
        if not connection.closed:
            connection.rollback()


class PostgresPayment:
    """One transaction; see `app.ports.Payment` for what each method promises."""

    def __init__(self, connection: Connection, asked: PaymentAsked) -> None:
        self.connection = connection
        self.asked = asked
        self.is_recorded = False
        self.held = self._look()

    def _send(
        self, file_name: str, name: str, values: Mapping[str, object]
    ) -> psycopg.Cursor[dict[str, Any]]:
        """Send a named statement; nobody waits for it yet."""
        return self.connection.execute(statements(file_name)[name], values)

    def _look(self) -> Held:
        """Take the locks in the order in which everybody takes them, then read."""
        asked = self.asked
        values = {name: getattr(asked, name) for name in asked.__slots__}
        key = json.dumps([asked.caller, asked.command, asked.key])
        self._send("work.sql", "wait_for_key", {"key": key})
        hold = self._send("payments.sql", "hold", values)
        claim = self._send("payments.sql", "claim", values)
        look = self._send("payments.sql", "look", values)
        posted = self._send("payments.sql", "posted_from", values)
        state, seen = hold.fetchone(), look.fetchone() or {}
        before = tuple(seen["before"]) if seen["before"] else None
        if state is None:
            return Held(before=before, account=None)
        return Held(
            before=before,
            account=account_of(state),
            status=state["status"],
            is_claimed=claim.fetchone() is not None,
            last_closed_on=seen["last_closed_on"],
            layout=seen["layout"] or "",
            columns=columns_read(seen),
            event_ids=tuple(seen["event_ids"]),
            posted=tuple(journal_row(row, state["currency"]) for row in posted),
            posted_from=posted_from(state, asked),
            occasions=tuple(seen["occasions"]),
            has_refund_task=seen["has_refund_task"],
            knows_policy=seen["knows_policy"],
        )

    def record(
        self,
        change: AccountChange,
        event: Document,
        recorded_at: datetime,
        answer: Document,
        body_digest: str,
    ) -> None:
        """Write the event, what it changes, and the command's answer under the digest of its body."""
        asked, kept = self.asked, change.columns
        invariant(kept is not None, "payment.no_columns", account=asked.account_id)
        # The account's row is held since it was read, so its version is still that one.
        self._send(
            "payments.sql",
            "record",
            {
                **key_row(change),
                **event_values(event, recorded_at),
                **journal_values(change),
                **change.caches,
                "version": change.version,
                "events": kept.events if kept else b"",
                "channel": asked.channel,
                "source_ref": asked.source_ref,
                "policy_digest": asked.policy_digest,
                "caller": asked.caller,
                "command": asked.command,
                "key": asked.key,
                "body_digest": body_digest,
                "answer": Jsonb(answer),
            },
        )
        for name, rows in (
            ("add_transitions", list(transition_rows(change))),
            ("add_messages", list(message_rows(change))),
        ):
            if rows:
                self._send("work.sql", name, columns(rows))
        self.is_recorded = True


def account_of(state: Mapping[str, Any]) -> StoredAccount:
    """The account as it stands, nothing of what was signed read."""
    names = set(StoredAccount.__slots__) - {"contract", "events", "policy"}
    return StoredAccount(contract={}, events=(), **{name: state[name] for name in names})


def columns_read(seen: Mapping[str, Any]) -> Packed | None:
    """The account's packed columns; None: there are none."""
    if seen["terms"] is None:
        return None
    return Packed(**{name: bytes(seen[name]) for name in Packed.__slots__})


def posted_from(state: Mapping[str, Any], asked: PaymentAsked) -> date | None:
    """The day from which rows of the journal were read; None: all of them."""
    if state["basis"] != asked.basis or state["folded_to"] is None:
        return None
    folded_to: date = state["folded_to"]
    return min(asked.value_on, folded_to + timedelta(days=1))


def journal_row(row: Mapping[str, Any], currency: str) -> JournalRow:
    """A sum of the journal as a row of it; its entry and its place are nobody's concern."""
    found = {name: row[name] for name in KEY_COLUMNS}
    return JournalRow(entry_id="", seq=1, booked_on=row["value_on"], currency=currency, **found)


def event_values(event: Document, recorded_at: datetime) -> dict[str, object]:
    """An event as its row, its account and source apart."""
    return {
        "event_id": event["id"],
        "type": event["type"],
        "event_on": event["on"],
        "recorded_at": recorded_at,
        "effective_seq": event["seq"],
        "body": Jsonb(event),
    }


def journal_values(change: AccountChange) -> dict[str, object]:
    """The journal rows of one entry, one list a column."""
    rows = change.journal
    return {
        **{name: [getattr(row, name) for row in rows] for name in KEY_COLUMNS},
        "entry_id": rows[0].entry_id if rows else "",
        "booked_on": change.caches["folded_to"],
        "currency": change.account.currency,
    }
