"""What the nights cost: contract interest and default charges gathered, then recognised in fen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.arithmetic import PPM, carried, night_weight, rounded, rounded_ratio
from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    ACCRUED,
    COMPOUND,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    REASON_COMPOUND_RATE,
    REASON_CONTRACT_RATE,
    REASON_LINE_RATE,
    REASON_PENALTY_RATE,
    REASON_SCHEDULE,
)
from arrears.servicing.cap import cut_to_room
from arrears.servicing.layout import (
    A_ACTIVE,
    A_CAP,
    A_CHARGES,
    A_COMPOUND_RATE,
    A_CUT,
    A_DAY,
    A_FALLEN,
    A_FIRST,
    A_FROZEN_UNTIL,
    A_IS_CHARGED_OFF,
    A_LIMITED,
    A_OCCUPIED,
    A_PENALTY_RATE,
    A_PERIOD_ENDS,
    A_PRINCIPAL,
    A_RATE,
    KIND_CHARGE,
    KIND_REVOLVING,
    KIND_UNBILLED,
    NONE,
    PENALTY_ADDS,
    PENALTY_NONE,
    PENALTY_REPLACES,
    R_CARRIED,
    R_DUE,
    R_FROM,
    R_INTEREST,
    R_KIND,
    R_PERIOD_DAYS,
    R_WEIGHT,
    ROW_OPEN,
    T_ACCRUAL,
    T_DAY_BASIS,
    T_DAY_COUNT,
    T_GRACE_DAYS,
    T_MATERIALITY,
    T_PENALTY_BASE,
    T_PENALTY_MODE,
    T_ROUNDING,
    T_ROUNDING_INTERVAL,
    T_YEAR_SPLIT,
    W_ACCRUED,
    W_COMPOUNDED,
    W_DUE,
    W_INTEREST,
    W_INTEREST_CREDITED,
    W_IS_CHARGEABLE,
    W_IS_DUE,
    W_LATE_INTEREST,
    W_NIGHT_COMPOUNDED,
    W_NIGHT_ON_INTEREST,
    W_NIGHT_ON_PRINCIPAL,
    W_ON_INTEREST,
    W_ON_PRINCIPAL,
    W_STATE,
)
from arrears.servicing.recording import explain_last, explain_sum, is_written, record
from arrears.servicing.standing import (
    bears_penalty,
    is_unpaid,
    next_open_row,
    outstanding,
    recognise_interest,
    reopen_row,
    unpaid_as_contracted,
)

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def weight_of(t: Tables, start: int, end: int) -> int:
    """Calendar weight of the nights from `start` to `end`, over the day basis."""
    return night_weight(start, end, t.terms[T_DAY_COUNT], t.terms[T_YEAR_SPLIT])


@compiled
def gather(t: Tables, row: int, column: int, night_ppm: int, weight: int, spread: int) -> None:
    """Add the nights' charge to a row's exact sum at `column` (whole, remainder)."""
    whole, remainder = carried(
        t.work[row, column],
        t.work[row, column + 1],
        night_ppm,
        weight,
        t.terms[T_DAY_BASIS] * spread,
    )
    t.work[row, column] = whole
    t.work[row, column + 1] = remainder


@compiled
def gather_nights(
    t: Tables, row: int, column: int, night_ppm: int, weight: int, start: int, end: int
) -> None:
    """Add default charges by the calendar; under `each_day` every night is rounded by itself."""
    if night_ppm == 0:
        return
    if t.terms[T_ROUNDING_INTERVAL] == 0:
        gather(t, row, column, night_ppm, weight, 1)
        return
    basis = t.terms[T_DAY_BASIS]
    for day in range(start, end):
        whole, remainder = carried(0, 0, night_ppm, weight_of(t, day, day + 1), basis)
        t.work[row, column] += rounded(whole, remainder, basis * PPM, t.terms[T_ROUNDING])


@compiled
def new_in_sum(t: Tables, row: int, column: int, spread: int) -> int:
    """The rounded sum at `column` less what was recognised of it; marks it as recognised."""
    total = rounded(
        t.work[row, column],
        t.work[row, column + 1],
        t.terms[T_DAY_BASIS] * spread * PPM,
        t.terms[T_ROUNDING],
    )
    new = total - t.work[row, column + 2]
    t.work[row, column + 2] = total
    return new


@compiled
def overdue_principal(t: Tables) -> int:
    """Unpaid principal of rows fallen due, the revolving row apart: what is overdue tonight."""
    total = 0
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if t.rows[row, R_KIND] != KIND_REVOLVING:
            total += outstanding(t, row, PRINCIPAL)
    return total


@compiled
def bearer_after_maturity(t: Tables) -> int:
    """The last row in force that can bear interest; NONE where there is none."""
    at = t.account[A_ACTIVE] - 1
    while at >= 0:
        row = t.in_force[at]
        if t.rows[row, R_KIND] not in (KIND_REVOLVING, KIND_UNBILLED, KIND_CHARGE):
            return row
        at -= 1
    return NONE


@compiled
def period_row(t: Tables) -> int:
    """The row whose interest period runs; a charge has none; NONE after the last due date."""
    for at in range(t.account[A_FALLEN], t.account[A_ACTIVE]):
        row = t.in_force[at]
        if t.rows[row, R_KIND] != KIND_CHARGE:
            return row
    return NONE


@compiled
def spread_of(t: Tables, row: int) -> int:
    """How many calendar days the row's period weight is spread over; 1: by the calendar."""
    days = t.rows[row, R_PERIOD_DAYS]
    return days if days > 0 else 1


@compiled
def gather_daily_interest(t: Tables, start: int, end: int, overdue: int) -> None:
    """Contract interest of the nights on outstanding principal, to the period they belong to.

    Under `replaces`, `overdue` principal bears none.
    """
    base = t.account[A_PRINCIPAL]
    if t.terms[T_PENALTY_MODE] == PENALTY_REPLACES:
        base -= overdue
    night_ppm = base * t.account[A_RATE]
    if night_ppm == 0:
        return
    row = period_row(t)
    if row != NONE:
        spread = t.rows[row, R_PERIOD_DAYS]
        if spread > 0:
            gather(t, row, W_INTEREST, night_ppm, t.rows[row, R_WEIGHT] * (end - start), spread)
        else:
            gather(t, row, W_INTEREST, night_ppm, weight_of(t, start, end), 1)
        return
    row = bearer_after_maturity(t)
    if row == NONE:
        return
    spread = spread_of(t, row)
    gather(t, row, W_INTEREST, night_ppm, weight_of(t, start, end) * spread, spread)


@compiled
def gather_interest_on_due_rows(t: Tables, start: int, end: int) -> None:
    """Contract interest on rows fallen due: the revolving row, and overdue principal in `adds`."""
    adds = t.terms[T_PENALTY_MODE] == PENALTY_ADDS and t.terms[T_ACCRUAL] == 0
    weight = NONE
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if t.rows[row, R_KIND] == KIND_REVOLVING or adds:
            night_ppm = outstanding(t, row, PRINCIPAL) * t.account[A_RATE]
            if night_ppm > 0:
                if weight == NONE:
                    weight = weight_of(t, start, end)
                gather(t, row, W_INTEREST, night_ppm, weight, 1)


@compiled
def unpaid_due_interest(t: Tables, row: int) -> int:
    """Interest unpaid since the due date; what was recognised later bears nothing."""
    return max(0, outstanding(t, row, INTEREST) - t.work[row, W_LATE_INTEREST])


@compiled
def penalty_rate_on_principal(t: Tables) -> int:
    """The penalty rate, with the contract rate in `adds` never above the cap."""
    rate = t.account[A_PENALTY_RATE]
    cap = t.account[A_CAP]
    if cap == NONE:
        return rate
    if t.terms[T_PENALTY_MODE] == PENALTY_ADDS:
        cap = max(0, cap - t.account[A_RATE])
    return min(rate, cap)


@compiled
def set_night_charges(t: Tables) -> int:
    """Set each overdue row's charge of one night, minor units x ppm; returns their sum."""
    total = 0
    rate = penalty_rate_on_principal(t)
    on_unpaid_interest = t.terms[T_PENALTY_BASE] == 1 or t.account[A_COMPOUND_RATE] > 0
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        on_principal = 0
        on_interest = 0
        compounded = 0
        if t.rows[row, R_DUE] <= t.account[A_DAY] and bears_penalty(t, row):
            on_principal = outstanding(t, row, PRINCIPAL) * rate
            if on_unpaid_interest:
                interest = unpaid_due_interest(t, row)
                if t.terms[T_PENALTY_BASE] == 1:
                    on_interest = interest * t.account[A_PENALTY_RATE]
                compounded = interest * t.account[A_COMPOUND_RATE]
        t.work[row, W_NIGHT_ON_PRINCIPAL] = on_principal
        t.work[row, W_NIGHT_ON_INTEREST] = on_interest
        t.work[row, W_NIGHT_COMPOUNDED] = compounded
        total += on_principal + on_interest + compounded
    return total


@compiled
def is_above_floor(t: Tables) -> bool:
    """Whether principal, interest and fee unpaid on rows fallen due exceed the materiality floor."""
    total = 0
    floor = t.terms[T_MATERIALITY]
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if t.rows[row, R_KIND] != KIND_REVOLVING:
            total += unpaid_as_contracted(t, row)
            if total > floor:
                return True
    return False


@compiled
def count_removed(t: Tables, column: int, night_ppm: int, weight: int) -> None:
    """Add what the cap took off these nights to an exact sum of the account: whole, remainder."""
    if night_ppm == 0:
        return
    whole, remainder = carried(
        t.account[column], t.account[column + 1], night_ppm, weight, t.terms[T_DAY_BASIS]
    )
    t.account[column] = whole
    t.account[column + 1] = remainder


@compiled
def kept_by_rate_limit(t: Tables) -> int:
    """What one night's penalty on principal would be more at the rate the cap does not let stand.

    Returns:
        Minor units x ppm, >= 0.
    """
    above = t.account[A_PENALTY_RATE] - penalty_rate_on_principal(t)
    if above <= 0:
        return 0
    principal = 0
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if t.rows[row, R_DUE] <= t.account[A_DAY] and bears_penalty(t, row):
            principal += outstanding(t, row, PRINCIPAL)
    return principal * above


@compiled
def gather_default_charges(t: Tables, start: int, end: int, overdue: int) -> None:
    """Penalty and compound interest of the nights, cut to the cap's room beside `overdue` principal."""
    if t.terms[T_PENALTY_MODE] == PENALTY_NONE or t.account[A_FROZEN_UNTIL] > start:
        return
    if not is_above_floor(t):
        return
    total = set_night_charges(t)
    weight = weight_of(t, start, end)
    if t.account[A_CAP] != NONE:
        count_removed(t, A_LIMITED, kept_by_rate_limit(t), weight)
        count_removed(t, A_CUT, cut_to_room(t, total, overdue), weight)
    if total == 0:
        return
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        night = t.work[row, W_NIGHT_ON_PRINCIPAL]
        gather_nights(t, row, W_ON_PRINCIPAL, night, weight, start, end)
        night = t.work[row, W_NIGHT_ON_INTEREST]
        if night > 0:
            gather_nights(t, row, W_ON_INTEREST, night, weight, start, end)
        night = t.work[row, W_NIGHT_COMPOUNDED]
        if night > 0:
            gather_nights(t, row, W_COMPOUNDED, night, weight, start, end)


@compiled
def occupy(t: Tables, start: int, end: int) -> None:
    """Add principal x weight of the nights: what the ceiling of all charges is made of."""
    if t.account[A_CAP] == NONE or t.account[A_PRINCIPAL] == 0:
        return
    t.account[A_OCCUPIED] += t.account[A_PRINCIPAL] * weight_of(t, start, end)


@compiled
def accrue(t: Tables, start: int, end: int) -> None:
    """Gather what the nights from `start` to `end` cost; nothing changes between them."""
    occupy(t, start, end)
    if t.account[A_IS_CHARGED_OFF] == 1 or t.account[A_PRINCIPAL] + t.account[A_FALLEN] == 0:
        return
    overdue = overdue_principal(t)
    if t.terms[T_ACCRUAL] == 1 and t.account[A_ACTIVE] > 0:
        gather_daily_interest(t, start, end, overdue)
    if t.account[A_FIRST] < t.account[A_FALLEN]:
        gather_interest_on_due_rows(t, start, end)
        gather_default_charges(t, start, end, overdue)


@compiled
def recognise_scheduled(t: Tables, start: int) -> None:
    """Recognise signed interest evenly over its period, for rows whose period has begun."""
    today = t.account[A_DAY]
    at = t.account[A_FALLEN]
    while at < t.account[A_ACTIVE]:
        row = t.in_force[at]
        first = t.rows[row, R_FROM]
        if first >= today:
            return
        new = t.rows[row, R_INTEREST] - t.rows[row, R_CARRIED]
        if new > 0 and t.work[row, W_STATE] == ROW_OPEN:
            period = t.rows[row, R_DUE] - first
            elapsed = today - first
            share = new
            if elapsed < period:
                share = rounded_ratio(new * elapsed, period, t.terms[T_ROUNDING])
            amount = t.rows[row, R_CARRIED] + share - t.work[row, W_ACCRUED]
            amount -= t.work[row, W_INTEREST_CREDITED]
            amount = min(amount, t.work[row, W_DUE + INTEREST] - t.work[row, W_ACCRUED])
            recognise_interest(t, row, amount, REASON_SCHEDULE)
            if amount != 0 and is_written(t):
                explain_last(t, new, 0, start, today - start)
                explain_sum(t, new * elapsed // period, new * elapsed % period, period)
        at += 1


@compiled
def recognise_daily(t: Tables, start: int) -> None:
    """Recognise daily interest of the running period, on its row or on the next open one."""
    row = period_row(t)
    if row == NONE:
        row = bearer_after_maturity(t)
        if row == NONE:
            return
    spread = spread_of(t, row)
    amount = new_in_sum(t, row, W_INTEREST, spread)
    if amount == 0:
        return
    bearer = row
    if t.work[row, W_STATE] != ROW_OPEN and t.work[row, W_IS_DUE] == 0:
        bearer = next_open_row(t)
        if bearer == NONE:
            bearer = row
    if t.work[bearer, W_IS_DUE] == 1:
        t.work[bearer, W_LATE_INTEREST] += amount
        if not is_unpaid(t, bearer):
            reopen_row(t, bearer)
    t.work[bearer, W_DUE + INTEREST] += amount
    recognise_interest(t, bearer, amount, REASON_CONTRACT_RATE)
    if t.account[A_PERIOD_ENDS] == NONE:
        return
    base = t.account[A_PRINCIPAL]
    if t.terms[T_PENALTY_MODE] == PENALTY_REPLACES:
        base -= overdue_principal(t)
    explain_last(t, base, t.account[A_RATE], start, t.account[A_DAY] - start)
    basis = t.terms[T_DAY_BASIS] * spread * PPM
    explain_sum(t, t.work[row, W_INTEREST], t.work[row, W_INTEREST + 1], basis)


@compiled
def recognise_on_due_row(t: Tables, row: int, start: int) -> None:
    """Recognise contract interest gathered on a row after its due date."""
    amount = new_in_sum(t, row, W_INTEREST, 1)
    if amount == 0:
        return
    t.work[row, W_DUE + INTEREST] += amount
    t.work[row, W_LATE_INTEREST] += amount
    reason = REASON_CONTRACT_RATE
    if t.rows[row, R_KIND] == KIND_REVOLVING:
        reason = REASON_LINE_RATE
    recognise_interest(t, row, amount, reason)
    base = outstanding(t, row, PRINCIPAL)
    explain_last(t, base, t.account[A_RATE], start, t.account[A_DAY] - start)
    basis = t.terms[T_DAY_BASIS] * PPM
    explain_sum(t, t.work[row, W_INTEREST], t.work[row, W_INTEREST + 1], basis)


@compiled
def recognise_sum(
    t: Tables, row: int, column: int, component: int, night_ppm: int, rate: int, start: int
) -> None:
    """Recognise one of a row's three default-charge sums from the due date, once chargeable."""
    first = t.work[row, column + 2] == 0
    amount = new_in_sum(t, row, column, 1)
    if amount == 0:
        return
    t.work[row, W_DUE + component] += amount
    t.account[A_CHARGES] += amount
    if t.account[A_PERIOD_ENDS] == NONE:
        return
    reason = REASON_COMPOUND_RATE if component == COMPOUND else REASON_PENALTY_RATE
    record(t, row, component, ACCRUED, amount, reason)
    base = night_ppm // rate if rate > 0 else 0
    begun = t.rows[row, R_DUE] if first else start
    explain_last(t, base, rate, begun, t.account[A_DAY] - begun)
    basis = t.terms[T_DAY_BASIS] * PPM
    explain_sum(t, t.work[row, column], t.work[row, column + 1], basis)


@compiled
def recognise_default_charges(t: Tables, start: int) -> None:
    """Recognise penalty and compound interest of every row whose grace has passed."""
    above_floor = is_above_floor(t)
    rate = penalty_rate_on_principal(t)
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        if not bears_penalty(t, row):
            continue
        if t.work[row, W_IS_CHARGEABLE] == 0:
            late = t.account[A_DAY] - t.rows[row, R_DUE] > t.terms[T_GRACE_DAYS]
            if not late or not above_floor or unpaid_as_contracted(t, row) == 0:
                continue
            t.work[row, W_IS_CHARGEABLE] = 1
        night = t.work[row, W_NIGHT_ON_PRINCIPAL]
        recognise_sum(t, row, W_ON_PRINCIPAL, PENALTY, night, rate, start)
        if t.work[row, W_ON_INTEREST] + t.work[row, W_ON_INTEREST + 1] > 0:
            night = t.work[row, W_NIGHT_ON_INTEREST]
            recognise_sum(t, row, W_ON_INTEREST, PENALTY, night, t.account[A_PENALTY_RATE], start)
        if t.work[row, W_COMPOUNDED] + t.work[row, W_COMPOUNDED + 1] > 0:
            night = t.work[row, W_NIGHT_COMPOUNDED]
            recognise_sum(t, row, W_COMPOUNDED, COMPOUND, night, t.account[A_COMPOUND_RATE], start)


@compiled
def recognise(t: Tables, start: int) -> None:
    """Recognise today what the nights since `start` brought, in whole minor units."""
    if t.account[A_IS_CHARGED_OFF] == 1:
        return
    if t.terms[T_ACCRUAL] == 1:
        recognise_daily(t, start)
    else:
        recognise_scheduled(t, start)
    if t.account[A_FIRST] < t.account[A_FALLEN]:
        for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
            row = t.in_force[at]
            if (
                t.terms[T_ACCRUAL] == 0
                and t.work[row, W_INTEREST] + t.work[row, W_INTEREST + 1] > 0
            ):
                recognise_on_due_row(t, row, start)
        if t.terms[T_PENALTY_MODE] != PENALTY_NONE:
            recognise_default_charges(t, start)
