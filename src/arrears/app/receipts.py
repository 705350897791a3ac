"""Receipts: money as it came in, what of it found an account, and what waits in suspense."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from arrears.app.appending import (
    PART_CHANNEL,
    RECEIPT_CHANNEL,
    add_event,
    checked_event,
    source_of,
)
from arrears.app.booking import open_day
from arrears.app.ports import Receipt, Resolution, ResolutionKind
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError, invariant
from arrears.kernel.money import Currency, currency_of, format_minor, parse_minor
from arrears.ledger.posting_rules import DirectKind
from arrears.ledger.postings import Booking, direct_posting
from arrears.servicing.events import read_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from arrears.app.ports import Document, StoredAccount, Work
    from arrears.app.refolding import Frame

CURRENCY_DEFAULT = "CNY"


def read_receipt(body: Document) -> Receipt:
    """A receipt as a door was given it.

    Args:
        body: {"receipt_id", "amount", "on", "currency"?, "source"?, "hint"?}; without a source the
            receipt's own id stands for it.

    Raises:
        ArrearsError: `source.reserved`, `money.*`, `date.*`, `document.wrong_type` for an amount
            of 0.
    """
    receipt_id = str(body["receipt_id"])
    currency = currency_of(str(body.get("currency", CURRENCY_DEFAULT)), where="currency")
    channel, source_ref = source_of(body) or (RECEIPT_CHANNEL, receipt_id)
    return Receipt(
        receipt_id=receipt_id,
        channel=channel,
        source_ref=source_ref,
        amount_minor=read_amount(body["amount"], currency, where="amount"),
        currency=currency.code,
        value_on=parse_date(str(body["on"]), where="on"),
        hint=str(body.get("hint", "")),
    )


def read_amount(given: object, currency: Currency, *, where: str) -> int:
    """An amount of money that moves: minor units, > 0.

    Raises:
        ArrearsError: `money.*`, `document.wrong_type` where it is 0.
    """
    amount_minor = parse_minor(str(given), currency, where=where)
    if amount_minor == 0:
        raise ArrearsError(
            "document.wrong_type", where=where, expected="an amount above 0", got=repr(given)
        )
    return amount_minor


def hold(work: Work, receipt_id: str) -> tuple[Receipt, tuple[Resolution, ...], int]:
    """A receipt with what became of it and what is left of it in minor units, held to the end.

    Raises:
        ArrearsError: `receipt.unknown`.
    """
    found = work.lock_receipt(receipt_id)
    if found is None:
        raise ArrearsError(
            "receipt.unknown",
            where="receipt_id",
            expected="a receipt that was recorded",
            got=receipt_id,
        )
    receipt, parts = found
    return receipt, parts, receipt.amount_minor - sum(part.amount_minor for part in parts)


def recorded_before(work: Work, receipt: Receipt) -> Document | None:
    """What a receipt of this id became; None where there is none yet. It is held to the end.

    Raises:
        ArrearsError: `receipt.id_taken` where the id belongs to another receipt.
    """
    found = work.lock_receipt(receipt.receipt_id)
    if found is None:
        return None
    known, parts = found
    for name in ("channel", "source_ref", "amount_minor", "currency", "value_on"):
        was, now = getattr(known, name), getattr(receipt, name)
        if was != now:
            raise ArrearsError(
                "receipt.id_taken",
                where=f"receipt {receipt.receipt_id}, {name}",
                expected=f"{was}, as recorded before under this id",
                got=str(now),
            )
    return {**told(known, parts), "outcome": "already_recorded"}


def keep(work: Work, receipt: Receipt, recorded_at: datetime) -> Document | None:
    """Keep a receipt whose id is free; an answer where its line was recorded before."""
    if work.add_receipt(receipt, recorded_at):
        return None
    return {
        "receipt_id": receipt.receipt_id,
        "outcome": "already_recorded",
        "recorded_as": work.taken_by(receipt.channel, receipt.source_ref),
    }


def keep_aside(
    work: Work,
    account: StoredAccount,
    given: Mapping[str, object],
    *,
    source: tuple[str, str],
    recorded_at: datetime,
    frame: Frame,
) -> Document | None:
    """Keep a payment to a parked account in suspense until the account can be folded again.

    Args:
        work: The transaction; the account is held.
        account: The account it names.
        given: The event as it came.
        source: The line it came by.
        recorded_at: When it is recorded, aware.
        frame: Policy and posting rules.

    Returns:
        {"outcome": "in_suspense", "receipt_id"}; None where somebody else just took the line.

    Raises:
        ArrearsError: of events; `receipt.id_taken`.
    """
    currency = currency_of(account.currency, where="currency")
    event = read_event(given, currency, where="event")
    receipt = Receipt(
        receipt_id=f"{account.account_id}/{event.event_id}",
        channel=source[0],
        source_ref=source[1],
        amount_minor=event.amount_minor,
        currency=currency.code,
        value_on=event.value_on,
        hint=f"account {account.account_id}, which is parked",
    )
    if recorded_before(work, receipt) or keep(work, receipt, recorded_at):
        return None
    kind = DirectKind.RECEIPT_UNIDENTIFIED
    book_beside(work, kind, receipt, receipt.amount_minor, entry="0", frame=frame)
    return {"outcome": "in_suspense", "receipt_id": receipt.receipt_id}


def place(
    work: Work,
    receipt: Receipt,
    shares: Mapping[str, int],
    accounts: Mapping[str, StoredAccount],
    *,
    seq: int,
    recorded_at: datetime,
    frame: Frame,
) -> list[Resolution]:
    """Give parts of a held receipt to accounts as payments of the day the money came.

    Args:
        work: The transaction; accounts and receipt are held.
        receipt: Whose money it is.
        shares: Minor units by account id.
        accounts: The accounts, by id.
        seq: Number of the receipt's next part.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Raises:
        ArrearsError: `event.*` where an account cannot take it; `receipt.overspent`.
    """
    kind = ResolutionKind.MATCHED if len(shares) == 1 else ResolutionKind.SPLIT
    currency = currency_of(receipt.currency, where="currency")
    made, changes = [], []
    for number, (name, amount_minor) in enumerate(shares.items(), start=seq):
        given = {
            "id": f"receipt/{receipt.receipt_id}/{number}",
            "on": receipt.value_on.isoformat(),
            "type": "repaid",
            "amount": format_minor(amount_minor, currency),
            "currency": currency.code,
        }
        event = checked_event(accounts[name], given, recorded_at)
        part = Resolution(
            kind=kind, amount_minor=amount_minor, account_id=name, event_id=str(event["id"])
        )
        work.resolve(receipt.receipt_id, part, recorded_at)
        source = (PART_CHANNEL, f"{receipt.receipt_id}/{number}")
        change = add_event(work, accounts[name], event, recorded_at, source=source, frame=frame)
        invariant(change is not None, "receipt.part_taken", receipt=receipt.receipt_id, part=number)
        made.append(part)
        changes += [change] if change else []
    work.write(changes)
    return made


def book_beside(
    work: Work,
    kind: DirectKind,
    receipt: Receipt,
    amount_minor: int,
    *,
    entry: str,
    frame: Frame,
    value_on: date | None = None,
) -> date:
    """Book money without a name on the open day, under the day it came unless told another.

    Args:
        work: The transaction.
        kind: What happened to it.
        receipt: Whose money it is.
        amount_minor: Minor units; nothing is booked where it is 0.
        entry: What the entry is called after the receipt, such as the number of the part.
        frame: Posting rules and policy.
        value_on: The day it counts from; None: the receipt's.

    Returns:
        The day it is booked on.
    """
    on = value_on or receipt.value_on
    booked_on = max(open_day(work, on), on)
    if amount_minor == 0:
        return booked_on
    row = direct_posting(
        kind,
        amount_minor,
        value_on=on,
        rules=frame.rules,
        booking=Booking(
            entry_id=f"receipt/{receipt.receipt_id}/{entry}",
            booked_on=booked_on,
            currency=receipt.currency,
        ),
    )
    work.book_beside([row], frame.snapshot.digest)
    return booked_on


def told(receipt: Receipt, parts: Sequence[Resolution]) -> Document:
    """What became of a receipt, amounts as decimal strings: by account, returned, and left."""
    currency = currency_of(receipt.currency, where="currency")
    by_account: Counter[str] = Counter()
    returned_minor = 0
    for part in parts:
        if part.account_id is None:
            returned_minor += part.amount_minor
        else:
            by_account[part.account_id] += part.amount_minor
    left_minor = receipt.amount_minor - returned_minor - by_account.total()
    return {
        "receipt_id": receipt.receipt_id,
        "parts": {name: format_minor(part, currency) for name, part in by_account.items()},
        "returned": format_minor(returned_minor, currency),
        "in_suspense": format_minor(left_minor, currency),
    }
