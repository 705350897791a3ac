"""`arrears book`: take a contract into the book, whole or under a product, from JSON."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def book(
    *,
    key: Annotated[str, typer.Option(help="Idempotency key; the account id where left out.")] = "",
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Book an account: {"account_id", "borrower_id", "product"?, "version"?, "contract", "events"?}."""
    from arrears.app.booking import book_request  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("book", book_request, key, lambda body: str(body["account_id"]))
