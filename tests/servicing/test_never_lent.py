"""Contracts under which no money went out: not yet, never arrived, or cancelled."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from arrears.kernel.errors import ArrearsError
from arrears.servicing.contract import read_contract
from arrears.servicing.events import Event, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.state import AccountStatus, fold_contract

CONTRACT = read_contract(
    {"terms": {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 3}}
)
LENT = {"id": "D", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
FAILED = {"id": "F", "on": "2026-01-07", "type": "disbursement_failed", "reverses": "D"}
CANCELLED = {"id": "C", "on": "2026-01-10", "type": "cancelled"}


def history(*events: dict[str, Any]) -> list[Event]:
    """The events read and held against the contract."""
    made = [read_event(each, CONTRACT.terms.currency, where="event") for each in events]
    check_account(CONTRACT, made)
    return made


def status(events: list[Event], day: str, known_at: str | None = None) -> AccountStatus:
    """What has become of the account by a day, as known at an instant."""
    known = None if known_at is None else datetime.fromisoformat(known_at)
    return fold_contract(CONTRACT, events, date.fromisoformat(day), known).status


def test_a_contract_signed_and_never_disbursed_can_be_cancelled() -> None:
    """Nothing lent: never disbursed until the day of the cancellation, cancelled from then on."""
    assert status(history(), "2026-01-20") is AccountStatus.NEVER_DISBURSED
    assert status(history(CANCELLED), "2026-01-09") is AccountStatus.NEVER_DISBURSED
    assert status(history(CANCELLED), "2026-01-10") is AccountStatus.CANCELLED


def test_money_that_never_arrived_leaves_a_contract_that_can_be_cancelled() -> None:
    """A failed disbursement is as if never lent, and what was never lent can be called off."""
    assert status(history(LENT), "2026-01-20") is AccountStatus.ACTIVE
    assert status(history(LENT, FAILED), "2026-01-20") is AccountStatus.NEVER_DISBURSED
    assert status(history(LENT, FAILED, CANCELLED), "2026-01-20") is AccountStatus.CANCELLED


def test_a_cancellation_is_an_event_like_others() -> None:
    """Before it is recorded nobody knows of it, and reversed it is as if it had not been."""
    undone = {"id": "R", "on": "2026-01-11", "type": "reversed", "reverses": "C"}
    recorded = {**CANCELLED, "recorded_at": "2026-01-15T00:00:00+00:00"}
    assert status(history(recorded), "2026-01-20", "2026-01-14T00:00:00+00:00") is (
        AccountStatus.NEVER_DISBURSED
    )
    assert status(history(CANCELLED, undone), "2026-01-20") is AccountStatus.NEVER_DISBURSED
    again = {**LENT, "id": "D2", "on": "2026-01-12"}
    assert status(history(CANCELLED, undone, again), "2026-01-20") is AccountStatus.ACTIVE


@pytest.mark.parametrize("lent_on", ["2026-01-05", "2026-01-12"])
def test_what_was_lent_is_not_cancelled(lent_on: str) -> None:
    """Neither a loan that stands is cancelled, nor is anything lent under a cancelled contract."""
    with pytest.raises(ArrearsError) as refused:
        history({**LENT, "on": lent_on}, CANCELLED)
    assert refused.value.code == "event.refused"
    assert "event D, disbursed" in refused.value.got


def test_cash_under_a_cancelled_contract_is_kept_for_its_payer() -> None:
    """A payment that meets no debt becomes credit balance, cancelled or not."""
    paid = {"id": "P", "on": "2026-01-06", "type": "repaid", "amount": "100"}
    events = history(LENT, paid, FAILED, CANCELLED)
    state = fold_contract(CONTRACT, events, date(2026, 1, 20))
    assert state.status is AccountStatus.CANCELLED
    assert (state.payoff_minor, state.credit_balance_minor) == (0, 100_00)
