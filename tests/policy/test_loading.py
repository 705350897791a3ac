"""Loading: every field is there, known and of its type, or the file is refused by name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from arrears.kernel.errors import ArrearsError
from arrears.policy.loading import (
    FIELDS,
    RATIFICATION_FIELDS,
    SCOPE_FIELDS,
    STEP_FIELDS,
    check_yields,
    read_parameter,
    read_ratification,
)

RATIFICATION = {
    "id": "cn.penalty.compound_rate_on_unpaid_interest",
    "value": "penalty_rate",
    "person": "a lawyer",
    "text_read": "the notice, art. 3",
    "text_file": "notice.txt",
    "text_sha256": "0" * 64,
    "ratified_on": date(2026, 1, 1),
    "expires_on": date(2027, 1, 1),
}


def refused(document: object) -> ArrearsError:
    with pytest.raises(ArrearsError) as caught:
        read_parameter(document, source="cn/some/file.yaml")
    assert "cn/some/file.yaml" in caught.value.where
    return caught.value


def test_the_example_is_read_whole(document: dict[str, Any]) -> None:
    """Nothing of a file is lost or turned: fields, steps in order, citation."""
    parameter = read_parameter(document, source="here")
    assert (parameter.id, parameter.type, parameter.unit) == (
        "cn.pricing.all_in_rate_annual_max",
        "rate",
        "percent_per_year",
    )
    first, second = parameter.steps
    assert (first.from_on, first.until_on) == (date(2026, 7, 1), date(2026, 10, 1))
    assert (second.from_on, second.until_on) == (date(2026, 11, 1), None)
    assert second.citation.url == "https://example.org/2"
    assert second.citation.published_on == date(2026, 10, 20)
    assert parameter.scope.licences == frozenset()


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_mandatory_and_checked(document: dict[str, Any], field: str) -> None:
    """Without any one field the file is refused; with a number in its place, too."""
    document.pop(field)
    assert refused(document).code == "policy.missing_field"
    document[field] = 7
    assert refused(document).code in {"policy.malformed", "date.malformed"}


@pytest.mark.parametrize("field", STEP_FIELDS)
def test_every_field_of_a_value_is_mandatory_and_checked(
    document: dict[str, Any], field: str
) -> None:
    """What is optional decays: no value without its dates and its source."""
    step = document["values"][1]
    step.pop(field)
    error = refused(document)
    assert (error.code, error.expected) == ("policy.missing_field", f"the field {field}")
    step[field] = 7
    assert refused(document).code in {"policy.malformed", "date.malformed"}


@pytest.mark.parametrize("field", SCOPE_FIELDS)
def test_a_scope_says_any_or_names_what_it_means(document: dict[str, Any], field: str) -> None:
    """An empty list could mean all or none, so it is refused; so is a word nobody knows."""
    for wrong in ([], ["unheard_of"], ["any", "bank"], "any"):
        document["scope"][field] = wrong
        assert refused(document).code == "policy.malformed"
    document["scope"].pop(field)
    assert refused(document).code == "policy.missing_field"


@pytest.mark.parametrize("place", ["top", "value", "scope"])
def test_a_field_nobody_reads_is_refused(document: dict[str, Any], place: str) -> None:
    """A slip in a field's name is found, wherever it stands."""
    target = {"top": document, "value": document["values"][0], "scope": document["scope"]}[place]
    target["verified_trough"] = "2026-01-01"
    assert refused(document).code == "policy.unknown_field"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id", "cn.price", "policy.malformed"),
        ("id", "CN.price.cap", "policy.malformed"),
        ("type", "money", "policy.malformed"),
        ("unit", "days", "policy.malformed"),
        ("level", "lender", "policy.malformed"),
        ("level", "contract", "policy.malformed"),
        ("level", "product", "policy.malformed"),
        ("force", "lender_policy", "policy.malformed"),
        ("values", [], "policy.malformed"),
        ("note", "", "policy.malformed"),
        ("meaning", " ", "policy.malformed"),
        ("verified_through", "2026-11-30", "date.malformed"),
        ("verified_through", datetime.fromisoformat("2026-11-30T00:00:00+00:00"), "date.malformed"),
        ("yields_to", "agreement", "policy.malformed"),
        ("yields_to", [7], "policy.malformed"),
        ("yields_to", [], "policy.malformed"),
        ("yields_to", ["none", "agreement"], "policy.malformed"),
    ],
)
def test_fields_that_make_no_sense_are_refused(
    document: dict[str, Any], field: str, value: object, code: str
) -> None:
    """Each field against its kind, and against the fields it must fit."""
    document[field] = value
    assert refused(document).code == code


def test_a_direction_for_what_has_none_is_refused(document: dict[str, Any]) -> None:
    """No order of payment is `lower` than another."""
    document["type"], document["unit"] = "order", "rule"
    for step in document["values"]:
        step["value"] = "costs interest"
    assert "field stricter" in refused(document).where


def test_steps_lie_in_the_order_of_time(document: dict[str, Any]) -> None:
    """Backwards, empty and reversed spans are refused."""
    document["values"].reverse()
    assert refused(document).code == "policy.malformed"
    document["values"].reverse()
    document["values"][0]["until"] = date(2026, 7, 1)
    assert "field until" in refused(document).where


def test_something_else_than_a_mapping_is_refused() -> None:
    """A list, a text, an empty file."""
    for wrong in ([], "text", None):
        assert refused(wrong).code == "policy.malformed"


def test_nothing_yields_to_what_is_not_there(document: dict[str, Any]) -> None:
    """A misspelt id in `yields_to` would silently never prevail."""
    document["yields_to"] = ["agreement"]
    check_yields([read_parameter(document, source="here")])
    document["yields_to"] = ["cn.price.nothing"]
    with pytest.raises(ArrearsError) as caught:
        check_yields([read_parameter(document, source="here")])
    assert caught.value.code == "policy.unknown"


@pytest.mark.parametrize("field", RATIFICATION_FIELDS)
def test_a_ratification_is_whole_or_refused(field: str) -> None:
    """Value, person, text, hash, date, expiry: without any of them nobody answers for it."""
    whole = read_ratification(RATIFICATION, source="r")
    name, value = whole.parameter_id, whole.value
    assert whole.covers(name, value, date(2026, 12, 31))
    assert not whole.covers(name, value, date(2027, 1, 1))
    assert not whole.covers(name, "another value", date(2026, 12, 31))
    broken = {name: value for name, value in RATIFICATION.items() if name != field}
    with pytest.raises(ArrearsError) as caught:
        read_ratification(broken, source="r")
    assert caught.value.code == "policy.missing_field"
    with pytest.raises(ArrearsError):
        read_ratification({**RATIFICATION, field: 7}, source="r")
