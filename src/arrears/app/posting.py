"""Posting: what happens to an account after it was booked, one event a command."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arrears.app.booking import once, open_day
from arrears.app.refolding import read_stored, refold
from arrears.kernel.errors import ArrearsError
from arrears.servicing.door import with_rows
from arrears.servicing.events import event_document, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.layout import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Store, StoredAccount
    from arrears.app.refolding import Frame


def post(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Record one event of an account and post what it changes, in one transaction.

    A confirmed receipt is never refused: beyond what is owed it becomes credit balance.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "event"}; the event's id is its source reference.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"account_id", "event_id", "outcome": "recorded" | "already_recorded", ...}.

    Raises:
        ArrearsError: `account.unknown`, of events and of idempotency; nothing is written.
    """
    account_id, given = str(command.body["account_id"]), command.body["event"]
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        account = work.lock(account_id)
        if account is None:
            raise ArrearsError(
                "account.unknown",
                where="account_id",
                expected="an account of the book",
                got=account_id,
            )
        event = checked_event(account, given if isinstance(given, dict) else {}, recorded_at)
        business_on = open_day(work, account.opened_on)
        answer: Document = {"account_id": account_id, "event_id": event["id"]}
        if not work.add_event(account, event, recorded_at):
            answer["outcome"] = "already_recorded"
        else:
            renewed = replace(account, events=(*account.events, event))
            journal = work.posted([(account.slot, account_id)]).get(account_id, [])
            change = refold(renewed, journal, business_on, frame)
            work.write([change])
            answer["outcome"] = "recorded"
            answer["journal_rows"] = len(change.journal)
            answer["payoff_minor"] = change.caches["payoff_minor"]
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def checked_event(
    account: StoredAccount, given: Mapping[str, object], recorded_at: datetime
) -> Document:
    """The event as it will be stored, checked against the account's history.

    Raises:
        ArrearsError: `event.*`.
    """
    contract, events = read_stored(account)
    currency = contract.terms.currency
    event = read_event({**given, "recorded_at": recorded_at.isoformat()}, currency, where="event")
    if all(event.event_id != each.event_id for each in events):
        check_account(contract, [*events, event])
    if event.type is EventType.DISBURSED:
        event = with_rows(contract, event, events)
    return event_document(event, currency)
