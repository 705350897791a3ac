"""What errors say, in the reader's language: written in English where they arise, matched here.

An error is raised deep inside, where nobody knows who reads it, in one English sentence with its
values filled in. Chinese has each of these sentences once, with {a}, {b} for the values; a test
reads the source and finds every sentence that has none. What is not found stays English: a value,
a list of words, somebody else's message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from arrears.entrypoints.messages import FOLDER, Language, read_yaml
from arrears.kernel.error_catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrears.kernel.errors import ArrearsError

#: A place in a sentence that a value fills.
PLACE = re.compile(r"\{([a-z])\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One English sentence with places for values, and the same in another language."""

    pattern: re.Pattern[str]  #: the English, its places as groups
    words: int  #: characters outside the places; of two that fit, the one that says more is meant
    told: str


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Everything errors say, in one language beside English."""

    what: Mapping[str, str]  #: by code
    mend: Mapping[str, str]  #: by code
    phrases: Mapping[str, tuple[Phrase, ...]]  #: by section, the longest first


@lru_cache
def phrasebook() -> Phrasebook:
    """The Chinese of every error."""
    document = read_yaml(FOLDER / f"errors.{Language.CHINESE.value}.yaml")
    sections = {
        name: tuple(
            sorted(
                (phrase_of(english, told) for english, told in document[name].items()),
                key=lambda phrase: -phrase.words,
            )
        )
        for name in ("where", "mend", "expected", "got")
    }
    return Phrasebook(what=document["what"], mend=document["mend"], phrases=sections)


def phrase_of(english: str, told: str) -> Phrase:
    """A sentence and its translation, ready to be matched."""
    parts = PLACE.split(english)
    pattern = "".join(
        f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)
    )
    return Phrase(re.compile(pattern, re.DOTALL), sum(map(len, parts[::2])), told)


def translated(text: str, section: str) -> str:
    """An English sentence in Chinese, its values kept; as it is where no phrase fits.

    Example:
        >>> translated("a day after 2026-01-31", "expected")
        '2026-01-31 之后的一天'
    """
    for phrase in phrasebook().phrases[section]:
        found = phrase.pattern.fullmatch(text)
        if found:
            return filled(phrase.told, found.groupdict())
    return text


def filled(sentence: str, values: Mapping[str, str]) -> str:
    """A sentence with its places filled; whatever else stands in braces stays."""
    return PLACE.sub(lambda place: values[place[1]], sentence)


def catalogued(code: str, language: Language) -> tuple[str, str]:
    """What a code means and how to mend it, in the reader's language."""
    entry = CATALOGUE[code]
    if language is Language.ENGLISH:
        return entry.what, entry.mend
    book = phrasebook()
    return book.what.get(code, entry.what), book.mend.get(code, entry.mend)


def told(error: ArrearsError, language: Language) -> dict[str, str]:
    """What an error says, by field, in the reader's language; its code is a name."""
    document = error.as_document()
    if language is Language.ENGLISH:
        return document
    what, mend = catalogued(error.code, language)
    return {
        **document,
        "what": what,
        "where": translated(error.where, "where"),
        "expected": translated(error.expected, "expected"),
        "got": translated(error.got, "got"),
        "mend": mend if error.mend == error.entry.mend else translated(error.mend, "mend"),
    }
