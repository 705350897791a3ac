"""A valued book: each account as the fold of it alone says, and as the ledger would hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel import movement as m
from arrears.kernel.dates import days_of
from arrears.ledger.positions import positions_of_movements
from arrears.servicing.book import book_of
from arrears.servicing.fold_book import fold_book
from arrears.servicing.state import ALL_KNOWN, state_of
from arrears.servicing.valuing import STATUSES, Valued, value_book
from auditor.profiles import steady
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, loans
from auditor.strategies_line import revolving_lines
from auditor.strategies_opening import taken_over
from auditor.translation import folded

if TYPE_CHECKING:
    from datetime import date

    from arrears.servicing.state import Folded
    from auditor.model import Account

EVENTS = MONEY + SIMPLE + RARE + ROWS
accounts = st.one_of(
    loans(is_daily=False, happens=EVENTS),
    loans(is_daily=True, happens=EVENTS),
    revolving_lines(),
    taken_over(),
)


@dataclass(frozen=True)
class Moved:
    """Movements with those that only value what gathered counted as posted."""

    rows: list[list[int]]

    def tolist(self) -> list[list[int]]:
        """The rows as Python integers."""
        return [[*row[: m.MV_IS_VALUATION], 0] for row in self.rows]


def valued(tables: list[Folded], day: date) -> Valued:
    """The accounts as one book, valued."""
    book = book_of([each.columns for each in tables])
    return value_book(book, days_of(day), ALL_KNOWN, fold_book=fold_book)


@steady(40)
@given(st.lists(accounts, min_size=1, max_size=3))
def test_a_valued_book_is_what_the_ledger_would_hold(cases: list[tuple[Account, date]]) -> None:
    """What an account owes by component is what its movements add up to, those to come included.

    Pay-off, ages, credit balance and status are those of a fold of the account alone, whoever
    stands beside it in the book.
    """
    day = max(day for _, day in cases)
    tables = [folded(account, day, posting=0) for account, _ in cases]
    found = valued(tables, day)
    for at, each in enumerate(tables):
        totals = positions_of_movements(Moved(each.moves.tolist())).totals_minor()
        owed = [
            sum(minor for (component, _), minor in totals.items() if component == part)
            for part in range(m.COMPONENTS)
        ]
        state = state_of(each, day)
        assert found.owed_minor[at].tolist() == owed
        assert found.payoff_minor[at] == state.payoff_minor
        assert found.credit_minor[at] == state.credit_balance_minor
        assert found.overdue_minor[at] == sum(state.overdue_minor)
        assert found.days_past_due[at] == state.days_past_due
        assert found.days_delinquent[at] == state.days_delinquent
        assert bool(found.is_non_accrual[at]) == state.is_non_accrual
        assert STATUSES[found.status[at]] is state.status
        assert found.broken[at] == 0
