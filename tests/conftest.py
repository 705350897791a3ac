"""Fixtures every folder may use: one embedded PostgreSQL a session, one database a test module."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arrears.adapters.postgres.embedded import EmbeddedServer
    from arrears.adapters.postgres.store import PostgresStore

#: The same examples every time, so that a change alone turns a test red; HYPOTHESIS_PROFILE=long
#: hunts with others each time. No deadline: machines are shared, and no test measures time.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("long", derandomize=False, deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

TEMPLATE = "arrears_template"
_numbers = count(1)


@dataclass(frozen=True)
class Database:
    """A migrated, empty database, by the roles one can come as."""

    name: str
    server: EmbeddedServer
    stores: list[PostgresStore] = field(default_factory=list)

    def url(self, role: str) -> str:
        """The connection string of a role."""
        return self.server.url(role, self.name)

    @property
    def app_url(self) -> str:
        """As the application."""
        return self.url("arrears_app")

    @property
    def owner_url(self) -> str:
        """As the owner, who migrates."""
        return self.url("arrears_owner")

    @property
    def superuser_url(self) -> str:
        """As the superuser, whom nothing holds."""
        return self.url("postgres")

    def store(self) -> PostgresStore:
        """The books, through the application's role; closed when the database's fixture ends."""
        from arrears.adapters.postgres.store import PostgresStore  # noqa: PLC0415 - few tests need it

        self.stores.append(PostgresStore(self.app_url))
        return self.stores[-1]

    def close(self) -> None:
        """Close every store that was opened here."""
        for store in self.stores:
            store.close()


def make_database(server: EmbeddedServer, template: str = TEMPLATE) -> Database:
    """A new database, copied from the migrated template unless another one is named."""
    from arrears.adapters.postgres.migrating import prepare  # noqa: PLC0415 - few tests need it

    made = Database(f"arrears_test_{next(_numbers)}", server)
    prepare(server.url("postgres", "postgres"), made.name, template=template)
    return made


@pytest.fixture(scope="session", autouse=True)
def no_server_is_left_behind() -> Iterator[None]:
    """Whatever server a test started, by a command or by hand, ends with the session."""
    yield
    embedded = sys.modules.get("arrears.adapters.postgres.embedded")
    for home in embedded.homes_in_use() if embedded else ():
        embedded.stop(home, in_haste=True)


@pytest.fixture(scope="session")
def postgres_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder around the session's server."""
    return tmp_path_factory.mktemp("book")


@pytest.fixture(scope="session")
def postgres_server(postgres_home: Path) -> Iterator[EmbeddedServer]:
    """One real server for all tests of a session, with a migrated template database."""
    from arrears.adapters.postgres import embedded, migrating  # noqa: PLC0415 - few tests need it

    server = embedded.start(postgres_home)
    migrating.prepare(server.url("postgres", "postgres"), TEMPLATE)
    migrating.migrate(server.url("arrears_owner", TEMPLATE))
    yield server
    embedded.stop(postgres_home, in_haste=True)


@pytest.fixture(scope="module")
def database(postgres_server: EmbeddedServer) -> Iterator[Database]:
    """A migrated database that the tests of one module share and nobody else sees."""
    made = make_database(postgres_server)
    yield made
    made.close()


@pytest.fixture
def new_database(postgres_server: EmbeddedServer) -> Iterator[Database]:
    """A migrated database for one test alone."""
    made = make_database(postgres_server)
    yield made
    made.close()


@pytest.fixture
def another_database(postgres_server: EmbeddedServer) -> Iterator[Database]:
    """A second migrated, empty database, to compare one book with another."""
    made = make_database(postgres_server)
    yield made
    made.close()


@pytest.fixture
def bare_database(postgres_server: EmbeddedServer) -> Database:
    """A database without any migration, for one test alone."""
    return make_database(postgres_server, template="template1")
