"""Which step of a parameter is in force on a day, as known on a day: the two axes, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from arrears.policy.parameter import Parameter, Step


def steps_known(parameter: Parameter, known_on: date) -> Iterator[Step]:
    """The steps as somebody saw them on a day.

    Where one step follows another without a gap, the end of the first became known only with the
    text of the second: until then it is open. An end with a gap after it stood in the text itself.

    Args:
        parameter: Its steps lie in the order of time.
        known_on: A text published later is not seen, and neither is the end that it set.
    """
    steps = parameter.steps
    for index, step in enumerate(steps):
        if step.citation.published_on <= known_on:
            yield replace(step, until_on=_until_known(steps[index:], known_on))


def steps_in_force(parameter: Parameter, on: date, known_on: date) -> tuple[Step, ...]:
    """All steps that claim a day, as known on a day; more than one is an overlap."""
    return tuple(step for step in steps_known(parameter, known_on) if step.contains(on))


def steps_carried(parameter: Parameter, on: date, known_on: date) -> tuple[Step, ...]:
    """As `steps_in_force`; past `verified_through`, what was in force then is carried forward.

    What the source itself ended before that day is not revived.
    """
    found = steps_in_force(parameter, on, known_on)
    if found or on <= parameter.verified_through:
        return found
    return steps_in_force(parameter, parameter.verified_through, known_on)


def change_days(parameter: Parameter) -> tuple[date, ...]:
    """The days on which the answer for a day, as known on that day, may become another; sorted."""
    days = set()
    for step in parameter.steps:
        days.add(max(step.from_on, step.citation.published_on))
        if step.until_on is not None:
            days.add(step.until_on)
    return tuple(sorted(days))


def _until_known(chain: tuple[Step, ...], known_on: date) -> date | None:
    """The end of the first step of a chain, as seen on a day; later steps may not be known yet."""
    first, *later = chain
    if not later or later[0].from_on != first.until_on:
        return first.until_on
    return next((step.from_on for step in later if step.citation.published_on <= known_on), None)
