"""Borrowers' rights: each rule of a pack in plain words, its force and status beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypedDict

from arrears.entrypoints.messages import FOLDER, Language, message, read_yaml
from arrears.entrypoints.policy_words import meaning_of, value_words
from arrears.policy.parameter import Force
from arrears.policy.registry import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from arrears.policy.registry import PolicyRegistry, Resolved

#: Texts that bind whoever is meant; every other one is said to be no law.
LAW = frozenset({Force.STATUTE, Force.REGULATOR_RULE, Force.JUDICIAL})


class Wording(TypedDict, total=False):
    """A rule in plain words, in each language."""

    en: str
    zh: str
    of: str  #: the value that the words were written for, where they say it themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One line: what somebody who owes may count on, and how far."""

    parameter_id: str
    topic: str
    says: str
    force: str  #: what kind of text it is, and that it is no law where it is none
    status: str  #: read in its own text, not verified, ratified by this lender, or its own policy
    source: str
    resolved: Resolved


@lru_cache
def wordings() -> Mapping[str, Mapping[str, Wording]]:
    """Topic -> parameter -> words, in the order of the page."""
    found: Mapping[str, Mapping[str, Wording]] = read_yaml(FOLDER / "rights.yaml")
    return found


def packs_of(parameter_ids: Iterable[str]) -> tuple[str, ...]:
    """The packs that some parameters belong to, in the order of the alphabet."""
    return tuple(sorted({name.partition(".")[0] for name in parameter_ids}))


def last_reading(registry: PolicyRegistry) -> date:
    """The last day up to which somebody read a source: the day of a page that names none."""
    return max(registry.parameter(name).verified_through for name in registry.ids)


def rights_of(
    registry: PolicyRegistry, pack: str, language: Language, *, on: date
) -> tuple[Right, ...]:
    """What somebody who owes may count on under a pack on a day, by topic.

    A rule that is not in force on the day is left out. Words that were written for another value
    than the one in force, for a lender has set its own, give way to what the parameter means.
    """
    found = []
    for topic, rules in wordings().items():
        for name, wording in rules.items():
            is_asked = name.startswith(f"{pack}.") and name in registry.layers
            if is_asked and registry.is_in_force(
                name, on=on, known_on=on, purpose=Purpose.PROJECTION
            ):
                resolved = registry.resolve(name, on=on, known_on=on, purpose=Purpose.PROJECTION)
                found.append(_right(registry, topic, wording, resolved, language))
    return tuple(found)


def lines_of(rights: tuple[Right, ...], pack: str, language: Language, *, on: date) -> list[str]:
    """The rights of a pack for a terminal: a sentence, and beneath it force, status and source."""
    say = partial(message, language=language)
    lines = [say(f"rights.title.{pack}"), say("rights.as_of", on=on), say("rights.how_to_read")]
    topic = ""
    for right in rights:
        if right.topic != topic:
            topic = right.topic
            lines += ["", say(f"rights.topic.{topic}")]
        lines += [
            f"- {right.says}",
            f"    {right.force} · {right.status} · {right.source}",
        ]
    return lines


def page_of(rights: tuple[Right, ...], pack: str, language: Language, *, on: date) -> str:
    """The rights of a pack as a page of the documentation."""
    say = partial(message, language=language)
    blocks = [
        f"# {say(f'rights.title.{pack}')}",
        "",
        say("rights.as_of", on=on),
        "",
        say("rights.how_to_read"),
        "",
        say("rights.written"),
    ]
    topic = ""
    for right in rights:
        if right.topic != topic:
            topic = right.topic
            heads = [say(f"rights.column.{each}") for each in ("says", "force", "status", "source")]
            blocks += [
                "",
                f"## {say(f'rights.topic.{topic}')}",
                "",
                f"| {' | '.join(heads)} |",
                "|---|---|---|---|",
            ]
        source = f"{right.source} `{right.parameter_id}`"
        blocks.append(f"| {right.says} | {right.force} | {right.status} | {source} |")
    return "\n".join(blocks) + "\n"


def _right(
    registry: PolicyRegistry, topic: str, wording: Wording, resolved: Resolved, language: Language
) -> Right:
    say = partial(message, language=language)
    value = value_words(resolved.value.text, resolved.value.unit, language)
    citation = resolved.citation
    if wording.get("of", resolved.value.text) == resolved.value.text:
        says = (wording["en"] if language is Language.ENGLISH else wording["zh"]).format(
            value=value
        )
    else:
        meaning = meaning_of(registry.parameter(resolved.parameter_id), language)
        says = say("rights.own_value", meaning=meaning, value=value)
    is_own = resolved.force is Force.LENDER_POLICY
    return Right(
        parameter_id=resolved.parameter_id,
        topic=topic,
        says=says,
        force=say(f"rights.force.{resolved.force.value}"),
        status=say("rights.status.own") if is_own else _status_words(resolved, language),
        source=say("rights.no_source")
        if is_own
        else say("rights.source", title=citation.title, locator=citation.locator),
        resolved=resolved,
    )


def _status_words(resolved: Resolved, language: Language) -> str:
    ratified = resolved.ratification
    if ratified is not None:
        return message("rights.status.ratified", language, until=ratified.expires_on)
    if resolved.needs_ratification:
        return message("rights.status.not_relied_on", language)
    return message(f"rights.status.{resolved.status.value}", language)
