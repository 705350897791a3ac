"""Recording a movement: counted always, written where there is room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.compiled import compiled
from arrears.kernel.movement import (
    FEE,
    MV_AMOUNT,
    MV_BASE,
    MV_COMPONENT,
    MV_CONTRACT,
    MV_DAYS,
    MV_DENOMINATOR,
    MV_EVENT,
    MV_FROM,
    MV_INSTALMENT,
    MV_IS_VALUATION,
    MV_KIND,
    MV_ON,
    MV_RATE,
    MV_REASON,
    MV_REMAINDER,
    MV_STAGE,
    MV_WHOLE,
    NON_ACCRUAL,
    NORMAL,
    OVERDUE,
    PRINCIPAL,
    WRITTEN_OFF,
)
from arrears.servicing.layout import (
    A_DAY,
    A_EVENT,
    A_IS_CHARGED_OFF,
    A_IS_NON_ACCRUAL,
    A_IS_VALUATION,
    A_MOVEMENTS,
    A_PERIOD_ENDS,
    NONE,
    R_CONTRACT,
    R_NUMBER,
    W_IS_OVERDUE,
)

if TYPE_CHECKING:
    from arrears.servicing.tables import Tables


@compiled
def stage_of(t: Tables, row: int, component: int) -> int:
    """Where in the books an amount of this row and component stands now."""
    if t.account[A_IS_CHARGED_OFF] == 1:
        return WRITTEN_OFF
    if component == PRINCIPAL:
        return OVERDUE if t.work[row, W_IS_OVERDUE] == 1 else NORMAL
    if component == FEE:
        return NORMAL
    return NON_ACCRUAL if t.account[A_IS_NON_ACCRUAL] == 1 else NORMAL


@compiled
def record_account(t: Tables, contract: int, component: int, kind: int, amount: int) -> None:
    """Record a movement of the account as a whole (instalment 0), today, by the event at hand."""
    stage = WRITTEN_OFF if t.account[A_IS_CHARGED_OFF] == 1 else NORMAL
    write(t, contract, 0, component, kind, stage, amount)


@compiled
def record(t: Tables, row: int, component: int, kind: int, amount: int, reason: int) -> None:
    """Record a movement of one row's component, today, where it stands now."""
    if amount == 0 or t.account[A_PERIOD_ENDS] == NONE:
        return
    at = t.account[A_MOVEMENTS]
    if at >= t.moves.shape[0]:
        t.account[A_MOVEMENTS] = at + 1
        return
    write(
        t,
        t.rows[row, R_CONTRACT],
        t.rows[row, R_NUMBER],
        component,
        kind,
        stage_of(t, row, component),
        amount,
    )
    t.moves[at, MV_REASON] = reason


@compiled
def write(
    t: Tables, contract: int, number: int, component: int, kind: int, stage: int, amount: int
) -> None:
    """Count a movement and, where there is room, write its key, amount and cause."""
    if amount == 0 or t.account[A_PERIOD_ENDS] == NONE:
        return
    at = t.account[A_MOVEMENTS]
    t.account[A_MOVEMENTS] = at + 1
    if at >= t.moves.shape[0]:
        return
    t.moves[at, MV_CONTRACT] = contract
    t.moves[at, MV_INSTALMENT] = number
    t.moves[at, MV_COMPONENT] = component
    t.moves[at, MV_KIND] = kind
    t.moves[at, MV_ON] = t.account[A_DAY]
    t.moves[at, MV_STAGE] = stage
    t.moves[at, MV_AMOUNT] = amount
    t.moves[at, MV_BASE] = 0
    t.moves[at, MV_RATE] = 0
    t.moves[at, MV_FROM] = t.account[A_DAY]
    t.moves[at, MV_DAYS] = 0
    t.moves[at, MV_WHOLE] = 0
    t.moves[at, MV_REMAINDER] = 0
    t.moves[at, MV_DENOMINATOR] = 1
    t.moves[at, MV_REASON] = 0
    t.moves[at, MV_EVENT] = t.account[A_EVENT]
    t.moves[at, MV_IS_VALUATION] = t.account[A_IS_VALUATION]


@compiled
def is_written(t: Tables) -> bool:
    """Whether the movement just recorded had room and wants to be explained."""
    return t.account[A_PERIOD_ENDS] != NONE and t.account[A_MOVEMENTS] <= t.moves.shape[0]


@compiled
def explain_last(t: Tables, base: int, rate: int, start: int, days: int) -> None:
    """Add to the movement just recorded what it was computed from."""
    at = t.account[A_MOVEMENTS] - 1
    if is_written(t):
        t.moves[at, MV_BASE] = base
        t.moves[at, MV_RATE] = rate
        t.moves[at, MV_FROM] = start
        t.moves[at, MV_DAYS] = days


@compiled
def explain_sum(t: Tables, whole: int, remainder: int, denominator: int) -> None:
    """Add to the movement just recorded the exact sum it was rounded from."""
    at = t.account[A_MOVEMENTS] - 1
    if is_written(t):
        t.moves[at, MV_WHOLE] = whole
        t.moves[at, MV_REMAINDER] = remainder
        t.moves[at, MV_DENOMINATOR] = denominator
