"""Measures one loan with 2,400 days and 2,000 events: the fold compiled, and a whole process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import mix
import numpy as np

from arrears.kernel.movement import MOVEMENT_COLUMNS
from arrears.servicing import layout as c

if TYPE_CHECKING:
    from arrears.adapters.compiler import CompiledKernel

DAYS = 2_400
EVENTS = 2_000
FOLD_SECONDS_MAX = 0.005
PROCESS_SECONDS_MAX = 0.6
ROWS = 80


def columns() -> tuple[mix.Int64Array, ...]:
    """Terms, orders, events and rows of a long daily loan with a small repayment nearly every day."""
    terms = np.zeros(c.TERM_COLUMNS, dtype=np.int64)
    terms[[c.T_DAY_COUNT, c.T_DAY_BASIS, c.T_ACCRUAL]] = [c.DAY_COUNT_ACTUAL_365, 365, 1]
    terms[[c.T_RATE, c.T_PENALTY_MODE, c.T_PENALTY_RATE]] = [120_000, c.PENALTY_REPLACES, 180_000]
    terms[c.T_COMPOUND_RATE] = c.NONE
    terms[[c.T_CAP, c.T_ORDER_COUNT, c.T_NON_ACCRUAL_DAYS]] = [240_000, 1, 90]
    rows = np.zeros((ROWS, c.ROW_COLUMNS), dtype=np.int64)
    for number in range(ROWS):
        rows[number, [c.R_NUMBER, c.R_FROM]] = [number + 1, mix.OPENED_ON + 30 * number]
        rows[number, [c.R_DUE, c.R_AGEING_FROM]] = mix.OPENED_ON + 30 * (number + 1)
        rows[number, [c.R_PRINCIPAL, c.R_INTEREST]] = [1_000_00, 400_00]
    events = np.full((EVENTS, c.EVENT_COLUMNS), c.NONE, dtype=np.int64)
    events[:, [c.E_SEQ, c.E_RECORDED, c.E_ROW_FIRST, c.E_ROW_COUNT, c.E_IS_BACKDATED]] = 0
    events[:, c.E_TIE] = np.arange(EVENTS)
    events[0, [c.E_ON, c.E_TYPE, c.E_AMOUNT]] = [mix.OPENED_ON, c.EV_DISBURSED, ROWS * 1_000_00]
    events[0, c.E_ROW_COUNT] = ROWS
    spread = np.arange(1, EVENTS) * (DAYS - 1) // EVENTS
    events[1:, c.E_ON] = mix.OPENED_ON + 1 + spread
    events[1:, c.E_TYPE] = c.EV_REPAID
    events[1:, c.E_AMOUNT] = 30_00
    return terms, mix.orders(), events, rows


def fold_seconds(kernel: CompiledKernel) -> float:
    """The best of five folds of the long loan, compiled."""
    terms, orders, events, rows = columns()
    best = float("inf")
    for _ in range(5):
        account = np.zeros(c.ACCOUNT_COLUMNS, dtype=np.int64)
        account[c.A_PERIOD_ENDS] = c.NONE
        start = time.perf_counter()
        status = kernel.fold_account(
            terms,
            orders,
            events,
            rows,
            mix.OPENED_ON + DAYS,
            2**62,
            np.zeros(ROWS, dtype=np.int64),
            np.zeros(EVENTS, dtype=np.int64),
            np.zeros((ROWS, c.WORK_COLUMNS), dtype=np.int64),
            account,
            np.zeros((0, MOVEMENT_COLUMNS), dtype=np.int64),
        )
        best = min(best, time.perf_counter() - start)
        if status != 0:
            sys.exit(f"the long loan ended with status {status}")
    return best


def document() -> str:
    """The same loan as `arrears balance` reads it."""
    opened = date(2026, 1, 1)
    events: list[dict[str, object]] = [
        {"id": "D1", "on": opened.isoformat(), "seq": 0, "type": "disbursed", "amount": "80000.00"}
    ]
    for number in range(1, EVENTS):
        on = opened + timedelta(days=1 + number * (DAYS - 1) // EVENTS)
        event = {"id": f"P{number:04d}", "on": on.isoformat(), "seq": number}
        events.append({**event, "type": "repaid", "amount": "30.00"})
    terms = {
        "principal": "80000.00",
        "disbursed_on": opened.isoformat(),
        "annual_rate": "0.12",
        "method": "equal_instalment",
        "instalments": ROWS,
        "every": 30,
        "unit": "days",
        "day_count": "actual/365",
        "rounding": "half_up",
    }
    contract = {
        "terms": terms,
        "penalty": {"mode": "replaces", "base": "principal", "uplift": "0.5", "compound": False},
        "accrual": "daily",
        "cap_annual": "0.24",
    }
    as_of = (opened + timedelta(days=DAYS)).isoformat()
    return json.dumps({"contract": contract, "events": events, "as_of": as_of})


def process_seconds(command: list[str], text: str) -> float:
    """The best of five runs of a command as a whole process."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - this interpreter and words written here, no shell
            command, input=text, capture_output=True, text=True, check=False
        )
        best = min(best, time.perf_counter() - start)
        if done.returncode != 0:
            sys.exit(done.stderr)
    return best


def measure(kernel: CompiledKernel) -> list[dict[str, object]]:
    """The rows of the bench table that concern one long loan."""
    folding = fold_seconds(kernel)
    numpy_alone = process_seconds([sys.executable, "-c", "import numpy"], "")
    probe = "import sys; from arrears.entrypoints.cli.main import run; run(['balance']); "
    probe += "sys.exit('numba was imported' if 'numba' in sys.modules else 0)"
    balance = process_seconds([sys.executable, "-c", probe], document())
    beside = f"python -c 'import numpy' in the same run: {numpy_alone:.2f} s"
    return [
        {
            "name": "one loan, 2,400 days, 2,000 events: fold, compiled",
            "value": round(folding * 1000, 2),
            "bar": "<= 5 ms",
            "holds": folding <= FOLD_SECONDS_MAX,
            "detail": beside,
        },
        {
            "name": "the same loan: arrears balance as a process, without Numba",
            "value": round(balance, 2),
            "bar": "<= 0.6 s",
            "holds": balance <= PROCESS_SECONDS_MAX,
            "detail": beside,
        },
    ]
