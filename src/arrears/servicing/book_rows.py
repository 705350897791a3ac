"""The rows of a folded book, in columns: which are shown, what they still ask for, what lines may bill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arrears.kernel.movement import COMPONENTS, INTEREST, PRINCIPAL
from arrears.servicing import layout as c

if TYPE_CHECKING:
    import numpy.typing as npt

    from arrears.servicing.book import FoldedBook
    from arrears.servicing.tables import Array

    Mask = npt.NDArray[np.bool_]

#: Later than any day: of what never comes.
NO_DAY = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfBook:
    """The rows of `state.row_states` of many accounts; each array has one place a row of the book.

    Interest to come of daily contracts is not projected: amounts of rows not yet due are what
    stands signed.
    """

    account: Array  #: position of the row's account in the book
    is_shown: Mask
    kind: Array  #: KIND_...
    due: Array  #: days since 1970-01-01; NEVER while it is not billed
    is_due: Mask
    outstanding_minor: Array  #: int64[n, COMPONENTS]


def rows_of_book(folded: FoldedBook) -> RowsOfBook:
    """Read the rows of all accounts back from the tables after a fold."""
    work, rows = folded.work, folded.rows
    paid = work[:, c.W_PAID : c.W_PAID + COMPONENTS]
    waived = work[:, c.W_WAIVED : c.W_WAIVED + COMPONENTS]
    state = work[:, c.W_STATE]
    is_gone = (state == c.ROW_REPLACED) & ~paid.any(axis=1) & ~waived.any(axis=1)
    offsets = folded.book.row_offsets
    return RowsOfBook(
        account=np.repeat(np.arange(len(folded.book)), np.diff(offsets)),
        is_shown=(state != c.ROW_ABSENT) & ~is_gone,
        kind=rows[:, c.R_KIND],
        due=rows[:, c.R_DUE],
        is_due=work[:, c.W_IS_DUE] == 1,
        outstanding_minor=work[:, c.W_DUE : c.W_DUE + COMPONENTS] - paid - waived,
    )


def least_of(days: Array, account: Array, accounts: int) -> Array:
    """The least day of each account, NO_DAY where it has none.

    Args:
        days: int64[n].
        account: int64[n], rising: whose day it is.
        accounts: How many there are.
    """
    least = np.full(accounts, NO_DAY, dtype=np.int64)
    np.minimum.at(least, account, days)
    return least


def is_billable(rows: RowsOfBook, is_charged_off: Mask) -> Mask:
    """Accounts of whose lines a statement would ask for anything, as `line.is_billable`."""
    is_bill = rows.is_shown & ((rows.kind == c.KIND_UNBILLED) | (rows.kind == c.KIND_REVOLVING))
    asks = (rows.outstanding_minor[:, PRINCIPAL] > 0) | (rows.outstanding_minor[:, INTEREST] > 0)
    billable = np.zeros(len(is_charged_off), dtype=np.bool_)
    billable[rows.account[is_bill & asks]] = True
    return billable & ~is_charged_off


def billed(rows: RowsOfBook, accounts: int) -> tuple[Array, Array]:
    """What a statement bills of each account, as `line.make_statement`: principal, and interest.

    Returns:
        Two int64[accounts], minor units.
    """
    of_principal = np.zeros(accounts, dtype=np.int64)
    of_interest = np.zeros(accounts, dtype=np.int64)
    revolves = rows.is_shown & (rows.kind == c.KIND_REVOLVING)
    is_bill = rows.is_shown & (rows.kind == c.KIND_UNBILLED) | revolves
    np.add.at(of_principal, rows.account[is_bill], rows.outstanding_minor[is_bill, PRINCIPAL])
    np.add.at(of_interest, rows.account[revolves], rows.outstanding_minor[revolves, INTEREST])
    return of_principal, of_interest
