"""Receiving: a receipt that names a borrower but no loan, split and posted in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.booking import once
from arrears.app.receipts import book_beside, keep, place, read_receipt, recorded_before, told
from arrears.app.refunds import tasks_after
from arrears.app.sharing import shares_of
from arrears.ledger.posting_rules import DirectKind

if TYPE_CHECKING:
    from datetime import datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Store
    from arrears.app.refolding import Frame


def receive(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Split a receipt over a borrower's accounts by Civil Code 560 and post the parts together.

    A confirmed receipt is never refused: what exceeds all debts becomes credit balance; where no
    account can take it, or one is parked so that nobody knows what is owed, it waits in suspense.

    Args:
        store: Where the books are kept.
        command: body = {"receipt_id", "borrower_id", "amount", "on", "currency"?, "source"?,
            "hint"?, "designated"?}.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"receipt_id", "parts": {account id: amount}, "returned", "in_suspense", "outcome":
        "recorded" | "already_recorded", "refund_tasks"?: those open on these accounts}; where the line was recorded as something else, "outcome"
        and "recorded_as" alone.

    Raises:
        ArrearsError: `account.unknown` for a designated one, `event.other_currency`,
            `receipt.id_taken`; nothing is written.
    """
    body = command.body
    receipt = read_receipt(body)
    named = body.get("designated")
    designated = [str(name) for name in named] if isinstance(named, list) else []
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        answer = recorded_before(work, receipt)
        accounts = {
            each.account_id: each for each in work.lock_of_borrower(str(body["borrower_id"]))
        }
        answer = answer or keep(work, receipt, recorded_at)
        if answer is None:
            is_known = not any(work.parked(name) for name in accounts)
            shares = (
                shares_of(receipt, receipt.amount_minor, accounts, designated) if is_known else {}
            )
            parts = place(
                work, receipt, shares, accounts, seq=1, recorded_at=recorded_at, frame=frame
            )
            left_minor = receipt.amount_minor - sum(shares.values())
            book_beside(
                work,
                DirectKind.RECEIPT_UNIDENTIFIED,
                receipt,
                left_minor,
                entry="0",
                frame=frame,
            )
            answer = {
                **told(receipt, parts),
                "outcome": "recorded",
                **tasks_after(work, shares),
            }
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer
