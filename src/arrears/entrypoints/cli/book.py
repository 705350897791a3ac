"""`arrears book`: take a contract into the book, from JSON on standard input."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def book(
    *,
    key: Annotated[str, typer.Option(help="Idempotency key; the account id where left out.")] = "",
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Book an account: {"account_id", "borrower_id", "product"?, "contract", "events"}."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.booking import Command  # noqa: PLC0415 - start-up
    from arrears.app.booking import book as do_book  # noqa: PLC0415 - start-up
    from arrears.entrypoints.reading import read_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.requests_balance import BookRequest  # noqa: PLC0415 - start-up

    del json_
    request = read_document(sys.stdin.read(), BookRequest)
    body = request.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    borrower, product = body.pop("borrower_id"), body.pop("product", "")
    with closing(bootstrap.open_store()) as store:
        answer = do_book(
            store,
            Command(caller="cli", command="book", key=key or str(body["account_id"]), body=body),
            borrower_id=borrower,
            product=product,
            recorded_at=bootstrap.now(),
            frame=bootstrap.frame(compiled=False),
        )
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
