"""Connections: which server, which role, and one clear error when the database is gone."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from arrears.adapters.postgres import embedded
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Connection = psycopg.Connection[dict[str, Any]]

OWNER, APP, READER = "arrears_owner", "arrears_app", "arrears_reader"
DATABASE = "arrears"
FOLDER = "arrears.adapters.postgres"


def connect(url: str) -> Connection:
    """Open a connection whose rows are dictionaries.

    Raises:
        ArrearsError: `store.unreachable`.
    """
    try:
        return psycopg.connect(url, row_factory=dict_row, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise unreachable(error) from error


def unreachable(error: BaseException) -> ArrearsError:
    """The error of a database that cannot be reached, or went away."""
    lines = str(error).strip().splitlines()
    return ArrearsError(
        "store.unreachable",
        where="the database",
        expected="an answer from PostgreSQL",
        got=lines[0] if lines else type(error).__name__,
    )


@contextmanager
def guarded() -> Iterator[None]:
    """Turn a lost connection into the one error a user sees.

    Raises:
        ArrearsError: `store.unreachable`.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise unreachable(error) from error


def open_store(home: Path | None = None) -> str:
    """Make sure the store is there and migrated; returns the URL of the application's role.

    With `ARREARS_DATABASE_URL` set, that server is used as it is: the URL names the application's
    role, and `ARREARS_OWNER_DATABASE_URL` the owner's, who migrates.

    Raises:
        ArrearsError: `store.unreachable`, `store.cannot_start`, `store.role_too_strong`,
            `store.schema_behind`.
    """
    url = os.environ.get("ARREARS_DATABASE_URL")
    if url:
        owner = os.environ.get("ARREARS_OWNER_DATABASE_URL")
        if owner:
            migrate(owner)
    else:
        server = embedded.start(home)
        prepare(server.url(embedded.SUPERUSER, "postgres"))
        migrate(server.url(OWNER, DATABASE))
        url = server.url(APP, DATABASE)
    check_role(url)
    return url


def prepare(superuser_url: str, database: str = DATABASE) -> None:
    """Make the three roles and the database on a server we own."""
    with connect(superuser_url) as connection:
        connection.autocommit = True
        known = {row["rolname"] for row in connection.execute("select rolname from pg_roles")}
        for role in (OWNER, APP, READER):
            if role not in known:
                connection.execute(f"create role {role} login nosuperuser nocreatedb nocreaterole")
        there = connection.execute(
            "select 1 from pg_database where datname = %s", (database,)
        ).fetchone()
        if there is None:
            connection.execute(f'create database "{database}" owner {OWNER}')


def migrations() -> list[tuple[str, str, str]]:
    """Name, text and checksum of every migration, in order."""
    folder = files(FOLDER) / "migrations"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=str)
    texts = [(each.name, each.read_text(encoding="utf-8")) for each in found]
    return [(name, text, hashlib.sha256(text.encode()).hexdigest()) for name, text in texts]


def migrate(owner_url: str) -> list[str]:
    """Apply the migrations that are missing, each in a transaction with its check.

    Returns:
        The names applied now.

    Raises:
        ArrearsError: `store.migration_changed` where an applied one is not the one we have.
    """
    applied_now = []
    with connect(owner_url) as connection:
        connection.execute(
            "create table if not exists migration (name text primary key, checksum text not null)"
        )
        done = {
            row["name"]: row["checksum"]
            for row in connection.execute("select name, checksum from migration")
        }
        for name, text, checksum in migrations():
            if name in done:
                if done[name] != checksum:
                    raise ArrearsError(
                        "store.migration_changed",
                        where=f"migration {name}",
                        expected=f"checksum {checksum[:12]}",
                        got=done[name][:12],
                    )
                continue
            connection.execute(text)
            connection.execute("insert into migration values (%s, %s)", (name, checksum))
            applied_now.append(name)
        connection.execute(f"grant select on migration to {APP}, {READER}")
    return applied_now


def check_role(url: str) -> None:
    """Refuse to run as anyone who could rewrite the books.

    Raises:
        ArrearsError: `store.role_too_strong`, `store.schema_behind`.
    """
    with connect(url) as connection:
        row = connection.execute(
            "select current_user as me, r.rolsuper or r.rolcreaterole as strong, "
            "exists (select 1 from pg_tables t where t.schemaname = 'public' "
            "and pg_has_role(current_user, t.tableowner, 'member')) as owns "
            "from pg_roles r where r.rolname = current_user"
        ).fetchone()
        if row is None or row["strong"] or row["owns"]:
            raise ArrearsError(
                "store.role_too_strong",
                where="the database role",
                expected="a role that neither owns the tables nor is superuser",
                got=repr(row and row["me"]),
            )
        there = connection.execute("select to_regclass('public.migration') as it").fetchone()
        names: set[str] = set()
        if there and there["it"]:
            names = {each["name"] for each in connection.execute("select name from migration")}
        missing = [name for name, _, _ in migrations() if name not in names]
        if missing:
            raise ArrearsError(
                "store.schema_behind",
                where="the database",
                expected=f"migrations up to {missing[-1]}",
                got=max(names, default="none"),
            )
