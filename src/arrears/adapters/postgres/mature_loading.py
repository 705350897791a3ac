"""Loading a mature book into an empty database, as its owner, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from psycopg import sql

from arrears.adapters.postgres.bulk_rows import BEGIN, END
from arrears.adapters.postgres.mature_rows import BINARY, TABLES
from arrears.adapters.postgres.session import connect, guarded
from arrears.adapters.postgres.statements import statements
from arrears.adapters.postgres.store import PostgresStore, PostgresWork
from arrears.app.mature_book import CLOSED_ON
from arrears.app.mature_contracts import PRODUCTS, recorded_at
from arrears.app.ports import Counts
from arrears.app.running import run_name
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arrears.adapters.postgres.session import Connection
    from arrears.app.ports import Document

WHOLE_CHUNK = 1 << 22


class MatureLoading:
    """One transaction that fills an empty book; left by an error, it leaves nothing."""

    def __init__(self, connection: Connection, work: PostgresWork) -> None:
        self.connection = connection
        self.work = work

    def write(self, rows: Mapping[str, bytes]) -> None:
        """Write rows, table by table."""
        for table in TABLES:
            told = memoryview(rows[table])
            if not told:
                continue
            copying = statements("mature.sql")[f"copy_{table}"]
            with self.connection.cursor() as cursor, cursor.copy(copying) as copy:
                if table in BINARY:
                    copy.write(BEGIN)
                for start in range(0, len(told), WHOLE_CHUNK):
                    copy.write(told[start : start + WHOLE_CHUNK])
                if table in BINARY:
                    copy.write(END)

    def finish(self, accounts: int, snapshots: Mapping[str, Document], basis: str) -> None:
        """Write what stands beside the accounts: products, policies, and the last day's run."""
        for code, product in PRODUCTS.items():
            self.work.add_product(code, 1, product)
        for digest, document in sorted(snapshots.items()):
            self.work.keep_snapshot(digest, document)
        run_id, instant = run_name(CLOSED_ON), recorded_at(CLOSED_ON)
        self.work.start_run(run_id, CLOSED_ON, instant, accounts, (0,), basis)
        self.work.end_range(run_id, 0, Counts(accounts=accounts), instant, {})
        self.work.close_day(CLOSED_ON, run_id, Counts(accounts=accounts), instant)


@contextmanager
def loading(owner_url: str) -> Iterator[MatureLoading]:
    """Fill an empty book; constraints and indexes stand aside, and are made again at the end.

    Tables are emptied by the same transaction, so that their rows come in frozen: nobody has to
    look at them again.

    Raises:
        ArrearsError: `book.not_empty`, `store.unreachable`, `store.role_too_weak`.
    """
    with guarded(), connect(owner_url) as connection, connection.transaction():
        found = connection.execute(statements("mature.sql")["has_accounts"]).fetchone()
        if found is None or found["found"]:
            raise ArrearsError(
                "book.not_empty",
                where="the book",
                expected="no account",
                got="a book that holds accounts already",
            )
        connection.execute(statements("mature.sql")["room_to_sort"])
        asked = {"tables": list(TABLES)}
        constraints = connection.execute(statements("mature.sql")["constraints"], asked).fetchall()
        indexes = connection.execute(statements("mature.sql")["indexes"], asked).fetchall()
        set_aside(connection, constraints, indexes)
        yield MatureLoading(connection, PostgresWork(connection, PostgresStore(owner_url).columns))
        put_back(connection, constraints, indexes)


def set_aside(
    connection: Connection, constraints: list[dict[str, Any]], indexes: list[dict[str, Any]]
) -> None:
    """Drop what slows a COPY, foreign keys first, and empty the tables."""
    for each in reversed(constraints):
        connection.execute(
            sql.SQL("alter table {} drop constraint {}").format(
                sql.Identifier(each["table_name"]), sql.Identifier(each["name"])
            )
        )
    for each in indexes:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(each["name"])))
    for what in ("alter table {} disable trigger user", "truncate {}",
                 "alter table {} enable trigger user"):  # fmt: skip
        for table in TABLES:
            connection.execute(sql.SQL(what).format(sql.Identifier(table)))


def put_back(
    connection: Connection, constraints: list[dict[str, Any]], indexes: list[dict[str, Any]]
) -> None:
    """Make keys, then indexes, then foreign keys again, as they were."""
    for each in (each for each in constraints if each["kind"] != "f"):
        constrain(connection, each)
    for each in indexes:
        connection.execute(each["definition"])
    for table in TABLES:
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))
    for each in (each for each in constraints if each["kind"] == "f"):
        constrain(connection, each)


def constrain(connection: Connection, constraint: Mapping[str, Any]) -> None:
    """Add a constraint as the database described it."""
    connection.execute(
        sql.SQL("alter table {} add constraint {} {}").format(
            sql.Identifier(constraint["table_name"]),
            sql.Identifier(constraint["name"]),
            sql.SQL(constraint["definition"]),
        )
    )
