"""Refunding: a refund task was paid out; the books say so, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.appending import (
    REFUND_CHANNEL,
    add_event,
    checked_event,
    lock_account,
    source_of,
)
from arrears.app.booking import once
from arrears.app.receipts import book_beside, hold
from arrears.app.refolding import read_stored
from arrears.app.refunds import find_task, task_document
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import currency_of, format_minor
from arrears.ledger.posting_rules import DirectKind
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, RefundTask, Store, StoredAccount, Work
    from arrears.app.refolding import Frame


def complete_refund(
    store: Store, command: Command, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Record that a task was paid out, and close it; the same task again changes nothing.

    Args:
        store: Where the books are kept.
        command: body = {"task_id", "on", "source"?: the line the money left by}.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        The task, with "outcome": "done" | "already_done"; or "outcome": "already_recorded" with
        what the line was recorded as, and the task still open.

    Raises:
        ArrearsError: `refund.unknown`, `refund.withdrawn`, `refund.not_yet_due` where nothing was
            to be paid back on that day; nothing is written.
    """
    body = command.body
    paid_on = parse_date(str(body["on"]), where="on")
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        account, task = hold_task(work, str(body["task_id"]))
        source = source_of(body) or (REFUND_CHANNEL, task.task_id)
        if task.status == "paid":
            answer: Document = {**task_document(task), "outcome": "already_done"}
        elif pay_back(work, account, task, paid_on, source, recorded_at=recorded_at, frame=frame):
            answer = {**task_document(find_task(work, task.task_id)), "outcome": "done"}
        else:
            taken = work.taken_by(*source)
            answer = {**task_document(task), "outcome": "already_recorded", "recorded_as": taken}
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def hold_task(work: Work, task_id: str) -> tuple[StoredAccount | None, RefundTask]:
    """A task with its account, if it has one; account or receipt are held to the end.

    Raises:
        ArrearsError: `refund.unknown`, `refund.withdrawn`.
    """
    found = find_task(work, task_id)
    account = None
    if found.account_id is not None:
        account = lock_account(work, found.account_id)
    elif found.receipt_id is not None:
        hold(work, found.receipt_id)
    task = find_task(work, task_id)
    if task.status == "withdrawn":
        raise ArrearsError(
            "refund.withdrawn",
            where=f"refund task {task_id}",
            expected="a task that is open",
            got=f"one withdrawn on {task.ended_on}",
        )
    return account, task


def pay_back(
    work: Work,
    account: StoredAccount | None,
    task: RefundTask,
    paid_on: date,
    source: tuple[str, str],
    *,
    recorded_at: datetime,
    frame: Frame,
) -> bool:
    """Book what left, and end the task; False where the line was recorded as something else.

    Raises:
        ArrearsError: `refund.not_yet_due`.
    """
    if account is None:
        receipt, _, _ = hold(work, str(task.receipt_id))
        if not work.take_line(*source):
            return False
        entry = f"{task.task_id.rpartition('/')[2]}/sent"
        kind, amount_minor = DirectKind.RECEIPT_RETURNED, task.amount_minor
        book_beside(work, kind, receipt, amount_minor, entry=entry, frame=frame, value_on=paid_on)
        work.end_refund_task(task.task_id, paid_on, source)
        return True
    check_due(account, task, paid_on)
    given = {
        "id": task.task_id,
        "on": paid_on.isoformat(),
        "type": "refunded",
        "amount": format_minor(task.amount_minor, currency_of(task.currency, where="currency")),
    }
    event = checked_event(account, given, recorded_at)
    change = add_event(work, account, event, recorded_at, source=source, frame=frame)
    if change is None:
        return False
    work.end_refund_task(task.task_id, paid_on, source)
    work.write([change])
    return True


def check_due(account: StoredAccount, task: RefundTask, paid_on: date) -> None:
    """Refuse to pay back on a day on which the account had no such credit balance.

    Raises:
        ArrearsError: `refund.not_yet_due`.
    """
    contract, events = read_stored(account)
    state = fold_contract(contract, events, paid_on)
    if state.credit_balance_minor < task.amount_minor:
        currency = contract.terms.currency
        raise ArrearsError(
            "refund.not_yet_due",
            where=f"refund task {task.task_id}, on",
            expected=f"a day with a credit balance of {format_minor(task.amount_minor, currency)}",
            got=f"{format_minor(state.credit_balance_minor, currency)} on {paid_on}",
        )
