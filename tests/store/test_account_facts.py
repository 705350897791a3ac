"""An account's facts: what was signed is changed by nobody, and its caches by every refold."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

REFUSED = psycopg.errors.RestrictViolation


@pytest.mark.parametrize(
    "statement",
    [
        "update account set contract = '{}'",
        "update account set borrower_id = 'B-2'",
        "update account set opened_on = opened_on + 1 where false",
        "update account set slot = 5",
        "delete from account",
        "truncate account cascade",
    ],
)
@pytest.mark.parametrize("role", ["arrears_owner", "postgres"])
def test_even_the_owner_changes_no_contract(database, role, statement) -> None:
    """Owner and superuser are refused to change, remove or empty what was signed."""
    with psycopg.connect(database.url(role)) as connection, pytest.raises(REFUSED):
        connection.execute(statement)


def test_caches_are_renewed_all_the_same(new_database, filled, change_for) -> None:
    """A refold writes its caches past the guard, again and again."""
    store = new_database.store()
    account = filled(store, "A-1")
    for version in (2, 3, 4):
        with store.unit_of_work() as work:
            read = replace(account, version=version)
            assert work.write([change_for(read, str(version), (1,))]) == []
    with store.unit_of_work() as work:
        stored = work.lock("A-1")
    assert stored
    assert (stored.version, stored.contract) == (5, account.contract)
