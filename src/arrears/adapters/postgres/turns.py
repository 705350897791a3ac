"""Turns in PostgreSQL: one process closes a book at a time; one that has not moved for long loses its turn.

The turn is a lock of a session, so a server drops it with the connection and nobody deletes anything.
A process that is stopped, or hangs, keeps its connection: it is recognised by what the server says of
it, for its connection and those of its workers bear its name, and it is taken over by ending them.
"""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from arrears.adapters.postgres.session import guarded
from arrears.adapters.postgres.statements import statements
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arrears.adapters.postgres.session import Connection

#: Long enough for a killed close to be noticed by the server, short enough to be told.
TURN_SECONDS = 5
#: What a server keeps of a session's name is 63 bytes; a machine's name gets what is left.
MACHINE_LETTERS = 30
HOLDER = "arrears close "
WORKER = "arrears range of "


def process_name() -> str:
    """This process's number and machine, as a session's name can hold it."""
    return f"{os.getpid()}@{socket.gethostname()[:MACHINE_LETTERS]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresTurn:
    """The turn to close; see `app.ports.Turn`."""

    connection: Connection
    process: str
    taken_over_from: str | None

    def move(self) -> None:
        """Show the server that this process moves.

        Raises:
            ArrearsError: `store.unreachable`.
        """
        with guarded(), self.connection.transaction():
            self.connection.execute(statements("turns.sql")["move"])


@contextmanager
def turn(connection: Connection, stuck_after_seconds: int) -> Iterator[PostgresTurn]:
    """Hold the turn to close, once it is free or its holder has not moved for so long.

    Raises:
        ArrearsError: `close.running`.
    """
    process, taken_from = process_name(), None
    with connection.transaction():
        ask(connection, "come_forward", session_name=HOLDER + process)
    if not is_taken(connection):
        taken_from = take_over(connection, stuck_after_seconds)
    with connection.transaction():
        ask(connection, "end_orphans", workers=WORKER, own=WORKER + process)
    try:
        yield PostgresTurn(connection=connection, process=process, taken_over_from=taken_from)
    finally:
        if not connection.closed:
            with connection.transaction():
                ask(connection, "end_turn")


def is_taken(connection: Connection) -> bool:
    """Wait a few seconds for the turn; whether it is ours now."""
    try:
        with connection.transaction():
            connection.execute("select set_config('lock_timeout', %s, true)", [f"{TURN_SECONDS}s"])
            ask(connection, "wait_for_turn")
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def take_over(connection: Connection, stuck_after_seconds: int) -> str | None:
    """Take the turn from whoever has not moved for so long; its name, None if it was free by now.

    Raises:
        ArrearsError: `close.running`.
    """
    with connection.transaction():
        holder = next(iter(ask(connection, "holder")), None)
        if holder is not None:
            name = str(holder["name"]).removeprefix(HOLDER)
            sessions = {"pid": holder["pid"], "workers": WORKER + name}
            still_seconds = ask(connection, "still_seconds", **sessions)[0]["seconds"]
            if still_seconds is None or still_seconds < stuck_after_seconds:
                raise running(holder, name)
            ask(connection, "end_sessions", **sessions)
    if not is_taken(connection):
        raise ArrearsError(
            "close.running",
            where="arrears close",
            expected="nobody else closing this book",
            got=f"others that were quicker, within {TURN_SECONDS} seconds",
        )
    return name if holder is not None else None


def running(holder: Mapping[str, Any], name: str) -> ArrearsError:
    """The error of a turn that somebody holds who moves: who, since when, and how far it is."""
    since = f"{holder['since']:%Y-%m-%d %H:%M:%S} UTC"
    return ArrearsError(
        "close.running",
        where="arrears close",
        expected="nobody else closing this book",
        got=f"process {name}, at it since {since}"
        if holder["business_on"] is None
        else f"process {name}, at it since {since}, which has closed {holder['done']} of"
        f" {holder['accounts']} accounts for {holder['business_on']}",
    )


def ask(connection: Connection, name: str, **values: object) -> list[dict[str, Any]]:
    """Run a statement of turns and fetch its rows."""
    return connection.execute(statements("turns.sql")[name], values).fetchall()
