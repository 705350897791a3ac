"""Statements of many lines at once; the same events and messages as `statements` makes one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from arrears.app.batch import Made
from arrears.app.statements import statement_message
from arrears.kernel.dates import date_of, days_of
from arrears.servicing import layout as c
from arrears.servicing.book import fold_all, selected, with_appended
from arrears.servicing.book_rows import billed, is_billable, rows_of_book
from arrears.servicing.door import ROUNDINGS, microseconds
from arrears.servicing.events import Event
from arrears.servicing.layout import EventType
from arrears.servicing.line import bill, statement_on_or_after, statement_rows
from arrears.servicing.state import ALL_KNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from arrears.app.batch import Mask
    from arrears.app.ports import Message
    from arrears.servicing.book import Book, FoldBook
    from arrears.servicing.line import Statement
    from arrears.servicing.tables import Array

#: Day counts whose periods are weighed by the calendar alone; rows of others are made from records.
PLAIN_DAY_COUNTS = (c.DAY_COUNT_ACTUAL_360, c.DAY_COUNT_ACTUAL_365)
ROUNDING_OF = {code: rounding for rounding, code in ROUNDINGS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bills:
    """The statements of a batch."""

    book: Book  #: with the statements among its events
    of: Array  #: int64[n], rising: the accounts that got one
    made: Sequence[Made]
    messages: Sequence[Message]
    by_records: Mask  #: accounts whose statement is to be made from their records


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAsks:
    """What decides how much of a bill must be paid, and when."""

    due_day: int
    minimum_share_ppm: int
    minimum_floor_minor: int


@cache
def first_statement(since: int, statement_day: int) -> int:
    """The first statement date from a day on; days since 1970-01-01."""
    return days_of(statement_on_or_after(date_of(since), statement_day))


def make_statements(
    book: Book, since: Array, day: date, recorded_at: datetime, fold_book: FoldBook
) -> Bills:
    """Make the statements that are due on the day that is closed.

    Args:
        book: Accounts of all kinds, as they are folded on the day.
        since: int64[n], the first day whose close has not dealt with the account.
        day: The day that is being closed.
        recorded_at: When the close makes them, aware.
        fold_book: The compiled form, or the interpreted one.
    """
    due = lines_due(book, since, days_of(day))
    strange = np.zeros(len(book), dtype=np.bool_)
    strange[due] = is_strange(book, due, days_of(day), microseconds(recorded_at))
    asked = due[~strange[due]]
    lines = selected(book, asked)
    folded = fold_all(lines, days_of(day), ALL_KNOWN, posting=c.NONE, fold_book=fold_book)
    rows = rows_of_book(folded)
    strange[asked] |= folded.accounts[:, c.A_STATUS] != c.STATUS_OK
    has_bill = is_billable(rows, folded.accounts[:, c.A_IS_CHARGED_OFF] == 1) & ~strange[asked]
    principal_minor, interest_minor = billed(rows, len(lines))
    places = np.flatnonzero(has_bill)
    numbers = next_numbers(lines)
    bills = [
        bill(
            int(principal_minor[at]),
            int(interest_minor[at]),
            day,
            asks_of(lines.terms[at].tolist()),
            ROUNDING_OF[int(lines.terms[at, c.T_ROUNDING])],
        )
        for at in places.tolist()
    ]
    events = [
        Event(
            event_id=f"statement-{day.isoformat()}",
            type=EventType.STATEMENT_CLOSED,
            value_on=day,
            recorded_at=recorded_at,
            seq=0,
            rows=statement_rows(each, int(numbers[at])),
        )
        for each, at in zip(bills, places.tolist(), strict=True)
    ]
    return appended(book, asked[places], bills, events, strange)


def lines_due(book: Book, since: Array, day: int) -> Array:
    """Lines of which a statement day has come that no close has dealt with; as `is_statement_due`."""
    statement_day = book.terms[:, c.T_STATEMENT_DAY]
    lines = np.flatnonzero(statement_day > 0)
    reached = has_come(since[lines], statement_day[lines], day)
    lines = lines[reached]
    if not len(lines):
        return lines
    since = since.copy()
    account = np.repeat(np.arange(len(book)), np.diff(book.event_offsets))
    events = book.events
    is_made = (events[:, c.E_TYPE] == c.EV_STATEMENT_CLOSED) & (events[:, c.E_ON] <= day)
    erasing = np.flatnonzero(events[:, c.E_TARGET] != c.NONE)
    is_made[book.event_offsets[account[erasing]] + events[erasing, c.E_TARGET]] = False
    np.maximum.at(since, account[is_made], events[is_made, c.E_ON] + 1)
    return lines[has_come(since[lines], statement_day[lines], day)]


def has_come(since: Array, statement_day: Array, day: int) -> Mask:
    """Whether the first statement date from each day on has come."""
    pairs, place = np.unique(np.stack((since, statement_day), axis=1), axis=0, return_inverse=True)
    come = [first_statement(*pair) <= day for pair in pairs.tolist()]
    found: Mask = np.array(come, dtype=np.bool_)[place.reshape(-1)]
    return found


def is_strange(book: Book, of: Array, day: int, recorded_at: int) -> Mask:
    """Lines whose statement only their records can make.

    Those with another statement on the day (two need an order), whose periods are weighed by more
    than the calendar, that accrue daily, or know of something recorded after this close.
    """
    begins = book.event_offsets[:-1][of]
    account = np.repeat(np.arange(len(book)), np.diff(book.event_offsets))
    events = book.events
    twice = np.zeros(len(book), dtype=np.bool_)
    same_day = (events[:, c.E_TYPE] == c.EV_STATEMENT_CLOSED) & (events[:, c.E_ON] == day)
    twice[account[same_day | (events[:, c.E_RECORDED] > recorded_at)]] = True
    terms = book.terms[of]
    plain = np.isin(terms[:, c.T_DAY_COUNT], PLAIN_DAY_COUNTS) & (terms[:, c.T_ACCRUAL] == 0)
    empty = book.event_offsets[1:][of] == begins
    found: Mask = twice[of] | ~plain | empty
    return found


def next_numbers(book: Book) -> Array:
    """The number of the next row of each account's own contract."""
    account = np.repeat(np.arange(len(book)), np.diff(book.row_offsets))
    own = book.rows[:, c.R_CONTRACT] == 0
    most = np.zeros(len(book), dtype=np.int64)
    np.maximum.at(most, account[own], book.rows[own, c.R_NUMBER])
    return most + 1


def asks_of(terms: Sequence[int]) -> LineAsks:
    """What a line's terms ask of a bill."""
    return LineAsks(
        due_day=terms[c.T_DUE_DAY],
        minimum_share_ppm=terms[c.T_MINIMUM_SHARE],
        minimum_floor_minor=terms[c.T_MINIMUM_FLOOR],
    )


def appended(
    book: Book, of: Array, bills: Sequence[Statement], events: Sequence[Event], strange: Mask
) -> Bills:
    """The book with the statements among its events, and what the store writes of them."""
    signed = [row_vector(event, at) for event in events for at in range(len(event.rows))]
    rows = np.array(signed, dtype=np.int64).reshape(-1, c.ROW_COLUMNS)
    first_rows = np.diff(book.row_offsets)[of].tolist()
    vectors = [event_vector(each, first) for each, first in zip(events, first_rows, strict=True)]
    table = np.array(vectors, dtype=np.int64).reshape(-1, c.EVENT_COLUMNS)
    made = [
        Made(event=event, events=table[at].tobytes(), rows=rows[2 * at : 2 * at + 2].tobytes())
        for at, event in enumerate(events)
    ]
    return Bills(
        book=with_appended(book, of, table, np.repeat(of, 2), rows) if len(of) else book,
        of=of,
        made=made,
        messages=[
            statement_message(each, [event]) for each, event in zip(bills, events, strict=True)
        ],
        by_records=strange,
    )


def row_vector(event: Event, at: int) -> list[int]:
    """One of a statement's rows as the fold reads it; its period is weighed by the calendar."""
    row = event.rows[at]
    kind = c.KIND_MINIMUM if row.kind == "minimum" else c.KIND_REVOLVING
    due = days_of(row.due_on)
    begins = days_of(row.from_on or event.value_on)
    head = [row.contract, row.number, kind, begins, due]
    return [*head, *row.amounts_minor, row.carried_minor, 0, 0, due]


def event_vector(event: Event, first_row: int) -> list[int]:
    """A statement as the fold reads it; the only one of its day needs no rank among equals."""
    vector = [c.NONE] * c.EVENT_COLUMNS
    vector[c.E_ON] = days_of(event.value_on)
    vector[c.E_TYPE] = int(event.type)
    vector[c.E_SEQ] = event.seq
    vector[c.E_TIE] = 0
    vector[c.E_RECORDED] = microseconds(event.recorded_at)
    vector[c.E_AMOUNT] = event.amount_minor
    vector[c.E_ROW_FIRST] = first_row
    vector[c.E_ROW_COUNT] = len(event.rows)
    vector[c.E_IS_BACKDATED] = 0
    return vector
