"""The end of a period: its ranges added up, held against the ledger as a whole, and kept."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.app.ports_periods import Period
from arrears.app.reconciling import NAMED, word_of
from arrears.app.running import is_period_end
from arrears.kernel.errors import ArrearsError, invariant
from arrears.kernel.money import currency_of, format_minor
from arrears.kernel.movement import Component
from arrears.ledger.canonical import canonical_row
from arrears.ledger.reconciling import CREDIT_CELL, held_cell
from arrears.ledger.trial_balance import AccountKey, Totals, trial_balance_of_totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from arrears.app.ports import Document, Work
    from arrears.app.ports_periods import SummedRow
    from arrears.app.running import Run
    from arrears.ledger.chart import Chart

#: Debits and credits of every ledger account, by currency and code.
Ledger = dict[AccountKey, Totals]
#: Minor units by currency and cell.
Cells = dict[tuple[str, str], int]


def end_day(work: Work, run: Run, chart: Chart, at: datetime) -> None:
    """Record that a day is closed, and on a month's last day that the period is; renew the cases.

    Whoever counts on the open day is waited for; nobody does any more when this transaction ends.

    Args:
        work: A transaction that holds no account: those who are waited for may want one.
        run: All its ranges are closed.
        chart: Of the posting rules.
        at: When it is recorded, aware.

    Raises:
        ArrearsError: `close.does_not_reconcile`.
        InvariantError: `ledger.unbalanced`.
    """
    day = run.business_on
    before = work.last_period() if is_period_end(day) else None
    carried = carried_to(work, before, day - timedelta(days=1))
    work.end_alone()
    work.renew_cases(day)
    work.close_day(day, run.run_id, run.counts, at)
    if is_period_end(day):
        work.keep_period(period_ended(work, run, before, carried, chart))


def carried_to(work: Work, before: Period | None, until: date) -> Ledger | None:
    """The ledger of the last period with what was booked since; None: no period was closed before."""
    if before is None:
        return None
    carried = ledger_of(before.ledger)
    add_rows(carried, work.booked(before.period_end, until))
    return carried


def period_ended(
    work: Work, run: Run, before: Period | None, carried: Ledger | None, chart: Chart
) -> Period:
    """What the period's ranges and the ledger as a whole add up to.

    Args:
        work: The transaction that ends the day, in which nobody books beside it.
        run: Of the period's last day.
        before: The period before.
        carried: Its ledger, with what was booked until the day before; None: there is none.
        chart: Of the posting rules.

    Raises:
        ArrearsError: `close.does_not_reconcile` where the ranges' ledger is not the one carried
            forward: something was changed in a period that was closed.
        InvariantError: `ledger.unbalanced`.
    """
    parts = work.parts(run.run_id)
    late = work.booked_late(run.run_id, run.business_on)
    ledger: Ledger = {}
    owed: Cells = defaultdict(int)
    apart: Cells = defaultdict(int)
    for part in parts:
        add_lines(ledger, part["ledger"])
        add_cells(owed, part["owed"])
        add_cells(apart, part["apart"])
    add_rows(ledger, late)
    for row in late:
        add_late(apart, row, chart)
    _, starts = work.begun(run.run_id) or (0, ())
    if len(parts) < len(starts):
        # Some ranges were closed by a release that kept no parts: the journal is added up instead.
        ledger = {}
        add_rows(ledger, work.booked(None, run.business_on))
    elif carried is not None:
        add_rows(carried, work.booked(run.business_on - timedelta(days=1), run.business_on))
        refuse_other_ledger(carried, ledger, run.business_on)
    trial_balance_of_totals(ledger, chart)
    period = Period(
        period_end=run.business_on,
        run_id=run.run_id,
        accounts=sum(int(str(part["accounts"])) for part in parts),
        parked=sum(int(str(part["parked"])) for part in parts),
        ledger=lines_of(ledger),
        owed=lines_of_cells(owed),
        apart=lines_of_cells(apart),
        digest="",
    )
    return replace(period, digest=digest_of(period, before))


def digest_of(period: Period, before: Period | None) -> str:
    """Hex SHA-256 of a period and of the digest before it: who changes one changes all after it."""
    row = {
        "period_end": period.period_end,
        "run_id": period.run_id,
        "accounts": period.accounts,
        "parked": period.parked,
        "ledger": list(period.ledger),
        "owed": list(period.owed),
        "apart": list(period.apart),
        "before": "" if before is None else before.digest,
    }
    return hashlib.sha256(canonical_row("period", row)).hexdigest()


def first_changed(periods: Sequence[Period]) -> Period | None:
    """The first period that is not what its digest was taken of; None: all are.

    Args:
        periods: All there are, the oldest first.
    """
    for before, period in zip((None, *periods), periods, strict=False):
        if digest_of(period, before) != period.digest:
            return period
    return None


def ledger_of(lines: Iterable[Document]) -> Ledger:
    """Stored lines as totals."""
    ledger: Ledger = {}
    add_lines(ledger, lines)
    return ledger


def add_lines(ledger: Ledger, lines: object) -> None:
    """Add stored lines to totals."""
    for line in documents(lines):
        key = AccountKey(str(line["currency"]), str(line["account"]))
        add_totals(ledger, key, whole(line["debit_minor"]), whole(line["credit_minor"]))


def add_rows(ledger: Ledger, rows: Iterable[SummedRow]) -> None:
    """Add rows of the journal to totals, each to both of its accounts."""
    for row in rows:
        add_totals(ledger, AccountKey(row.currency, row.debit_account), row.amount_minor, 0)
        add_totals(ledger, AccountKey(row.currency, row.credit_account), 0, row.amount_minor)


def add_totals(ledger: Ledger, key: AccountKey, debit_minor: int, credit_minor: int) -> None:
    """Add to one ledger account."""
    held = ledger.get(key, Totals(0, 0))
    ledger[key] = Totals(held.debit_minor + debit_minor, held.credit_minor + credit_minor)


def add_cells(cells: Cells, lines: object) -> None:
    """Add stored lines to cells."""
    for line in documents(lines):
        cells[str(line["currency"]), str(line["cell"])] += whole(line["amount_minor"])


def add_late(cells: Cells, row: SummedRow, chart: Chart) -> None:
    """Add what a row of the journal does to what borrowers owe and are owed."""
    for code, sign in ((row.debit_account, 1), (row.credit_account, -1)):
        holds = chart.account(code).holds
        if holds is not None:
            cell = held_cell(holds, Component(row.component))
            more = -sign if cell == CREDIT_CELL else sign
            cells[row.currency, word_of(cell)] += more * row.amount_minor


def documents(lines: object) -> list[Document]:
    """A list of objects, as it is stored."""
    found: list[Document] = lines if isinstance(lines, list) else []
    return found


def whole(value: object) -> int:
    """A whole number, as it is stored."""
    invariant(isinstance(value, int), "period.not_whole", value=value)
    return int(str(value))


def lines_of(ledger: Mapping[AccountKey, Totals]) -> list[Document]:
    """Totals as they are stored, by currency and code."""
    return [
        {
            "currency": key.currency,
            "account": key.account,
            "debit_minor": totals.debit_minor,
            "credit_minor": totals.credit_minor,
        }
        for key, totals in sorted(ledger.items())
    ]


def lines_of_cells(cells: Cells) -> list[Document]:
    """Cells as they are stored, by currency and name; empty ones left out."""
    return [
        {"currency": code, "cell": cell, "amount_minor": amount_minor}
        for (code, cell), amount_minor in sorted(cells.items())
        if amount_minor
    ]


def refuse_other_ledger(carried: Ledger, found: Ledger, day: date) -> None:
    """Stop where the journal as a whole is not the last period's with what was booked since.

    Raises:
        ArrearsError: `close.does_not_reconcile`.
    """
    nothing = Totals(0, 0)
    differing = [
        key
        for key in sorted(carried.keys() | found.keys())
        if carried.get(key, nothing) != found.get(key, nothing)
    ]
    if not differing:
        return
    lines = [
        f"{key.account} {shown(carried.get(key, nothing), key)} {shown(found.get(key, nothing), key)}"
        f" {key.currency}"
        for key in differing[:NAMED]
    ]
    if len(differing) > NAMED:
        lines.append(f"+{len(differing) - NAMED}")
    raise ArrearsError(
        "close.does_not_reconcile",
        where=f"the close of {day}",
        expected="the ledger of the period before and what was booked since",
        got=f"other amounts in {len(differing)} (ledger account, carried, journal): {'; '.join(lines)}",
    )


def shown(totals: Totals, key: AccountKey) -> str:
    """Debits / credits as decimal strings."""
    currency = currency_of(key.currency, where="journal")
    return "/".join(format_minor(minor, currency) for minor in totals)
