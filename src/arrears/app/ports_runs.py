"""What closing business needs of the store: whose turn it is, whom a day asks for, how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Protocol

from arrears.kernel.ids import EVERY_SLOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from arrears.app.ports import Counts, Document, StoredAccount


@unique
class Asked(StrEnum):
    """Which accounts a run looks at."""

    DUE = "due"  #: whose day has come
    OTHER_BASIS = "other_basis"  #: and those whose basis is another than the current one
    EVERY_OPEN = "every_open"  #: all that can still change: a period ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A process that began a run or went on with it."""

    process: str  #: its number and machine
    engine: str
    processes: int
    basis: str
    began_at: datetime
    taken_over_from: str | None = None  #: the process that had not moved


class Turn(Protocol):
    """The right to close business, as long as its holder shows that it moves."""

    @property
    def process(self) -> str:
        """Who holds it: number and machine of the process."""

    @property
    def taken_over_from(self) -> str | None:
        """The process it was taken from, for it had not moved; None: it was free."""

    def move(self) -> None:
        """Show that the holder moves.

        Raises:
            ArrearsError: `store.unreachable` where the turn was lost or taken.
        """


class Runs(Protocol):
    """What closing business needs: which accounts a day asks for, and how far it has come."""

    def last_closed(self) -> tuple[date, str] | None:
        """The last closed business day and its run, None before the first close."""

    def hold_open_day(self) -> tuple[date, str] | None:
        """The same; the day after it is not ended before this transaction ends."""

    def run_of(self, business_on: date) -> str | None:
        """The run that closed a day."""

    def first_opened(self) -> date | None:
        """The earliest day on which an account was opened; None: there is no account."""

    def holds_more_than(self, accounts: int) -> bool:
        """Whether the book holds more accounts than so many, whatever has become of them."""

    def accounts_by_slot(self, business_on: date, asked: Asked, basis: str) -> Mapping[int, int]:
        """How many accounts a run of a day looks at in each slot that has any, parked ones too.

        Args:
            business_on: The day that is closed.
            asked: Which accounts are looked at.
            basis: The current one.
        """

    def bases_of_last_close(self) -> frozenset[str]:
        """Under which bases the last closed day was closed; more than one: by several attempts."""

    def begun(self, run_id: str) -> tuple[int, Sequence[int]] | None:
        """How many accounts a run looks at, and where its ranges begin; None: it was not begun."""

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

    def add_attempt(self, run_id: str, attempt: Attempt) -> None:
        """Record that a process begins a run or goes on with it."""

    def stop_run(self, run_id: str, bound: str, found: str, stopped_at: datetime) -> None:
        """Record which safety bound stopped a run, and what was found."""

    def runs(self, run_id: str | None = None, *, last: int) -> Sequence[Document]:
        """How far runs have come, the latest first: one, or so many of all.

        Columns as of the view `run_progress`.
        """

    def ranges_done(self, run_id: str) -> Mapping[int, Mapping[str, int]]:
        """What was counted in each range that is closed, by its first slot."""

    def end_range(
        self,
        run_id: str,
        slot_from: int,
        counts: Counts,
        finished_at: datetime,
        milliseconds: Mapping[str, int],
    ) -> None:
        """Record that a range is closed and where its time went, in the transaction that closes it."""

    def accounts_due(
        self, business_on: date, basis: str | None, slots: range = EVERY_SLOT
    ) -> Sequence[tuple[int, str]]:
        """Slot and id of accounts whose day has come or whose basis is another; no lock.

        Where the basis is None, whoever has another one is not looked for.
        """

    def open_accounts(
        self, business_on: date | None = None, slots: range = EVERY_SLOT
    ) -> Sequence[tuple[int, str]]:
        """Slot and id of every account that can still change, or whose day has come."""

    def close_day(
        self, business_on: date, run_id: str, counts: Counts, finished_at: datetime
    ) -> None:
        """Record that a business day is closed."""

    def messages(self, kind: str, occasion: str) -> Sequence[tuple[str, Document]]:
        """What the outbox holds of a kind for an occasion: account id and body."""

    def park(self, account: StoredAccount, business_on: date, cause: str, at: datetime) -> bool:
        """Set an account aside with its inputs, and hold it; twice is once.

        False where it was written to since it was read: then it is not set aside.
        """

    def parked(
        self, account_id: str | None = None, *, with_resolved: bool = False
    ) -> Sequence[Document]:
        """Accounts set aside, oldest first: day, cause, inputs, instants."""

    def unpark(self, account_id: str, at: datetime) -> bool:
        """Take an account back in; its history stays. False where it was not parked."""
