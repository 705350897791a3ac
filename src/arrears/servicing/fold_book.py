"""The fold over many accounts: the same function, account after account, in the array subset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.compiled import compiled
from arrears.servicing.fold import fold_account
from arrears.servicing.layout import A_MOVEMENTS, A_PERIOD_ENDS

if TYPE_CHECKING:
    from arrears.servicing.tables import Array


@compiled
def fold_book(
    terms: Array,
    orders: Array,
    events: Array,
    event_offsets: Array,
    rows: Array,
    row_offsets: Array,
    as_of: int,
    known_at: int,
    period_ends: int,
    index: Array,
    queue: Array,
    work: Array,
    accounts: Array,
    moves: Array,
    move_offsets: Array,
) -> int:
    """Fold every account of a book to a date.

    Args:
        terms: int64[n_accounts, TERM_COLUMNS].
        orders: int64[n_orders, ORDER_COLUMNS], shared.
        events: int64[all events, EVENT_COLUMNS]; targets and row numbers count within the account.
        event_offsets: int64[n_accounts + 1].
        rows: int64[all rows, ROW_COLUMNS].
        row_offsets: int64[n_accounts + 1].
        as_of: Days since 1970-01-01.
        known_at: Microseconds since 1970-01-01 UTC.
        period_ends: NONE: state alone; 0: movements; 1: accruals are also posted at month ends.
        index: int64[most rows of an account], working space.
        queue: int64[most events of an account], working space.
        work: int64[all rows, WORK_COLUMNS] where the rows' state is wanted, else
            int64[most rows of an account, WORK_COLUMNS], used again for every account.
        accounts: int64[n_accounts, ACCOUNT_COLUMNS], out.
        moves: int64[all movements, MOVEMENT_COLUMNS], out; empty: movements are only counted.
        move_offsets: int64[n_accounts + 1]; read where `moves` is not empty.

    Returns:
        How many accounts ended with a status other than 0.
    """
    failed = 0
    keeps_work = work.shape[0] == rows.shape[0]
    counts_only = moves.shape[0] == 0
    for at in range(terms.shape[0]):
        first_row = row_offsets[at]
        end_row = row_offsets[at + 1]
        first_event = event_offsets[at]
        end_event = event_offsets[at + 1]
        first_move = 0 if counts_only else move_offsets[at]
        end_move = 0 if counts_only else move_offsets[at + 1]
        first_work = first_row if keeps_work else 0
        account = accounts[at]
        account[A_PERIOD_ENDS] = period_ends
        status = fold_account(
            terms[at],
            orders,
            events[first_event:end_event],
            rows[first_row:end_row],
            as_of,
            known_at,
            index,
            queue[: end_event - first_event],
            work[first_work : first_work + end_row - first_row],
            account,
            moves[first_move:end_move],
        )
        if status != 0:
            failed += 1
    return failed


@compiled
def offsets_of_movements(accounts: Array, move_offsets: Array) -> int:
    """Turn counted movements into offsets; returns how many there are in all."""
    total = 0
    for at in range(accounts.shape[0]):
        move_offsets[at] = total
        total += accounts[at, A_MOVEMENTS]
    move_offsets[accounts.shape[0]] = total
    return total
