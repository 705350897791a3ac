"""Trial balances and sub-ledger balances: the journal added up, by account and by borrower's row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from arrears.kernel.errors import invariant
from arrears.kernel.movement import Component
from arrears.ledger.chart import AccountType, Side
from arrears.ledger.positions import PositionKey, Positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from typing import TypeVar

    from arrears.ledger.chart import Chart, LedgerAccount
    from arrears.ledger.journal import JournalRow

    Period = TypeVar("Period", str, date)


class Totals(NamedTuple):
    """What was debited and what was credited to one account."""

    debit_minor: int  #: minor units, >= 0
    credit_minor: int  #: minor units, >= 0


class AccountKey(NamedTuple):
    """One account in one currency; amounts of two currencies are never added."""

    currency: str  #: ISO 4217
    account: str  #: code of the chart


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceLine:
    """One account of a trial balance."""

    currency: str
    account: LedgerAccount
    debit_minor: int  #: minor units, >= 0
    credit_minor: int  #: minor units, >= 0

    @property
    def balance_minor(self) -> int:
        """Debits less credits, minor units; over all lines of a currency they add up to 0."""
        return self.debit_minor - self.credit_minor

    @property
    def shown_minor(self) -> int:
        """The balance as the account usually shows it: > 0 on its normal side."""
        return self.balance_minor if self.account.normal is Side.DEBIT else -self.balance_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Accounts with any turnover, by currency and in the order of the chart."""

    lines: tuple[TrialBalanceLine, ...]

    def __post_init__(self) -> None:
        """Stop where debits are not credits, on the balance sheet or off it.

        Raises:
            InvariantError: `ledger.unbalanced`. Journal rows cannot cause it; totals from a
                damaged store can, and then the run must stop.
        """
        sums: defaultdict[tuple[str, bool], int] = defaultdict(int)
        for line in self.lines:
            is_memo = line.account.type is AccountType.MEMO
            sums[line.currency, is_memo] += line.balance_minor
        for (currency, is_memo), sum_minor in sums.items():
            invariant(
                sum_minor == 0,
                "ledger.unbalanced",
                currency=currency,
                is_memo=is_memo,
                difference_minor=sum_minor,
            )

    def balance_minor(self, account: str, currency: str) -> int:
        """Debits less credits of one account, minor units; 0 where it had no turnover."""
        return sum(
            line.balance_minor
            for line in self.lines
            if line.account.code == account and line.currency == currency
        )


def trial_balance(rows: Iterable[JournalRow], chart: Chart) -> TrialBalance:
    """Add journal rows up by account.

    Args:
        rows: Of any number of accounts and entries, in any order.
        chart: The chart that the rows name accounts of.

    Raises:
        InvariantError: `ledger.account_unknown`.
    """
    debited: defaultdict[AccountKey, int] = defaultdict(int)
    credited: defaultdict[AccountKey, int] = defaultdict(int)
    for row in rows:
        debited[AccountKey(row.currency, row.debit_account)] += row.amount_minor
        credited[AccountKey(row.currency, row.credit_account)] += row.amount_minor
    return trial_balance_of_totals(
        {key: Totals(debited[key], credited[key]) for key in {**debited, **credited}}, chart
    )


def trial_balance_of_totals(totals: Mapping[AccountKey, Totals], chart: Chart) -> TrialBalance:
    """The same from sums a store has made, for books too large to read row by row.

    Args:
        totals: Minor units debited and credited, by currency and account.
        chart: The chart that the totals name accounts of.

    Raises:
        InvariantError: `ledger.unbalanced`, `ledger.account_unknown`.
    """
    lines = [
        TrialBalanceLine(
            currency=key.currency,
            account=chart.account(key.account),
            debit_minor=sums.debit_minor,
            credit_minor=sums.credit_minor,
        )
        for key, sums in totals.items()
    ]
    lines.sort(key=lambda line: (line.currency, chart.index_of[line.account.code]))
    return TrialBalance(lines=tuple(lines))


def trial_balances_by_booking_period(
    rows: Iterable[JournalRow], chart: Chart
) -> dict[str, TrialBalance]:
    """What was booked in each calendar month, "YYYY-MM", ascending: turnover, not carried forward."""
    return _grouped(rows, chart, lambda row: f"{row.booked_on:%Y-%m}")


def trial_balances_by_value_date(
    rows: Iterable[JournalRow], chart: Chart
) -> dict[date, TrialBalance]:
    """What counts from each day, ascending, however late it was booked.

    These equal what one fresh replay of the same accounts would book; those by booking period need
    not, for they show when the lender knew.
    """
    return _grouped(rows, chart, lambda row: row.value_on)


def sub_ledger_balances(rows: Iterable[JournalRow], chart: Chart) -> Positions:
    """What one loan account's journal says is outstanding, by contract, instalment, component, stage.

    To be compared with `positions_of_movements` and with the fold's own state on a posting point:
    three ways to one answer.

    Args:
        rows: Every row of the account, in any order.
        chart: Says which accounts hold borrowers' positions.

    Raises:
        InvariantError: `ledger.account_unknown`.
    """
    outstanding_minor: defaultdict[PositionKey, int] = defaultdict(int)
    credit_minor = 0
    for row in rows:
        signed = ((row.debit_account, row.amount_minor), (row.credit_account, -row.amount_minor))
        for code, amount_minor in signed:
            holds = chart.account(code).holds
            if holds is None:
                continue
            if holds.stage is None:
                credit_minor -= amount_minor
                continue
            key = PositionKey(row.contract, row.instalment, Component(row.component), holds.stage)
            outstanding_minor[key] += amount_minor
    return Positions(
        outstanding_minor={key: minor for key, minor in outstanding_minor.items() if minor},
        credit_minor=credit_minor,
    )


def _grouped(
    rows: Iterable[JournalRow], chart: Chart, period_of: Callable[[JournalRow], Period]
) -> dict[Period, TrialBalance]:
    """One trial balance for each period that has rows, ascending."""
    groups: defaultdict[Period, list[JournalRow]] = defaultdict(list)
    for row in rows:
        groups[period_of(row)].append(row)
    return {period: trial_balance(groups[period], chart) for period in sorted(groups)}
