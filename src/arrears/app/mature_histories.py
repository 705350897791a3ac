"""Histories of a mature book: what happened to accounts as one table, and the columns the fold takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arrears.app.mature_contracts import noon
from arrears.servicing import layout as c
from arrears.servicing.book import Book, offsets_of

if TYPE_CHECKING:
    from arrears.app.mature_book import Int64Array

# --- columns of what happened: one row an event, in any order ---
H_ACCOUNT = 0  #: position of the account
H_ON = 1
H_TYPE = 2
H_AMOUNT = 3
H_TARGET = 4  #: row of the event that this one erases; NONE: none
H_ROWS = 5  #: how many rows it brings
HAPPENED_COLUMNS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Accounts with all that happened to them, events in the order of their days."""

    happened: Int64Array  #: int64[n_events, HAPPENED_COLUMNS]; H_TARGET counts within the account
    places: Int64Array  #: int64[n_events], the place of each event among its account's, from 0
    counts: Int64Array  #: int64[n_accounts]


def happened(
    account: Int64Array, on: Int64Array, kind: int, amount_minor: Int64Array | int
) -> Int64Array:
    """Events of one type as rows of a table."""
    table = np.zeros((len(account), HAPPENED_COLUMNS), dtype=np.int64)
    table[:, H_ACCOUNT], table[:, H_ON], table[:, H_TYPE] = account, on, kind
    table[:, H_AMOUNT], table[:, H_TARGET] = amount_minor, c.NONE
    return table


def up_to(table: Int64Array, day: Int64Array | int) -> Int64Array:
    """What happened up to a day; a reversal goes with what it reverses."""
    kept = table[:, H_ON] <= day
    place = np.cumsum(kept) - 1
    left = table[kept]
    has_target = left[:, H_TARGET] != c.NONE
    left[has_target, H_TARGET] = place[left[has_target, H_TARGET]]
    return left


def in_order(table: Int64Array, accounts: int) -> Histories:
    """Put what happened into the order of accounts and days."""
    order = np.lexsort((table[:, H_TYPE], table[:, H_ON], table[:, H_ACCOUNT]))
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.arange(len(table))
    ordered = table[order]
    counts = np.bincount(ordered[:, H_ACCOUNT], minlength=accounts)
    starts = (np.cumsum(counts) - counts)[ordered[:, H_ACCOUNT]]
    has_target = ordered[:, H_TARGET] != c.NONE
    ordered[has_target, H_TARGET] = place[ordered[has_target, H_TARGET]] - starts[has_target]
    return Histories(
        happened=ordered,
        places=np.arange(len(ordered), dtype=np.int64) - starts,
        counts=counts.astype(np.int64),
    )


def events_of(histories: Histories, first_rows: int) -> Int64Array:
    """Events as the fold reads them.

    Args:
        histories: In order.
        first_rows: Rows of an account before those of its events: the unbilled row of a line.

    Returns:
        int64[n_events, EVENT_COLUMNS]; the ids that `names_of` gives rise with the order.
    """
    table = histories.happened
    events = np.full((len(table), c.EVENT_COLUMNS), c.NONE, dtype=np.int64)
    events[:, c.E_ON] = table[:, H_ON]
    events[:, c.E_TYPE] = table[:, H_TYPE]
    events[:, c.E_SEQ] = 0
    events[:, c.E_TIE] = ties_of(histories)
    events[:, c.E_RECORDED] = noon(table[:, H_ON])
    events[:, c.E_AMOUNT] = table[:, H_AMOUNT]
    events[:, c.E_TARGET] = table[:, H_TARGET]
    before = np.cumsum(table[:, H_ROWS]) - table[:, H_ROWS]
    of_account = before[histories.places == 0]
    events[:, c.E_ROW_FIRST] = (
        first_rows + before - np.repeat(of_account, histories.counts[histories.counts > 0])
    )
    events[:, c.E_ROW_COUNT] = table[:, H_ROWS]
    events[:, c.E_IS_BACKDATED] = 0
    return events


def ties_of(histories: Histories) -> Int64Array:
    """The rank of each event's id among its account's: numbered ones first, then statements."""
    is_statement = histories.happened[:, H_TYPE] == c.EV_STATEMENT_CLOSED
    starts = np.cumsum(histories.counts) - histories.counts
    account = histories.happened[:, H_ACCOUNT]
    statements = np.concatenate(([0], np.cumsum(is_statement)))
    before = statements[:-1] - statements[starts][account]
    ends = starts + histories.counts
    numbered = histories.counts - (statements[ends] - statements[starts])
    ties: Int64Array = np.where(is_statement, numbered[account] + before, histories.places - before)
    return ties


def book_of_histories(
    terms: Int64Array,
    orders: Int64Array,
    histories: Histories,
    rows: Int64Array,
    row_counts: Int64Array,
    first_rows: int = 0,
) -> Book:
    """The book that the fold takes.

    Args:
        terms: int64[n_accounts, TERM_COLUMNS].
        orders: Shared by all.
        histories: In order.
        rows: int64[all rows, ROW_COLUMNS], account after account.
        row_counts: int64[n_accounts].
        first_rows: As `events_of`.
    """
    return Book(
        terms=terms,
        orders=orders,
        events=events_of(histories, first_rows),
        event_offsets=offsets_of(histories.counts.tolist()),
        rows=rows,
        row_offsets=offsets_of(row_counts.tolist()),
        event_ids=((),) * len(terms),
    )


def part_of(book: Book, first: int, end: int) -> Book:
    """Some accounts of a book that lie beside each other; nothing is copied."""
    events, rows = book.event_offsets[first : end + 1], book.row_offsets[first : end + 1]
    return Book(
        terms=book.terms[first:end],
        orders=book.orders,
        events=book.events[events[0] : events[-1]],
        event_offsets=events - events[0],
        rows=book.rows[rows[0] : rows[-1]],
        row_offsets=rows - rows[0],
        event_ids=book.event_ids[first:end],
    )


def gathered(starts: Int64Array, counts: Int64Array) -> Int64Array:
    """The positions of runs that begin at `starts` and hold `counts`, one run after another."""
    ends = np.cumsum(counts)
    positions: Int64Array = np.repeat(starts - (ends - counts), counts) + np.arange(
        int(ends[-1]) if len(ends) else 0, dtype=np.int64
    )
    return positions
