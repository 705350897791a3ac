"""The books in PostgreSQL: one transaction a unit of work, COPY for the journal."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from arrears.adapters.postgres.cases import PostgresCases
from arrears.adapters.postgres.connection import connect, guarded
from arrears.adapters.postgres.instructions import PostgresInstructions
from arrears.adapters.postgres.many_payments import PostgresManyPayments
from arrears.adapters.postgres.payments import payment
from arrears.adapters.postgres.periods import PostgresPeriods
from arrears.adapters.postgres.records import PostgresRecords
from arrears.adapters.postgres.rows import (
    arrays,
    columns,
    event_row,
    key_row,
    message_rows,
    transition_rows,
)
from arrears.adapters.postgres.runs import PostgresRuns
from arrears.adapters.postgres.statements import statements
from arrears.adapters.postgres.turns import turn
from arrears.app.ports import StoredAccount
from arrears.app.running import STUCK_AFTER_SECONDS
from arrears.kernel.ids import slot_of
from arrears.ledger.journal import JournalRow
from arrears.ledger.trial_balance import AccountKey, Totals
from arrears.servicing.packing import Packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from arrears.adapters.postgres.column_reader import ColumnReader
    from arrears.adapters.postgres.connection import Connection
    from arrears.adapters.postgres.payments import PostgresPayment
    from arrears.adapters.postgres.turns import PostgresTurn
    from arrears.app.batch import AccountBatch, BatchChange, Read
    from arrears.app.ports import AccountChange, Basis, Document, PaymentAsked
    from arrears.app.ports_runs import Asked
    from arrears.ledger.chart import Chart
    from arrears.servicing.tables import Array

JOURNAL_COLUMNS = (
    "contract", "instalment", "component", "kind", "stage", "value_on", "booked_on",
    "debit_account", "credit_account", "amount_minor", "currency",
)  # fmt: skip


class PostgresStore:
    """The books on one server, through the application's role."""

    def __init__(self, url: str, session_name: str = "arrears") -> None:
        self.url = url
        self.session_name = session_name  #: what the server calls the connection
        self.connection: Connection | None = None
        self.reader: ColumnReader | None = None

    def connected(self) -> Connection:
        """The store's connection, opened when first needed and again when it was lost."""
        if self.connection is None or self.connection.closed:
            self.connection = connect(self.url, self.session_name)
        return self.connection

    def columns(self) -> ColumnReader:
        """What reads accounts in columns, by a connection of its own."""
        from arrears.adapters.postgres.column_reader import ColumnReader  # noqa: PLC0415 - start-up

        if self.reader is None:
            self.reader = ColumnReader(self.url, self.session_name)
        return self.reader

    def close(self) -> None:
        """Close the connections; the next unit of work opens others."""
        if self.connection is not None:
            self.connection.close()
        if self.reader is not None:
            self.reader.close()

    @contextmanager
    def unit_of_work(self) -> Iterator[PostgresWork]:
        """A transaction that commits if its block ends, and else leaves nothing.

        Raises:
            ArrearsError: `store.unreachable`.
        """
        with guarded():
            connection = self.connected()
            with connection.transaction():
                yield PostgresWork(connection, self.columns)

    @contextmanager
    def payment(self, asked: PaymentAsked) -> Iterator[PostgresPayment]:
        """A transaction of one payment: all is read in one exchange and written in another.

        Raises:
            ArrearsError: `store.unreachable`.
        """
        with guarded(), payment(self.connected(), asked) as paying:
            yield paying

    @contextmanager
    def turn_to_close(
        self, stuck_after_seconds: int = STUCK_AFTER_SECONDS
    ) -> Iterator[PostgresTurn]:
        """The right to close business: a lock that ends with the block, or with the connection.

        Raises:
            ArrearsError: `close.running`, `store.unreachable`.
        """
        with guarded(), turn(self.connected(), stuck_after_seconds) as taken:
            yield taken


class PostgresWork(
    PostgresManyPayments,
    PostgresRuns,
    PostgresPeriods,
    PostgresInstructions,
    PostgresRecords,
    PostgresCases,
):
    """One transaction; see `app.ports.Work` for what each method promises."""

    def __init__(self, connection: Connection, columns: Callable[[], ColumnReader]) -> None:
        super().__init__(connection)
        self.columns = columns

    def run(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows, none where it has none."""
        cursor = self.connection.execute(statements("work.sql")[name], values)
        return [] if cursor.description is None else cursor.fetchall()

    def lock(self, account_id: str) -> StoredAccount | None:
        """The account with its events, its row locked."""
        rows = self.run("lock", account_id=account_id)
        if not rows:
            return None
        return self.with_events(rows)[0]

    def lock_of_borrower(self, borrower_id: str) -> list[StoredAccount]:
        """All accounts of a borrower with their events, their rows locked."""
        slot = slot_of(borrower_id)
        return self.with_events(self.run("lock_of_borrower", slot=slot, borrower_id=borrower_id))

    def read(self, keys: Sequence[tuple[int, str]]) -> list[StoredAccount]:
        """Accounts with their events, no lock."""
        return self.with_events(self.run("read", **arrays(keys)))

    def with_events(self, rows: Sequence[Mapping[str, Any]]) -> list[StoredAccount]:
        """Account rows with their events beside them."""
        events: defaultdict[str, list[Document]] = defaultdict(list)
        keys = [(row["slot"], row["account_id"]) for row in rows]
        for event in self.run("events", **arrays(keys)):
            events[event["account_id"]].append(event["body"])
        return [
            StoredAccount(
                **{name: row[name] for name in StoredAccount.__slots__ if name != "events"},
                events=tuple(events[row["account_id"]]),
            )
            for row in rows
        ]

    def posted(self, keys: Sequence[tuple[int, str]]) -> dict[str, list[JournalRow]]:
        """All journal rows of accounts, by account id."""
        found: defaultdict[str, list[JournalRow]] = defaultdict(list)
        for row in self.run("posted", **arrays(keys)):
            found[row["account_id"]].append(journal_row(row))
        return dict(found)

    def add_account(self, account: StoredAccount) -> None:
        """Add an account."""
        self.run("add_account", **account_row(account))
        self.run("add_states", **arrays([(account.slot, account.account_id)]))

    def add_accounts(self, accounts: Sequence[StoredAccount], recorded_at: datetime) -> None:
        """Add accounts with all their events, many at once."""
        with self.connection.cursor() as cursor:
            cursor.executemany(
                statements("work.sql")["add_account"], [account_row(each) for each in accounts]
            )
        self.run("add_states", **arrays([(each.slot, each.account_id) for each in accounts]))
        events = [(each, event) for each in accounts for event in each.events]
        sources = [own_reference(account, event) for account, event in events]
        self.copy_in("copy_sources", ((*source, "event") for source in sources))
        self.copy_in(
            "copy_events",
            (
                (*event_row(account, event, recorded_at).values(), *source)
                for (account, event), source in zip(events, sources, strict=True)
            ),
        )

    def copy_in(self, name: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Write rows by a COPY of `work.sql`."""
        copying = statements("work.sql")[name]
        with self.connection.cursor() as cursor, cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row(row)

    def add_event(
        self,
        account: StoredAccount,
        event: Document,
        recorded_at: datetime,
        *,
        source: tuple[str, str] | None = None,
    ) -> bool:
        """Append an event; False where the same line of the same channel was recorded before."""
        channel, source_ref = source or own_reference(account, event)
        cursor = self.connection.execute(
            statements("work.sql")["add_event"],
            {
                **event_row(account, event, recorded_at),
                "channel": channel,
                "source_ref": source_ref,
            },
        )
        return cursor.rowcount == 1

    def occasions(self, account: StoredAccount, kind: str) -> list[str]:
        """The occasions of an account's messages of a kind, oldest first."""
        rows = self.run("occasions", slot=account.slot, account_id=account.account_id, kind=kind)
        return [row["occasion"] for row in rows]

    def write(self, changes: Iterable[AccountChange]) -> list[str]:
        """Write refolds whose version is still the one read; returns the ids of the others."""
        by_id = {change.account.account_id: change for change in changes}
        if not by_id:
            return []
        renewed = self.run("renew", **columns(cache_row(each) for each in by_id.values()))
        written = [by_id[row["account_id"]] for row in renewed]
        for name, rows in (
            ("add_made_events", [row for each in written for row in made_event_rows(each)]),
            ("add_transitions", [row for each in written for row in transition_rows(each)]),
            ("add_messages", [row for each in written for row in message_rows(each)]),
            ("keep_columns", [packed_row(each) for each in written if each.columns]),
        ):
            if rows:
                self.run(name, **columns(rows))
        self.copy_journal(written)
        if written:
            self.renew_refund_tasks(written)
        hit = {each.account.account_id for each in written}
        return [account_id for account_id in by_id if account_id not in hit]

    def read_batch(self, business_on: date, slots: range, frame: Basis, asked: Asked) -> Read:
        """A range's accounts in columns."""
        from arrears.adapters.postgres.batches import read_batch  # noqa: PLC0415 - start-up

        return read_batch(self.columns(), slots, business_on, frame=frame, asked=asked)

    def posted_columns(
        self, batch: AccountBatch, accounts: Array, since: Array, chart: Chart
    ) -> Array:
        """Journal rows of accounts in columns."""
        from arrears.adapters.postgres.batches import read_posted  # noqa: PLC0415 - start-up

        return read_posted(self.columns(), batch, accounts, since, chart)

    def write_batch(self, change: BatchChange, chart: Chart) -> list[int]:
        """Write what folding a batch changed; returns positions of accounts not written."""
        from arrears.adapters.postgres.batches import write_batch  # noqa: PLC0415 - start-up

        policy = self.policy_number(change.policy_digest)
        try:
            with self.connection.transaction():
                return write_batch(self.connection, change, chart, policy)
        except psycopg.errors.UniqueViolation:
            return [int(at) for at in change.of]

    def copy_journal(self, changes: Sequence[AccountChange]) -> None:
        """Append the journal rows of refolds."""
        if any(each.journal for each in changes):
            policies = {each.policy_digest for each in changes}
            numbers = {digest: self.policy_number(digest) for digest in policies}
            self.copy_in(
                "copy_journal",
                (
                    journal_columns(each, row, numbers[each.policy_digest])
                    for each in changes
                    for row in each.journal
                ),
            )

    def remembered(self, caller: str, command: str, key: str) -> tuple[str, Document] | None:
        """The digest and answer of a command done before; waits for one that is being done."""
        self.run("wait_for_key", key=json.dumps([caller, command, key]))
        rows = self.run("remembered", caller=caller, command=command, key=key)
        return (rows[0]["body_digest"], rows[0]["answer"]) if rows else None

    def remember(
        self, caller: str, command: str, key: str, body_digest: str, answer: Document
    ) -> None:
        """Keep a command's answer."""
        self.run(
            "remember",
            caller=caller,
            command=command,
            key=key,
            body_digest=body_digest,
            answer=Jsonb(answer),
        )

    def totals(self) -> dict[AccountKey, Totals]:
        """Debits and credits of every ledger account."""
        return {
            AccountKey(row["currency"], row["account"]): Totals(
                row["debit_minor"], row["credit_minor"]
            )
            for row in self.run("totals")
        }

    def buckets(self) -> list[Document]:
        """Active accounts by bucket and class."""
        return [dict(row) for row in self.run("buckets")]

    def statuses(self) -> list[Document]:
        """Accounts by what has become of them."""
        return [dict(row) for row in self.run("statuses")]

    def worst_loan(self) -> str | None:
        """The active loan longest past due."""
        rows = self.run("worst_loans")
        return rows[0]["account_id"] if rows else None


def cache_row(change: AccountChange) -> dict[str, object]:
    """What is renewed of an account, and the version it was read at."""
    return {**key_row(change), "version": change.version, **change.caches}


def account_row(account: StoredAccount) -> dict[str, object]:
    """An account as its first row."""
    return {
        "slot": account.slot,
        "account_id": account.account_id,
        "borrower_id": account.borrower_id,
        "product": account.product,
        "currency": account.currency,
        "contract": Jsonb(account.contract),
        "policy": Jsonb(account.policy),
        "opened_on": account.opened_on,
    }


def own_reference(account: StoredAccount, event: Document) -> tuple[str, str]:
    """The source of an event that no channel brought: the account and the event's id."""
    return "api", f"{account.account_id}/{event['id']}"


def made_event_rows(change: AccountChange) -> Iterator[dict[str, object]]:
    """What the close itself makes happen: its source reference is the account and the day."""
    for event in change.events:
        yield {
            **key_row(change),
            "event_id": event["id"],
            "type": event["type"],
            "value_on": event["on"],
            "recorded_at": event["recorded_at"],
            "effective_seq": event["seq"],
            "body": Jsonb(event),
            "channel": event["type"],
            "source_ref": f"{change.account.account_id}/{event['on']}",
        }


def journal_row(row: Mapping[str, Any]) -> JournalRow:
    """A stored journal row as a record."""
    return JournalRow(
        entry_id=row["entry_id"],
        seq=row["seq"],
        **{name: row[name] for name in JOURNAL_COLUMNS},
    )


def packed_row(change: AccountChange) -> dict[str, object]:
    """The fold's input as it is kept."""
    kept = change.columns
    parts = {} if kept is None else {name: getattr(kept, name) for name in Packed.__slots__}
    told = {"currency": change.account.currency, "layout": change.layout}
    return {**key_row(change), **told, **parts}


def journal_columns(change: AccountChange, row: JournalRow, policy: int) -> tuple[object, ...]:
    """A journal row as COPY takes it."""
    account = change.account
    start = (account.slot, account.account_id, row.entry_id, row.seq)
    return (*start, *(getattr(row, name) for name in JOURNAL_COLUMNS), policy)
