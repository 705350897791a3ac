"""Measures a file of payments to a mature book against plain SQL that copies the same rows in."""

from __future__ import annotations

import csv
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import books
import floor
import psycopg

from arrears import bootstrap
from arrears.adapters.postgres.column_reader import bound
from arrears.adapters.postgres.statements import statements
from arrears.adapters.postgres.store import PostgresStore
from arrears.app.mature_book import CLOSED_ON
from arrears.app.paying_many import pay_many
from arrears.servicing.book import book_of, fold_all

if TYPE_CHECKING:
    from datetime import date

    from arrears.app.payment_lines import PaymentsReport

LINES = 50_000
RATIO_MIN = 0.5
#: About half of a mature book is active; each active account is paid to once.
ACCOUNTS_A_LINE = 2
OPEN_ON = CLOSED_ON + timedelta(days=1)
RECORDED_AT = datetime(OPEN_ON.year, OPEN_ON.month, OPEN_ON.day, 12, tzinfo=UTC)
APPENDED = (
    "select slot, account_id, substring(events from octet_length(events) - {bytes} + 1)"
    " from event join account_columns using (slot, account_id) where written_by >= %(xact)s::xid8"
    " order by slot, account_id"
)
APPEND = (
    "update account_columns as columns set events = columns.events || made.events from made"
    " where (columns.slot, columns.account_id) = (made.slot, made.account_id)"
)


def payments_file(book: books.Database, path: Path, lines: int) -> int:
    """A file with one payment to each of so many active accounts, in the order of a bank: none."""
    found = book.ask(
        "select account_id, payoff_minor from account_state where status = 'active'"
        " and payoff_minor > 100 order by md5(account_id) limit %s",
        lines,
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["account_id", "amount", "on", "channel", "ref"])
        for number, (account_id, payoff_minor) in enumerate(found):
            minor = min(payoff_minor, 10_000 + number % 50_000)
            amount = f"{minor // 100}.{minor % 100:02d}"
            rows.writerow([account_id, amount, OPEN_ON.isoformat(), "bank", f"{number:012d}"])
    return len(found)


def import_seconds(book: books.Database, path: Path) -> tuple[float, PaymentsReport]:
    """How long the file takes from its first byte to the last commit; the fold is compiled before."""
    frame = bootstrap.frame()
    if frame.fold_book is not None:
        fold_all(book_of([]), 0, 0, posting=1, fold_book=frame.fold_book)
    with (
        closing(PostgresStore(book.app_url)) as store,
        closing(PostgresStore(book.app_url)) as other,
    ):
        for each in (store, other):
            with each.unit_of_work() as work:
                work.last_closed()
        began = time.perf_counter()
        lines = bootstrap.payment_lines(path)
        report = pay_many(store, lines, recorded_at=RECORDED_AT, frame=frame, beside=[other])
        return time.perf_counter() - began, report


def capture(book: books.Database, place: floor.Place, folder: Path, day: date) -> dict[str, Path]:
    """Copy what the file wrote into files, one a table."""
    values = {
        "xact": place.xact, "sequence": place.sequence, "day": day, "slot_from": 0,
        "slot_until": floor.SLOTS,
    }  # fmt: skip
    asked = {
        name: f"select {', '.join(f't.{each.strip()}' for each in floor.COLUMNS[name].split(','))}"
        f" {where}"
        for name, where in floor.WRITTEN.items()
    }
    asked["renewed"] = floor.RENEWED
    asked["made"] = APPENDED.format(bytes=floor.EVENT_BYTES)
    paths = {}
    with psycopg.connect(book.app_url) as connection:
        for name, query in asked.items():
            paths[name] = folder / f"{name}.csv"
            copying = f"copy ({bound(query, values)}) to stdout (format csv)"
            with paths[name].open("wb") as file, connection.cursor().copy(copying) as copy:
                for block in copy:
                    file.write(block)
    return paths


def floor_seconds(book: books.Database, paths: dict[str, Path]) -> float:
    """How long plain SQL takes to copy the same rows in and run the same UPDATEs, in one transaction."""
    batches = statements("batches.sql")
    with psycopg.connect(book.app_url) as connection:
        connection.execute(batches["make_room"])
        connection.commit()
        began = time.perf_counter()
        floor.copy_in(connection, paths["renewed"], batches["copy_renewed"])
        connection.execute(batches["renew"])
        for name, columns in floor.COLUMNS.items():
            copying = f"copy {name} ({columns}) from stdin (format csv)"
            floor.copy_in(connection, paths[name], copying)
        copying = "copy made (slot, account_id, events) from stdin (format csv)"
        floor.copy_in(connection, paths["made"], copying)
        connection.execute(APPEND)
        connection.commit()
        return time.perf_counter() - began


def measure(lines: int = LINES) -> list[dict[str, object]]:
    """The row of the bench table that concerns a file of payments."""
    with books.server() as server, tempfile.TemporaryDirectory() as folder:
        book, _ = books.build(server, "payments", lines * ACCOUNTS_A_LINE)
        path = Path(folder) / "payments.csv"
        count = payments_file(book, path, lines)
        twin = server.copy(book, "payments_floor")
        for each in (book, twin):
            each.ask("checkpoint")
        place = floor.place_of(book)
        ours, report = import_seconds(book, path)
        paths = capture(book, place, Path(folder), OPEN_ON)
        plain = floor_seconds(twin, paths)
    ratio = plain / ours
    return [
        {
            "name": f"a file of {count:,} payments, to COPY of its rows",
            "value": round(ratio, 2),
            "bar": f">= {RATIO_MIN}",
            "holds": ratio >= RATIO_MIN and report.recorded == count,
            "detail": f"{count / ours:,.0f} payments a second; plain SQL {count / plain:,.0f};"
            f" recorded {report.recorded:,}, rejected {len(report.rejects)}",
        }
    ]


if __name__ == "__main__":
    for row in measure():
        print(row)
