"""The columnar export: what changed since the last one, a range of slots at a time, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import SLOTS

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import date, datetime

#: Of tables, columns and folders; another one is refused, never guessed at.
SCHEMA = 1
#: Every table of an export, in the order in which it is written.
TABLES = ("accounts", "columns", "events", "journal")
#: Accounts of a range of slots, about, when the first export lays them out.
ACCOUNTS_A_RANGE = 65_536
#: However small the book, so many ranges, for several processes to have something to do.
RANGES_MIN = 4
#: However large, no more: each export writes files into every range.
RANGES_MAX = 256

#: Rows of tables by the table's name; of what kind is between source and folder.
Batches = Iterable[Mapping[str, Any]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A book at the moment of an export."""

    book: str  #: names the database, so that no export mixes two books
    snapshot: str  #: which transactions had ended, in the server's own words
    day: date  #: last closed; the day before the first account's where none is
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One file of an export."""

    table: str
    slots: range
    export: int  #: number of the export that wrote it, 1 for the first
    path: str  #: below the folder
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDone:
    """One export into a folder."""

    number: int
    day: date
    exported_at: datetime
    snapshot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that a folder holds; what it does not list is not there."""

    schema: int
    layout: str  #: digest of the program's columns
    book: str
    ranges: tuple[range, ...]  #: of slots; laid out by the first export, kept by all later ones
    exports: tuple[ExportDone, ...]
    files: tuple[ExportFile, ...]

    def of(self, table: str, slots: range) -> tuple[ExportFile, ...]:
        """The files of a table and a range, newest first: of what comes twice, the first one met holds."""
        mine = [each for each in self.files if (each.table, each.slots) == (table, slots)]
        return tuple(sorted(mine, key=lambda each: -each.export))


class BookAtMoment(Protocol):
    """The book in one transaction that sees all that was committed at its moment, and nothing later."""

    moment: Moment

    def changed_accounts(self, slots: range, known: Mapping[str, int]) -> Batches:
        """`accounts` and `columns` of each account whose version is not the one known by its id."""

    def new_rows(self, table: str, slots: range, since: str | None) -> Batches:
        """Rows of `events` or `journal` whose transaction had not ended at that snapshot."""


class BookSource(Protocol):
    """Where books come from."""

    def at_one_moment(self) -> AbstractContextManager[BookAtMoment]:
        """The book as it is now, and stays within the block.

        Raises:
            ArrearsError: `close.nothing_booked`, `store.*`.
        """


class ExportFolder(Protocol):
    """Where exports go to."""

    def turn(self) -> AbstractContextManager[None]:
        """The right to write here, which one process has at a time.

        Raises:
            ArrearsError: `export.running`.
        """

    def manifest(self) -> Manifest | None:
        """What the folder holds; None: nothing yet.

        Raises:
            ArrearsError: `export.other_schema`, `export.damaged`.
        """

    def versions(self, files: Iterable[ExportFile]) -> Mapping[str, int]:
        """The newest version of each account that these files of `accounts` hold, by its id."""

    def write(self, done: ExportDone, slots: range, batches: Batches) -> Iterable[ExportFile]:
        """Write rows under names that nobody reads yet; a table without any gets no file."""

    def publish(self, manifest: Manifest) -> None:
        """Give the new files their names, then put the manifest in the place of the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export did."""

    done: ExportDone
    files: tuple[ExportFile, ...]  #: written by this one

    def rows(self, table: str) -> int:
        """How many rows of a table were written."""
        return sum(each.rows for each in self.files if each.table == table)


def export_book(
    source: BookSource,
    folder: ExportFolder,
    layout: str,
    clock: Callable[[], datetime],
    on_range: Progress | None = None,
) -> Exported:
    """Write to a folder what changed since its last export; stopped anywhere, the last one stands.

    Args:
        source: The book.
        folder: Empty, or with earlier exports of the same book.
        layout: Digest of the program's columns.
        clock: Says when.
        on_range: Told how many ranges of slots are written, and of how many.

    Raises:
        ArrearsError: `export.*`, `close.nothing_booked`, `store.*`.
    """
    with folder.turn(), source.at_one_moment() as book:
        before, now = folder.manifest(), book.moment
        if before is not None:
            refuse_other_book(before, now, layout)
        ranges = laid_out(now.accounts) if before is None else before.ranges
        done = ExportDone(
            number=1 if before is None else before.exports[-1].number + 1,
            day=now.day,
            exported_at=clock(),
            snapshot=now.snapshot,
        )
        files: list[ExportFile] = []
        for at, slots in enumerate(ranges, start=1):
            files += folder.write(done, slots, changes(book, folder, before, slots))
            if on_range is not None:
                on_range(at, len(ranges))
        folder.publish(
            Manifest(
                schema=SCHEMA,
                layout=layout,
                book=now.book,
                ranges=ranges,
                exports=(*(before.exports if before else ()), done),
                files=(*(before.files if before else ()), *files),
            )
        )
    return Exported(done=done, files=tuple(files))


def changes(
    book: BookAtMoment, folder: ExportFolder, before: Manifest | None, slots: range
) -> Batches:
    """All rows of a range that the folder does not hold yet."""
    known = {} if before is None else folder.versions(before.of("accounts", slots))
    since = None if before is None else before.exports[-1].snapshot
    yield from book.changed_accounts(slots, known)
    for table in ("events", "journal"):
        yield from book.new_rows(table, slots, since)


def refuse_other_book(before: Manifest, now: Moment, layout: str) -> None:
    """Refuse to add to what another book, or another program, exported.

    Raises:
        ArrearsError: `export.other_book`, `export.other_schema`.
    """
    if before.book != now.book:
        raise ArrearsError(
            "export.other_book",
            where="--to",
            expected="a folder without exports, or with those of this book",
            got=f"one of the book {before.book}; this is {now.book}",
        )
    refuse_other_layout(before, layout)


def refuse_other_layout(manifest: Manifest, layout: str) -> None:
    """Refuse columns that another program packed: the same place in them may mean something else.

    Raises:
        ArrearsError: `export.other_schema`.
    """
    if manifest.layout != layout:
        raise ArrearsError(
            "export.other_schema",
            where="manifest.json, field layout",
            expected=f"columns laid out as {layout}",
            got=manifest.layout,
        )


def laid_out(accounts: int) -> tuple[range, ...]:
    """Equal ranges of slots, a power of two of them, each with about as many accounts as it may.

    Example:
        >>> laid_out(10)[-1]
        range(3072, 4096)
    """
    many = RANGES_MIN
    while many * ACCOUNTS_A_RANGE < accounts and many < RANGES_MAX:
        many *= 2
    width = SLOTS // many
    return tuple(range(first, first + width) for first in range(0, SLOTS, width))
