"""`arrears schema`: the JSON Schema (2020-12) of what a command reads."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from arrears.kernel.errors import ArrearsError

app = typer.Typer(add_completion=False)

MODELS = {
    "quote": ("arrears.entrypoints.requests_quote", "TermsRequest"),
    "apr": ("arrears.entrypoints.requests_quote", "AprRequest"),
    "balance": ("arrears.entrypoints.requests_balance", "BalanceRequest"),
}


@app.command()
def schema(name: Annotated[str, typer.Argument(help="quote, apr or balance")]) -> None:
    """Print the JSON Schema of a command's document, with a unit and an example for every field."""
    from importlib import import_module  # noqa: PLC0415 - start-up

    if name not in MODELS:
        raise ArrearsError(
            "cli.unknown_schema", where="argument NAME", expected=" | ".join(MODELS), got=repr(name)
        )
    module, model = MODELS[name]
    document = getattr(import_module(module), model).model_json_schema()
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
