"""`arrears tape`: import a lender's file, with a dry run and a report of every rejected row."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path  # noqa: TC003 - Typer reads the annotation
from typing import Annotated

import typer

from arrears.kernel.errors import ArrearsError

app = typer.Typer(add_completion=False)
REJECTS_SHOWN = 20


@app.callback()
def tape() -> None:
    """Tapes of other systems."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with a heading, or Parquet.")],
    *,
    layout: Annotated[str, typer.Option(help="neutral or lending-club.")] = "neutral",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and report, write nothing.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Import the accepted rows in one transaction; report every other row with its reason."""
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.tape import LAYOUTS, import_accounts, read_tape  # noqa: PLC0415 - start-up

    if layout not in LAYOUTS:
        raise ArrearsError(
            "tape.unknown_layout", where="--layout", expected=" | ".join(LAYOUTS), got=repr(layout)
        )
    rows = bootstrap.tape_rows(file)
    recorded_at = bootstrap.now()
    hidden = json_ or not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as bar:
        task = bar.add_task(file.name, total=len(rows))
        accounts, report = read_tape(
            rows, LAYOUTS[layout], recorded_at, on_row=lambda: bar.advance(task)
        )
    if not dry_run:
        with closing(bootstrap.open_store()) as store:
            report.imported = import_accounts(
                store, accounts, recorded_at, bootstrap.frame(compiled=False)
            )
    rejects = [
        {"row": each.row_number, "field": each.field, "value": each.value, "reason": each.reason}
        for each in report.rejects
    ]
    if json_:
        document = {
            "rows": report.rows,
            "accepted": report.accepted,
            "imported": report.imported,
            "rejects": rejects,
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        told = f"rows {report.rows}  accepted {report.accepted}  imported {report.imported}"
        sys.stdout.write(f"{told}  rejected {len(rejects)}\n")
        for each in rejects[:REJECTS_SHOWN]:
            sys.stdout.write(
                f"  row {each['row']}: {each['field']} = {each['value']}: {each['reason']}\n"
            )
        if len(rejects) > REJECTS_SHOWN:
            sys.stdout.write(f"  and {len(rejects) - REJECTS_SHOWN} more: --json lists them all\n")
    if rejects:
        raise typer.Exit(2)
