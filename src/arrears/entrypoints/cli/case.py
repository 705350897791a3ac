"""`arrears case list | show`: whose debts are overdue, since when, and what is known of a case."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arrears.app.ports import Document
    from arrears.entrypoints.messages import Language

app = typer.Typer(help="Cases: one a borrower, opened and closed by the close of business.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")]
COLUMNS = {
    "case_id": "case.id",
    "accounts": "case.accounts",
    "oldest_due_on": "case.oldest_due_on",
    "bucket": "case.bucket",
    "reason": "case.reason",
    "not_before": "case.not_before",
}
CLOSED = {"closed_on": "case.closed_on", "closed_for": "case.closed_for"}
ACCOUNT = {
    "account_id": "case.account",
    "days_past_due": "case.days_past_due",
    "overdue": "case.overdue",
    "payoff": "case.payoff",
    "limitation": "case.limitation",
    "suit_until": "case.suit_until",
}
HISTORY = {"on": "case.on", "what": "case.what", "from": "case.from", "to": "case.to"}


@app.command("list")
def list_all(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    json_: AsJson = False,
) -> None:
    """Print the open cases, those on the oldest unpaid due date first."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.casework import list_cases  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.rendering import render_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.tables import print_table  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    with closing(bootstrap.open_store()) as store:
        found = list_cases(store, with_closed=all_)
    if json_:
        sys.stdout.write(render_document(found) + "\n")
        return
    language = language_from(os.environ)
    cases = found["cases"]
    columns = {**COLUMNS, **CLOSED} if all_ else COLUMNS
    rows = [in_words(each, language) for each in cases] if isinstance(cases, list) else []
    print_table(message("case.title", language), columns, rows, language)


@app.command("show")
def show(
    case_id: Annotated[str, typer.Argument(help="As `case list` prints it.")],
    *,
    json_: AsJson = False,
) -> None:
    """Print a case: its accounts on the open business day, and how it came to stand so."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.casework import show_case  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.rendering import render_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from  # noqa: PLC0415 - start-up

    with closing(bootstrap.open_store()) as store:
        found = show_case(store, case_id, bootstrap.casework_policy())
    if json_:
        sys.stdout.write(render_document(found) + "\n")
        return
    print_case(found, language_from(os.environ))


def print_case(found: Document, language: Language) -> None:
    """Print a case as tables."""
    from arrears.entrypoints.cli.tables import print_table  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    print_table(
        message("case.title", language),
        {**COLUMNS, **CLOSED},
        [in_words(found, language)],
        language,
    )
    accounts, history = found["accounts"], found["history"]
    rows = [account_row(each, language) for each in accounts] if isinstance(accounts, list) else []
    title = message("case.accounts_on", language, day=found["as_of"])
    print_table(title, ACCOUNT, rows, language, right=("days_past_due", "overdue", "payoff"))
    print_table(
        message("case.history", language),
        HISTORY,
        [
            {**each, "what": message(f"case.change_{each['what']}", language)}
            for each in (history if isinstance(history, list) else [])
        ],
        language,
    )


def in_words(case: Document, language: Language) -> Document:
    """A case with its reasons as words."""
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    told = {**case, "reason": message(f"case.reason_{case['reason']}", language)}
    accounts = case["accounts"]
    if isinstance(accounts, list):
        told["accounts"] = [
            each["account_id"] if isinstance(each, dict) else each for each in accounts
        ]
    if case["closed_for"]:
        told["closed_for"] = message(f"case.closed_{case['closed_for']}", language)
    return told


def account_row(account: Document, language: Language) -> Document:
    """An account as a row: what is overdue in one sum, and where limitation stands."""
    from decimal import Decimal  # noqa: PLC0415 - start-up

    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    overdue, limitation = account["overdue"], account["limitation"]
    amounts = overdue.values() if isinstance(overdue, dict) else ()
    told = limitation if isinstance(limitation, dict) else {}
    return {
        **account,
        "overdue": sum((Decimal(str(each)) for each in amounts), Decimal(0)),
        "limitation": message(f"limitation.{told.get('standing')}", language),
        "suit_until": told.get("ends_on"),
    }
