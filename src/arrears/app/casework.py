"""Casework: the open cases, and all that is known of one, account by account, on the open day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.booking import open_day
from arrears.app.refolding import read_stored
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor
from arrears.kernel.movement import Component
from arrears.recovery.limitation import limitation_of, limitation_rules
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.app.ports import Document, Store, StoredAccount, Work
    from arrears.app.ports_cases import StoredCase
    from arrears.policy.snapshot import PolicySnapshot
    from arrears.recovery.limitation import Restart


def list_cases(store: Store, *, with_closed: bool = False) -> Document:
    """Open cases, or all there ever were, those on the oldest due date first."""
    with store.unit_of_work() as work:
        cases = work.cases(with_closed=with_closed)
    return {"cases": [case_document(case) for case in cases]}


def show_case(store: Store, case_id: str, snapshot: PolicySnapshot) -> Document:
    """A case: its accounts as they are on the open day, and how it came to stand so.

    Args:
        store: Where the books are kept.
        case_id: Of the case.
        snapshot: The policy timeline with `<pack>.limitation.*`.

    Returns:
        The case as `list_cases` has it, "as_of", "accounts" (each folded to the day: amounts as
        decimal strings) and "history".

    Raises:
        ArrearsError: `case.unknown`.
    """
    with store.unit_of_work() as work:
        case = known_case(work, case_id)
        as_of = open_day(work, case.opened_on)
        accounts = [work.lock(each) for each in case.account_ids]
        changes = work.case_changes(case)
    return {
        **case_document(case),
        "as_of": as_of.isoformat(),
        "accounts": [account_document(each, as_of, [], snapshot) for each in accounts if each],
        "history": [
            {
                "on": each.on_date.isoformat(),
                "what": each.what,
                "from": each.from_value,
                "to": each.to_value,
            }
            for each in changes
        ],
    }


def known_case(work: Work, case_id: str) -> StoredCase:
    """A case by its id, open or closed.

    Raises:
        ArrearsError: `case.unknown`.
    """
    found = work.cases(case_id=case_id, with_closed=True)
    if not found:
        raise ArrearsError(
            "case.unknown", where="case_id", expected="a case of the book", got=case_id
        )
    return found[0]


def case_document(case: StoredCase) -> Document:
    """A case as a line of the list."""
    return {
        "case_id": case.case_id,
        "borrower_id": case.borrower_id,
        "opened_on": case.opened_on.isoformat(),
        "oldest_due_on": case.anchor_on.isoformat(),
        "bucket": case.bucket,
        "accounts": list(case.account_ids),
        "reason": case.reason,
        "not_before": case.not_before.isoformat() if case.not_before else None,
        "closed_on": case.closed_on.isoformat() if case.closed_on else None,
        "closed_for": case.closed_for,
    }


def account_document(
    account: StoredAccount, as_of: date, restarts: Sequence[Restart], snapshot: PolicySnapshot
) -> Document:
    """An account of a case, folded to a day: what is overdue, since when, and until when it may be sued."""
    contract, events = read_stored(account)
    state = fold_contract(contract, events, as_of)
    currency = contract.terms.currency
    limitation = limitation_of(state, restarts, limitation_rules(snapshot, as_of))
    return {
        "account_id": account.account_id,
        "status": state.status.value,
        "days_past_due": state.days_past_due,
        "overdue": {
            each.name.lower(): format_minor(state.overdue_minor[each], currency)
            for each in Component
        },
        "payoff": format_minor(state.payoff_minor, currency),
        "currency": currency.code,
        "next_due_on": state.next_due_on.isoformat() if state.next_due_on else None,
        "limitation": {
            "standing": limitation.standing.value,
            "begun_by": limitation.begun_by,
            "ends_on": limitation.ends_on.isoformat() if limitation.ends_on else None,
            "allows_suit": limitation.allows_suit,
            "rests_on": list(limitation.rests_on),
        },
    }
