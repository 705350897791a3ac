"""`arrears audit seal | verify`: put the books under seals, and read them again to see what changed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arrears.entrypoints.messages import Language
    from arrears.ledger.seals import Verification

app = typer.Typer(help="Seals over contracts, events and journal.", no_args_is_help=True)

#: The check worked and found that the books were changed.
EXIT_CHANGED = 1

Home = Annotated[
    Path | None, typer.Option("--home", help="Folder of an embedded database; else the usual one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")]


@app.command("seal")
def seal_books(
    home: Home = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Seal what was written since the last time, and add the roots to the file beside the books."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.sealing import seal  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    roots = bootstrap.root_file(home)
    made = seal(bootstrap.open_seals(home), roots, bootstrap.now())
    if as_json:
        batches = [
            {
                "batch": batch.number,
                "table": batch.table,
                "leaves": batch.leaves,
                "chained_root": batch.chained_root.hex(),
            }
            for batch in made
        ]
        typer.echo(json.dumps({"batches": batches, "roots": str(roots.path)}, indent=2))
        return
    language = language_from(os.environ)
    rows = sum(batch.leaves for batch in made)
    typer.echo(message("audit.sealed", language, rows=rows, batches=len(made), file=roots.path))


@app.command("verify")
def verify_books(
    roots: Annotated[
        Path | None,
        typer.Option("--roots", metavar="FILE", help="Roots kept where the database cannot write."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Read every sealed row again: exit 0 when all is as sealed, 1 when something was changed."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.sealing import verify  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from  # noqa: PLC0415 - start-up

    known = bootstrap.roots_in(roots) if roots is not None else {}
    verification = verify(bootstrap.open_seals(home), known)
    if as_json:
        typer.echo(json.dumps(document_of(verification), ensure_ascii=False, indent=2))
    else:
        sys.stdout.write(words_of(verification, language_from(os.environ)))
    if not verification.is_clean:
        raise typer.Exit(EXIT_CHANGED)


def document_of(verification: Verification) -> dict[str, object]:
    """The outcome for a program."""
    return {
        "clean": verification.is_clean,
        "batches": verification.batches,
        "rows": verification.rows,
        "findings": [
            {
                "kind": finding.kind.value,
                "batch": finding.batch,
                "table": finding.table,
                "row": finding.row,
                "words": finding.words(),
            }
            for finding in verification.findings
        ],
        "not_proved": [
            {"limit": each.limit.value, "count": each.count, "words": each.words()}
            for each in verification.unproved
        ],
    }


def outcome_of(verification: Verification) -> str:
    """One word: a book of which nothing was ever sealed is told from one that is as sealed."""
    if not verification.is_clean:
        return "changed"
    return "clean" if verification.batches else "nothing_sealed"


def words_of(verification: Verification, language: Language) -> str:
    """The outcome for a person: what was looked at, what is wrong, and what this cannot prove."""
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    lines = [
        message("audit.read", language, batches=verification.batches, rows=verification.rows),
        message(f"audit.{outcome_of(verification)}", language),
    ]
    for finding in verification.findings:
        told = message(f"audit.found.{finding.kind.value}", language, row=finding.row)
        place = message("audit.batch", language, batch=finding.batch, table=finding.table)
        lines.append(f"  {place}: {told}")
    lines.append(message("audit.not_proved", language))
    lines += [
        f"  {message(f'audit.limit.{each.limit.value}', language, count=each.count)}"
        for each in verification.unproved
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)
