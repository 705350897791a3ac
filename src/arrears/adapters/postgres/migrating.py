"""Roles, database and schema: plain SQL files in order, each with its check, each applied once."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import LiteralString

from psycopg import sql

from arrears.adapters.postgres.session import connect, guarded
from arrears.adapters.postgres.statements import statements
from arrears.kernel.errors import ArrearsError

#: One set of roles a server. Every Arrears database of the server shares them, as PostgreSQL's roles
#: belong to the server; who must not share gets a server of their own.
OWNER, APP, READER = "arrears_owner", "arrears_app", "arrears_reader"
DATABASE = "arrears"
FOLDER = "arrears.adapters.postgres"


def prepare(superuser_url: str, database: str = DATABASE, *, template: str = "template1") -> None:
    """Make the three roles, if they are not there, and a database, if it is not.

    Args:
        superuser_url: A role that may make roles and databases, on any database of the server.
        database: Its name.
        template: The database to copy.

    Raises:
        ArrearsError: `store.unreachable`.
    """
    with guarded(), connect(superuser_url) as connection:
        connection.autocommit = True
        connection.execute(_statement("make_roles"))
        if connection.execute(_statement("database"), {"database": database}).fetchone() is None:
            making = sql.SQL(_statement("make_database")).format(
                database=sql.Identifier(database), template=sql.Identifier(template)
            )
            connection.execute(making)


def migrations() -> list[tuple[str, LiteralString, str]]:
    """Name, text and checksum of every migration, in order."""
    folder = files(FOLDER) / "migrations"
    found = sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql"))
    texts: list[tuple[str, LiteralString]] = [
        (name, (folder / name).read_text(encoding="utf-8")) for name in found
    ]
    return [(name, text, hashlib.sha256(text.encode()).hexdigest()) for name, text in texts]


def migrate(owner_url: str, up_to: str | None = None) -> list[str]:
    """Apply the migrations that are missing, each in a transaction of its own with its check.

    Two callers at once apply each once: the second waits.

    Args:
        owner_url: The owner's role.
        up_to: The name of the last one to apply; all of them where None.

    Returns:
        The names applied now.

    Raises:
        ArrearsError: `store.migration_changed` where an applied one is not the one we have,
            `store.unreachable`.
        InvariantError: `store.refused` where a migration or its check fails; it left nothing.
    """
    applied_now = []
    with guarded(), connect(owner_url) as connection:
        connection.autocommit = True
        with connection.transaction():
            connection.execute(_statement("take_turn"))
            connection.execute(_statement("make_list"))
        for name, text, checksum in migrations():
            if up_to is not None and name > up_to:
                break
            with connection.transaction():
                connection.execute(_statement("take_turn"))
                row = connection.execute(_statement("applied"), {"name": name}).fetchone()
                if row is not None and row["checksum"] != checksum:
                    raise ArrearsError(
                        "store.migration_changed",
                        where=f"migration {name}",
                        expected=f"checksum {checksum[:12]}",
                        got=row["checksum"][:12],
                    )
                if row is None:
                    connection.execute(text)
                    connection.execute(_statement("note"), {"name": name, "checksum": checksum})
                    applied_now.append(name)
    return applied_now


def _statement(name: str) -> LiteralString:
    """A statement of ours; files of the package are as good as literals."""
    return statements("opening.sql")[name]
