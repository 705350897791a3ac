"""The books reconcile at every period end: journals of whole lives beside the tables of their folds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arrears.adapters.ledger_files import load_posting_rules
from arrears.app.running import is_period_end
from arrears.kernel import movement as m
from arrears.kernel.dates import days_of
from arrears.ledger.postings_columnar import (
    JC_ACCOUNT,
    JC_AMOUNT,
    keyed_amounts,
    postings_columns,
    rule_table,
)
from arrears.ledger.reconciling import (
    accounts_of_cell,
    cells_of_chart,
    differences,
    held_minor,
    ledger_totals,
    sums_of_journal,
)
from arrears.servicing.book import FoldedBook, book_of, fold_all
from arrears.servicing.door import columns_of
from arrears.servicing.fold_book import fold_book
from arrears.servicing.in_books import owed_by_cell
from arrears.servicing.state import ALL_KNOWN
from auditor.profiles import steady
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, loans
from auditor.strategies_line import revolving_lines
from auditor.strategies_opening import taken_over
from auditor.translation import contract_of, event_of

if TYPE_CHECKING:
    from arrears.servicing.tables import Array
    from auditor.model import Account

EVENTS = MONEY + SIMPLE + RARE + ROWS
accounts = st.one_of(
    loans(happens=EVENTS), loans(is_daily=True, happens=EVENTS), revolving_lines(), taken_over()
)
books = st.lists(accounts, min_size=1, max_size=3)

RULES = load_posting_rules()
TABLE = rule_table(RULES)
CHART_CELLS = cells_of_chart(RULES.chart)


def period_end_from(day: date) -> date:
    """The last day of the month."""
    while not is_period_end(day):
        day += timedelta(days=1)
    return day


def closed(cases: list[tuple[Account, date]]) -> tuple[FoldedBook, Array, Array]:
    """A book folded to the month's end after the latest day asked for; its journal; who may be posted."""
    book = book_of(
        [
            columns_of(
                contract_of(account.terms),
                [event_of(each, account.terms) for each in account.events],
            )
            for account, _ in cases
        ]
    )
    day = days_of(period_end_from(max(day for _, day in cases)))
    folded = fold_all(book, day, ALL_KNOWN, posting=1, fold_book=fold_book)
    owner = np.repeat(np.arange(len(book)), np.diff(folded.move_offsets))
    nothing = keyed_amounts(owner[:0], folded.moves[:0])
    posted = postings_columns(keyed_amounts(owner, folded.moves), nothing, TABLE)
    return folded, posted.journal, np.setdiff1d(np.arange(len(book)), posted.refused)


def owed(folded: FoldedBook) -> Array:
    """What the fold's tables say."""
    return owed_by_cell(folded.work, folded.book.row_offsets, folded.accounts)


@steady(60)
@given(books)
def test_every_account_reconciles_at_a_period_end(cases: list[tuple[Account, date]]) -> None:
    """All posted to the month's end, each account's journal holds what the fold's tables say.

    By component and stage, in non-accrual and after a charge-off too, with credit balances, replaced
    rows and what a line has not billed. Nothing that gathered is left unposted, and debits are credits.
    """
    folded, journal, whole = closed(cases)
    assert not folded.moves[:, m.MV_IS_VALUATION].any()
    held = held_minor(sums_of_journal(journal), len(cases), CHART_CELLS)
    assert len(differences(owed(folded)[whole], held[whole]).account) == 0
    totals = ledger_totals(sums_of_journal(journal), len(RULES.chart.accounts))
    assert totals.debit_minor.sum() == totals.credit_minor.sum() == journal[:, JC_AMOUNT].sum()


@steady(40)
@given(books, st.integers(0, 10_000), st.sampled_from((-1, 1, 1_000)))
def test_an_amount_changed_names_its_account(
    cases: list[tuple[Account, date]], choice: int, change: int
) -> None:
    """One row of the journal altered: where it touches what a borrower owes, that account is named.

    With it which ledger account, what the fold expects there and what the journal holds.
    """
    folded, journal, whole = closed(cases)
    rows = np.flatnonzero(np.isin(journal[:, JC_ACCOUNT], whole))
    if len(rows) == 0:
        return
    at = rows[choice % len(rows)]
    journal[at, JC_AMOUNT] += change
    sums = sums_of_journal(journal)
    cells = {
        int(CHART_CELLS[side[at], sums.component[at]]) for side in (sums.debit, sums.credit)
    } - {-1}
    found = differences(owed(folded)[whole], held_minor(sums, len(cases), CHART_CELLS)[whole])
    assert set(found.cell.tolist()) == cells
    assert {int(whole[each]) for each in found.account} == (
        {int(journal[at, JC_ACCOUNT])} if cells else set()
    )
    assert (abs(found.held_minor - found.expected_minor) == abs(change)).all()


def test_a_cell_is_named_by_the_accounts_that_hold_it() -> None:
    """Principal not overdue stands on one account; charges of every kind share one off the balance sheet."""
    assert accounts_of_cell(RULES.chart, 0) == ("loans_normal",)
    assert accounts_of_cell(RULES.chart, m.PENALTY * 4 + m.NON_ACCRUAL) == ("off_balance_charges",)
