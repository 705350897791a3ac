"""`arrears apr`: the annual rate of dated cash flows, from JSON on standard input."""

from __future__ import annotations

import typer

from arrears.entrypoints.cli.plain import answer

app = typer.Typer(add_completion=False)


@app.command()
def apr() -> None:
    """Find the annual rate of advances and payments by the method asked for."""
    answer("apr")
