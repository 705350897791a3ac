"""Applying one event: what each type does to the rows and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.arithmetic import rounded_ratio
from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    CHARGED,
    CHARGED_BACK,
    CHARGED_OFF,
    COMPONENTS,
    CREDIT_REFUNDED,
    DISBURSED,
    FEE,
    INTEREST,
    MOVED_OUT,
    NON_ACCRUAL,
    NORMAL,
    PENALTY,
    PRINCIPAL,
    REASON_EVENT,
    RESUMED_ACCRUAL,
    STOPPED_ACCRUAL,
    TAKEN_OVER,
    WAIVED,
)
from arrears.servicing.accrual import (
    is_above_floor,
    overdue_principal,
    set_night_charges,
    weight_of,
)
from arrears.servicing.allocation import drop_unearned, put_to_credit, receive
from arrears.servicing.cap import change_cap, credit_above_ceiling, late_fee_room, room_tonight
from arrears.servicing.layout import (
    A_ACTIVE,
    A_CAP,
    A_CHARGES,
    A_COMPOUND_RATE,
    A_CREDIT,
    A_CUT,
    A_DAY,
    A_FIRST,
    A_FROZEN_UNTIL,
    A_IS_CHARGED_OFF,
    A_IS_NON_ACCRUAL,
    A_IS_OPENED,
    A_PAUSES,
    A_PENALTY_RATE,
    A_PRINCIPAL,
    A_RATE,
    A_RATE_AFTER,
    A_RATE_UNTIL,
    A_STATUS,
    E_AMOUNT,
    E_COMPONENT,
    E_CONTRACT,
    E_IS_BACKDATED,
    E_PENALTY_RATE,
    E_RATE,
    E_ROW_COUNT,
    E_ROW_FIRST,
    E_TYPE,
    E_UNTIL,
    EV_ACCELERATED,
    EV_CHARGED_BACK,
    EV_CHARGED_OFF,
    EV_CONVERTED,
    EV_DISBURSED,
    EV_FEE_CHARGED,
    EV_PAUSED,
    EV_PENALTY_FROZEN,
    EV_POLICY_APPLIED,
    EV_PURCHASED,
    EV_RATE_CHANGED,
    EV_RECOVERED,
    EV_REFUNDED,
    EV_REPAID,
    EV_REPLANNED,
    EV_STATEMENT_CLOSED,
    EV_TAKEN_OVER,
    EV_WAIVED,
    KIND_OPENING_PAID,
    KIND_OPENING_WAIVED,
    KIND_REVOLVING,
    KIND_UNBILLED,
    NONE,
    POLICY_CAP,
    R_CARRIED,
    R_CONTRACT,
    R_DUE,
    R_FROM,
    R_INTEREST,
    R_KIND,
    R_NUMBER,
    R_PRINCIPAL,
    ROW_OPEN,
    ROW_SETTLED_EARLY,
    STATUS_ROWS_DO_NOT_SUM,
    T_ACCRUAL,
    T_COMPOUND_RATE,
    T_GRACE_DAYS,
    T_NON_ACCRUAL_DAYS,
    T_PENALTY_MODE,
    T_ROUNDING,
    W_ACCRUED,
    W_DUE,
    W_EXTRA,
    W_FEE_CHARGED,
    W_INTEREST,
    W_IS_CHARGEABLE,
    W_IS_DUE,
    W_IS_OVERDUE,
    W_PAID,
    W_STATE,
    W_WAIVED,
)
from arrears.servicing.line_rows import close_statement, convert, purchase, refund_from_shop
from arrears.servicing.recording import record, record_account, write
from arrears.servicing.replacing import accelerate, asked_for, enter_signed, replace_rows
from arrears.servicing.standing import (
    days_delinquent,
    enter_row,
    fall_due_today,
    next_number,
    oldest_unpaid,
    open_spare_row,
    outstanding,
    recognised,
    resolves_principal,
    split_instalment,
)

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def disburse(t: Tables, event: int) -> None:
    """Money goes out: the first time the signed rows enter, later a tranche replaces undue rows."""
    amount = t.events[event, E_AMOUNT]
    record_account(t, 0, PRINCIPAL, DISBURSED, amount)
    t.account[A_PRINCIPAL] += amount
    if t.account[A_IS_OPENED] == 1:
        record_account(t, 0, PRINCIPAL, MOVED_OUT, amount)
        replace_rows(t, event, 1, amount)
        return
    t.account[A_IS_OPENED] = 1
    if asked_for(t, event, PRINCIPAL) != amount:
        t.account[A_STATUS] = STATUS_ROWS_DO_NOT_SUM
    enter_signed(t, event)
    fall_due_today(t)


@compiled
def take_over_row(t: Tables, row: int, end: int) -> int:
    """Enter one row with its history in the old system; returns the row after its openings."""
    enter_row(t, row)
    today = t.account[A_DAY]
    t.work[row, W_DUE + INTEREST] = t.rows[row, R_INTEREST]
    after = row + 1
    while after < end and t.rows[after, R_KIND] in (KIND_OPENING_PAID, KIND_OPENING_WAIVED):
        column = W_PAID if t.rows[after, R_KIND] == KIND_OPENING_PAID else W_WAIVED
        for component in range(COMPONENTS):
            t.work[row, column + component] = t.rows[after, R_PRINCIPAL + component]
        after += 1
    due = t.rows[row, R_DUE]
    t.work[row, W_ACCRUED] = t.rows[row, R_INTEREST]
    if due <= today:
        t.work[row, W_IS_DUE] = 1
        t.work[row, W_FEE_CHARGED] = t.work[row, W_DUE + FEE]
        if due < today and outstanding(t, row, PRINCIPAL) > 0:
            t.work[row, W_IS_OVERDUE] = 1
        if today - due > t.terms[T_GRACE_DAYS]:
            t.work[row, W_IS_CHARGEABLE] = 1
    else:
        new = t.rows[row, R_INTEREST] - t.rows[row, R_CARRIED]
        elapsed = min(max(0, today - t.rows[row, R_FROM]), due - t.rows[row, R_FROM])
        share = rounded_ratio(new * elapsed, due - t.rows[row, R_FROM], t.terms[T_ROUNDING])
        t.work[row, W_ACCRUED] = t.rows[row, R_CARRIED] + share
        if t.terms[T_ACCRUAL] == 1:
            t.work[row, W_DUE + INTEREST] = t.work[row, W_ACCRUED]
            t.work[row, W_INTEREST] = share
            t.work[row, W_INTEREST + 2] = share
    t.account[A_PRINCIPAL] += outstanding(t, row, PRINCIPAL)
    return after


@compiled
def take_over(t: Tables, event: int) -> None:
    """Continue an account of another system as it stood at cut-over."""
    t.account[A_IS_OPENED] = 1
    row = t.events[event, E_ROW_FIRST]
    end = row + t.events[event, E_ROW_COUNT]
    while row < end:
        row = take_over_row(t, row, end)
    stop = t.terms[T_NON_ACCRUAL_DAYS]
    if stop > 0 and days_delinquent(t, oldest_unpaid(t)) >= stop:
        t.account[A_IS_NON_ACCRUAL] = 1
    for at in range(t.account[A_ACTIVE]):
        row = t.in_force[at]
        for component in range(COMPONENTS):
            record(t, row, component, TAKEN_OVER, recognised(t, row, component), REASON_EVENT)
    put_to_credit(t, t.events[event, E_AMOUNT])


@compiled
def change_rate(t: Tables, event: int) -> None:
    """A new contract rate from today, for good or until a day; signed rows may come with it."""
    until = t.events[event, E_UNTIL]
    if until != NONE:
        if t.account[A_RATE_UNTIL] == NONE:
            t.account[A_RATE_AFTER] = t.account[A_RATE]
        t.account[A_RATE_UNTIL] = until
    else:
        t.account[A_RATE_AFTER] = t.events[event, E_RATE]
    t.account[A_RATE] = t.events[event, E_RATE]
    if t.events[event, E_PENALTY_RATE] != NONE and until == NONE:
        t.account[A_PENALTY_RATE] = t.events[event, E_PENALTY_RATE]
        if t.terms[T_COMPOUND_RATE] != NONE:
            t.account[A_COMPOUND_RATE] = t.events[event, E_PENALTY_RATE]
    if t.events[event, E_ROW_COUNT] > 0:
        replace_rows(t, event, 1, 0)


@compiled
def apply_policy(t: Tables, event: int) -> None:
    """A text that reaches back acts from its own value date on."""
    if t.events[event, E_COMPONENT] == POLICY_CAP:
        change_cap(t, t.events[event, E_RATE])
        return
    t.account[A_PENALTY_RATE] = t.events[event, E_RATE]
    if t.terms[T_COMPOUND_RATE] != NONE:
        t.account[A_COMPOUND_RATE] = t.events[event, E_RATE]


@compiled
def fee_row(t: Tables, event: int) -> int:
    """The row a fee joins: the first not yet due at the fee's date, else a row of its own."""
    due = t.events[event, E_UNTIL]
    if due == NONE:
        due = t.account[A_DAY]
    for at in range(t.account[A_ACTIVE]):
        row = t.in_force[at]
        kind = t.rows[row, R_KIND]
        if t.rows[row, R_DUE] >= due and t.work[row, W_STATE] == ROW_OPEN and kind != KIND_UNBILLED:
            return row
    contract = max(0, t.events[event, E_CONTRACT])
    spare = t.events[event, E_ROW_FIRST]
    open_spare_row(t, spare, contract, next_number(t, contract), due)
    fall_due_today(t)
    return spare


@compiled
def charge_fee_by_event(t: Tables, event: int) -> None:
    """A fee, or a late fee (component penalty) as far as one night's room under the cap allows."""
    amount = t.events[event, E_AMOUNT]
    component = t.events[event, E_COMPONENT]
    if component == PENALTY and t.account[A_CAP] != NONE:
        night = 0
        bears = t.account[A_FROZEN_UNTIL] <= t.account[A_DAY] and t.terms[T_PENALTY_MODE] != 0
        if bears and is_above_floor(t):
            night = set_night_charges(t)
        room = room_tonight(t, overdue_principal(t))
        weight = weight_of(t, t.account[A_DAY], t.account[A_DAY] + 1)
        allowed = late_fee_room(t, amount, night, room, weight)
        t.account[A_CUT] += amount - allowed
        amount = allowed
    if amount == 0:
        return
    row = fee_row(t, event)
    t.work[row, W_DUE + component] += amount
    t.account[A_CHARGES] += amount
    if component == FEE:
        t.work[row, W_FEE_CHARGED] += amount
    record(t, row, component, CHARGED, amount, REASON_EVENT)


@compiled
def row_due_from_today(t: Tables) -> int:
    """The first open row due today or later that is billed and not revolving; NONE: none."""
    for at in range(t.account[A_ACTIVE]):
        row = t.in_force[at]
        state = t.work[row, W_STATE]
        takes = state in (ROW_OPEN, ROW_SETTLED_EARLY)
        is_billed = t.rows[row, R_KIND] not in (KIND_UNBILLED, KIND_REVOLVING)
        if takes and is_billed and t.rows[row, R_DUE] >= t.account[A_DAY]:
            t.work[row, W_STATE] = ROW_OPEN
            return row
    return NONE


@compiled
def owe_again(t: Tables, event: int, amount: int, kind: int) -> None:
    """Principal is owed again: on the next row due, today's too, or on a row of its own."""
    row = row_due_from_today(t)
    if row == NONE:
        row = t.events[event, E_ROW_FIRST]
        open_spare_row(t, row, 0, next_number(t, 0), t.account[A_DAY])
        fall_due_today(t)
    t.work[row, W_DUE + PRINCIPAL] += amount
    t.work[row, W_EXTRA] += amount
    t.account[A_PRINCIPAL] += amount
    record(t, row, PRINCIPAL, kind, amount, REASON_EVENT)


@compiled
def refund_credit(t: Tables, event: int) -> None:
    """Pay out credit balance; what goes beyond it is owed again."""
    amount = t.events[event, E_AMOUNT]
    from_credit = min(amount, t.account[A_CREDIT])
    t.account[A_CREDIT] -= from_credit
    record_account(t, 0, PRINCIPAL, CREDIT_REFUNDED, from_credit)
    if amount > from_credit:
        owe_again(t, event, amount - from_credit, CHARGED_BACK)


@compiled
def waive(t: Tables, event: int) -> None:
    """Let a component go: what is owed of it today, oldest row first, never more than there is."""
    left = t.events[event, E_AMOUNT]
    component = t.events[event, E_COMPONENT]
    contract = t.events[event, E_CONTRACT]
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        amount = min(left, recognised(t, row, component))
        if amount > 0 and contract in (NONE, t.rows[row, R_CONTRACT]):
            record(t, row, component, WAIVED, amount, REASON_EVENT)
            t.work[row, W_WAIVED + component] += amount
            left -= amount
            if component == PRINCIPAL:
                t.account[A_PRINCIPAL] -= amount
            else:
                t.account[A_CHARGES] -= amount


@compiled
def charge_off(t: Tables) -> None:
    """Write the debt off the books; it stays owed, and nothing accrues on it any more."""
    if t.account[A_IS_CHARGED_OFF] == 1:
        return
    cash = 0
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        if t.work[row, W_IS_DUE] == 0:
            cash += drop_unearned(t, row)
    cash += credit_above_ceiling(t)
    if cash > 0:
        receive(t, cash, NONE, NONE)
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        if t.work[row, W_IS_DUE] == 0 and resolves_principal(t, row):
            split_instalment(t, row)
        for component in range(COMPONENTS):
            record(t, row, component, CHARGED_OFF, outstanding(t, row, component), REASON_EVENT)
    t.account[A_IS_CHARGED_OFF] = 1


@compiled
def move_accrual(t: Tables, kind: int) -> None:
    """Take unpaid interest, penalty and compound off the balance sheet, or back on it."""
    stage = NORMAL if kind == STOPPED_ACCRUAL else NON_ACCRUAL
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        for component in range(INTEREST, COMPONENTS):
            if component != FEE:
                amount = recognised(t, row, component)
                contract = t.rows[row, R_CONTRACT]
                write(t, contract, t.rows[row, R_NUMBER], component, kind, stage, amount)


@compiled
def stop_accrual(t: Tables) -> None:
    """Non-accrual begins: what is unpaid is still owed, but no longer counted as income."""
    move_accrual(t, STOPPED_ACCRUAL)
    t.account[A_IS_NON_ACCRUAL] = 1


@compiled
def resume_accrual(t: Tables) -> None:
    """Nothing is overdue any more: interest counts as income again."""
    move_accrual(t, RESUMED_ACCRUAL)
    t.account[A_IS_NON_ACCRUAL] = 0


@compiled
def apply_relief(t: Tables, event: int, event_type: int) -> None:
    """Apply what changes terms and moves no money: rates, freezes, pauses, policy, waivers."""
    if event_type == EV_RATE_CHANGED:
        change_rate(t, event)
    elif event_type == EV_POLICY_APPLIED:
        apply_policy(t, event)
    elif event_type == EV_PENALTY_FROZEN:
        t.account[A_FROZEN_UNTIL] = max(t.account[A_FROZEN_UNTIL], t.events[event, E_UNTIL])
    elif event_type == EV_PAUSED:
        t.account[A_PAUSES] += 1
    elif event_type == EV_WAIVED:
        waive(t, event)
    elif event_type == EV_REPLANNED:
        replace_rows(t, event, 0, 0)
    elif event_type == EV_ACCELERATED:
        accelerate(t, event)


@compiled
def apply_money(t: Tables, event: int, event_type: int) -> None:
    """Apply what moves money or rows of a line."""
    if event_type in (EV_REPAID, EV_RECOVERED):
        receive(t, t.events[event, E_AMOUNT], event_type, t.events[event, E_CONTRACT])
    elif event_type == EV_REFUNDED:
        if t.events[event, E_COMPONENT] == PRINCIPAL:
            refund_from_shop(t, event, event_type)
        else:
            refund_credit(t, event)
    elif event_type == EV_FEE_CHARGED:
        charge_fee_by_event(t, event)
    elif event_type == EV_CHARGED_BACK:
        owe_again(t, event, t.events[event, E_AMOUNT], CHARGED_BACK)
    elif event_type == EV_CONVERTED:
        convert(t, event)
    elif event_type == EV_STATEMENT_CLOSED:
        close_statement(t, event)
    elif event_type == EV_CHARGED_OFF:
        charge_off(t)


@compiled
def apply_event(t: Tables, event: int) -> None:
    """Apply one event; opening events first, for the others need an account to act on."""
    event_type = t.events[event, E_TYPE]
    if event_type == EV_DISBURSED:
        disburse(t, event)
    elif event_type == EV_PURCHASED:
        purchase(t, event)
    elif event_type == EV_TAKEN_OVER:
        take_over(t, event)
    elif t.account[A_IS_OPENED] == 0:
        if event_type in (EV_REPAID, EV_RECOVERED):
            put_to_credit(t, t.events[event, E_AMOUNT])
        elif event_type == EV_REFUNDED:
            refund_unopened(t, event)
        elif event_type == EV_STATEMENT_CLOSED:
            close_statement(t, event)
    else:
        apply_relief(t, event, event_type)
        apply_money(t, event, event_type)
    if t.events[event, E_IS_BACKDATED] == 1 and event_type != EV_CHARGED_OFF:
        cash = credit_above_ceiling(t)
        if cash > 0:
            receive(t, cash, NONE, NONE)


@compiled
def refund_unopened(t: Tables, event: int) -> None:
    """Pay out credit balance of an account whose loan was never made."""
    amount = t.events[event, E_AMOUNT]
    t.account[A_CREDIT] -= amount
    record_account(t, 0, PRINCIPAL, CREDIT_REFUNDED, amount)
