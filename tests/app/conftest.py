"""A book for closing: loans and lines with all that happens to them, and everything a close leaves."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from arrears import bootstrap
from arrears.app.demonstration import prepare
from arrears.entrypoints.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.refolding import Frame

BEGIN = date(2026, 1, 1)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
#: What a close writes, row by row; nothing in it may depend on when or how often it was killed.
WRITTEN = (
    (
        "select account_id, entry_id, seq, contract, instalment, component, kind, stage, value_on,"
        " booked_on, debit_account, credit_account, amount_minor from journal order by 1, 2, 3"
    ),
    "select account_id, event_id, body, source_ref from event order by 1, 2",
    "select account_id, on_date, what, from_value, to_value from transition order by 1, 2, 3",
    "select account_id, kind, occasion, body from outbox order by 1, 2, 3",
    (
        "select account_id, version, bucket, five_class, status, payoff_minor, next_action_on, folded_to"
        " from account_state order by 1"
    ),
    "select run_id, business_on, counts from run order by 1",
)


def instant() -> datetime:
    """The clock of these tests: every run is made at one instant."""
    return RECORDED


@pytest.fixture(scope="session")
def clock() -> Callable[[], datetime]:
    """A clock that stands still."""
    return instant


@pytest.fixture(scope="session")
def frame() -> Frame:
    """Policy, posting rules and the interpreted fold."""
    return bootstrap.frame(compiled=False)


@pytest.fixture(scope="session")
def fill(frame: Frame) -> Callable[..., None]:
    """Book demonstration loans and lines, and post all that happens to them until a day."""

    def filled(store: PostgresStore, end: date, *, loans: int = 12, lines: int = 0) -> None:
        made = prepare(store, frame, instant, loans=loans, lines=lines, begin=BEGIN, end=end)
        for loan in made.loans:
            on, amount = loan.opened_on.isoformat(), loan.amount
            made.book(loan, [{"id": "D1", "on": on, "type": "disbursed", "amount": amount}])
        for line in made.lines:
            made.book(line, [])
        for day in sorted(made.events):
            for account_id, event in made.events[day] if day <= end else []:
                made.post(account_id, event)

    return filled


@pytest.fixture(scope="session")
def dump() -> Callable[[PostgresStore], list[list[tuple[object, ...]]]]:
    """Everything a close wrote, entry for entry."""

    def dumped(store: PostgresStore) -> list[list[tuple[object, ...]]]:
        with store.unit_of_work() as work:
            tables = [work.connection.execute(statement).fetchall() for statement in WRITTEN]  # type: ignore[call-overload]  # our own words
        return [[tuple(row.values()) for row in rows] for rows in tables]

    return dumped


@pytest.fixture
def arrears(new_database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # noqa: ANN001, ANN201 - see tests/conftest.py; a function
    """Run a command line over the book of `new_database`: (exit code, what it printed, an error if nothing else)."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", new_database.app_url)
    monkeypatch.setenv("ARREARS_LANG", "en")

    def call(*words: str, stdin: object = None) -> tuple[int, str]:
        given = b"" if stdin is None else json.dumps(stdin).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        code = run(words)
        printed = capsys.readouterr()
        return code, printed.out or printed.err

    return call
