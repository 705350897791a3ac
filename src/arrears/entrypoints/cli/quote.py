"""`arrears quote`: the schedule and its annualised cost, from terms as JSON on standard input."""

from __future__ import annotations

import typer

from arrears.entrypoints.cli.plain import answer

app = typer.Typer(add_completion=False)


@app.command()
def quote() -> None:
    """Solve the schedule of terms given as JSON; prints rows, totals and annualised cost.

    Due dates that rest on holidays not published yet are listed as `provisional_due_dates`.
    """
    answer("quote")
