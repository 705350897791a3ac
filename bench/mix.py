"""A seeded book for the benchmarks: 12 instalments, 6 events a loan, in the mix the bench states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arrears.kernel.movement import FEE, INTEREST, PENALTY, PRINCIPAL
from arrears.servicing import layout as c

Int64Array = NDArray[np.int64]

ROWS_A_LOAN = 12
EVENTS_A_LOAN = 6
OPENED_ON = 20_454  # 2026-01-01
AS_OF = OPENED_ON + 31 + 28 + 31 + 30 + 31 + 20  # 20 days after the fifth due date
MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

#: Share of loans with each trait, in percent of loan numbers; the bench counts what came of it.
LATE, DAILY, REVERSED, BACKDATED, WAIVED, FROZEN, REPLANNED, CAPPED = range(8)


@dataclass(frozen=True)
class Columns:
    """A book as the fold reads it."""

    terms: Int64Array
    orders: Int64Array
    events: Int64Array
    event_offsets: Int64Array
    rows: Int64Array
    row_offsets: Int64Array
    traits: NDArray[np.bool_]  #: bool[loans, 8]


def orders() -> Int64Array:
    """One order of allocation: fee, interest, penalty, compound, principal."""
    table = np.full((1, c.ORDER_COLUMNS), c.NONE, dtype=np.int64)
    table[0, c.O_DAYS_FROM] = 0
    wanted = (FEE, INTEREST, PENALTY, 4, PRINCIPAL)
    table[0, c.O_SLOT :] = [standing * 5 + part for standing in range(3) for part in wanted]
    return table


def traits(loans: int, chance: np.random.Generator) -> NDArray[np.bool_]:
    """Which loan has which trait; a replanned, waived, frozen or capped loan is late first."""
    has = np.zeros((loans, 8), dtype=bool)
    draw = chance.permutation(loans) * 1000 // loans
    has[:, WAIVED] = draw < 52
    has[:, FROZEN] = (draw >= 52) & (draw < 104)
    has[:, REPLANNED] = (draw >= 104) & (draw < 156)
    has[:, CAPPED] = (draw >= 104) & (draw < 162) | (draw < 5)
    has[:, LATE] = draw < 162
    has[:, REVERSED] = (draw >= 162) & (draw < 214)
    has[:, BACKDATED] = (draw >= 214) & (draw < 266)
    has[:, DAILY] = (draw >= 266) & (draw < 368)
    return has


def make(loans: int, seed: int) -> Columns:
    """A book of `loans` loans, the same for the same seed."""
    chance = np.random.default_rng(seed)
    has = traits(loans, chance)
    principal = chance.integers(1_000_00, 50_000_00, loans)
    rate = np.where(has[:, CAPPED], 240_000, chance.integers(60_000, 140_000, loans))
    terms = np.zeros((loans, c.TERM_COLUMNS), dtype=np.int64)
    terms[:, c.T_DAY_COUNT] = c.DAY_COUNT_ACTUAL_365
    terms[:, c.T_DAY_BASIS] = 365
    terms[:, c.T_ACCRUAL] = has[:, DAILY]
    terms[:, c.T_RATE] = rate
    terms[:, c.T_PENALTY_MODE] = c.PENALTY_REPLACES
    terms[:, c.T_PENALTY_BASE] = 1
    terms[:, c.T_PENALTY_RATE] = rate * 3 // 2
    terms[:, c.T_COMPOUND_RATE] = c.NONE
    terms[:, c.T_GRACE_DAYS] = 3
    terms[:, c.T_CAP] = 240_000
    terms[:, c.T_ORDER_COUNT] = 1
    terms[:, c.T_NON_ACCRUAL_DAYS] = 90
    rows, row_offsets, instalment = signed_rows(has, principal, rate)
    events, event_offsets = happened(has, principal, instalment)
    return Columns(terms, orders(), events, event_offsets, rows, row_offsets, has)


def signed_rows(
    has: NDArray[np.bool_], principal: Int64Array, rate: Int64Array
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Twelve signed rows a loan, eight more and a spare where it is re-planned."""
    loans = len(principal)
    count = np.where(has[:, REPLANNED], ROWS_A_LOAN + 9, ROWS_A_LOAN)
    offsets = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    rows = np.zeros((offsets[-1], c.ROW_COLUMNS), dtype=np.int64)
    monthly = rate / 12e6
    total = np.rint(principal * monthly / (1 - (1 + monthly) ** -ROWS_A_LOAN)).astype(np.int64)
    left = principal.copy()
    day = np.full(loans, OPENED_ON)
    for number in range(ROWS_A_LOAN):
        at = offsets[:-1] + number
        due = day + MONTH_DAYS[number]
        interest = left * rate * MONTH_DAYS[number] // 365_000_000
        part = left if number == ROWS_A_LOAN - 1 else np.minimum(left, total - interest)
        fill(rows, at, number, day, due, part, interest)
        left = left - part
        day = due
    again = np.nonzero(has[:, REPLANNED])[0]
    owed = principal[again] - rows[offsets[again], c.R_PRINCIPAL]
    start = np.full(len(again), OPENED_ON + 31 + 28 + 31 + 15)
    for number in range(8):
        at = offsets[again] + ROWS_A_LOAN + number
        part = owed - owed // 8 * 7 if number == 7 else owed // 8
        fill(rows, at, 12 + number, start, start + 30, part, owed // 200)
        start = start + 30
    spare = offsets[again] + ROWS_A_LOAN + 8
    rows[spare, c.R_KIND] = c.KIND_ADJUSTMENT
    return rows, offsets, total


def fill(
    rows: Int64Array,
    at: Int64Array,
    number: int,
    start: Int64Array,
    due: Int64Array,
    principal: Int64Array,
    interest: Int64Array,
) -> None:
    """Write one instalment of many loans."""
    rows[at, c.R_NUMBER] = number + 1
    rows[at, c.R_FROM] = start
    rows[at, c.R_DUE] = due
    rows[at, c.R_AGEING_FROM] = due
    rows[at, c.R_PRINCIPAL] = principal
    rows[at, c.R_INTEREST] = interest


def happened(
    has: NDArray[np.bool_], principal: Int64Array, instalment: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """Six events a loan: disbursement, four of five instalments or all, and what its traits say."""
    loans = len(principal)
    events = np.full((loans, EVENTS_A_LOAN, c.EVENT_COLUMNS), c.NONE, dtype=np.int64)
    events[:, :, c.E_SEQ] = 0
    events[:, :, c.E_TIE] = np.arange(EVENTS_A_LOAN)
    events[:, :, c.E_RECORDED] = 0
    events[:, :, [c.E_ROW_FIRST, c.E_ROW_COUNT, c.E_IS_BACKDATED]] = 0
    events[:, 0, c.E_ON] = OPENED_ON
    events[:, 0, c.E_TYPE] = c.EV_DISBURSED
    events[:, 0, c.E_AMOUNT] = principal
    events[:, 0, c.E_ROW_COUNT] = ROWS_A_LOAN
    dues = OPENED_ON + np.cumsum(MONTH_DAYS)[:5]
    events[:, 1:, c.E_ON] = dues
    events[:, 1:, c.E_TYPE] = c.EV_REPAID
    events[:, 1:, c.E_AMOUNT] = instalment[:, None]
    late = has[:, LATE]
    events[late, 2, c.E_ON] += 25
    events[late, 3, c.E_ON] += 12
    events[has[:, BACKDATED], 3, c.E_IS_BACKDATED] = 1
    events[has[:, BACKDATED], 3, c.E_TIE] = 9
    set_special(events, has[:, WAIVED], c.EV_WAIVED, dues[4] + 2, component=PENALTY, amount=5_00)
    set_special(events, has[:, FROZEN], c.EV_PENALTY_FROZEN, dues[1] + 10, until=dues[1] + 20)
    set_special(events, has[:, REPLANNED], c.EV_REPLANNED, dues[2] + 15)
    events[has[:, REPLANNED], 5, c.E_ROW_FIRST] = ROWS_A_LOAN
    events[has[:, REPLANNED], 5, c.E_ROW_COUNT] = 9
    events[has[:, REPLANNED], 3, c.E_ON] += 40
    set_special(events, has[:, REVERSED], c.EV_REVERSED, dues[4])
    events[has[:, REVERSED], 5, c.E_TARGET] = 4
    offsets = np.arange(loans + 1, dtype=np.int64) * EVENTS_A_LOAN
    return events.reshape(-1, c.EVENT_COLUMNS), offsets


def set_special(
    events: Int64Array,
    where: NDArray[np.bool_],
    kind: int,
    on: int,
    *,
    component: int = c.NONE,
    amount: int = 0,
    until: int = c.NONE,
) -> None:
    """Let the last event of some loans be something other than a repayment."""
    events[where, 5, c.E_TYPE] = kind
    events[where, 5, c.E_ON] = on
    events[where, 5, c.E_AMOUNT] = amount
    events[where, 5, c.E_COMPONENT] = component
    events[where, 5, c.E_UNTIL] = until
