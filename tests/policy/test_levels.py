"""Levels: law >= lender >= product >= contract; a lower one may only be stricter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.policy import Level, Parameter, PolicyRegistry, Purpose, Stricter, Unit, ValueType
from arrears.policy.registry import build_registry
from arrears.policy.strictness import is_as_strict
from arrears.policy.value import parse_value

Build = Callable[..., Parameter]
BuildStep = Callable[..., dict[str, Any]]
ID = "cn.pricing.all_in_rate_annual_max"
DAY = date(2026, 8, 1)


def lender(example_with: Build, step: dict[str, Any], **fields: object) -> Parameter:
    return example_with(level="lender", force="lender_policy", values=[step], **fields)


def value(registry: PolicyRegistry, on: date) -> str:
    return registry.resolve(ID, on=on, known_on=on, purpose=Purpose.BOOKING).value.text


def test_a_stricter_lender_stands_in_front_of_the_law(
    example_with: Build, one_step: BuildStep
) -> None:
    """While the lender's own 10 % is in force it is the answer; before and after, the law's is."""
    own = one_step(from_=date(2026, 8, 1), until=date(2026, 9, 1), value="10")
    registry = build_registry([example_with(), lender(example_with, own)])
    days = (date(2026, 7, 31), date(2026, 8, 1), date(2026, 8, 31), date(2026, 9, 1))
    assert [value(registry, day) for day in days] == ["12.34", "10", "10", "12.34"]


def test_a_laxer_lender_is_refused_when_loaded(example_with: Build, one_step: BuildStep) -> None:
    """12.35 % above a law of 12.34 % on a single common day is refused."""
    own = one_step(from_=date(2026, 9, 30), until="open", value="12.35")
    with pytest.raises(ArrearsError) as caught:
        build_registry([example_with(), lender(example_with, own)])
    assert caught.value.code == "policy.laxer"
    assert "12.34" in caught.value.expected


def test_where_the_law_is_silent_the_lender_is_free(
    example_with: Build, one_step: BuildStep
) -> None:
    """In the gap of the law no value stands above, so the lender's own may be any."""
    own = one_step(from_=date(2026, 10, 1), until=date(2026, 11, 1), value="36")
    registry = build_registry([example_with(), lender(example_with, own)])
    assert value(registry, date(2026, 10, 15)) == "36"
    assert value(registry, DAY) == "12.34"


def test_a_fresh_lender_does_not_hide_a_stale_law(example_with: Build, one_step: BuildStep) -> None:
    """The law may have become stricter unread, so nothing new rests on the lender's value alone."""
    own = one_step(from_=DAY, until="open", value="5")
    law = example_with(verified_through=date(2026, 9, 1))
    registry = build_registry([law, lender(example_with, own)])
    assert value(registry, date(2026, 9, 1)) == "5"
    with pytest.raises(ArrearsError) as caught:
        value(registry, date(2026, 9, 2))
    assert caught.value.code == "policy.stale"


def test_two_files_of_one_level_are_refused(example_with: Build) -> None:
    """Nobody chooses silently between two files of law."""
    with pytest.raises(ArrearsError) as caught:
        build_registry([example_with(), example_with()])
    assert caught.value.code == "policy.duplicate"


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("anchor", "business"),
        ("stricter", "higher"),
        (
            "scope",
            {
                "licences": ["bank"],
                "products": ["any"],
                "actors": ["lender"],
                "creditor_kinds": ["any"],
            },
        ),
    ],
)
def test_levels_are_of_one_kind(
    example_with: Build, one_step: BuildStep, field: str, other: object
) -> None:
    """A lender cannot turn the direction, move the anchor or widen the scope of the law."""
    own = lender(example_with, one_step(value="10"), **{field: other})
    with pytest.raises(ArrearsError) as caught:
        build_registry([example_with(), own])
    assert caught.value.code == "policy.malformed"


@pytest.mark.parametrize("level", [Level.PRODUCT, Level.CONTRACT])
def test_products_and_contracts_are_held_to_every_level_above(
    example_with: Build, one_step: BuildStep, level: Level
) -> None:
    """Under a law of 12.34 and a lender of 10, a product may say 10 and not 10.01."""
    registry = build_registry([example_with(), lender(example_with, one_step(value="10"))])

    def check(text: str) -> int:
        return registry.require_as_strict(
            ID, text, level=level, on=DAY, known_on=DAY, where="product P, field cap"
        ).as_ppm()

    assert check("10") == 100_000
    with pytest.raises(ArrearsError) as caught:
        check("10.01")
    assert (caught.value.code, caught.value.where) == ("policy.laxer", "product P, field cap")


def test_what_yields_to_agreement_may_be_agreed_otherwise(pack: PolicyRegistry) -> None:
    """Civil Code 561 is a default: a contract may take principal before interest; 560 has no way out."""
    day = date(2026, 1, 1)
    agreed = pack.require_as_strict(
        "cn.allocation.within_debt",
        "principal interest costs",
        level=Level.CONTRACT,
        on=day,
        known_on=day,
        where="contract",
    )
    assert agreed.as_words() == ("principal", "interest", "costs")
    with pytest.raises(ArrearsError) as caught:
        pack.require_as_strict(
            "cn.allocation.across_debts",
            "pro_rata",
            level=Level.CONTRACT,
            on=day,
            known_on=day,
            where="contract",
        )
    assert caught.value.code == "policy.laxer"


@pytest.mark.parametrize(
    ("value_type", "unit", "strict", "lax"),
    [
        (ValueType.RATE, Unit.PERCENT_PER_YEAR, "9.9", "10"),
        (ValueType.RATE_RANGE, Unit.PERCENT_OF_CONTRACT_RATE, "0..40", "30..50"),
        (ValueType.MULTIPLE, Unit.TIMES_LPR_1Y, "3.5", "4"),
        (ValueType.INTEGER, Unit.YEARS, "2", "10"),
        (ValueType.DAYS, Unit.DAYS, "9", "10"),
        (ValueType.NAMED_INTEGERS, Unit.DAYS_PAST_DUE_OVER, "a=0 b=60", "a=0 b=90"),
        (ValueType.SET, Unit.RULE, "a b", "c b a"),
        (ValueType.FLAG, Unit.RULE, "false", "true"),
    ],
)
def test_every_ordered_type_knows_its_direction(
    value_type: ValueType, unit: Unit, strict: str, lax: str
) -> None:
    """Of each type: the smaller is within the larger and not the reverse; `higher` is the mirror."""
    small = parse_value(strict, value_type, unit, where="")
    large = parse_value(lax, value_type, unit, where="")
    assert is_as_strict(small, large, Stricter.LOWER)
    assert not is_as_strict(large, small, Stricter.LOWER)
    assert is_as_strict(large, small, Stricter.HIGHER)
    assert not is_as_strict(small, large, Stricter.HIGHER)
    assert not is_as_strict(small, large, Stricter.NONE)
    assert is_as_strict(small, small, Stricter.NONE)


def test_bounds_by_name_are_compared_name_by_name() -> None:
    """A missing name is no strictness: whoever drops the class of loss is laxer."""
    unit = Unit.DAYS_PAST_DUE_OVER
    upper = parse_value("a=0 b=90 c=100", ValueType.NAMED_INTEGERS, unit, where="")
    for text in ("a=0 b=90", "a=0 b=60 c=101"):
        lower = parse_value(text, ValueType.NAMED_INTEGERS, unit, where="")
        assert not is_as_strict(lower, upper, Stricter.LOWER)


@given(law=st.integers(0, 999_999), own=st.integers(0, 999_999))
def test_a_registry_is_built_exactly_when_the_lender_is_not_above_the_cap(
    example_with: Build, one_step: BuildStep, law: int, own: int
) -> None:
    """For any two rates, loading succeeds if and only if the lender's is at most the law's."""

    def step(ppm: int) -> dict[str, Any]:
        return one_step(value=f"{ppm // 10_000}.{ppm % 10_000:04d}")

    parameters = [example_with(values=[step(law)]), lender(example_with, step(own))]
    if own <= law:
        assert build_registry(parameters).ids == (ID,)
        return
    with pytest.raises(ArrearsError) as caught:
        build_registry(parameters)
    assert caught.value.code == "policy.laxer"
