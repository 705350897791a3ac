"""Reading one JSON document: whatever is wrong with it becomes one error a person can mend."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel, ValidationError

    from arrears.kernel.calendar import HolidayCalendar

    Model = TypeVar("Model", bound=BaseModel)


#: Of a wrong value, more characters than this are not repeated.
GOT_LENGTH_MAX = 80
#: How an escape begins that may be half a character: Python's reader would let one half pass.
HALF_CHARACTER = "\\ud"
#: The escape of U+0000, which no text of PostgreSQL may hold.
NO_CHARACTER = "\\u0000"


def once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose fields stand once each: of two values nobody knows which was meant.

    Raises:
        ArrearsError: `document.duplicate_field`.
    """
    document = dict(pairs)
    if len(document) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        name, times = counted.most_common(1)[0]
        raise ArrearsError(
            "document.duplicate_field",
            where=f"field {name}",
            expected="the field once",
            got=f"{times} times",
        )
    return document


def read_json(text: str) -> object:
    """One JSON document.

    Raises:
        ArrearsError: `document.not_json`, `document.duplicate_field`.
    """
    try:
        document = json.loads(text, object_pairs_hook=once_each)
        if HALF_CHARACTER in text.lower():
            json.dumps(document, ensure_ascii=False).encode()
        if NO_CHARACTER in text and holds_nothing_character(document):
            raise ArrearsError(
                "document.not_json",
                where="standard input",
                expected="text that a database can keep",
                got="the character U+0000",
            )
    except UnicodeEncodeError as error:
        raise ArrearsError(
            "document.not_json",
            where="standard input",
            expected="whole characters",
            got="half a character (a lone surrogate)",
        ) from error
    except json.JSONDecodeError as error:
        raise ArrearsError(
            "document.not_json",
            where=f"standard input, line {error.lineno}, column {error.colno}",
            expected="one JSON document",
            got=error.msg,
        ) from error
    except (RecursionError, ValueError) as error:
        is_deep = isinstance(error, RecursionError)
        raise ArrearsError(
            "document.not_json",
            where="standard input",
            expected="a JSON document of plausible size",
            got="nesting too deep" if is_deep else "a number of thousands of digits",
        ) from error
    return document


def holds_nothing_character(value: object) -> bool:
    """Whether U+0000 stands in any text of a document, names of fields included."""
    if isinstance(value, dict):
        return any(map(holds_nothing_character, [*value, *value.values()]))
    if isinstance(value, list):
        return any(map(holds_nothing_character, value))
    return isinstance(value, str) and "\x00" in value


def read_document(text: str, model: type[Model]) -> Model:
    """One JSON document as a model; the first thing wrong with it is the error.

    Nothing is bent into shape: "12" is no whole number, and neither is true.

    Raises:
        ArrearsError: `document.not_json`, `document.duplicate_field`, `document.unknown_field`,
            `document.missing_field`, `document.wrong_type`, `money.malformed`, `rate.malformed`.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - help does without it

    read_json(text)
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise complaint(error) from error


def read_fields(text: str, name: str) -> dict[str, Any]:
    """One JSON document as its schema asks for it, fields as given; of a null, nothing.

    Args:
        text: The document.
        name: Of the schema, a key of `schema_files.MODELS`.

    Raises:
        ArrearsError: as `read_document`.
    """
    from arrears.entrypoints.schema_files import fits, model_of  # noqa: PLC0415 - start-up

    document = read_json(text)
    if isinstance(document, dict) and fits(document, name):
        return document
    read = read_document(text, model_of(name))
    return read.model_dump(mode="json", exclude_unset=True, exclude_none=True)


def calendar_for(terms: Mapping[str, object]) -> HolidayCalendar | None:
    """The calendar that terms ask for: none where their due dates do not move off rest days."""
    from arrears.bootstrap import chinese_calendar  # noqa: PLC0415 - start-up

    if terms.get("business_day_convention", "none") == "none":
        return None
    return chinese_calendar()


def place_of(parts: Sequence[int | str]) -> str:
    """Where in a document something is, the first of a list being 1: `events[1].amount`."""
    steps = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts)
    return "".join(steps).removeprefix(".") or "the document"


def words_of(told: str) -> str:
    """A model's list of words, 'a', 'b' or 'c', as the rest of the house writes it: a, b, c."""
    return told.replace("'", "").replace(" or ", ", ")


def complaint(error: ValidationError) -> ArrearsError:
    """The first of a model's complaints as an error that a person can mend."""
    from arrears.entrypoints.requests_quote import ID_PATTERN, RATE_PATTERN  # noqa: PLC0415 - start-up

    first = error.errors(include_url=False)[0]
    where = place_of(first["loc"])
    expected, got = first["msg"], repr(first.get("input"))[:GOT_LENGTH_MAX]
    expected = expected.replace("Input should be ", "").partition(", unable")[0]
    match first["type"]:
        case "extra_forbidden":
            code, expected = "document.unknown_field", "a field that arrears schema lists"
            got = where.rpartition(".")[2]
        case "missing":
            code, expected, got = "document.missing_field", "a value", "nothing"
        case "string_pattern_mismatch" if first["ctx"]["pattern"] == ID_PATTERN:
            code, expected = (
                "document.wrong_type",
                "an id: 1 to 200 characters, no space around them",
            )
        case "string_pattern_mismatch":
            is_rate = first["ctx"]["pattern"] == RATE_PATTERN
            code = "rate.malformed" if is_rate else "money.malformed"
            expected = "a decimal string such as " + ("0.18" if is_rate else "12.30")
        case "enum" if first["loc"][-1] == "type":
            code, expected = "event.unknown_type", words_of(expected)
        case _:
            code = "document.wrong_type"
    return ArrearsError(code, where=where, expected=expected, got=got)
