"""What the ledger's tests share: the package's own rules, and movements as Hypothesis makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import strategies as st

from arrears.adapters.ledger_files import load_posting_rules
from arrears.kernel.movement import (
    MOVEMENT_COLUMNS,
    MV_AMOUNT,
    MV_COMPONENT,
    MV_CONTRACT,
    MV_INSTALMENT,
    MV_IS_VALUATION,
    MV_KIND,
    MV_ON,
    MV_STAGE,
)

if TYPE_CHECKING:
    from arrears.ledger.posting_rules import PostingRules

Table = npt.NDArray[np.int64]


@pytest.fixture(scope="session")
def rules() -> PostingRules:
    """The chart and posting rules that ship with the package."""
    return load_posting_rules()


@pytest.fixture(scope="session")
def movement_tables(rules: PostingRules) -> st.SearchStrategy[Table]:
    """Tables of movements that can occur; few keys, so that rows often share one.

    Some rows are valuations, amounts are of either sign and may cancel, and the columns that no
    posting depends on hold anything.
    """
    triples = sorted(rules.pairs_of)
    row = st.tuples(
        st.sampled_from(triples),
        st.integers(0, 2),
        st.integers(0, 3),
        st.integers(20_000, 20_003),
        st.integers(-3, 3) | st.integers(-(10**13), 10**13),
        st.sampled_from([0, 0, 0, 1]),
        st.integers(0, 10**6),
    )
    return st.lists(row, max_size=25).map(_table)


def _table(rows: list[tuple[tuple[int, int, int], int, int, int, int, int, int]]) -> Table:
    table = np.zeros((len(rows), MOVEMENT_COLUMNS), dtype=np.int64)
    for at, ((kind, component, stage), contract, instalment, day, amount, flag, rest) in enumerate(
        rows
    ):
        table[at, :] = rest
        table[at, MV_CONTRACT] = contract
        table[at, MV_INSTALMENT] = instalment
        table[at, MV_COMPONENT] = component
        table[at, MV_KIND] = kind
        table[at, MV_ON] = day
        table[at, MV_STAGE] = stage
        table[at, MV_AMOUNT] = amount
        table[at, MV_IS_VALUATION] = flag
    return table
