"""Appending: one checked event to an account that is held, by the line of a bank or by its own id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arrears.app.booking import open_day
from arrears.app.correcting import corrections, reaches_back_to
from arrears.app.refolding import OVERDUE_NOTICE, read_stored, refold
from arrears.kernel.errors import ArrearsError
from arrears.servicing.door import columns_of, with_rows
from arrears.servicing.events import event_document, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.layout import EventType
from arrears.servicing.line import check_purchase
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from arrears.app.ports import AccountChange, Document, StoredAccount, Work
    from arrears.app.refolding import Frame

#: Channels that the house itself writes: an event's own id, a receipt's, a part of a receipt.
EVENT_CHANNEL, RECEIPT_CHANNEL, PART_CHANNEL = "api", "receipt", "receipt_part"
#: And a refund for which no line was named, and a part of a receipt that is taken back.
REFUND_CHANNEL, UNMATCH_CHANNEL = "refund", "receipt_unmatch"
#: And that of statements, which the close makes.
RESERVED = frozenset(
    {EVENT_CHANNEL, RECEIPT_CHANNEL, PART_CHANNEL, REFUND_CHANNEL, UNMATCH_CHANNEL}
    | {"statement_closed"}
)


def source_of(body: Document) -> tuple[str, str] | None:
    """The channel and its own number of the line money came by; None where none is given.

    Raises:
        ArrearsError: `source.reserved` for a channel of the house's own.
    """
    given = body.get("source")
    if not isinstance(given, dict):
        return None
    channel, ref = str(given["channel"]), str(given["ref"])
    if channel in RESERVED:
        raise ArrearsError(
            "source.reserved", where="source.channel", expected="a bank or channel", got=channel
        )
    return channel, ref


def lock_account(work: Work, account_id: str) -> StoredAccount:
    """The account, held until the transaction ends.

    Raises:
        ArrearsError: `account.unknown`.
    """
    account = work.lock(account_id)
    if account is None:
        raise ArrearsError(
            "account.unknown",
            where="account_id",
            expected="an account of the book",
            got=account_id,
        )
    return account


def checked_event(
    account: StoredAccount, given: Mapping[str, object], recorded_at: datetime
) -> Document:
    """The event as it will be stored, checked against the account's history.

    Raises:
        ArrearsError: `event.*`; `line.limit_exceeded` for a purchase beyond what may be drawn.
    """
    contract, events = read_stored(account)
    currency = contract.terms.currency
    event = read_event({**given, "recorded_at": recorded_at.isoformat()}, currency, where="event")
    check_account(contract, [*events, event])
    if event.type is EventType.PURCHASED and contract.line is not None:
        bought_on = fold_contract(contract, events, event.value_on)
        check_purchase(bought_on, contract.line, event.amount_minor, currency)
    if event.type is EventType.DISBURSED:
        event = with_rows(contract, event, events)
    return event_document(event, currency)


def add_event(
    work: Work,
    account: StoredAccount,
    event: Document,
    recorded_at: datetime,
    *,
    source: tuple[str, str],
    frame: Frame,
) -> AccountChange | None:
    """Append a checked event and fold the account to the open day; the caller writes the change.

    Returns:
        What is to be written; None where somebody else took the source's line first.
    """
    if not work.add_event(account, event, recorded_at, source=source):
        return None
    renewed = replace(account, events=(*account.events, event))
    journal = work.posted([(account.slot, account.account_id)]).get(account.account_id, [])
    business_on = max(open_day(work, account.opened_on), account.opened_on)
    change = refold(renewed, journal, business_on, frame)
    since = reaches_back_to(event, account.events)
    if since >= business_on:
        return change
    told = work.occasions(account, OVERDUE_NOTICE)
    if not told:
        return change
    columns = columns_of(*read_stored(renewed))
    return replace(change, messages=(*change.messages, *corrections(columns, told, since, frame)))
