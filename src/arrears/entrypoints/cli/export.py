"""`arrears export`: what changed in the book since the last export, as Parquet in a folder."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arrears.app.exporting import Exported

app = typer.Typer(add_completion=False)

Folder = Annotated[Path, typer.Option(metavar="DIR", help="Empty, or with exports of this book.")]


@app.command()
def export(
    to: Folder,
    *,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Write what changed since the last export to a folder; a stopped one leaves the last as it was."""
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.exporting import export_book  # noqa: PLC0415 - start-up

    with (
        closing(bootstrap.open_store()) as store,
        Progress(
            console=Console(stderr=True), transient=True, disable=json_ or not sys.stderr.isatty()
        ) as bar,
    ):
        task = bar.add_task(str(to), total=None)
        done = export_book(
            bootstrap.book_source(store),
            bootstrap.export_folder(to),
            bootstrap.layout(),
            bootstrap.now,
            on_range=lambda at, of: bar.update(task, completed=at, total=of),
        )
    sys.stdout.write(told(done, as_json=json_) + "\n")


def told(done: Exported, *, as_json: bool) -> str:
    """What an export did, for a program or a person."""
    import json  # noqa: PLC0415 - start-up

    from arrears.app.exporting import TABLES  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    rows = {table: done.rows(table) for table in TABLES}
    number, day = done.done.number, done.done.day.isoformat()
    size = sum(each.bytes for each in done.files)
    if as_json:
        document = {"export": number, "day": day, "rows": rows, "bytes": size}
        return json.dumps(document | {"files": [each.path for each in done.files]}, indent=2)
    return message(
        "export.done",
        language_from(os.environ),
        number=number,
        day=day,
        files=len(done.files),
        kilobytes=-(-size // 1000),
        **rows,
    )
