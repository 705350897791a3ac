"""`arrears periods`: the months that were closed, and what their books added up to."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arrears.app.ports import Document
    from arrears.app.ports_periods import Period
    from arrears.entrypoints.messages import Language

app = typer.Typer(add_completion=False)
CREDIT = "credit"
EXIT_CHANGED = 1


@app.command()
def periods(
    *,
    json_: Annotated[
        bool, typer.Option("--json", help="Print JSON, with every ledger account; errors too.")
    ] = False,
) -> None:
    """List the months that were closed, the oldest first; exit code 1 if one was changed since."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.periods import first_changed  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    with closing(bootstrap.open_store()) as store, store.unit_of_work() as work:
        found = work.periods()
    changed = first_changed(found)
    language = language_from(os.environ)
    if changed is not None:
        told = message("periods.changed", language, period_end=changed.period_end)
        sys.stderr.write(told + "\n")
    if json_:
        documents = [{name: getattr(each, name) for name in each.__slots__} for each in found]
        sys.stdout.write(json.dumps(documents, ensure_ascii=False, indent=2, default=str) + "\n")
    elif not found:
        sys.stdout.write(message("periods.none", language) + "\n")
    else:
        for each in found:
            sys.stdout.write("\n".join(lines_of(each, language)) + "\n")
    if changed is not None:
        raise typer.Exit(EXIT_CHANGED)


def lines_of(period: Period, language: Language) -> Iterator[str]:
    """A period in words: who was reconciled, and what stood where, by currency."""
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up
    from arrears.kernel.money import currency_of, format_minor  # noqa: PLC0415 - start-up

    yield message(
        "periods.closed",
        language,
        period_end=period.period_end,
        accounts=period.accounts,
        parked=period.parked,
        run_id=period.run_id,
        digest=period.digest[:16],
    )
    for code in sorted({str(line["currency"]) for line in period.ledger}):
        currency = currency_of(code, where="journal")
        owed = cells(period.owed, code)
        credit_minor = owed.pop(CREDIT, 0)
        beside = cells(period.apart, code)
        apart_minor = sum(beside.values()) - 2 * beside.get(CREDIT, 0)
        ledger = [line for line in period.ledger if line["currency"] == code]
        amounts_minor = {
            "owed": sum(owed.values()),
            "credit": credit_minor,
            "apart": apart_minor,
            "debit": sum(int(str(line["debit_minor"])) for line in ledger),
            "credits": sum(int(str(line["credit_minor"])) for line in ledger),
        }
        told = {name: format_minor(minor, currency) for name, minor in amounts_minor.items()}
        yield message("periods.amounts", language, currency=code, **told)


def cells(lines: Sequence[Document], code: str) -> dict[str, int]:
    """Amounts of a currency by cell, minor units."""
    return {
        str(line["cell"]): int(str(line["amount_minor"]))
        for line in lines
        if line["currency"] == code
    }
