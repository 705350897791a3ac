"""Collecting: a request to draw money from a borrower's bank, refused where too little is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.appending import lock_account
from arrears.app.booking import once, open_day
from arrears.app.ports import Collection
from arrears.app.receipts import read_amount
from arrears.app.refolding import read_stored
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import currency_of, format_minor
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Store, StoredAccount, Work
    from arrears.app.refolding import Frame


def collect(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Ask for a pay-off, or an amount; never for more than what is left.

    What is left is the pay-off on the day of drawing, less what other requests are drawing
    already. A request is refused; a payment the bank confirms never is: see `posting.post`.

    Args:
        store: Where the books are kept.
        command: body = {"request_id", "account_id", "amount"?: all that is left, "on"?: the open
            day}.
        recorded_at: When it is recorded, aware.
        frame: Not used; every use case that writes takes one.

    Returns:
        {"request_id", "account_id", "on", "payoff", "on_its_way", "left", "amount", "outcome":
        "requested" | "already_requested" | "refused"}, amounts as decimal strings.

    Raises:
        ArrearsError: `account.unknown`, `collection.id_taken`, `collection.too_early` for a day
            before the open one.
    """
    del frame
    body = command.body
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        account = lock_account(work, str(body["account_id"]))
        draw_on = day_of_drawing(work, account, body)
        answer = requested_before(work, body, account)
        if answer is None:
            answer = ask(work, account, body, draw_on, recorded_at)
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def ask(
    work: Work, account: StoredAccount, body: Document, draw_on: date, recorded_at: datetime
) -> Document:
    """Weigh a request against what is left, and keep it where it holds; the account is held."""
    contract, events = read_stored(account)
    currency = contract.terms.currency
    payoff_minor = fold_contract(contract, events, draw_on).payoff_minor
    on_its_way_minor = sum(each.amount_minor for each in work.collections(account.account_id))
    left_minor = max(0, payoff_minor - on_its_way_minor)
    given = body.get("amount")
    amount_minor = left_minor if given is None else read_amount(given, currency, where="amount")
    holds = 0 < amount_minor <= left_minor
    if holds:
        request = Collection(
            request_id=str(body["request_id"]),
            account_id=account.account_id,
            amount_minor=amount_minor,
            currency=account.currency,
            draw_on=draw_on,
        )
        work.add_collection(account, request, recorded_at)
    return {
        "request_id": str(body["request_id"]),
        "account_id": account.account_id,
        "on": draw_on.isoformat(),
        "payoff": format_minor(payoff_minor, currency),
        "on_its_way": format_minor(on_its_way_minor, currency),
        "left": format_minor(left_minor, currency),
        "amount": format_minor(amount_minor, currency),
        "outcome": "requested" if holds else "refused",
    }


def day_of_drawing(work: Work, account: StoredAccount, body: Document) -> date:
    """The day money is to be drawn, the open one unless told.

    Raises:
        ArrearsError: `collection.too_early`, `date.*`.
    """
    opened = max(open_day(work, account.opened_on), account.opened_on)
    if body.get("on") is None:
        return opened
    draw_on = parse_date(str(body["on"]), where="on")
    if draw_on < opened:
        raise ArrearsError(
            "collection.too_early",
            where="on",
            expected=f"a day from {opened} on, the open one",
            got=str(draw_on),
        )
    return draw_on


def requested_before(work: Work, body: Document, account: StoredAccount) -> Document | None:
    """What a request of this id asked for; None where there is none yet.

    Raises:
        ArrearsError: `collection.id_taken` where the id belongs to another account's request.
    """
    known = work.collection(str(body["request_id"]))
    if known is None:
        return None
    if known.account_id != account.account_id:
        raise ArrearsError(
            "collection.id_taken",
            where="request_id",
            expected="an id of its own",
            got=f"{known.request_id}, a request to account {known.account_id}",
        )
    return {**request_document(known), "outcome": "already_requested"}


def request_document(request: Collection) -> Document:
    """A request as a line of the list; amounts as decimal strings."""
    currency = currency_of(request.currency, where="currency")
    return {
        "request_id": request.request_id,
        "account_id": request.account_id,
        "on": request.draw_on.isoformat(),
        "amount": format_minor(request.amount_minor, currency),
        "currency": request.currency,
        "status": request.status,
    }


def fail_collection(
    store: Store, command: Command, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Record that the bank drew nothing, so that as much may be asked for again.

    Args:
        store: Where the books are kept.
        command: body = {"request_id"}.
        recorded_at: When it is recorded, aware.
        frame: Not used; every use case that writes takes one.

    Returns:
        The request, with "outcome": "failed" | "already_ended".

    Raises:
        ArrearsError: `collection.unknown`.
    """
    del frame
    name = str(command.body["request_id"])
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        if work.collection(name) is None:
            raise ArrearsError(
                "collection.unknown",
                where="request_id",
                expected="a request to collect",
                got=name,
            )
        ended = work.end_collection(name, None, recorded_at)
        request = work.collection(name)
        answer = request_document(request) if request else {}
        answer["outcome"] = "failed" if ended else "already_ended"
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def list_collections(store: Store, *, with_ended: bool = False) -> Document:
    """All requests that wait for the bank, oldest first, or all there ever were."""
    with store.unit_of_work() as work:
        requests = work.collections(with_ended=with_ended)
    return {"collections": [request_document(request) for request in requests]}
