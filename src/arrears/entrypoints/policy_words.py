"""A parameter as a reader says it: its value, its days and its source, in the reader's language."""

from __future__ import annotations

import textwrap
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from arrears.entrypoints.messages import FOLDER, Language, message, read_yaml
from arrears.policy.parameter import AGREEMENT, DEBTOR_AGREEMENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arrears.policy.parameter import Parameter, Scope, Step
    from arrears.policy.registry import PolicyRegistry, Resolved

WIDTH = 96
LABEL_WIDTH = 13
#: A value from the beginning of time on has this year.
ALWAYS_YEAR = 1
RANGE = ".."
ONE = "1"
#: Units that have a word of their own for one.
SAID_ONCE = frozenset({"days", "months", "years", "times"})
NO_ADDRESS = "none"


@lru_cache
def meanings() -> Mapping[str, str]:
    """What each parameter of the pack means, in Chinese."""
    found: Mapping[str, str] = read_yaml(FOLDER / f"policy.{Language.CHINESE.value}.yaml")
    return found


def meaning_of(parameter: Parameter, language: Language) -> str:
    """What a parameter means; a lender's own, which nobody translated, as its file says it."""
    if language is Language.ENGLISH:
        return parameter.meaning
    return meanings().get(parameter.id, parameter.meaning)


def columns(text: str) -> int:
    """Columns a text takes on a terminal; a Chinese character takes two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def padded(text: str, width: int) -> str:
    """A text with spaces behind it up to a number of columns."""
    return text + " " * (width - columns(text))


def value_words(text: str, unit: str, language: Language) -> str:
    """A value as a reader says it: 24 % a year."""
    least, dots, most = text.partition(RANGE)
    spoken = message("policy.range", language, least=least, most=most) if dots else text
    if text == ONE and unit in SAID_ONCE:
        return message(f"policy.one.{unit}", language)
    return message(f"policy.unit.{unit}", language, value=spoken)


def day_words(day: date, language: Language) -> str:
    """A day, or the beginning of time."""
    if day.year == ALWAYS_YEAR:
        return message("policy.beginning", language)
    return day.isoformat()


def span_words(resolved: Resolved, language: Language) -> str:
    """From when to when a value is in force."""
    say = partial(message, language=language)
    first = day_words(resolved.from_on, language)
    begin = say("policy.from" if resolved.from_is_exact else "policy.from_inexact", day=first)
    end = say("policy.until", day=resolved.until_on) if resolved.until_on else say("policy.no_end")
    return say("policy.span", begin=begin, end=end)


def scope_words(scope: Scope, language: Language) -> str:
    """To whom and what a parameter applies."""
    comma = message("policy.list_comma", language)
    words = {
        key: comma.join(message(f"policy.word.{word}", language) for word in found)
        for key, found in scope.as_document().items()
    }
    return message("policy.scope", language, **words)


def yields_words(parameter: Parameter, language: Language) -> str:
    """What prevails over a parameter."""
    spoken = {
        each: message(f"policy.yields.{each}", language) for each in (AGREEMENT, DEBTOR_AGREEMENT)
    }
    words = [spoken.get(each, each) for each in parameter.yields_to]
    return message("policy.list_comma", language).join(words) or message("policy.nothing", language)


def show_rows(
    registry: PolicyRegistry, resolved: Resolved, language: Language, *, on: date, known_on: date
) -> list[tuple[str, str]]:
    """What is shown of one parameter: a label's key, "" for the line above's, and its text."""
    say = partial(message, language=language)
    parameter, citation = registry.parameter(resolved.parameter_id), resolved.citation
    ratified = resolved.ratification
    published = "policy.published" if citation.published_is_exact else "policy.published_at_latest"
    marks = [("assumed", resolved.assumed), ("ratify", resolved.needs_ratification)]
    return [
        ("value", value_words(resolved.value.text, parameter.unit, language)),
        *((mark, say(f"policy.{mark}")) for mark, holds in reversed(marks) if holds),
        *(
            [
                ("ratified", say("policy.ratified", person=ratified.person)),
                ("", say("policy.ratified_on", on=ratified.ratified_on, until=ratified.expires_on)),
                ("", say("policy.ratified_text", text=ratified.text_read)),
                ("", f"sha-256 {ratified.text_sha256}"),
            ]
            if ratified is not None
            else []
        ),
        ("asked_for", say("policy.asked_for", on=on, known_on=known_on)),
        ("in_force", span_words(resolved, language)),
        ("status", say(f"policy.status.{resolved.status.value}")),
        ("read_up_to", parameter.verified_through.isoformat()),
        ("source", citation.title),
        ("", citation.locator),
        ("", citation.url if citation.url != NO_ADDRESS else say("policy.no_address")),
        ("", say(published, day=day_words(citation.published_on, language))),
        (
            "force",
            say(
                "policy.set_by",
                force=say(f"policy.force.{resolved.force.value}"),
                level=say(f"policy.level.{resolved.level.value}"),
                effect=say(f"policy.effect.{resolved.effect.value}"),
            ),
        ),
        ("scope", scope_words(resolved.scope, language)),
        ("anchor", say("policy.anchor", anchor=say(f"policy.anchor.{resolved.anchor.value}"))),
        ("yields_to", yields_words(parameter, language)),
        ("note", resolved.note or say("policy.no_note")),
    ]


def show_lines(
    registry: PolicyRegistry, resolved: Resolved, language: Language, *, on: date, known_on: date
) -> list[str]:
    """One parameter on a day, as known on a day, and where it comes from."""
    meaning = meaning_of(registry.parameter(resolved.parameter_id), language)
    width = WIDTH if language is Language.ENGLISH else WIDTH // 2
    rows = show_rows(registry, resolved, language, on=on, known_on=known_on)
    return [
        resolved.parameter_id,
        *textwrap.wrap(meaning, width, initial_indent="  ", subsequent_indent="  "),
        "",
        *(
            line
            for key, text in rows
            for line in wrapped(message(f"policy.label.{key}", language) if key else "", text)
        ),
    ]


def wrapped(label: str, text: str) -> list[str]:
    """A label in its column and a text beside it, wrapped; addresses and dates stay whole."""
    margin = " " * (2 + LABEL_WIDTH)
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
    first = f"  {padded(label, LABEL_WIDTH)}{lines[0].removeprefix(margin)}"
    return [first, *lines[1:]]


def latest(registry: PolicyRegistry, parameter_id: str) -> tuple[Parameter, Step]:
    """The lowest level of a parameter, and its last step, in force or still to come."""
    lowest, *_ = registry.levels(parameter_id)
    return lowest, lowest.steps[-1]


def list_lines(registry: PolicyRegistry, language: Language) -> list[str]:
    """Every parameter: its id, its status and force, its latest value."""
    say = partial(message, language=language)
    headings = [say(f"policy.column.{name}") for name in ("id", "status", "force")]
    widths = [max([columns(headings[0]), *map(len, registry.ids)]), 10, 14]
    rows = []
    for name in registry.ids:
        lowest, step = latest(registry, name)
        cells = [
            name,
            say(f"policy.mark.{lowest.status.value}"),
            say(f"policy.force.{lowest.force.value}"),
        ]
        words = value_words(step.value.text, lowest.unit, language)
        rows.append([*cells, words])
    verified = sum(latest(registry, name)[0].status == "verified" for name in registry.ids)
    return [
        *(
            "  ".join(
                [*(padded(cell, width) for cell, width in zip(cells, widths, strict=True)), last]
            )
            for *cells, last in [[*headings, say("policy.column.latest_value")], *rows]
        ),
        "",
        say("policy.count", count=len(rows), verified=verified),
        say("policy.more"),
    ]
