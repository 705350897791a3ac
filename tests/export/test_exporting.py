"""Exports: each adds what changed, together they are the book, and a stopped one changes nothing."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arrears import bootstrap
from arrears.adapters.parquet import TableFile
from arrears.app.closing import close_to
from arrears.app.exporting import TABLES, export_book
from arrears.entrypoints.cli.main import run
from arrears.ledger.journal import JournalRow

if TYPE_CHECKING:
    from pathlib import Path

OPEN = date(2026, 4, 20)
AT = datetime(2026, 4, 21, tzinfo=UTC)
#: The newest row of each account, as the page on exports says it.
NEWEST = "qualify row_number() over (partition by account_id order by version desc) = 1"
FACTS = "account_id, currency, opened_on, version, status, bucket, days_past_due, payoff_minor"
ROWS = (
    "account_id, entry_id, seq, contract, instalment, value_on, booked_on, debit_account,"
    " credit_account, amount_minor"
)
EVENTS = "account_id, event_id, type, value_on, recorded_at, effective_seq"


def in_export(folder: Path, what: str, table: str, rest: str = "") -> list[tuple[Any, ...]]:
    """Rows of a table of an export."""
    words = f"select {what} from read_parquet('{folder}/{table}/**/*.parquet') {rest} order by all"  # noqa: S608 - our own words
    return duckdb.sql(words).fetchall()


def in_book(store, what: str, table: str) -> list[tuple[Any, ...]]:
    """Rows of a table of the book."""
    with store.unit_of_work() as work:
        found = work.connection.execute(f"select {what} from {table}").fetchall()  # noqa: S608 - our own words
    return sorted(tuple(row.values()) for row in found)


def same(store, folder: Path) -> bool:
    """Whether the exports of a folder are the book: accounts as they are, every event and journal row once."""
    return (
        in_export(folder, FACTS, "accounts", NEWEST)
        == in_book(store, FACTS, "account join account_state using (slot, account_id)")
        and in_export(folder, EVENTS, "events") == in_book(store, EVENTS, "event")
        and in_export(folder, ROWS, "journal") == in_book(store, ROWS, "journal")
    )


def packed(folder: Path) -> dict[str, tuple[bytes, ...]]:
    """The newest columns of each account."""
    newest = "qualify row_number() over (partition by account_id order by filename desc) = 1"
    words = f"""select account_id, terms, orders, rows, events from
        read_parquet('{folder}/columns/**/*.parquet', filename = true) {newest}"""  # noqa: S608 - our own words
    return {row[0]: row[1:] for row in duckdb.sql(words).fetchall()}


def test_each_export_adds_what_changed(book, frame, export, tmp_path: Path) -> None:
    """First all, then nothing, then the accounts that were posted to and closed on, and their rows.

    Together they are the book; and the newest columns are those of an export from nothing.
    """
    store, made = book
    first = export(store, tmp_path / "daily")
    assert first.rows("accounts") == first.rows("columns") == 25
    assert same(store, tmp_path / "daily")
    assert export(store, tmp_path / "daily").files == ()
    day = min(day for day in made.events if day > first.done.day)
    versions = dict(in_book(store, "account_id, version", "account_state"))
    for account_id, event in made.events[day]:
        made.post(account_id, event)
    close_to(store, day, frame, clock=lambda: first.done.exported_at)
    third = export(store, tmp_path / "daily")
    changed = (
        dict(in_book(store, "account_id, version", "account_state")).items() - versions.items()
    )
    assert 0 < third.rows("accounts") == third.rows("columns") == len(changed) < 25
    assert third.rows("events") >= len(made.events[day])
    assert (third.done.number, third.done.day) == (3, day)
    assert {f"day={day}" in each.path for each in third.files} == {True}
    assert same(store, tmp_path / "daily")
    export(store, tmp_path / "anew")
    assert packed(tmp_path / "daily") == packed(tmp_path / "anew")


def test_a_stopped_export_leaves_the_one_before(book, frame, export, tmp_path: Path) -> None:
    """Stopped while it writes: nobody reads what it wrote. Stopped before its manifest: that is the one before.

    The next export, a day later, writes what was to be written, once, and removes what was left.
    """
    store, _ = book
    folder, layout = bootstrap.export_folder(tmp_path), bootstrap.layout()

    def stop(at: int, of: int) -> None:
        if (at, of) == (3, 4):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_book(bootstrap.book_source(store), folder, layout, bootstrap.now, on_range=stop)
    assert folder.manifest() is None
    assert list(tmp_path.rglob("*.parquet")) == []
    in_the_way = tmp_path / "manifest.json.unfinished"
    in_the_way.mkdir()
    with pytest.raises(IsADirectoryError):
        export(store, tmp_path)
    assert folder.manifest() is None
    in_the_way.rmdir()
    with store.unit_of_work() as work:
        closed = work.last_closed()
    close_to(store, closed[0] + timedelta(days=1), frame, clock=lambda: AT)
    assert export(store, tmp_path).done.number == 1
    assert same(store, tmp_path)
    assert list(tmp_path.rglob("*.unfinished")) == []


def test_row_groups_are_bounded(tmp_path: Path) -> None:
    """However batches come, a row group holds as many rows as it may, the last one the rest; none is lost."""
    file = TableFile(tmp_path, "t/a.parquet", 10)
    for start in range(0, 42, 7):
        file.add(pa.RecordBatch.from_pydict({"n": list(range(start, start + 7))}))
    told = file.finish()
    opened = pq.ParquetFile(file.unfinished)
    assert [opened.metadata.row_group(at).num_rows for at in range(5)] == [10, 10, 10, 10, 2]
    assert opened.read()["n"].to_pylist() == list(range(42))
    assert (told["rows"], told["path"]) == (42, "t/a.parquet")


@pytest.mark.usefixtures("book")
def test_the_command_says_what_it_wrote(database, tmp_path: Path, monkeypatch, capsys) -> None:
    """In words, in both languages, and as JSON; valued from it, the command prints a row a group."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", database.app_url)
    monkeypatch.setenv("ARREARS_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    folder = str(tmp_path / "export")
    assert run(["export", "--to", folder]) == 0
    assert "accounts 25, columns 25, events" in capsys.readouterr().out
    monkeypatch.setenv("ARREARS_LANG", "zh")
    assert run(["export", "--to", folder]) == 0
    assert "账户 0 户" in capsys.readouterr().out
    assert run(["export", "--to", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["export"] == 3
    assert run(["value", "--from", folder, "--on", "2026-06-30", "--by", "product"]) == 0
    shown = capsys.readouterr().out
    assert "2026-06-30" in shown
    assert "jiebei@1" in shown


def test_what_was_being_written_comes_with_the_next(
    book, frame, database, export, tmp_path: Path
) -> None:
    """Rows of a transaction that is open during an export are in the next one, though others ended later."""
    store, _ = book
    row = JournalRow(
        entry_id="slow", seq=1, contract=0, instalment=0, component=0, kind=9, stage=0,
        value_on=OPEN, booked_on=OPEN, debit_account="clearing", credit_account="suspense",
        amount_minor=7, currency="CNY",
    )  # fmt: skip
    with database.store().unit_of_work() as slow:
        slow.book_beside([row], frame.snapshot.digest)
        with store.unit_of_work() as quick:
            quick.book_beside([replace(row, entry_id="quick")], frame.snapshot.digest)
        assert export(store, tmp_path).rows("journal") > 0
        beside = "where amount_minor = 7 and entry_id in ('slow', 'quick')"
        assert in_export(tmp_path, "entry_id", "journal", beside) == [("quick",)]
    assert export(store, tmp_path).rows("journal") == 1
    assert same(store, tmp_path)


def test_what_another_program_packed_is_packed_again(
    book, database, export, tmp_path: Path
) -> None:
    """Columns under another layout, and those that are missing, are made of the documents: the same bytes."""
    store, _ = book
    export(store, tmp_path / "packed")
    with psycopg.connect(database.app_url) as connection:
        connection.execute("update account_columns set layout = 'older', rows = 'nonsense'")
    export(store, tmp_path / "again")
    assert packed(tmp_path / "again") == packed(tmp_path / "packed")


def test_nothing_says_who_a_borrower_is(book, export, tmp_path: Path) -> None:
    """No table has the borrower's id, a commitment, a salt, or what a payer wrote."""
    store, _ = book
    export(store, tmp_path)
    names = {name for path in tmp_path.rglob("*.parquet") for name in pq.read_schema(path).names}
    assert not names & {"borrower_id", "commitment", "salt", "hint", "body", "contract_document"}
    files = bootstrap.export_folder(tmp_path).manifest().files
    assert {each.table for each in files} == set(TABLES)
    for each in files:
        assert pq.read_metadata(tmp_path / each.path).num_rows == each.rows
        digest = hashlib.sha256((tmp_path / each.path).read_bytes()).hexdigest()
        assert digest == each.sha256
