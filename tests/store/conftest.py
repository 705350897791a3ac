"""What the tests of the store put into it: one account, one event, one journal row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from arrears.app.ports import AccountChange, StoredAccount
from arrears.kernel.ids import slot_of
from arrears.ledger.journal import JournalRow

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def account_of(account_id: str, *, version: int = 1) -> StoredAccount:
    return StoredAccount(
        slot=slot_of(f"B-{account_id}"),
        account_id=account_id,
        borrower_id=f"B-{account_id}",
        product="cash",
        currency="CNY",
        contract={"terms": {"principal": "1200.00"}},
        opened_on=date(2026, 1, 5),
        version=version,
        basis="",
        next_action_on=None,
        folded_to=None,
        bucket="M0",
        five_class="normal",
        bureau="N",
        is_non_accrual=False,
        events=(),
    )


def event_of(event_id: str) -> dict[str, object]:
    return {"id": event_id, "type": "repaid", "on": "2026-02-05", "seq": 1, "amount": "100.00"}


def change_of(account: StoredAccount, entry: str, amounts_minor: tuple[int, ...]) -> AccountChange:
    rows = tuple(
        JournalRow(
            entry_id=f"{account.account_id}/{entry}",
            seq=seq,
            debit_account="clearing",
            credit_account="loans_normal",
            amount_minor=amount_minor,
            currency="CNY",
            value_on=date(2026, 2, 5),
            booked_on=date(2026, 2, 5),
            contract=0,
            instalment=seq,
            component=0,
            kind=6,
            stage=0,
        )
        for seq, amount_minor in enumerate(amounts_minor, start=1)
    )
    caches: dict[str, object] = {
        "basis": "b1",
        "next_action_on": date(2026, 3, 5),
        "folded_to": date(2026, 2, 5),
        "bucket": "M0",
        "five_class": "normal",
        "bureau": "N",
        "status": "active",
        "days_past_due": 0,
        "principal_minor": 0,
        "payoff_minor": 0,
        "credit_minor": 0,
        "is_non_accrual": False,
    }
    return AccountChange(account=account, version=account.version, caches=caches, journal=rows)


@pytest.fixture
def filled() -> Callable[..., StoredAccount]:
    """Book an account with one event and some journal rows: (store, account id, amounts)."""

    def fill(store, account_id: str, amounts_minor: tuple[int, ...] = (100_00, 1)) -> StoredAccount:  # noqa: ANN001 - a store
        account = account_of(account_id)
        with store.unit_of_work() as work:
            work.add_account(account)
            work.add_event(account, event_of("E-1"), RECORDED_AT)
            assert work.write([change_of(account, "1", amounts_minor)]) == []
        return account

    return fill


@pytest.fixture
def change_for() -> Callable[..., AccountChange]:
    """Make a refold's change: (account as read, entry, amounts)."""
    return change_of


@pytest.fixture
def account_for() -> Callable[..., StoredAccount]:
    """Make an account that nobody has stored yet: (account id)."""
    return account_of
