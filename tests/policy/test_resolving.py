"""Resolving: one value, or an error that says why not; two axes; stale by purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.policy import (
    Parameter,
    PolicyRegistry,
    Purpose,
    Ratification,
    Resolved,
    build_registry,
)
from arrears.policy.loading import read_parameter

Build = Callable[..., Parameter]
BuildStep = Callable[..., dict[str, Any]]
ID = "cn.pricing.all_in_rate_annual_max"
LATE = date(2026, 11, 30)


def ask(
    registry: PolicyRegistry, on: date, known_on: date = LATE, purpose: Purpose = Purpose.BOOKING
) -> Resolved:
    return registry.resolve(ID, on=on, known_on=known_on, purpose=purpose)


def code(registry: PolicyRegistry, on: date, known_on: date = LATE) -> str:
    with pytest.raises(ArrearsError) as caught:
        ask(registry, on, known_on)
    return caught.value.code


@pytest.mark.parametrize(
    ("on", "known_on", "answer"),
    [
        (date(2026, 6, 30), LATE, "policy.not_in_force"),
        (date(2026, 7, 1), LATE, "12.34"),
        (date(2026, 9, 30), LATE, "12.34"),
        (date(2026, 10, 1), LATE, "policy.not_in_force"),
        (date(2026, 11, 1), LATE, "11.11"),
        (date(2026, 11, 1), date(2026, 10, 20), "11.11"),
        (date(2026, 11, 1), date(2026, 10, 19), "policy.not_in_force"),
        (date(2026, 12, 1), LATE, "policy.stale"),
        (date(2026, 12, 1), date(2026, 1, 1), "policy.stale"),
    ],
)
def test_the_table_of_the_house_style(
    example_with: Build, on: date, known_on: date, answer: str
) -> None:
    """Before, first, last, in the gap, unpublished, past the last reading: as STYLE, section 8."""
    registry = build_registry([example_with()])
    if answer.startswith("policy."):
        assert code(registry, on, known_on) == answer
    else:
        assert ask(registry, on, known_on).value.text == answer


def test_a_day_that_two_values_claim_is_refused_when_the_file_is_loaded(
    document: dict[str, Any],
) -> None:
    """The first value running one day into the second never becomes a registry."""
    document["values"][0]["until"] = date(2026, 11, 2)
    with pytest.raises(ArrearsError) as caught:
        read_parameter(document, source="example.yaml")
    assert caught.value.code == "policy.overlap"


def test_an_overlap_that_no_loader_saw_is_refused_when_asked(example_with: Build) -> None:
    """A registry made past the loader still gives one value or an error, never the first found."""
    parameter = example_with()
    first, second = parameter.steps
    both = replace(parameter, steps=(replace(first, until_on=None), second))
    registry = PolicyRegistry(MappingProxyType({ID: (both,)}))
    assert code(registry, date(2026, 11, 1)) == "policy.overlap"
    assert ask(registry, date(2026, 8, 1)).value.text == "12.34"


def test_an_unknown_id_names_its_neighbours(example_with: Build) -> None:
    """A slip of the pen is answered with the id that was meant."""
    registry = build_registry([example_with()])
    with pytest.raises(ArrearsError) as caught:
        registry.resolve(
            ID.replace("max", "min"), on=LATE, known_on=LATE, purpose=Purpose.SERVICING
        )
    assert caught.value.code == "policy.unknown"
    assert ID in caught.value.expected


@pytest.mark.parametrize("purpose", list(Purpose))
def test_stale_refuses_what_is_new_and_carries_what_exists(
    example_with: Build, purpose: Purpose
) -> None:
    """Past the last reading nothing is booked or decided; servicing goes on and says `assumed`."""
    registry = build_registry([example_with()])
    last = ask(registry, LATE, purpose=purpose)
    assert (last.value.text, last.assumed) == ("11.11", False)
    day_after = LATE + timedelta(days=1)
    if purpose in {Purpose.BOOKING, Purpose.DECISION}:
        assert code(registry, day_after) == "policy.stale"
        with pytest.raises(ArrearsError):
            registry.is_in_force(ID, on=day_after, known_on=LATE, purpose=purpose)
    else:
        carried = ask(registry, day_after, purpose=purpose)
        assert (carried.value.text, carried.assumed) == ("11.11", True)
        assert registry.is_in_force(ID, on=day_after, known_on=LATE, purpose=purpose)


def test_a_value_that_ends_after_the_last_reading_is_carried(
    example_with: Build, one_step: BuildStep
) -> None:
    """Nobody read what follows 2026-10-01, so what stood on the last day read goes on, assumed."""
    registry = build_registry(
        [example_with(values=[one_step()], verified_through=date(2026, 9, 1))]
    )
    assert ask(registry, date(2026, 10, 5), purpose=Purpose.CLOSE).assumed


def test_a_value_that_its_source_ended_is_not_revived(
    example_with: Build, one_step: BuildStep
) -> None:
    """The text was read beyond the end and found empty: carrying would invent law."""
    registry = build_registry([example_with(values=[one_step()])])
    with pytest.raises(ArrearsError) as caught:
        ask(registry, date(2026, 12, 5), purpose=Purpose.CLOSE)
    assert caught.value.code == "policy.not_in_force"


def test_an_end_is_known_only_with_the_text_that_set_it(
    example_with: Build, one_step: BuildStep
) -> None:
    """Before the second text was published, the first had no end.

    First value from 2026-07-01; the second follows without a gap on 2026-11-01 and was published
    on 2026-10-20. Asked on 2026-10-19 about November, the first is the answer; a day later, the
    second is.
    """
    values = [
        one_step(until=date(2026, 11, 1)),
        one_step(
            from_=date(2026, 11, 1), until="open", value="11", published_on=date(2026, 10, 20)
        ),
    ]
    registry = build_registry([example_with(values=values)])
    before = ask(registry, date(2026, 11, 5), date(2026, 10, 19))
    assert (before.value.text, before.until_on) == ("12.34", None)
    assert ask(registry, date(2026, 11, 5), date(2026, 10, 20)).value.text == "11"
    assert ask(registry, date(2026, 10, 31), date(2026, 10, 20)).until_on == date(2026, 11, 1)


def test_a_middle_text_nobody_knew_leaves_the_first_until_the_third(
    example_with: Build, one_step: BuildStep
) -> None:
    """Knowing the first and third text, but not the late one between, leaves no hole and no overlap."""
    values = [
        one_step(until=date(2026, 8, 1)),
        one_step(
            from_=date(2026, 8, 1),
            until=date(2026, 9, 1),
            value="2",
            published_on=date(2026, 10, 1),
        ),
        one_step(from_=date(2026, 9, 1), until="open", value="3"),
    ]
    registry = build_registry([example_with(values=values)])
    known_on = date(2026, 9, 15)
    assert ask(registry, date(2026, 8, 15), known_on).value.text == "12.34"
    assert ask(registry, date(2026, 9, 1), known_on).value.text == "3"
    assert ask(registry, date(2026, 8, 15), date(2026, 10, 1)).value.text == "2"


@given(
    on=st.dates(date(2026, 6, 1), date(2026, 11, 30)),
    known_on=st.dates(date(2026, 6, 1), date(2026, 11, 30)),
    later=st.integers(1, 60),
)
def test_a_later_text_changes_no_answer_about_what_was_known_before(
    example_with: Build, one_step: BuildStep, on: date, known_on: date, later: int
) -> None:
    """A decision run again with its own date answers the same, whatever was published since.

    The file grows by a text that follows without a gap and was published after `known_on`.
    """
    follows_on = date(2026, 9, 1)
    alone = [one_step(until="open")]
    grown = [
        one_step(until=follows_on),
        one_step(
            from_=follows_on,
            until="open",
            value="1",
            published_on=known_on + timedelta(days=later),
        ),
    ]
    answers = []
    for values in (alone, grown):
        registry = build_registry([example_with(values=values)])
        try:
            answers.append(ask(registry, on, known_on).value.text)
        except ArrearsError as error:
            answers.append(error.code)
    assert answers[0] == answers[1]


def test_an_unverified_permission_waits_for_the_lenders_word(example_with: Build) -> None:
    """Unverified and a permission: to be ratified, for the days the ratification holds."""
    permission = example_with(effect="permission")
    ratified = Ratification(
        parameter_id=ID,
        value="12.34",
        person="a lawyer",
        text_read="First text, art. 5",
        text_file="first.txt",
        text_sha256="0" * 64,
        ratified_on=date(2026, 8, 1),
        expires_on=date(2026, 9, 1),
    )
    registry = build_registry([permission], [ratified])
    needs = {day: ask(registry, date(2026, 8, day)).needs_ratification for day in (1, 31)}
    assert needs == {1: False, 31: False}
    assert ask(registry, date(2026, 7, 31)).needs_ratification
    assert ask(registry, date(2026, 9, 1)).needs_ratification
    assert not ask(build_registry([example_with()]), date(2026, 9, 1)).needs_ratification
    verified = example_with(effect="permission", status="verified")
    assert not ask(build_registry([verified]), date(2026, 9, 1)).needs_ratification
