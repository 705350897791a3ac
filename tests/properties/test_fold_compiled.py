"""The compiled fold against the interpreted one, on generated histories, with bounds checked.

The compiled code is kept in pytest's own cache under the digest of its sources, so only the first run
after a change of the kernel compiles (about a minute).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.profiles import steady
from auditor.strategies import loans
from auditor.strategies_line import revolving_lines
from auditor.translation import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from auditor.model import Account


@pytest.fixture(scope="module")
def compiled_fold(request: pytest.FixtureRequest) -> Iterator[Callable[..., int]]:
    """`fold_account` as machine code that notices an index beyond its table."""
    config = pytest.importorskip("numba.core.config", reason="Numba is absent: nothing is compiled")
    from arrears.adapters.compiler import compile_kernel  # noqa: PLC0415 - needs Numba

    before = config.BOUNDSCHECK
    config.BOUNDSCHECK = 1
    yield compile_kernel(request.config.cache.mkdir("compiled_with_bounds")).fold_account
    config.BOUNDSCHECK = before


def tables(
    account: Account, day: date, fold: Callable[..., int] | None
) -> tuple[list[object], ...]:
    """All that a fold leaves: rows, account, movements."""
    left = folded(account, day, posting=0, fold=fold)
    return left.work.tolist(), left.account.tolist(), left.moves.tolist()


@steady(150)
@given(case=st.booleans().flatmap(lambda is_daily: loans(is_daily=is_daily)))
def test_loans_compiled(compiled_fold: Callable[..., int], case: tuple[Account, date]) -> None:
    """Every cell of every table of a loan is the same from both forms."""
    account, day = case
    assert tables(account, day, compiled_fold) == tables(account, day, None)


@steady(100)
@given(case=revolving_lines())
def test_lines_compiled(compiled_fold: Callable[..., int], case: tuple[Account, date]) -> None:
    """Every cell of every table of a line is the same from both forms."""
    account, day = case
    assert tables(account, day, compiled_fold) == tables(account, day, None)
