"""The whole book valued on any day, from its export: account by account, and added up by group."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from arrears.app.exporting import refuse_other_layout
from arrears.delinquency.ageing_columnar import scales_of
from arrears.delinquency.observation_columnar import classes_of, observations_of
from arrears.kernel.dates import days_of
from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import Component
from arrears.servicing.door import microseconds
from arrears.servicing.state import ALL_KNOWN
from arrears.servicing.valuing import value_book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from arrears.app.exporting import ExportFile, ExportFolder
    from arrears.delinquency.ageing import AgeingRules
    from arrears.servicing.book import Book, FoldBook
    from arrears.servicing.tables import Array
    from arrears.servicing.valuing import Valued

#: `Valued.broken` of an account whose documents cannot be read; no status of the fold has the number.
UNREAD = 1
#: What is added up of a group, in the order of `Totals`.
FIGURES = (
    "accounts", "broken", "owing", *(f"{each.name.lower()}_minor" for each in Component),
    "accrued_interest_minor", "overdue_minor", "credit_minor", "payoff_minor",
)  # fmt: skip

#: Sums in the order of `FIGURES`.
Totals = tuple[int, ...]


class Group(NamedTuple):
    """What totals are of; two currencies are never added."""

    currency: str
    group: str


@unique
class By(StrEnum):
    """What accounts are grouped by."""

    BUCKET = "bucket"
    PRODUCT = "product"
    FIVE_CLASS = "five_class"
    SLOT = "slot"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of an export."""

    as_of: date  #: past, today or future
    known_at: datetime | None  #: events recorded later are not read; None: all of the export are
    ageing: AgeingRules  #: bounds of buckets and classes on the day
    by: By


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A column of words: each account has the place of its own."""

    names: Sequence[str]
    places: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAccounts:
    """Accounts as an export has them; one place each in every column."""

    slots: Array
    account_ids: Any  #: handed through, of whatever kind reader and writer agree on
    products: Words
    currencies: Words
    is_unread: Array  #: 1: the documents cannot be read, and the book has an empty account
    book: Book


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedAccounts:
    """The same accounts with their values."""

    accounts: ExportedAccounts
    valued: Valued
    bucket: Words
    five_class: Words
    bureau: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTask:
    """One range of slots to be valued; whoever does it reads the files itself."""

    folder: str
    slots: range
    files: tuple[ExportFile, ...]  #: of `columns`, newest first
    question: Question
    to: str | None  #: folder for the accounts one by one; None: only totals are wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeValued:
    """What a range came to."""

    slots: range
    totals: Mapping[Group, Totals]


class ValueEngine(Protocol):
    """Values ranges, in whatever order and however many at once."""

    def value_ranges(self, tasks: Sequence[ValueTask]) -> Iterator[RangeValued]:
        """Value the ranges and say what each came to, as they end.

        Raises:
            ArrearsError: of the first range that failed; `engine.*`.
        """


class ValuationFolder(Protocol):
    """Where accounts with their values go to, one file a range."""

    path: str

    def begin(self) -> None:
        """Make the folder.

        Raises:
            ArrearsError: `value.folder_in_use` where something is in it.
        """

    def publish(self, valuation: Valuation) -> None:
        """Say that all files are there, and of what."""


@dataclass(slots=True, kw_only=True)
class Valuation:
    """The book on a day."""

    as_of: date
    known_at: datetime | None
    by: By
    export: int  #: number of the last export that was read
    exported_on: date  #: its day
    totals: dict[Group, Totals] = field(default_factory=dict)

    def figures(self) -> list[dict[str, object]]:
        """The groups in order, each figure under its name; amounts in minor units."""
        return [
            {
                "currency": group.currency,
                "group": group.group,
                **dict(zip(FIGURES, sums, strict=True)),
            }
            for group, sums in sorted(self.totals.items())
        ]

    def figure(self, name: str) -> int:
        """One figure over all groups, whatever their currency: for counts."""
        return sum(sums[FIGURES.index(name)] for sums in self.totals.values())


def value_export(
    folder: ExportFolder,
    source: str,
    layout: str,
    question: Question,
    engine: ValueEngine,
    *,
    to: ValuationFolder | None = None,
    on_range: Callable[[int, int], None] | None = None,
) -> Valuation:
    """Value an exported book on a day.

    Args:
        folder: The exports.
        source: The same by its name, as engines find it.
        layout: Digest of the program's columns.
        question: Which day, as known when, grouped by what.
        engine: Who folds.
        to: Where each account's values are written; None: nowhere.
        on_range: Told how many ranges are done, and of how many.

    Raises:
        ArrearsError: `export.none`, `export.other_schema`, `export.damaged`, `engine.*`, `value.*`.
    """
    manifest = folder.manifest()
    if manifest is None:
        raise ArrearsError(
            "export.none", where="--from", expected="a folder with exports", got="no manifest.json"
        )
    refuse_other_layout(manifest, layout)
    if to is not None:
        to.begin()
    last = manifest.exports[-1]
    valuation = Valuation(
        as_of=question.as_of,
        known_at=question.known_at,
        by=question.by,
        export=last.number,
        exported_on=last.day,
    )
    tasks = [
        ValueTask(
            folder=source,
            slots=slots,
            files=manifest.of("columns", slots),
            question=question,
            to=None if to is None else to.path,
        )
        for slots in manifest.ranges
    ]
    for at, done in enumerate(engine.value_ranges(tasks), start=1):
        add_totals(valuation.totals, done.totals)
        if on_range is not None:
            on_range(at, len(tasks))
    if to is not None:
        to.publish(valuation)
    return valuation


def add_totals(to: dict[Group, Totals], more: Mapping[Group, Totals]) -> None:
    """Add totals to others, group by group; a group that is new comes in."""
    for group, totals in more.items():
        before = to.get(group, (0,) * len(FIGURES))
        to[group] = tuple(one + other for one, other in zip(before, totals, strict=True))


def value_accounts(
    batches: Iterable[ExportedAccounts], question: Question, fold_book: FoldBook
) -> Iterator[ValuedAccounts]:
    """Value accounts batch by batch: the one way, whoever asks for it and wherever it runs.

    Args:
        batches: Each account once.
        question: The day, and what was known.
        fold_book: The compiled form, or the interpreted one.
    """
    as_of = days_of(question.as_of)
    known_at = ALL_KNOWN if question.known_at is None else microseconds(question.known_at)
    scales = scales_of(question.ageing)
    for accounts in batches:
        valued = value_book(accounts.book, as_of, known_at, fold_book=fold_book)
        valued.broken[accounts.is_unread == 1] = UNREAD
        days = valued.days_delinquent
        watched = observations_of(accounts.book, as_of, question.ageing, fold_book, known_at)
        classes = classes_of(scales.five_class, days, watched)
        yield ValuedAccounts(
            accounts=accounts,
            valued=valued,
            bucket=Words(names=scales.bucket.names, places=scales.bucket.of(days)),
            five_class=Words(names=scales.five_class.names, places=classes),
            bureau=Words(names=scales.bureau.names, places=scales.bureau.of(days)),
        )


def grouped(one: ValuedAccounts, by: By) -> Words:
    """Which group each account belongs to."""
    match by:
        case By.BUCKET:
            return one.bucket
        case By.FIVE_CLASS:
            return one.five_class
        case By.PRODUCT:
            return one.accounts.products
        case By.SLOT:
            slots, places = np.unique(one.accounts.slots, return_inverse=True)
            return Words(names=[f"{slot:04d}" for slot in slots.tolist()], places=places)
        case By.NONE:
            return Words(names=[""], places=np.zeros(len(one.accounts.slots), dtype=np.int64))


def totals_of(one: ValuedAccounts, by: By) -> dict[Group, Totals]:
    """Figures of a batch by group, as `FIGURES` names them; what is broken is counted, not added."""
    valued, groups, currencies = one.valued, grouped(one, by), one.accounts.currencies
    figures = np.column_stack(
        [
            np.ones(len(valued.broken), dtype=np.int64),
            valued.broken != 0,
            valued.payoff_minor > 0,
            valued.owed_minor,
            valued.accrued_minor,
            valued.overdue_minor,
            valued.credit_minor,
            valued.payoff_minor,
        ]
    ).astype(np.int64)
    figures[valued.broken != 0, 2:] = 0
    key = currencies.places * len(groups.names) + groups.places
    order = np.argsort(key, kind="stable")
    keys, begins = np.unique(key[order], return_index=True)
    sums = np.add.reduceat(figures[order], begins, axis=0) if len(keys) else figures
    return {
        Group(
            currencies.names[each // len(groups.names)], groups.names[each % len(groups.names)]
        ): tuple(row)
        for each, row in zip(keys.tolist(), sums.tolist(), strict=True)
    }
