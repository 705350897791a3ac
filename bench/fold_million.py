"""Measures the fold over a million loans against copying one row of 576 bytes a loan.

Both in seconds of this process on its core, turn by turn, so that other programs take from neither more than
from the other.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import mix
import numpy as np

from arrears.kernel.movement import MOVEMENT_COLUMNS
from arrears.servicing import layout as c
from arrears.servicing.fold import fold_account

if TYPE_CHECKING:
    from arrears.adapters.compiler import CompiledKernel

LOANS = 1_000_000
CHUNK = 50_000
SAMPLE = 2_000
YARDSTICK_COLUMNS = 72
KNOWN_AT = 2**62
RATIO_MAX = 30
#: What the mix must hold, in percent of loans.
SHARES_MIN = {
    "ever overdue": 20, "daily interest": 10, "reversed": 5, "backdated": 5,
    "waived": 5, "frozen": 5, "re-planned": 5, "capped": 5,
}  # fmt: skip


class Yardstick:
    """Copies 576 bytes a loan into touched memory; the median of all copies counts."""

    def __init__(self) -> None:
        self.source = np.ones((LOANS, YARDSTICK_COLUMNS), dtype=np.int64)
        self.target = np.ones((LOANS, YARDSTICK_COLUMNS), dtype=np.int64)
        self.taken: list[float] = []

    def copy(self) -> None:
        """Copy once."""
        start = time.process_time()
        np.copyto(self.target, self.source)
        self.taken.append(time.process_time() - start)

    def seconds(self) -> float:
        """The median so far."""
        return sorted(self.taken)[len(self.taken) // 2]


def folded(book: mix.Columns, kernel: CompiledKernel, as_of: int) -> mix.Int64Array:
    """The account table of a folded chunk."""
    loans = len(book.terms)
    accounts = np.zeros((loans, c.ACCOUNT_COLUMNS), dtype=np.int64)
    kernel.fold_book(
        book.terms,
        book.orders,
        book.events,
        book.event_offsets,
        book.rows,
        book.row_offsets,
        as_of,
        KNOWN_AT,
        c.NONE,
        np.zeros(32, dtype=np.int64),
        np.zeros(16, dtype=np.int64),
        np.zeros((32, c.WORK_COLUMNS), dtype=np.int64),
        accounts,
        np.zeros((0, MOVEMENT_COLUMNS), dtype=np.int64),
        np.zeros(loans + 1, dtype=np.int64),
    )
    return accounts


def interpreted(book: mix.Columns, loan: int, as_of: int) -> list[int]:
    """The account vector of one loan, by the same source run interpreted."""
    rows = book.rows[book.row_offsets[loan] : book.row_offsets[loan + 1]].copy()
    first, last = book.event_offsets[loan : loan + 2]
    events = np.ascontiguousarray(book.events[first:last])
    account = np.zeros(c.ACCOUNT_COLUMNS, dtype=np.int64)
    account[c.A_PERIOD_ENDS] = c.NONE
    fold_account(
        memoryview(np.ascontiguousarray(book.terms[loan])),
        memoryview(book.orders),
        memoryview(events),
        memoryview(rows),
        as_of,
        KNOWN_AT,
        memoryview(np.zeros(len(rows), dtype=np.int64)),
        memoryview(np.zeros(len(events), dtype=np.int64)),
        memoryview(np.zeros((len(rows), c.WORK_COLUMNS), dtype=np.int64)),
        memoryview(account),
        np.zeros((0, MOVEMENT_COLUMNS), dtype=np.int64),
    )
    return account.tolist()


def ever_overdue(book: mix.Columns, kernel: CompiledKernel) -> mix.Int64Array:
    """Which loans were past due on the day after any of their first five due dates."""
    late = np.zeros(len(book.terms), dtype=bool)
    for month in range(1, 6):
        day = mix.OPENED_ON + int(mix.MONTH_DAYS[:month].sum()) + 1
        late |= folded(book, kernel, day)[:, c.A_DAYS_PAST_DUE] > 0
    late |= folded(book, kernel, mix.AS_OF)[:, c.A_DAYS_PAST_DUE] > 0
    return late


def shares(book: mix.Columns, kernel: CompiledKernel) -> dict[str, float]:
    """What the mix really holds, counted from what the fold made of it, in percent."""
    events = book.events.reshape(-1, mix.EVENTS_A_LOAN, c.EVENT_COLUMNS)
    accounts = folded(book, kernel, mix.AS_OF)

    def has_event(kind: int) -> float:
        return 100 * float((events[:, :, c.E_TYPE] == kind).any(axis=1).mean())

    return {
        "ever overdue": 100 * float(ever_overdue(book, kernel).mean()),
        "daily interest": 100 * float((book.terms[:, c.T_ACCRUAL] == 1).mean()),
        "reversed": has_event(c.EV_REVERSED),
        "backdated": 100 * float((events[:, :, c.E_IS_BACKDATED] == 1).any(axis=1).mean()),
        "waived": has_event(c.EV_WAIVED),
        "frozen": has_event(c.EV_PENALTY_FROZEN),
        "re-planned": has_event(c.EV_REPLANNED),
        "capped": 100 * float((accounts[:, c.A_CUT] + accounts[:, c.A_CUT + 1] > 0).mean()),
    }


def measure(kernel: CompiledKernel) -> list[dict[str, object]]:
    """The rows of the bench table that concern a whole book."""
    book = mix.make(CHUNK, seed=1)
    accounts = folded(book, kernel, mix.AS_OF)
    wrong = [
        loan
        for loan in range(0, CHUNK, CHUNK // SAMPLE)
        if interpreted(book, loan, mix.AS_OF) != accounts[loan].tolist()
    ]
    told = shares(book, kernel)
    seconds = 0.0
    failed = 0
    yardstick = Yardstick()
    for seed in range(LOANS // CHUNK):
        chunk = mix.make(CHUNK, seed)
        start = time.process_time()
        result = folded(chunk, kernel, mix.AS_OF)
        seconds += time.process_time() - start
        failed += int((result[:, c.A_STATUS] != 0).sum())
        yardstick.copy()
    ratio = seconds / yardstick.seconds()
    mixed = ", ".join(f"{name} {share:.1f} %" for name, share in told.items())
    return [
        {
            "name": "fold, 1,000,000 loans x 12 instalments x 6 events, one core",
            "value": round(ratio, 1),
            "bar": f"<= {RATIO_MAX} x copying 576 bytes a loan",
            "holds": ratio <= RATIO_MAX and failed == 0,
            "detail": f"{seconds:.2f} s; copy {yardstick.seconds():.3f} s; {failed} failed",
        },
        {
            "name": "the mix",
            "value": round(min(told[name] - SHARES_MIN[name] for name in told), 1),
            "bar": ">= 0 above each share asked for",
            "holds": all(told[name] >= SHARES_MIN[name] for name in told),
            "detail": mixed,
        },
        {
            "name": f"compiled = interpreted on {SAMPLE} loans",
            "value": len(wrong),
            "bar": "0 that differ",
            "holds": not wrong,
            "detail": f"first that differ: {wrong[:5]}" if wrong else "every state column equal",
        },
    ]
