"""A book restored onto a younger server: refused until the how-to's words have raised the count."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from arrears.adapters.postgres import connection, migrating
from arrears.adapters.postgres.connection import check_role
from arrears.kernel.errors import ArrearsError

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-your-own-postgresql.md"
#: How far the other server had counted beyond this one.
AHEAD = 3_000


def blocks_of_sql() -> list[str]:
    """What the page tells its reader to run: preparing, and raising the count."""
    return re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def code_of(url: str) -> str | None:
    """With which error the store refuses to open; None where it opens."""
    try:
        check_role(url)
    except ArrearsError as error:
        return error.code
    return None


@pytest.mark.parametrize("table", ["event", "journal", "seal_batch"])
def test_a_younger_server_is_refused_until_its_count_is_raised(new_database, filled, table) -> None:
    """Records and seals from a server that had counted further: nothing opens until the page's words ran."""
    filled(new_database.store(), "A-1")
    with psycopg.connect(new_database.superuser_url) as superuser:
        superuser.execute("set session_replication_role = replica")
        ahead = f"(pg_current_xact_id()::text::bigint + {AHEAD})::text::xid8"
        superuser.execute(
            f"insert into seal_batch values (1, 'journal', '0', 0, {ahead}, 1, '', '', 1,"  # noqa: S608 - our own words
            " sha256('a'), sha256('b'), '', now())"
            if table == "seal_batch"
            else f"update {table} set written_by = {ahead}"  # noqa: S608 - our own words
        )
    assert code_of(new_database.app_url) == "store.restored_below_seals"
    with psycopg.connect(new_database.owner_url, autocommit=True) as owner:
        owner.execute(blocks_of_sql()[1])
    assert code_of(new_database.app_url) is None


def test_a_book_of_ones_own_is_never_refused(new_database, filled) -> None:
    """While others write, an ordinary book opens: no row it shows was written by a number to come."""
    with psycopg.connect(new_database.app_url) as other:
        other.execute("select pg_current_xact_id()")
        filled(new_database.store(), "A-1")
        assert code_of(new_database.app_url) is None


def test_a_server_that_is_too_old_is_refused(database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the oldest version that can be made safe, the store says which one it wants."""
    monkeypatch.setattr(connection, "SERVER_MAJOR_OLDEST", 99)
    with pytest.raises(ArrearsError) as caught:
        check_role(database.app_url)
    assert (caught.value.code, caught.value.expected) == (
        "store.server_too_old",
        "PostgreSQL 99 or newer",
    )


def test_the_page_prepares_the_roles_we_use() -> None:
    """The page names exactly the roles that the code expects, and lets the application own nothing."""
    prepared = blocks_of_sql()[0]
    made = re.findall(r"create role (\w+) login", prepared)
    assert made == [migrating.OWNER, migrating.APP, migrating.READER]
    assert f"create database {migrating.DATABASE} owner {migrating.OWNER}" in prepared
