"""Unmatching: what a receipt gave to the wrong account waits in suspense again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arrears.app.appending import (
    RECEIPT_CHANNEL,
    UNMATCH_CHANNEL,
    add_event,
    checked_event,
    lock_account,
)
from arrears.app.booking import once, open_day
from arrears.app.receipts import book_beside, hold
from arrears.app.suspense import described
from arrears.kernel.errors import ArrearsError, invariant
from arrears.ledger.posting_rules import DirectKind

if TYPE_CHECKING:
    from datetime import datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Receipt, Resolution, Store, Work
    from arrears.app.refolding import Frame


def unmatch_receipt(
    store: Store, command: Command, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Take back what a receipt gave to an account by mistake: the money is still here.

    Each part is erased from the account at its own value date and waits in suspense again, as a
    receipt of its own under the day the money came. Money that was never there is another thing:
    that is the event `reversed`, and leaves nothing to wait.

    Args:
        store: Where the books are kept.
        command: body = {"receipt_id", "account_id"}.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"receipt_id", "account_id", "outcome": "unmatched", "receipts": the new ones}.

    Raises:
        ArrearsError: `receipt.unknown`, `receipt.not_matched` where nothing of it stands on the
            account, `account.unknown`.
    """
    body = command.body
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        receipt, parts, _ = hold(work, str(body["receipt_id"]))
        account = lock_account(work, str(body["account_id"]))
        erased = {event.get("reverses") for event in account.events}
        standing = {
            number: part
            for number, part in enumerate(parts, start=1)
            if part.account_id == account.account_id and part.event_id not in erased
        }
        if not standing:
            raise ArrearsError(
                "receipt.not_matched",
                where=f"receipt {receipt.receipt_id}",
                expected="an account that was given a part of it",
                got=account.account_id,
            )
        made = [
            undo_part(work, receipt, number, part, recorded_at=recorded_at, frame=frame)
            for number, part in standing.items()
        ]
        answer: Document = {
            "receipt_id": receipt.receipt_id,
            "account_id": account.account_id,
            "outcome": "unmatched",
            "receipts": [described(each, each.amount_minor) for each in made],
        }
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def undo_part(
    work: Work,
    receipt: Receipt,
    number: int,
    part: Resolution,
    *,
    recorded_at: datetime,
    frame: Frame,
) -> Receipt:
    """Erase one part from its account, and keep it as a receipt of its own in suspense.

    Raises:
        ArrearsError: `receipt.id_taken` where the part's number makes the id of another receipt.
    """
    account = lock_account(work, str(part.account_id))
    name = f"{receipt.receipt_id}/{number}"
    on = max(open_day(work, account.opened_on), receipt.value_on)
    given = {
        "id": f"unmatch/{name}",
        "on": on.isoformat(),
        "type": "reversed",
        "reverses": part.event_id,
    }
    event = checked_event(account, given, recorded_at)
    source = (UNMATCH_CHANNEL, name)
    change = add_event(work, account, event, recorded_at, source=source, frame=frame)
    invariant(change is not None, "receipt.undone_before", receipt=name)
    work.write([change] if change else [])
    again = replace(
        receipt,
        receipt_id=name,
        channel=RECEIPT_CHANNEL,
        source_ref=name,
        amount_minor=part.amount_minor,
    )
    if work.lock_receipt(name) is not None:
        raise ArrearsError(
            "receipt.id_taken",
            where=f"receipt {receipt.receipt_id}, part {number}",
            expected="an id of its own",
            got=name,
        )
    invariant(work.add_receipt(again, recorded_at), "receipt.undone_before", receipt=name)
    kind = DirectKind.RECEIPT_UNIDENTIFIED
    book_beside(work, kind, again, part.amount_minor, entry="0", frame=frame)
    return again
