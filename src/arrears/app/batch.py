"""Accounts in columns, as a close reads and writes them a range at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from numpy import bool_

    from arrears.app.ports import Message, Transition
    from arrears.servicing.book import Book
    from arrears.servicing.events import Event
    from arrears.servicing.tables import Array

    Mask = npt.NDArray[bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBatch:
    """Accounts read together; each column has one place an account.

    Days are days since 1970-01-01, NONE where there is none.
    """

    slots: Array
    account_ids: Sequence[str]
    currencies: Sequence[str]
    versions: Array
    folded_to: Array
    next_action_on: Array
    buckets: Sequence[str]
    five_classes: Sequence[str]
    bureaus: Sequence[str]
    is_non_accrual: Mask
    credit_minor: Array
    is_current: Mask  #: the basis of its caches is ours
    book: Book

    def __len__(self) -> int:
        """How many accounts."""
        return len(self.account_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a range's read brought: accounts in columns, and keys of those that only documents tell."""

    batch: AccountBatch
    by_documents: Sequence[tuple[int, str]]  #: slot and id: packed under another layout, or never


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A statement the close made: the event, and what it adds to the account's packed columns."""

    event: Event
    events: bytes  #: int64[1, EVENT_COLUMNS]
    rows: bytes  #: int64[2, ROW_COLUMNS]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChange:
    """What folding a batch writes; `of` are positions in the batch, each column has one place each."""

    batch: AccountBatch
    of: Array  #: positions of the accounts folded in columns
    next_action_on: Array  #: NONE: time alone will never change anything again
    folded_to: int
    buckets: Sequence[str]
    five_classes: Sequence[str]
    bureaus: Sequence[str]
    statuses: Sequence[str]
    days_past_due: Array
    principal_minor: Array
    payoff_minor: Array
    credit_minor: Array
    is_non_accrual: Mask
    journal: Array  #: int64[n, JOURNAL_COLUMNS]; JC_ACCOUNT is a position in the batch
    transitions: Sequence[tuple[int, Transition]]  #: position in the batch, and what changed
    messages: Sequence[tuple[int, Message]]
    made: Sequence[tuple[int, Made]]
    by_records: Array  #: positions that are to be folded from their documents instead
    basis: str
    layout: str
    policy_digest: str
    owed_minor: (
        Array  #: int64[n, CELLS] at a period end, see `ledger.reconciling`; else int64[0, CELLS]
    )
