"""Booking: a contract comes into the book; and the keys under which every command is done once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.app.ports import StoredAccount
from arrears.app.products import product_for
from arrears.app.refolding import refold
from arrears.app.signing import sign
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import digest_of, slot_of
from arrears.policy.registry import Purpose
from arrears.servicing.door import with_all_rows
from arrears.servicing.events import event_document, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.layout import EventType
from arrears.servicing.product import contract_from_product
from arrears.servicing.signing import sign_under
from arrears.servicing.terms import text

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.ports import Document, Store, Work
    from arrears.app.refolding import Frame
    from arrears.policy.registry import PolicyRegistry
    from arrears.servicing.product import Product
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
    return None if before is None else answered(command, before)


def answered(command: Command, before: tuple[str, Document]) -> Document:
    """The answer kept under a command's key, which was given to the same body.

    Raises:
        ArrearsError: `idempotency.key_reused`.
    """
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
    """The business day that is open, the day after the last closed one: until the transaction ends."""
    last = work.hold_open_day()
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
    """Take a whole contract into the book with its first events, in one transaction.

    What the contract leaves open is copied from the policy of its day, and what it says is held
    against it; the policy is kept beside the contract, and neither is ever resolved again.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "contract", "events"}: the account's first events.
        borrower_id: Whose account it is.
        product: What the account is called by; nothing is looked up.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"account_id", "product", "booked_on", "journal_rows", "policy"}.

    Raises:
        ArrearsError: of contracts, events, policy and idempotency; nothing is written.
    """
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        purpose = purpose_of(command.body)
        signed = sign(contract_of(command.body), registry_of(frame), purpose=purpose)
        account = new_account(
            command.body,
            borrower_id=borrower_id,
            product=product,
            recorded_at=recorded_at,
            signed=signed,
        )
        return take_in(work, command, account, signed, recorded_at, frame)


def book_request(
    store: Store, command: Command, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Book a contract, whole or under a product, as a command asks for it.

    Under a product all that its version fixes or proposes is copied, and what is chosen lies
    within its bounds; without a version it is the latest offered on the day of the contract.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "borrower_id", "product"?, "version"?, "contract",
            "events"?}; with a product, `contract` holds what was chosen.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        As `book`.

    Raises:
        ArrearsError: as `book`; `product.unknown`, `product.not_offered`.
    """
    body: Document = {"events": [], **command.body}
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        if body.get("product"):
            product = product_asked(work, body)
            document = contract_from_product(product, contract_of(body))
            name, licence, kind = product.name, product.licence, product.kind
        else:
            refuse_version(body)
            document, name, licence, kind = contract_of(body), "", None, None
        signed = sign(
            document, registry_of(frame), licence=licence, kind=kind, purpose=purpose_of(body)
        )
        account = new_account(
            body,
            borrower_id=str(body["borrower_id"]),
            product=name,
            recorded_at=recorded_at,
            signed=signed,
        )
        return take_in(work, command, account, signed, recorded_at, frame)


def product_asked(work: Work, body: Document) -> Product:
    """The version of a product that a booking names, or the latest offered on its day.

    Raises:
        ArrearsError: `product.unknown`, `product.not_offered`, `terms.missing`, `date.malformed`.
    """
    terms = contract_of(body).get("terms")
    signed_on = parse_date(
        text(terms if isinstance(terms, dict) else {}, "disbursed_on"),
        where="contract.terms.disbursed_on",
    )
    version = body.get("version")
    asked = version if isinstance(version, int) else None
    return product_for(work, str(body["product"]), asked, signed_on)


def refuse_version(body: Document) -> None:
    """Refuse a version of nothing.

    Raises:
        ArrearsError: `document.missing_field`.
    """
    if "version" in body:
        raise ArrearsError(
            "document.missing_field",
            where="product",
            expected="the product whose version is meant",
            got="nothing",
        )


def purpose_of(body: Document) -> Purpose:
    """Why policy is asked: a contract taken over was signed elsewhere, and is only serviced here."""
    events = body["events"]
    given = [each for each in events if isinstance(each, dict)] if isinstance(events, list) else []
    is_taken_over = any(each.get("type") == EventType.TAKEN_OVER.name.lower() for each in given)
    return Purpose.SERVICING if is_taken_over else Purpose.BOOKING


def registry_of(frame: Frame) -> PolicyRegistry | None:
    """What contracts are signed by."""
    return None if frame.registry is None else frame.registry()


def take_in(
    work: Work,
    command: Command,
    account: StoredAccount,
    signed: Signed,
    recorded_at: datetime,
    frame: Frame,
) -> Document:
    """Write a new account, its policy, its first events and what they post; keep the answer."""
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
        "product": account.product,
        "booked_on": business_on.isoformat(),
        "journal_rows": len(change.journal),
        "policy": signed.policy,
    }
    work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer
