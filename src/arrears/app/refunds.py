"""Refunds: tasks to pay back what is the customer's or nobody's, and what a task looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import currency_of, format_minor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arrears.app.ports import Document, RefundTask, Store, Work


def task_document(task: RefundTask) -> Document:
    """A task as a line of the list; amounts as decimal strings."""
    currency = currency_of(task.currency, where="currency")
    document: Document = {
        "task_id": task.task_id,
        "account_id": task.account_id,
        "receipt_id": task.receipt_id,
        "amount": format_minor(task.amount_minor, currency),
        "currency": task.currency,
        "opened_on": task.opened_on.isoformat(),
        "status": "done" if task.status == "paid" else task.status,
    }
    if task.ended_on is not None:
        document["ended_on"] = task.ended_on.isoformat()
    return document


def tasks_after(work: Work, accounts: Iterable[str]) -> Document:
    """What an answer says of refunds: the open tasks of these accounts; nothing where none is."""
    tasks = work.refund_tasks(sorted(accounts))
    return {"refund_tasks": [task_document(task) for task in tasks]} if tasks else {}


def list_refunds(store: Store, *, with_ended: bool = False) -> Document:
    """All tasks that are open, oldest first, or all there ever were."""
    with store.unit_of_work() as work:
        tasks = work.refund_tasks(with_ended=with_ended)
    return {"refunds": [task_document(task) for task in tasks]}


def find_task(work: Work, task_id: str) -> RefundTask:
    """A task, ended or not.

    Raises:
        ArrearsError: `refund.unknown`.
    """
    task = work.refund_task(task_id)
    if task is None:
        raise ArrearsError("refund.unknown", where="task_id", expected="a refund task", got=task_id)
    return task
