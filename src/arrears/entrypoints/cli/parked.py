"""`arrears parked`: the accounts a close could not fold, and another try."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)
EXIT_STILL_PARKED = 3


@app.callback()
def parked() -> None:
    """Accounts set aside by a close, with cause, day and inputs."""


@app.command("list")
def list_(
    account: Annotated[str, typer.Argument(help="An account id; all where left out.")] = "",
    *,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Also those taken back in since.")
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Print JSON, with the inputs; errors too.")
    ] = False,
) -> None:
    """List parked accounts, the oldest first."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    with closing(bootstrap.open_store()) as store, store.unit_of_work() as work:
        rows = work.parked(account or None, with_resolved=resolved)
    if json_:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2, default=str) + "\n")
        return
    language = language_from(os.environ)
    if not rows:
        sys.stdout.write(message("parked.none", language) + "\n")
    for row in rows:
        told = message(
            "parked.since",
            language,
            account=row["account_id"],
            day=row["business_on"],
            at=f"{row['parked_at']:%Y-%m-%d %H:%M}",
        )
        if row["resolved_at"]:
            told += message("parked.until", language, at=f"{row['resolved_at']:%Y-%m-%d %H:%M}")
        cause = "\n".join(f"  {line}" for line in str(row["cause"]).splitlines())
        sys.stdout.write(f"{told}\n{cause}\n")


@app.command()
def retry(
    account: Annotated[str, typer.Argument(help="An account id; all where left out.")] = "",
    *,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Try parked accounts again; exit code 3 if one is still parked afterwards."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.parking import RetryOutcome, retry_parked  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    with closing(bootstrap.open_store()) as store:
        tried = retry_parked(
            store, account or None, bootstrap.frame(compiled=False), clock=bootstrap.now
        )
    if json_:
        told = [
            {"account_id": each.account_id, "outcome": each.outcome.value, "cause": each.cause}
            for each in tried
        ]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        language = language_from(os.environ)
        if not tried:
            sys.stdout.write(message("parked.none", language) + "\n")
        for each in tried:
            told_of = message(f"parked.{each.outcome.value}", language, account=each.account_id)
            cause = "".join(f"\n  {line}" for line in each.cause.splitlines())
            sys.stdout.write(told_of + cause + "\n")
    if any(each.outcome is RetryOutcome.STILL_PARKED for each in tried):
        raise typer.Exit(EXIT_STILL_PARKED)
