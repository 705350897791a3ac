"""`arrears balance --account`: what is stored is answered as it was handed in, under the law it was signed."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TERMS = {
    "principal": "10000", "disbursed_on": "2026-01-01", "annual_rate": "0.146", "instalments": 3,
    "day_count": "actual/365",
}  # fmt: skip
CONTRACT = {"terms": TERMS, "penalty": {"uplift": "0.5", "grace_days": 3}}
FIRST = {"id": "D1", "on": "2026-01-01", "type": "disbursed", "amount": "10000"}
PAID = {"id": "P1", "on": "2026-02-10", "type": "repaid", "amount": "1000"}


def cited(answer: dict[str, Any], parameter: str) -> list[dict[str, Any]]:
    """Every citation of a parameter behind the movements."""
    found = [each for movement in answer["movements"] for each in movement["citations"]]
    return [each for each in found if each["parameter"] == parameter]


@pytest.fixture
def booked(arrears):  # noqa: ANN201 - see conftest.py
    """A loan in the book, one part payment on it."""
    account = {"account_id": "L-1", "borrower_id": "B-1", "contract": CONTRACT, "events": [FIRST]}
    assert arrears("book", stdin=account)[0] == 0
    assert arrears("post", stdin={"account_id": "L-1", "event": PAID})[0] == 0
    return arrears


def test_a_stored_account_answers_as_one_handed_in(booked) -> None:
    """State, projection and amounts of movements are those of the same contract and events as JSON."""
    words = ("--explain", "--until", "2026-06-01")
    code, told = booked("balance", "--account", "L-1", "--as-of", "2026-03-10", *words)
    assert code == 0
    stored = json.loads(told)
    signed = {
        **CONTRACT,
        "cap_annual": "0.24",
        "non_accrual_days": 90,
        "class_edges": [90, 270, 360],
    }
    handed = {"contract": signed, "events": [FIRST, PAID], "as_of": "2026-03-10"}
    given = json.loads(booked("balance", *words, stdin=handed)[1])
    assert (stored.pop("account_id"), stored.pop("product")) == ("L-1", "")
    law, told_law = stored.pop("policy"), given.pop("policy")
    assert stored == given
    assert law["snapshot"] == told_law["snapshot"], "nothing was edited since it was signed"
    assert law["parameters"] == told_law["parameters"]
    assert "cap_annual" in law["set_by_policy"]


def test_an_explanation_names_the_law_that_was_signed(
    booked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lender narrows its uplift later: the loan explains its penalty by the text of its signing."""
    folder = tmp_path / "cn" / "penalty"
    folder.mkdir(parents=True)
    (folder / "overdue_uplift.yaml").write_text(NARROWER, encoding="utf-8")
    monkeypatch.setenv("ARREARS_POLICY_DIRECTORY", str(tmp_path))
    asked = ("balance", "--account", "L-1", "--as-of", "2026-03-10", "--explain")
    answer = json.loads(booked(*asked)[1])
    (text,) = {json.dumps(each) for each in cited(answer, "cn.penalty.overdue_uplift")}
    assert json.loads(text)["value"] == "30..50"
    assert json.loads(text)["on"] == "2026-01-01"
    new = {"account_id": "L-2", "borrower_id": "B-1", "contract": CONTRACT}
    code, error = booked("book", "--json", stdin=new)
    assert code != 0
    assert json.loads(error)["code"] == "policy.laxer"


def test_all_caps_that_applied_stand_behind_what_one_took_off(arrears) -> None:
    """From 2026-04 a consumer-finance company lends under two caps: a penalty at 24 % names both."""
    terms = {**TERMS, "annual_rate": "0.2", "disbursed_on": "2026-04-02"}
    account = {
        "account_id": "L-3", "borrower_id": "B-1",
        "contract": {"terms": terms, "penalty": {"uplift": "0.5"}},
        "events": [{**FIRST, "on": "2026-04-02"}],
    }  # fmt: skip
    assert arrears("book", stdin=account)[0] == 0
    asked = ("balance", "--account", "L-3", "--as-of", "2026-06-10", "--explain")
    answer = json.loads(arrears(*asked)[1])
    penalty = next(each for each in answer["movements"] if each["component"] == "penalty")
    assert penalty["rate"] == "0.24"
    assert [each["parameter"] for each in penalty["citations"]] == [
        "cn.penalty.overdue_uplift",
        "cn.price.licensed_all_in_cap",
        "cn.price.cfc_single_loan_cap",
    ]


def test_no_other_lenders_cap_is_named(arrears) -> None:
    """A private lender's penalty stops at four times the LPR: both are named, the cap of banks is not."""
    product = {
        "code": "private", "version": 1, "offered_from": "2025-12-31", "licence": "private_lender",
        "contract": {
            "terms": {"annual_rate": "0.1", "instalments": 3, "day_count": "actual/365"},
            "penalty": {"uplift": "0.5"},
        },
        "choices": {
            "terms.principal": {"least": "500", "most": "20000"},
            "terms.disbursed_on": {},
        },
    }  # fmt: skip
    assert arrears("product", "add", stdin=product)[0] == 0
    account = {
        "account_id": "L-4", "borrower_id": "B-1", "product": "private",
        "contract": {"terms": {"principal": "10000", "disbursed_on": "2025-12-31"}},
        "events": [{**FIRST, "on": "2025-12-31"}],
    }  # fmt: skip
    code, told = arrears("book", stdin=account)
    assert code == 0, told
    asked = ("balance", "--account", "L-4", "--as-of", "2026-03-10", "--explain")
    answer = json.loads(arrears(*asked)[1])
    penalty = next(each for each in answer["movements"] if each["component"] == "penalty")
    assert penalty["rate"] == "0.12"
    assert [each["parameter"] for each in penalty["citations"]] == [
        "cn.penalty.overdue_uplift",
        "cn.price.private_lending_cap_multiple",
        "cn.price.lpr_1y",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--account", "L-9"), "account.unknown"),
        (("--account", "L-1", "--as-of", "2026-02-30"), "date.malformed"),
        (("--account", "L-1", "--as-of", "2026-03-10", "--until", "2026-03-09"), "cli.usage"),
        (("--as-of", "2026-03-10"), "cli.usage"),
    ],
)
def test_what_cannot_be_answered_is_one_error(booked, words: tuple[str, ...], code: str) -> None:
    """An account that is not there, a day that is none, a projection backwards, a day without account."""
    status, error = booked("balance", "--json", *words)
    assert status != 0
    assert json.loads(error)["code"] == code


#: A lender's own bounds in front of the law's.
NARROWER = """
id: cn.penalty.overdue_uplift
meaning: Our own uplift.
type: rate_range
unit: percent_of_contract_rate
anchor: contract
level: lender
force: lender_policy
effect: restriction
stricter: lower
scope:
  licences: [any]
  products: [any]
  actors: [lender]
  creditor_kinds: [any]
yields_to: [none]
values:
  - from: 2020-01-01
    until: open
    value: "30..40"
    from_is_exact: true
    title: "Our pricing policy"
    locator: "item 2"
    url: "none"
    published_on: 2020-01-01
    published_is_exact: true
verified_through: 2026-11-24
status: verified
note: ""
"""
