"""Every sentence the product says, in English and Chinese, under one key each.

A message is a line of `en.yaml` and of `zh.yaml`; a test keeps their keys and fields the same and
finds keys that nobody asks for. Sentences that only a developer reads stay English, in the code.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arrears.kernel.errors import ArrearsError, invariant

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent

__all__ = ["Language", "language_from", "message", "messages_of"]


class Language(StrEnum):
    """The languages the product speaks."""

    ENGLISH = "en"
    CHINESE = "zh"


def language_from(environment: Mapping[str, str]) -> Language:
    """The reader's language: `ARREARS_LANG`, else the locale's, else English.

    Args:
        environment: The process's variables. Of the locale the first that is set counts, in the
            order of POSIX: LC_ALL, LC_MESSAGES, LANG.

    Raises:
        ArrearsError: `cli.unknown_language`, for `ARREARS_LANG` alone; a locale we do not speak
            is read in English.
    """
    asked = environment.get("ARREARS_LANG", "").strip()
    if asked:
        try:
            return Language(asked.lower())
        except ValueError:
            raise ArrearsError(
                "cli.unknown_language",
                where="environment, ARREARS_LANG",
                expected=" or ".join(Language),
                got=repr(asked),
            ) from None
    locales = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    is_chinese = next(filter(None, locales), "").lower().startswith("zh")
    return Language.CHINESE if is_chinese else Language.ENGLISH


def message(key: str, language: Language, **fields: object) -> str:
    """The sentence under a key, its fields filled in.

    Args:
        key: Such as "error.expected".
        language: Which file it is taken from.
        fields: What stands in the sentence's braces; texts already formatted (amounts, dates).

    Raises:
        InvariantError: When there is no such key; a test has looked for it before the user can.

    Example:
        >>> message("error.where", Language.ENGLISH, code="date.malformed", where="due_on")
        'date.malformed: due_on'
    """
    sentences = messages_of(language)
    invariant(key in sentences, "messages.unknown_key", key=key, language=language.value)
    return sentences[key].format(**fields)


@lru_cache
def messages_of(language: Language) -> Mapping[str, str]:
    """All sentences of one language by key, as they stand in its file."""
    sentences: dict[str, str] = read_yaml(FOLDER / f"{language.value}.yaml")
    return sentences


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - what a file of ours holds, its reader knows
    """What a YAML file of this folder holds."""
    import yaml  # noqa: PLC0415 - an answer in numbers does without it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C where built
