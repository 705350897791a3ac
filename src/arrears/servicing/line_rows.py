"""The revolving line's rows: purchases gather unbilled, a statement bills, a conversion spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    DISBURSED,
    FEE,
    INTEREST,
    MERCHANT_REFUNDED,
    MOVED_IN,
    PRINCIPAL,
    REASON_EVENT,
)
from arrears.servicing.allocation import receive
from arrears.servicing.layout import (
    A_ACTIVE,
    A_DAY,
    A_FIRST,
    A_IS_OPENED,
    A_PRINCIPAL,
    A_STATUS,
    CONVERT_PURCHASE,
    E_AMOUNT,
    E_COMPONENT,
    E_CONTRACT,
    E_ROW_FIRST,
    KIND_INSTALMENT,
    KIND_MINIMUM,
    KIND_REVOLVING,
    KIND_UNBILLED,
    NONE,
    R_CONTRACT,
    R_DUE,
    R_KIND,
    STATUS_ROWS_DO_NOT_SUM,
    W_ACCRUED,
    W_DUE,
    W_FEE_CHARGED,
    W_INTEREST_CREDITED,
    W_IS_DUE,
    W_PAID,
    W_WAIVED,
)
from arrears.servicing.recording import record, record_account
from arrears.servicing.replacing import asked_for, enter_signed, take_out
from arrears.servicing.standing import fall_due_today, outstanding

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def purchase(t: Tables, event: int) -> None:
    """A purchase joins what is not billed yet; it costs nothing until a statement is due."""
    amount = t.events[event, E_AMOUNT]
    t.account[A_IS_OPENED] = 1
    t.account[A_PRINCIPAL] += amount
    t.work[0, W_DUE + PRINCIPAL] += amount
    record_account(t, 0, PRINCIPAL, DISBURSED, amount)


@compiled
def take_from_kind(t: Tables, kind: int, component: int, wanted: int) -> int:
    """Move up to `wanted` out of rows of one kind, newest first; returns what moved."""
    moved = 0
    at = t.account[A_ACTIVE] - 1
    while at >= 0 and moved < wanted:
        row = t.in_force[at]
        if t.rows[row, R_KIND] == kind:
            moved += take_out(t, row, component, wanted - moved)
        at -= 1
    return moved


@compiled
def minimum_not_late(t: Tables, wanted: int) -> int:
    """Move principal out of minimum rows due today or later; returns what moved."""
    moved = 0
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        is_late = t.rows[row, R_DUE] < t.account[A_DAY]
        if t.rows[row, R_KIND] == KIND_MINIMUM and not is_late and moved < wanted:
            moved += take_out(t, row, PRINCIPAL, wanted - moved)
    return moved


@compiled
def close_statement(t: Tables, event: int) -> None:
    """Bill: unbilled purchases and the revolving rest of the statement before become a row pair.

    The pair asks for what was known when the statement closed. What turns out to be less reduces
    the revolving row, then the minimum; what turns out to be more stays unbilled.
    """
    t.account[A_IS_OPENED] = 1
    asked = asked_for(t, event, PRINCIPAL)
    stood = take_from_kind(t, KIND_REVOLVING, PRINCIPAL, t.account[A_PRINCIPAL])
    stood += take_from_kind(t, KIND_UNBILLED, PRINCIPAL, max(0, asked - stood))
    interest = take_from_kind(t, KIND_REVOLVING, INTEREST, 1 << 62)
    last = enter_signed(t, event)
    if last == NONE:
        t.account[A_STATUS] = STATUS_ROWS_DO_NOT_SUM
        return
    first = t.events[event, E_ROW_FIRST]
    short = asked - stood
    row = last
    while row >= first:
        part = min(max(0, short), t.work[row, W_DUE + PRINCIPAL])
        t.work[row, W_DUE + PRINCIPAL] -= part
        short -= part
        record(t, row, PRINCIPAL, MOVED_IN, t.work[row, W_DUE + PRINCIPAL], REASON_EVENT)
        row -= 1
    if short < 0:  # more revolved than the statement said: it goes on revolving, unbilled
        t.work[0, W_DUE + PRINCIPAL] -= short
        record(t, 0, PRINCIPAL, MOVED_IN, -short, REASON_EVENT)
    more = interest - t.work[first, W_ACCRUED]
    t.work[first, W_DUE + INTEREST] += more
    t.work[first, W_ACCRUED] = interest
    t.work[first, W_INTEREST_CREDITED] -= more
    record(t, first, INTEREST, MOVED_IN, interest, REASON_EVENT)
    fall_due_today(t)


@compiled
def convert(t: Tables, event: int) -> None:
    """Spread part of a statement, or of unbilled purchases, over instalments with a fee."""
    wanted = asked_for(t, event, PRINCIPAL)
    moved = 0
    if t.events[event, E_COMPONENT] == CONVERT_PURCHASE:
        moved = take_from_kind(t, KIND_UNBILLED, PRINCIPAL, wanted)
    else:
        moved = take_from_kind(t, KIND_REVOLVING, PRINCIPAL, wanted)
        moved += minimum_not_late(t, wanted - moved)
    last = enter_signed(t, event)
    first = t.events[event, E_ROW_FIRST]
    short = wanted - moved
    row = last
    while row >= first:
        if t.rows[row, R_KIND] == KIND_INSTALMENT:
            part = min(short, t.work[row, W_DUE + PRINCIPAL])
            t.work[row, W_DUE + PRINCIPAL] -= part
            short -= part
            if t.work[row, W_DUE + PRINCIPAL] == 0:
                t.work[row, W_DUE + FEE] = 0
            record(t, row, PRINCIPAL, MOVED_IN, t.work[row, W_DUE + PRINCIPAL], REASON_EVENT)
        row -= 1
    fall_due_today(t)


@compiled
def refund_kind(t: Tables, kind: int, contract: int, cash: int) -> int:
    """Let a shop's refund reduce principal of rows of one kind, last first; returns what is left."""
    at = t.account[A_ACTIVE] - 1
    while at >= 0 and cash > 0:
        row = t.in_force[at]
        if t.rows[row, R_KIND] == kind and contract in (NONE, t.rows[row, R_CONTRACT]):
            amount = min(cash, outstanding(t, row, PRINCIPAL))
            if amount > 0:
                record(t, row, PRINCIPAL, MERCHANT_REFUNDED, amount, REASON_EVENT)
                t.work[row, W_DUE + PRINCIPAL] -= amount
                t.account[A_PRINCIPAL] -= amount
                cash -= amount
                if t.work[row, W_IS_DUE] == 0 and outstanding(t, row, PRINCIPAL) == 0:
                    met = t.work[row, W_PAID + FEE] + t.work[row, W_WAIVED + FEE]
                    least = max(met, t.work[row, W_FEE_CHARGED])
                    t.work[row, W_DUE + FEE] = min(least, t.work[row, W_DUE + FEE])
        at -= 1
    return cash


@compiled
def refund_from_shop(t: Tables, event: int, event_type: int) -> None:
    """The shop gave the money back: unbilled, revolving, minimum, then the last instalments."""
    contract = t.events[event, E_CONTRACT]
    cash = t.events[event, E_AMOUNT]
    if contract in (NONE, 0):
        cash = refund_kind(t, KIND_UNBILLED, contract, cash)
        cash = refund_kind(t, KIND_REVOLVING, contract, cash)
        cash = refund_kind(t, KIND_MINIMUM, contract, cash)
    cash = refund_kind(t, KIND_INSTALMENT, contract, cash)
    if cash > 0:
        receive(t, cash, event_type, contract)
