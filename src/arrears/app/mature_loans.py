"""Loans of a mature book: borrowers who pay on time, early, late, in parts, back, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arrears.app.mature_book import CLOSED_ON, OFFERS, Drawn, Int64Array, numbers_of
from arrears.app.mature_contracts import ROWS_MAX, terms_of
from arrears.app.mature_histories import (
    H_ACCOUNT,
    H_ROWS,
    H_TARGET,
    Histories,
    book_of_histories,
    gathered,
    happened,
    in_order,
    part_of,
    up_to,
)
from arrears.kernel.dates import days_of
from arrears.servicing import layout as c
from arrears.servicing.book import fold_once, offsets_of
from arrears.servicing.state import ALL_KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrears.app.mature_contracts import Plan, Schedule, Signatures
    from arrears.servicing.book import Book, FoldBook

#: Of a thousand borrowers: the number below which they pay so; whoever is above stops paying.
ON_TIME, EARLY, LATE, IN_PARTS, RETURNED, LEAVES = 600, 705, 885, 920, 945, 958
#: Of a hundred due dates of who pays late; by how many days.
LATE_OF_HUNDRED, LATE_DAYS_MAX = 30, 26
EARLY_DAYS_MAX, REST_DAYS_MAX = 6, 20
#: Of a hundred fen of an instalment paid in parts.
FIRST_PART = 60
#: A direct debit comes back after so many days, and is paid after so many more.
COMES_BACK_DAYS, PAID_AGAIN_DAYS_MAX = 2, 6
#: Who stops paying is written off after so many days, most of them.
WRITTEN_OFF_DAYS, WRITTEN_OFF_DAYS_MORE, WRITTEN_OFF_OF_HUNDRED = 210, 60, 90
#: About what a day late costs, as a part of the instalment; whoever pays late pays whole yuan.
LATE_COSTS, FEN = 1_500, 100
# --- questions asked of an account's chance ---
Q_IS_LATE, Q_LATE_DAYS, Q_EARLY_DAYS, Q_WHICH, Q_AGAIN_DAYS, Q_WRITTEN_OFF, Q_OFF_DAYS = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What loans have signed, instalment by instalment; NEVER and 0 where there is none."""

    first: Int64Array  #: int64[n], where a loan's rows begin in `rows`
    count: Int64Array  #: int64[n]
    rows: Int64Array  #: of all schedules, one after another
    due_on: Int64Array  #: int64[n, ROWS_MAX]
    total_minor: Int64Array  #: int64[n, ROWS_MAX]


def plans_of_loans(drawn: Drawn, schedules: Mapping[Plan, Schedule]) -> Plans:
    """Lay out the schedules of loans."""
    keys = list(
        zip(drawn.offer.tolist(), drawn.opened_on.tolist(), drawn.is_busy.tolist(), strict=True)
    )
    used = sorted(set(keys))
    place = {key: at for at, key in enumerate(used)}
    counts = np.array([len(schedules[key].rows) for key in used], dtype=np.int64)
    starts = offsets_of(counts.tolist())[:-1]
    rows = np.concatenate(
        [np.zeros((0, c.ROW_COLUMNS), dtype=np.int64), *(schedules[key].rows for key in used)]
    )
    mine = np.array([place[key] for key in keys], dtype=np.int64)
    first, count = starts[mine], counts[mine]
    due_on = np.full((len(drawn), ROWS_MAX), c.NEVER, dtype=np.int64)
    total_minor = np.zeros((len(drawn), ROWS_MAX), dtype=np.int64)
    has = np.arange(ROWS_MAX) < count[:, None]
    at = gathered(first, count)
    due_on[has] = rows[at, c.R_DUE]
    total_minor[has] = rows[at][:, [c.R_PRINCIPAL, c.R_INTEREST, c.R_FEE]].sum(axis=1)
    return Plans(first=first, count=count, rows=rows, due_on=due_on, total_minor=total_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """When each instalment is paid, and how much; the last payment settles and is found by the fold."""

    on: Int64Array  #: int64[n, ROWS_MAX], NEVER: not
    amount_minor: Int64Array  #: int64[n, ROWS_MAX]
    rest_on: Int64Array  #: a second part; NEVER: none
    rest_minor: Int64Array
    comes_back_on: Int64Array  #: int64[n, ROWS_MAX]; NEVER: it stays
    settles_on: Int64Array  #: int64[n]; NEVER: not
    written_off_on: Int64Array  #: int64[n]; NEVER: not


def paying(drawn: Drawn, plans: Plans) -> Paying:
    """Let every borrower pay by their habit."""
    habit = drawn.habit[:, None]
    due_on, total_minor = plans.due_on, plans.total_minor

    def ask(question: int, most: int, columns: int = ROWS_MAX) -> Int64Array:
        return numbers_of(drawn, question, most, columns)

    at = np.arange(ROWS_MAX)
    last = plans.count - 1
    which = ask(Q_WHICH, 2**40, 1)[:, 0] % np.maximum(1, last)
    has = at < plans.count[:, None]
    is_early = (habit >= ON_TIME) & (habit < EARLY)
    is_late = (habit >= EARLY) & (habit < LATE) & (ask(Q_IS_LATE, 100) < LATE_OF_HUNDRED)
    is_in_parts = (habit >= LATE) & (habit < IN_PARTS) & (at < last[:, None])
    is_returned = (habit >= IN_PARTS) & (habit < RETURNED) & (at == which[:, None])
    leaves = (habit >= RETURNED) & (habit < LEAVES)
    stops = habit[:, 0] >= LEAVES
    end = np.where(leaves[:, 0] | stops, which, last)
    on = due_on - np.where(is_early, ask(Q_EARLY_DAYS, EARLY_DAYS_MAX), 0)
    on = on + np.where(is_late, 1 + ask(Q_LATE_DAYS, LATE_DAYS_MAX - 1), 0)
    late_minor = total_minor + total_minor * (on - due_on) // LATE_COSTS
    amount_minor = np.where(is_late, -(-late_minor // FEN) * FEN, total_minor)
    amount_minor = np.where(is_in_parts, total_minor * FIRST_PART // 100, amount_minor)
    is_paid = has & (at < end[:, None])
    rest = due_on + 1 + ask(Q_LATE_DAYS, REST_DAYS_MAX)
    again = due_on + COMES_BACK_DAYS + 1 + ask(Q_AGAIN_DAYS, PAID_AGAIN_DAYS_MAX)
    rest_on = np.where(is_in_parts, rest, np.where(is_returned, again, c.NEVER))
    settles_on = np.take_along_axis(on, end[:, None], axis=1)[:, 0]
    unpaid_from = np.take_along_axis(due_on, end[:, None], axis=1)[:, 0]
    off = stops & (ask(Q_WRITTEN_OFF, 100, 1)[:, 0] < WRITTEN_OFF_OF_HUNDRED)
    off_on = unpaid_from + WRITTEN_OFF_DAYS + ask(Q_OFF_DAYS, WRITTEN_OFF_DAYS_MORE, 1)[:, 0]
    return Paying(
        on=np.where(is_paid, on, c.NEVER),
        amount_minor=amount_minor,
        rest_on=np.where(is_paid, rest_on, c.NEVER),
        rest_minor=np.where(is_in_parts, total_minor - amount_minor, total_minor),
        comes_back_on=np.where(is_paid & is_returned, due_on + COMES_BACK_DAYS, c.NEVER),
        settles_on=np.where(stops, c.NEVER, settles_on),
        written_off_on=np.where(off, off_on, c.NEVER),
    )


def payments(drawn: Drawn, paid: Paying) -> Int64Array:
    """All that happened to loans up to the last closed day, but for what settles them."""
    everyone = np.arange(len(drawn))
    of_row = np.repeat(everyone, ROWS_MAX)
    lent = np.array([each.principal_minor for each in OFFERS])[drawn.offer]
    first = happened(everyone, drawn.opened_on, c.EV_DISBURSED, lent)
    parts = happened(of_row, paid.on.ravel(), c.EV_REPAID, paid.amount_minor.ravel())
    rests = happened(of_row, paid.rest_on.ravel(), c.EV_REPAID, paid.rest_minor.ravel())
    backs = happened(of_row, paid.comes_back_on.ravel(), c.EV_REVERSED, 0)
    backs[:, H_TARGET] = len(first) + np.arange(len(backs))
    offs = happened(everyone, paid.written_off_on, c.EV_CHARGED_OFF, 0)
    return up_to(np.concatenate([first, parts, rests, backs, offs]), days_of(CLOSED_ON))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loans:
    """Loans with all that happened to them, ready to be folded and written."""

    drawn: Drawn
    histories: Histories
    book: Book


def loans_of(
    drawn: Drawn, schedules: Mapping[Plan, Schedule], signatures: Signatures, fold_book: FoldBook
) -> Loans:
    """Let loans live until the last closed day.

    What settles a loan is what it then owes to the fen, so the fold is asked, all loans that are
    settled on a day at once.
    """
    plans = plans_of_loans(drawn, schedules)
    paid = paying(drawn, plans)
    terms, orders = terms_of(drawn, signatures)
    table = payments(drawn, paid)
    settled = np.flatnonzero(paid.settles_on <= days_of(CLOSED_ON))
    settled = settled[np.argsort(paid.settles_on[settled], kind="stable")]
    before = histories_of(table, plans, settled)
    book = book_of_histories(
        terms[settled], orders, before, rows_of(plans, settled), plans.count[settled]
    )
    owed_minor = payoffs(book, paid.settles_on[settled], fold_book)
    last = happened(settled, paid.settles_on[settled], c.EV_REPAID, owed_minor)
    everyone = np.arange(len(drawn))
    histories = histories_of(np.concatenate([table, last[owed_minor > 0]]), plans, everyone)
    return Loans(
        drawn=drawn,
        histories=histories,
        book=book_of_histories(terms, orders, histories, rows_of(plans, everyone), plans.count),
    )


def rows_of(plans: Plans, chosen: Int64Array) -> Int64Array:
    """The signed rows of some loans, one loan after another."""
    return plans.rows[gathered(plans.first[chosen], plans.count[chosen])]


def histories_of(table: Int64Array, plans: Plans, chosen: Int64Array) -> Histories:
    """The histories of some loans, numbered anew in the order given."""
    place = np.full(len(plans.count), c.NONE, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    kept = place[table[:, H_ACCOUNT]] != c.NONE
    moved = np.cumsum(kept) - 1
    mine = table[kept]
    has_target = mine[:, H_TARGET] != c.NONE
    mine[has_target, H_TARGET] = moved[mine[has_target, H_TARGET]]
    mine[:, H_ACCOUNT] = place[mine[:, H_ACCOUNT]]
    histories = in_order(mine, len(chosen))
    histories.happened[histories.places == 0, H_ROWS] = plans.count[chosen]
    return histories


def payoffs(book: Book, on: Int64Array, fold_book: FoldBook) -> Int64Array:
    """What each loan owes on its day, minor units.

    Args:
        book: Loans in the order of those days.
        on: int64[n], rising.
        fold_book: The fold.
    """
    owed_minor = np.zeros(len(on), dtype=np.int64)
    days, firsts = np.unique(on, return_index=True)
    for day, first, end in zip(
        days.tolist(), firsts.tolist(), [*firsts[1:].tolist(), len(on)], strict=True
    ):
        part = part_of(book, first, end)
        none = offsets_of([0] * len(part))
        folded = fold_once(part, day, ALL_KNOWN, c.NONE, none, fold_book)
        owed_minor[first:end] = folded.accounts[:, c.A_PAYOFF]
    return owed_minor
