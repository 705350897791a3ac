"""`arrears post`: record what happened to an account, from JSON on standard input."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def post(
    *,
    key: Annotated[
        str, typer.Option(help="Idempotency key; account and event id if left out.")
    ] = "",
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Record one event: {"account_id", "event"}; the same event twice is recorded once."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.booking import Command  # noqa: PLC0415 - start-up
    from arrears.app.posting import post as do_post  # noqa: PLC0415 - start-up
    from arrears.entrypoints.reading import read_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.requests_balance import PostRequest  # noqa: PLC0415 - start-up

    del json_
    request = read_document(sys.stdin.read(), PostRequest)
    body = request.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    with closing(bootstrap.open_store()) as store:
        answer = do_post(
            store,
            Command(
                caller="cli",
                command="post",
                key=key or f"{request.account_id}/{request.event.id}",
                body=body,
            ),
            recorded_at=bootstrap.now(),
            frame=bootstrap.frame(compiled=False),
        )
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
