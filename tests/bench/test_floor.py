"""The floor of the bench writes what the close wrote: else the two could not be compared."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from arrears import bootstrap
from arrears.adapters.mature_making import make_mature_book
from arrears.adapters.postgres.migrating import prepare
from arrears.app.closing import close_to

if TYPE_CHECKING:
    from types import ModuleType

BENCH = Path(__file__).resolve().parents[2] / "bench"
INSTANT = datetime(2026, 9, 21, 1, tzinfo=UTC)
#: On the 18th lines are billed, on the 20th more is due than on any other day.
BEFORE, DAY = date(2026, 9, 17), date(2026, 9, 18)
COMPARED = ("account_state", "account_columns", "event", "journal", "transition", "outbox",
            "source_reference")  # fmt: skip


@dataclass(frozen=True)
class Book:
    """A database as the bench sees one."""

    url: str
    app_url: str

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of a statement, run as the superuser."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload]  # our own words


def floor_module() -> ModuleType:
    """`bench/floor.py`, loaded."""
    spec = importlib.util.spec_from_file_location("floor", BENCH / "floor.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["floor"] = module
    spec.loader.exec_module(module)
    return module


def digests(book: Book) -> dict[str, str]:
    """A digest of the rows of each table, but for what is the server's word."""
    left_out = "array['written_by', 'row_number', 'sequence', 'recorded_at']"
    return {
        table: hashlib.sha256(
            repr(book.ask(f"select to_jsonb(t) - {left_out} from {table} t order by 1")).encode()  # noqa: S608 - our own names
        ).hexdigest()
        for table in COMPARED
    }


def test_the_floor_leaves_the_book_that_the_close_leaves(
    postgres_server, new_database, tmp_path: Path
) -> None:
    """A day with statements, closed in a book and written by plain SQL in its copy: the same rows."""
    floor, frame = floor_module(), bootstrap.frame(compiled=False)
    make_mature_book(
        new_database.owner_url, frame, bootstrap.signing_registry(), accounts=150, seed=3
    )
    store = new_database.store()
    close_to(store, BEFORE, frame, clock=lambda: INSTANT)
    store.close()
    name = f"{new_database.name}_behind"
    prepare(postgres_server.url("postgres", "postgres"), name, template=new_database.name)
    closed, behind = (
        Book(postgres_server.url("postgres", each), postgres_server.url("arrears_app", each))
        for each in (new_database.name, name)
    )
    assert digests(closed) == digests(behind)
    place = floor.place_of(closed)
    done = close_to(new_database.store(), DAY, frame, clock=lambda: INSTANT)
    assert done.days[0][1].statements > 0
    assert digests(closed) != digests(behind)
    shares = floor.shares_of(DAY, frame.basis, 2, every_open=False)
    rows = floor.captured(closed, place, DAY, tmp_path, shares)
    assert rows["renewed"] == done.days[0][1].accounts
    assert floor.floor_seconds(behind, shares) > 0
    assert digests(closed) == digests(behind)
