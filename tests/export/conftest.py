"""A book that is exported: loans and lines with their months, and what stands in its export."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from arrears import bootstrap
from arrears.app.closing import close_to
from arrears.app.demonstration import prepare
from arrears.app.exporting import Exported, export_book

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.demonstration import Demonstration
    from arrears.app.refolding import Frame

BEGIN, MIDDLE, END = date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 20)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def instant() -> datetime:
    """The clock of these tests stands still."""
    return AT


@pytest.fixture(scope="session")
def frame() -> Frame:
    """Policy, posting rules and the interpreted fold."""
    return bootstrap.frame(compiled=False)


@pytest.fixture(scope="module")
def book(database, frame: Frame) -> tuple[PostgresStore, Demonstration]:  # noqa: ANN001 - see tests/conftest.py
    """A book of 20 loans and 5 lines, closed up to the end of March; what happens later is still to be posted."""
    store = database.store()
    made = prepare(store, frame, instant, loans=20, lines=5, begin=BEGIN, end=END)
    for loan in made.loans:
        on, amount = loan.opened_on.isoformat(), loan.amount
        made.book(loan, [{"id": "D1", "on": on, "type": "disbursed", "amount": amount}])
    for line in made.lines:
        made.book(line, [])
    for day in sorted(made.events):
        for account_id, event in made.events[day] if day <= MIDDLE else []:
            made.post(account_id, event)
    close_to(store, MIDDLE, frame, clock=instant)
    return store, made


@pytest.fixture(scope="session")
def export() -> Callable[[PostgresStore, Path], Exported]:
    """Export a book to a folder."""

    def exported(store: PostgresStore, to: Path) -> Exported:
        return export_book(
            bootstrap.book_source(store),
            bootstrap.export_folder(to),
            bootstrap.layout(),
            instant,
        )

    return exported
