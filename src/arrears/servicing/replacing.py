"""Replacing rows by newly signed ones: re-plan, tranche, rate change, acceleration, conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    COMPONENTS,
    COMPOUND,
    FEE,
    INTEREST,
    MOVED_IN,
    MOVED_OUT,
    PAID,
    PENALTY,
    PRINCIPAL,
    REASON_ADJUSTMENT,
    REASON_EARLY_SETTLEMENT,
    REASON_EVENT,
)
from arrears.servicing.allocation import put_to_credit
from arrears.servicing.layout import (
    A_ACTIVE,
    A_FIRST,
    A_REVIEW,
    A_STATUS,
    E_CONTRACT,
    E_ROW_COUNT,
    E_ROW_FIRST,
    E_UNTIL,
    KIND_ADJUSTMENT,
    KIND_UNBILLED,
    NONE,
    R_CARRIED,
    R_CONTRACT,
    R_DUE,
    R_KIND,
    R_PRINCIPAL,
    ROW_REPLACED,
    STATUS_NO_SPARE_ROW,
    W_ACCRUED,
    W_DUE,
    W_FEE_CHARGED,
    W_INTEREST_CREDITED,
    W_IS_DUE,
    W_PAID,
    W_STATE,
    W_WAIVED,
)
from arrears.servicing.recording import record
from arrears.servicing.standing import (
    enter_row,
    fall_due_today,
    is_unpaid,
    leave_row,
    next_number,
    open_spare_row,
    outstanding,
    recognised,
)

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def take_out(t: Tables, row: int, component: int, wanted: int) -> int:
    """Move up to `wanted` of what a row owes in a component out of it; returns what moved.

    What had been paid beyond what is owed (interest in advance, not earned) becomes credit.
    """
    left = recognised(t, row, component)
    if left < 0:
        record(t, row, component, PAID, left, REASON_EARLY_SETTLEMENT)
        t.work[row, W_PAID + component] += left
        put_to_credit(t, -left)
        left = 0
    amount = min(left, wanted)
    if amount > 0:
        record(t, row, component, MOVED_OUT, amount, REASON_EVENT)
        t.work[row, W_DUE + component] -= amount
        if component == INTEREST:
            t.work[row, W_ACCRUED] -= amount
        elif component == FEE:
            t.work[row, W_FEE_CHARGED] -= amount
    return amount


@compiled
def empty_row(t: Tables, row: int, component: int) -> int:
    """Move all a row owes in a component out and drop what it would have asked for later."""
    moved = take_out(t, row, component, recognised_or_zero(t, row, component))
    t.work[row, W_DUE + component] = (
        t.work[row, W_PAID + component] + t.work[row, W_WAIVED + component]
    )
    return moved


@compiled
def recognised_or_zero(t: Tables, row: int, component: int) -> int:
    """What the row owes today in this component, 0 where it was paid beyond that."""
    return max(0, recognised(t, row, component))


@compiled
def enter_signed(t: Tables, event: int) -> int:
    """Enter an event's signed rows, the spare ones apart; returns the last of them, or NONE."""
    last = NONE
    first = t.events[event, E_ROW_FIRST]
    for row in range(first, first + t.events[event, E_ROW_COUNT]):
        if t.rows[row, R_KIND] < KIND_UNBILLED:
            enter_row(t, row)
            last = row
    return last


@compiled
def asked_for(t: Tables, event: int, component: int) -> int:
    """What an event's signed rows say stood there: of interest, only what they carry."""
    column = R_CARRIED if component == INTEREST else R_PRINCIPAL + component
    total = 0
    first = t.events[event, E_ROW_FIRST]
    for row in range(first, first + t.events[event, E_ROW_COUNT]):
        if t.rows[row, R_KIND] < KIND_UNBILLED:
            total += t.rows[row, column]
    return total


@compiled
def move_in(t: Tables, event: int, component: int, amount: int) -> None:
    """Spread what stood there over the new rows: what they carry, first row first."""
    first = t.events[event, E_ROW_FIRST]
    for row in range(first, first + t.events[event, E_ROW_COUNT]):
        if t.rows[row, R_KIND] < KIND_UNBILLED:
            column = R_CARRIED if component == INTEREST else R_PRINCIPAL + component
            part = min(amount, t.rows[row, column])
            record(t, row, component, MOVED_IN, part, REASON_EVENT)
            if component == FEE:
                t.work[row, W_FEE_CHARGED] = part
            amount -= part


@compiled
def lessen_last_rows(t: Tables, event: int, component: int, amount: int) -> None:
    """Take what the new rows ask for too much off them, last row first."""
    first = t.events[event, E_ROW_FIRST]
    row = first + t.events[event, E_ROW_COUNT] - 1
    while row >= first and amount > 0:
        if t.rows[row, R_KIND] < KIND_UNBILLED:
            held = t.work[row, W_DUE + component]
            if component == INTEREST:
                held = t.work[row, W_ACCRUED]
            part = min(amount, held)
            t.work[row, W_DUE + component] -= part
            if component == INTEREST:
                t.work[row, W_ACCRUED] -= part
                t.work[row, W_INTEREST_CREDITED] += part
            record(t, row, component, MOVED_IN, -part, REASON_ADJUSTMENT)
            amount -= part
        row -= 1


@compiled
def settle_difference(t: Tables, event: int, component: int, stood: int, last: int) -> None:
    """Bring the new rows' sum to what stood there; what is more falls due with the last row."""
    asked = asked_for(t, event, component)
    move_in(t, event, component, min(asked, stood) if component == FEE else asked)
    if component == FEE and stood < asked:
        return
    if asked > stood:
        lessen_last_rows(t, event, component, asked - stood)
    elif stood > asked:
        spare = t.events[event, E_ROW_FIRST] + t.events[event, E_ROW_COUNT] - 1
        if t.rows[spare, R_KIND] != KIND_ADJUSTMENT:
            t.account[A_STATUS] = STATUS_NO_SPARE_ROW
            return
        contract = t.rows[last, R_CONTRACT]
        if t.work[spare, W_STATE] == 0:
            number = next_number(t, contract)
            open_spare_row(t, spare, contract, number, t.rows[last, R_DUE])
            t.account[A_REVIEW] = 1
        t.work[spare, W_DUE + component] += stood - asked
        if component == INTEREST:
            t.work[spare, W_ACCRUED] += stood - asked
        elif component == FEE:
            t.work[spare, W_FEE_CHARGED] += stood - asked
        record(t, spare, component, MOVED_IN, stood - asked, REASON_ADJUSTMENT)


@compiled
def mark_leaving(t: Tables, only_undue: int, contract: int) -> None:
    """Say which rows give way to new ones: of the contract at hand, with anything left or undue."""
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        if t.rows[row, R_KIND] == KIND_UNBILLED or contract not in (NONE, t.rows[row, R_CONTRACT]):
            continue
        if t.work[row, W_IS_DUE] == 0 or (only_undue == 0 and is_unpaid(t, row)):
            t.work[row, W_STATE] = ROW_REPLACED


@compiled
def empty_leaving(t: Tables, component: int) -> int:
    """Move a component out of every row that gives way; returns what stood there."""
    stood = 0
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        if t.work[row, W_STATE] == ROW_REPLACED:
            stood += empty_row(t, row, component)
    return stood


@compiled
def drop_leaving(t: Tables) -> None:
    """Take every row that gives way out of force."""
    at = t.account[A_ACTIVE] - 1
    first = t.account[A_FIRST]
    while at >= first:
        if t.work[t.in_force[at], W_STATE] == ROW_REPLACED:
            leave_row(t, at)
        at -= 1


@compiled
def replace_rows(t: Tables, event: int, only_undue: int, added_principal: int) -> None:
    """Let an event's signed rows take the place of those in force.

    Args:
        t: The account's tables.
        event: Whose rows enter; its last row is the spare for the adjustment.
        only_undue: 1: rows already due stay (tranche, rate change); 0: all give way (re-plan).
        added_principal: New principal among the rows (a tranche), minor units.
    """
    contract = t.events[event, E_CONTRACT]
    mark_leaving(t, only_undue, contract)
    stood_principal = empty_leaving(t, PRINCIPAL) + added_principal
    stood_interest = empty_leaving(t, INTEREST)
    stood_fee = empty_leaving(t, FEE)
    stood_penalty = empty_leaving(t, PENALTY)
    stood_compound = empty_leaving(t, COMPOUND)
    drop_leaving(t)
    last = enter_signed(t, event)
    if last == NONE:
        t.account[A_STATUS] = STATUS_NO_SPARE_ROW
        return
    settle_difference(t, event, PRINCIPAL, stood_principal, last)
    settle_difference(t, event, INTEREST, stood_interest, last)
    settle_difference(t, event, FEE, stood_fee, last)
    settle_difference(t, event, PENALTY, stood_penalty, last)
    settle_difference(t, event, COMPOUND, stood_compound, last)
    fall_due_today(t)


@compiled
def accelerate(t: Tables, event: int) -> None:
    """Call in the debt: rows not yet due become one row due on the event's own date."""
    spare = t.events[event, E_ROW_FIRST]
    last_number = 0
    contract = max(0, t.events[event, E_CONTRACT])
    mark_leaving(t, 1, NONE)
    moved_principal = empty_leaving(t, PRINCIPAL)
    moved_interest = empty_leaving(t, INTEREST)
    moved_fee = empty_leaving(t, FEE)
    moved_penalty = empty_leaving(t, PENALTY)
    moved_compound = empty_leaving(t, COMPOUND)
    drop_leaving(t)
    last_number = next_number(t, contract)
    open_spare_row(t, spare, contract, last_number, t.events[event, E_UNTIL])
    t.work[spare, W_DUE + PRINCIPAL] = moved_principal
    t.work[spare, W_DUE + INTEREST] = moved_interest
    t.work[spare, W_ACCRUED] = moved_interest
    t.work[spare, W_DUE + FEE] = moved_fee
    t.work[spare, W_FEE_CHARGED] = moved_fee
    t.work[spare, W_DUE + PENALTY] = moved_penalty
    t.work[spare, W_DUE + COMPOUND] = moved_compound
    for component in range(COMPONENTS):
        record(t, spare, component, MOVED_IN, outstanding(t, spare, component), REASON_EVENT)
    fall_due_today(t)
