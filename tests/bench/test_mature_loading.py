"""A mature book in a real database: the same for a seed, its schema whole, and its caches what the slow way says."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from arrears import bootstrap
from arrears.adapters.mature_making import make_mature_book
from arrears.adapters.postgres.mature_rows import TABLES
from arrears.app.closing import close_to
from arrears.app.mature_book import BUSY_DUE_DAY, CLOSED_ON
from arrears.app.refolding import refold_at_close
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from typing import Any

    from arrears.app.refolding import Frame

ACCOUNTS, SEED = 130, 5
#: What says when and by which transaction a row was written, and nothing else does.
SERVERS_WORD = ("written_by", "sequence")
INSTANT = datetime(2026, 9, 17, 1, tzinfo=UTC)
INDEXES = (
    "select indexdef from pg_indexes where schemaname = 'public'"
    " union all select conrelid::regclass || conname || pg_get_constraintdef(oid) from pg_constraint"
    " where connamespace = 'public'::regnamespace"
    " union all select pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal"
    " order by 1"
)


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Policy, posting rules and the interpreted fold."""
    return bootstrap.frame(compiled=False)


def fill(database, frame: Frame, seed: int = SEED) -> None:
    """Make the small book of these tests."""
    make_mature_book(
        database.owner_url, frame, bootstrap.signing_registry(), accounts=ACCOUNTS, seed=seed
    )


@pytest.fixture(scope="module")
def filled(database, frame: Frame) -> Any:  # noqa: ANN401 - a database of tests/conftest
    """The small book, for tests that do not change it."""
    fill(database, frame)
    return database


def digests(url: str) -> dict[str, str]:
    """A digest of each table's rows, without what is the server's word."""
    found = {}
    with psycopg.connect(url) as connection:
        for table in (*TABLES, "run_start", "run_slot", "run", "product", "posting_policy"):
            asked = sql.SQL("select to_jsonb(t) - %s::text[] from {} t order by to_jsonb(t)::text")
            rows = connection.execute(
                asked.format(sql.Identifier(table)), [list(SERVERS_WORD)]
            ).fetchall()
            assert rows
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def test_the_same_seed_makes_the_same_book(filled, new_database, frame: Frame) -> None:
    """Two books of one seed are equal, row for row, and keys, indexes and triggers are whole."""
    with psycopg.connect(new_database.superuser_url) as connection:
        before = connection.execute(INDEXES).fetchall()
    fill(new_database, frame)
    with psycopg.connect(new_database.superuser_url) as connection:
        assert connection.execute(INDEXES).fetchall() == before
    assert digests(new_database.superuser_url) == digests(filled.superuser_url)


def test_the_slow_way_finds_nothing_to_post_and_the_same_caches(filled, frame: Frame) -> None:
    """Every account folded from its documents has the caches and columns that stand, and no new row."""
    store = filled.store()
    with store.unit_of_work() as work:
        keys = [
            (row["slot"], row["account_id"])
            for row in work.connection.execute("select slot, account_id from account_state")
        ]
        caches = {
            row["account_id"]: row
            for row in work.connection.execute("select * from account_state").fetchall()
        }
        packed = {
            row["account_id"]: row
            for row in work.connection.execute("select * from account_columns").fetchall()
        }
        journal = work.posted(keys)
        accounts = work.read(keys)
        totals = work.totals()
    assert len(accounts) == ACCOUNTS
    for account in accounts:
        rows = journal.get(account.account_id, ())
        change = refold_at_close(account, rows, CLOSED_ON, frame, lambda: INSTANT)
        assert (change.journal, change.transitions) == ((), ())
        # Requests to collect are not made up: nobody draws money that was paid long ago.
        assert {each.kind for each in change.messages} <= {"collect_by_standing_order"}
        assert change.refundable_minor == 0
        kept = caches[account.account_id]
        assert {name: kept[name] for name in change.caches} == dict(change.caches)
        assert change.columns is not None
        for name in ("terms", "orders", "rows", "events"):
            assert packed[account.account_id][name] == getattr(change.columns, name)
        assert packed[account.account_id]["layout"] == frame.layout
    assert sum(each.debit_minor - each.credit_minor for each in totals.values()) == 0


def test_the_close_goes_on_from_the_day(new_database, frame: Frame) -> None:
    """The next days close; they touch some accounts, park none and leave the rest alone."""
    fill(new_database, frame)
    store = new_database.store()
    busy_on = CLOSED_ON.replace(day=BUSY_DUE_DAY)
    done = close_to(store, busy_on, frame, clock=lambda: INSTANT)
    assert done.days[0][0] == CLOSED_ON + timedelta(days=1)
    folded = [counts.accounts for _, counts in done.days]
    assert not any(counts.parked for _, counts in done.days)
    assert max(folded) == folded[-1] > 0
    assert sum(folded) < ACCOUNTS / 2


def test_a_book_that_holds_accounts_is_refused(filled, frame: Frame) -> None:
    """Nobody loads a made-up book over a real one; nothing is changed."""
    before = digests(filled.superuser_url)
    with pytest.raises(ArrearsError) as refused:
        fill(filled, frame, seed=9)
    assert refused.value.code == "book.not_empty"
    assert digests(filled.superuser_url) == before
