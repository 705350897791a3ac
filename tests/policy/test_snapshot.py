"""Snapshots: a frozen timeline, a digest of all that can change an answer, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.policy import Parameter, PolicyRegistry, build_registry, take_snapshot

Build = Callable[..., Parameter]
BuildStep = Callable[..., dict[str, Any]]
ID = "cn.pricing.all_in_rate_annual_max"
OTHER = "cn.pricing.other"
GOLDEN = "c28e91f6cd1d00769bfa87433945be888ccdf78ddba580bbb6f938525adf4dd3"


def reaching_back(one_step: BuildStep) -> list[dict[str, Any]]:
    """A second text of 2026-09-15 that says it holds from 2026-09-01."""
    return [
        one_step(until=date(2026, 9, 1)),
        one_step(
            from_=date(2026, 9, 1),
            until="open",
            value="10",
            title="Text that reaches back",
            published_on=date(2026, 9, 15),
        ),
    ]


def test_a_text_that_reaches_back_changes_no_earlier_day(
    example_with: Build, one_step: BuildStep
) -> None:
    """Days before the publication keep what was known on them, however late they are replayed."""
    snapshot = take_snapshot(build_registry([example_with(values=reaching_back(one_step))]))
    days = (date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 14), date(2026, 9, 15))
    assert [snapshot.value_on(ID, day).text for day in days] == ["12.34", "12.34", "12.34", "10"]
    assert snapshot.resolved_on(ID, date(2026, 9, 14)).citation.title == "First text"
    assert snapshot.resolved_on(ID, date(2026, 9, 15)).citation.title == "Text that reaches back"


def test_the_timeline_goes_on_past_the_last_reading_and_says_so(example_with: Build) -> None:
    """Servicing never stops for want of a reader, but each such line is marked."""
    snapshot = take_snapshot(build_registry([example_with()]))
    assert not snapshot.resolved_on(ID, date(2026, 11, 30)).assumed
    assert snapshot.resolved_on(ID, date(2030, 1, 1)).assumed
    with pytest.raises(ArrearsError) as caught:
        snapshot.value_on(ID, date(2026, 10, 15))
    assert caught.value.code == "policy.not_in_force"


def test_the_digest_does_not_depend_on_the_order_of_loading(example_with: Build) -> None:
    """Two parameters loaded either way, asked for either way: one digest, the same every time."""
    first, second = example_with(), example_with(id=OTHER)
    registries = (build_registry([first, second]), build_registry([second, first]))
    digests = {take_snapshot(registry).digest for registry in registries}
    digests |= {take_snapshot(registries[0], names).digest for names in ((ID, OTHER), (OTHER, ID))}
    assert len(digests) == 1
    assert take_snapshot(registries[0], (ID,)).digest not in digests


def test_the_digest_is_this(example_with: Build) -> None:
    """The canonical form is stored with every posting: if it changes, this golden says so."""
    assert take_snapshot(build_registry([example_with()])).digest == GOLDEN


@pytest.mark.parametrize(
    ("field", "value", "changes"),
    [
        ("value", "12.35", True),
        ("from_", date(2026, 7, 2), True),
        ("until", date(2026, 9, 30), True),
        ("published_on", date(2026, 6, 25), True),
        ("url", "https://example.org/better", False),
        ("locator", "art. 5, par. 1", False),
    ],
)
def test_the_digest_follows_answers_and_not_links(
    example_with: Build, one_step: BuildStep, *, field: str, value: object, changes: bool
) -> None:
    """What can change an answer changes the digest; a better link must not refold a book."""
    before = take_snapshot(build_registry([example_with(values=[one_step()])])).digest
    bent = example_with(values=[one_step(**{field: value})])
    assert (take_snapshot(build_registry([bent])).digest != before) == changes


def test_the_digest_follows_the_last_reading(example_with: Build) -> None:
    """A later reading takes the mark `assumed` off some days, so it is part of the answer."""
    one = take_snapshot(build_registry([example_with()])).digest
    two = take_snapshot(build_registry([example_with(verified_through=date(2026, 12, 1))])).digest
    assert one != two


@given(day=st.dates(date(2026, 6, 1), date(2026, 12, 31)))
def test_between_two_days_of_change_the_value_is_constant(
    example_with: Build, one_step: BuildStep, day: date
) -> None:
    """Whatever day the answer differs from the day before is among the days of change."""
    snapshot = take_snapshot(build_registry([example_with(values=reaching_back(one_step))]))

    def answer(on: date) -> str:
        try:
            return snapshot.value_on(ID, on).text
        except ArrearsError as error:
            return error.code

    if answer(day) != answer(day - timedelta(days=1)):
        assert day in snapshot.change_days(ID)


def test_the_days_of_change_of_the_pack_are_exact(pack: PolicyRegistry) -> None:
    """For the classes: the practice of 2007, and the measures of 2023."""
    snapshot = take_snapshot(pack)
    assert snapshot.change_days("cn.classification.dpd_over") == (
        date(2007, 12, 31),
        date(2023, 7, 1),
    )


def test_a_snapshot_of_what_is_not_there_is_refused(pack: PolicyRegistry) -> None:
    """A misspelt id is found when the snapshot is taken, not on some later day."""
    with pytest.raises(ArrearsError) as caught:
        take_snapshot(pack, ("cn.price.nothing",))
    assert caught.value.code == "policy.unknown"
