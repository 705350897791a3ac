"""What was parked, and why, stays; only that it is over may be said, once it is."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest

DENIED = psycopg.errors.InsufficientPrivilege
REFUSED = psycopg.errors.RestrictViolation
AT = datetime(2026, 2, 6, tzinfo=UTC)


@pytest.fixture
def parked(new_database, filled):  # noqa: ANN201 - see tests/conftest.py
    """A database in which one account is parked."""
    as_it_was = filled(new_database.store(), "A-1")
    with new_database.store().unit_of_work() as work:
        assert not work.park(as_it_was, date(2026, 2, 5), "it was written to since", AT)
        assert work.park(work.lock("A-1"), date(2026, 2, 5), "it cannot be read", AT)
    return new_database


@pytest.mark.parametrize(("role", "refusal"), [("arrears_app", DENIED), ("arrears_owner", REFUSED)])
@pytest.mark.parametrize(
    "statement",
    [
        "update parked set cause = 'nothing'",
        "update parked set inputs = '{}'",
        "delete from parked",
        "truncate parked",
    ],
)
def test_nobody_rewrites_why_an_account_was_parked(parked, role, refusal, statement) -> None:
    """The application lacks the right, and triggers refuse the owner too."""
    with psycopg.connect(parked.url(role)) as connection, pytest.raises(refusal):
        connection.execute(statement)


def test_parking_twice_is_parking_once(parked) -> None:
    """An account is parked at most once at a time; taken back, it may be parked again."""
    store = parked.store()
    with store.unit_of_work() as work:
        account = work.lock("A-1")
        assert work.park(account, date(2026, 2, 6), "still", AT)
        assert [each["cause"] for each in work.parked()] == ["it cannot be read"]
        assert work.unpark("A-1", AT)
        assert not work.unpark("A-1", AT)
        work.park(account, date(2026, 2, 7), "again", AT)
        causes = [each["cause"] for each in work.parked(with_resolved=True)]
    assert causes == ["it cannot be read", "again"]
