"""The floor of a close: the same rows copied out and in, and the same UPDATE, by plain SQL.

What a close has written is copied out of its book into files. In a copy of the book that is a day
behind, as many connections as the close had copy out the rows it read, copy in those files and run
the same UPDATE, each in one transaction. Nothing is folded, checked or decided.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

from arrears.adapters.postgres.column_reader import bound
from arrears.adapters.postgres.statements import statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

    from books import Database

FORK = multiprocessing.get_context("fork")
SLOTS = 4_096
CHUNK = 1 << 20
#: The business columns of what a close adds, by table.
COLUMNS = {
    "journal": (
        "slot, account_id, entry_id, seq, contract, instalment, component, kind, stage, value_on,"
        " booked_on, debit_account, credit_account, amount_minor, currency, policy"
    ),
    "transition": "slot, account_id, on_date, what, from_value, to_value",
    "outbox": "slot, account_id, kind, occasion, body",
    "source_reference": "channel, source_ref, taken_by",
    "event": (
        "slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body, channel,"
        " source_ref"
    ),
}
#: Bytes of one event and of a statement's two rows, as they are packed.
EVENT_BYTES, ROWS_BYTES = 8 * 15, 2 * 8 * 14
#: What a close wrote, found by what only it can have given: the day, or a place after what was there.
WRITTEN = {
    "journal": "from journal as t where written_by >= %(xact)s::xid8",
    "transition": "from transition as t where on_date = %(day)s",
    "outbox": "from outbox as t where sequence > %(sequence)s",
    "source_reference": (
        "from source_reference as t join event using (channel, source_ref)"
        " where written_by >= %(xact)s::xid8"
    ),
    "event": "from event as t where written_by >= %(xact)s::xid8",
}
RENEWED = (
    "select row_number() over (order by slot, account_id), slot, account_id, version - 1, basis,"
    " next_action_on, folded_to, bucket, five_class, bureau, status, days_past_due, principal_minor,"
    " payoff_minor, credit_minor, is_non_accrual from account_state where folded_to = %(day)s and"
    " slot >= %(slot_from)s and slot < %(slot_until)s order by slot, account_id"
)
MADE = (
    "select slot, account_id, substring(rows from octet_length(rows) - %(rows)s + 1),"
    " substring(events from octet_length(events) - %(events)s + 1)"
    " from event join account_columns using (slot, account_id) where written_by >= %(xact)s::xid8"
    " and slot >= %(slot_from)s and slot < %(slot_until)s order by slot, account_id"
)
APPEND = (
    "update account_columns as columns set rows = columns.rows || made.rows,"
    " events = columns.events || made.events from made"
    " where (columns.slot, columns.account_id) = (made.slot, made.account_id)"
)


@dataclass(frozen=True)
class Place:
    """Where the records of a book end."""

    xact: str
    sequence: int


def place_of(book: Database) -> Place:
    """Where the records of a book end now."""
    [(xact, sequence)] = book.ask(
        "select pg_current_xact_id()::text, (select coalesce(max(sequence), 0) from outbox)"
    )
    return Place(xact, sequence)


@dataclass(frozen=True)
class Share:
    """What one connection does: its slots, what it reads, and the files it writes."""

    slots: range
    reads: Sequence[str]
    files: dict[str, Path]


def captured(
    book: Database, place: Place, day: date, folder: Path, shares: Sequence[Share]
) -> dict[str, int]:
    """Copy what a close wrote into the files of each share; returns rows by table."""
    rows = {}
    with psycopg.connect(book.app_url) as connection:
        for share in shares:
            values = {
                "xact": place.xact,
                "sequence": place.sequence,
                "rows": ROWS_BYTES,
                "events": EVENT_BYTES,
                "day": day,
                "slot_from": share.slots.start,
                "slot_until": share.slots.stop,
            }
            asked = {
                name: f"select {', '.join(f't.{c.strip()}' for c in COLUMNS[name].split(','))} {where}"
                " and slot >= %(slot_from)s and slot < %(slot_until)s"
                for name, where in WRITTEN.items()
            }
            for name, query in {**asked, "renewed": RENEWED, "made": MADE}.items():
                copying = f"copy ({bound(query, values)}) to stdout (format csv)"
                path = folder / f"{share.slots.start}-{name}.csv"
                with path.open("wb") as file, connection.cursor().copy(copying) as copy:
                    for block in copy:
                        file.write(block)
                        rows[name] = rows.get(name, 0) + 1
                share.files[name] = path
    return rows


def shares_of(day: date, basis: str, connections: int, *, every_open: bool) -> list[Share]:
    """The slots cut into as many shares as there are connections, with what each reads."""
    cuts = [SLOTS * at // connections for at in range(connections + 1)]
    shares = []
    for first, end in pairwise(cuts):
        values: dict[str, Any] = {
            "business_on": day, "basis": basis, "every_open": every_open, "other_basis": False,
            "slot_from": first, "slot_until": end, "booked_to": day,
        }  # fmt: skip
        read = bound(statements("batches.sql")["read_batch"], values)
        reads = [f"copy ({read}) to stdout (format binary)"]
        if every_open:
            reads.append(bound(statements("periods.sql")["summed_journal"], values))
        shares.append(Share(range(first, end), reads, {}))
    return shares


def floor_seconds(book: Database, shares: Sequence[Share]) -> float:
    """How long the connections take together, from the moment all of them are open."""
    ready = FORK.Barrier(len(shares) + 1)
    children = [
        FORK.Process(target=one_connection, args=(book.app_url, share, ready)) for share in shares
    ]
    for child in children:
        child.start()
    ready.wait()
    began = time.perf_counter()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise SystemExit("the floor failed")
    return time.perf_counter() - began


def one_connection(url: str, share: Share, ready: Barrier) -> None:
    """Copy out, copy in, update; in a process of its own."""
    batches = statements("batches.sql")
    with psycopg.connect(url) as connection:
        connection.execute(batches["make_room"])
        connection.commit()
        ready.wait()
        for read in share.reads:
            copy_out(connection, read)
        copy_in(connection, share.files["renewed"], batches["copy_renewed"])
        connection.execute(batches["in_order"])
        connection.execute(batches["renew"])
        connection.execute(batches["any_order"])
        for name, columns in COLUMNS.items():
            copy_in(
                connection, share.files[name], f"copy {name} ({columns}) from stdin (format csv)"
            )
        made = share.files["made"]
        if made.stat().st_size:
            copy_in(
                connection,
                made,
                "copy made (slot, account_id, rows, events) from stdin (format csv)",
            )
            connection.execute(APPEND)


def copy_out(connection: psycopg.Connection, statement: str) -> None:
    """Read all rows and drop them, as near to the driver's own code as it lets us."""
    driver = connection.pgconn
    if connection.info.transaction_status == TransactionStatus.IDLE:
        connection.execute("select 1")  # begins the transaction
    begun = driver.exec_(statement.encode())
    if begun.status != ExecStatus.COPY_OUT:
        raise SystemExit(begun.error_message)
    while driver.get_copy_data(0)[0] > 0:
        pass
    ended = driver.get_result()
    if ended is None or ended.status != ExecStatus.COMMAND_OK or driver.get_result() is not None:
        raise SystemExit("the floor could not read")


def copy_in(connection: psycopg.Connection, path: Path, statement: str) -> None:
    """Write a file, where it holds anything."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, connection.cursor().copy(statement) as copy:
        while block := file.read(CHUNK):
            copy.write(block)
