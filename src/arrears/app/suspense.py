"""Suspense: money without a name comes in, and is later matched, split, or returned."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from arrears.app.appending import lock_account
from arrears.app.booking import once
from arrears.app.ports import RefundTask, Resolution, ResolutionKind
from arrears.app.receipts import (
    book_beside,
    hold,
    keep,
    place,
    read_amount,
    read_receipt,
    recorded_before,
    told,
)
from arrears.app.refunds import task_document, tasks_after
from arrears.app.sharing import shares_of
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import Currency, currency_of, format_minor
from arrears.ledger.posting_rules import DirectKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Receipt, Store, StoredAccount, Work
    from arrears.app.refolding import Frame

    #: Accounts by id, all held, and what each is given in minor units.
    Shares: TypeAlias = tuple[Mapping[str, StoredAccount], Mapping[str, int]]


def add_receipt(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Take money in that nobody knows the name of; it is booked to suspense on the open day.

    Args:
        store: Where the books are kept.
        command: body = {"receipt_id", "amount", "on", "currency"?, "source"?, "hint"?}.
        recorded_at: When it is recorded, aware.
        frame: Policy and posting rules.

    Returns:
        {"receipt_id", "parts", "returned", "in_suspense", "outcome": "recorded" |
        "already_recorded"}; where the line was recorded as something else, "outcome" and
        "recorded_as" alone.

    Raises:
        ArrearsError: `receipt.id_taken`, `source.reserved`, of money and dates.
    """
    receipt = read_receipt(command.body)
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        answer = recorded_before(work, receipt) or keep(work, receipt, recorded_at)
        if answer is None:
            kind, amount_minor = DirectKind.RECEIPT_UNIDENTIFIED, receipt.amount_minor
            book_beside(work, kind, receipt, amount_minor, entry="0", frame=frame)
            answer = {**told(receipt, ()), "outcome": "recorded"}
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def match_receipt(
    store: Store, command: Command, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Give what is left of a receipt, or an amount of it, to one account.

    The account's fold sees a payment on the day the money came; what that changes is posted in the
    open period.

    Args:
        store: Where the books are kept.
        command: body = {"receipt_id", "account_id", "amount"?}.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"receipt_id", "parts": {account id: amount, of all parts so far}, "returned",
        "in_suspense", "outcome": "matched"}.

    Raises:
        ArrearsError: `receipt.unknown`, `receipt.overspent`, `account.unknown`, `event.*`.
    """

    def share(work: Work, receipt: Receipt, left_minor: int) -> Shares:
        currency = currency_of(receipt.currency, where="currency")
        account = lock_account(work, str(command.body["account_id"]))
        given = command.body.get("amount")
        amount_minor = left_minor if given is None else read_amount(given, currency, where="amount")
        return {account.account_id: account}, {account.account_id: amount_minor}

    return give(store, command, share, "matched", recorded_at=recorded_at, frame=frame)


def split_over_accounts(
    store: Store, command: Command, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Give parts of a receipt to several accounts, or what is left of it to a borrower.

    Args:
        store: Where the books are kept.
        command: body = {"receipt_id", "parts": [{"account_id", "amount"}]}, or {"receipt_id",
            "borrower_id", "designated"?}: over the borrower's accounts by Civil Code 560.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        As `match_receipt`, "outcome": "split".

    Raises:
        ArrearsError: as `match_receipt`; `receipt.no_taker` where the borrower has no account that
            could take it; `document.wrong_type` for an account named twice, or for parts and
            borrower together or neither.
    """
    body = command.body
    given, borrower = body.get("parts"), body.get("borrower_id")
    if (given is None) == (borrower is None):
        raise ArrearsError(
            "document.wrong_type",
            where="parts",
            expected="parts, or borrower_id",
            got="both or neither",
        )

    def share(work: Work, receipt: Receipt, left_minor: int) -> Shares:
        if borrower is None:
            return named_shares(work, given, currency_of(receipt.currency, where="currency"))
        accounts = {each.account_id: each for each in work.lock_of_borrower(str(borrower))}
        named = body.get("designated")
        designated = [str(name) for name in named] if isinstance(named, list) else []
        shares = shares_of(receipt, left_minor, accounts, designated) if left_minor else {}
        if left_minor and not shares:
            raise ArrearsError(
                "receipt.no_taker",
                where=f"receipt {receipt.receipt_id}",
                expected=f"a borrower with an account that was open on {receipt.value_on}",
                got=f"borrower {borrower}",
            )
        return accounts, shares

    return give(store, command, share, "split", recorded_at=recorded_at, frame=frame)


def return_receipt(
    store: Store, command: Command, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Decide that what is left of a receipt, or an amount of it, goes back to where it came from.

    It leaves suspense for what is payable, under the day it came; a refund task says that it is
    still to be sent.

    Args:
        store: Where the books are kept.
        command: body = {"receipt_id", "amount"?}.
        recorded_at: When it is recorded, aware.
        frame: Policy and posting rules.

    Returns:
        As `match_receipt`, "outcome": "returned", and "refund_tasks" with the task.

    Raises:
        ArrearsError: `receipt.unknown`, `receipt.overspent`.
    """
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        receipt, parts, left_minor = hold(work, str(command.body["receipt_id"]))
        amount_minor = amount_asked(command.body, receipt, left_minor)
        check_left(receipt, left_minor, amount_minor)
        part = Resolution(kind=ResolutionKind.RETURNED, amount_minor=amount_minor)
        work.resolve(receipt.receipt_id, part, recorded_at)
        seq = len(parts) + 1
        kind = DirectKind.RECEIPT_RETURN_DECIDED
        booked_on = book_beside(work, kind, receipt, amount_minor, entry=str(seq), frame=frame)
        task = RefundTask(
            task_id=f"return/{receipt.receipt_id}/{seq}",
            account_id=None,
            receipt_id=receipt.receipt_id,
            amount_minor=amount_minor,
            currency=receipt.currency,
            opened_on=booked_on,
        )
        work.add_refund_task(task)
        answer = {
            **told(receipt, (*parts, part)),
            "outcome": "returned",
            "refund_tasks": [task_document(task)],
        }
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def amount_asked(body: Document, receipt: Receipt, left_minor: int) -> int:
    """The amount a command names, or all that is left of the receipt; minor units.

    Raises:
        ArrearsError: `money.*`, `document.wrong_type` where it is 0.
    """
    given = body.get("amount")
    if given is None:
        return left_minor
    return read_amount(given, currency_of(receipt.currency, where="currency"), where="amount")


def named_shares(work: Work, given: object, currency: Currency) -> Shares:
    """The accounts that parts name, held in the order of their ids, and what each is given.

    Raises:
        ArrearsError: `account.unknown`, `document.wrong_type`, `money.*`.
    """
    listed = [part for part in given if isinstance(part, dict)] if isinstance(given, list) else []
    names = [str(part["account_id"]) for part in listed]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice or not listed:
        raise ArrearsError(
            "document.wrong_type",
            where="parts",
            expected="each account once, at least one",
            got=f"{twice[0]} twice" if twice else "none",
        )
    accounts = {name: lock_account(work, name) for name in sorted(names)}
    return accounts, {
        str(part["account_id"]): read_amount(part["amount"], currency, where=f"parts[{at}].amount")
        for at, part in enumerate(listed, start=1)
    }


def give(
    store: Store,
    command: Command,
    share: Callable[[Work, Receipt, int], Shares],
    outcome: str,
    *,
    recorded_at: datetime,
    frame: Frame,
) -> Document:
    """Take parts of a receipt out of suspense and give them to accounts, in one transaction."""
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        receipt, parts, left_minor = hold(work, str(command.body["receipt_id"]))
        accounts, shares = share(work, receipt, left_minor)
        check_left(receipt, left_minor, sum(shares.values()))
        seq = len(parts) + 1
        made = place(work, receipt, shares, accounts, seq=seq, recorded_at=recorded_at, frame=frame)
        for number, part in enumerate(made, start=seq):
            kind, amount_minor = DirectKind.RECEIPT_MATCHED, part.amount_minor
            book_beside(work, kind, receipt, amount_minor, entry=str(number), frame=frame)
        answer = {
            **told(receipt, (*parts, *made)),
            "outcome": outcome,
            **tasks_after(work, shares),
        }
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def check_left(receipt: Receipt, left_minor: int, wanted_minor: int) -> None:
    """Refuse to give away more of a receipt than is left, or something of a receipt used up.

    Raises:
        ArrearsError: `receipt.overspent`.
    """
    if 0 < wanted_minor <= left_minor:
        return
    currency = currency_of(receipt.currency, where="currency")
    raise ArrearsError(
        "receipt.overspent",
        where=f"receipt {receipt.receipt_id}",
        expected=f"no more than what is left of it, {format_minor(left_minor, currency)}",
        got=format_minor(wanted_minor, currency) if wanted_minor else "a receipt used up",
    )


def open_receipts(store: Store) -> Document:
    """What waits in suspense, oldest first, and how much it is by currency."""
    with store.unit_of_work() as work:
        waiting = work.open_receipts()
    total: Counter[str] = Counter()
    listed = []
    for receipt, left_minor in waiting:
        total[receipt.currency] += left_minor
        listed.append(described(receipt, left_minor))
    return {
        "receipts": listed,
        "in_suspense": {
            code: format_minor(minor, currency_of(code, where="currency"))
            for code, minor in sorted(total.items())
        },
    }


def receipt_history(store: Store, receipt_id: str) -> Document:
    """A receipt, and what became of it: each part with its account and event, or returned.

    Raises:
        ArrearsError: `receipt.unknown`.
    """
    with store.unit_of_work() as work:
        receipt, parts, left_minor = hold(work, receipt_id)
    currency = currency_of(receipt.currency, where="currency")
    became = [
        {
            "part": number,
            "kind": part.kind.value,
            "amount": format_minor(part.amount_minor, currency),
            "account_id": part.account_id,
            "event_id": part.event_id,
        }
        for number, part in enumerate(parts, start=1)
    ]
    return {**described(receipt, left_minor), "became": became}


def described(receipt: Receipt, left_minor: int) -> Document:
    """A receipt as a line of the list."""
    currency = currency_of(receipt.currency, where="currency")
    return {
        "receipt_id": receipt.receipt_id,
        "source": {"channel": receipt.channel, "ref": receipt.source_ref},
        "on": receipt.value_on.isoformat(),
        "currency": receipt.currency,
        "amount": format_minor(receipt.amount_minor, currency),
        "left": format_minor(left_minor, currency),
        "hint": receipt.hint,
    }
