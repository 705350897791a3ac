"""Booking: a contract comes into the book; and the keys under which every command is done once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.app.ports import StoredAccount
from arrears.app.refolding import refold
from arrears.app.signing import sign
from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import digest_of, slot_of
from arrears.servicing.door import with_all_rows
from arrears.servicing.events import event_document, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.signing import sign_under

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.ports import Document, Store, Work
    from arrears.app.refolding import Frame
    from arrears.servicing.signing import Signed


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


def contract_of(body: Document) -> Document:
    """The contract a booking brings.

    Raises:
        ArrearsError: `document.wrong_type`.
    """
    document, events = body["contract"], body["events"]
    if not isinstance(document, dict) or not isinstance(events, list):
        raise ArrearsError(
            "document.wrong_type", where="book", expected="contract and events", got="other kinds"
        )
    return document


def new_account(
    body: Document,
    *,
    borrower_id: str,
    product: str,
    recorded_at: datetime,
    signed: Signed | None = None,
) -> StoredAccount:
    """The account a booking makes, its first events checked and their schedules solved.

    Args:
        body: As `book` takes it.
        borrower_id: Whose account it is.
        product: Code and version of the product; empty: none.
        recorded_at: When it is recorded, aware.
        signed: The contract under its policy; None: it was signed elsewhere and stands by itself,
            as on a tape.

    Raises:
        ArrearsError: of contracts and events; `document.wrong_type`.
    """
    signed = signed or sign_under(contract_of(body), None)
    contract, given = signed.contract, body["events"]
    currency = contract.terms.currency
    events = [
        read_event(
            {**each, "recorded_at": recorded_at.isoformat()}, currency, where=f"events[{at}]"
        )
        for at, each in enumerate(given if isinstance(given, list) else [], start=1)
    ]
    check_account(contract, events)
    return StoredAccount(
        slot=slot_of(borrower_id),
        account_id=str(body["account_id"]),
        borrower_id=borrower_id,
        product=product,
        currency=currency.code,
        contract=signed.document,
        policy=signed.policy,
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
    """Take a contract into the book with its first events, in one transaction.

    What the contract leaves open is copied from the policy of its day, and what it says is held
    against it; the policy is kept beside the contract, and neither is ever resolved again.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "contract", "events"}: the account's first events.
        borrower_id: Whose account it is.
        product: Code of the product.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"account_id", "booked_on", "journal_rows", "policy"}.

    Raises:
        ArrearsError: of contracts, events, policy and idempotency; nothing is written.
    """
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        registry = None if frame.registry is None else frame.registry()
        signed = sign(contract_of(command.body), registry)
        account = new_account(
            command.body,
            borrower_id=borrower_id,
            product=product,
            recorded_at=recorded_at,
            signed=signed,
        )
        if signed.under is not None:
            work.keep_snapshot(signed.under.digest, signed.under.document)
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
            "policy": signed.policy,
        }
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer
