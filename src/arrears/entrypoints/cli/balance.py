"""`arrears balance`: what one account owes on a day, and why, from JSON on standard input."""

from __future__ import annotations

from typing import Annotated

import typer

from arrears.entrypoints.cli.plain import answer

app = typer.Typer(add_completion=False)


@app.command()
def balance(
    *,
    until: Annotated[str, typer.Option(help="Project to this day, step by step.")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Add every movement and why.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Fold an account to a day: per instalment and component due, paid, waived, outstanding."""
    del json_
    answer("balance", until=until, explain=explain)
