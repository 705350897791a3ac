"""Sessions: one connection, and what the driver's errors mean to whoever reads them."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection: TypeAlias = psycopg.Connection[dict[str, Any]]

CONNECT_SECONDS = 10
#: What our statements take for granted, whatever server, role or environment set. Waiting for a key
#: and then reading its answer needs `read committed`: under any other the answer stays unseen.
SESSION = {
    "search_path": "public",
    "datestyle": "ISO",
    "timezone": "UTC",
    "default_transaction_isolation": r"read\ committed",
}
#: Somebody else was quicker or holds what is needed; run again, it may well succeed.
BUSY = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.SerializationFailure,
    psycopg.errors.QueryCanceled,
)
#: First letters of the codes of a connection that fails and of a server that is short of something or ends.
CONNECTION_CLASSES = frozenset({"08", "53", "57", "58"})
DISK_FULL = psycopg.errors.DiskFull.sqlstate
NO_SPACE = os.strerror(errno.ENOSPC)
#: Constraints that a command can violate without anything being wrong with the code.
ACCOUNT_ONCE = frozenset({"account_pkey", "account_id_once"})
DAY_ONCE = frozenset(
    {
        "run_pkey",
        "run_business_on_key",
        "run_start_pkey",
        "run_start_business_on_key",
        "run_slot_pkey",
    }
)


def session_url(url: str, session_name: str = "arrears") -> str:
    """The URL with the settings that statements rely on, and the name the server lists it under.

    Raises:
        ArrearsError: `store.unreachable` where it is none.
    """
    try:
        given = conninfo_to_dict(url).get("options") or os.environ.get("PGOPTIONS", "")
    except psycopg.ProgrammingError as error:
        raise unreachable(error) from error
    settings = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    return make_conninfo(
        url,
        options=f"{given} {settings}",
        client_encoding="UTF8",
        connect_timeout=CONNECT_SECONDS,
        application_name=session_name,
    )


def connect(url: str, session_name: str = "arrears") -> Connection:
    """Open a connection whose rows are dictionaries, with the settings that statements rely on.

    Args:
        url: Server, database and role.
        session_name: What the server's list of sessions calls it.

    Raises:
        ArrearsError: `store.unreachable`.
    """
    try:
        return psycopg.connect(session_url(url, session_name), row_factory=dict_row)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise unreachable(error) from error


def unreachable(error: BaseException) -> ArrearsError:
    """The error of a database that cannot be reached, went away, or whose disk is full.

    A full disk is known by its code, and by the system's own words where the server turns whoever
    comes away: then the driver has no code.
    """
    lines = str(error).strip().splitlines()
    is_full = getattr(error, "sqlstate", None) == DISK_FULL or NO_SPACE in str(error)
    return ArrearsError(
        "store.disk_full" if is_full else "store.unreachable",
        where="the database",
        expected="room on the disk of PostgreSQL" if is_full else "an answer from PostgreSQL",
        got=lines[0] if lines else type(error).__name__,
    )


def id_taken(detail: str) -> str:
    """The account's id out of what the server says of a key that exists already, or nothing.

    Example:
        >>> id_taken("Key (slot, account_id)=(2965, L-1) already exists.")
        'L-1'
    """
    found = re.search(r"\((slot, )?account_id\)=\((?(1)\d+, )(.+)\)", detail)
    return found[2] if found else ""


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what the driver raises into the errors of the catalogue; a statement refused is a bug.

    Raises:
        ArrearsError: `store.unreachable`, `store.disk_full`, `store.busy`, `store.role_too_weak`,
            `account.exists`.
        InvariantError: `store.refused`, with the constraint the statement ran into.
    """
    try:
        yield
    except BUSY as error:
        raise busy(str(error).splitlines()[0]) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise unreachable(error) from error
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name in ACCOUNT_ONCE:
            raise ArrearsError(
                "account.exists",
                where="account_id",
                expected="an id that no account has",
                got=id_taken(error.diag.message_detail or "") or "one that is taken",
            ) from error
        if error.diag.constraint_name in DAY_ONCE:
            raise ArrearsError(
                "store.busy",
                where="the database",
                expected="one close of a day",
                got="another one that was quicker",
            ) from error
        raise refused(error) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise too_weak(got=error.diag.message_primary or "a refusal") from error
    except psycopg.Error as error:
        raise refused(error) from error


def busy(told: str) -> ArrearsError:
    """The error of rows that somebody else holds."""
    return ArrearsError(
        "store.busy", where="the database", expected="the rows to be free", got=told
    )


def too_weak(got: str) -> ArrearsError:
    """The error of a role that may not do what was asked."""
    return ArrearsError(
        "store.role_too_weak",
        where="the database role",
        expected="a role that may do what was asked",
        got=got,
    )


def refused(error: psycopg.Error) -> InvariantError:
    """A statement that the database refuses: our own fault, not the reader's."""
    return InvariantError(
        "store.refused",
        {
            "sqlstate": error.sqlstate,
            "constraint": error.diag.constraint_name,
            "message": error.diag.message_primary,
        },
    )


def meaning_of(error: BaseException) -> ArrearsError | InvariantError:
    """What an error of the other driver means: by the server's code.

    While rows stream in, that driver tells no code, and what ends then is taken for the connection.
    """
    code = getattr(error, "sqlstate", None)
    told = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if code in {each.sqlstate for each in BUSY}:
        return busy(told)
    if code == psycopg.errors.InsufficientPrivilege.sqlstate:
        return too_weak(told)
    if not code or code == DISK_FULL or code[:2] in CONNECTION_CLASSES:
        return unreachable(error)
    return InvariantError("store.refused", {"sqlstate": code, "message": told})
