"""`arrears schema`: the JSON Schema (2020-12) of what a command reads."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from arrears.kernel.errors import ArrearsError

app = typer.Typer(add_completion=False)


@app.command()
def schema(name: Annotated[str, typer.Argument(help="Such as quote, balance, post.")]) -> None:
    """Print the JSON Schema of a command's document, with a unit and an example for every field."""
    from arrears.entrypoints.schema_files import MODELS, path_of  # noqa: PLC0415 - start-up

    if name not in MODELS:
        raise ArrearsError(
            "cli.unknown_schema", where="argument NAME", expected=" | ".join(MODELS), got=repr(name)
        )
    sys.stdout.write(path_of(name).read_text(encoding="utf-8"))
