"""`arrears balance`: what one account owes on a day, and why, from JSON on standard input or the book."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from arrears.entrypoints.cli.plain import answer

app = typer.Typer(add_completion=False)


@app.command()
def balance(
    *,
    until: Annotated[str, typer.Option(help="Project to this day, step by step.")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Add every movement and why.")] = False,
    account: Annotated[
        str, typer.Option(help="An account of the book, instead of standard input.")
    ] = "",
    as_of: Annotated[
        str,
        typer.Option("--as-of", help="With --account: the day; the open business day if left out."),
    ] = "",
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Fold an account to a day: per instalment and component due, paid, waived, outstanding."""
    del json_
    if not account:
        if as_of:
            raise typer.BadParameter(
                "without --account the document names the day", param_hint="--as-of"
            )
        answer("balance", until=until, explain=explain)
        return
    from contextlib import closing  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.entrypoints.asking_book import stored_balance  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import show  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from  # noqa: PLC0415 - start-up

    language = language_from(os.environ)
    with closing(bootstrap.open_store()) as store:
        show(stored_balance(store, account, language, as_of=as_of, until=until, explain=explain))
