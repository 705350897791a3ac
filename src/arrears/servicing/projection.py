"""How rows not yet due will look if what is overdue is paid today and the rest on time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel.arithmetic import night_weight, rounded
from arrears.kernel.movement import COMPONENTS, INTEREST, PRINCIPAL
from arrears.kernel.rates import PPM
from arrears.servicing import layout as c

if TYPE_CHECKING:
    from arrears.servicing.state import Folded


def projected_rows(folded: Folded) -> list[tuple[int, ...]]:
    """What each row asks for, by component, minor units; daily interest to come is projected."""
    work = folded.work.tolist()
    due = [list(mine[c.W_DUE : c.W_DUE + COMPONENTS]) for mine in work]
    terms = folded.columns.terms.tolist()
    if terms[c.T_ACCRUAL] == 1 and folded.account[c.A_IS_CHARGED_OFF] == 0:
        project_daily(folded, work, terms, due)
    return [tuple(row) for row in due]


def project_daily(
    folded: Folded, work: list[list[int]], terms: list[int], due: list[list[int]]
) -> None:
    """Fill in interest and principal of rows in force and not yet due, in daily mode.

    A row's interest: what was recognised, what its period brings on the balance from here on, and
    the rest of the period of a row settled before its due date. The instalment stays; the last row
    takes what remains.
    """
    rows = folded.columns.rows.tolist()
    account = folded.account.tolist()
    coming = sorted(
        (
            at
            for at in range(len(rows))
            if work[at][c.W_STATE] in (1, 2) and not work[at][c.W_IS_DUE]
        ),
        key=lambda at: (rows[at][c.R_DUE], at),
    )
    overdue = sum(
        due[at][PRINCIPAL] - work[at][c.W_PAID] - work[at][c.W_WAIVED]
        for at in range(len(rows))
        if work[at][c.W_IS_DUE] and work[at][c.W_STATE] == c.ROW_OPEN
    )
    balance = account[c.A_PRINCIPAL] - overdue
    held = 0
    for place, at in enumerate(coming):
        row, mine = rows[at], work[at]
        extra = interest_to_come(row, mine, terms, account, balance)
        if mine[c.W_STATE] == c.ROW_SETTLED_EARLY:
            held += extra
            continue
        interest = mine[c.W_ACCRUED] + extra + held
        held = 0
        paid = mine[c.W_PAID] + mine[c.W_WAIVED]
        is_last = place == len(coming) - 1
        principal = due[at][PRINCIPAL]
        if is_last:
            principal = paid + balance
        elif terms[c.T_KEEP] == 0:
            total = row[c.R_PRINCIPAL] + row[c.R_INTEREST] + mine[c.W_EXTRA]
            principal = min(max(total - interest, paid), paid + balance)
        balance -= principal - paid
        due[at][PRINCIPAL] = principal
        due[at][INTEREST] = interest


def interest_to_come(
    row: list[int], mine: list[int], terms: list[int], account: list[int], balance: int
) -> int:
    """What the rest of a row's own period will bring on a balance, beyond what was recognised."""
    start = max(row[c.R_FROM], account[c.A_DAY])
    if row[c.R_DUE] <= start:
        return 0
    denominator = terms[c.T_DAY_BASIS] * max(1, row[c.R_PERIOD_DAYS]) * PPM
    rated = sum(
        rate * nights_weight(row, terms, since, until)
        for since, until, rate in rates_between(account, start, row[c.R_DUE])
    )
    exact = Fraction(mine[c.W_INTEREST]) + Fraction(
        mine[c.W_INTEREST + 1] + balance * rated, denominator
    )
    whole = int(exact // 1)
    rest = int((exact - whole) * denominator)
    total = rounded(whole, rest, denominator, terms[c.T_ROUNDING])
    return total - mine[c.W_INTEREST + 2]


def rates_between(account: list[int], start: int, end: int) -> list[tuple[int, int, int]]:
    """From, until and rate of each stretch of days: a temporary rate ends, the old one returns."""
    until = account[c.A_RATE_UNTIL]
    turn = end if until == c.NONE else min(max(until, start), end)
    stretches = [(start, turn, account[c.A_RATE]), (turn, end, account[c.A_RATE_AFTER])]
    return [each for each in stretches if each[0] < each[1]]


def nights_weight(row: list[int], terms: list[int], start: int, end: int) -> int:
    """What the nights from `start` to `end` weigh in a row's own period, over its denominator."""
    if row[c.R_PERIOD_DAYS] > 0:
        return row[c.R_WEIGHT] * (end - start)
    return night_weight(start, end, terms[c.T_DAY_COUNT], terms[c.T_YEAR_SPLIT])
