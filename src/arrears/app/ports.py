"""What the use cases need of the outside, and what each promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING, NamedTuple, Protocol

from arrears.app.ports_cases import Cases
from arrears.app.ports_periods import Periods
from arrears.app.ports_runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from arrears.app.batch import AccountBatch, BatchChange, Read
    from arrears.app.ports_runs import Asked, Turn
    from arrears.ledger.chart import Chart
    from arrears.ledger.journal import JournalRow
    from arrears.ledger.trial_balance import AccountKey, Totals
    from arrears.servicing.packing import Packed
    from arrears.servicing.tables import Array

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
    policy: Document = field(
        default_factory=dict
    )  #: digest, day, what policy set; empty: no pack rules it


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
    events: tuple[Document, ...] = ()  #: made by the close itself: statements of a line
    transitions: tuple[Transition, ...] = ()
    messages: tuple[Message, ...] = ()
    policy_digest: str = ""
    layout: str = ""  #: of `columns`
    columns: Packed | None = None  #: the fold's input, packed; None: as it stands
    refundable_minor: int = 0  #: credit balance to be paid back; any other open task is withdrawn
    owed_minor: tuple[
        int, ...
    ] = ()  #: at a period end what is owed, by cell of `ledger.reconciling`


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a run did."""

    accounts: int = 0
    entries: int = 0
    rows: int = 0
    transitions: int = 0
    messages: int = 0
    statements: int = 0
    parked: int = 0
    refolded: int = 0
    causes: dict[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, int]:
        """The counts as they are stored, causes left out."""
        return {name: getattr(self, name) for name in COUNTED}

    def add(self, counted: Mapping[str, int]) -> None:
        """Add what another part of the run did."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + counted.get(name, 0))


COUNTED = (
    "accounts",
    "entries",
    "rows",
    "transitions",
    "messages",
    "statements",
    "parked",
    "refolded",
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTask:
    """Money to be paid back: an account's credit balance, or a receipt that is sent back."""

    task_id: str
    account_id: str | None  #: None: of a receipt without a name
    receipt_id: str | None  #: None: of an account
    amount_minor: int  #: minor units, > 0
    currency: str
    opened_on: date  #: the open business day when it arose
    status: str = "open"  #: open, paid, or withdrawn where the credit balance is another one now
    ended_on: date | None = None  #: the day it was paid or withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A request to draw money from a borrower's bank."""

    request_id: str
    account_id: str
    amount_minor: int  #: minor units, > 0
    currency: str
    draw_on: date
    status: str = "waiting"  #: waiting for the bank, received, or failed


class Basis(Protocol):
    """What stored caches and packed columns rest on."""

    @property
    def basis(self) -> str:
        """Digest of policy timeline, fold and posting rules."""

    @property
    def layout(self) -> str:
        """Digest of what makes columns of documents."""


class Records(Protocol):
    """What stands beside the accounts: products, commitments to persons, money without a name."""

    def add_product(self, code: str, version: int, body: Document) -> bool:
        """Add a version of a product; False where it is there, which then is the same to the letter.

        Raises:
            ArrearsError: `product.version_taken` where another body has this version.
        """

    def product(self, code: str, version: int | None = None) -> tuple[int, Document] | None:
        """A version of a product and its body, the latest where none is named; None: no such."""

    def products(self, code: str | None = None) -> Sequence[tuple[str, int, Document]]:
        """Code, version and body of every version of a product, or of all; by code and version."""

    def keep_snapshot(self, digest: str, body: Document) -> None:
        """Keep the values and sources that contracts are signed under, once under their digest."""

    def snapshot(self, digest: str) -> Document | None:
        """What is kept under a digest; None: nothing."""

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

    def taken_by(self, channel: str, source_ref: str) -> Document | None:
        """What a line was recorded as: {"account_id", "event_id", "amount"?}, or {"receipt_id"}.

        None where nobody recorded it, or somebody does in a transaction that is still running.
        """

    def book_beside(self, rows: Sequence[JournalRow], policy_digest: str) -> None:
        """Append journal rows that belong to no account: money without a name."""


class Instructions(Protocol):
    """Money to be paid back and money asked for; each is told to the outbox once.

    `Work.write` keeps the tasks of accounts.
    """

    def add_refund_task(self, task: RefundTask) -> None:
        """Open a task to send a receipt back."""

    def refund_tasks(
        self, accounts: Sequence[str] | None = None, *, with_ended: bool = False
    ) -> Sequence[RefundTask]:
        """Tasks of accounts, or all, oldest first; those still open, or all."""

    def refund_task(self, task_id: str) -> RefundTask | None:
        """A task, ended or not; None: no such. Lock its account or receipt to hold it."""

    def end_refund_task(self, task_id: str, paid_on: date, source: tuple[str, str]) -> None:
        """Say that a task was paid, by which line; the caller holds it."""

    def take_line(self, channel: str, source_ref: str) -> bool:
        """Take a bank's line for a refund that is no event; False where somebody has it."""

    def add_collection(
        self, account: StoredAccount, collection: Collection, asked_at: datetime
    ) -> None:
        """Keep a request to draw money, and tell it to the outbox."""

    def collections(
        self, account_id: str | None = None, *, with_ended: bool = False
    ) -> Sequence[Collection]:
        """Requests of an account, or all, oldest first; those still waiting, or all."""

    def collection(self, request_id: str) -> Collection | None:
        """A request, ended or not; None: no such."""

    def end_collection(self, request_id: str, event_id: str | None, ended_at: datetime) -> bool:
        """Say that the payment of that event answered a request, or, where None, that it failed.

        False where the request had ended before.
        """


class Place(NamedTuple):
    """Where an account stands, and in which money."""

    slot: int
    currency: str


class NewEvent(NamedTuple):
    """An event to be appended, and the line it came by."""

    slot: int
    account_id: str
    document: Document
    channel: str
    source_ref: str


class ManyPayments(Protocol):
    """What a file of payments needs beside what one payment does."""

    def places_of(self, account_ids: Sequence[str]) -> Mapping[str, Place]:
        """Slot and currency of accounts; who is not there is unknown."""

    def hold(self, keys: Sequence[tuple[int, str]]) -> frozenset[str]:
        """Hold accounts until the transaction ends, locked in the order of their keys.

        Returns:
            The ids of those that are parked.
        """

    def lines_taken(self, sources: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Document]:
        """What lines were recorded as: {"account_id", "receipt_id", "type", "amount", "on", "reverses"}.

        What an event, a receipt or a refund does not have is None; a line nobody recorded is left out.
        """

    def notices_of(self, keys: Sequence[tuple[int, str]]) -> Mapping[str, Sequence[str]]:
        """The occasions of notices of arrears, oldest first, of accounts that were sent any."""

    def known_otherwise(
        self, keys: Sequence[tuple[int, str]], event_ids: Sequence[str], days: Sequence[date]
    ) -> frozenset[str]:
        """Accounts that have an event of this id, or were told to be overdue on this day or later."""

    def read_held(self, keys: Sequence[tuple[int, str]], frame: Basis) -> Read:
        """Accounts that are held, in columns."""

    def add_events(self, events: Sequence[NewEvent], recorded_at: datetime) -> bool:
        """Append events with their sources, many at once; False where a source was taken before.

        The caller must then give the transaction up.
        """

    def append_columns(self, keys: Sequence[tuple[int, str]], events: Sequence[bytes]) -> None:
        """Append events to the packed columns of accounts that are held."""


class Work(ManyPayments, Records, Instructions, Runs, Periods, Cases, Protocol):
    """One transaction. Nothing is visible to others before it ends well."""

    def lock(self, account_id: str) -> StoredAccount | None:
        """The account with all its events; its row stays locked until the transaction ends."""

    def lock_of_borrower(self, borrower_id: str) -> Sequence[StoredAccount]:
        """All accounts of a borrower with their events; their rows stay locked."""

    def read(self, keys: Sequence[tuple[int, str]]) -> Sequence[StoredAccount]:
        """Accounts with their events, no lock."""

    def posted(self, keys: Sequence[tuple[int, str]]) -> Mapping[str, Sequence[JournalRow]]:
        """All journal rows of accounts, by account id."""

    def add_account(self, account: StoredAccount) -> None:
        """Add an account; its id is new or the transaction fails."""

    def add_accounts(self, accounts: Sequence[StoredAccount], recorded_at: datetime) -> None:
        """Add accounts with all their events, many at once; an id that is not new fails them all."""

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

    def occasions(self, account: StoredAccount, kind: str) -> Sequence[str]:
        """The occasions on which an account was sent messages of a kind, oldest first."""

    def read_batch(self, business_on: date, slots: range, frame: Basis, asked: Asked) -> Read:
        """The accounts that a range asks for, in columns; no lock.

        Args:
            business_on: The day that is being closed.
            slots: The range.
            frame: Says which basis and layout are ours.
            asked: Which accounts are looked at.
        """

    def posted_columns(
        self, batch: AccountBatch, accounts: Array, since: Array, chart: Chart
    ) -> Array:
        """Journal rows of accounts, by position, under the days from `since` on: JOURNAL_COLUMNS.

        What was committed when it is asked: a batch is read before.
        """

    def write_batch(self, change: BatchChange, chart: Chart) -> Sequence[int]:
        """Write what folding a batch changed; returns positions of accounts not written.

        They are those whose version was no longer the one read, or all, where a message or an event
        of the batch stands already under its key.
        """

    def write(self, changes: Iterable[AccountChange]) -> Sequence[str]:
        """Write refolds with their events and refund tasks; returns the ids of those not written.

        They are the ones whose version was no longer the one read.
        """

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

    def worst_loan(self) -> str | None:
        """The active loan longest past due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAsked:
    """What is to be looked up for a payment, all at once."""

    caller: str
    command: str
    key: str  #: of the command
    account_id: str
    channel: str
    source_ref: str  #: the channel's own number of the line
    value_on: date  #: the day from which the payment may change what was posted
    basis: str  #: under another one it may from the first day
    policy_digest: str  #: the policy it will be posted under
    notice: str  #: the kind of the messages it may prove wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a payment needs to know of its account, which is held; nothing of what was signed."""

    before: tuple[str, Document] | None  #: digest and answer of the same command done before
    account: StoredAccount | None  #: without contract and events; None: there is no such account
    status: str = ""
    is_claimed: bool = (
        False  #: the line was free and is ours now; never while the account is parked
    )
    last_closed_on: date | None = None
    layout: str = ""  #: of the columns
    columns: Packed | None = None
    event_ids: tuple[str, ...] = ()  #: in the order of writing
    posted: tuple[
        JournalRow, ...
    ] = ()  #: sums by key and accounts, under days from `posted_from` on
    posted_from: date | None = None  #: None: the first day
    occasions: tuple[str, ...] = ()  #: of notices
    has_refund_task: bool = False  #: one that is open
    knows_policy: bool = False  #: whether journal rows named it before


class Payment(Protocol):
    """A transaction of one payment: everything is read in one exchange and written in another."""

    held: Held

    def record(
        self,
        change: AccountChange,
        event: Document,
        recorded_at: datetime,
        answer: Document,
        body_digest: str,
    ) -> None:
        """Write the event, what it changes, and the command's answer under the digest of its body."""


class Store(Protocol):
    """Where the books are kept."""

    def payment(self, asked: PaymentAsked) -> AbstractContextManager[Payment]:
        """Hold an account and claim a line; nothing is kept of it unless `record` was called.

        The same command elsewhere waits, as does whoever names the same account or line.
        """

    def unit_of_work(self) -> AbstractContextManager[Work]:
        """A transaction that commits if its block ends, and else leaves nothing."""

    def turn_to_close(self, stuck_after_seconds: int) -> AbstractContextManager[Turn]:
        """The right to close business, which one process has at a time; it ends with the block.

        Whoever holds it and has not moved for so long loses it, with all that it left uncommitted.

        Raises:
            ArrearsError: `close.running` where somebody else keeps it.
        """
