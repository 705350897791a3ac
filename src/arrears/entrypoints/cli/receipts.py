"""`arrears receipts add | list | match | split`: money without a name, from JSON on standard input."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Money without a name: in suspense until it is known whose it is.")

Key = Annotated[str, typer.Option(help="Idempotency key; made of the document if left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")]


@app.command("add")
def add(*, key: Key = "", json_: AsJson = False) -> None:
    """Take money in to suspense: {"receipt_id", "amount", "on", "currency"?, "source"?, "hint"?}."""
    from arrears.app.suspense import add_receipt  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("receipts-add", add_receipt, key, lambda body: str(body["receipt_id"]))


@app.command("list")
def list_open(*, json_: AsJson = False) -> None:
    """Print what waits in suspense, oldest first, and its sum by currency."""
    from contextlib import closing  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.suspense import open_receipts  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import show  # noqa: PLC0415 - start-up

    del json_
    with closing(bootstrap.open_store()) as store:
        show(open_receipts(store))


@app.command("match")
def match(*, key: Key = "", json_: AsJson = False) -> None:
    """Give what is left, or an amount, to one account: {"receipt_id", "account_id", "amount"?}."""
    from arrears.app.suspense import match_receipt  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out(
        "receipts-match",
        match_receipt,
        key,
        lambda body: f"{body['receipt_id']}/{body['account_id']}",
    )


@app.command("split")
def split(*, key: Key = "", json_: AsJson = False) -> None:
    """Give parts to accounts, or what is left to a borrower: {"receipt_id", "parts" | "borrower_id"}."""
    from arrears.app.suspense import split_over_accounts  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("receipts-split", split_over_accounts, key, lambda body: str(body["receipt_id"]))
