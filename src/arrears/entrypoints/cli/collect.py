"""`arrears collect`: ask for a pay-off or an amount; `failed` and `list` for what became of it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

app = typer.Typer(help="Requests to draw money from a borrower's bank.")

#: The request was understood and refused: no more than what is left may be drawn.
EXIT_REFUSED = 3

Key = Annotated[str, typer.Option(help="Idempotency key; the request id if left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")]


@app.callback(invoke_without_command=True)
def collect(context: typer.Context, *, key: Key = "", json_: AsJson = False) -> None:
    """Ask for money: {"request_id", "account_id", "amount"?, "on"?}; exit 3 where it is refused."""
    if context.invoked_subcommand is not None:
        return
    from arrears.app.collecting import collect as do_collect  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import answer_of, show  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    del json_
    answer = answer_of("collect", do_collect, key, lambda body: str(body["request_id"]))
    is_refused = answer["outcome"] == "refused"
    if is_refused:
        told = {name: answer[name] for name in ("amount", "left", "payoff", "on_its_way", "on")}
        answer["sentence"] = message("collect.refused", language_from(os.environ), **told)
    show(answer)
    if is_refused:
        raise typer.Exit(EXIT_REFUSED)


@app.command("failed")
def failed(*, key: Key = "", json_: AsJson = False) -> None:
    """Record that the bank drew nothing: {"request_id"}."""
    from arrears.app.collecting import fail_collection  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("collect-failed", fail_collection, key, lambda body: str(body["request_id"]))


@app.command("list")
def list_waiting(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also those the bank has answered.")] = False,
    json_: AsJson = False,
) -> None:
    """Print the requests that wait for the bank, oldest first."""
    from arrears.app.collecting import list_collections  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import list_out  # noqa: PLC0415 - start-up

    del json_
    list_out(list_collections, with_ended=all_)
