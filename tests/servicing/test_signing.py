"""Signing under policy: what is silent is filled, what is laxer refused, what is kept says where from."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.bootstrap import policy_registry, signing_registry
from arrears.kernel.errors import ArrearsError
from arrears.policy.parameter import Licence, Product
from arrears.policy.registry import Purpose
from arrears.policy.rules import Case
from arrears.policy.signing import (
    SIGNING_IDS,
    SigningPolicy,
    digest_of_document,
    signing_policy,
)
from arrears.servicing.signing import Signed, sign_under

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 1, 5)
TERMS: dict[str, Any] = {
    "principal": "1200", "disbursed_on": "2026-01-05", "annual_rate": "0.146", "instalments": 3,
}  # fmt: skip


def policy(
    day: date = DAY,
    *,
    licence: Licence = Licence.CONSUMER_FINANCE_COMPANY,
    kind: Product = Product.INSTALMENT_LOAN,
    purpose: Purpose = Purpose.BOOKING,
) -> SigningPolicy:
    """The pack's policy of a day."""
    case = Case(licence=licence, product=kind, contract_on=day, known_on=day, purpose=purpose)
    return signing_policy(signing_registry(), case)


def signed(
    terms: dict[str, Any] | None = None, under: SigningPolicy | None = None, **more: object
) -> Signed:
    """A contract of 1,200 at 14.6 %, signed."""
    return sign_under({"terms": {**TERMS, **(terms or {})}, **more}, under or policy())


def code_of(
    terms: dict[str, Any] | None = None, under: SigningPolicy | None = None, **more: object
) -> tuple[str, str]:
    """Code and place of the error a contract is refused with."""
    with pytest.raises(ArrearsError) as refused:
        signed(terms, under, **more)
    return refused.value.code, refused.value.where


def test_a_silent_contract_takes_what_policy_says() -> None:
    """Cap, order, early fee, cost method, non-accrual and classes are copied; terms stay as agreed."""
    made = signed(penalty={"grace_days": 3})
    assert made.document == {
        "terms": TERMS,
        "penalty": {"grace_days": 3, "uplift": "0.3"},
        "cap_annual": "0.24",
        "cap_method": "irr_nominal",
        "allocation": {"order": ["fee", "interest", "penalty", "compound", "principal"]},
        "early_fee": "for_actual_period",
        "non_accrual_days": 90,
        "class_edges": [90, 270, 360],
    }
    assert made.policy["set_by_policy"] == [
        "allocation.order", "cap_annual", "cap_method", "class_edges", "early_fee",
        "non_accrual_days", "penalty.uplift",
    ]  # fmt: skip
    assert made.contract.cap_annual_ppm == 240_000


def test_what_was_not_agreed_is_not_charged() -> None:
    """A contract that says nothing of being late charges nothing for it, whatever the law allows."""
    made = signed()
    assert "penalty" not in made.document
    assert made.policy["uplift"] is None


def test_what_a_contract_says_stays() -> None:
    """Its own cap, order and uplift are kept where they are no laxer."""
    own = {
        "cap_annual": "0.18",
        "penalty": {"uplift": "0.5"},
        "allocation": {"order": ["interest", "fee", "penalty", "compound", "principal"]},
    }
    made = signed(**own)
    assert {key: made.document[key] for key in own} == own
    assert made.policy["uplift"] == "within"


@given(st.integers(1, 400_000))
def test_no_cap_above_the_laws(ppm: int) -> None:
    """A contract's own cap is taken up to 24 %, refused above it with the text that says so."""
    terms = {"annual_rate": "0"}
    own = f"0.{ppm:06d}"
    if ppm <= 240_000:
        assert signed(terms, cap_annual=own).contract.cap_annual_ppm == ppm
    else:
        assert code_of(terms, cap_annual=own) == ("policy.laxer", "contract.cap_annual")


def test_a_loan_dearer_than_the_cap_is_refused_though_it_names_none() -> None:
    """30 % a year is refused under the cap that the contract did not mention."""
    assert code_of({"annual_rate": "0.30"}) == ("contract.rate_above_cap", "contract.cap_annual")
    assert signed({"annual_rate": "0.30"}, policy(date(2010, 1, 5))).contract.cap_annual_ppm is None


@given(st.integers(0, 1_000_000), st.sampled_from(["replaces", "adds"]))
def test_an_uplift_lies_up_to_the_upper_bound(ppm: int, mode: str) -> None:
    """Up to half of the contract's rate may be added; less than three tenths is told, not refused."""
    penalty = {"mode": mode, "uplift": f"{ppm // 10**6}.{ppm % 10**6:06d}"}
    if ppm > 500_000:
        assert code_of(penalty=penalty) == ("policy.laxer", "contract.penalty")
    else:
        expected = "below" if ppm < 300_000 else "within"
        assert signed(penalty=penalty).policy["uplift"] == expected


def test_a_penalty_rate_counts_as_the_uplift_it_amounts_to() -> None:
    """0.06 % a day is half as much again as 14.6 % a year; 0.0601 % is more, and is refused."""
    assert signed(penalty={"daily_rate": "0.0006"}).policy["uplift"] == "within"
    assert code_of(penalty={"daily_rate": "0.000601"})[0] == "policy.laxer"
    assert code_of(penalty={"annual_rate": "0.23"})[0] == "policy.laxer"
    assert signed(penalty={"mode": "adds", "annual_rate": "0.073"}).policy["uplift"] == "within"
    free = {"annual_rate": "0", "fee_rate": "0.03", "method": "fee_instalment"}
    assert signed(free, penalty={"daily_rate": "0.0005"}).policy["uplift"] is None


def test_a_private_lender_lends_under_four_times_the_lpr() -> None:
    """On the day whose LPR is known the cap is 4 x 3.0 %; where it is not known nothing is signed."""
    known = date(2025, 12, 31)
    private = policy(known, licence=Licence.PRIVATE_LENDER)
    made = signed({"annual_rate": "0.11"}, private)
    assert made.contract.cap_annual_ppm == 120_000
    assert made.under
    ids = [each["id"] for each in made.under.document["parameters"]]
    assert {"cn.price.private_lending_cap_multiple", "cn.price.lpr_1y"} <= set(ids)
    for day, code in (
        (date(2026, 1, 5), "policy.stale"),
        (date(2021, 6, 1), "policy.not_in_force"),
    ):
        with pytest.raises(ArrearsError) as refused:
            policy(day, licence=Licence.PRIVATE_LENDER)
        assert refused.value.code == code


def test_on_a_card_the_order_turns_after_ninety_days() -> None:
    """Silent, a card's order turns to principal; an order that does not turn is refused."""
    card = policy(kind=Product.CREDIT_CARD)
    orders = signed(None, card).contract.orders
    assert [order.days_past_due_from for order in orders] == [0, 91]
    order = ["fee", "interest", "penalty", "compound", "principal"]
    assert code_of(under=card, allocation={"order": order}) == (
        "policy.laxer", "contract.allocation.order",
    )  # fmt: skip
    turning = {"days_past_due_from": 61, "order": order[::-1]}
    own = [{"days_past_due_from": 0, "order": order}, turning]
    assert signed(None, card, allocation={"order": own}).document["allocation"] == {"order": own}
    own[1] = {**turning, "days_past_due_from": 92}
    assert code_of(under=card, allocation={"order": own})[0] == "policy.laxer", "a day too late"


def test_a_line_that_names_no_rate_takes_the_lenders() -> None:
    """0.05 % a day is 18.25 % of a year of 365 days, 18 % of one of 360."""
    line = policy(kind=Product.REVOLVING_LINE)
    terms = {"principal": "5000", "disbursed_on": "2026-01-05"}
    for day_count, ppm in (("actual/365", 182_500), ("actual/360", 180_000)):
        given_line = {"kind": "line", "terms": {**terms, "day_count": day_count}}
        assert sign_under(given_line, line).contract.terms.annual_rate_ppm == ppm


def test_an_unverified_permission_is_relied_on_once_the_lender_ratified_it(tmp_path: Path) -> None:
    """Compound interest is refused until somebody read its text, and only while that holds."""
    penalty = {"uplift": "0.5", "compound": True}
    assert code_of(penalty=penalty) == ("policy.not_ratified", "contract.penalty.compound")
    text = tmp_path / "notice.txt"
    text.write_text("Yinfa 2003 No. 251 art. 3", encoding="utf-8")
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    (tmp_path / "ratifications.yaml").write_text(
        "- {id: cn.penalty.compound_rate_on_unpaid_interest, value: penalty_rate, person: Li Wei,"
        f" text_read: art. 3, text_file: notice.txt, text_sha256: {digest}, ratified_on: 2026-01-01,"
        " expires_on: 2026-02-01}",
        encoding="utf-8",
    )
    ratified = policy_registry(SIGNING_IDS, lender_directory=tmp_path)
    for day, holds in ((DAY, True), (date(2026, 2, 1), False)):
        case = Case(
            licence=Licence.BANK,
            product=Product.INSTALMENT_LOAN,
            contract_on=day,
            known_on=day,
            purpose=Purpose.BOOKING,
        )
        under = signing_policy(ratified, case)
        if holds:
            assert signed(None, under, penalty=penalty).contract.penalty.compound
        else:
            assert code_of(None, under, penalty=penalty)[0] == "policy.not_ratified"
    existing = policy(purpose=Purpose.SERVICING)
    assert signed(None, existing, penalty=penalty).contract.penalty.compound, "taken over as it is"


def test_nothing_new_is_signed_past_the_last_reading() -> None:
    """After the sources were read last a booking is refused; what exists is read on."""
    with pytest.raises(ArrearsError) as refused:
        policy(date(2026, 11, 25))
    assert refused.value.code == "policy.stale"
    later = policy(date(2026, 11, 25), purpose=Purpose.SERVICING)
    assert all(each.assumed for each in later.terms.values())


def test_contracts_of_one_law_share_what_is_kept() -> None:
    """The same values and sources have one digest whatever the day; another licence has its own."""
    first, second = signed(), signed(None, policy(date(2026, 2, 5)))
    other = signed(None, policy(licence=Licence.BANK))
    assert first.under
    assert second.under
    assert other.under
    assert first.under == second.under
    assert first.policy["snapshot"] == digest_of_document(first.under.document)
    assert (first.policy["signed_on"], second.policy["signed_on"]) == ("2026-01-05", "2026-02-05")
    assert other.under.digest != first.under.digest
    before = signed({"annual_rate": "0.2"}, policy(date(2023, 6, 30)))
    assert before.document["class_edges"] == [90, 180], "the classes of before 2023-07-01"


def test_without_a_pack_a_contract_stands_by_itself() -> None:
    """No policy: nothing is filled in, nothing is kept."""
    made = sign_under({"terms": {**TERMS, "currency": "USD"}}, None)
    assert (made.under, made.policy) == (None, {})
    assert set(made.document) == {"terms"}
