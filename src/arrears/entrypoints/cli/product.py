"""`arrears product add | list | show`: what may be signed, by version, within the law of its day."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="What may be signed: versions with defaults and bounds.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")]


@app.command("add")
def add(*, json_: AsJson = False) -> None:
    """Add a version, from JSON: {"code", "version", "offered_from", "contract", "choices", ...}."""
    from arrears.app.products import add_product  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import carry_out  # noqa: PLC0415 - start-up

    del json_
    carry_out("product", add_product, "", lambda body: f"{body['code']}@{body['version']}")


@app.command("list")
def list_all(*, json_: AsJson = False) -> None:
    """Print every version with its days and what may be chosen."""
    from contextlib import closing  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.products import list_products  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import show  # noqa: PLC0415 - start-up

    del json_
    with closing(bootstrap.open_store()) as store:
        show(list_products(store))


@app.command("show")
def show_one(
    code: Annotated[str, typer.Argument(help="As `list` prints it, without the version.")],
    *,
    version: Annotated[
        int | None, typer.Option("--version", help="The latest where left out.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """Print a version as it was added."""
    from contextlib import closing  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.products import show_product  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.writing import show  # noqa: PLC0415 - start-up

    del json_
    with closing(bootstrap.open_store()) as store:
        show(show_product(store, code, version))
