"""The book that is closed again and again: some hundred loans and lines with their histories."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import psycopg
from closer import RECORDED, clock, frame

from arrears.app.closing import close_to
from arrears.app.demonstration import prepare
from arrears.app.portfolio import chance
from arrears.app.tape import import_accounts
from arrears.kernel.ids import slot_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arrears.adapters.postgres.embedded import EmbeddedServer
    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.ports import Document, StoredAccount

NAME = "arrears_fault_book"
BEGIN = date(2026, 1, 1)
#: Closed when a test begins; then come a period end, a day of statements, and two ordinary days.
CLOSED = date(2026, 2, 27)
END = date(2026, 3, 3)
LOANS, LINES, COPIES = 8, 4, 9
ACCOUNTS_A_RANGE = 25
#: `make fault` sets it: every fault at every moment; else a choice of them.
IS_FULL = os.environ.get("ARREARS_FAULTS") == "full"
#: Columns that say when, or in which order of arrival; no book is the same twice in them.
ARRIVAL = ("written_by", "row_number", "sequence", "parked_number", "milliseconds", "seen")
#: What tells of the processes that closed, and of what stopped them, not of the book.
OF_PROCESSES = ("run_attempt", "run_stop")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(\+\d\d(:?\d\d)?|Z)?")
REMOVED_AT_ONCE = 40
#: By table, every row as text.
Rows: TypeAlias = dict[str, list[str]]
_numbers = count(1)
_unused: list[str] = []


@dataclass(frozen=True)
class Book:
    """One database with the book in it."""

    name: str
    server: EmbeddedServer

    @property
    def url(self) -> str:
        """As the application."""
        return self.server.url("arrears_app", self.name)

    @property
    def superuser_url(self) -> str:
        """As the superuser, whom nothing holds."""
        return self.server.url("postgres", self.name)

    def copy(self, tablespace: str = "pg_default") -> Book:
        """The same book once more, where the tablespace lies."""
        made = Book(f"arrears_fault_{next(_numbers)}", self.server)
        with psycopg.connect(
            self.server.url("postgres", "postgres"), autocommit=True
        ) as connection:
            connection.execute(
                f"create database {made.name} template {self.name} tablespace {tablespace}"
            )
        return made

    def remove(self) -> None:
        """Give its room back, with that of others: the first costs a checkpoint, the rest nothing."""
        _unused.append(self.name)
        if len(_unused) < REMOVED_AT_ONCE:
            return
        with psycopg.connect(
            self.server.url("postgres", "postgres"), autocommit=True
        ) as connection:
            while _unused:
                connection.execute(f"drop database {_unused.pop()} with (force)")

    def rows(self) -> Rows:
        """Every row of every table, as text and in order; instants and order of arrival left out."""
        with psycopg.connect(self.superuser_url) as connection:
            listed = connection.execute(
                "select table_name, string_agg(quote_ident(column_name), ', ' order by column_name)"
                " from information_schema.columns join information_schema.tables"
                " using (table_schema, table_name)"
                " where table_schema = 'public' and table_type = 'BASE TABLE'"
                " and data_type <> 'timestamp with time zone' and column_name <> all (%s)"
                " and table_name <> all (%s)"
                " group by table_name",
                [list(ARRIVAL), list(OF_PROCESSES)],
            ).fetchall()
            return {
                table: sorted(
                    INSTANT.sub("(instant)", row[0])
                    for row in connection.execute(f"select row({columns})::text from {table}")  # noqa: S608 - names the database told us
                )
                for table, columns in listed
            }


def copied(home: Path, folder: Path) -> Path:
    """The folder of a stopped server once more, owners and modes included."""
    made = folder / "home"
    subprocess.run(["cp", "-a", str(home), str(made)], check=True)  # noqa: S603, S607 - our own paths; on every Unix
    return made


def same(one: Rows, other: Rows) -> None:
    """Two books are the same, table by table and row by row.

    Raises:
        AssertionError: with the table, and the rows that only one has.
    """
    assert one.keys() == other.keys()
    for table, rows in one.items():
        if rows != other[table]:
            only = sorted(set(rows) ^ set(other[table]))
            message = f"{table}: {len(rows)} rows and {len(other[table])}; not in both: {only[:4]}"
            raise AssertionError(message)


def wait_for(server: EmbeddedServer) -> None:
    """Wait until a server that starts over lets anybody in."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(server.url("postgres", "postgres")),
        ):
            return
        time.sleep(0.05)
    raise AssertionError("it does not come back")


def fill(store: PostgresStore) -> None:
    """Book loans and lines, each with copies that paid otherwise, and close until a test begins."""
    made = prepare(store, frame(), clock, loans=LOANS, lines=LINES, begin=BEGIN, end=END)
    for loan in made.loans:
        opened = {"id": "D1", "on": loan.opened_on.isoformat(), "type": "disbursed"}
        made.book(loan, [{**opened, "amount": loan.amount}])
    for line in made.lines:
        made.book(line, [])
    for day in sorted(day for day in made.events if day <= END):
        for account_id, event in made.events[day]:
            made.post(account_id, event)
    with store.unit_of_work() as work:
        originals = work.read(work.open_accounts())
    copies = [copy for each in originals for copy in copies_of(each)]
    import_accounts(store, copies, RECORDED, frame(), on_account=lambda: None)
    close_to(store, CLOSED, frame(), clock=clock)


def copies_of(account: StoredAccount) -> Iterator[StoredAccount]:
    """The same contract in other hands: some payments are missing, some were taken back."""
    for number in range(COPIES):
        name = f"{account.account_id}-{number:02d}"
        events = [
            event
            for event in account.events
            if event["type"] != "repaid" or chance(name, str(event["id"]), 3)
        ]
        yield replace(
            account,
            slot=slot_of(name),
            account_id=name,
            borrower_id=name,
            events=(*events, *reversals(name, events)),
            version=1,
            basis="",
            next_action_on=None,
            folded_to=None,
        )


def reversals(name: str, events: list[Document]) -> Iterator[Document]:
    """One payment in four is taken back three days later."""
    for event in events:
        if event["type"] == "repaid" and not chance(name, f"reverses{event['id']}", 4):
            on = date.fromisoformat(str(event["on"])) + timedelta(days=3)
            yield {
                "id": f"X{event['id']}",
                "on": on.isoformat(),
                "seq": len(events) + 1,
                "type": "reversed",
                "recorded_at": event["recorded_at"],
                "reverses": event["id"],
            }
