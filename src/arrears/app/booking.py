"""Booking: a contract comes into the book; and the keys under which every command is done once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.app.ports import StoredAccount
from arrears.app.refolding import refold
from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import digest_of, slot_of
from arrears.servicing.contract import sign_contract
from arrears.servicing.door import with_all_rows
from arrears.servicing.events import event_document, read_event
from arrears.servicing.fitting import check_account

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.ports import Document, Store, Work
    from arrears.app.refolding import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who asks for what, under which key; the same key twice is done once."""

    caller: str
    command: str
    key: str
    body: Document

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical body."""
        return digest_of(json.dumps(self.body, sort_keys=True, separators=(",", ":")))


def once(work: Work, command: Command) -> Document | None:
    """The answer of the same command done before.

    Raises:
        ArrearsError: `idempotency.key_reused` where the key came with another body.
    """
    before = work.remembered(command.caller, command.command, command.key)
    if before is None:
        return None
    digest, answer = before
    if digest != command.digest:
        raise ArrearsError(
            "idempotency.key_reused",
            where=f"{command.command}, key {command.key}",
            expected="the same body as before",
            got="another one",
        )
    return answer


def open_day(work: Work, otherwise: date) -> date:
    """The business day that is open: the day after the last closed one."""
    last = work.last_closed()
    return otherwise if last is None else last[0] + timedelta(days=1)


def new_account(
    body: Document, *, borrower_id: str, product: str, recorded_at: datetime
) -> StoredAccount:
    """The account a booking makes, its first events checked and their schedules solved.

    Raises:
        ArrearsError: of contracts and events; `document.wrong_type`.
    """
    contract_document, given = body["contract"], body["events"]
    if not isinstance(contract_document, dict) or not isinstance(given, list):
        raise ArrearsError(
            "document.wrong_type", where="book", expected="contract and events", got="other kinds"
        )
    contract = sign_contract(contract_document)
    currency = contract.terms.currency
    events = [
        read_event(
            {**each, "recorded_at": recorded_at.isoformat()}, currency, where=f"events[{at}]"
        )
        for at, each in enumerate(given, start=1)
    ]
    check_account(contract, events)
    return StoredAccount(
        slot=slot_of(borrower_id),
        account_id=str(body["account_id"]),
        borrower_id=borrower_id,
        product=product,
        currency=currency.code,
        contract=contract_document,
        opened_on=min((each.value_on for each in events), default=contract.terms.disbursed_on),
        version=1,
        basis="",
        next_action_on=None,
        folded_to=None,
        bucket="M0",
        five_class="normal",
        bureau="N",
        is_non_accrual=False,
        events=tuple(event_document(each, currency) for each in with_all_rows(contract, events)),
    )


def book(
    store: Store,
    command: Command,
    *,
    borrower_id: str,
    product: str,
    recorded_at: datetime,
    frame: Frame,
) -> Document:
    """Take a contract into the book with its disbursement, in one transaction.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "contract", "events"}: the account's first events.
        borrower_id: Whose account it is.
        product: Code of the product.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"account_id", "booked_on", "journal_rows"}.

    Raises:
        ArrearsError: of contracts, events and idempotency; nothing is written.
    """
    account = new_account(
        command.body, borrower_id=borrower_id, product=product, recorded_at=recorded_at
    )
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        work.add_account(account)
        for document in account.events:
            work.add_event(account, document, recorded_at)
        business_on = open_day(work, account.opened_on)
        change = refold(account, [], max(business_on, account.opened_on), frame)
        work.write([change])
        answer: Document = {
            "account_id": account.account_id,
            "booked_on": business_on.isoformat(),
            "journal_rows": len(change.journal),
        }
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer
