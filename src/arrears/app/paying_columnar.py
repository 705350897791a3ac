"""Payments to many accounts at once, in columns: appended to their packed events, folded together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from arrears.app.refolding_columnar import (
    Judged,
    change_of,
    compared_from,
    left_to_records,
    observed,
    on_the_day,
    post,
)
from arrears.kernel.dates import days_of
from arrears.kernel.money import currency_of, format_minor, parse_minor
from arrears.servicing import layout as c
from arrears.servicing.book import fold_all, with_appended
from arrears.servicing.door import microseconds
from arrears.servicing.events import NEVER_LENT, OPENING
from arrears.servicing.state import ALL_KNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from arrears.app.batch import AccountBatch, BatchChange, Mask
    from arrears.app.payment_lines import Line
    from arrears.app.ports import Document
    from arrears.app.refolding_columnar import ColumnarFrame, ReadPosted
    from arrears.kernel.money import Currency
    from arrears.servicing.book import Book
    from arrears.servicing.tables import Array

#: Later than any day.
NO_OPENING = 2**40
#: Of a place in order and of a day, where they are told apart as one number with the account's.
SEQ_BITS, DAY_BITS = 20, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Payments to accounts of a batch."""

    of: Array  #: int64[n], rising: position of the account
    events: Array  #: int64[n, EVENT_COLUMNS]; E_TIE is 0 and means nothing, E_ROW_FIRST is not set


def refold_paid(
    batch: AccountBatch, added: Added, shared: ColumnarFrame, read_posted: ReadPosted
) -> BatchChange:
    """Append payments, fold to the open day, and say what the store must write.

    Args:
        batch: Accounts that are held, each with at least one payment.
        added: The payments.
        shared: Policy, posting rules, the fold, and the open day.
        read_posted: Asked for accounts whose movements must be held against the journal.

    Returns:
        The changes, and the accounts that only their records can tell of. Of the payments
        E_ROW_FIRST is set.
    """
    day = days_of(shared.day)
    added.events[:, c.E_ROW_FIRST] = np.diff(batch.book.row_offsets)[added.of]
    none = np.zeros(0, dtype=np.int64)
    no_rows = np.zeros((0, c.ROW_COLUMNS), dtype=np.int64)
    book = with_appended(
        on_the_day(batch.book, shared.edges_days), added.of, added.events, none, no_rows
    )
    folded = fold_all(book, day, ALL_KNOWN, posting=1, fold_book=shared.fold_book)
    from_day = compared_from(batch, none, day, shared.scales)
    np.minimum.at(from_day, added.of, added.events[:, c.E_ON])
    posted = post(batch, folded, from_day, shared.table, read_posted)
    left = left_to_records(batch, folded, posted) | need_records(batch, book, added)
    left |= (folded.accounts[:, c.A_IS_OPENED] == 0) | (batch.folded_to > day)
    asked = np.where(batch.next_action_on == c.NONE, day, batch.next_action_on)
    judged = Judged(left=left, turn=np.minimum(asked, day), watched=observed(folded.book, shared))
    return change_of(batch, folded, shared, posted, judged)


def need_records(batch: AccountBatch, book: Book, added: Added) -> Mask:
    """Accounts whose payments only their records can judge.

    These are payments before the account was opened or taken over, and two that stand in one place
    of the order of events: there their ids decide, which are no columns.

    Args:
        batch: As read.
        book: With the payments.
        added: The payments.
    """
    account = np.repeat(np.arange(len(batch)), np.diff(book.event_offsets))
    on, kind = book.events[:, c.E_ON], book.events[:, c.E_TYPE]
    opened = np.full(len(batch), NO_OPENING)
    opens = np.isin(kind, [int(each) for each in OPENING])
    np.minimum.at(opened, account[opens], on[opens])
    is_taken = kind == c.EV_TAKEN_OVER
    np.maximum.at(opened, account[is_taken], on[is_taken])
    left = np.zeros(len(batch), dtype=np.bool_)
    left[account[np.isin(kind, [int(each) for each in NEVER_LENT])]] = True
    left[added.of[added.events[:, c.E_ON] < opened[added.of]]] = True
    left[added.of[added.events[:, c.E_SEQ] >= 1 << SEQ_BITS]] = True
    paid = np.flatnonzero(kind == c.EV_REPAID)
    places = placed(account[paid], book.events[paid])
    ours = np.unique(placed(added.of, added.events), return_counts=True)
    theirs = np.unique(places, return_counts=True)
    several = np.isin(ours[0], theirs[0][theirs[1] > 1])
    left[ours[0][several] >> (SEQ_BITS + DAY_BITS)] = True
    return left


def placed(account: Array, events: Array) -> Array:
    """Account, day and place of events as one number each; places too high for it are as one."""
    seq = np.minimum(events[:, c.E_SEQ], (1 << SEQ_BITS) - 1)
    day = events[:, c.E_ON] + (1 << (DAY_BITS - 1))
    packed: Array = (((account << DAY_BITS) + day) << SEQ_BITS) + seq
    return packed


def event_table(
    batch: AccountBatch, said: Sequence[tuple[int, Line]], recorded_at: datetime
) -> Array:
    """Lines as the fold reads them, checked before: int64[n, EVENT_COLUMNS]."""
    table = np.full((len(said), c.EVENT_COLUMNS), c.NONE, dtype=np.int64)
    table[:, [c.E_TIE, c.E_ROW_COUNT]] = 0
    table[:, c.E_TYPE] = c.EV_REPAID
    table[:, c.E_RECORDED] = microseconds(recorded_at)
    table[:, c.E_ON] = [days_said(line.on) for _, line in said]
    table[:, c.E_SEQ] = [int(line.seq or 0) for _, line in said]
    table[:, c.E_AMOUNT] = [amount_said(batch, at, line) for at, line in said]
    table[:, c.E_IS_BACKDATED] = days_of(recorded_at.date()) > table[:, c.E_ON]
    return table


@cache
def days_said(on: str) -> int:
    """A day of a line, days since 1970-01-01; a file has few."""
    return days_of(date.fromisoformat(on))


def amount_said(batch: AccountBatch, at: int, line: Line) -> int:
    """The amount of a line in minor units of its account's currency."""
    return parse_minor(
        line.amount, currency_of(batch.currencies[at], where="currency"), where="amount"
    )


def document(currency: Currency, line: Line, amount_minor: int, recorded_at: str) -> Document:
    """A payment as it is stored, as `event_document` writes it; the instant in ISO 8601."""
    return {
        "id": line.event_id,
        "on": line.on,
        "seq": int(line.seq or 0),
        "type": line.kind,
        "recorded_at": recorded_at,
        "amount": format_minor(amount_minor, currency),
    }


def packed_by_account(of: Array, events: Array) -> list[bytes]:
    """Events as bytes, one part an account, in the order of their positions."""
    begins = np.flatnonzero(np.diff(of, prepend=-1)).tolist()
    ends = [*begins[1:], len(of)]
    return [events[first:end].tobytes() for first, end in zip(begins, ends, strict=True)]
