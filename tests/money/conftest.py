"""Tills over a new book: one connection, or several at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from arrears import bootstrap

TESTS = str(Path(__file__).parents[1])
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)

from money.till import Till  # noqa: E402 - found under this name only now

if TYPE_CHECKING:
    from collections.abc import Callable

    from arrears.app.refolding import Frame

    Database = Any  #: see tests/conftest.py


@pytest.fixture(scope="session")
def frame() -> Frame:
    """Policy, posting rules and the interpreted fold."""
    return bootstrap.frame(compiled=False)


@pytest.fixture
def till(new_database: Database, frame: Frame) -> Till:
    """A till over an empty book."""
    return Till(new_database.store(), frame)


@pytest.fixture
def another_till(new_database: Database, frame: Frame) -> Callable[[], Till]:
    """More tills over the same book, each with a connection of its own."""
    return lambda: Till(new_database.store(), frame)
