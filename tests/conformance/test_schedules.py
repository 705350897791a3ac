"""Schedules against numbers nobody here made up: every row of the published vectors, to the cent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arrears.kernel.money import format_minor
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.terms import read_terms

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors"


def vectors() -> list[dict[str, object]]:
    """The published schedules; none where the folder is absent."""
    path = VECTORS / "schedules.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_vectors_are_there() -> None:
    """Without the shared vectors this file proves nothing, and says so."""
    if not vectors():
        pytest.skip("../shared/vectors is absent: no schedule was compared with the vectors")
    assert len(vectors()) == 35


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: str(vector["id"]))
def test_every_row_of_a_published_schedule(vector: dict[str, object]) -> None:
    """Each row's due date, principal, interest and balance equal the published ones."""
    terms = read_terms(vector["terms"])  # type: ignore[arg-type]  # JSON, read as it is
    rows = [
        {
            "due_on": row.due_on.isoformat(),
            "principal": format_minor(row.principal_minor, terms.currency),
            "interest": format_minor(row.interest_minor, terms.currency),
            "balance": format_minor(row.balance_minor, terms.currency),
        }
        for row in solve_schedule(terms)
    ]
    assert rows == vector["rows"]
