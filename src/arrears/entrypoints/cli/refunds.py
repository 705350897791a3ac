"""`arrears refunds list | done`: what is to be paid back, and that it was paid."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Credit balances and receipts to be paid back.")

AsJson = Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")]


@app.command("list")
def list_open(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also those done and withdrawn.")] = False,
    json_: AsJson = False,
) -> None:
    """Print the refund tasks that are open, oldest first."""
    from arrears.app.refunds import list_refunds  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import list_out  # noqa: PLC0415 - start-up

    del json_
    list_out(list_refunds, with_ended=all_)


@app.command("done")
def done(
    *,
    key: Annotated[str, typer.Option(help="Idempotency key; the task and day if left out.")] = "",
    json_: AsJson = False,
) -> None:
    """Record that a task was paid out: {"task_id", "on", "source"?}."""
    from arrears.app.refunding import complete_refund  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("refunds-done", complete_refund, key, lambda body: f"{body['task_id']}/{body['on']}")
