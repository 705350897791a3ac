"""`arrears demo`: book a portfolio, close it day by day, print the book, explain one account."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from arrears.app.ports import Store, Work
    from arrears.app.refolding import Frame
    from arrears.entrypoints.messages import Language

app = typer.Typer(add_completion=False)

BEGIN = date(2026, 1, 1)
END = date(2026, 8, 31)


@app.command()
def demo(
    *,
    loans: Annotated[int, typer.Option(help="How many loans.", min=1, max=5000)] = 240,
    lines: Annotated[int, typer.Option(help="How many revolving lines.", min=0, max=5000)] = 40,
    home: Annotated[str, typer.Option(help="Folder of the demonstration's database.")] = "",
) -> None:
    """Run the main job on a made-up portfolio: book, post, close, print, explain."""
    from rich.console import Console  # noqa: PLC0415 - start-up

    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.engines import warm_up  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    language = language_from(os.environ)
    console = Console(width=110 if not os.environ.get("COLUMNS") else None, highlight=False)
    folder = Path(home) if home else Path("build") / "demo"
    started = time.perf_counter()
    frame = bootstrap.frame()
    warm_up(frame)
    compiled = time.perf_counter() - started
    console.print(message("demo.compiled", language, seconds=f"{compiled:.1f}"))
    started = time.perf_counter()
    store = bootstrap.fresh_store(folder.resolve())
    try:
        run(store, frame, loans, lines, console, language)
    finally:
        store.close()
        bootstrap.stop_embedded(folder.resolve())
    seconds = f"{time.perf_counter() - started:.1f}"
    console.print(message("demo.ran", language, seconds=seconds))


def run(
    store: Store, frame: Frame, loans: int, lines: int, console: Console, language: Language
) -> None:
    """Live through the months: each day what happened is posted, then the day is closed."""
    from rich.progress import Progress  # noqa: PLC0415 - start-up

    from arrears.app.demonstration import live_through, prepare  # noqa: PLC0415 - start-up
    from arrears.bootstrap import now  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    made = prepare(store, frame, now, loans=loans, lines=lines, begin=BEGIN, end=END)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(message("demo.closing", language), total=(END - BEGIN).days + 1)
        live_through(
            made, BEGIN, END, lambda day: bar.update(task, advance=1, description=day.isoformat())
        )
    console.print(
        message(
            "demo.lived",
            language,
            loans=loans,
            lines=lines,
            purchases=made.purchases,
            statements=made.statements,
            payments=made.payments,
            begin=str(BEGIN),
            end=str(END),
        ),
        soft_wrap=True,
    )
    with store.unit_of_work() as work:
        print_book(work, console, language)
        explain_worst(work, frame, console, language)
    revolving = made.a_revolving_line()
    if revolving is not None:
        print_line(store, revolving, console, language)
    console.print(message("demo.unverified", language))


def print_line(store: Store, account_id: str, console: Console, language: Language) -> None:
    """Print how a line stands whose holder pays the minimum, and its statements."""
    from arrears.app.lines import show_line  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    shown = show_line(store, account_id, END)
    console.print()
    console.print(message("demo.line", language, **shown), soft_wrap=True)
    statements = shown["statements"]
    for statement in statements if isinstance(statements, list) else []:
        console.print("  " + message("demo.statement", language, **statement))


def print_book(work: Work, console: Console, language: Language) -> None:
    """Print balances by bucket and class, what became of the accounts, and the trial balance."""
    from rich.table import Table  # noqa: PLC0415 - start-up

    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up
    from arrears.kernel.money import Currency, format_minor  # noqa: PLC0415 - start-up

    currency = Currency("CNY", 2)
    table = Table(title=message("demo.book", language), show_footer=True)
    rows = work.buckets()
    accounts = sum(int(str(row["accounts"])) for row in rows)
    principal_minor = sum(int(str(row["principal_minor"])) for row in rows)
    table.add_column(message("demo.bucket", language), message("demo.total", language))
    table.add_column(message("demo.class", language))
    table.add_column(message("demo.accounts", language), str(accounts), justify="right")
    table.add_column(
        message("demo.principal", language),
        format_minor(principal_minor, currency),
        justify="right",
    )
    for row in rows:
        table.add_row(
            str(row["bucket"]),
            message(f"class.{row['five_class']}", language),
            str(row["accounts"]),
            format_minor(int(str(row["principal_minor"])), currency),
        )
    console.print(table)
    for row in work.statuses():
        status = message(f"status.{row['status']}", language)
        console.print(f"  {status}: {row['accounts']}")
    console.print()
    print_trial_balance(work, console, language)


def print_trial_balance(work: Work, console: Console, language: Language) -> None:
    """Print each account's balance on its side, the sums of both sides, and what was posted."""
    from rich.table import Table  # noqa: PLC0415 - start-up

    from arrears.bootstrap import chart  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up
    from arrears.kernel.money import Currency, format_minor  # noqa: PLC0415 - start-up
    from arrears.ledger.trial_balance import trial_balance_of_totals  # noqa: PLC0415 - start-up

    currency = Currency("CNY", 2)
    lines = trial_balance_of_totals(work.totals(), chart()).lines
    debit = format_minor(sum(max(0, line.balance_minor) for line in lines), currency)
    credit = format_minor(sum(max(0, -line.balance_minor) for line in lines), currency)
    posted = format_minor(sum(line.debit_minor for line in lines), currency)
    table = Table(title=message("demo.trial_balance", language), show_footer=True)
    table.add_column(message("demo.account", language), message("demo.total", language))
    table.add_column(message("demo.debit", language), debit, justify="right")
    table.add_column(message("demo.credit", language), credit, justify="right")
    for line in lines:
        minor = line.balance_minor
        table.add_row(
            line.account.name_zh if language.value == "zh" else line.account.name_en,
            format_minor(minor, currency) if minor > 0 else "",
            format_minor(-minor, currency) if minor < 0 else "",
        )
    console.print(table)
    held = "demo.balances" if debit == credit else "demo.does_not_balance"
    console.print(message(held, language, debit=debit, credit=credit, posted=posted))


def explain_worst(work: Work, frame: Frame, console: Console, language: Language) -> None:
    """Explain the loan longest past due: every movement in plain words."""
    from arrears.app.owing import owing  # noqa: PLC0415 - start-up
    from arrears.app.refolding import read_stored  # noqa: PLC0415 - start-up
    from arrears.entrypoints.explaining import sentence  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up
    from arrears.kernel.money import format_minor  # noqa: PLC0415 - start-up
    from arrears.servicing.explanation import joined, movements_of  # noqa: PLC0415 - start-up

    account_id = work.worst_loan()
    account = None if account_id is None else work.lock(account_id)
    if account is None:
        return
    contract, events = read_stored(account)
    now = owing(contract, events, END, frame.snapshot, posting=0, fold=frame.fold)
    currency = contract.terms.currency
    console.print()
    console.print(
        message(
            "demo.why",
            language,
            account=account.account_id,
            day=str(END),
            payoff=format_minor(now.state.payoff_minor, currency),
            days=now.state.days_past_due,
            bucket=now.standing.bucket,
            five_class=message(f"class.{now.standing.five_class}", language),
        )
    )
    for movement in joined(movements_of(now.state)):
        console.print(f"  {sentence(movement, currency, language)}", soft_wrap=True)
