"""The legal cap on what a debt may cost: every night (b), and over the life (c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.arithmetic import PPM, carried
from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    CAPPED,
    COMPOUND,
    FEE,
    INTEREST,
    PAID,
    PENALTY,
    REASON_CAP_LIFE,
)
from arrears.servicing.layout import (
    A_ACTIVE,
    A_CAP,
    A_CEILING,
    A_CEILING_REST,
    A_CHARGES,
    A_CREDITED,
    A_FALLEN,
    A_FIRST,
    A_OCCUPIED,
    A_PRINCIPAL,
    A_RATE,
    E_ROW_COUNT,
    E_ROW_FIRST,
    NONE,
    PENALTY_ADDS,
    ROW_REPLACED,
    T_DAY_BASIS,
    T_PENALTY_MODE,
    W_ACCRUED,
    W_DUE,
    W_FEE_CHARGED,
    W_INTEREST_CREDITED,
    W_NIGHT_COMPOUNDED,
    W_NIGHT_ON_INTEREST,
    W_NIGHT_ON_PRINCIPAL,
    W_PAID,
    W_STATE,
    W_WAIVED,
)
from arrears.servicing.recording import record
from arrears.servicing.standing import recognised

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def room_tonight(t: Tables, overdue_principal_minor: int) -> int:
    """What default charges may cost this night, minor units x ppm; unused room is lost.

    Source: DESIGN 4, cap (b): principal x cap less contract interest on what is not overdue
    (in `adds`: on all of it).
    """
    principal = t.account[A_PRINCIPAL]
    bearing = principal - overdue_principal_minor
    if t.terms[T_PENALTY_MODE] == PENALTY_ADDS:
        bearing = principal
    return max(0, principal * t.account[A_CAP] - bearing * t.account[A_RATE])


@compiled
def cut_column(t: Tables, column: int, excess: int) -> int:
    """Cut up to `excess` from one kind of night charge, newest row first; returns what is left."""
    at = t.account[A_FALLEN] - 1
    while at >= t.account[A_FIRST] and excess > 0:
        row = t.in_force[at]
        cut = min(excess, t.work[row, column])
        t.work[row, column] -= cut
        excess -= cut
        at -= 1
    return excess


@compiled
def cut_to_room(t: Tables, total: int, overdue_principal_minor: int) -> int:
    """Cut this night's charges to the room: compound, then on interest, then on principal.

    Returns:
        What was cut, minor units x ppm; it is gone.
    """
    excess = total - room_tonight(t, overdue_principal_minor)
    if excess <= 0:
        return 0
    left = cut_column(t, W_NIGHT_COMPOUNDED, excess)
    left = cut_column(t, W_NIGHT_ON_INTEREST, left)
    cut_column(t, W_NIGHT_ON_PRINCIPAL, left)
    return excess


@compiled
def occupied_now(t: Tables) -> tuple[int, int]:
    """Sum over nights of principal x cap x year fraction: whole minor units, and the exact rest.

    The rest is over T_DAY_BASIS x PPM. The sum of principal x weight stays below 4e18 for 10^12
    minor units over thirty years; it is split before it meets the cap, so that nothing overflows.
    """
    basis = t.terms[T_DAY_BASIS]
    cap = t.account[A_CAP]
    units = t.account[A_OCCUPIED] // basis
    left = t.account[A_OCCUPIED] % basis
    small = (units % PPM) * cap
    fraction = (small % PPM) * basis + left * cap + t.account[A_CEILING_REST]
    whole = units // PPM * cap + small // PPM + fraction // (basis * PPM)
    return t.account[A_CEILING] + whole, fraction % (basis * PPM)


@compiled
def change_cap(t: Tables, cap: int) -> None:
    """A new cap from today: the nights before keep the old one, or what they cost without any."""
    whole, rest = t.account[A_CHARGES], 0
    if t.account[A_CAP] != NONE:
        whole, rest = occupied_now(t)
    t.account[A_CEILING] = whole
    t.account[A_CEILING_REST] = rest
    t.account[A_OCCUPIED] = 0
    t.account[A_CAP] = cap


@compiled
def ceiling_excess(t: Tables, more_charges: int) -> int:
    """By how much all charges so far, with some more, exceed principal x cap x time; >= 0."""
    if t.account[A_CAP] == NONE:
        return 0
    ceiling, _ = occupied_now(t)
    return max(0, t.account[A_CHARGES] + more_charges - ceiling)


@compiled
def credit_component(t: Tables, row: int, component: int, wanted: int) -> int:
    """Credit up to `wanted` of a row's recognised charge, unpaid first; returns freed cash.

    The caller reads how much was credited from the account's charges.
    """
    held = t.work[row, W_DUE + component] - t.work[row, W_WAIVED + component]
    if component == INTEREST:
        held -= t.work[row, W_DUE + INTEREST] - t.work[row, W_ACCRUED]
    elif component == FEE:
        held -= t.work[row, W_DUE + FEE] - t.work[row, W_FEE_CHARGED]
    amount = min(wanted, held)
    if amount <= 0:
        return 0
    unpaid = max(0, min(amount, recognised(t, row, component)))
    freed = amount - unpaid
    record(t, row, component, CAPPED, amount, REASON_CAP_LIFE)
    record(t, row, component, PAID, -freed, REASON_CAP_LIFE)
    t.work[row, W_DUE + component] -= amount
    t.work[row, W_PAID + component] -= freed
    if component == INTEREST:
        t.work[row, W_ACCRUED] -= amount
        t.work[row, W_INTEREST_CREDITED] += amount
    elif component == FEE:
        t.work[row, W_FEE_CHARGED] -= amount
    t.account[A_CHARGES] -= amount
    t.account[A_CREDITED] += amount
    return freed


@compiled
def credit_replaced(t: Tables, component: int, excess: int) -> int:
    """Credit a component of rows that were replaced, the last to enter first; returns freed cash."""
    freed = 0
    at = t.queue.shape[0] - 1
    while at >= 0 and excess > 0:
        event = t.queue[at]
        at -= 1
        if event == NONE:
            continue
        first = t.events[event, E_ROW_FIRST]
        row = first + t.events[event, E_ROW_COUNT] - 1
        while row >= first and excess > 0:
            if t.work[row, W_STATE] == ROW_REPLACED:
                before = t.account[A_CHARGES]
                freed += credit_component(t, row, component, excess)
                excess -= before - t.account[A_CHARGES]
            row -= 1
    return freed


@compiled
def credit_above_ceiling(t: Tables) -> int:
    """Test (c): credit charges above the ceiling, newest row first, replaced ones last.

    Returns:
        Cash that had paid what is now credited; the caller allocates it again.
    """
    excess = ceiling_excess(t, 0)
    freed = 0
    for step in range(4):
        component = COMPOUND
        if step == 1:
            component = PENALTY
        elif step == 2:  # noqa: PLR2004 - the third of four
            component = FEE
        elif step == 3:  # noqa: PLR2004 - the last of four
            component = INTEREST
        at = t.account[A_ACTIVE] - 1
        while at >= 0 and excess > 0:
            before = t.account[A_CHARGES]
            freed += credit_component(t, t.in_force[at], component, excess)
            excess -= before - t.account[A_CHARGES]
            at -= 1
        if excess > 0:
            before = t.account[A_CHARGES]
            freed += credit_replaced(t, component, excess)
            excess -= before - t.account[A_CHARGES]
    return freed


@compiled
def late_fee_room(t: Tables, wanted: int, night_total: int, room: int, weight: int) -> int:
    """A late fee is charged up to what one night's room leaves after its charges, rounded down."""
    if t.account[A_CAP] == NONE:
        return wanted
    whole, _ = carried(0, 0, max(0, room - night_total), weight, t.terms[T_DAY_BASIS])
    return min(wanted, whole)
