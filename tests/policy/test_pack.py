"""The packs: each value on its edges, each mark as the facts give it, each file whole."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from arrears.adapters.policy_files import known_ids, load_registry
from arrears.kernel.errors import ArrearsError
from arrears.policy import Effect, Force, Level, PolicyRegistry, Purpose, Status
from arrears.policy.loading import FIELDS, STEP_FIELDS

DAY = timedelta(days=1)
FAR = date(2100, 1, 1)

#: Id -> the value in force on 2026-11-24, as the facts of regulation give it, and whether its
#: article was read. What is not marked as read there is not verified here.
FACTS = {
    name: (entry["value"], entry["read"])
    for name, entry in yaml.safe_load(
        Path(__file__).with_name("facts.yaml").read_text("utf-8")
    ).items()
}


def answer(pack: PolicyRegistry, parameter_id: str, on: date, known_on: date = FAR) -> str:
    """The value, or the code of the error; asked so that a stale source does not hide it."""
    try:
        resolved = pack.resolve(parameter_id, on=on, known_on=known_on, purpose=Purpose.SERVICING)
    except ArrearsError as error:
        return error.code
    return resolved.value.text


def test_the_pack_holds_exactly_what_is_listed(pack: PolicyRegistry) -> None:
    """A parameter added or lost shows here, where its mark must be written down."""
    assert set(pack.ids) == set(FACTS) == set(known_ids())


@pytest.mark.parametrize("parameter_id", FACTS)
def test_values_and_marks_are_those_of_the_facts(pack: PolicyRegistry, parameter_id: str) -> None:
    """The value of 2026-11-24 stands as in the facts, verified only where the article was read."""
    value, is_read = FACTS[parameter_id]
    expected = value or "policy.not_in_force"
    assert answer(pack, parameter_id, date(2026, 11, 24)) == expected
    assert (pack.parameter(parameter_id).status is Status.VERIFIED) == is_read


@pytest.mark.parametrize("parameter_id", FACTS)
def test_each_value_on_the_day_before_the_first_the_last_and_the_day_after(
    pack: PolicyRegistry, parameter_id: str
) -> None:
    """Each value holds from its first to its last day; outside, its neighbour or nothing does."""
    for parameter in pack.levels(parameter_id):
        steps = parameter.steps
        for index, step in enumerate(steps):
            assert answer(pack, parameter_id, step.from_on) == step.value.text
            before = steps[index - 1] if index else None
            if step.from_on > date.min:
                day = step.from_on - DAY
                is_adjacent = before is not None and before.until_on == step.from_on
                expected = before.value.text if before and is_adjacent else "policy.not_in_force"
                assert answer(pack, parameter_id, day) == expected
            if step.until_on is None:
                assert answer(pack, parameter_id, FAR) == step.value.text
                continue
            assert answer(pack, parameter_id, step.until_on - DAY) == step.value.text
            after = steps[index + 1] if index + 1 < len(steps) else None
            is_adjacent = after is not None and after.from_on == step.until_on
            expected = after.value.text if after and is_adjacent else "policy.not_in_force"
            assert answer(pack, parameter_id, step.until_on) == expected


@pytest.mark.parametrize("parameter_id", FACTS)
def test_nobody_knows_a_value_before_it_is_published(
    pack: PolicyRegistry, parameter_id: str
) -> None:
    """On the eve of its publication a value is not seen, on the day it is."""
    for step in pack.parameter(parameter_id).steps:
        published_on = step.citation.published_on
        assert answer(pack, parameter_id, step.from_on, published_on) == step.value.text
        if published_on > date.min:
            unseen = answer(pack, parameter_id, step.from_on, published_on - DAY)
            assert unseen != step.value.text


@pytest.mark.parametrize("parameter_id", FACTS)
def test_past_the_last_reading_nothing_new_rests_on_it(
    pack: PolicyRegistry, parameter_id: str
) -> None:
    """Each parameter refuses a booking on the day after someone last looked at its source."""
    parameter = pack.parameter(parameter_id)
    day_after = parameter.verified_through + DAY
    with pytest.raises(ArrearsError) as caught:
        pack.resolve(parameter_id, on=day_after, known_on=day_after, purpose=Purpose.BOOKING)
    assert caught.value.code == "policy.stale"


@pytest.mark.parametrize("parameter_id", FACTS)
def test_each_file_has_every_field_and_says_what_it_is(parameter_id: str) -> None:
    """Straight from the file: all fields in the order of the format, a first line that tells."""
    *folders, name = parameter_id.split(".")
    place = files("arrears.policy").joinpath("data", *folders, f"{name}.yaml")
    text = place.read_text("utf-8")
    assert text.startswith("# ")
    document = yaml.safe_load(text)
    assert tuple(document) == FIELDS
    assert document["id"] == parameter_id
    for step in document["values"]:
        assert set(step) == set(STEP_FIELDS)
        assert isinstance(step["value"], str)


@pytest.mark.parametrize("parameter_id", FACTS)
def test_what_is_doubtful_says_why(pack: PolicyRegistry, parameter_id: str) -> None:
    """An unverified file has a note, a value without an exact date has one, law has law's force."""
    parameter = pack.parameter(parameter_id)
    is_exact = all(step.from_is_exact for step in parameter.steps)
    if parameter.status is Status.UNVERIFIED or not is_exact:
        assert parameter.note
    assert (parameter.force is Force.LENDER_POLICY) == (parameter.level is Level.LENDER)


def test_the_permissions_nobody_verified_are_these(pack: PolicyRegistry) -> None:
    """What a lender must read and ratify before relying on it: a list that grows only knowingly."""
    open_permissions = {
        parameter_id
        for parameter_id in pack.ids
        if pack.parameter(parameter_id).effect is Effect.PERMISSION
        and pack.parameter(parameter_id).status is Status.UNVERIFIED
    }
    assert open_permissions == {
        "cn.collections.contact_person_offers_to_pay",
        "cn.classification.technical_overdue_days_max",
        "cn.disclosure.simple_rate_if_labelled",
        "cn.line.card_pricing_free",
        "cn.penalty.compound_rate_on_unpaid_interest",
    }


def test_one_parameter_is_read_without_the_others() -> None:
    """A command on one account reads only the files it asks for, and gets the same parameter."""
    wanted = ("cn.price.licensed_all_in_cap", "cn.penalty.overdue_uplift")
    few = load_registry(wanted)
    assert set(few.ids) == set(wanted)
    whole = load_registry()
    assert all(few.levels(name) == whole.levels(name) for name in wanted)
