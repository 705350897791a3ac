"""A range at a period end: its journal beside what the folds say, and a refusal that names who differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import currency_of, format_minor
from arrears.kernel.movement import Component, Stage
from arrears.ledger.reconciling import (
    CELLS,
    CREDIT_CELL,
    STAGES,
    Columns,
    JournalSums,
    accounts_of_cell,
    cells_of_chart,
    differences,
    held_minor,
    ledger_totals,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.app.batch import BatchChange, Mask
    from arrears.app.ports import AccountChange, Document, Work
    from arrears.app.ports_periods import SummedJournal
    from arrears.ledger.chart import Chart
    from arrears.ledger.reconciling import Differences, LedgerTotals

#: How many differences an error spells out.
NAMED = 10
#: Slot, account id and currency.
Key = tuple[int, str, str]


@dataclass(slots=True)
class Owed:
    """What folds say is owed, account by account, gathered while a range is closed."""

    keys: list[Key] = field(default_factory=list)
    tables: list[Columns] = field(default_factory=list)  #: int64[n, CELLS], in the order of `keys`

    def add(self, changes: Sequence[AccountChange]) -> None:
        """Take in accounts folded one by one, and written."""
        for change in changes:
            account = change.account
            self.keys.append((account.slot, account.account_id, account.currency))
        self.tables.append(
            np.array([each.owed_minor for each in changes], dtype=np.int64).reshape(-1, CELLS)
        )

    def add_batch(self, change: BatchChange, missed: Sequence[int]) -> None:
        """Take in accounts folded in columns, those apart that were not written."""
        batch = change.batch
        written = ~np.isin(change.of, missed)
        for at in change.of[written].tolist():
            self.keys.append((int(batch.slots[at]), batch.account_ids[at], batch.currencies[at]))
        self.tables.append(change.owed_minor[written])


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeBooks:
    """A range's journal beside what its folds say; each table has one row a key, the same order."""

    keys: Sequence[Key]
    expected_minor: Columns  #: int64[n, CELLS], minor units; nothing where nobody was folded
    held: Columns  #: int64[n, CELLS], what the journal holds of what was booked up to the day
    is_folded: Mask
    is_parked: Mask  #: set aside: nobody can say what is owed
    summed: SummedJournal

    def strays(self) -> list[tuple[int, str]]:
        """Slot and id of accounts that the journal holds something for, and nobody has folded."""
        unknown = self.held.any(axis=1) & ~self.is_folded & ~self.is_parked
        keys = [self.keys[at][:2] for at in np.flatnonzero(unknown).tolist()]
        return sorted({key for key in keys if key[1]})


def read_books(work: Work, slots: range, day: date, chart: Chart, owed: Owed) -> RangeBooks:
    """Add the journal of a range up, what this transaction wrote included, beside what is owed.

    Raises:
        InvariantError: `ledger.account_unknown`, `ledger.overflow`.
    """
    summed = work.summed_journal(slots, day, chart)
    places = {key: at for at, key in enumerate(summed.keys)}
    for key in owed.keys:
        places.setdefault(key, len(places))
    at = np.array([places[key] for key in owed.keys], dtype=np.int64)
    expected = np.zeros((len(places), CELLS), dtype=np.int64)
    expected[at] = np.concatenate([np.zeros((0, CELLS), dtype=np.int64), *owed.tables])
    parked = work.parked_ids()
    return RangeBooks(
        keys=tuple(places),
        expected_minor=expected,
        held=held_minor(summed.sums, len(places), cells_of_chart(chart)),
        is_folded=np.isin(np.arange(len(places)), at),
        is_parked=np.array([key[1] in parked for key in places], dtype=np.bool_),
        summed=summed,
    )


def part_of(books: RangeBooks, chart: Chart) -> Document:
    """What a range adds up to, as it is kept until its period is closed.

    Returns:
        {"accounts", "parked", "ledger", "owed", "apart"} as `Period` has them; `apart` is what the
        journal holds of parked accounts.

    Raises:
        InvariantError: `ledger.overflow`.
    """
    sums, is_beside = books.summed.sums, books.is_parked & ~books.is_folded
    ledger: list[Document] = []
    owed: list[Document] = []
    apart: list[Document] = []
    for code in sorted({key[2] for key in books.keys}):
        of_code = np.array([key[2] == code for key in books.keys])
        totals = ledger_totals(picked(sums, of_code[sums.account]), len(chart.accounts))
        ledger += ledger_lines(code, totals, chart)
        owed += cell_lines(code, exact_sums(books.expected_minor[of_code]))
        apart += cell_lines(code, exact_sums(books.held[of_code & is_beside]))
    return {
        "accounts": int(books.is_folded.sum()),
        "parked": int(is_beside.sum()),
        "ledger": ledger,
        "owed": owed,
        "apart": apart,
    }


def picked(sums: JournalSums, rows: Mask) -> JournalSums:
    """Some of the sums."""
    return JournalSums(
        account=sums.account[rows],
        component=sums.component[rows],
        debit=sums.debit[rows],
        credit=sums.credit[rows],
        amount_minor=sums.amount_minor[rows],
    )


def exact_sums(table: Columns) -> list[int]:
    """The sum of each column, which no number of accounts makes overflow."""
    sums: list[int] = table.astype(object).sum(axis=0).tolist() if len(table) else [0] * CELLS
    return sums


def ledger_lines(code: str, totals: LedgerTotals, chart: Chart) -> list[Document]:
    """Ledger accounts with any turnover."""
    amounts = zip(totals.debit_minor.tolist(), totals.credit_minor.tolist(), strict=True)
    return [
        {
            "currency": code,
            "account": account.code,
            "debit_minor": debit_minor,
            "credit_minor": credit_minor,
        }
        for account, (debit_minor, credit_minor) in zip(chart.accounts, amounts, strict=True)
        if debit_minor or credit_minor
    ]


def cell_lines(code: str, amounts_minor: Sequence[int]) -> list[Document]:
    """Cells with anything in them."""
    return [
        {"currency": code, "cell": word_of(cell), "amount_minor": amount_minor}
        for cell, amount_minor in enumerate(amounts_minor)
        if amount_minor
    ]


def refuse_differences(books: RangeBooks, day: date, chart: Chart) -> None:
    """Stop where any account's journal holds something else than its fold says.

    Who was not folded, and rows of no account, may hold nothing; the parked are passed over.

    Raises:
        ArrearsError: `close.does_not_reconcile`, naming the first accounts and how many more.
    """
    compared = np.flatnonzero(~books.is_parked)
    found = differences(books.expected_minor[compared], books.held[compared])
    if not len(found.account):
        return
    keys = [books.keys[at] for at in compared.tolist()]
    accounts = len(set(found.account.tolist()))
    lines = [line_of(found, at, keys, chart) for at in range(min(NAMED, len(found.account)))]
    if len(found.account) > NAMED:
        lines.append(f"+{len(found.account) - NAMED}")
    raise ArrearsError(
        "close.does_not_reconcile",
        where=f"the close of {day}",
        expected="a journal that holds what the fold says, account by account",
        got=f"other amounts in {accounts} (account, ledger account, fold, journal): {'; '.join(lines)}",
    )


def line_of(found: Differences, at: int, keys: Sequence[Key], chart: Chart) -> str:
    """One difference: the account, the ledger accounts, what the fold says and the journal holds."""
    _, account_id, code = keys[found.account[at]]
    currency = currency_of(code, where="journal")
    cell = int(found.cell[at])
    expected, held = (
        format_minor(int(minor[at]), currency) for minor in (found.expected_minor, found.held_minor)
    )
    names = " + ".join(accounts_of_cell(chart, cell))
    return f"{account_id or '-'} {names} {word_of(cell)} {expected} {held} {code}"


def word_of(cell: int) -> str:
    """A cell in words, such as `penalty.non_accrual`."""
    if cell == CREDIT_CELL:
        return "credit"
    component, stage = divmod(cell, STAGES)
    return f"{Component(component).name.lower()}.{Stage(stage).name.lower()}"
