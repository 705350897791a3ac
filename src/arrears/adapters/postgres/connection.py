"""Opening the store: which server, which role, and whether the schema is the one we were written for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from arrears.adapters.postgres import embedded
from arrears.adapters.postgres.migrating import (
    APP,
    DATABASE,
    OWNER,
    READER,
    migrate,
    migrations,
    prepare,
)
from arrears.adapters.postgres.session import Connection, connect, guarded
from arrears.adapters.postgres.statements import statements
from arrears.kernel.errors import ArrearsError, invariant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Before 15 everyone may make tables in the public schema, and so could the application.
SERVER_MAJOR_OLDEST = 15

__all__ = [
    "APP",
    "DATABASE",
    "OWNER",
    "READER",
    "Connection",
    "check_role",
    "connect",
    "guarded",
    "open_as_owner",
    "open_embedded",
    "open_store",
]


def open_store(home: Path | None = None) -> str:
    """Make sure the store is there and migrated; returns the URL of the application's role.

    With `ARREARS_DATABASE_URL` set, that server is used as it is: the URL names the application's
    role, and `ARREARS_OWNER_DATABASE_URL` the owner's, who migrates.

    Raises:
        ArrearsError: `store.unreachable`, `store.cannot_start`, `store.role_too_strong`,
            `store.schema_behind`, `store.migration_changed`.
    """
    url = os.environ.get("ARREARS_DATABASE_URL")
    if url:
        owner = os.environ.get("ARREARS_OWNER_DATABASE_URL")
        if owner:
            migrate(owner)
        check_role(url)
        return url
    return open_embedded(home)


def open_embedded(home: Path | None = None) -> str:
    """Start the embedded server, make roles and database, migrate; the application's URL.

    Raises:
        ArrearsError: `store.cannot_start`, `store.unreachable`, `store.migration_changed`.
    """
    server = embedded.start(home)
    url = server.url(APP, DATABASE)
    try:
        check_role(url)
    except ArrearsError as error:
        if error.code not in {"store.unreachable", "store.schema_behind"}:
            raise
        prepare(server.url(embedded.SUPERUSER, "postgres"))
        migrate(server.url(OWNER, DATABASE))
        check_role(url)
    return url


def open_as_owner(home: Path | None = None) -> str:
    """Make sure the store is there and migrated; returns the URL of the owner's role.

    Raises:
        ArrearsError: as `open_store`; `store.role_too_weak` where no owner is named.
    """
    open_store(home)
    if not os.environ.get("ARREARS_DATABASE_URL"):
        return embedded.start(home).url(OWNER, DATABASE)
    owner = os.environ.get("ARREARS_OWNER_DATABASE_URL")
    if not owner:
        raise ArrearsError(
            "store.role_too_weak",
            where="ARREARS_OWNER_DATABASE_URL",
            expected="the owner's role, who may drop indexes and make them again",
            got="nothing",
        )
    return owner


def check_role(url: str) -> None:
    """Refuse to run as anyone who could rewrite the books, or on books we cannot go on with.

    Raises:
        ArrearsError: `store.server_too_old`, `store.not_durable`, `store.role_too_strong`,
            `store.schema_behind`, `store.migration_changed`, `store.restored_below_seals`, `store.unreachable`.
    """
    with guarded(), connect(url) as connection:
        role = connection.execute(statements("opening.sql")["role"]).fetchone()
        invariant(role is not None, "store.no_role")
        found = role or {}
        check_server(found)
        checksums: dict[str, str] = {}
        if found["has_list"]:
            listed = connection.execute(statements("opening.sql")["list"])
            checksums = {row["name"]: row["checksum"] for row in listed}
        check_migrations(checksums)
        check_count(connection)


def check_server(found: Mapping[str, Any]) -> None:
    """Refuse a server that gives everybody rights or may forget, and a role that is too strong.

    Raises:
        ArrearsError: `store.server_too_old`, `store.not_durable`, `store.role_too_strong`.
    """
    if found["server_major"] < SERVER_MAJOR_OLDEST:
        raise ArrearsError(
            "store.server_too_old",
            where="the database",
            expected=f"PostgreSQL {SERVER_MAJOR_OLDEST} or newer",
            got=f"PostgreSQL {found['server_major']}",
        )
    if found["not_durable"]:
        raise ArrearsError(
            "store.not_durable",
            where="the database",
            expected="fsync, full_page_writes and synchronous_commit to be on",
            got=f"{found['not_durable']} off",
        )
    powers = ("is_strong", "owns", "can_become_another", "owns_database")
    if any(found[power] for power in powers):
        raise ArrearsError(
            "store.role_too_strong",
            where="the database role",
            expected="a role that is no superuser, owns nothing and can become no other role",
            got=f"{found['me']} ({', '.join(power for power in powers if found[power])})",
        )


def check_migrations(checksums: Mapping[str, str]) -> None:
    """Refuse a schema that is not the one this code was written for.

    Args:
        checksums: By name, of the migrations that the database says were applied.

    Raises:
        ArrearsError: `store.schema_behind`, `store.migration_changed`.
    """
    for name, _, checksum in migrations():
        if name not in checksums:
            raise ArrearsError(
                "store.schema_behind",
                where="the database",
                expected=f"migration {name}",
                got=f"migrations up to {max(checksums, default='none')}",
            )
        if checksums[name] != checksum:
            raise ArrearsError(
                "store.migration_changed",
                where=f"migration {name}",
                expected=f"checksum {checksum[:12]}",
                got=checksums[name][:12],
            )


def check_count(connection: Connection) -> None:
    """Refuse a server that would number new rows below those it holds.

    Records are sealed in the order of the transactions that wrote them. A dump restored onto a
    younger server brings records from transactions that this one has yet to count to; what it wrote
    now would stand among what is sealed, and look like a row smuggled in.

    Raises:
        ArrearsError: `store.restored_below_seals`.
    """
    row = connection.execute(statements("opening.sql")["count"]).fetchone()
    found = row or {}
    if found.get("seen") is not None and int(found["seen"]) >= int(found["coming"]):
        raise ArrearsError(
            "store.restored_below_seals",
            where="the database",
            expected=f"a server that has counted beyond transaction {found['seen']}, which wrote a record",
            got=f"one that has come to {found['coming']}",
        )
