"""`arrears post`: record what happened to an account, from JSON on standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer(add_completion=False)


@app.command()
def post(
    *,
    key: Annotated[
        str, typer.Option(help="Idempotency key; account and event id if left out.")
    ] = "",
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Record one event: {"account_id", "event", "source"?}; the same bank line is recorded once."""
    from arrears.app.posting import post as do_post  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("post", do_post, key, own_key)


def own_key(body: Mapping[str, Any]) -> str:
    """Account and event id."""
    return f"{body['account_id']}/{body['event']['id']}"
