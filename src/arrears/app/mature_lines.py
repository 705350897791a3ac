"""Revolving lines of a mature book: purchases, a statement a month as the close makes it, and payments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from arrears.app.mature_book import (
    CLOSED_ON,
    LINE_DAYS,
    LINE_LIMITS,
    LINE_OFFERS,
    OPENED_FROM,
    Drawn,
    Int64Array,
    numbers_of,
)
from arrears.app.mature_contracts import form_of, noon, terms_of
from arrears.app.mature_histories import (
    H_ACCOUNT,
    H_AMOUNT,
    H_ON,
    H_ROWS,
    H_TYPE,
    Histories,
    book_of_histories,
    gathered,
    happened,
    in_order,
    up_to,
)
from arrears.kernel.dates import date_of, days_of
from arrears.kernel.movement import INTEREST, PRINCIPAL
from arrears.kernel.rates import PPM
from arrears.servicing import layout as c
from arrears.servicing.book import Book, fold_once, offsets_of
from arrears.servicing.line import due_date_of, statement_on_or_after
from arrears.servicing.state import ALL_KNOWN

if TYPE_CHECKING:
    from datetime import date

    from arrears.app.mature_contracts import Signatures
    from arrears.servicing.book import FoldBook
    from arrears.servicing.contract import LineTerms

#: Of a thousand holders: the number below which they pay so; whoever is above stops paying.
ALL, LEAST, LEAST_LATE, HALF = 590, 750, 890, 930
MONTH_DAYS, HALF_MONTH_DAYS = 30, 15
#: Of a hundred half months, those with a purchase; it is at most a part of the limit.
BUYS_OF_HUNDRED, LARGEST_PART, LEAST_MINOR = 45, 12, 5_00
#: A holder who stops paying does so in one of the first months.
MONTHS_BEFORE_STOPPING = 16
LATE_DAYS_MAX, EARLY_DAYS_MAX = 14, 5
LATE_MULTIPLE_MINOR = 10_00
WRITTEN_OFF_DAYS, WRITTEN_OFF_OF_HUNDRED = 260, 85
# --- questions asked of an account's chance ---
Q_BUYS, Q_DAY, Q_AMOUNT, Q_STOPS, Q_LATE, Q_EARLY, Q_WRITTEN_OFF = range(10, 17)


@dataclass(slots=True, kw_only=True)
class Group:
    """Lines that are billed on the same day of the month, oldest first, and their tables so far.

    A line has room for all that may happen to it; what has not happened yet stands on a day that
    never comes, so that the fold reads the tables as they are after each statement.
    """

    who: Int64Array  #: int64[n], positions among all lines
    drawn: Drawn
    line: LineTerms
    stops_on: Int64Array  #: int64[n]; NEVER: pays for ever
    written_off_from: Int64Array  #: int64[n]; NEVER: not
    book: Book
    used: Int64Array  #: int64[n], events so far
    billed: Int64Array  #: int64[n], statements so far
    happened: list[Int64Array] = field(default_factory=list)

    def append(self, table: Int64Array) -> None:
        """Let something happen to lines, at most once to each."""
        at = table[:, H_ACCOUNT]
        place = self.book.event_offsets[at] + self.used[at]
        events = self.book.events
        events[place, c.E_ON], events[place, c.E_TYPE] = table[:, H_ON], table[:, H_TYPE]
        events[place, c.E_AMOUNT] = table[:, H_AMOUNT]
        events[place, c.E_TIE] = self.used[at]
        events[place, c.E_RECORDED] = noon(table[:, H_ON])
        is_statement = table[:, H_ROWS] > 0
        events[place, c.E_ROW_FIRST] = 1 + 2 * self.billed[at]
        events[place, c.E_ROW_COUNT] = np.where(is_statement, 2, 0)
        self.used[at] += 1
        self.happened.append(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines with all that happened to them, ready to be folded and written."""

    drawn: Drawn
    histories: Histories
    book: Book


def lines_of(drawn: Drawn, signatures: Signatures, fold_book: FoldBook) -> Lines:
    """Let lines live until the last closed day, statement by statement."""
    terms, orders = terms_of(drawn, signatures)
    groups = []
    for at in range(len(LINE_DAYS)):
        who = np.flatnonzero(drawn.offer // len(LINE_LIMITS) == at)
        who = who[np.argsort(drawn.opened_on[who], kind="stable")]
        if len(who):
            groups.append(new_group(drawn.part(who), who, terms[who], orders, signatures))
    for group in groups:
        for closes_on in statement_days(group.line):
            bill(group, closes_on, fold_book)
    histories, book = assembled(len(drawn), groups, terms, orders)
    return Lines(drawn=drawn, histories=histories, book=book)


def assembled(
    lines: int, groups: list[Group], terms: Int64Array, orders: Int64Array
) -> tuple[Histories, Book]:
    """Histories and book of all lines, in the order in which they were drawn."""
    tables, starts, counts = [], np.zeros(lines, dtype=np.int64), np.ones(lines, dtype=np.int64)
    rows, before = [], 0
    for group in groups:
        for table in group.happened:
            told = table.copy()
            told[:, H_ACCOUNT] = group.who[table[:, H_ACCOUNT]]
            tables.append(told)
        starts[group.who] = before + group.book.row_offsets[:-1]
        counts[group.who] = 1 + 2 * group.billed
        rows.append(group.book.rows)
        before += len(group.book.rows)
    table = np.concatenate([happened(starts[:0], starts[:0], 0, 0), *tables])
    histories = in_order(up_to(table, days_of(CLOSED_ON)), lines)
    kept = np.concatenate([np.zeros((0, c.ROW_COLUMNS), dtype=np.int64), *rows])
    book = book_of_histories(
        terms, orders, histories, kept[gathered(starts, counts)], counts, first_rows=1
    )
    return histories, book


def statement_days(line: LineTerms) -> list[date]:
    """The days up to the last closed one on which lines of a group are billed."""
    days, day = [], statement_on_or_after(OPENED_FROM, line.statement_day)
    while day <= CLOSED_ON:
        days.append(day)
        day = statement_on_or_after(date_of(days_of(day) + 1), line.statement_day)
    return days


def new_group(
    drawn: Drawn, who: Int64Array, terms: Int64Array, orders: Int64Array, signatures: Signatures
) -> Group:
    """Lines on the day they were opened, with what their holders will buy."""
    line = signatures.of(form_of(drawn, 0), int(drawn.opened_on[0])).contract.line
    assert line is not None  # noqa: S101 - for the types: lines have line terms
    stops = drawn.habit >= HALF
    in_month = numbers_of(drawn, Q_STOPS, MONTHS_BEFORE_STOPPING, 1)[:, 0]
    stops_on = np.where(stops, drawn.opened_on + MONTH_DAYS * in_month, c.NEVER)
    is_off = numbers_of(drawn, Q_WRITTEN_OFF, 100, 1)[:, 0] < WRITTEN_OFF_OF_HUNDRED
    bought = purchases(drawn, stops_on)
    closes = np.array([days_of(each) for each in statement_days(line)], dtype=np.int64)
    statements = len(closes) - np.searchsorted(closes, drawn.opened_on)
    buys = np.bincount(bought[:, H_ACCOUNT], minlength=len(drawn))
    events, event_offsets = room_for_events(buys + 2 * statements + 1)
    rows, row_offsets = room_for_rows(1 + 2 * statements)
    group = Group(
        who=who,
        drawn=drawn,
        line=line,
        stops_on=stops_on,
        written_off_from=np.where(stops & is_off, stops_on + WRITTEN_OFF_DAYS, c.NEVER),
        book=Book(
            terms=terms,
            orders=orders,
            events=events,
            event_offsets=event_offsets,
            rows=rows,
            row_offsets=row_offsets,
            event_ids=((),) * len(drawn),
        ),
        used=np.zeros(len(drawn), dtype=np.int64),
        billed=np.zeros(len(drawn), dtype=np.int64),
    )
    for each in once_each(bought):
        group.append(each)
    return group


def once_each(table: Int64Array) -> list[Int64Array]:
    """What happened, cut into tables in which no account stands twice."""
    table = table[np.argsort(table[:, H_ACCOUNT], kind="stable")]
    firsts = np.searchsorted(table[:, H_ACCOUNT], table[:, H_ACCOUNT])
    place = np.arange(len(table)) - firsts
    return [table[place == at] for at in range(int(place.max(initial=-1)) + 1)]


def room_for_events(counts: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Events on a day that never comes."""
    offsets = offsets_of(counts.tolist())
    events = np.full((int(offsets[-1]), c.EVENT_COLUMNS), c.NONE, dtype=np.int64)
    events[:, [c.E_ON, c.E_RECORDED]] = c.NEVER, ALL_KNOWN
    events[:, [c.E_SEQ, c.E_ROW_COUNT, c.E_IS_BACKDATED]] = 0
    events[:, c.E_TYPE] = c.EV_PURCHASED
    return events, offsets


def room_for_rows(counts: Int64Array) -> tuple[Int64Array, Int64Array]:
    """The unbilled row of each line, and room for its statements."""
    offsets = offsets_of(counts.tolist())
    rows = np.zeros((int(offsets[-1]), c.ROW_COLUMNS), dtype=np.int64)
    rows[offsets[:-1], c.R_KIND] = c.KIND_UNBILLED
    rows[offsets[:-1], c.R_DUE] = rows[offsets[:-1], c.R_AGEING_FROM] = c.NEVER
    return rows, offsets


def purchases(drawn: Drawn, stops_on: Int64Array) -> Int64Array:
    """What holders buy up to the last closed day, in some half months and not in others."""
    halves = (days_of(CLOSED_ON) - days_of(OPENED_FROM)) // HALF_MONTH_DAYS + 1
    begins = drawn.opened_on[:, None] + HALF_MONTH_DAYS * np.arange(halves)
    on = begins + numbers_of(drawn, Q_DAY, HALF_MONTH_DAYS, halves)
    limit = np.array([each.limit_minor for each in LINE_OFFERS])[drawn.offer]
    part = numbers_of(drawn, Q_AMOUNT, 2**40, halves) % (limit // LARGEST_PART)[:, None]
    buys = numbers_of(drawn, Q_BUYS, 100, halves) < BUYS_OF_HUNDRED
    buys &= (on <= days_of(CLOSED_ON)) & (on <= stops_on[:, None])
    who, when = np.nonzero(buys)
    return happened(who, on[who, when], c.EV_PURCHASED, LEAST_MINOR + part[who, when])


def bill(group: Group, closes_on: date, fold_book: FoldBook) -> None:
    """Close the statements of a day, and let holders answer them."""
    day = days_of(closes_on)
    opened = int(np.searchsorted(group.drawn.opened_on, day, "right"))
    if opened == 0:
        return
    billed_minor, interest_minor, accounts = outstanding(group.book, opened, day, fold_book)
    is_off = accounts[:, c.A_IS_CHARGED_OFF] == 1
    owes = accounts[:, c.A_PRINCIPAL] > 0
    goes_off = owes & ~is_off & (group.written_off_from[:opened] <= day)
    off = np.flatnonzero(goes_off)
    group.append(happened(off, np.full(len(off), day), c.EV_CHARGED_OFF, 0))
    at = np.flatnonzero((billed_minor + interest_minor > 0) & ~is_off & ~goes_off)
    line = group.line
    share_minor = (billed_minor[at] * line.minimum_share_ppm + PPM // 2) // PPM
    least_minor = np.minimum(billed_minor[at], np.maximum(share_minor, line.minimum_floor_minor))
    due = days_of(due_date_of(closes_on, line.due_day))
    put_rows(group, at, (day, due), least_minor, billed_minor[at], interest_minor[at])
    statement = happened(at, np.full(len(at), day), c.EV_STATEMENT_CLOSED, 0)
    statement[:, H_ROWS] = 2
    group.append(statement)
    group.billed[at] += 1
    asked_minor = least_minor + interest_minor[at]
    total_minor = billed_minor[at] + interest_minor[at]
    group.append(answers(group, at, (day, due), asked_minor, total_minor))


def outstanding(
    book: Book, lines: int, day: int, fold_book: FoldBook
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Principal and interest that a statement of the day would bill, and the folded accounts."""
    ends = int(book.event_offsets[lines]), int(book.row_offsets[lines])
    first = Book(
        terms=book.terms[:lines],
        orders=book.orders,
        events=book.events[: ends[0]],
        event_offsets=book.event_offsets[: lines + 1],
        rows=book.rows[: ends[1]],
        row_offsets=book.row_offsets[: lines + 1],
        event_ids=book.event_ids[:lines],
    )
    folded = fold_once(first, day, ALL_KNOWN, c.NONE, offsets_of([0] * lines), fold_book)
    kind, work = folded.rows[:, c.R_KIND], folded.work
    is_there = work[:, c.W_STATE] != c.ROW_ABSENT
    revolves = is_there & (kind == c.KIND_REVOLVING)
    starts = book.row_offsets[:lines]

    def left(component: int) -> Int64Array:
        met = work[:, c.W_PAID + component] + work[:, c.W_WAIVED + component]
        rest: Int64Array = work[:, c.W_DUE + component] - met
        return rest

    is_billed = revolves | (is_there & (kind == c.KIND_UNBILLED))
    principal_minor = np.add.reduceat(np.where(is_billed, left(PRINCIPAL), 0), starts)
    interest_minor = np.add.reduceat(np.where(revolves, left(INTEREST), 0), starts)
    return principal_minor, interest_minor, folded.accounts


def put_rows(
    group: Group,
    at: Int64Array,
    days: tuple[int, int],
    least_minor: Int64Array,
    billed_minor: Int64Array,
    interest_minor: Int64Array,
) -> None:
    """Write the row pairs of statements: what must be paid, and what may revolve."""
    rows, closes_on, due_on = group.book.rows, *days
    place = group.book.row_offsets[at] + 1 + 2 * group.billed[at]
    for more, kind in ((0, c.KIND_MINIMUM), (1, c.KIND_REVOLVING)):
        rows[place + more, c.R_NUMBER] = 2 * group.billed[at] + 1 + more
        rows[place + more, c.R_KIND] = kind
        rows[place + more, c.R_FROM] = closes_on
        rows[place + more, c.R_DUE] = rows[place + more, c.R_AGEING_FROM] = due_on
    rows[place, c.R_PRINCIPAL] = least_minor
    rows[place + 1, c.R_PRINCIPAL] = billed_minor - least_minor
    rows[place, c.R_INTEREST] = rows[place, c.R_CARRIED] = interest_minor


def answers(
    group: Group,
    at: Int64Array,
    days: tuple[int, int],
    asked_minor: Int64Array,
    total_minor: Int64Array,
) -> Int64Array:
    """What holders pay on a statement, by their habits."""
    drawn, (closes_on, due_on) = group.drawn.part(at), days
    habit = drawn.habit
    month = closes_on // MONTH_DAYS
    early = numbers_of(drawn, Q_EARLY * MONTH_DAYS + month, EARLY_DAYS_MAX, 1)[:, 0]
    late = 1 + numbers_of(drawn, Q_LATE * MONTH_DAYS + month, LATE_DAYS_MAX - 1, 1)[:, 0]
    is_late = (habit >= LEAST) & (habit < LEAST_LATE)
    up_minor = -(-asked_minor // LATE_MULTIPLE_MINOR) * LATE_MULTIPLE_MINOR
    half_minor = np.maximum(asked_minor, total_minor // 2)
    pays_all = (habit < ALL) | (habit >= HALF)
    amount_minor = np.select(
        [pays_all, habit < LEAST, is_late],
        [total_minor, asked_minor, np.minimum(up_minor, total_minor)],
        half_minor,
    )
    on = due_on + np.where(is_late, late, np.where(pays_all, -early, 0))
    pays = (closes_on < group.stops_on[at]) & (amount_minor > 0)
    return happened(at[pays], on[pays], c.EV_REPAID, amount_minor[pays])
