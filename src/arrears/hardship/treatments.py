"""How each type of option is treated, read from its file: every type, every field, closed words."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from arrears.hardship.option import DaysPastDue, OptionType, Reported, Treatment
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = frozenset({"is_restructured", "days_past_due", "reported", "verified", "source", "note"})
ANSWERS = frozenset({"is_restructured", "days_past_due", "reported"})

Word = TypeVar("Word", bound=StrEnum)


def read_treatments(document: object, *, source: str) -> dict[OptionType, Treatment]:
    """Read the file of option types.

    Args:
        document: What the file holds: type -> fields.
        source: The file, for messages.

    Raises:
        ArrearsError: `policy.malformed` for a type that lacks or is unknown, a field likewise, or a
            word that is none of its kind.
    """
    types = _mapping(document, frozenset(OptionType), source)
    return {each: _treatment(types[each], f"{source}, {each}") for each in OptionType}


def _treatment(entry: object, where: str) -> Treatment:
    fields = _mapping(entry, FIELDS, where)
    flag, verified = fields["is_restructured"], fields["verified"]
    if not isinstance(flag, bool):
        raise _malformed(f"{where}, is_restructured", "true or false", flag)
    if not isinstance(verified, list) or not ANSWERS.issuperset(verified):
        raise _malformed(f"{where}, verified", f"some of {', '.join(sorted(ANSWERS))}", verified)
    return Treatment(
        is_restructured=flag,
        days_past_due=_word(DaysPastDue, fields["days_past_due"], f"{where}, days_past_due"),
        reported=_word(Reported, fields["reported"], f"{where}, reported"),
        verified=frozenset(str(each) for each in verified),
        source=str(fields["source"]),
        note=str(fields["note"]),
    )


def _mapping(given: object, keys: frozenset[str], where: str) -> Mapping[str, object]:
    if not isinstance(given, dict) or set(given) != set(keys):
        got = sorted(given) if isinstance(given, dict) else type(given).__name__
        raise _malformed(where, f"exactly {', '.join(sorted(keys))}", got)
    return given


def _word(kind: type[Word], given: object, where: str) -> Word:
    for member in kind:
        if given == member.value:
            return member
    raise _malformed(where, ", ".join(member.value for member in kind), given)


def _malformed(where: str, expected: str, got: object) -> ArrearsError:
    return ArrearsError("policy.malformed", where=where, expected=expected, got=repr(got))
