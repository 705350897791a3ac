"""Reconciling: what the journal holds for each account, beside what its fold says it owes.

Both sides are tables of cells, one a component and stage and one for the customer's credit balance:
`held_minor` adds up the journal by what the chart says each ledger account holds, whatever movement
caused a row; the other side is read off the tables of a fold (`servicing.in_books`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from arrears.kernel.errors import invariant
from arrears.kernel.movement import Component, Stage
from arrears.ledger.postings_columnar import (
    JC_ACCOUNT,
    JC_AMOUNT,
    JC_COMPONENT,
    JC_CREDIT,
    JC_DEBIT,
)

if TYPE_CHECKING:
    from arrears.ledger.chart import Chart, Holding

Columns = npt.NDArray[np.int64]

#: A cell is component x STAGES + stage; the last one is the credit balance.
STAGES = len(Stage)
CREDIT_CELL = len(Component) * STAGES
CELLS = CREDIT_CELL + 1
#: In a place of an account's position: the rows belong to none of the batch.
NOBODY = -1
#: In a table of cells: the ledger account holds no borrower's position.
NO_CELL = -1
_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSums:
    """The journal of a batch, added up by account, component and pair of ledger accounts."""

    account: (
        Columns  #: int64[n], position in the batch; NOBODY: rows of no account, such as suspense
    )
    component: Columns  #: int64[n]
    debit: Columns  #: int64[n], position in the chart
    credit: Columns  #: int64[n], position in the chart
    amount_minor: Columns  #: int64[n], minor units, > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTotals:
    """What was debited and credited to each account of the chart."""

    debit_minor: Columns  #: int64[accounts of the chart], minor units
    credit_minor: Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Where the journal holds something else than the fold says; by account, then by cell."""

    account: Columns  #: int64[n], position in the batch
    cell: Columns  #: int64[n]
    expected_minor: Columns  #: int64[n], what the fold says, minor units
    held_minor: Columns  #: int64[n], what the journal holds, minor units


def cell_of(component: int, stage: int) -> int:
    """The cell of what is owed of a component at a stage."""
    return component * STAGES + stage


def cells_of_chart(chart: Chart) -> Columns:
    """Which cell a row of a component moves on each ledger account; made once for many batches.

    Returns:
        int64[accounts of the chart, components]; NO_CELL: none. An account that holds any component
        takes the row's word for it; one that holds a certain component does not.
    """
    cells = np.full((len(chart.accounts), len(Component)), NO_CELL, dtype=np.int64)
    for at, account in enumerate(chart.accounts):
        if account.holds is not None:
            for component in Component:
                cells[at, component] = held_cell(account.holds, component)
    return cells


def held_cell(holds: Holding, component: Component) -> int:
    """The cell that a row of a component moves on an account that holds something."""
    if holds.stage is None:
        return CREDIT_CELL
    return cell_of(component if holds.component is None else holds.component, holds.stage)


def accounts_of_cell(chart: Chart, cell: int) -> tuple[str, ...]:
    """Codes of the ledger accounts that hold a cell, in the order of the chart."""
    return tuple(
        account.code
        for account, cells in zip(chart.accounts, cells_of_chart(chart).tolist(), strict=True)
        if cell in cells
    )


def sums_of_journal(journal: Columns) -> JournalSums:
    """Rows just made, as sums: so that what is about to be written counts as held.

    Args:
        journal: int64[n, JOURNAL_COLUMNS], as `postings_columns` gives it.
    """
    return JournalSums(
        account=journal[:, JC_ACCOUNT],
        component=journal[:, JC_COMPONENT],
        debit=journal[:, JC_DEBIT],
        credit=journal[:, JC_CREDIT],
        amount_minor=journal[:, JC_AMOUNT],
    )


def held_minor(sums: JournalSums, accounts: int, cells: Columns) -> Columns:
    """What the journal holds for each account of a batch.

    Args:
        sums: In any order; several under one key add up. Rows of nobody are passed over.
        accounts: How many accounts the batch has.
        cells: From `cells_of_chart`.

    Returns:
        int64[accounts, CELLS], minor units: owed by the borrower, and in CREDIT_CELL owed to the
        borrower.

    Raises:
        InvariantError: `ledger.overflow`: amounts so large that a sum could wrap.
    """
    check_room(sums)
    held = np.zeros((accounts, CELLS), dtype=np.int64)
    for side, sign in ((sums.debit, 1), (sums.credit, -1)):
        cell = cells[side, sums.component]
        moves = (cell != NO_CELL) & (sums.account != NOBODY)
        np.add.at(held, (sums.account[moves], cell[moves]), sign * sums.amount_minor[moves])
    held[:, CREDIT_CELL] *= -1
    return held


def ledger_totals(sums: JournalSums, chart_accounts: int) -> LedgerTotals:
    """Debits and credits of every ledger account, rows of nobody included.

    Raises:
        InvariantError: `ledger.overflow`.
    """
    check_room(sums)
    debit_minor = np.zeros(chart_accounts, dtype=np.int64)
    credit_minor = np.zeros(chart_accounts, dtype=np.int64)
    np.add.at(debit_minor, sums.debit, sums.amount_minor)
    np.add.at(credit_minor, sums.credit, sums.amount_minor)
    return LedgerTotals(debit_minor=debit_minor, credit_minor=credit_minor)


def check_room(sums: JournalSums) -> None:
    """Stop where amounts are so large that their sum could wrap.

    Raises:
        InvariantError: `ledger.overflow`.
    """
    largest_minor = int(sums.amount_minor.max(initial=0))
    rows = len(sums.amount_minor)
    invariant(
        largest_minor * rows <= _INT64_MAX,
        "ledger.overflow",
        largest_minor=largest_minor,
        rows=rows,
    )


def differences(expected_minor: Columns, held: Columns) -> Differences:
    """Where two tables of cells differ; empty arrays where they do not.

    Args:
        expected_minor: int64[n, CELLS], what the folds say.
        held: int64[n, CELLS], from `held_minor`; the same accounts in the same order.
    """
    account, cell = np.nonzero(expected_minor != held)
    return Differences(
        account=account.astype(np.int64),
        cell=cell.astype(np.int64),
        expected_minor=expected_minor[account, cell],
        held_minor=held[account, cell],
    )
