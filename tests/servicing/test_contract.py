"""Contracts: derived rates, orders of allocation, the cap at booking, and what is refused."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import COMPONENTS, Component
from arrears.servicing.annualised_cost import CostMethod, annualised_cost
from arrears.servicing.contract import (
    Contract,
    PenaltyMode,
    check_contract,
    derived_penalty_ppm,
    read_contract,
    sign_contract,
)
from arrears.servicing.layout import EventType
from arrears.servicing.schedule import solve_schedule

TERMS = {"principal": "10000", "disbursed_on": "2026-01-01", "annual_rate": "0.146",
         "method": "equal_instalment", "instalments": 12, "day_count": "actual/365"}  # fmt: skip


def signed(**changes: object) -> Contract:
    """A contract held against its cap."""
    given_: Any = copy.deepcopy(changes)
    document = {
        "terms": {**TERMS, **given_.pop("terms", {})},
        "penalty": {"uplift": "0.5"},
        **given_,
    }
    return sign_contract(document)


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        ({"uplift": "0.5"}, 219_000),
        ({"uplift": "0.3"}, 189_800),
        ({"mode": "adds", "uplift": "0.5"}, 73_000),
        ({"annual_rate": "0.2"}, 200_000),
        ({"daily_rate": "0.0005"}, 182_500),
        ({"mode": "none"}, 0),
    ],
)
def test_penalty_rates(penalty: dict[str, str], expected: int) -> None:
    """The uplift on the contract rate, a rate of its own, or a daily rate times the basis."""
    assert signed(penalty=penalty).penalty.rate_ppm == expected


def test_a_daily_rate_is_a_year_of_the_contracts_own_basis() -> None:
    """0.05 % a day is 18.25 % over 365 days and 18 % where the year has 360."""
    penalty = {"daily_rate": "0.0005"}
    assert signed(penalty=penalty).penalty.rate_ppm == 182_500
    assert signed(terms={"day_count": "actual/360"}, penalty=penalty).penalty.rate_ppm == 180_000


@given(st.integers(0, 10_000_000), st.integers(0, 1_000_000))
def test_a_derived_rate_is_rounded_down_to_whole_ppm(rate: int, uplift: int) -> None:
    """Never above the exact rate, and less than one ppm below it; in `adds` it is the uplift alone."""
    for mode, factor in ((PenaltyMode.REPLACES, 1), (PenaltyMode.ADDS, 0)):
        exact = rate * (factor + Fraction(uplift, 1_000_000))
        assert 0 <= exact - derived_penalty_ppm(mode, rate, uplift) < 1


@pytest.mark.parametrize("method", list(CostMethod))
def test_a_contract_costs_no_more_than_its_cap(method: CostMethod) -> None:
    """A cap one ppm below the annualised cost by the declared formula refuses, one above does not."""
    contract = signed()
    cost = annualised_cost(contract.terms, solve_schedule(contract.terms))[method]
    ppm = int(cost * 1_000_000)
    fits = signed(cap_annual=f"{(ppm + 1) / 1_000_000:.6f}", cap_method=method.value)
    assert fits.cap_annual_ppm == ppm + 1
    with pytest.raises(ArrearsError) as error:
        signed(cap_annual=f"{ppm / 1_000_000:.6f}", cap_method=method.value)
    assert error.value.code == "contract.rate_above_cap"
    assert error.value.got.startswith(str(cost)[:6])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 600_000), st.integers(100_00, 200_000_00))
def test_fees_count_towards_the_cap(fee_ppm: int, principal_minor: int) -> None:
    """A loan without interest but with a fee is held against the cap by what it costs in all."""
    terms = {"annual_rate": "0", "method": "fee_instalment", "fee_rate": f"{fee_ppm / 1_000_000:.6f}",
             "principal": f"{principal_minor // 100}.{principal_minor % 100:02d}"}  # fmt: skip
    contract = read_contract({"terms": {**TERMS, **terms}, "cap_annual": "0.24"})
    rows = solve_schedule(contract.terms)
    cost = annualised_cost(contract.terms, rows)[CostMethod.IRR_NOMINAL]
    if abs(float(cost) - 0.24) < 1e-6:
        return
    if cost <= Fraction(24, 100):
        check_contract(contract)
    else:
        with pytest.raises(ArrearsError) as error:
            check_contract(contract)
        assert error.value.code == "contract.rate_above_cap"


def test_an_order_of_plain_words_serves_every_standing() -> None:
    """What is past due comes before what is due, and that before what is not due yet."""
    words = ["principal", "interest", "fee", "penalty", "compound"]
    slots = signed(allocation={"order": words}).orders[0].slots
    parts = [Component[word.upper()] for word in words]
    assert slots == tuple(standing * COMPONENTS + part for standing in range(3) for part in parts)


def test_an_order_may_turn_with_age_and_event() -> None:
    """A card's order that pays principal first from 90 days past due, for repayments alone."""
    plain = ["fee", "interest", "penalty", "compound", "principal"]
    turned = ["principal", "interest", "fee", "penalty", "compound"]
    orders = signed(
        allocation={
            "order": [
                {"order": plain},
                {"event": "repaid", "days_past_due_from": 90, "order": turned},
            ]
        }
    ).orders
    assert [(each.event, each.days_past_due_from) for each in orders] == [
        (None, 0),
        (EventType.REPAID, 90),
    ]
    assert orders[0].slots[0] == Component.FEE
    assert orders[1].slots[0] == Component.PRINCIPAL


def test_an_order_may_name_standings() -> None:
    """Fifteen words with their standing are taken exactly as written."""
    words = [
        f"{where}.{part.name.lower()}"
        for part in Component
        for where in ("in_advance", "due", "past_due")
    ]
    slots = signed(allocation={"order": words}).orders[0].slots
    assert slots == tuple(
        standing * COMPONENTS + part for part in Component for standing in (2, 1, 0)
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"penalty": {"base": "principal_and_interest", "compound": True}}, "contract.charges_conflict"),
        ({"penalty": {"compound": "yes"}}, "terms.wrong_type"),
        ({"penalty": {"grace_days": -1}}, "contract.term_out_of_bounds"),
        ({"penalty": {"mode": "doubles"}}, "terms.unknown_choice"),
        ({"penalty": {"daily_rate": "0.05 %"}}, "rate.malformed"),
        ({"penalty": {"materiality": "-1"}}, "money.negative"),
        ({"penalty": {"colour": "red"}}, "terms.unknown_field"),
        ({"penalty": []}, "terms.wrong_type"),
        ({"allocation": {"order": ["fee", "tip"]}}, "contract.unknown_component"),
        ({"allocation": {"order": ["fee", "principal"]}}, "contract.order_incomplete"),
        ({"allocation": {"order": "fee"}}, "terms.wrong_type"),
        ({"allocation": {"order": [{"event": "eaten", "order": ["fee"]}]}}, "terms.unknown_choice"),
        ({"allocation": {"order": [{"order": "fee"}]}}, "terms.wrong_type"),
        ({"cap_annual": "0.1"}, "contract.rate_above_cap"),
        ({"cap_annual": "24 %"}, "rate.malformed"),
        ({"class_edges": [90, 90]}, "contract.term_out_of_bounds"),
        ({"class_edges": [1, 2, 3, 4, 5]}, "contract.term_out_of_bounds"),
        ({"class_edges": [0]}, "contract.term_out_of_bounds"),
        ({"non_accrual_days": 0}, "contract.term_out_of_bounds"),
        ({"kind": "line", "line": {"due_day": 9, "due_days_offered": [8, 10]}}, "contract.term_out_of_bounds"),
        ({"kind": "gift"}, "terms.unknown_choice"),
        ({"terms": {"principal": "100000000000", "annual_rate": "10"}}, "contract.term_out_of_bounds"),
    ],
)  # fmt: skip
def test_what_is_refused(changes: dict[str, Any], code: str) -> None:
    """Each contradiction, unknown word and absurd number by its own code, none of them silently."""
    with pytest.raises(ArrearsError) as error:
        signed(**changes)
    assert error.value.code == code


def test_unknown_fields_and_terms_that_are_none() -> None:
    """A field nobody reads is refused on the contract too, and terms must be an object."""
    with pytest.raises(ArrearsError) as error:
        read_contract({"terms": TERMS, "colour": "red"})
    assert error.value.code == "terms.unknown_field"
    with pytest.raises(ArrearsError) as error:
        read_contract({"terms": "the usual"})
    assert error.value.code == "terms.wrong_type"


@pytest.mark.parametrize(
    ("changes", "where", "expected"),
    [
        (
            {"penalty": {"uplift": "0.5", "daily_rate": "0.0005"}},
            "penalty.daily_rate",
            "nothing beside uplift",
        ),
        (
            {"penalty": {"daily_rate": "0.0005", "annual_rate": "0.2"}},
            "penalty.annual_rate",
            "nothing beside daily_rate",
        ),
        ({"line": {"due_day": 9}}, "contract.line", "nothing under loan"),
    ],
)
def test_what_would_not_be_heard_is_refused(
    changes: dict[str, object], where: str, expected: str
) -> None:
    """A penalty has one rate and a loan no statement day: nothing agreed is left aside silently."""
    with pytest.raises(ArrearsError) as caught:
        signed(**changes)
    assert (caught.value.code, caught.value.where) == ("contract.term_out_of_bounds", where)
    assert caught.value.expected == expected


def test_an_order_names_compound_interest_where_it_is_charged() -> None:
    """Left out it would be met by no payment but the last: overdue for ever, whatever is paid."""
    allocation = {"order": ["fee", "interest", "penalty", "principal"]}
    assert signed(allocation=allocation).orders
    with pytest.raises(ArrearsError) as caught:
        signed(penalty={"uplift": "0.5", "compound": True}, allocation=allocation)
    assert (caught.value.code, caught.value.got) == (
        "contract.order_incomplete",
        "without compound",
    )
