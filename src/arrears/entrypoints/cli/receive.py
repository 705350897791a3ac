"""`arrears receive`: a receipt that names a borrower but no loan, from JSON on standard input."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def receive(
    *,
    key: Annotated[str, typer.Option(help="Idempotency key; the receipt id where left out.")] = "",
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Split a receipt over the borrower's accounts (Civil Code 560) and post the parts."""
    from arrears.app.receiving import receive as do_receive  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("receive", do_receive, key, lambda body: str(body["receipt_id"]))
