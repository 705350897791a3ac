"""Posting: what happens to an account after it was booked, one event a command, one bank line once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arrears.app.booking import once, open_day
from arrears.app.refolding import read_stored, refold
from arrears.app.refunds import tasks_after
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor
from arrears.servicing.door import with_rows
from arrears.servicing.events import event_document, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.layout import EventType
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from arrears.app.booking import Command
    from arrears.app.ports import AccountChange, Document, Store, StoredAccount, Work
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
#: What a second reading of the same event may differ in: when it came, and rows solved at booking.
NOT_SAID = frozenset({"recorded_at", "rows"})


def post(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Record one event of an account and post what it changes, in one transaction.

    A confirmed receipt is never refused: beyond what is owed it becomes credit balance.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "event", "source"?: {"channel", "ref"}, "collection"?};
            without a source the account and the event's id stand for it. A payment that answers a
            request to collect names it.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"account_id", "event_id", "outcome": "recorded", "journal_rows", "payoff",
        "credit_balance", "refund_tasks"?}, amounts as decimal strings, as of the later of the open
        day and the value date; or "outcome": "already_recorded" with what the line was recorded as.

    Raises:
        ArrearsError: `account.unknown`, `collection.unknown`, `source.reserved`, of events and of
            idempotency; nothing is written.
    """
    account_id, given = str(command.body["account_id"]), command.body["event"]
    given = given if isinstance(given, dict) else {}
    source = source_of(command.body) or (EVENT_CHANNEL, f"{account_id}/{given.get('id')}")
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        account = lock_account(work, account_id)
        answer: Document = {"account_id": account_id, "event_id": str(given.get("id"))}
        taken = work.taken_by(*source)
        if taken is None:
            event = checked_event(account, given, recorded_at)
            change = add_event(work, account, event, recorded_at, source=source, frame=frame)
            taken = None if change else work.taken_by(*source)
            if change:
                work.write([change])
                answer["outcome"] = "recorded"
                answer["journal_rows"] = len(change.journal)
                answer.update(owed_after(change, str(event["on"])))
                answer.update(tasks_after(work, [account_id]))
                answer_collection(work, command.body, account_id, str(event["id"]), recorded_at)
        elif source[0] == EVENT_CHANNEL:
            check_same(account, given, recorded_at)
        if taken is not None:
            answer["outcome"] = "already_recorded"
            answer["recorded_as"] = taken
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def answer_collection(
    work: Work, body: Document, account_id: str, event_id: str, recorded_at: datetime
) -> None:
    """Say that a payment answered the request to collect it names; one ended before stays so.

    Raises:
        ArrearsError: `collection.unknown`, also for a request to another account.
    """
    name = body.get("collection")
    if name is None:
        return
    request = work.collection(str(name))
    if request is None or request.account_id != account_id:
        raise ArrearsError(
            "collection.unknown",
            where="collection",
            expected=f"a request to collect from account {account_id}",
            got=str(name),
        )
    work.end_collection(request.request_id, event_id, recorded_at)


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
    return refold(renewed, journal, business_on, frame)


def owed_after(change: AccountChange, value_on: str) -> Document:
    """Pay-off and credit balance once the event has happened, which may be after the open day."""
    contract, events = read_stored(change.account)
    as_of = parse_date(value_on, where="event.on")
    folded_to = change.caches["folded_to"]
    if isinstance(folded_to, type(as_of)) and folded_to > as_of:
        as_of = folded_to
    state = fold_contract(contract, events, as_of)
    currency = contract.terms.currency
    return {
        "payoff": format_minor(state.payoff_minor, currency),
        "credit_balance": format_minor(state.credit_balance_minor, currency),
    }


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
    check_account(contract, [*events, event])
    if event.type is EventType.DISBURSED:
        event = with_rows(contract, event, events)
    return event_document(event, currency)


def check_same(account: StoredAccount, given: Mapping[str, object], recorded_at: datetime) -> None:
    """An event that comes again under its own id is the one it was.

    Raises:
        ArrearsError: `event.duplicate_id` where it says something else now; of events.
    """
    contract, _ = read_stored(account)
    currency = contract.terms.currency
    read = read_event({**given, "recorded_at": recorded_at.isoformat()}, currency, where="event")
    now = event_document(read, currency)
    stored = next(each for each in account.events if each["id"] == now["id"])
    differing = sorted(
        name for name in {*stored, *now} - NOT_SAID if stored.get(name) != now.get(name)
    )
    if differing:
        name = differing[0]
        raise ArrearsError(
            "event.duplicate_id",
            where=f"event {now['id']}, field {name}",
            expected=f"{stored.get(name)}, as recorded before under this id",
            got=str(now.get(name)),
        )
