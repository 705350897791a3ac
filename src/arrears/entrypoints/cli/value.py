"""`arrears value`: the whole book on any day, from its export; by group, and account by account."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.app.valuing import By

if TYPE_CHECKING:
    from arrears.app.valuing import Valuation
    from arrears.entrypoints.messages import Language

app = typer.Typer(add_completion=False)

From = Annotated[Path, typer.Option("--from", metavar="DIR", help="A folder with exports.")]
To = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Also write each account's values here.")
]


@app.command()
def value(
    from_: From,
    on: Annotated[str, typer.Option(help="The day: past, today or future.")],
    *,
    known_at: Annotated[
        str,
        typer.Option(
            help="Leave out events recorded after this instant, such as 2026-05-31T18:00Z."
        ),
    ] = "",
    by: Annotated[By, typer.Option(help="What accounts are grouped by.")] = By.BUCKET,
    to: To = None,
    engine: Annotated[str, typer.Option(help="local or spark.")] = "local",
    processes: Annotated[
        int, typer.Option(help="Of the local engine; 0: as many as there are cores.", min=0)
    ] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Value the whole book on a day: balances, what has accrued, days past due, buckets."""
    import json  # noqa: PLC0415 - start-up

    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.valuing import Question, value_export  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from  # noqa: PLC0415 - start-up
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up

    as_of = parse_date(on, where="--on")
    question = Question(
        as_of=as_of,
        known_at=instant_of(known_at),
        ageing=bootstrap.frame(compiled=False).ageing_on(as_of),
        by=by,
    )
    with Progress(
        console=Console(stderr=True), transient=True, disable=json_ or not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(on, total=None)
        valuation = value_export(
            bootstrap.export_folder(from_),
            str(from_.absolute()),
            bootstrap.layout(),
            question,
            bootstrap.value_engine(engine, processes),
            to=None if to is None else bootstrap.valued_folder(to.absolute()),
            on_range=lambda at, of: bar.update(task, completed=at, total=of),
        )
    if json_:
        sys.stdout.write(json.dumps(document_of(valuation), indent=2) + "\n")
    else:
        show(valuation, language_from(os.environ))


def instant_of(text: str) -> datetime | None:
    """The instant of an option; none where it is left out.

    Raises:
        ArrearsError: `date.malformed`.
    """
    from arrears.servicing.events import read_instant  # noqa: PLC0415 - start-up

    return read_instant(text, date.max, where="--known-at") if text else None


def document_of(valuation: Valuation) -> dict[str, object]:
    """A valuation for a program; amounts are whole minor units."""
    return {
        "as_of": valuation.as_of.isoformat(),
        "known_at": valuation.known_at and valuation.known_at.isoformat(),
        "export": valuation.export,
        "exported_on": valuation.exported_on.isoformat(),
        "by": valuation.by.value,
        "groups": valuation.figures(),
    }


def show(valuation: Valuation, language: Language) -> None:
    """A valuation for a person: a row a group, and what of it could not be valued."""
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.table import Table  # noqa: PLC0415 - start-up

    from arrears.app.valuing import FIGURES  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up
    from arrears.kernel.money import currency_of, format_minor  # noqa: PLC0415 - start-up

    title = message("value.title", language, day=valuation.as_of, exported_on=valuation.exported_on)
    table = Table(title=title)
    shown = [name for name in FIGURES if name != "broken"]
    table.add_column(message("value.currency", language))
    table.add_column(message(f"value.by_{valuation.by.value}", language))
    for name in shown:
        table.add_column(message(f"value.{name}", language), justify="right")
    for row in valuation.figures():
        currency = currency_of(str(row["currency"]), where="currency")
        cells = [
            format_minor(int(str(row[name])), currency)
            if name.endswith("_minor")
            else str(row[name])
            for name in shown
        ]
        table.add_row(currency.code, str(row["group"]), *cells)
    Console().print(table)
    if broken := valuation.figure("broken"):
        Console().print(message("value.broken", language, broken=broken))
