"""Posting: what happens to an account after it was booked, one event a command, one bank line once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.appending import (
    EVENT_CHANNEL,
    add_event,
    checked_event,
    lock_account,
    source_of,
)
from arrears.app.booking import once
from arrears.app.paying import pay
from arrears.app.receipts import keep_aside
from arrears.app.refolding import read_stored
from arrears.app.refunds import tasks_after
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import currency_of, format_minor
from arrears.servicing.events import event_document, read_event
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from arrears.app.booking import Command
    from arrears.app.ports import AccountChange, Document, Store, StoredAccount, Work
    from arrears.app.refolding import Frame

#: What a second reading of the same event may differ in: when it came, and rows solved at booking.
NOT_SAID = frozenset({"recorded_at", "rows"})
#: The event by which money comes in.
PAYMENT = "repaid"


def post(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Record one event of an account and post what it changes, in one transaction.

    A confirmed receipt is never refused: beyond what is owed it becomes credit balance, and while
    the account is parked it waits in suspense.

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
        day and the value date; "outcome": "in_suspense" with the "receipt_id"; or "outcome":
        "already_recorded" with what the line was recorded as.

    Raises:
        ArrearsError: `account.unknown`, `collection.unknown`, `source.reserved`, of events and of
            idempotency; nothing is written.
    """
    account_id, given = str(command.body["account_id"]), command.body["event"]
    given = given if isinstance(given, dict) else {}
    source = source_of(command.body) or (EVENT_CHANNEL, f"{account_id}/{given.get('id')}")
    if given.get("type") == PAYMENT and "collection" not in command.body:
        paid = pay(store, command, source, recorded_at=recorded_at, frame=frame)
        if paid is not None:
            return paid
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        account = lock_account(work, account_id)
        answer: Document = {"account_id": account_id, "event_id": str(given.get("id"))}
        taken = work.taken_by(*source)
        if taken is None:
            done = record(work, command.body, account, given, source, recorded_at, frame)
            answer.update(done or {})
            taken = None if done else work.taken_by(*source)
        elif source[0] == EVENT_CHANNEL and taken.get("account_id") == account_id:
            check_same(account, given, recorded_at)
        if taken is not None:
            answer["outcome"] = "already_recorded"
            answer["recorded_as"] = taken
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def record(
    work: Work,
    body: Document,
    account: StoredAccount,
    given: Mapping[str, object],
    source: tuple[str, str],
    recorded_at: datetime,
    frame: Frame,
) -> Document | None:
    """Append an event and write what it changes; None where the line was taken meanwhile.

    Raises:
        ArrearsError: `collection.unknown`, of events.
    """
    if given.get("type") == PAYMENT and work.parked(account.account_id):
        return keep_aside(work, account, given, source=source, recorded_at=recorded_at, frame=frame)
    event = checked_event(account, given, recorded_at)
    change = add_event(work, account, event, recorded_at, source=source, frame=frame)
    if change is None:
        return None
    work.write([change])
    answer_collection(work, body, account.account_id, str(event["id"]), recorded_at)
    return {
        "outcome": "recorded",
        "journal_rows": len(change.journal),
        **owed_after(change, str(event["on"])),
        **tasks_after(work, [account.account_id]),
    }


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


def check_same(account: StoredAccount, given: Mapping[str, object], recorded_at: datetime) -> None:
    """An event that comes again under its own id is the one it was.

    Raises:
        ArrearsError: `event.duplicate_id` where it says something else now; of events.
    """
    currency = currency_of(account.currency, where="currency")
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
