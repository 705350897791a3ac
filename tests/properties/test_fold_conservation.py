"""What the fold must keep, whatever happens: no negative amount, no principal made or lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from arrears.adapters.ledger_files import load_posting_rules
from arrears.kernel import movement as m
from arrears.ledger.positions import positions_of_movements
from arrears.ledger.postings import Booking, postings
from arrears.ledger.trial_balance import sub_ledger_balances
from arrears.servicing import layout as c
from auditor.profiles import steady
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, loans
from auditor.translation import folded

if TYPE_CHECKING:
    from datetime import date

    from arrears.servicing.state import Folded
    from auditor.model import Account

EVENTS = MONEY + SIMPLE + RARE + ROWS


#: Loans of both kinds of interest.
every_loan = st.booleans().flatmap(lambda is_daily: loans(is_daily=is_daily, happens=EVENTS))


@dataclass(frozen=True)
class Moved:
    """Movements with those that only value what accrued counted as posted."""

    rows: list[list[int]]

    def tolist(self) -> list[list[int]]:
        """The rows as Python integers."""
        return [[*row[: m.MV_IS_VALUATION], 0] for row in self.rows]


def moved(tables: Folded) -> Moved:
    """All that moved up to the day."""
    return Moved(tables.moves.tolist())


def owed(tables: Folded) -> list[int]:
    """What was recognised and is unpaid, by component, over all rows in force."""
    total = [0] * m.COMPONENTS
    for row in tables.work.tolist():
        if row[c.W_STATE] == c.ROW_ABSENT:
            continue
        asked = row[c.W_DUE : c.W_DUE + m.COMPONENTS]
        if not row[c.W_IS_DUE]:
            asked[m.INTEREST] = row[c.W_ACCRUED]
            asked[m.FEE] = row[c.W_FEE_CHARGED]
        for each in range(m.COMPONENTS):
            total[each] += asked[each] - row[c.W_PAID + each] - row[c.W_WAIVED + each]
    return total


@steady(60)
@given(every_loan)
def test_nothing_is_negative(case: tuple[Account, date]) -> None:
    """No row asks, was paid or was let less than nothing, nor is met by more than it asks for.

    So are credit balance, pay-off, principal, what is overdue and the ages.
    """
    account, day = case
    tables = folded(account, day)
    for row in tables.work.tolist():
        for each in range(m.COMPONENTS):
            due, paid, waived = (row[at + each] for at in (c.W_DUE, c.W_PAID, c.W_WAIVED))
            assert due >= 0
            assert paid >= 0
            assert waived >= 0
            assert due - paid - waived >= 0 or (not row[c.W_IS_DUE] and each != m.PRINCIPAL)
    whole = [int(value) for value in tables.account]
    assert whole[c.A_STATUS] == 0
    for at in (
        c.A_PRINCIPAL,
        c.A_CREDIT,
        c.A_PAYOFF,
        c.A_DAYS_PAST_DUE,
        c.A_CUT,
        c.A_LIMITED,
        c.A_CREDITED,
    ):
        assert whole[at] >= 0
    assert 0 <= whole[c.A_DAYS_DELINQUENT] <= whole[c.A_DAYS_PAST_DUE]
    assert min(whole[c.A_OVERDUE : c.A_OVERDUE + m.COMPONENTS]) >= 0


@steady(60)
@given(every_loan)
def test_principal_is_neither_made_nor_lost(case: tuple[Account, date]) -> None:
    """Principal that went out, less all that met it, is what the rows ask for; replacing makes none."""
    account, day = case
    tables = folded(account, day, posting=0)
    flows = dict.fromkeys(m.MovementKind, 0)
    for row in moved(tables).tolist():
        if row[m.MV_COMPONENT] == m.PRINCIPAL:
            flows[m.MovementKind(row[m.MV_KIND])] += row[m.MV_AMOUNT]
    went_out = (m.DISBURSED, m.CHARGED_BACK)
    met = (m.PAID, m.TAKEN_FROM_CREDIT, m.RECOVERED, m.WAIVED, m.MERCHANT_REFUNDED)
    left = sum(flows[each] for each in went_out) - sum(flows[each] for each in met)
    assert flows[m.MOVED_OUT] == flows[m.MOVED_IN]
    assert left == owed(tables)[m.PRINCIPAL] == int(tables.account[c.A_PRINCIPAL])


@steady(60)
@given(every_loan)
def test_movements_say_what_the_rows_say(case: tuple[Account, date]) -> None:
    """Component by component, movements added up are what is recognised and unpaid, and the credit."""
    account, day = case
    tables = folded(account, day, posting=0)
    positions = positions_of_movements(moved(tables))
    told = [0] * m.COMPONENTS
    for key, amount_minor in positions.outstanding_minor.items():
        told[key.component] += amount_minor
    assert told == owed(tables)
    assert positions.credit_minor == int(tables.account[c.A_CREDIT])


@steady(60)
@given(every_loan)
def test_the_ledger_holds_what_the_movements_mean(case: tuple[Account, date]) -> None:
    """All posted, the borrower's accounts hold the positions, and debits equal credits.

    A journal row moves one amount from one account to another, so the sum is zero by construction;
    what is proved is that the right accounts were touched.
    """
    account, day = case
    everything = moved(folded(account, day, posting=0))
    booking = Booking(entry_id="all", booked_on=day, currency="CNY")
    rules = load_posting_rules()
    journal = postings(everything, {}, rules=rules, booking=booking)
    assert sub_ledger_balances(journal, rules.chart) == positions_of_movements(everything)
