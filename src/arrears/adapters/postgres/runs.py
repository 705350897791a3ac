"""Runs in PostgreSQL: which accounts a day asks for, how far its close has come, who is set aside."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from arrears.adapters.postgres.statements import statements
from arrears.kernel.ids import EVERY_SLOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from arrears.adapters.postgres.session import Connection
    from arrears.app.ports import Counts, Document, StoredAccount
    from arrears.app.ports_runs import Asked, Attempt


class PostgresRuns:
    """Part of a transaction; see `app.ports.Runs` for what each method promises."""

    connection: Connection

    def _of_run(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows, none where it has none."""
        cursor = self.connection.execute(statements("runs.sql")[name], values)
        return [] if cursor.description is None else cursor.fetchall()

    def last_closed(self) -> tuple[date, str] | None:
        """The last closed business day and its run."""
        rows = self._of_run("last_closed")
        return (rows[0]["business_on"], rows[0]["run_id"]) if rows else None

    def hold_open_day(self) -> tuple[date, str] | None:
        """The last closed business day, after which none is closed before this transaction ends."""
        rows = self._of_run("hold_open_day")
        return (rows[0]["business_on"], rows[0]["run_id"]) if rows else None

    def run_of(self, business_on: date) -> str | None:
        """The run that closed a day."""
        rows = self._of_run("run_of", business_on=business_on)
        return rows[0]["run_id"] if rows else None

    def first_opened(self) -> date | None:
        """The earliest day on which an account was opened."""
        opened_on: date | None = self._of_run("first_opened")[0]["opened_on"]
        return opened_on

    def holds_more_than(self, accounts: int) -> bool:
        """Whether the book holds more accounts than so many; reads no more of them than that."""
        return bool(self._of_run("holds_more_than", accounts=accounts))

    def accounts_by_slot(self, business_on: date, asked: Asked, basis: str) -> dict[int, int]:
        """How many accounts a run looks at in each slot that has any."""
        values = {"business_on": business_on, "basis": basis}
        rows = self._of_run(f"slots_{asked.value}", **values)
        return {row["slot"]: row["accounts"] for row in rows}

    def bases_of_last_close(self) -> frozenset[str]:
        """Under which bases the last closed day was closed."""
        return frozenset(row["basis"] for row in self._of_run("bases_of_last_close"))

    def begun(self, run_id: str) -> tuple[int, Sequence[int]] | None:
        """How many accounts a run looks at, and where its ranges begin."""
        rows = self._of_run("begun", run_id=run_id)
        return (rows[0]["accounts"], rows[0]["slot_starts"]) if rows else None

    def start_run(
        self,
        run_id: str,
        business_on: date,
        started_at: datetime,
        accounts: int,
        slot_starts: Sequence[int],
        basis: str = "",
    ) -> None:
        """Record that a run begins, how it is laid out, and under which basis."""
        self._of_run(
            "start_run",
            run_id=run_id,
            business_on=business_on,
            started_at=started_at,
            accounts=accounts,
            slot_starts=list(slot_starts),
            basis=basis,
        )

    def add_attempt(self, run_id: str, attempt: Attempt) -> None:
        """Record that a process begins a run or goes on with it."""
        self._of_run("add_attempt", run_id=run_id, **asdict(attempt))

    def stop_run(self, run_id: str, bound: str, found: str, stopped_at: datetime) -> None:
        """Record which safety bound stopped a run, and what was found."""
        self._of_run("stop_run", run_id=run_id, bound=bound, found=found, stopped_at=stopped_at)

    def runs(self, run_id: str | None = None, *, last: int) -> list[Document]:
        """How far runs have come, the latest first."""
        return [dict(row) for row in self._of_run("runs", run_id=run_id, last=last)]

    def ranges_done(self, run_id: str) -> dict[int, dict[str, int]]:
        """What was counted in each range that is closed, by its first slot."""
        return {
            row["slot_from"]: row["counts"] for row in self._of_run("ranges_done", run_id=run_id)
        }

    def end_range(
        self,
        run_id: str,
        slot_from: int,
        counts: Counts,
        finished_at: datetime,
        milliseconds: Mapping[str, int],
    ) -> None:
        """Record that a range is closed, and where its time went."""
        self._of_run(
            "end_range",
            run_id=run_id,
            slot_from=slot_from,
            counts=Jsonb(counts.document()),
            finished_at=finished_at,
            milliseconds=Jsonb(dict(milliseconds)),
        )

    def accounts_due(
        self, business_on: date, basis: str | None, slots: range = EVERY_SLOT
    ) -> list[tuple[int, str]]:
        """Accounts whose day has come or, where one is given, whose basis is another."""
        rows = self._of_run(
            "accounts_due" if basis is None else "accounts_due_or_other_basis",
            business_on=business_on,
            basis=basis,
            slot_from=slots.start,
            slot_until=slots.stop,
        )
        return [(row["slot"], row["account_id"]) for row in rows]

    def open_accounts(
        self, business_on: date | None = None, slots: range = EVERY_SLOT
    ) -> list[tuple[int, str]]:
        """Every account that can still change, or whose day has come."""
        rows = self._of_run(
            "open_accounts", business_on=business_on, slot_from=slots.start, slot_until=slots.stop
        )
        return [(row["slot"], row["account_id"]) for row in rows]

    def close_day(
        self, business_on: date, run_id: str, counts: Counts, finished_at: datetime
    ) -> None:
        """Record that a business day is closed."""
        self._of_run(
            "close_day",
            business_on=business_on,
            run_id=run_id,
            counts=Jsonb(counts.document()),
            finished_at=finished_at,
        )

    def messages(self, kind: str, occasion: str) -> list[tuple[str, Document]]:
        """What the outbox holds of a kind for an occasion."""
        rows = self._of_run("messages", kind=kind, occasion=occasion)
        return [(row["account_id"], row["body"]) for row in rows]

    def park(self, account: StoredAccount, business_on: date, cause: str, at: datetime) -> bool:
        """Set an account aside with its inputs, if it still is what was read."""
        held = self._of_run(
            "park",
            slot=account.slot,
            account_id=account.account_id,
            version=account.version,
            business_on=business_on,
            cause=cause,
            inputs=Jsonb({"contract": account.contract, "events": list(account.events)}),
            parked_at=at,
        )
        return bool(held)

    def parked(
        self, account_id: str | None = None, *, with_resolved: bool = False
    ) -> list[Document]:
        """Accounts set aside, oldest first."""
        rows = self._of_run("parked", account_id=account_id, with_resolved=with_resolved)
        return [dict(row) for row in rows]

    def unpark(self, account_id: str, at: datetime) -> bool:
        """Take an account back in."""
        return bool(self._of_run("unpark", account_id=account_id, resolved_at=at))
