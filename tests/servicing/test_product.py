"""Products: a choice within bounds is copied whole, one beyond them is refused, nothing refers back."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.servicing.contract import sign_contract
from arrears.servicing.product import contract_from_product, read_product

JIEBEI: dict[str, Any] = {
    "code": "jiebei",
    "version": 3,
    "offered_from": "2026-01-01",
    "offered_until": "2026-07-01",
    "licence": "micro_lender",
    "kind": "instalment_loan",
    "contract": {
        "terms": {"annual_rate": "0.146", "method": "equal_instalment", "day_count": "actual/365"},
        "penalty": {"mode": "replaces", "uplift": "0.5", "grace_days": 3},
        "allocation": {"order": ["fee", "interest", "penalty", "compound", "principal"]},
        "cap_annual": "0.24",
        "non_accrual_days": 90,
    },
    "choices": {
        "terms.principal": {"least": "500", "most": "200000"},
        "terms.instalments": {"one_of": [3, 6, 12]},
        "terms.annual_rate": {"least": "0.05", "most": "0.24"},
        "terms.disbursed_on": {},
        "accrual": {"one_of": ["scheduled", "daily"]},
    },
}
CHOSEN: dict[str, Any] = {
    "terms": {"principal": "5000", "instalments": 6, "disbursed_on": "2026-01-01"}
}


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with one field put elsewhere; the path's parts are keys of objects."""
    made = copy.deepcopy(document)
    *sections, field = path.split("/")
    place = made
    for section in sections:
        place = place[section]
    place[field] = value
    return made


def test_a_contract_copies_all_of_its_product() -> None:
    """Every field of the product is in the contract beside what was chosen, and it can be signed."""
    document = contract_from_product(read_product(JIEBEI), CHOSEN)
    assert document == {
        **JIEBEI["contract"],
        "terms": {**JIEBEI["contract"]["terms"], **CHOSEN["terms"]},
    }
    assert sign_contract(document).penalty.rate_ppm == 219_000


def test_nothing_refers_back() -> None:
    """Changing the product's or the choice's document afterwards changes no contract made before."""
    source, chosen = copy.deepcopy(JIEBEI), copy.deepcopy(CHOSEN)
    product = read_product(source)
    made = contract_from_product(product, chosen)
    before = copy.deepcopy(made)
    source["contract"]["penalty"]["uplift"] = "0.3"
    source["contract"]["allocation"]["order"].reverse()
    chosen["terms"]["principal"] = "1"
    assert made == before
    assert contract_from_product(product, CHOSEN) == before


@given(st.integers(0, 400_000))
def test_an_amount_is_taken_exactly_within_its_bounds(yuan: int) -> None:
    """500 to 200,000 are taken, both ends included, and nothing else."""
    product = read_product(JIEBEI)
    chosen = changed(CHOSEN, "terms/principal", str(yuan))
    if 500 <= yuan <= 200_000:
        made: Any = contract_from_product(product, chosen)
        assert made["terms"]["principal"] == str(yuan)
    else:
        with pytest.raises(ArrearsError) as error:
            contract_from_product(product, chosen)
        assert error.value.code == "contract.term_out_of_bounds"
        assert error.value.where == "contract.terms.principal"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("terms/instalments", 24, "contract.term_out_of_bounds"),
        ("terms/annual_rate", "0.2401", "contract.term_out_of_bounds"),
        ("terms/annual_rate", "0.0499", "contract.term_out_of_bounds"),
        ("terms/annual_rate", "ten", "terms.wrong_type"),
        ("terms/annual_rate", True, "terms.wrong_type"),
        ("terms/annual_rate", "NaN", "terms.wrong_type"),
        ("terms/day_count", "actual/360", "contract.term_out_of_bounds"),
        ("penalty", {"uplift": "0"}, "contract.term_out_of_bounds"),
        ("penalty", "none", "terms.unknown_field"),
        ("accrual", "hourly", "contract.term_out_of_bounds"),
        ("kind", "line", "contract.term_out_of_bounds"),
        ("colour", "red", "terms.unknown_field"),
    ],
)
def test_what_the_product_does_not_leave_open_is_refused(
    path: str, value: object, code: str
) -> None:
    """A choice beyond its bounds, one not on offer, and one that is no field: each by its code."""
    with pytest.raises(ArrearsError) as error:
        contract_from_product(read_product(JIEBEI), changed(CHOSEN, path, value))
    assert error.value.code == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("version", 0, "contract.term_out_of_bounds"),
        ("code", None, "terms.missing"),
        ("contract", [], "terms.wrong_type"),
        ("choices", "all", "terms.wrong_type"),
        ("contract/colour", "red", "terms.unknown_field"),
        ("contract/terms/colour", "red", "terms.unknown_field"),
        ("choices/terms.colour", {}, "terms.unknown_field"),
        ("choices/terms", {}, "terms.unknown_field"),
        ("choices/accrual", {"one_of": []}, "terms.wrong_type"),
        ("choices/accrual", {"some_of": ["daily"]}, "terms.unknown_field"),
        ("choices/terms.principal", {"least": "9", "most": "8"}, "contract.term_out_of_bounds"),
        ("contract/terms/annual_rate", "0.3", "contract.term_out_of_bounds"),
        ("price", "1", "terms.unknown_field"),
        ("offered_from", None, "terms.missing"),
        ("offered_from", "soon", "date.malformed"),
        ("licence", "pawnshop", "terms.unknown_choice"),
        ("kind", "mortgage", "terms.unknown_choice"),
    ],
)
def test_a_product_that_contradicts_itself_is_refused(path: str, value: object, code: str) -> None:
    """A default outside its own bounds, crossed bounds, unknown fields: found when it is read."""
    with pytest.raises(ArrearsError) as error:
        read_product(changed(JIEBEI, path, value))
    assert error.value.code == code


def test_its_name_tells_the_version() -> None:
    """An account names its product with the version it copied."""
    assert read_product(JIEBEI).name == "jiebei@3"


@pytest.mark.parametrize(
    ("day", "is_offered"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-06-30", True), ("2026-07-01", False)],
)
def test_its_days_are_half_open(day: str, *, is_offered: bool) -> None:
    """It is offered from its first day until the day before its last named one; without one, on."""
    assert read_product(JIEBEI).is_offered_on(date.fromisoformat(day)) is is_offered
    open_ended = {key: value for key, value in JIEBEI.items() if key != "offered_until"}
    assert read_product(open_ended).is_offered_on(date(2100, 1, 1))
