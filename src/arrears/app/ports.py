"""What the use cases need of the outside, and what each promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from arrears.ledger.journal import JournalRow
    from arrears.ledger.trial_balance import AccountKey, Totals

Document = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """One account as the store keeps it, with its events."""

    slot: int
    account_id: str
    borrower_id: str
    product: str
    currency: str
    contract: Document
    opened_on: date
    version: int
    basis: str
    next_action_on: date | None
    folded_to: date | None
    bucket: str
    five_class: str
    bureau: str
    is_non_accrual: bool
    events: tuple[Document, ...]
    policy: Document = field(default_factory=dict)  #: what it was signed under; empty: no pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of bucket, class, bureau status or accrual."""

    on: date
    what: str
    from_value: str
    to_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to be sent, once per occasion."""

    kind: str
    occasion: str
    body: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What one refold of an account writes; `version` is the one that was read."""

    account: StoredAccount
    version: int
    caches: Mapping[str, object]
    journal: tuple[JournalRow, ...]
    transitions: tuple[Transition, ...] = ()
    messages: tuple[Message, ...] = ()
    policy_digest: str = ""


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a run did."""

    accounts: int = 0
    entries: int = 0
    transitions: int = 0
    messages: int = 0
    parked: int = 0
    refolded: int = 0
    causes: dict[str, int] = field(default_factory=dict)

    def document(self) -> Document:
        """The counts as they are stored."""
        return {
            "accounts": self.accounts,
            "entries": self.entries,
            "transitions": self.transitions,
            "messages": self.messages,
            "parked": self.parked,
            "refolded": self.refolded,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money that came without saying for which loan; it waits in suspense under its own value date."""

    receipt_id: str
    channel: str
    source_ref: str  #: the channel's own number of the line
    amount_minor: int  #: minor units, > 0
    currency: str
    value_on: date  #: the day the money came, and the day it counts from once it is matched
    hint: str = ""  #: what the payer wrote; no personal data


@unique
class ResolutionKind(StrEnum):
    """What becomes of a receipt, or of a part of it."""

    MATCHED = "matched"  #: to one account
    SPLIT = "split"  #: one of several parts, each to an account
    RETURNED = "returned"  #: sent back to where it came from


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What became of a part of a receipt."""

    kind: ResolutionKind
    amount_minor: int  #: minor units, > 0
    account_id: str | None = None  #: None where it was returned
    event_id: str | None = None  #: the payment it became


class Records(Protocol):
    """What stands beside the accounts: products, commitments to persons, money without a name."""

    def add_product(self, code: str, version: int, body: Document) -> bool:
        """Add a version of a product; False where it is there, which then is the same to the letter.

        Raises:
            ArrearsError: `product.version_taken` where another body has this version.
        """

    def product(self, code: str, version: int | None = None) -> tuple[int, Document] | None:
        """A version of a product and its body, the latest where none is named; None: no such."""

    def commit_to(self, borrower_id: str, papers: bytes, salt: bytes) -> bool:
        """Keep a salted hash of who a borrower is, and the salt; False where there is one.

        Args:
            borrower_id: Our own id.
            papers: What says who it is, such as an identity number; not kept.
            salt: 32 bytes drawn for this borrower alone.
        """

    def is_person(self, borrower_id: str, papers: bytes) -> bool | None:
        """Whether these papers were committed to; None where nobody can say any more."""

    def forget(self, borrower_id: str) -> bool:
        """Erase the salt, so that the commitment means nothing; False where there was none."""

    def add_receipt(self, receipt: Receipt, recorded_at: datetime) -> bool:
        """Keep money without a name; False where the same line of the same channel is recorded."""

    def lock_receipt(self, receipt_id: str) -> tuple[Receipt, tuple[Resolution, ...]] | None:
        """A receipt and what became of it; nobody else resolves it until the transaction ends."""

    def resolve(self, receipt_id: str, resolution: Resolution, recorded_at: datetime) -> None:
        """Say what became of a part of a receipt; the caller holds it by `lock_receipt`.

        Raises:
            ArrearsError: `receipt.overspent` where the parts would be more than the receipt.
        """

    def open_receipts(self) -> Sequence[tuple[Receipt, int]]:
        """Receipts with something left in suspense, oldest first, and how much in minor units."""


class Work(Records, Protocol):
    """One transaction. Nothing is visible to others before it ends well."""

    def last_closed(self) -> tuple[date, str] | None:
        """The last closed business day and its run, None before the first close."""

    def run_of(self, business_on: date) -> str | None:
        """The run that closed a day."""

    def lock(self, account_id: str) -> StoredAccount | None:
        """The account with all its events; its row stays locked until the transaction ends."""

    def lock_of_borrower(self, borrower_id: str) -> Sequence[StoredAccount]:
        """All accounts of a borrower with their events; their rows stay locked."""

    def accounts_due(self, business_on: date, basis: str) -> Sequence[tuple[int, str]]:
        """Slot and id of accounts whose day has come or whose basis is not current; no lock."""

    def open_accounts(self) -> Sequence[tuple[int, str]]:
        """Slot and id of every account that can still change; for a period end."""

    def read(self, keys: Sequence[tuple[int, str]]) -> Sequence[StoredAccount]:
        """Accounts with their events, no lock."""

    def posted(self, keys: Sequence[tuple[int, str]]) -> Mapping[str, Sequence[JournalRow]]:
        """All journal rows of accounts, by account id."""

    def add_account(self, account: StoredAccount) -> None:
        """Add an account; its id is new or the transaction fails."""

    def add_event(
        self,
        account: StoredAccount,
        event: Document,
        recorded_at: datetime,
        *,
        source: tuple[str, str] | None = None,
    ) -> bool:
        """Append an event; False where the same source reference was recorded before.

        The source is a channel and its own number for the line, such as a bank and its transaction
        number; without one the account and the event's id stand for it. It is taken once over all
        accounts, and by receipts without a name too.
        """

    def write(self, changes: Iterable[AccountChange]) -> Sequence[str]:
        """Write refolds; returns the ids whose version was no longer the one read, unwritten."""

    def park(self, account: StoredAccount, business_on: date, cause: str) -> None:
        """Set an account aside with its inputs; twice is once."""

    def parked(self) -> Sequence[Document]:
        """Accounts set aside, with day and cause."""

    def unpark(self, account_id: str) -> None:
        """Take an account back in."""

    def close_day(self, business_on: date, run_id: str, counts: Counts) -> None:
        """Record that a business day is closed."""

    def remembered(self, caller: str, command: str, key: str) -> tuple[str, Document] | None:
        """The digest and answer of a command done before under this key."""

    def remember(
        self, caller: str, command: str, key: str, body_digest: str, answer: Document
    ) -> None:
        """Keep a command's answer; a second caller with the key waits for this transaction."""

    def totals(self) -> Mapping[AccountKey, Totals]:
        """Debits and credits of every ledger account."""

    def buckets(self) -> Sequence[Document]:
        """Active accounts and principal by bucket and class."""

    def statuses(self) -> Sequence[Document]:
        """Accounts by what has become of them."""

    def worst_account(self) -> str | None:
        """The active account longest past due."""


class Store(Protocol):
    """Where the books are kept."""

    def unit_of_work(self) -> AbstractContextManager[Work]:
        """A transaction that commits if its block ends, and else leaves nothing."""
