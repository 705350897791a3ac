"""Rules: the strictest cap with its sources, the uplift; and no number of law in code."""

from __future__ import annotations

import ast
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from arrears.kernel.errors import ArrearsError
from arrears.kernel.rates import multiplied_ppm
from arrears.policy import Licence, PolicyRegistry, Product, Purpose, build_registry, rules
from arrears.policy.loading import read_parameter
from arrears.policy.rules import (
    Case,
    EffectiveCap,
    NoCap,
    UpliftJudgement,
    effective_cap,
    judge_uplift,
    uplift_bounds,
)
from arrears.policy.rules_bands import band_over

NEW = date(2026, 11, 1)


def case(
    licence: Licence,
    on: date = NEW,
    purpose: Purpose = Purpose.BOOKING,
    product: Product = Product.INSTALMENT_LOAN,
) -> Case:
    return Case(licence=licence, product=product, contract_on=on, known_on=on, purpose=purpose)


def applied(cap: EffectiveCap | NoCap) -> dict[str, int]:
    assert isinstance(cap, EffectiveCap)
    return {one.rests_on[0].parameter_id: one.annual_ppm for one in cap.applied}


def with_lpr(pack: PolicyRegistry, percentage: str) -> PolicyRegistry:
    """The pack with a one-year LPR that stands on every day and was read far ahead."""
    law = {
        "id": rules.LPR_1Y,
        "meaning": "An LPR for a test.",
        "type": "rate",
        "unit": "percent_per_year",
        "anchor": "contract",
        "level": "law",
        "force": "regulator_rule",
        "effect": "definition",
        "stricter": "none",
        "scope": {
            "licences": ["any"],
            "products": ["any"],
            "actors": ["any"],
            "creditor_kinds": ["any"],
        },
        "yields_to": ["none"],
        "values": [
            {
                "from": date(2019, 8, 20),
                "until": "open",
                "value": percentage,
                "from_is_exact": True,
                "title": "LPR",
                "locator": "1Y",
                "url": "none",
                "published_on": date(2019, 8, 20),
                "published_is_exact": True,
            }
        ],
        "verified_through": date(2100, 1, 1),
        "status": "verified",
        "note": "",
    }
    others = [level for name in pack.ids if name != rules.LPR_1Y for level in pack.levels(name)]
    return build_registry([*others, read_parameter(law, source="lpr")])


def test_no_number_of_law_stands_in_the_rules() -> None:
    """The source of the rules holds no numeric literal at all; every number has a parameter."""
    tree = ast.parse(Path(rules.__file__).read_text("utf-8"))
    numbers = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and not isinstance(node.value, bool)
    ]
    assert numbers == []


def test_a_bank_is_held_to_the_all_in_cap_alone(pack: PolicyRegistry) -> None:
    """24 % a year with the Supreme Court's opinions behind it; nothing of other licences."""
    cap = effective_cap(pack, case(Licence.BANK))
    assert isinstance(cap, EffectiveCap)
    assert applied(cap) == {"cn.price.licensed_all_in_cap": 240_000}
    (binding,) = cap.binding
    assert binding.rests_on[0].citation.locator == "item 2"
    assert binding.rests_on[0].status == "unverified"


def test_all_caps_of_a_micro_lender_apply_together(pack: PolicyRegistry) -> None:
    """From 2025-12-19 two caps of 24 % bind; before, one."""
    assert applied(effective_cap(pack, case(Licence.MICRO_LENDER))) == {
        "cn.price.licensed_all_in_cap": 240_000,
        "cn.price.micro_lender_new_loan_cap": 240_000,
    }
    before = effective_cap(pack, case(Licence.MICRO_LENDER, date(2025, 12, 18)))
    assert set(applied(before)) == {"cn.price.licensed_all_in_cap"}
    both = effective_cap(pack, case(Licence.MICRO_LENDER))
    assert isinstance(both, EffectiveCap)
    assert len(both.binding) == 2


def test_the_target_of_2027_is_the_strictest_when_it_comes(pack: PolicyRegistry) -> None:
    """On 2027-12-31, at an LPR of 3.0 %, 12 % binds and not 24 %; the day before it does not.

    Asked as a projection: for a booking the sources are not yet read so far.
    """
    registry = with_lpr(pack, "3.0")
    day = date(2027, 12, 31)
    projected = effective_cap(registry, case(Licence.MICRO_LENDER, day, Purpose.PROJECTION))
    assert isinstance(projected, EffectiveCap)
    assert projected.annual_ppm == 120_000
    multiple, lpr = projected.binding[0].rests_on
    assert (multiple.value.text, lpr.value.text) == ("4", "3.0")
    assert multiple.assumed
    eve = effective_cap(registry, case(Licence.MICRO_LENDER, date(2027, 12, 30), Purpose.CLOSE))
    assert isinstance(eve, EffectiveCap)
    assert eve.annual_ppm == 240_000
    with pytest.raises(ArrearsError) as caught:
        effective_cap(registry, case(Licence.MICRO_LENDER, day))
    assert caught.value.code == "policy.stale"


def test_an_average_binds_the_book_and_no_contract(pack: PolicyRegistry) -> None:
    """A consumer-finance company's single loan may reach 24 %; 20 % is for the average alone."""
    caps = applied(effective_cap(pack, case(Licence.CONSUMER_FINANCE_COMPANY)))
    assert caps == {
        "cn.price.licensed_all_in_cap": 240_000,
        "cn.price.cfc_single_loan_cap": 240_000,
    }
    assert "cn.price.cfc_new_loan_average_cap" in pack.ids
    before = effective_cap(pack, case(Licence.CONSUMER_FINANCE_COMPANY, date(2026, 3, 31)))
    assert set(applied(before)) == {"cn.price.licensed_all_in_cap"}


@pytest.mark.parametrize("name", ["lpr4", "lpr4_2020"])
def test_four_times_the_lpr_as_worked_out(
    pack: PolicyRegistry, vectors: dict[str, Any], name: str
) -> None:
    """The worked caps: 12 % at an LPR of 3.0 %, 15.4 % at 3.85 %."""
    vector = vectors[name]
    registry = with_lpr(pack, str(vector["inputs"]["lpr_1y_percent"]))
    cap = effective_cap(registry, case(Licence.PRIVATE_LENDER, date(2021, 6, 1)))
    assert isinstance(cap, EffectiveCap)
    assert Fraction(cap.annual_ppm, 10_000) == Fraction(str(vector["expected"]["cap_percent"]))


def test_the_packs_own_lpr_gives_the_worked_cap_on_the_day_it_proves(pack: PolicyRegistry) -> None:
    """On 2025-12-31 private lending is capped at 12 %; a day later nobody has read the LPR."""
    day = date(2025, 12, 31)
    cap = effective_cap(pack, case(Licence.PRIVATE_LENDER, day))
    assert isinstance(cap, EffectiveCap)
    assert cap.annual_ppm == 120_000
    with pytest.raises(ArrearsError) as caught:
        effective_cap(pack, case(Licence.PRIVATE_LENDER, date(2026, 1, 1)))
    assert caught.value.code == "policy.stale"
    with pytest.raises(ArrearsError) as caught:
        effective_cap(pack, case(Licence.PRIVATE_LENDER, date(2023, 1, 1)))
    assert caught.value.code == "policy.not_in_force"


def test_before_any_cap_of_the_pack_there_is_none_and_it_says_so(pack: PolicyRegistry) -> None:
    """In 2010 nothing of the pack applies: the answer is a value that lists what was considered."""
    cap = effective_cap(pack, case(Licence.BANK, date(2010, 1, 1)))
    assert isinstance(cap, NoCap)
    assert set(cap.considered) == set(rules.CAPS_BY_RATE + rules.CAPS_BY_MULTIPLE)


@pytest.mark.parametrize("licence", [one for one in Licence if one != Licence.PRIVATE_LENDER])
def test_no_licensed_lender_falls_under_private_lending(
    pack: PolicyRegistry, licence: Licence
) -> None:
    """Scope and exclusion agree: the list of the reply names every licence but private lending."""
    excludes = pack.levels(rules.PRIVATE_LENDING_EXCLUDES)[0].steps[0].value.as_words()
    assert licence.value in excludes
    assert rules.PRIVATE_LENDING_MULTIPLE not in applied(effective_cap(pack, case(licence)))


def test_the_uplift_lies_between_30_and_50_percent(pack: PolicyRegistry) -> None:
    """Both ends are within; one ppm outside is not."""
    uplift = pack.resolve(rules.OVERDUE_UPLIFT, on=NEW, known_on=NEW, purpose=Purpose.BOOKING)
    bounds = uplift_bounds(uplift)
    assert (bounds.lowest_ppm, bounds.highest_ppm) == (300_000, 500_000)
    assert "251" in uplift.citation.title
    judged = [judge_uplift(ppm, bounds) for ppm in (299_999, 300_000, 500_000, 500_001)]
    assert judged == [
        UpliftJudgement.BELOW,
        UpliftJudgement.WITHIN,
        UpliftJudgement.WITHIN,
        UpliftJudgement.ABOVE,
    ]


def test_money_by_the_day_as_worked_out(pack: PolicyRegistry, vectors: dict[str, Any]) -> None:
    """A line's 0.05 % a day on 500 for 5 days; a judgment's 0.0175 % on 100,000 for 30."""
    line = pack.levels("cn.line.daily_rate")[0].steps[0].value.as_fraction()
    bill = vectors["huabei_overdue_1"]
    owed = Fraction(bill["inputs"]["unpaid"]) * line * bill["inputs"]["days"]
    assert owed == Fraction(str(bill["expected"]["overdue_interest"]))
    doubled = pack.levels("cn.penalty.judgment_doubled_rate")[0].steps[0].value.as_fraction()
    judged = vectors["judgment_doubled"]
    unpaid = judged["inputs"]["unpaid_judgment_money_excluding_general_interest"]
    owed = Fraction(unpaid) * doubled * judged["inputs"]["days"]
    assert owed == Fraction(str(judged["expected"]["doubled_part_interest"]))


@pytest.mark.parametrize(
    ("name", "parameter_id", "otherwise", "answers"),
    [
        ("dpd_class", "cn.classification.dpd_over", "normal", "class"),
        ("pbc_status_map", "cn.bureau.status_by_dpd", "N", "status"),
    ],
)
def test_bands_as_worked_out(
    pack: PolicyRegistry,
    vectors: dict[str, Any],
    name: str,
    parameter_id: str,
    otherwise: str,
    answers: str,
) -> None:
    """Classes and bureau digits on both sides of every bound: 90 is not yet substandard, 91 is."""
    bounds = pack.levels(parameter_id)[0].steps[-1].value.as_named_integers()
    vector = vectors[name]
    found = [band_over(bounds, days, otherwise=otherwise) for days in vector["inputs"]["dpd"]]
    assert found == vector["expected"][answers]


def test_buckets_end_on_their_thirtieth_day(pack: PolicyRegistry) -> None:
    """1 and 30 days are M1, 31 is M2, 180 is M6 and 181 is M6+; 0 is none of them."""
    bounds = pack.levels("cn.classification.bucket_over")[0].steps[0].value.as_named_integers()
    found = [band_over(bounds, days, otherwise="M0") for days in (0, 1, 30, 31, 180, 181)]
    assert found == ["M0", "M1", "M1", "M2", "M6", "M6+"]


def test_a_multiple_is_rounded_down_to_the_ppm() -> None:
    """A derived rate never passes the exact product: 3.14159 % x 1.5 is 4.712385 %."""
    assert multiplied_ppm(31_415, Fraction(3, 2)) == 47_122
