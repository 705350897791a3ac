"""Money to be paid back and money asked for, in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from arrears.adapters.postgres.statements import statements
from arrears.app.ports import Collection, RefundTask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from arrears.adapters.postgres.session import Connection
    from arrears.app.ports import AccountChange, StoredAccount


class PostgresInstructions:
    """Part of a transaction; see `app.ports.Instructions` for what each method promises."""

    connection: Connection

    def _instruct(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows, none where it has none."""
        cursor = self.connection.execute(statements("instructions.sql")[name], values)
        return [] if cursor.description is None else cursor.fetchall()

    def renew_refund_tasks(self, changes: Sequence[AccountChange]) -> None:
        """Open a task for each credit balance to be paid back; withdraw those that no longer hold."""
        self._instruct(
            "renew_refund_tasks",
            slot=[each.account.slot for each in changes],
            account_id=[each.account.account_id for each in changes],
            version=[each.version for each in changes],
            refundable_minor=[each.refundable_minor for each in changes],
            currency=[each.account.currency for each in changes],
            opened_on=[each.caches["folded_to"] for each in changes],
        )

    def add_refund_task(self, task: RefundTask) -> None:
        """Open a task to send a receipt back."""
        values = {name: getattr(task, name) for name in RefundTask.__slots__}
        self._instruct("add_refund_task", **values)

    def refund_tasks(
        self, accounts: Sequence[str] | None = None, *, with_ended: bool = False
    ) -> list[RefundTask]:
        """Tasks, oldest first."""
        found = None if accounts is None else list(accounts)
        rows = self._instruct("refund_tasks", task_id=None, accounts=found, with_ended=with_ended)
        return [RefundTask(**row) for row in rows]

    def refund_task(self, task_id: str) -> RefundTask | None:
        """A task, ended or not."""
        rows = self._instruct("refund_tasks", task_id=task_id, accounts=None, with_ended=True)
        return RefundTask(**rows[0]) if rows else None

    def end_refund_task(self, task_id: str, paid_on: date, source: tuple[str, str]) -> None:
        """Say that a task was paid."""
        self._instruct(
            "end_refund_task",
            task_id=task_id,
            ended_on=paid_on,
            channel=source[0],
            source_ref=source[1],
        )

    def take_line(self, channel: str, source_ref: str) -> bool:
        """Take a bank's line for a refund that is no event; False where somebody has it."""
        return bool(self._instruct("take_line", channel=channel, source_ref=source_ref))

    def add_collection(
        self, account: StoredAccount, collection: Collection, asked_at: datetime
    ) -> None:
        """Keep a request to draw money, and tell it to the outbox."""
        key = {"slot": account.slot, "account_id": account.account_id}
        self._instruct(
            "add_collection",
            **key,
            request_id=collection.request_id,
            amount_minor=collection.amount_minor,
            currency=collection.currency,
            draw_on=collection.draw_on,
            asked_at=asked_at,
        )
        body = {
            "amount_minor": collection.amount_minor,
            "currency": collection.currency,
            "draw_on": collection.draw_on.isoformat(),
        }
        self._instruct(
            "instruct",
            **key,
            kind="collect_on_request",
            occasion=collection.request_id,
            body=Jsonb(body),
        )

    def collections(
        self, account_id: str | None = None, *, with_ended: bool = False
    ) -> list[Collection]:
        """Requests, oldest first."""
        rows = self._instruct(
            "collections", request_id=None, account_id=account_id, with_ended=with_ended
        )
        return [Collection(**row) for row in rows]

    def collection(self, request_id: str) -> Collection | None:
        """A request, ended or not."""
        rows = self._instruct(
            "collections", request_id=request_id, account_id=None, with_ended=True
        )
        return Collection(**rows[0]) if rows else None

    def end_collection(self, request_id: str, event_id: str | None, ended_at: datetime) -> bool:
        """Say how a request ended; False where it had ended before."""
        return bool(
            self._instruct(
                "end_collection",
                request_id=request_id,
                outcome="failed" if event_id is None else "received",
                event_id=event_id,
                ended_at=ended_at,
            )
        )
