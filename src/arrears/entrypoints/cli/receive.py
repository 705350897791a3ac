"""`arrears receive`: a receipt that names a borrower but no loan, from JSON on standard input."""

from __future__ import annotations

import json
import sys
from contextlib import closing
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
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.booking import Command  # noqa: PLC0415 - start-up
    from arrears.app.receiving import receive as do_receive  # noqa: PLC0415 - start-up
    from arrears.entrypoints.reading import read_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.requests_balance import ReceiveRequest  # noqa: PLC0415 - start-up

    del json_
    request = read_document(sys.stdin.read(), ReceiveRequest)
    body = request.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    with closing(bootstrap.open_store()) as store:
        answer = do_receive(
            store,
            Command(caller="cli", command="receive", key=key or request.receipt_id, body=body),
            recorded_at=bootstrap.now(),
            frame=bootstrap.frame(compiled=False),
        )
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
