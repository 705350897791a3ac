"""`arrears tape`: import a lender's file, with a dry run and a report of every rejected row."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path  # noqa: TC003 - Typer reads the annotation
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.entrypoints.messages import Language, language_from, message
from arrears.entrypoints.messages.phrases import catalogued, translated
from arrears.entrypoints.policy_words import padded

if TYPE_CHECKING:
    from arrears.app.tape import TapeReport

app = typer.Typer(add_completion=False)
REJECTS_SHOWN = 20


@app.callback()
def tape() -> None:
    """Tapes of other systems."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with a heading, or Parquet.")],
    *,
    layout: Annotated[str, typer.Option(help="neutral, lending-club or uci-card.")] = "neutral",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and report, write nothing.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Import the accepted rows in one transaction; report every other row with its reason."""
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app import tape as tapes  # noqa: PLC0415 - start-up

    chosen = tapes.layout_named(layout)
    rows = bootstrap.tape_rows(file)
    tapes.refuse_columns(layout, [*rows[0]] if rows else [])
    recorded_at = bootstrap.now()
    language = language_from(os.environ)
    hidden = json_ or not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as bar:
        task = bar.add_task(file.name, total=len(rows))
        accounts, report = tapes.read_tape(
            rows,
            chosen,
            recorded_at,
            registry=bootstrap.signing_registry(),
            on_row=lambda: bar.advance(task),
        )
        if not dry_run:
            frame = bootstrap.frame(compiled=False)
            writing = bar.add_task(message("tape.writing", language), total=len(accounts))
            with closing(bootstrap.open_store()) as store:
                report.imported = tapes.import_accounts(
                    store, accounts, recorded_at, frame, on_account=lambda: bar.advance(writing)
                )
    rejects = reject_documents(report, Language.ENGLISH if json_ else language)
    if json_:
        document = {
            "rows": report.rows,
            "accepted": report.accepted,
            "imported": report.imported,
            "rejects": rejects,
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        told = {
            "rows": report.rows,
            "accepted": report.accepted,
            "imported": report.imported,
            "rejected": len(rejects),
        }
        sys.stdout.write(message("tape.report", language, **told) + "\n")
        for each in rejects[:REJECTS_SHOWN]:
            sys.stdout.write(f"  {message('tape.reject', language, **each)}\n")
        if len(rejects) > REJECTS_SHOWN:
            more = len(rejects) - REJECTS_SHOWN
            sys.stdout.write(f"  {message('tape.more', language, more=more)}\n")
    if rejects:
        raise typer.Exit(2)


def reject_documents(report: TapeReport, language: Language) -> list[dict[str, object]]:
    """Each row that was not imported, with its reason in words."""
    return [
        {
            "row": each.row_number,
            "field": translated(each.field, "where")
            if language is Language.CHINESE
            else each.field,
            "value": each.value,
            "code": each.code,
            "reason": catalogued(each.code, language)[0],
        }
        for each in report.rejects
    ]


@app.command()
def compare(
    file: Annotated[Path, typer.Argument(help="The uci-card tape.")],
    *,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Live through six months of every card; the engine's months overdue against the tape's codes."""
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.tape_card import confusion  # noqa: PLC0415 - start-up

    rows = bootstrap.tape_rows(file)
    hidden = json_ or not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as bar:
        task = bar.add_task(file.name, total=len(rows))
        found = confusion(rows, on_row=lambda: bar.advance(task))
    ours = sorted({one for one, _ in found})
    theirs = sorted({other for _, other in found})
    if json_:
        cells = [
            {"engine": one, "tape": other, "cards": found[one, other]}
            for one in ours
            for other in theirs
        ]
        sys.stdout.write(json.dumps(cells, indent=1) + "\n")
        return
    language, width = language_from(os.environ), 8
    heading = padded(message("tape.engine", language), width)
    sys.stdout.write(heading + "".join(f"{each:>{width}}" for each in theirs) + "\n")
    for one in ours:
        line = "".join(f"{found[one, other]:>{width}}" for other in theirs)
        sys.stdout.write(f"{one:<{width}}{line}\n")
    same = sum(count for (one, other), count in found.items() if one == other)
    sys.stdout.write(message("tape.same", language, same=same, rows=len(rows)) + "\n")
