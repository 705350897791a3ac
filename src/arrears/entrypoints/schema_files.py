"""The JSON Schemas kept as files: what `arrears schema` prints, and a quick look at whether a document fits.

The files are written by `make docs` from the models in `requests_*`, and a test says
whether they are current. A command on one account reads its document by them and loads
the models only to say what is wrong with it: whoever is right does not wait for them.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arrears.kernel.errors import invariant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    Node = Mapping[str, Any]
    Check = Callable[[object], bool]

#: Name of a schema -> (module, model) it is written from.
MODELS = {
    "quote": ("arrears.entrypoints.requests_quote", "TermsRequest"),
    "apr": ("arrears.entrypoints.requests_quote", "AprRequest"),
    "balance": ("arrears.entrypoints.requests_balance", "BalanceRequest"),
    "product": ("arrears.entrypoints.requests_book", "ProductRequest"),
    "book": ("arrears.entrypoints.requests_book", "BookRequest"),
    "post": ("arrears.entrypoints.requests_money", "PostRequest"),
    "receive": ("arrears.entrypoints.requests_money", "ReceiveRequest"),
    "receipts-add": ("arrears.entrypoints.requests_money", "ReceiptRequest"),
    "receipts-match": ("arrears.entrypoints.requests_money", "MatchRequest"),
    "receipts-split": ("arrears.entrypoints.requests_money", "SplitRequest"),
    "receipts-unmatch": ("arrears.entrypoints.requests_money", "UnmatchRequest"),
    "receipts-return": ("arrears.entrypoints.requests_money", "ReturnRequest"),
    "refunds-done": ("arrears.entrypoints.requests_money", "RefundRequest"),
    "line-convert": ("arrears.entrypoints.requests_line", "ConvertRequest"),
    "line-defer": ("arrears.entrypoints.requests_line", "DeferRequest"),
    "collect": ("arrears.entrypoints.requests_money", "CollectRequest"),
    "collect-failed": ("arrears.entrypoints.requests_money", "CollectionFailedRequest"),
}
FOLDER = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Words of a schema that say nothing about what fits.
TOLD = frozenset({"$schema", "$defs", "title", "description", "examples", "default"})
#: The others that the models use; one more would go unheard, so it is a bug.
HEARD = frozenset(
    {"$ref", "anyOf", "type", "properties", "required", "additionalProperties", "items"}
    | {"enum", "pattern", "minimum", "maximum"}
)


def model_of(name: str) -> type[BaseModel]:
    """The model a schema is written from; loads it."""
    module, model = MODELS[name]
    found: type[BaseModel] = getattr(import_module(module), model)
    return found


def schema_from_model(name: str) -> dict[str, Any]:
    """The schema as the models give it; `make docs` writes it."""
    return {"$schema": DIALECT, **model_of(name).model_json_schema()}


def path_of(name: str) -> Path:
    """Where the schema of that name is kept."""
    return FOLDER / f"{name}.json"


def schema(name: str) -> dict[str, Any]:
    """The schema as it is kept."""
    found: dict[str, Any] = json.loads(path_of(name).read_text(encoding="utf-8"))
    return found


def fits(document: object, name: str) -> bool:
    """Whether a document surely is what the schema asks for.

    Strict, as the models are: true is no whole number, and neither is 1.0. A null never fits here:
    where one may stand, the model takes it out, so the model is to be asked.

    Args:
        document: As read from JSON.
        name: A key of `MODELS`.
    """
    kept = schema(name)
    return check_of(kept, Definitions(kept))(document)


class Definitions:
    """The checks of a schema's `$defs`, each made once."""

    def __init__(self, kept: Node) -> None:
        self._nodes: Node = kept.get("$defs", {})
        self._checks: dict[str, Check] = {}

    def check(self, reference: str) -> Check:
        """The check of a definition, by its `#/$defs/Name`."""
        name = reference.rpartition("/")[2]
        if name not in self._checks:
            self._checks[name] = check_of(self._nodes[name], self)
        return self._checks[name]


def check_of(node: Node, definitions: Definitions) -> Check:
    """A schema's node as a function that says whether a value fits it."""
    unheard = node.keys() - TOLD - HEARD
    invariant(not unheard, "schema.unheard_word", words=sorted(unheard))
    if "$ref" in node:
        return definitions.check(node["$ref"])
    if "anyOf" in node:
        checks = [check_of(each, definitions) for each in node["anyOf"]]
        return checks[0] if len(checks) == 1 else lambda value: any(c(value) for c in checks)
    match node["type"]:
        case "object":
            return object_check(node, definitions)
        case "array":
            item = check_of(node["items"], definitions)
            return lambda value: type(value) is list and all(map(item, value))
        case "string":
            return text_check(node)
        case "integer":
            least, most = node.get("minimum"), node.get("maximum")
            return lambda value: (
                type(value) is int
                and (least is None or value >= least)
                and (most is None or value <= most)
            )
        case "boolean":
            return lambda value: type(value) is bool
        case kind:
            invariant(kind == "null", "schema.unheard_type", type=kind)
            return lambda value: False  # noqa: ARG005 - whatever it is


def object_check(node: Node, definitions: Definitions) -> Check:
    """An object: of named fields and no others, or of any names and values of one kind."""
    if "properties" not in node:
        each = check_of(node["additionalProperties"], definitions)
        return lambda value: type(value) is dict and all(map(each, value.values()))
    invariant(node["additionalProperties"] is False, "schema.open_object", title=node["title"])
    fields = {name: check_of(each, definitions) for name, each in node["properties"].items()}
    required = frozenset(node.get("required", ()))

    def check(value: object) -> bool:
        if type(value) is not dict or not required <= value.keys():
            return False
        return all(name in fields and fields[name](each) for name, each in value.items())

    return check


def text_check(node: Node) -> Check:
    """Text: any, of a closed set of words, or written as a pattern says."""
    if "enum" in node:
        words = frozenset(node["enum"])
        return lambda value: type(value) is str and value in words
    if "pattern" in node:
        written = re.compile(node["pattern"]).fullmatch
        return lambda value: type(value) is str and written(value) is not None
    return lambda value: type(value) is str
