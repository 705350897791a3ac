"""Reading one JSON document: whatever is wrong with it becomes one error a person can mend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)


def read_json(text: str) -> object:
    """One JSON document.

    Raises:
        ArrearsError: `document.not_json`.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ArrearsError(
            "document.not_json",
            where=f"standard input, line {error.lineno}, column {error.colno}",
            expected="one JSON document",
            got=error.msg,
        ) from error


def read_document(text: str, model: type[Model]) -> Model:
    """One JSON document as a model; the first thing wrong with it is the error.

    Raises:
        ArrearsError: `document.not_json`, `document.unknown_field`, `document.missing_field`,
            `document.wrong_type`.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - help does without it

    document = read_json(text)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        code = {
            "extra_forbidden": "document.unknown_field",
            "missing": "document.missing_field",
        }.get(first["type"], "document.wrong_type")
        expected, got = first["msg"], repr(first.get("input"))[:80]
        if code == "document.unknown_field":
            expected, got = "a field that arrears schema lists", where.rpartition(".")[2]
        elif code == "document.missing_field":
            expected, got = "a value", "nothing"
        expected = expected.replace("Input should be ", "").partition(", unable")[0]
        raise ArrearsError(code, where=where, expected=expected, got=got) from error
