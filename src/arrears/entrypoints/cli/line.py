"""`arrears line`: how a revolving line is used; its bill in instalments, or a month later."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Revolving lines.")

Key = Annotated[str, typer.Option(help="Idempotency key; account and event id if left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")]


def key_of(body: dict[str, object]) -> str:
    """The key a request has of itself."""
    return f"{body['account_id']}/{body['event_id']}"


@app.command()
def show(
    account: Annotated[str, typer.Argument(help="The line's id.")],
    *,
    on: Annotated[str, typer.Option(help="A day; the open business day if left out.")] = "",
    json_: AsJson = False,
) -> None:
    """Print limit, what is used of it, what may still be drawn, and the statements so far."""
    from contextlib import closing  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.lines import show_line  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import show as print_answer  # noqa: PLC0415 - start-up
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up

    del json_
    day = parse_date(on, where="--on") if on else None
    with closing(bootstrap.open_store()) as store:
        print_answer(show_line(store, account, day))


@app.command()
def convert(*, key: Key = "", json_: AsJson = False) -> None:
    """Spread a bill over instalments: {"account_id", "event_id", "on", "instalments", ...}."""
    from arrears.app.lines import convert as do_convert  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("line-convert", do_convert, key, key_of)


@app.command()
def defer(*, key: Key = "", json_: AsJson = False) -> None:
    """Put the bill that is due next off by a month: {"account_id", "event_id", "on"}."""
    from arrears.app.lines import defer as do_defer  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("line-defer", do_defer, key, key_of)
