"""Many accounts as one set of tables, and the fold over all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from arrears.kernel.errors import invariant
from arrears.kernel.movement import MOVEMENT_COLUMNS
from arrears.servicing import layout as c
from arrears.servicing.door import AccountColumns
from arrears.servicing.matrix import as_array, shaped, vector_of
from arrears.servicing.state import Folded

if TYPE_CHECKING:
    from arrears.servicing.matrix import Matrix
    from arrears.servicing.tables import Array

#: `fold_book`, compiled or interpreted; returns how many accounts broke an invariant.
FoldBook = Callable[..., int]
ORDER_BYTES = 8 * c.ORDER_COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Accounts one after another; account i owns what lies between its offset and the next."""

    terms: Array  #: int64[n_accounts, TERM_COLUMNS]
    orders: Array  #: shared, each order of allocation once
    events: Array
    event_offsets: Array  #: int64[n_accounts + 1]
    rows: Array
    row_offsets: Array  #: int64[n_accounts + 1]
    event_ids: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        """How many accounts."""
        return len(self.event_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedBook:
    """The tables after a fold of all accounts."""

    book: Book
    rows: Array
    work: Array
    accounts: Array  #: int64[n_accounts, ACCOUNT_COLUMNS]
    moves: Array
    move_offsets: Array

    def account(self, at: int) -> Folded:
        """One account's part, as a fold of it alone would leave it."""
        book = self.book
        mine = slice(*book.row_offsets[at : at + 2])
        return Folded(
            columns=AccountColumns(
                terms=vector_of(book.terms[at].tolist()),
                orders=of_array(book.orders),
                events=of_array(book.events[slice(*book.event_offsets[at : at + 2])]),
                rows=of_array(self.rows[mine]),
                event_ids=book.event_ids[at],
            ),
            work=of_array(self.work[mine]),
            account=vector_of(self.accounts[at].tolist()),
            moves=of_array(self.moves[slice(*self.move_offsets[at : at + 2])]),
        )

    def failed(self) -> tuple[int, ...]:
        """Accounts that broke an invariant, to be parked; their status is in the table."""
        return tuple(np.flatnonzero(self.accounts[:, c.A_STATUS]).tolist())


def of_array(table: Array) -> Matrix:
    """A copy of a numpy table as one account's records are read from."""
    return shaped(bytearray(np.ascontiguousarray(table).tobytes()), table.shape[1])


def offsets_of(counts: Sequence[int]) -> Array:
    """Where each part begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(np.array(counts, dtype=np.int64)))).astype(np.int64)


def book_of(accounts: Sequence[AccountColumns]) -> Book:
    """Lay accounts one after another; accounts with the same orders of allocation share them."""
    orders: list[Array] = []
    places: dict[bytes, int] = {}
    terms = np.zeros((len(accounts), c.TERM_COLUMNS), dtype=np.int64)
    held = 0
    for at, account in enumerate(accounts):
        key = account.orders.tobytes()
        if key not in places:
            places[key] = held
            orders.append(as_array(account.orders))
            held += len(account.orders)
        terms[at] = account.terms.tolist()
        terms[at, c.T_ORDER_FIRST] = places[key]
    return Book(
        terms=terms,
        orders=joined(orders, c.ORDER_COLUMNS),
        events=joined([as_array(account.events) for account in accounts], c.EVENT_COLUMNS),
        event_offsets=offsets_of([len(account.events) for account in accounts]),
        rows=joined([as_array(account.rows) for account in accounts], c.ROW_COLUMNS),
        row_offsets=offsets_of([len(account.rows) for account in accounts]),
        event_ids=tuple(account.event_ids for account in accounts),
    )


def laid_end_to_end(
    terms: bytes,
    orders: Sequence[bytes],
    *,
    rows: Array,
    row_offsets: Array,
    events: Array,
    event_offsets: Array,
) -> Book:
    """A book of packed accounts, whose tables stay as they are.

    Args:
        terms: int64[n, TERM_COLUMNS] as bytes, account after account.
        orders: Of each account, as packed; accounts with the same share them.
        rows: int64[all rows, ROW_COLUMNS].
        row_offsets: int64[n + 1], where each account's begin.
        events: int64[all events, EVENT_COLUMNS].
        event_offsets: int64[n + 1], likewise.
    """
    table = np.frombuffer(terms, dtype=np.int64).reshape(-1, c.TERM_COLUMNS).copy()
    places: dict[bytes, int] = {}
    held = 0
    for key in orders:
        if key not in places:
            places[key] = held
            held += len(key) // (ORDER_BYTES)
    table[:, c.T_ORDER_FIRST] = [places[key] for key in orders]
    return Book(
        terms=table,
        orders=np.frombuffer(b"".join(places), dtype=np.int64).reshape(-1, c.ORDER_COLUMNS),
        events=events,
        event_offsets=event_offsets,
        rows=rows,
        row_offsets=row_offsets,
        event_ids=((),) * len(table),
    )


def selected(book: Book, accounts: Array) -> Book:
    """Some accounts of a book, in the order given, in memory of their own."""
    rows, row_offsets = parts_of(book.rows, book.row_offsets, accounts)
    events, event_offsets = parts_of(book.events, book.event_offsets, accounts)
    return Book(
        terms=book.terms[accounts],
        orders=book.orders,
        events=events,
        event_offsets=event_offsets,
        rows=rows,
        row_offsets=row_offsets,
        event_ids=tuple(book.event_ids[at] for at in accounts.tolist()),
    )


def parts_of(table: Array, offsets: Array, accounts: Array) -> tuple[Array, Array]:
    """The rows of some accounts of a table, and where each account's begin."""
    lengths = np.diff(offsets)[accounts]
    begins = offsets_of(lengths.tolist())
    within = np.arange(int(begins[-1])) - np.repeat(begins[:-1], lengths)
    return table[np.repeat(offsets[:-1][accounts], lengths) + within], begins


def with_appended(book: Book, events_of: Array, events: Array, rows_of: Array, rows: Array) -> Book:
    """The book with events and the rows they own added to the ends of accounts.

    Args:
        book: Stays as it is.
        events_of: int64[n], rising: the account of each event.
        events: int64[n, EVENT_COLUMNS]; E_ROW_FIRST counts within the account.
        rows_of: int64[m], rising: the account of each row.
        rows: int64[m, ROW_COLUMNS].
    """
    return replace(
        book,
        events=np.insert(book.events, book.event_offsets[1:][events_of], events, axis=0),
        event_offsets=book.event_offsets + counted_before(events_of, len(book)),
        rows=np.insert(book.rows, book.row_offsets[1:][rows_of], rows, axis=0),
        row_offsets=book.row_offsets + counted_before(rows_of, len(book)),
    )


def counted_before(accounts: Array, count: int) -> Array:
    """How many of the numbers are below 0, 1, ... `count`: by how much offsets move."""
    return offsets_of(np.bincount(accounts, minlength=count).tolist())


def joined(tables: Sequence[Array], columns: int) -> Array:
    """Tables below one another; none at all is an empty one."""
    return np.concatenate([np.zeros((0, columns), dtype=np.int64), *tables])


def fold_all(
    book: Book, as_of: int, known_at: int, *, posting: int, fold_book: FoldBook
) -> FoldedBook:
    """Fold every account to a day; twice where movements are wanted: count, then fill.

    Args:
        book: The accounts; they stay as they are.
        as_of: Days since 1970-01-01.
        known_at: Microseconds since 1970-01-01 UTC.
        posting: NONE: state alone; 0: movements; 1: movements, also at month ends.
        fold_book: The compiled form, or the interpreted one.

    Returns:
        The tables; an account with a status other than 0 is listed by `failed`, none stops the rest.
    """
    folded = fold_once(book, as_of, known_at, posting, offsets_of([0] * len(book)), fold_book)
    counts = folded.accounts[:, c.A_MOVEMENTS].tolist()
    if any(counts):
        folded = fold_once(book, as_of, known_at, posting, offsets_of(counts), fold_book)
        invariant(
            folded.accounts[:, c.A_MOVEMENTS].tolist() == counts,
            "book.movements_differ",
            as_of=as_of,
        )
    return folded


def fold_once(
    book: Book, as_of: int, known_at: int, posting: int, move_offsets: Array, fold_book: FoldBook
) -> FoldedBook:
    """One run over all accounts with room for so many movements each."""
    rows = book.rows.copy()
    work = np.zeros((len(rows), c.WORK_COLUMNS), dtype=np.int64)
    accounts = np.zeros((len(book), c.ACCOUNT_COLUMNS), dtype=np.int64)
    moves = np.zeros((int(move_offsets[-1]), MOVEMENT_COLUMNS), dtype=np.int64)
    longest = [
        int(np.diff(offsets).max(initial=0)) for offsets in (book.row_offsets, book.event_offsets)
    ]
    fold_book(
        book.terms,
        book.orders,
        book.events,
        book.event_offsets,
        rows,
        book.row_offsets,
        as_of,
        known_at,
        posting,
        np.zeros(longest[0], dtype=np.int64),
        np.zeros(longest[1], dtype=np.int64),
        work,
        accounts,
        moves,
        move_offsets,
    )
    return FoldedBook(
        book=book, rows=rows, work=work, accounts=accounts, moves=moves, move_offsets=move_offsets
    )
