"""Reading the ledger's data files: plain documents become checked fields, or one clear error."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    Member = TypeVar("Member", bound=Enum)


def read_fields(
    document: object,
    *,
    required: frozenset[str],
    optional: frozenset[str],
    where: str,
    code: str,
) -> dict[str, object]:
    """The fields of one mapping; a missing or unknown one is refused.

    Args:
        document: What the file reader gave.
        required: Names that must stand there.
        optional: Names that may.
        where: File and place, for the message.
        code: The error to raise, a key of the catalogue.

    Raises:
        ArrearsError: `code`.
    """
    if not isinstance(document, dict):
        raise ArrearsError(code, where=where, expected="a mapping", got=repr(document))
    names = {str(name) for name in document}
    missing = sorted(required - names)
    unknown = sorted(names - required - optional)
    if missing or unknown:
        told = [f"no {name}" for name in missing] + [f"unknown {name}" for name in unknown]
        expected = ", ".join(sorted(required))
        if optional:
            expected += f"; optional {', '.join(sorted(optional))}"
        raise ArrearsError(code, where=where, expected=expected, got=", ".join(told))
    return {str(name): value for name, value in document.items()}


def read_list(document: object, *, where: str, code: str) -> list[object]:
    """One list that is not empty.

    Raises:
        ArrearsError: `code`.
    """
    if not isinstance(document, list) or not document:
        raise ArrearsError(
            code, where=where, expected="a list with at least one item", got=repr(document)
        )
    return list(document)


def read_text(document: object, *, where: str, code: str) -> str:
    """One text that is not blank.

    Raises:
        ArrearsError: `code`.
    """
    if not isinstance(document, str) or not document.strip():
        raise ArrearsError(code, where=where, expected="a text", got=repr(document))
    return document


def read_word(document: object, words: Mapping[str, Member], *, where: str, code: str) -> Member:
    """One word of a closed choice.

    Args:
        document: What the file reader gave.
        words: Every word that may stand here, with what it means.
        where: File and place, for the message.
        code: The error to raise, a key of the catalogue.

    Raises:
        ArrearsError: `code`.
    """
    if not isinstance(document, str) or document not in words:
        raise ArrearsError(code, where=where, expected=", ".join(words), got=repr(document))
    return words[document]
