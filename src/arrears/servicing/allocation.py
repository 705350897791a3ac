"""Where cash goes: the order that applies, row by row or component by component, and pay-off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.arithmetic import rounded_ratio
from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    COMPONENTS,
    FEE,
    INTEREST,
    PAID,
    PRINCIPAL,
    PUT_TO_CREDIT,
    REASON_ALLOCATION,
    REASON_EARLY_SETTLEMENT,
    RECOVERED,
    TAKEN_FROM_CREDIT,
)
from arrears.servicing.cap import ceiling_excess, credit_above_ceiling
from arrears.servicing.layout import (
    A_ACTIVE,
    A_ADVANCED,
    A_CAP,
    A_CHARGES,
    A_CREDIT,
    A_DAY,
    A_FALLEN,
    A_FIRST,
    A_IS_CHARGED_OFF,
    A_PRINCIPAL,
    KIND_REVOLVING,
    KIND_UNBILLED,
    NONE,
    O_DAYS_FROM,
    O_EVENT_TYPE,
    O_SLOT,
    ORDER_SLOTS,
    R_CONTRACT,
    R_DUE,
    R_FROM,
    R_KIND,
    ROW_OPEN,
    ROW_SETTLED_EARLY,
    STANDING_DUE,
    STANDING_IN_ADVANCE,
    STANDING_PAST_DUE,
    SURPLUS_CREDIT,
    SURPLUS_LAST,
    T_ACCRUAL,
    T_DIRECTION,
    T_EARLY_FEE,
    T_ORDER_COUNT,
    T_ORDER_FIRST,
    T_ROUNDING,
    T_SURPLUS,
    W_ACCRUED,
    W_DUE,
    W_FEE_CHARGED,
    W_IS_DUE,
    W_PAID,
    W_STATE,
    W_WAIVED,
)
from arrears.servicing.recording import record, record_account
from arrears.servicing.standing import (
    charge_fee,
    instalment_of,
    last_row,
    oldest_unpaid,
    outstanding,
    recognised,
    resolves_principal,
    shift_principal,
    split_instalment,
)

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def payable(t: Tables, row: int, component: int) -> int:
    """What cash may meet on this row: all it asks for, in daily mode what is recognised.

    A row in advance whose instalment is kept takes principal up to its instalment.
    """
    if t.work[row, W_IS_DUE] == 1 or t.terms[T_ACCRUAL] == 0:
        return outstanding(t, row, component)
    if component == FEE:
        return outstanding(t, row, component)
    if component != PRINCIPAL or not resolves_principal(t, row):
        return recognised(t, row, component)
    if t.work[row, W_STATE] != ROW_OPEN:
        return 0
    room = (
        instalment_of(t, row)
        - t.work[row, W_ACCRUED]
        - t.work[row, W_PAID + PRINCIPAL]
        - t.work[row, W_WAIVED + PRINCIPAL]
    )
    return max(0, min(room, t.account[A_PRINCIPAL]))


@compiled
def pay(t: Tables, row: int, component: int, cash: int, kind: int) -> int:
    """Meet one row's component with cash; returns the cash left."""
    amount = min(cash, payable(t, row, component))
    if amount <= 0:
        return cash
    if component == PRINCIPAL:
        short = amount - outstanding(t, row, PRINCIPAL)
        if short > 0:
            shift_principal(t, row, short)
            amount = min(amount, outstanding(t, row, PRINCIPAL))
        t.account[A_PRINCIPAL] -= amount
    elif t.work[row, W_IS_DUE] == 0:
        t.account[A_ADVANCED] += amount
    record(t, row, component, kind, amount, REASON_ALLOCATION)
    t.work[row, W_PAID + component] += amount
    return cash - amount


@compiled
def settle_row_early(t: Tables, row: int) -> None:
    """Mark a row in advance as settled once all it asks for is paid; daily mode fixes its split."""
    if t.work[row, W_STATE] != ROW_OPEN or t.work[row, W_IS_DUE] == 1 or t.terms[T_ACCRUAL] == 0:
        return
    if t.rows[row, R_KIND] == KIND_UNBILLED:
        return
    for component in range(COMPONENTS):
        if payable(t, row, component) > 0 or outstanding(t, row, FEE) > 0:
            return
    paid = t.work[row, W_PAID + PRINCIPAL] + t.work[row, W_WAIVED + PRINCIPAL]
    if row == last_row(t) and outstanding(t, row, PRINCIPAL) > 0:
        return
    shift_principal(t, row, paid - t.work[row, W_DUE + PRINCIPAL])
    t.work[row, W_STATE] = ROW_SETTLED_EARLY


@compiled
def standing_of(t: Tables, row: int) -> int:
    """Past due, due or in advance; the revolving row is due once its date has come."""
    if t.work[row, W_IS_DUE] == 0:
        return STANDING_IN_ADVANCE
    if t.rows[row, R_DUE] >= t.account[A_DAY] or t.rows[row, R_KIND] == KIND_REVOLVING:
        return STANDING_DUE
    return STANDING_PAST_DUE


@compiled
def order_for(t: Tables, event_type: int) -> int:
    """The last order whose event type and days past due match."""
    if t.terms[T_ORDER_COUNT] == 1:
        return t.terms[T_ORDER_FIRST]
    oldest = oldest_unpaid(t)
    days = 0 if oldest == NONE else t.account[A_DAY] - oldest
    chosen = t.terms[T_ORDER_FIRST]
    for at in range(t.terms[T_ORDER_FIRST], t.terms[T_ORDER_FIRST] + t.terms[T_ORDER_COUNT]):
        kind = t.orders[at, O_EVENT_TYPE]
        if kind in (NONE, event_type) and t.orders[at, O_DAYS_FROM] <= days:
            chosen = at
    return chosen


@compiled
def meet_row(t: Tables, row: int, order: int, first: int, last: int, cash: int, kind: int) -> int:
    """Meet one row's components in the order's slots [first, last); returns the cash left."""
    least = t.orders[order, O_SLOT + first] // COMPONENTS * COMPONENTS
    for slot in range(first, last):
        if cash == 0:
            break
        cash = pay(t, row, t.orders[order, O_SLOT + slot] - least, cash, kind)
    settle_row_early(t, row)
    return cash


@compiled
def meet_slots(
    t: Tables, order: int, first: int, last: int, cash: int, contract: int, kind: int
) -> int:
    """Meet the rows of one standing with slots [first, last) of it; returns the cash left."""
    standing = t.orders[order, O_SLOT + first] // COMPONENTS
    if standing == STANDING_IN_ADVANCE:
        return meet_in_advance(t, order, first, last, cash, contract, kind)
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if cash == 0:
            return 0
        if standing_of(t, row) == standing and contract in (NONE, t.rows[row, R_CONTRACT]):
            cash = meet_row(t, row, order, first, last, cash, kind)
    return cash


@compiled
def meet_in_advance(
    t: Tables, order: int, first: int, last: int, cash: int, contract: int, kind: int
) -> int:
    """Meet rows not yet due, oldest or newest first, as the contract's surplus rule says."""
    if t.terms[T_SURPLUS] == SURPLUS_CREDIT or kind == TAKEN_FROM_CREDIT:
        return cash
    start = t.account[A_FALLEN]
    count = t.account[A_ACTIVE] - start
    for step in range(count):
        at = start + step
        if t.terms[T_SURPLUS] == SURPLUS_LAST:
            at = start + count - 1 - step
        row = t.in_force[at]
        if cash == 0:
            return 0
        if t.work[row, W_IS_DUE] == 0 and contract in (NONE, t.rows[row, R_CONTRACT]):
            cash = meet_row(t, row, order, first, last, cash, kind)
    return cash


@compiled
def allocate(t: Tables, cash: int, event_type: int, contract: int, kind: int) -> int:
    """Allocate cash by the order that applies; returns what no row took.

    Horizontal: a run of slots with one standing goes row by row. Vertical: slot by slot.
    """
    order = order_for(t, event_type)
    slot = 0
    while slot < ORDER_SLOTS and t.orders[order, O_SLOT + slot] != NONE and cash > 0:
        end = slot + 1
        if t.terms[T_DIRECTION] == 0:
            least = t.orders[order, O_SLOT + slot] // COMPONENTS * COMPONENTS
            most = least + COMPONENTS - 1
            while end < ORDER_SLOTS and least <= t.orders[order, O_SLOT + end] <= most:
                end += 1
        cash = meet_slots(t, order, slot, end, cash, contract, kind)
        slot = end
    return cash


@compiled
def fee_for_actual_period(t: Tables, row: int) -> int:
    """What an undue row's fee comes to if the debt ends today, beyond what was charged by itself."""
    charged = t.work[row, W_FEE_CHARGED]
    left = t.work[row, W_DUE + FEE] - charged
    if t.terms[T_EARLY_FEE] == 1 or left <= 0:
        return t.work[row, W_DUE + FEE]
    period = t.rows[row, R_DUE] - t.rows[row, R_FROM]
    elapsed = min(max(0, t.account[A_DAY] - t.rows[row, R_FROM]), period)
    if period <= 0:
        return charged
    return charged + rounded_ratio(left * elapsed, period, t.terms[T_ROUNDING])


@compiled
def payoff_gross(t: Tables) -> int:
    """All that would settle the debt today, before credit balance: minor units, >= 0."""
    total = t.account[A_PRINCIPAL]
    more = 0
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        for component in range(INTEREST, COMPONENTS):
            total += recognised(t, row, component)
        if t.work[row, W_IS_DUE] == 0:
            more += fee_for_actual_period(t, row) - t.work[row, W_FEE_CHARGED]
    total += more
    return max(0, total - ceiling_excess(t, more))


@compiled
def payoff(t: Tables) -> int:
    """What the borrower would have to pay today to owe nothing: pay-off less credit balance."""
    return max(0, payoff_gross(t) - t.account[A_CREDIT])


@compiled
def drop_unearned(t: Tables, row: int) -> int:
    """End an undue row today: interest as recognised, fee as charged so far.

    Returns:
        Cash that had paid interest or fee not earned.
    """
    freed = 0
    for component in range(INTEREST, COMPONENTS):
        earned = t.work[row, W_DUE + component]
        if component == INTEREST:
            earned = t.work[row, W_ACCRUED]
        elif component == FEE:
            earned = t.work[row, W_FEE_CHARGED]
        t.work[row, W_DUE + component] = earned
        above = -outstanding(t, row, component)
        if above > 0:
            record(t, row, component, PAID, -above, REASON_EARLY_SETTLEMENT)
            t.work[row, W_PAID + component] -= above
            freed += above
    return freed


@compiled
def settle_all(t: Tables, cash: int, kind: int) -> int:
    """End the debt today and pay all of it; returns the surplus."""
    at = t.account[A_FALLEN]
    while at < t.account[A_ACTIVE]:
        row = t.in_force[at]
        if t.rows[row, R_KIND] != KIND_UNBILLED:
            left = fee_for_actual_period(t, row) - t.work[row, W_FEE_CHARGED]
            charge_fee(t, row, left, REASON_EARLY_SETTLEMENT)
            cash += drop_unearned(t, row)
            if t.work[row, W_STATE] == ROW_OPEN and resolves_principal(t, row):
                split_instalment(t, row)
            t.work[row, W_STATE] = ROW_SETTLED_EARLY
        at += 1
    cash += credit_above_ceiling(t)
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        for component in range(COMPONENTS):
            amount = outstanding(t, row, component)
            if amount > 0:
                record(t, row, component, kind, amount, REASON_ALLOCATION)
                t.work[row, W_PAID + component] += amount
                cash -= amount
                if component == PRINCIPAL:
                    t.account[A_PRINCIPAL] -= amount
    return cash


@compiled
def put_to_credit(t: Tables, cash: int) -> None:
    """Keep cash that no row took as the customer's credit balance."""
    t.account[A_CREDIT] += cash
    record_account(t, 0, PRINCIPAL, PUT_TO_CREDIT, cash)


@compiled
def receive(t: Tables, cash: int, event_type: int, contract: int) -> None:
    """Take cash in: settle if it is enough, else allocate; the surplus becomes credit balance."""
    kind = RECOVERED if t.account[A_IS_CHARGED_OFF] == 1 else PAID
    offered = cash + t.account[A_CREDIT]
    least = t.account[A_PRINCIPAL] - t.account[A_ADVANCED]
    if t.account[A_CAP] != NONE:
        least -= t.account[A_CHARGES]
    if offered >= least and payoff_gross(t) <= offered:
        held = t.account[A_CREDIT]
        if held > 0:
            t.account[A_CREDIT] = 0
            record_account(t, 0, PRINCIPAL, PUT_TO_CREDIT, -held)
        put_to_credit(t, settle_all(t, cash + held, kind))
        return
    if contract != NONE:
        cash = allocate(t, cash, event_type, contract, kind)
    put_to_credit(t, allocate(t, cash, event_type, NONE, kind))


@compiled
def apply_credit(t: Tables) -> None:
    """Let the credit balance meet what is due or past due."""
    held = t.account[A_CREDIT]
    if held == 0 or t.account[A_FIRST] >= t.account[A_FALLEN]:
        return
    t.account[A_CREDIT] = allocate(t, held, NONE, NONE, TAKEN_FROM_CREDIT)
