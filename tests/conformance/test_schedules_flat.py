"""Schedules against the numbers of a second published system: flat, fixed and broken-period ones.

That system solves a level instalment by equal months, rounds it up to a whole unit, and charges
interest by actual days; the last row takes what remains. Every figure agrees under those settings.
"""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from arrears.kernel.rounding import Rounding, round_fraction
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.terms import read_terms

if TYPE_CHECKING:
    from arrears.servicing.schedule import Instalment

PATH = Path(__file__).parents[2].parent / "shared" / "vectors" / "penalty_and_flat.json"

LEVEL = {
    "instalment_basis": "equal_periods",
    "instalment_multiple_of": "1",
    "multiple_mode": "up",
}
#: What the fold answers, not a schedule: the tests of the fold hold those.
NOT_SCHEDULES = {"penalty_daily", "penalty_formula", "dpd", "term_repayment"}


def published(name: str) -> dict[str, Any]:
    """The published example of that name."""
    if not PATH.exists():
        pytest.skip("../shared/vectors is absent: flat and broken-period figures were not compared")
    return next(each for each in json.loads(PATH.read_text(encoding="utf-8")) if each["id"] == name)


def rows_of(given: dict[str, Any], **more: object) -> tuple[Instalment, ...]:
    """Solve the terms of an example; its own fields and what its settings mean here."""
    document: dict[str, object] = {
        "principal": str(given["principal"]),
        "annual_rate": str(Decimal(str(given["rate"])) / 100),
        "disbursed_on": given["disbursed"],
        "first_due_on": given["first_due"],
        "day_count": "actual/365",
    }
    if "periods" in given:
        document["instalments"] = given["periods"]
    return solve_schedule(read_terms({**document, **more}))


def whole(amount_minor: int) -> int:
    """An amount in whole units of the currency, as that system prints some of its totals."""
    return (amount_minor + 50) // 100


def cents(amount: float) -> int:
    """An amount as published, in hundredths."""
    return int(Decimal(str(amount)) * 100)


def test_rows_of_a_level_instalment() -> None:
    """280,000 at 8.4 % over 20 months: 15,052 a month, rows and totals to the whole unit."""
    example = published("emi_monthly")
    rows = rows_of(example["in"], **LEVEL)
    total = example["out"]
    assert {row.total_minor for row in rows[:-1]} == {total["emi"] * 100}
    for at, expected in total["rows_0based"].items():
        row = rows[int(at)]
        assert whole(row.principal_minor) == expected["principal"]
        assert whole(row.interest_minor) == expected["interest"]
        assert whole(row.balance_minor) == expected["balance"]
    assert whole(sum(row.interest_minor for row in rows)) == total["total_interest_rounded"]
    assert whole(sum(row.total_minor for row in rows)) == total["total_payment_rounded"]


def test_a_level_instalment_by_actual_days_differs() -> None:
    """Solved from the days that bear the interest, the same loan asks three a month less."""
    given = published("emi_monthly")["in"]
    up = {"instalment_multiple_of": "1", "multiple_mode": "up"}
    rows = rows_of(given, **up)
    assert rows[0].total_minor == 15049_00
    rows = rows_of(given)
    assert {row.total_minor for row in rows[:-1]} == {rows[0].total_minor}
    assert abs(rows[-1].total_minor - rows[0].total_minor) <= len(rows) // 2


def test_the_number_of_rows_follows_a_fixed_instalment() -> None:
    """280,000 at 14,000 a month takes 22 rows and costs what is published, to the whole unit."""
    example = published("fixed_amount")
    rows = rows_of(example["in"], instalment_amount=str(example["in"]["emi"]))
    assert len(rows) == example["out"]["periods"]
    assert {row.total_minor for row in rows[:-1]} == {example["in"]["emi"] * 100}
    total = example["out"]
    assert whole(sum(row.interest_minor for row in rows)) == total["total_interest_rounded"]
    assert whole(sum(row.total_minor for row in rows)) == total["total_payment_rounded"]


def test_flat_interest() -> None:
    """12,000 flat at 10 % over four months: 3,000 and 100 with every row."""
    example = published("flat")
    rows = rows_of(example["in"], method="flat", day_count="equal_periods")
    assert [
        [row.due_on.isoformat(), row.principal_minor, row.interest_minor, row.total_minor]
        for row in rows
    ] == [[due, *(amount * 100 for amount in amounts)] for due, *amounts in example["out"]["rows"]]


def test_broken_period_interest_spread_over_the_rows() -> None:
    """Two days beyond a month cost 79.45, a twelfth of it with every row."""
    example = published("bpi_amortised")
    rows = rows_of(example["in"], broken_period="spread", **LEVEL)
    plain = rows_of(example["in"], broken_period="none", **LEVEL)
    odd = sum(one.interest_minor for one in rows) - sum(one.interest_minor for one in plain)
    assert odd == cents(example["out"]["bpi"])
    assert rows[0].interest_minor == cents(example["out"]["interest_row1"])
    assert rows[1].interest_minor == cents(example["out"]["interest_row2"])


def test_broken_period_interest_in_the_first_row() -> None:
    """Added to the first instalment, the row bears 32 days: 1,271.23."""
    given = published("bpi_amortised")["in"]
    rows = rows_of(given, broken_period="first_instalment")
    expected = published("bpi_first_emi")["out"]["interest_row1"]
    assert rows[0].interest_minor == cents(expected)


def test_broken_period_interest_up_front() -> None:
    """Deducted up front it is a row of its own on the day of disbursement: 79.45."""
    given = published("bpi_amortised")["in"]
    first = rows_of(given, broken_period="upfront")[0]
    assert first.due_on.isoformat() == given["disbursed"]
    assert first.principal_minor == 0
    assert first.interest_minor == cents(published("bpi_upfront")["out"]["row1_interest"])


def test_a_level_instalment_knows_nothing_of_odd_days() -> None:
    """500,000 at 25 % over 12 months is 47,523 a month, though the first period has four more days."""
    example = published("emi_25pct")
    rows = rows_of(example["in"], **LEVEL)
    assert rows[0].total_minor == example["out"]["emi"] * 100
    assert rows[0].interest_minor == round_fraction(
        Fraction(500_000_00 * 25 * 34, 100 * 365), Rounding.HALF_UP
    )


@pytest.mark.parametrize(
    ("kind", "first_due_on", "month_end"),
    [
        ("same day", "2022-10-17", "clip"),
        ("start of next month", "2022-11-01", "clip"),
        ("end of current month", "2022-10-31", "last_day"),
    ],
)
def test_due_dates(kind: str, first_due_on: str, month_end: str) -> None:
    """The first, second and twelfth due date of each kind of schedule are the published ones."""
    given = {"principal": 100000, "rate": 10, "periods": 12, "disbursed": "2022-09-17"}
    rows = rows_of({**given, "first_due": first_due_on}, month_end=month_end)
    found = [rows[at].due_on.isoformat() for at in (0, 1, 11)]
    assert found == published("due_dates")["out"][kind]


def test_no_example_is_passed_over() -> None:
    """Every example is compared here, or named as one of the fold's: `test_penalty`."""
    published("flat")
    compared = {
        "emi_monthly", "fixed_amount", "flat", "bpi_amortised", "bpi_first_emi", "bpi_upfront",
        "emi_25pct", "due_dates",
    }  # fmt: skip
    known = {each["id"] for each in json.loads(PATH.read_text(encoding="utf-8"))}
    assert known == compared | NOT_SCHEDULES
