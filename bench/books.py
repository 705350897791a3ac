"""Books to measure on: built once on a server of their own, copied as databases, dropped at the end."""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
from psycopg import sql

from arrears import bootstrap
from arrears.adapters import mature_making
from arrears.adapters.postgres import embedded
from arrears.adapters.postgres.migrating import APP, OWNER, migrate, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arrears.adapters.postgres.embedded import EmbeddedServer

FORK = multiprocessing.get_context("fork")
HOME = Path("build/bench")
#: What PostgreSQL's manual advises for a server of 8 GB: a quarter. Of its default, 128 MB, a book of
#: 100,000 accounts falls out, and what is measured then is the system's page cache.
SHARED_BUFFERS = "2GB"
SEED = 1


@dataclass(frozen=True)
class Database:
    """One database of the bench's server."""

    server: EmbeddedServer
    name: str

    @property
    def app_url(self) -> str:
        """As the application."""
        return self.server.url(APP, self.name)

    @property
    def owner_url(self) -> str:
        """As the owner."""
        return self.server.url(OWNER, self.name)

    def ask(self, statement: str, *values: object) -> list[tuple]:
        """Rows of a statement, run as the superuser."""
        url = self.server.url(embedded.SUPERUSER, self.name)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return [] if cursor.description is None else cursor.fetchall()


class Server:
    """The bench's own embedded server."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.names: list[str] = []

    def maintain(self, statement: sql.Composable) -> None:
        """Run a statement that belongs to no database."""
        url = self.server.url(embedded.SUPERUSER, "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)

    def new(self, name: str) -> Database:
        """A migrated, empty database."""
        self.drop(name)
        self.names.append(name)
        made = Database(self.server, name)
        prepare(self.server.url(embedded.SUPERUSER, "postgres"), name)
        migrate(made.owner_url)
        return made

    def copy(self, of: Database, name: str) -> Database:
        """A copy of a database nobody is connected to, row for row and page for page."""
        self.drop(name)
        self.names.append(name)
        copying = sql.SQL("create database {} template {} owner {} strategy file_copy")
        parts = (sql.Identifier(name), sql.Identifier(of.name), sql.Identifier(OWNER))
        self.maintain(copying.format(*parts))
        return Database(self.server, name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        dropping = sql.SQL("drop database if exists {} with (force)")
        self.maintain(dropping.format(sql.Identifier(name)))

    def seconds(self) -> float:
        """Processor seconds of all of the server's processes so far."""
        pid = int((self.server.data_directory / "postmaster.pid").read_text().split()[0])
        parent = psutil.Process(pid)
        total = parent.cpu_times().children_user + parent.cpu_times().children_system
        for each in parent.children():
            try:
                spent = each.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += spent.user + spent.system
        return total


@contextmanager
def server() -> Iterator[Server]:
    """The bench's server for a block; its databases are dropped and it is stopped at the end."""
    home = HOME.absolute()
    opened = Server(with_memory(home))
    try:
        yield opened
    finally:
        for name in opened.names:
            opened.drop(name)
        embedded.stop(home)


def with_memory(home: Path) -> EmbeddedServer:
    """Start the server, once more where it does not have its memory yet."""
    started = embedded.start(home)
    with psycopg.connect(
        started.url(embedded.SUPERUSER, "postgres"), autocommit=True
    ) as connection:
        found = connection.execute("show shared_buffers").fetchone()
        if found == (SHARED_BUFFERS,):
            return started
        connection.execute(sql.SQL("alter system set shared_buffers = {}").format(SHARED_BUFFERS))
    embedded.stop(home)
    return embedded.start(home)


def build(server_: Server, name: str, accounts: int) -> tuple[Database, float]:
    """A mature book of so many accounts, and how many seconds it took; made by another process.

    So the memory of who makes it is not that of who closes it.
    """
    made = server_.new(name)
    began = time.perf_counter()
    child = FORK.Process(target=make, args=(made.owner_url, accounts))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"the book was not made: exit code {child.exitcode}")
    return made, time.perf_counter() - began


def make(owner_url: str, accounts: int) -> None:
    """Fill an empty database; in a process of its own."""
    frame, registry = bootstrap.frame(compiled=False), bootstrap.signing_registry()
    mature_making.make_mature_book(owner_url, frame, registry, accounts=accounts, seed=SEED)


def peak_bytes() -> int:
    """The most memory that this process and its children ever held, each on its own, added up.

    What they share is counted more than once; 0 where the system does not tell.
    """
    total = 0
    for each in (psutil.Process(), *psutil.Process().children()):
        status = Path(f"/proc/{each.pid}/status")
        lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
        peaks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        total += sum(int(peak) * 1024 for peak in peaks)
    return total


def own_seconds() -> float:
    """Processor seconds of this process and its children so far."""
    spent = os.times()
    total = spent.user + spent.system + spent.children_user + spent.children_system
    for each in psutil.Process().children():
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
