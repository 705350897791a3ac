"""`arrears bench book`: a lender's book of three years, made up from a seed, to be measured on."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.callback()
def bench() -> None:
    """What measurements are made on."""


@app.command()
def book(
    loans: Annotated[
        int, typer.Option(help="How many accounts, loans and lines together.", min=1)
    ] = 100_000,
    *,
    seed: Annotated[int, typer.Option(help="The same number makes the same book.", min=0)] = 1,
) -> None:
    """Fill an empty book with loans and lines of three years, closed to a day."""
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    language = language_from(os.environ)
    with Progress(
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(message("bench.making", language), total=None)
        made = bootstrap.make_mature_book(
            accounts=loans,
            seed=seed,
            on_part=lambda done, of: bar.update(task, completed=done, total=of),
        )
    told = message(
        "bench.book",
        language,
        accounts=made.accounts,
        lines=made.lines,
        closed_on=made.closed_on,
        next_on=made.closed_on + timedelta(days=1),
    )
    sys.stdout.write(told + "\n")
