"""The fold against the numbers of a second published system: penalties, ages, splits, plain schedules.

That system charges a missed instalment, principal and interest, at a rate of its own by actual days
over 365, and rounds principal's and interest's charge each night. It counts the due date as the
first day past due; Arrears calls it day 0, for cash on the due date is on time.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.money import Currency, format_minor
from arrears.kernel.movement import FEE, INTEREST, PENALTY, PRINCIPAL
from arrears.kernel.rounding import Rounding, round_fraction
from arrears.servicing.contract import read_contract
from arrears.servicing.events import check_history, read_event
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.state import fold_contract
from arrears.servicing.terms import read_terms

if TYPE_CHECKING:
    from arrears.servicing.state import AccountState

PATH = Path(__file__).parents[2].parent / "shared" / "vectors" / "penalty_and_flat.json"
CENT = Currency("CNY", 2)
LEVEL = {
    "instalment_basis": "equal_periods",
    "instalment_multiple_of": "1",
    "multiple_mode": "up",
}
#: Example of a schedule -> the settings under which `test_schedules_flat` finds its numbers.
SCHEDULES: dict[str, dict[str, str]] = {
    "emi_monthly": LEVEL,
    "fixed_amount": {"instalment_amount": "14000"},
    "flat": {"method": "flat", "day_count": "equal_periods"},
    "bpi_amortised": {"broken_period": "spread", **LEVEL},
    "emi_25pct": LEVEL,
}


def published(name: str) -> dict[str, Any]:
    """The published example of that name."""
    if not PATH.exists():
        pytest.skip("../shared/vectors is absent: penalties and ages were not compared")
    return next(each for each in json.loads(PATH.read_text(encoding="utf-8")) if each["id"] == name)


def terms_of(example: dict[str, Any], **more: str) -> dict[str, object]:
    """An example's terms, with what its settings mean here."""
    document: dict[str, object] = {
        "principal": str(example["principal"]),
        "annual_rate": str(Decimal(str(example["rate"])) / 100),
        "disbursed_on": example["disbursed"],
        "first_due_on": example.get("first_due") or example["dues"][0],
        "day_count": "actual/365",
    }
    if "periods" in example:
        document["instalments"] = example["periods"]
    return {**document, **more}


def lived(
    contract: dict[str, object], as_of: str, payments: list[tuple[str, object]] | None = None
) -> AccountState:
    """The account after disbursement and payments."""
    read = read_contract(contract)
    lent = {
        "type": "disbursed", "on": read.terms.disbursed_on.isoformat(),
        "amount": format_minor(read.terms.principal_minor, CENT),
    }  # fmt: skip
    paid = [{"type": "repaid", "on": on, "amount": str(amount)} for on, amount in payments or []]
    events = [
        read_event({**each, "id": f"E{seq:02d}", "seq": seq}, CENT, where=f"event {seq}")
        for seq, each in enumerate([lent, *paid], start=1)
    ]
    check_history(events)
    return fold_contract(read, events, date.fromisoformat(as_of))


def cents(amount: float) -> int:
    """An amount as published, in hundredths."""
    return int(Decimal(str(amount)) * 100)


@pytest.mark.parametrize("name", SCHEDULES)
def test_what_is_owed_is_what_was_quoted(name: str) -> None:
    """Lent under the terms of a published schedule, the account asks for exactly its rows."""
    terms = terms_of(published(name)["in"], **SCHEDULES[name])
    rows = solve_schedule(read_terms(terms))
    state = lived({"terms": terms}, rows[0].from_on.isoformat())
    assert [(row.due_on, row.due_minor[PRINCIPAL], row.due_minor[INTEREST]) for row in state.rows] == [
        (row.due_on, row.principal_minor, row.interest_minor) for row in rows
    ]  # fmt: skip
    assert state.principal_minor == rows[0].balance_minor + rows[0].principal_minor


def test_penalty_of_three_missed_instalments() -> None:
    """47,523 a month missed three times, 25 % a year: 3,055.36 on the day after the third.

    The charge of 100 stands inside the first instalment, so principal and interest of that row are
    47,423, and it bears no penalty itself. Its interest is a month's, the four odd days left out.
    """
    example = published("penalty_daily")
    given_ = example["in"]
    level = solve_schedule(read_terms(terms_of(given_, broken_period="none", **LEVEL)))
    assert level[0].total_minor == given_["emi"] * 100
    charge_minor = given_["charge_in_first_emi"] * 100
    parts = [
        (row.due_on, row.principal_minor - (charge_minor if row.number == 1 else 0), row)
        for row in level[:-1]
    ]
    left_minor = given_["principal"] * 100 - sum(principal for _, principal, _ in parts)
    parts.append((level[-1].due_on, left_minor, level[-1]))
    rows = [
        {
            "due_on": due_on.isoformat(),
            "principal": format_minor(principal_minor, CENT),
            "interest": format_minor(row.interest_minor, CENT),
            "fee": format_minor(charge_minor if row.number == 1 else 0, CENT),
        }
        for due_on, principal_minor, row in parts
    ]
    terms = {**terms_of(given_), "method": "custom", "rows": rows}
    del terms["instalments"], terms["first_due_on"]
    rate = str(Decimal(given_["penal_rate"]) / 100)
    penalty = {"mode": "replaces", "base": "principal_and_interest", "annual_rate": rate}
    contract = {"terms": terms, "penalty": penalty, "rounding_interval": "each_day"}
    state = lived(contract, given_["as_of"])
    assert [row.due_on.isoformat() for row in state.rows[:3] if row.due_on] == given_["dues"]
    assert sum(sum(row.due_minor[: FEE + 1]) for row in state.rows[:3]) == 3 * given_["emi"] * 100
    assert sum(row.due_minor[PENALTY] for row in state.rows) == cents(example["out"]["penalty"])


@given(
    unpaid_minor=st.tuples(st.integers(1, 10**9), st.integers(0, 10**8)),
    days=st.integers(1, 1000),
    rate_bp=st.integers(1, 10_000),
)
def test_penalty_is_the_published_formula(
    unpaid_minor: tuple[int, int], days: int, rate_bp: int
) -> None:
    """Unpaid x days x rate / 36,500, for any instalment, age and rate; rounded once for each part."""
    assert (
        published("penalty_formula")["formula"]
        == "pending_amount * (as_of - emi_date) * rate / 36500"
    )
    due_on = date(2024, 5, 5)
    principal, interest = (format_minor(amount, CENT) for amount in unpaid_minor)
    terms = {
        "principal": principal,
        "disbursed_on": "2024-04-01",
        "method": "custom",
        "rows": [{"due_on": due_on.isoformat(), "principal": principal, "interest": interest}],
    }
    rate = str(Decimal(rate_bp) / 10_000)
    penalty = {"mode": "replaces", "base": "principal_and_interest", "annual_rate": rate}
    as_of = due_on + timedelta(days=days)
    state = lived({"terms": terms, "penalty": penalty}, as_of.isoformat())
    expected = sum(
        round_fraction(Fraction(part * days * rate_bp, 100 * 36_500), Rounding.HALF_UP)
        for part in unpaid_minor
    )
    assert state.rows[0].due_minor[PENALTY] == expected


def test_days_past_due() -> None:
    """Part of an instalment paid late: every published day, its first day of delay being our day 0.

    Deliberate difference: that system calls the due date of an unpaid instalment day 1; here cash on
    the due date is on time, so each of its counts above 0 is one more than ours.
    """
    example = published("dpd")
    given_ = example["in"]
    terms = {
        "principal": str(given_["principal"]),
        "annual_rate": str(Decimal(given_["rate"]) / 100),
        "disbursed_on": "2024-09-05",
        "first_due_on": given_["due"][0],
        "instalments": given_["periods"],
        **LEVEL,
    }
    assert solve_schedule(read_terms(terms))[0].total_minor == given_["emi"] * 100
    for on, counted in example["out"].items():
        paid = [(day, amount) for day, amount in given_["payments"] if day <= on]
        state = lived({"terms": terms}, on, paid)
        unpaid_minor = sum(
            sum(row.outstanding_minor)
            for row in state.rows
            if row.due_on and row.due_on <= date.fromisoformat(on)
        )
        assert (counted > 0) == (unpaid_minor > 0), on
        assert state.days_past_due == max(0, counted - 1), on


def test_a_payment_meets_interest_before_principal() -> None:
    """89,768.75 on the first due date: 11,465.75 of interest, the rest, 78,303.00, principal."""
    example = published("term_repayment")
    given_ = example["in"]
    contract = {"terms": terms_of(given_, **LEVEL), "accrual": "daily"}
    state = lived(contract, given_["first_due"], [(given_["first_due"], given_["paid"])])
    for component, name in ((INTEREST, "interest_paid"), (PRINCIPAL, "principal_paid")):
        found = sum(row.paid_minor[component] for row in state.rows)
        assert found == cents(example["out"][name]), name
