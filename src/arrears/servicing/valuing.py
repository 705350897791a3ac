"""What a whole book owes on a day: the tables of its fold as one number an account and figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arrears.kernel.movement import COMPONENTS, FEE, INTEREST, PRINCIPAL
from arrears.servicing import layout as c
from arrears.servicing.book import fold_all
from arrears.servicing.state import AccountStatus

if TYPE_CHECKING:
    from arrears.servicing.book import Book, FoldBook
    from arrears.servicing.tables import Array

#: A code of `Valued.status` is a place in this list.
STATUSES = tuple(AccountStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """A book on a day; each array has one place an account, in the book's order.

    An account whose `broken` is not 0 broke an invariant of the fold: its figures mean nothing.
    """

    owed_minor: (
        Array  #: int64[n, COMPONENTS]: fallen due, or gathered so far; paid before earned: < 0
    )
    accrued_minor: Array  #: the part of the interest owed that has not fallen due yet
    overdue_minor: Array  #: all components of rows whose due date is over
    credit_minor: Array  #: the customer's credit balance
    payoff_minor: Array  #: what settles the debt on the day, credit balance taken off
    days_past_due: Array
    days_delinquent: Array
    is_non_accrual: Array  #: 1: interest stays out of income
    status: Array  #: place in `STATUSES`
    broken: Array  #: 0, or the code of the first invariant that broke


def value_book(book: Book, as_of: int, known_at: int, *, fold_book: FoldBook) -> Valued:
    """Value every account of a book on a day: past, today or future.

    Args:
        book: The accounts; they stay as they are.
        as_of: Days since 1970-01-01.
        known_at: Microseconds since 1970-01-01 UTC; events recorded later are not read.
        fold_book: The compiled form, or the interpreted one.

    Returns:
        Minor units of each account's own currency. The components owed add up to what the ledger
        holds once what gathered up to the day is posted.

    Rounding:
        The fold's own; sums of whole minor units here.
    """
    folded = fold_all(book, as_of, known_at, posting=c.NONE, fold_book=fold_book)
    accounts = folded.accounts
    owed, accrued = owed_by_row(folded.work)
    owed_minor = sums_of(owed, book.row_offsets)
    owed_minor[:, PRINCIPAL] = accounts[:, c.A_PRINCIPAL]
    return Valued(
        owed_minor=owed_minor,
        accrued_minor=sums_of(accrued, book.row_offsets),
        overdue_minor=accounts[:, c.A_OVERDUE : c.A_OVERDUE + COMPONENTS].sum(axis=1),
        credit_minor=accounts[:, c.A_CREDIT],
        payoff_minor=accounts[:, c.A_PAYOFF],
        days_past_due=accounts[:, c.A_DAYS_PAST_DUE],
        days_delinquent=accounts[:, c.A_DAYS_DELINQUENT],
        is_non_accrual=accounts[:, c.A_IS_NON_ACCRUAL],
        status=statuses_of(book, accounts, as_of, known_at),
        broken=accounts[:, c.A_STATUS],
    )


def owed_by_row(work: Array) -> tuple[Array, Array]:
    """What each row owes on the day by component, and the interest of it not fallen due; minor units.

    A row not yet due owes the interest and the fee it has gathered so far; one that is not in force
    yet owes nothing, and what one that was replaced owed has moved out of it.
    """
    owed = (
        work[:, c.W_DUE : c.W_DUE + COMPONENTS]
        - work[:, c.W_PAID : c.W_PAID + COMPONENTS]
        - work[:, c.W_WAIVED : c.W_WAIVED + COMPONENTS]
    )
    is_coming = work[:, c.W_IS_DUE] == 0
    owed[:, INTEREST] += np.where(is_coming, work[:, c.W_ACCRUED] - work[:, c.W_DUE + INTEREST], 0)
    owed[:, FEE] += np.where(is_coming, work[:, c.W_FEE_CHARGED] - work[:, c.W_DUE + FEE], 0)
    owed[work[:, c.W_STATE] == c.ROW_ABSENT] = 0
    return owed, np.where(is_coming, owed[:, INTEREST], 0)


def sums_of(numbers: Array, offsets: Array) -> Array:
    """The sum of each part; account i owns what lies between its offset and the next."""
    running = np.zeros((len(numbers) + 1, *numbers.shape[1:]), dtype=np.int64)
    np.cumsum(numbers, axis=0, out=running[1:])
    return running[offsets[1:]] - running[offsets[:-1]]


def statuses_of(book: Book, accounts: Array, as_of: int, known_at: int) -> Array:
    """What has become of each account, as `state.status_of` says it of one."""
    owes = (accounts[:, c.A_PRINCIPAL] > 0) | (accounts[:, c.A_PAYOFF] > 0)
    status = np.where(owes, place(AccountStatus.ACTIVE), place(AccountStatus.SETTLED))
    status[accounts[:, c.A_IS_CHARGED_OFF] == 1] = place(AccountStatus.CHARGED_OFF)
    never_lent = accounts[:, c.A_IS_OPENED] == 0
    status[never_lent] = place(AccountStatus.NEVER_DISBURSED)
    for at in np.flatnonzero(never_lent).tolist():
        if is_cancelled(book.events[slice(*book.event_offsets[at : at + 2])], as_of, known_at):
            status[at] = place(AccountStatus.CANCELLED)
    return status


def place(status: AccountStatus) -> int:
    """A status as `Valued` writes it."""
    return STATUSES.index(status)


def is_cancelled(events: Array, as_of: int, known_at: int) -> bool:
    """Whether a cancellation that nothing erased stands among an account's events on a day."""
    known = events[:, c.E_RECORDED] <= known_at
    stands = known & (events[:, c.E_TYPE] == c.EV_CANCELLED) & (events[:, c.E_ON] <= as_of)
    erased = events[known & (events[:, c.E_TYPE] == c.EV_REVERSED), c.E_TARGET]
    return bool(np.isin(np.flatnonzero(stands), erased, invert=True).any())
