"""What `arrears demo` prints: a reader who adds a column up finds the sum below it."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from arrears.app.closing import close_to
from arrears.entrypoints.cli.demo import print_book
from arrears.entrypoints.messages import Language

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.refolding import Frame


def columns(line: str) -> list[Decimal]:
    """The numbers of a table's row, an empty cell as 0."""
    cells = re.split(r"[│┃]", line)[2:-1]
    return [Decimal(cell.strip() or "0") for cell in cells]


@pytest.mark.parametrize("language", list(Language))
def test_both_sides_of_the_trial_balance_add_up(
    new_database,  # noqa: ANN001 - see tests/conftest.py
    fill: Callable[..., None],
    frame: Frame,
    clock: Callable[[], datetime],
    language: Language,
) -> None:
    """The last row of the table is the sum of those above it, equal on both sides, in both languages."""
    store: PostgresStore = new_database.store()
    fill(store, date(2026, 3, 31), loans=4, lines=1)
    close_to(store, date(2026, 3, 31), frame, clock=clock)
    console = Console(file=io.StringIO(), width=110)
    with store.unit_of_work() as work:
        print_book(work, console, language)
    printed = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    table = printed[printed.index("┏", printed.index("└")) :]
    rows = [columns(line) for line in table.splitlines() if line.startswith("│")]
    *accounts, total = rows
    assert len(accounts) > 2
    assert [sum(column) for column in zip(*accounts, strict=True)] == total
    assert total[0] == total[1] > 0
    assert f"{total[0]:f}" in table.splitlines()[-1]


def test_a_book_never_sealed_is_not_called_as_it_was_sealed(
    arrears: Callable[..., tuple[int, str]],
) -> None:
    """Before the first seal `audit verify` says that there is none, and how to make one."""
    code, printed = arrears("audit", "verify")
    assert code == 0
    assert "nothing was sealed yet" in printed
    assert "as it was sealed" not in printed
