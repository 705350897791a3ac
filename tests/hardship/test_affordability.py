"""What is left to live on: the higher of stated and reference, the buffer, other debts, an income to come."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.hardship.affordability import Affordability, LivingReference, assess
from arrears.hardship.statement import SpendingKind, read_statement
from arrears.kernel.money import Currency

CNY = Currency("CNY", 2)
TENTH_PPM = 100_000


def means(
    told: dict[str, Any], *, buffer_ppm: int = TENTH_PPM, reference: LivingReference | None = None
) -> Affordability:
    """What a statement leaves."""
    return assess(read_statement(told, CNY), buffer_ppm=buffer_ppm, reference=reference)


TOLD: dict[str, Any] = {
    "income": [{"kind": "wages", "amount": "6000.00"}, {"kind": "benefits", "amount": "200.00"}],
    "spending": [
        {"kind": "food", "amount": "1500.00"},
        {"kind": "rent", "amount": "2000.00"},
        {"kind": "other", "amount": "900.00"},
    ],
    "other_debts": [{"amount": "700.00"}],
    "household": {"adults": 2, "dependants": 1},
}


def test_what_is_needed_comes_first_and_other_spending_does_not_count() -> None:
    """6,200.00 less 3,500.00 with a tenth on it and 700.00 for others leaves 1,650.00."""
    found = means(TOLD)
    assert found.floor_minor == 3_850_00
    assert found.free_minor == 1_650_00
    assert found.other_spending_minor == 900_00
    assert list(found.essential_minor)[:3] == [
        SpendingKind.RENT,
        SpendingKind.UTILITIES,
        SpendingKind.FOOD,
    ]


@pytest.mark.parametrize(("adult", "expected"), [(1_000_00, 3_500_00), (2_000_00, 4_500_00)])
def test_the_higher_of_stated_and_reference_counts(adult: int, expected: int) -> None:
    """A reference below what was stated changes nothing; one above it takes its place."""
    reference = LivingReference(adult_minor=adult, dependant_minor=500_00, parameter_id="x")
    assert means(TOLD, buffer_ppm=0, reference=reference).floor_minor == expected


def test_nothing_told_is_not_an_income_of_nothing() -> None:
    """Whoever does not tell their income is not taken for somebody without one."""
    assert not means({}).is_known
    assert means({"income": []}).is_known
    assert means({"income": []}).free_minor == 0


@pytest.mark.parametrize(("evidence", "free"), [("contract of work", 3_000_00), ("", 0)])
def test_an_income_to_come_counts_with_evidence_alone(evidence: str, free: int) -> None:
    """Hope does not pay instalments; a signed contract of work does, from its first day."""
    told: dict[str, Any] = {
        "income": [{"amount": "1000.00"}],
        "spending": [{"kind": "rent", "amount": "1000.00"}],
        "expected": {"from_on": "2026-09-01", "income": "4000.00"},
    }
    if evidence:
        told["expected"]["evidence"] = evidence
    found = means(told, buffer_ppm=0)
    assert found.free_on(date(2026, 8, 31)) == 0
    assert found.free_on(date(2026, 9, 1)) == free
    assert found.shortfall_minor == 0


@given(
    income=st.integers(0, 10**7),
    essential=st.integers(0, 10**7),
    debts=st.integers(0, 10**6),
    buffer_ppm=st.integers(0, 500_000),
)
def test_free_income_never_touches_the_floor(
    income: int, essential: int, debts: int, buffer_ppm: int
) -> None:
    """What is free, with floor and other debts, is never more than comes in; what lacks is told."""
    told = {
        "income": [{"amount": f"{income // 100}.{income % 100:02d}"}],
        "spending": [{"kind": "rent", "amount": f"{essential // 100}.{essential % 100:02d}"}],
        "other_debts": [{"amount": f"{debts // 100}.{debts % 100:02d}"}],
    }
    found = means(told, buffer_ppm=buffer_ppm)
    needed = found.floor_minor + found.other_debts_minor
    assert found.floor_minor * 1_000_000 >= essential * (1_000_000 + buffer_ppm)
    assert found.free_minor - found.shortfall_minor == income - needed
    assert min(found.free_minor, found.shortfall_minor) == 0
