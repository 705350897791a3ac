"""What ages in days mean, for many accounts at once; the same answers as `ageing` gives one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arrears.delinquency.ageing import (
    CURRENT_BUCKET,
    NORMAL_BUREAU,
    NORMAL_CLASS,
    NOT_IN_FORCE,
    day_of_month_after,
)
from arrears.kernel.dates import date_of, days_of
from arrears.kernel.movement import FEE, INTEREST, PRINCIPAL
from arrears.servicing import layout as c
from arrears.servicing.book_rows import NO_DAY, is_billable, least_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from arrears.delinquency.ageing import AgeingRules
    from arrears.servicing.book import FoldedBook
    from arrears.servicing.book_rows import RowsOfBook
    from arrears.servicing.tables import Array

    Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """One named scale of ages on a day: position 0 is its name below the first bound."""

    names: tuple[str, ...]
    over_days: Array  #: int64[len(names) - 1], rising: exceeded strictly

    def of(self, days_delinquent: Array) -> Array:
        """The position of each age's name."""
        found: Array = np.searchsorted(self.over_days, days_delinquent, side="left")
        return found


def bands_of(bounds: Mapping[str, int] | None, below: str) -> Bands:
    """The scale of bounds in force; of none, everybody stands `NOT_IN_FORCE`."""
    if bounds is None:
        return Bands(names=(NOT_IN_FORCE,), over_days=np.zeros(0, dtype=np.int64))
    return Bands(names=(below, *bounds), over_days=np.array(list(bounds.values()), dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """The three scales of a day, and every bound of theirs."""

    bucket: Bands
    five_class: Bands
    bureau: Bands
    over_days: Array  #: all bounds, rising
    changes: Array  #: days on which the bounds may become others, days since 1970-01-01, rising


def scales_of(rules: AgeingRules) -> Scales:
    """The scales of a day, made once for many accounts."""
    every = {bound for each in (rules.bucket, rules.five_class, rules.bureau) if each is not None
             for bound in each.values()}  # fmt: skip
    return Scales(
        bucket=bands_of(rules.bucket, CURRENT_BUCKET),
        five_class=bands_of(rules.five_class, NORMAL_CLASS),
        bureau=bands_of(rules.bureau, NORMAL_BUREAU),
        over_days=np.array(sorted(every), dtype=np.int64),
        changes=np.array([days_of(each) for each in rules.changes_on], dtype=np.int64),
    )


def may_begin_to_age(terms: Array, accounts: Array) -> Mask:
    """As `state.may_begin_to_age`: an age of 0 past grace that may end by time alone."""
    held = (accounts[:, c.A_DAYS_PAST_DUE] > terms[:, c.T_GRACE_DAYS]) & (
        accounts[:, c.A_DAYS_DELINQUENT] == 0
    )
    overdue = sum(accounts[:, c.A_OVERDUE + each] for each in (PRINCIPAL, INTEREST, FEE))
    is_under_floor = overdue <= terms[:, c.T_MATERIALITY]
    grows = (terms[:, c.T_PENALTY_MODE] != c.PENALTY_REPLACES) & (
        accounts[:, c.A_IS_CHARGED_OFF] == 0
    )
    found: Mask = held & (grows | ~is_under_floor)
    return found


def next_actions(
    folded: FoldedBook, rows: RowsOfBook, day: int, scales: Scales, is_settled: Mask
) -> Array:
    """The first day after `day` on which each account is to be folded again, as `next_action_on`.

    Args:
        folded: The book, folded to `day`.
        rows: Of the same fold.
        day: Days since 1970-01-01.
        scales: Of the day.
        is_settled: Accounts whose rows ask for nothing any more.

    Returns:
        int64[n], days since 1970-01-01; NO_DAY where time alone will never change anything again.
        Events of days to come are among the days.
    """
    terms, accounts = folded.book.terms, folded.accounts
    after = np.full(len(accounts), NO_DAY, dtype=np.int64)
    for each in (
        *of_ages(terms, accounts, day, scales),
        of_rows(rows, terms, is_settled, day),
        of_timers(accounts, day),
        of_statements(terms, is_billable(rows, accounts[:, c.A_IS_CHARGED_OFF] == 1), day),
        of_events(folded, day),
    ):
        np.minimum(after, np.where(each > day, each, NO_DAY), out=after)
    return after


def of_ages(terms: Array, accounts: Array, day: int, scales: Scales) -> Sequence[Array]:
    """The days on which ages cross a bound, grace ends, interest leaves income, a floor is passed."""
    delinquent = accounts[:, c.A_DAYS_DELINQUENT]
    past_due = accounts[:, c.A_DAYS_PAST_DUE]
    later = scales.changes[scales.changes > day]
    place = np.searchsorted(scales.over_days, delinquent, side="left")
    bound = np.append(scales.over_days, NO_DAY)[place]
    limit = terms[:, c.T_NON_ACCRUAL_DAYS]
    leaves = (limit > 0) & (delinquent > 0) & (delinquent < limit)
    return (
        np.full(len(accounts), later[0] if len(later) else NO_DAY),
        np.where(delinquent > 0, day + bound + 1 - delinquent, NO_DAY),
        np.where(past_due > 0, day + terms[:, c.T_GRACE_DAYS] + 1 - past_due, NO_DAY),
        np.where(leaves, day + limit - delinquent, NO_DAY),
        np.where(may_begin_to_age(terms, accounts), day + 1, NO_DAY),
    )


def of_rows(rows: RowsOfBook, terms: Array, is_settled: Mask, day: int) -> Array:
    """Due dates to come; of what is due and open, the day after, and the end of grace."""
    counts = rows.is_shown & (rows.due < c.NEVER) & ~is_settled[rows.account]
    is_open = counts & rows.is_due & rows.outstanding_minor.any(axis=1)
    grace = terms[rows.account, c.T_GRACE_DAYS]
    turn = np.where(counts & (rows.due > day), rows.due, NO_DAY)
    for each in (rows.due + 1, rows.due + grace + 1):
        np.minimum(turn, np.where(is_open & (each > day), each, NO_DAY), out=turn)
    return least_of(turn, rows.account, len(terms))


def of_timers(accounts: Array, day: int) -> Array:
    """Ends of freezes and of temporary rates."""
    ends = accounts[:, [c.A_FROZEN_UNTIL, c.A_RATE_UNTIL]]
    found: Array = np.where(ends > day, ends, NO_DAY).min(axis=1)
    return found


def of_statements(terms: Array, has_bill: Mask, day: int) -> Array:
    """The next statement day of lines that have something to bill."""
    turn = np.full(len(terms), NO_DAY, dtype=np.int64)
    statement_day = np.where(has_bill, terms[:, c.T_STATEMENT_DAY], 0)
    for each in np.unique(statement_day[statement_day > 0]).tolist():
        turn[statement_day == each] = days_of(day_of_month_after(date_of(day), each))
    return turn


def of_events(folded: FoldedBook, day: int) -> Array:
    """The first event of a day to come."""
    book = folded.book
    account = np.repeat(np.arange(len(book)), np.diff(book.event_offsets))
    is_later = book.events[:, c.E_ON] > day
    return least_of(book.events[is_later, c.E_ON], account[is_later], len(book))
