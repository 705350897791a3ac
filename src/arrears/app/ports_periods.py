"""What the end of a period needs of the outside: the journal added up, and what was found kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.app.ports import Document
    from arrears.ledger.chart import Chart
    from arrears.ledger.reconciling import JournalSums


@dataclass(frozen=True, slots=True, kw_only=True)
class SummedJournal:
    """The journal of a range of slots, added up."""

    keys: Sequence[tuple[int, str, str]]  #: slot, account id and currency; id "": of no account
    sums: JournalSums  #: `account` is a place in `keys`
    seen: str  #: which transactions the sums have seen, in the store's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class SummedRow:
    """Journal rows added up under one currency, component and pair of ledger accounts."""

    currency: str
    component: int
    debit_account: str
    credit_account: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A month that was closed, and what its books added up to; amounts in minor units."""

    period_end: date
    run_id: str
    accounts: int  #: folded and reconciled
    parked: int  #: set aside, so that nobody can say what they owe
    ledger: Sequence[Document]  #: {"currency", "account", "debit_minor", "credit_minor"} since ever
    owed: Sequence[Document]  #: {"currency", "cell", "amount_minor"}: what the folds say
    apart: Sequence[
        Document
    ]  #: the same of what the ledger holds beside: of the parked, or booked since
    digest: str  #: of all this and of the digest before it


class Periods(Protocol):
    """What the end of a period needs: the journal added up, and what was found."""

    def keep_part(self, run_id: str, slots: range, body: Document, seen: str) -> None:
        """Keep what a range added up to, and which transactions its sums had seen."""

    def parts(self, run_id: str) -> Sequence[Document]:
        """What was kept of each range of a run."""

    def end_alone(self) -> None:
        """Wait until nobody counts on the open day, and let nobody until this transaction ends."""

    def booked(self, after: date | None, until: date) -> Sequence[SummedRow]:
        """The whole journal booked after a day, None: ever, until another; components added up."""

    def booked_late(self, run_id: str, day: date) -> Sequence[SummedRow]:
        """What was booked on the day of a run and no range of it has seen."""

    def last_period(self) -> Period | None:
        """The last period that was closed."""

    def periods(self) -> Sequence[Period]:
        """All periods that were closed, the oldest first."""

    def keep_period(self, period: Period) -> None:
        """Keep that a period is closed; its run is recorded already."""

    def summed_journal(self, slots: range, booked_to: date, chart: Chart) -> SummedJournal:
        """What was booked in the slots up to a day.

        By account, currency, component and pair of ledger accounts; of an account that is opened on
        a day to come, nothing.

        What this transaction wrote is in it.

        Raises:
            InvariantError: `ledger.account_unknown` where a row names none of the chart.
        """

    def parked_ids(self) -> frozenset[str]:
        """Ids of accounts that are set aside now."""
