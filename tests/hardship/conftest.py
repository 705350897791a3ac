"""Debts that somebody cannot pay, and the rules that ways out are looked for under."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from arrears.adapters.hardship_files import load_treatments
from arrears.adapters.policy_files import load_registry
from arrears.app.owing import read_account
from arrears.hardship.debt import debt_on
from arrears.hardship.options import ways_out
from arrears.hardship.rules import rules_on
from arrears.hardship.statement import read_statement
from arrears.policy.parameter import Product

if TYPE_CHECKING:
    from collections.abc import Callable

    from arrears.hardship.debt import Debt
    from arrears.hardship.options import WaysOut
    from arrears.hardship.rules import Rules

LENT: dict[str, Any] = {"id": "D1", "on": "2026-01-01", "type": "disbursed", "amount": "10000.00"}
LOAN: dict[str, Any] = {
    "terms": {
        "principal": "10000.00",
        "disbursed_on": "2026-01-01",
        "annual_rate": "0.146",
        "instalments": 12,
    },
    "penalty": {"mode": "replaces", "uplift": "0.5"},
    "cap_annual": "0.24",
}
ON = date(2026, 5, 4)


def debt_of(
    document: dict[str, Any] | None = None,
    events: tuple[dict[str, Any], ...] = (LENT,),
    on: date = ON,
) -> Debt:
    """A debt on a day; a loan of 10,000.00 of which nothing was paid unless told otherwise."""
    contract, happened = read_account(document or LOAN, list(events))
    return debt_on(contract, happened, on)


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The rules of the pack as it is shipped, for an instalment loan in China."""
    return rules_on(
        load_registry(),
        ON,
        currency="CNY",
        product=Product.INSTALMENT_LOAN,
        treatments=load_treatments(),
    )


@pytest.fixture(scope="session")
def find(rules: Rules) -> Callable[..., WaysOut]:
    """The ways out of a debt for somebody who tells this of their money."""

    def found(debt: Debt, told: dict[str, Any], under: Rules | None = None) -> WaysOut:
        statement = read_statement(told, debt.contract.terms.currency)
        return ways_out(debt, statement, under or rules, bucket="M2")

    return found


@pytest.fixture(scope="session")
def debt() -> Callable[..., Debt]:
    """Makes a debt."""
    return debt_of
