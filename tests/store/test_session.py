"""Settings that statements rely on hold, whatever server, role or environment say; durability is asked for."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import psycopg
import pytest

from arrears.adapters.postgres.column_reader import ColumnReader
from arrears.adapters.postgres.connection import check_role
from arrears.adapters.postgres.session import connect
from arrears.kernel.errors import ArrearsError, InvariantError

ODD = {
    "default_transaction_isolation": "'repeatable read'",
    "timezone": "'Asia/Shanghai'",
    "datestyle": "'German, DMY'",
    "search_path": "'information_schema'",
}


@pytest.fixture
def odd_database(new_database):  # noqa: ANN201 - see tests/conftest.py
    """A database whose administrator set for everyone what we do not expect."""
    with psycopg.connect(new_database.superuser_url) as connection:
        for name, value in ODD.items():
            connection.execute(f"alter database {new_database.name} set {name} = {value}")
    return new_database


def test_what_the_administrator_set_changes_no_answer(
    odd_database, filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Isolation, zone, date style and path are ours, options of the URL and the environment are kept."""
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=7MB -c timezone=Asia/Tokyo")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    filled(odd_database.store(), "A-1")
    names = ("transaction_isolation", "TimeZone", "DateStyle", "search_path", "work_mem")
    with connect(odd_database.app_url) as connection:
        rows = connection.execute("select name, setting from pg_settings").fetchall()
        row = connection.execute(
            "select account_id, recorded_at, '账单' as word from event"
        ).fetchone()
    found = {each["name"]: each["setting"] for each in rows}
    assert [found[name] for name in names] == [
        "read committed", "UTC", "ISO, MDY", "public", str(7 * 1024),
    ]  # fmt: skip
    assert row
    assert (row["word"], row["recorded_at"].isoformat()) == ("账单", "2026-01-05T09:30:00+00:00")
    with connect(f"{odd_database.app_url}&options=-c%20work_mem%3D9MB") as connection:
        row = connection.execute("select current_setting('work_mem') as told").fetchone()
    assert row == {"told": "9MB"}


@pytest.mark.parametrize("value", ["off", "local"])
def test_a_server_that_may_forget_a_commit_is_refused(new_database, value) -> None:
    """With synchronous_commit off an answer would not mean that it is on disk: `store.not_durable`."""
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute(f"alter database {new_database.name} set synchronous_commit = {value}")
    if value == "local":  # on this server's own disk: enough
        check_role(new_database.app_url)
        return
    with pytest.raises(ArrearsError) as caught:
        check_role(new_database.app_url)
    assert (caught.value.code, caught.value.got) == ("store.not_durable", "synchronous_commit off")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select 1 from pg_authid", "store.role_too_weak"),
        ("select pg_terminate_backend(pg_backend_pid())", "store.unreachable"),
    ],
)
def test_what_the_reader_in_columns_is_refused_means_what_it_means_elsewhere(
    new_database, query, code
) -> None:
    """A role that may not, and a connection that was ended: each by its own code."""
    reader = ColumnReader(new_database.app_url)
    with pytest.raises(ArrearsError) as caught:
        reader.read(query, {})
    assert caught.value.code == code
    reader.close()


def test_a_statement_that_the_reader_in_columns_gets_wrong_is_a_bug(new_database) -> None:
    """What the server cannot read is our own fault, not that of the connection."""
    reader = ColumnReader(new_database.app_url)
    with pytest.raises(InvariantError):
        reader.read("select nothing from nowhere", {})
    reader.close()
