"""Offering: a product is tried out at the ends of its choices, and refused where one breaks the law."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrears.app.signing import policy_on
from arrears.bootstrap import signing_registry
from arrears.kernel.errors import ArrearsError
from arrears.servicing.offering import Offer, check_offer
from arrears.servicing.product import read_product

DAY = date(2026, 1, 1)


def product(terms: dict[str, Any], choices: dict[str, Any], **contract: object) -> dict[str, Any]:
    """A product of 2026."""
    return {
        "code": "cash", "version": 1, "offered_from": DAY.isoformat(),
        "contract": {"terms": terms, **contract},
        "choices": {"terms.principal": {}, "terms.disbursed_on": {}, **choices},
    }  # fmt: skip


def tried(document: dict[str, Any]) -> Offer:
    """What trying it out shows."""
    policy = policy_on(DAY, signing_registry(), currency="CNY", is_line=False)
    return check_offer(read_product(document), policy)


def refused(document: dict[str, Any]) -> ArrearsError:
    """Why it is refused."""
    with pytest.raises(ArrearsError) as caught:
        tried(document)
    return caught.value


@settings(max_examples=30)
@given(st.integers(1, 60), st.integers(1, 400))
def test_a_product_whose_dearest_contract_is_above_the_cap_is_refused(
    most: int, per_mille: int
) -> None:
    """Equal periods at a rate up to the cap are offered, above it refused, whatever the term."""
    document = product(
        {"day_count": "equal_periods"},
        {
            "terms.annual_rate": {"least": "0", "most": f"0.{per_mille:03d}"},
            "terms.instalments": {"least": 1, "most": most},
        },
    )
    if per_mille <= 240:
        assert tried(document).tried == 4 if most > 1 else 2
    else:
        error = refused(document)
        assert error.code == "contract.rate_above_cap"
        assert error.where == "product cash@1, contract.cap_annual"
        assert f"terms.annual_rate 0.{per_mille:03d}" in error.got


def test_a_flat_rate_is_judged_by_what_it_costs() -> None:
    """14 % flat over a year is more than 24 %, though its number is smaller; 12 % is less."""
    for flat, is_within in (("0.12", True), ("0.14", False)):
        document = product({"method": "flat", "annual_rate": flat, "instalments": 12}, {})
        if is_within:
            assert tried(document).tried == 1
        else:
            assert refused(document).code == "contract.rate_above_cap"


def test_words_on_offer_are_all_tried_and_numbers_at_their_ends() -> None:
    """Two methods, the shortest and the longest of three terms: four contracts, all within the law."""
    offer = tried(
        product(
            {"annual_rate": "0.146"},
            {
                "terms.method": {"one_of": ["equal_instalment", "equal_principal"]},
                "terms.instalments": {"one_of": [3, 6, 12]},
                "accrual": {"one_of": ["scheduled", "daily"]},
            },
        )
    )
    assert (offer.tried, len(offer.signed)) == (4, 4)
    assert {each.contract.terms.instalments for each in offer.signed} == {3, 12}


def test_an_uplift_above_its_bounds_is_refused_and_one_below_is_told() -> None:
    """Fixed or offered, 50 % of the rate is the most; 20 % is below the bounds and said to be."""
    terms = {"annual_rate": "0.146", "instalments": 3}
    assert refused(product(terms, {}, penalty={"uplift": "0.6"})).code == "policy.laxer"
    offered = {"penalty.uplift": {"least": "0.2", "most": "0.51"}}
    error = refused(product(terms, offered, penalty={"mode": "replaces"}))
    assert (error.code, error.where) == ("policy.laxer", "product cash@1, contract.penalty")
    offered = {"penalty.uplift": {"least": "0.2", "most": "0.5"}}
    signed = tried(product(terms, offered, penalty={"mode": "replaces"})).signed
    assert {each.policy["uplift"] for each in signed} == {"below", "within"}


def test_a_cap_of_its_own_is_no_higher_than_the_laws() -> None:
    """A product's cap of 36 % is refused, one of 18 % is taken."""
    terms = {"annual_rate": "0.1", "instalments": 3}
    assert refused(product(terms, {}, cap_annual="0.36")).code == "policy.laxer"
    assert tried(product(terms, {}, cap_annual="0.18")).signed[0].contract.cap_annual_ppm == 180_000


def test_choices_that_do_not_go_together_are_passed_over() -> None:
    """Six months without principal do not fit three instalments, but fit twelve; alone, they fit none."""
    terms = {"annual_rate": "0.146", "principal_grace": 6}
    both = product(terms, {"terms.instalments": {"one_of": [3, 12]}})
    offer = tried(both)
    assert (offer.tried, len(offer.signed)) == (2, 1)
    assert refused(product({**terms, "instalments": 3}, {})).code == "contract.term_out_of_bounds"
