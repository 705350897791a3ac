"""How the rows stand: outstanding amounts, order by due date, entering, falling due, and age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    ACCRUED,
    BECAME_OVERDUE,
    CHARGED,
    COMPONENTS,
    FEE,
    FELL_DUE,
    INTEREST,
    PRINCIPAL,
    REASON_SCHEDULE,
)
from arrears.servicing.layout import (
    A_ACTIVE,
    A_CHARGES,
    A_DAY,
    A_FALLEN,
    A_FIRST,
    A_IS_CHARGED_OFF,
    A_PAUSES,
    A_PERIOD_ENDS,
    E_ON,
    E_TYPE,
    E_UNTIL,
    EV_PAUSED,
    KIND_ADJUSTMENT,
    KIND_CHARGE,
    KIND_INSTALMENT,
    KIND_REVOLVING,
    NONE,
    R_AGEING_FROM,
    R_CARRIED,
    R_DUE,
    R_FROM,
    R_INTEREST,
    R_KIND,
    R_PRINCIPAL,
    ROW_OPEN,
    T_ACCRUAL,
    T_GRACE_DAYS,
    T_KEEP,
    T_MATERIALITY,
    W_ACCRUED,
    W_DUE,
    W_EXTRA,
    W_FEE_CHARGED,
    W_IS_CHARGEABLE,
    W_IS_DUE,
    W_IS_OVERDUE,
    W_NIGHT_ON_PRINCIPAL,
    W_ON_PRINCIPAL,
    W_PAID,
    W_SETTLED_ON,
    W_STATE,
    W_WAIVED,
    WORK_COLUMNS,
)
from arrears.servicing.recording import record

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def outstanding(t: Tables, row: int, component: int) -> int:
    """What the row still asks for in this component, minor units."""
    return (
        t.work[row, W_DUE + component]
        - t.work[row, W_PAID + component]
        - t.work[row, W_WAIVED + component]
    )


@compiled
def recognised(t: Tables, row: int, component: int) -> int:
    """The part of `outstanding` that is owed today: an undue row owes what has accrued so far."""
    left = outstanding(t, row, component)
    if t.work[row, W_IS_DUE] == 1:
        return left
    if component == INTEREST:
        return left - t.work[row, W_DUE + INTEREST] + t.work[row, W_ACCRUED]
    if component == FEE:
        return left - t.work[row, W_DUE + FEE] + t.work[row, W_FEE_CHARGED]
    return left


@compiled
def is_unpaid(t: Tables, row: int) -> bool:
    """Whether the row asks for anything at all."""
    for component in range(COMPONENTS):
        if outstanding(t, row, component) > 0:
            return True
    return False


@compiled
def unpaid_as_contracted(t: Tables, row: int) -> int:
    """Outstanding principal, interest and fee of the row: what materiality looks at."""
    return outstanding(t, row, PRINCIPAL) + outstanding(t, row, INTEREST) + outstanding(t, row, FEE)


@compiled
def enter_row(t: Tables, row: int) -> None:
    """Put a row in force: open, in its place by due date, fallen due if its day is today or past."""
    for column in range(WORK_COLUMNS):
        t.work[row, column] = 0
    t.work[row, W_STATE] = ROW_OPEN
    t.work[row, W_SETTLED_ON] = NONE
    for component in range(COMPONENTS):
        t.work[row, W_DUE + component] = t.rows[row, R_PRINCIPAL + component]
    t.work[row, W_ACCRUED] = t.rows[row, R_CARRIED]
    if t.terms[T_ACCRUAL] == 1:
        t.work[row, W_DUE + INTEREST] = t.rows[row, R_CARRIED]
    at = t.account[A_ACTIVE]
    due = t.rows[row, R_DUE]
    while at > 0 and t.rows[t.in_force[at - 1], R_DUE] > due:
        t.in_force[at] = t.in_force[at - 1]
        at -= 1
    t.in_force[at] = row
    t.account[A_ACTIVE] += 1
    t.account[A_FIRST] = min(at, t.account[A_FIRST])
    if due <= t.account[A_DAY]:
        t.account[A_FALLEN] += 1


@compiled
def leave_row(t: Tables, at: int) -> None:
    """Take the replaced row at a place of the order out of it; what it asked for has moved."""
    if at < t.account[A_FALLEN]:
        t.account[A_FALLEN] -= 1
    if at < t.account[A_FIRST]:
        t.account[A_FIRST] -= 1
    t.account[A_ACTIVE] -= 1
    while at < t.account[A_ACTIVE]:
        t.in_force[at] = t.in_force[at + 1]
        at += 1


@compiled
def last_row(t: Tables) -> int:
    """The last open instalment not yet due, which absorbs; NONE where there is none."""
    at = t.account[A_ACTIVE] - 1
    while at >= 0:
        row = t.in_force[at]
        is_open = t.work[row, W_STATE] == ROW_OPEN and t.work[row, W_IS_DUE] == 0
        if is_open and t.rows[row, R_KIND] == KIND_INSTALMENT:
            return row
        at -= 1
    return NONE


@compiled
def shift_principal(t: Tables, row: int, wanted: int) -> None:
    """Give the row `wanted` more principal (or less) at the expense of the last rows.

    Only rows after it give, newest first, and none more than it still asks for.
    """
    if wanted < 0:
        last = last_row(t)
        t.work[row, W_DUE + PRINCIPAL] += wanted
        t.work[last, W_DUE + PRINCIPAL] -= wanted
        return
    at = t.account[A_ACTIVE] - 1
    while wanted > 0 and at >= 0 and t.in_force[at] != row:
        other = t.in_force[at]
        if t.rows[other, R_KIND] == KIND_INSTALMENT and t.work[other, W_IS_DUE] == 0:
            gives = min(wanted, outstanding(t, other, PRINCIPAL))
            t.work[other, W_DUE + PRINCIPAL] -= gives
            t.work[row, W_DUE + PRINCIPAL] += gives
            wanted -= gives
        at -= 1


@compiled
def resolves_principal(t: Tables, row: int) -> bool:
    """Whether this row's principal is what its instalment leaves after interest."""
    return (
        t.terms[T_ACCRUAL] == 1
        and t.terms[T_KEEP] == 0
        and t.rows[row, R_KIND] == KIND_INSTALMENT
        and row != last_row(t)
    )


@compiled
def instalment_of(t: Tables, row: int) -> int:
    """The row's principal and interest as signed, with what a chargeback added."""
    return t.rows[row, R_PRINCIPAL] + t.rows[row, R_INTEREST] + t.work[row, W_EXTRA]


@compiled
def split_instalment(t: Tables, row: int) -> None:
    """Set the row's principal to instalment less recognised interest; the last row absorbs."""
    principal = max(
        instalment_of(t, row) - t.work[row, W_ACCRUED],
        t.work[row, W_PAID + PRINCIPAL] + t.work[row, W_WAIVED + PRINCIPAL],
        0,
    )
    shift_principal(t, row, principal - t.work[row, W_DUE + PRINCIPAL])


@compiled
def recognise_interest(t: Tables, row: int, amount: int, reason: int) -> None:
    """Recognise interest of a row: it is owed from today."""
    t.work[row, W_ACCRUED] += amount
    t.account[A_CHARGES] += amount
    record(t, row, INTEREST, ACCRUED, amount, reason)


@compiled
def charge_fee(t: Tables, row: int, amount: int, reason: int) -> None:
    """Recognise a fee of a row: it is owed from today."""
    t.work[row, W_FEE_CHARGED] += amount
    t.account[A_CHARGES] += amount
    record(t, row, FEE, CHARGED, amount, reason)


@compiled
def fall_due(t: Tables, row: int) -> None:
    """The row's due date has come: all it asks for is owed."""
    if t.work[row, W_STATE] == ROW_OPEN:
        if t.terms[T_ACCRUAL] == 0:
            left = t.work[row, W_DUE + INTEREST] - t.work[row, W_ACCRUED]
            recognise_interest(t, row, left, REASON_SCHEDULE)
        elif resolves_principal(t, row):
            split_instalment(t, row)
    charge_fee(t, row, t.work[row, W_DUE + FEE] - t.work[row, W_FEE_CHARGED], REASON_SCHEDULE)
    t.work[row, W_IS_DUE] = 1
    if t.account[A_PERIOD_ENDS] == NONE:
        return
    for component in range(COMPONENTS):
        record(t, row, component, FELL_DUE, outstanding(t, row, component), REASON_SCHEDULE)


@compiled
def fall_due_today(t: Tables) -> None:
    """Let every row due today, or entered after its due date, fall due."""
    at = t.account[A_FIRST]
    while at < t.account[A_ACTIVE] and t.rows[t.in_force[at], R_DUE] <= t.account[A_DAY]:
        row = t.in_force[at]
        if t.work[row, W_IS_DUE] == 0:
            if at >= t.account[A_FALLEN]:
                t.account[A_FALLEN] = at + 1
            fall_due(t, row)
        at += 1


@compiled
def mark_overdue(t: Tables) -> None:
    """Move the principal of rows unpaid since before today to the overdue account."""
    if t.account[A_IS_CHARGED_OFF] == 1:
        return
    at = t.account[A_FIRST]
    while at < t.account[A_FALLEN]:
        row = t.in_force[at]
        if (
            t.work[row, W_IS_OVERDUE] == 0
            and t.rows[row, R_DUE] < t.account[A_DAY]
            and t.rows[row, R_KIND] != KIND_REVOLVING
        ):
            left = outstanding(t, row, PRINCIPAL)
            if left > 0:
                record(t, row, PRINCIPAL, BECAME_OVERDUE, left, REASON_SCHEDULE)
                t.work[row, W_IS_OVERDUE] = 1
        at += 1


@compiled
def is_past_due(t: Tables, row: int) -> bool:
    """Whether the row's due date is over; the revolving row's never is."""
    return t.rows[row, R_DUE] < t.account[A_DAY] and t.rows[row, R_KIND] != KIND_REVOLVING


@compiled
def has_arrears(t: Tables) -> bool:
    """Whether any row past due has anything unpaid."""
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        if is_past_due(t, t.in_force[at]) and is_unpaid(t, t.in_force[at]):
            return True
    return False


@compiled
def oldest_unpaid(t: Tables) -> int:
    """Ageing date of the oldest past-due row with anything unpaid; NONE: nothing is past due."""
    oldest = NONE
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if oldest != NONE and t.rows[row, R_AGEING_FROM] >= oldest:
            continue
        if is_past_due(t, row) and is_unpaid(t, row):
            oldest = t.rows[row, R_AGEING_FROM]
    return oldest


@compiled
def overdue_as_contracted(t: Tables) -> int:
    """Principal, interest and fee unpaid on rows whose due date is over, minor units."""
    total = 0
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if is_past_due(t, row):
            total += unpaid_as_contracted(t, row)
    return total


@compiled
def paused_days(t: Tables, start: int, end: int) -> int:
    """Days of [start, end) on which ageing is paused; overlapping pauses count once."""
    if t.account[A_PAUSES] == 0:
        return 0
    days = 0
    counted_to = start
    for at in range(t.queue.shape[0]):
        event = t.queue[at]
        if event == NONE or t.events[event, E_ON] > end:
            break
        if t.events[event, E_TYPE] == EV_PAUSED:
            first = max(t.events[event, E_ON], counted_to)
            last = min(t.events[event, E_UNTIL], end)
            if last > first:
                days += last - first
                counted_to = last
    return days


@compiled
def days_delinquent(t: Tables, oldest: int) -> int:
    """Days since `oldest` less pauses; 0 within grace or the materiality floor, or if NONE."""
    if oldest == NONE:
        return 0
    days = t.account[A_DAY] - oldest
    if days <= t.terms[T_GRACE_DAYS] or overdue_as_contracted(t) <= t.terms[T_MATERIALITY]:
        return 0
    return days - paused_days(t, oldest, t.account[A_DAY])


@compiled
def pass_settled_rows(t: Tables) -> None:
    """Move the first open entry past rows that ask for nothing any more, and note the day."""
    while t.account[A_FIRST] < t.account[A_FALLEN]:
        row = t.in_force[t.account[A_FIRST]]
        if is_unpaid(t, row):
            return
        t.work[row, W_SETTLED_ON] = t.account[A_DAY]
        t.account[A_FIRST] += 1


@compiled
def reopen_row(t: Tables, row: int) -> None:
    """Look at a paid row again that asks for something anew; what gathered within grace is forgotten."""
    if t.work[row, W_IS_CHARGEABLE] == 0:
        for column in range(W_ON_PRINCIPAL, W_NIGHT_ON_PRINCIPAL):
            t.work[row, column] = 0
    for at in range(t.account[A_FIRST]):
        if t.in_force[at] == row:
            t.work[row, W_SETTLED_ON] = NONE
            t.account[A_FIRST] = at
            return


@compiled
def next_open_row(t: Tables) -> int:
    """The first row not yet due that is open and has an interest period; NONE after the last."""
    for at in range(t.account[A_FALLEN], t.account[A_ACTIVE]):
        row = t.in_force[at]
        if t.work[row, W_STATE] == ROW_OPEN and t.rows[row, R_KIND] != KIND_CHARGE:
            return row
    return NONE


@compiled
def open_spare_row(t: Tables, row: int, contract: int, number: int, due: int) -> None:
    """Put a spare row in force, asking for nothing yet."""
    t.rows[row, 0] = contract
    t.rows[row, 1] = number
    t.rows[row, R_FROM] = t.account[A_DAY]
    t.rows[row, R_DUE] = due
    t.rows[row, R_AGEING_FROM] = due
    enter_row(t, row)


@compiled
def next_number(t: Tables, contract: int) -> int:
    """One above the highest row number of the contract in force or replaced."""
    highest = 0
    for row in range(t.rows.shape[0]):
        if t.rows[row, 0] == contract and t.work[row, W_STATE] != 0:
            highest = max(highest, t.rows[row, 1])
    return highest + 1


@compiled
def bears_penalty(t: Tables, row: int) -> bool:
    """Whether an unpaid row bears default charges: not the revolving row, not an adjustment."""
    kind = t.rows[row, R_KIND]
    return kind not in (KIND_REVOLVING, KIND_ADJUSTMENT)
