"""Seals in PostgreSQL: rows below the oldest running transaction, in the order they were written."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString, cast

from psycopg.types.json import Jsonb

from arrears.adapters.postgres.connection import connect, guarded
from arrears.adapters.postgres.statements import statements
from arrears.kernel.errors import ArrearsError, invariant
from arrears.ledger.canonical import (
    ACCOUNT_TABLE,
    EVENT_TABLE,
    JOURNAL_TABLE,
    POLICY_TABLE,
    canonical_row,
)
from arrears.ledger.journal import JournalRow
from arrears.ledger.seals import SealBatch, SealedRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from arrears.adapters.postgres.connection import Connection

#: The columns under a seal: all that says what happened, none of the server's own counting.
SEALED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    POLICY_TABLE: ("digest", "body", "recorded_at"),
    ACCOUNT_TABLE: (
        "slot", "account_id", "borrower_id", "product", "currency", "contract", "policy",
        "opened_on", "recorded_at",
    ),
    EVENT_TABLE: (
        "slot", "account_id", "event_id", "type", "value_on", "recorded_at", "effective_seq", "body",
        "channel", "source_ref",
    ),
    JOURNAL_TABLE: (
        "slot", "account_id", "policy_digest", "recorded_at", *JournalRow.__slots__,
    ),
}  # fmt: skip
#: Rows fetched at once when a batch is read as a stream.
FETCH_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Span:
    """Where a batch begins and ends in the order of writing."""

    after_xact: str  #: the transaction of the last row before it
    after_number: int
    last_xact: str
    last_number: int


class PostgresSeals:
    """Books and seals on one server, through the application's role."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def sealing(self) -> Iterator[PostgresSealWork]:
        """A transaction that commits if its block ends, and else leaves nothing.

        Raises:
            ArrearsError: `store.unreachable`.
        """
        with guarded(), connect(self.url) as connection:
            yield PostgresSealWork(connection)


class PostgresSealWork:
    """One transaction; see `app.sealing.SealWork` for what each method promises."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._read: tuple[str, Span] | None = None

    def _run(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows, none where it has none."""
        cursor = self.connection.execute(_statement(name), values)
        return [] if cursor.description is None else cursor.fetchall()

    def _stream(self, name: str, **values: object) -> Iterator[dict[str, Any]]:
        """The rows of a named statement, a few at a time."""
        with self.connection.cursor(name=f"stream_{name}") as cursor:
            cursor.itersize = FETCH_ROWS
            cursor.execute(_statement(name), values)
            yield from cursor

    def last_batch(self) -> SealBatch | None:
        """The last batch; waits for whoever seals now."""
        self._run("take_turn")
        rows = self._run("last_batch")
        return batch_of(rows[0]) if rows else None

    def open_rows(self, table: str, most: int) -> list[SealedRow]:
        """Rows ready to be sealed, in sealing order.

        Raises:
            ArrearsError: `store.restored_below_seals`.
        """
        place = self._run("position", table=table)[0]
        if place["is_behind"]:
            raise ArrearsError(
                "store.restored_below_seals",
                where=f"table {table}",
                expected=f"a server that has counted to transaction {place['after_xact']}, which is sealed",
                got="one that has not come so far",
            )
        rows = self._run(
            f"open_{table}",
            after_xact=place["after_xact"],
            after_number=place["after_number"],
            horizon=place["horizon"],
            most=most,
        )
        if rows:
            span = Span(
                place["after_xact"], place["after_number"],
                rows[-1]["written_by"], rows[-1]["row_number"],
            )  # fmt: skip
            self._read = (table, span)
        return [sealed_row(table, row) for row in rows]

    def add_batch(self, batch: SealBatch, sealed_at: datetime) -> None:
        """Keep a batch of the rows read last, and tell its root to the outbox."""
        table, span = self._read or ("", None)
        invariant(
            table == batch.table and span is not None, "seals.rows_not_read", batch=batch.number
        )
        span = cast("Span", span)
        self._run(
            "add_batch",
            batch=batch.number,
            table=table,
            after_xact=span.after_xact,
            after_number=span.after_number,
            last_xact=span.last_xact,
            last_number=span.last_number,
            first_row=batch.first_row,
            last_row=batch.last_row,
            leaves=batch.leaves,
            root=batch.root,
            chained_root=batch.chained_root,
            leaf_hashes=batch.leaf_hashes,
            sealed_at=sealed_at,
        )
        body = {"batch": batch.number, "table": table, "chained_root": batch.chained_root.hex()}
        self._run("tell_root", occasion=str(batch.number), body=Jsonb(body))

    def batches(self, after: int = 0) -> Iterator[SealBatch]:
        """All batches above a number, by number."""
        for row in self._stream("batches", after=after):
            yield batch_of(row)

    def rows_of(self, batch: SealBatch) -> Iterator[SealedRow]:
        """What stands today where a batch was sealed."""
        span = self._run("span", batch=batch.number)[0]
        for row in self._stream(f"sealed_{batch.table}", **span):
            yield sealed_row(batch.table, row)

    def unsealed_rows(self) -> int:
        """How many rows stand after the last batches."""
        return int(self._run("unsealed")[0]["rows"])


def _statement(name: str) -> LiteralString:
    """A statement of ours; files of the package are as good as literals."""
    return statements("seals.sql")[name]


def batch_of(row: Mapping[str, Any]) -> SealBatch:
    """A stored batch as a record."""
    return SealBatch(
        number=row["batch"],
        table=row["table_name"],
        leaves=row["leaves"],
        first_row=row["first_row"],
        last_row=row["last_row"],
        root=bytes(row["root"]),
        chained_root=bytes(row["chained_root"]),
        leaf_hashes=bytes(row["leaf_hashes"]),
    )


def sealed_row(table: str, row: Mapping[str, Any]) -> SealedRow:
    """A stored row as what is hashed, and what people call it."""
    told = {
        POLICY_TABLE: "policy snapshot {digest}",
        ACCOUNT_TABLE: "account {account_id} contract",
        EVENT_TABLE: "account {account_id} event {event_id}",
        JOURNAL_TABLE: "account {account_id} entry {entry_id} row {seq}",
    }[table].format(**row)
    if row.get("account_id") == "":  # money without a name belongs to none
        told = told.partition("account  ")[2]
    return SealedRow(
        told, canonical_row(table, {name: row[name] for name in SEALED_COLUMNS[table]})
    )
