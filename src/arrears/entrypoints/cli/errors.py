"""`arrears errors`: the catalogue of error codes, to read or as JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

from arrears.entrypoints.messages import language_from, message
from arrears.entrypoints.messages.phrases import catalogued
from arrears.kernel.error_catalogue import CATALOGUE
from arrears.kernel.errors import ArrearsError

app = typer.Typer(add_completion=False)


@app.command()
def errors(
    code: Annotated[str, typer.Argument(help="One code; all of them where left out.")] = "",
    *,
    json_: Annotated[bool, typer.Option("--json", help="One JSON list instead of words.")] = False,
) -> None:
    """List every error code: what it means, how to mend it, its exit code and HTTP status."""
    if code and code not in CATALOGUE:
        raise ArrearsError(
            "cli.unknown_code",
            where="argument CODE",
            expected="a code that arrears errors lists",
            got=repr(code),
        )
    entries = {name: entry for name, entry in sorted(CATALOGUE.items()) if code in {"", name}}
    if json_:
        rows = [
            {
                "code": name,
                "what": entry.what,
                "mend": entry.mend,
                "exit_code": entry.exit_code,
                "http_status": entry.http_status,
            }
            for name, entry in entries.items()
        ]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    language = language_from(os.environ)
    exits, status = message("errors.exit_code", language), message("errors.http_status", language)
    for name, entry in entries.items():
        what, mend = catalogued(name, language)
        sys.stdout.write(
            f"{name}  ({exits} {entry.exit_code} · {status} {entry.http_status})\n"
            f"  {message('error.what', language, what=what)}\n"
            f"  {message('error.mend', language, mend=mend)}\n"
        )
