"""Where in the books stands what accounts owe: by component and stage, off the tables of their folds.

No movement is read: so what was posted can be held against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arrears.kernel.movement import (
    COMPONENTS,
    FEE,
    NON_ACCRUAL,
    NORMAL,
    OVERDUE,
    PRINCIPAL,
    WRITTEN_OFF,
)
from arrears.ledger.reconciling import CELLS, CREDIT_CELL, STAGES
from arrears.servicing import layout as c
from arrears.servicing.valuing import owed_by_row

if TYPE_CHECKING:
    from arrears.servicing.tables import Array


def owed_by_cell(work: Array, row_offsets: Array, accounts: Array) -> Array:
    """What each account owes by component and stage, and its credit balance.

    Args:
        work: int64[all rows, WORK_COLUMNS], after a fold.
        row_offsets: int64[n + 1], where each account's rows begin.
        accounts: int64[n, ACCOUNT_COLUMNS], after the same fold.

    Returns:
        int64[n, CELLS], minor units, numbered as `ledger.reconciling` does. What gathered since the
        last posting point is in it: on the last day of a month there is no such thing.
    """
    owed, _ = owed_by_row(work)
    owner = np.repeat(np.arange(len(accounts)), np.diff(row_offsets))
    first_cell = np.arange(COMPONENTS, dtype=np.int64) * STAGES
    cells = np.zeros((len(accounts), CELLS), dtype=np.int64)
    np.add.at(cells, (owner[:, None], first_cell + stages_of_rows(work, accounts[owner])), owed)
    cells[:, CREDIT_CELL] = accounts[:, c.A_CREDIT]
    return cells


def stages_of_rows(work: Array, owners: Array) -> Array:
    """Where each row's components stand, as `recording.stage_of` says it of one.

    Args:
        work: int64[n, WORK_COLUMNS].
        owners: int64[n, ACCOUNT_COLUMNS], the account of each row.

    Returns:
        int64[n, COMPONENTS], codes of `Stage`.
    """
    stages = np.zeros((len(work), COMPONENTS), dtype=np.int64)
    charges = np.where(owners[:, c.A_IS_NON_ACCRUAL] == 1, NON_ACCRUAL, NORMAL)
    stages[:, :] = charges[:, None]
    stages[:, FEE] = NORMAL
    stages[:, PRINCIPAL] = np.where(work[:, c.W_IS_OVERDUE] == 1, OVERDUE, NORMAL)
    stages[owners[:, c.A_IS_CHARGED_OFF] == 1] = WRITTEN_OFF
    return stages
