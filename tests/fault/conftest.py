"""Fixtures of the faults: a book, what a calm close makes of it, processes to be killed, a wire."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import sys
from concurrent.futures import Future
from contextlib import closing as closing_at_end
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from book import ACCOUNTS_A_RANGE, END, NAME, Book, Rows, copied, fill  # noqa: E402 - found beside this file
from closer import Actor, Victim, close, kill, prepare  # noqa: E402 - found beside this file, whose folder comes first
from wire import CutError, Moment, Side, Wire  # noqa: E402 - found beside this file, whose folder comes first

from arrears.adapters.postgres import embedded  # noqa: E402 - found beside this file, whose folder comes first
from arrears.adapters.postgres.migrating import migrate  # noqa: E402 - found beside this file, whose folder comes first
from arrears.adapters.postgres.migrating import prepare as prepare_database  # noqa: E402 - found beside this file, whose folder comes first
from arrears.adapters.postgres.store import PostgresStore  # noqa: E402 - found beside this file, whose folder comes first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that was stopped once the book was in it; only copied."""
    home = tmp_path_factory.mktemp("filled")
    server = embedded.start(home)
    book = Book(NAME, server)
    prepare_database(server.url("postgres", "postgres"), book.name)
    migrate(server.url("arrears_owner", book.name))
    with closing_at_end(PostgresStore(book.url)) as store:
        fill(store)
    embedded.stop(home)
    return home


@pytest.fixture(scope="session")
def fault_server(
    filled_home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[embedded.EmbeddedServer]:
    """A server that tests may kill."""
    prepare()
    home = copied(filled_home, tmp_path_factory.mktemp("fault"))
    yield embedded.start(home)
    embedded.stop(home, in_haste=True)


@pytest.fixture(scope="session")
def untouched(fault_server) -> Book:
    """The book as every test begins with it; only copied."""
    return Book(NAME, fault_server)


@pytest.fixture(scope="session")
def act(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Actor]:
    """Start a process that acts on a book."""
    folder, numbers = tmp_path_factory.mktemp("told"), count(1)
    return lambda doing, *arguments: Actor(folder / str(next(numbers)), doing, *arguments)


@pytest.fixture(scope="session")
def closing(act) -> Callable[..., Actor]:
    """Start a process that closes the book of a connection string, or several that do."""
    return lambda url, processes=1: act(close, url, END, ACCOUNTS_A_RANGE, processes)


@pytest.fixture(scope="session")
def calm(untouched, closing) -> Callable[[int], Rows]:
    """Every row of the book that so many processes closed in peace."""

    @cache
    def closed(processes: int) -> Rows:
        book = untouched.copy()
        closing(book.url, processes).succeed()
        return book.rows()

    return closed


@pytest.fixture(scope="module")
def struck(closing, struck_down) -> Callable[..., str]:
    """Close a book, and kill who closes it at the first moment that is asked for; says how it ended."""

    def close_and_kill(
        book: Book, processes: int, is_time: Callable[[Moment], bool], victim: Victim = Victim.ALL
    ) -> str:
        return struck_down(book, lambda url: closing(url, processes), is_time, victim)

    return close_and_kill


@pytest.fixture(scope="module")
def struck_down(fault_wire) -> Callable[..., str]:
    """Let a process act on a book, and kill it at the first moment that is asked for."""

    def act_and_kill(
        book: Book,
        start: Callable[[str], Actor],
        is_time: Callable[[Moment], bool],
        victim: Victim = Victim.ALL,
    ) -> str:
        started: Future[Actor] = Future()

        def at(moment: Moment) -> None:
            if is_time(moment):
                kill(started.result(), moment.client, victim)
                if moment.side is Side.ASKED:
                    raise CutError  # or the server would have the request all the same

        fault_wire.watch(at)
        started.set_result(start(fault_wire.url("arrears_app", book.name)))
        try:
            return started.result().end()
        finally:
            fault_wire.watch(None)

    return act_and_kill


@pytest.fixture(scope="module")
def passed(untouched, closing, fault_wire) -> Callable[..., tuple[int, int]]:
    """How many requests and commits pass while so many processes close in peace, or find it closed."""

    @cache
    def counted(processes: int, *, is_closed: bool = False) -> tuple[int, int]:
        book = untouched.copy()
        for _ in range(1 + is_closed):
            fault_wire.watch(None)
            closing(fault_wire.url("arrears_app", book.name), processes).succeed()
        book.remove()
        return fault_wire.requests, fault_wire.commits

    return counted


@pytest.fixture
def book(untouched) -> Iterator[Book]:
    """The book, for one test."""
    made = untouched.copy()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def fault_wire(fault_server) -> Iterator[Wire]:
    """A wire to the server."""
    made = Wire(fault_server)
    yield made
    made.close()
