"""`arrears payments`: a file of payments into the book, with a report of every rejected line."""

from __future__ import annotations

import csv
import json
import os
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - Typer reads the annotation
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.entrypoints.messages import Language, language_from, message
from arrears.entrypoints.messages.phrases import catalogued, translated

if TYPE_CHECKING:
    from arrears.app.payment_lines import PaymentsReport

app = typer.Typer(add_completion=False)
REJECTS_SHOWN = 20
#: Fewer lines than this are posted sooner than the fold is compiled.
COMPILED_FROM_LINES = 5_000
COUNTED = ("lines", "recorded", "already_recorded", "in_suspense")


@app.callback()
def payments() -> None:
    """Payments in files."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with a heading, or Parquet.")],
    *,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Write rejected lines to this CSV file.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Post every line once: columns account_id, amount, on, channel, ref; type, reverses, seq."""
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.paying_many import pay_many  # noqa: PLC0415 - start-up

    lines = bootstrap.payment_lines(file)
    hidden = json_ or not sys.stderr.isatty()
    with (
        Progress(console=Console(stderr=True), transient=True, disable=hidden) as bar,
        closing(bootstrap.open_store()) as store,
        closing(bootstrap.open_store()) as other,
    ):
        task = bar.add_task(file.name, total=len(lines))
        report = pay_many(
            store,
            lines,
            recorded_at=bootstrap.now(),
            frame=bootstrap.frame(compiled=len(lines) >= COMPILED_FROM_LINES),
            on_lines=lambda done: bar.advance(task, done),
            beside=[other],
        )
    language = language_from(os.environ)
    if rejects is not None:
        write_rejects(rejects, report, language)
    if json_:
        sys.stdout.write(json.dumps(document(report), ensure_ascii=False, indent=2) + "\n")
    else:
        show(report, language)
    if report.rejects:
        raise typer.Exit(2)


def reason(code: str, language: Language) -> str:
    """What a code says in words."""
    return catalogued(code, language)[0]


def document(report: PaymentsReport) -> dict[str, object]:
    """The report as JSON has it."""
    told: dict[str, object] = {name: getattr(report, name) for name in COUNTED}
    told["rejects"] = [
        {**asdict(each), "reason": reason(each.code, Language.ENGLISH)} for each in report.rejects
    ]
    return told


def show(report: PaymentsReport, language: Language) -> None:
    """The report as a reader has it: counts, and the first of the rejected lines."""
    counts = {name: getattr(report, name) for name in COUNTED}
    told = message("payments.report", language, **counts, rejected=len(report.rejects))
    sys.stdout.write(told + "\n")
    for each in report.rejects[:REJECTS_SHOWN]:
        is_chinese = language is Language.CHINESE
        name = translated(each.field, "where") if is_chinese else each.field
        words = {"line": each.number, "field": name, "value": each.value}
        told = message("payments.reject", language, **words, reason=reason(each.code, language))
        sys.stdout.write(f"  {told}\n")
    if len(report.rejects) > REJECTS_SHOWN:
        more = len(report.rejects) - REJECTS_SHOWN
        sys.stdout.write(f"  {message('payments.more', language, more=more)}\n")


def write_rejects(path: Path, report: PaymentsReport, language: Language) -> None:
    """Every rejected line as a CSV file: its number, the column to blame, what stands there, why."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["line", "field", "value", "code", "reason"])
        for each in report.rejects:
            rows.writerow(
                [each.number, each.field, each.value, each.code, reason(each.code, language)]
            )
