"""`arrears receipts add | list | show | match | split | unmatch | return`: money without a name, from JSON on standard input."""

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
    from arrears.app.suspense import open_receipts  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import list_out  # noqa: PLC0415 - start-up

    del json_
    list_out(open_receipts)


@app.command("show")
def show_one(
    receipt_id: Annotated[str, typer.Argument(help="The receipt's id.")], *, json_: AsJson = False
) -> None:
    """Print a receipt and what became of it, part by part."""
    from functools import partial  # noqa: PLC0415 - start-up

    from arrears.app.suspense import receipt_history  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import list_out  # noqa: PLC0415 - start-up

    del json_
    list_out(partial(receipt_history, receipt_id=receipt_id))


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


@app.command("unmatch")
def unmatch(*, key: Key = "", json_: AsJson = False) -> None:
    """Take back into suspense what an account was given by mistake: {"receipt_id", "account_id"}."""
    from arrears.app.unmatching import unmatch_receipt  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out(
        "receipts-unmatch",
        unmatch_receipt,
        key,
        lambda body: f"{body['receipt_id']}/{body['account_id']}",
    )


@app.command("return")
def give_back(*, key: Key = "", json_: AsJson = False) -> None:
    """Decide that what is left, or an amount, goes back: {"receipt_id", "amount"?}."""
    from arrears.app.suspense import return_receipt  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("receipts-return", return_receipt, key, lambda body: str(body["receipt_id"]))
