"""Sharing: what of a receipt each of a borrower's accounts takes on the day the money came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.refolding import read_stored
from arrears.kernel.errors import ArrearsError
from arrears.servicing.across_debts import Debt, split_receipt
from arrears.servicing.events import NEVER_LENT, OPENING
from arrears.servicing.layout import EventType
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from arrears.app.ports import Receipt, StoredAccount


def shares_of(
    receipt: Receipt,
    cash_minor: int,
    accounts: Mapping[str, StoredAccount],
    designated: Sequence[str],
) -> dict[str, int]:
    """Split cash of a receipt over a borrower's accounts by Civil Code 560, unless designated.

    Args:
        receipt: Whose value date and currency count.
        cash_minor: What is to be split of it, minor units, > 0.
        accounts: All accounts of the borrower, by id.
        designated: Accounts the payer named, first served first.

    Returns:
        Minor units by account id; their sum is the cash. What exceeds all debts becomes credit
        balance of the first designated, else of the debt first in line; where nothing is owed at
        all, of the account opened last. Empty where no account can take cash on that day.

    Raises:
        ArrearsError: `account.unknown` for a designated one, `event.other_currency`.
    """
    for name in designated:
        if name not in accounts:
            raise ArrearsError(
                "account.unknown",
                where="designated",
                expected=f"one of {', '.join(sorted(accounts)) or 'no account'}",
                got=name,
            )
    currencies = [accounts[name].currency for name in designated or accounts]
    if currencies and receipt.currency not in currencies:
        raise ArrearsError(
            "event.other_currency", where="currency", expected=currencies[0], got=receipt.currency
        )
    takers = [
        each
        for each in accounts.values()
        if each.currency == receipt.currency and takes_cash(each, receipt.value_on)
    ]
    debts = [debt for each in takers if (debt := debt_of(each, receipt.value_on)) is not None]
    if debts:
        owing = {debt.account_id for debt in debts}
        return split_receipt(cash_minor, debts, [name for name in designated if name in owing])
    named = [each for name in designated for each in takers if each.account_id == name]
    latest = sorted(takers, key=lambda each: (each.opened_on, each.account_id))[-1:]
    return {home.account_id: cash_minor for home in (named or latest)[:1]}


def takes_cash(account: StoredAccount, on: date) -> bool:
    """Whether a receipt of a day can stand in the account's history at all."""
    _, events = read_stored(account)
    if any(event.type in NEVER_LENT for event in events):
        return True
    lent = [event.value_on for event in events if event.type in OPENING]
    taken = [event.value_on for event in events if event.type is EventType.TAKEN_OVER]
    return bool(lent) and on >= max([min(lent), *taken])


def debt_of(account: StoredAccount, on: date) -> Debt | None:
    """An account as a debt on a day; None where nothing is owed."""
    contract, events = read_stored(account)
    state = fold_contract(contract, events, on)
    if state.payoff_minor == 0:
        return None
    due = [row for row in state.rows if row.is_due and any(row.outstanding_minor)]
    dates = [row.due_on for row in due if row.due_on]
    is_late = state.days_past_due > 0
    return Debt(
        account_id=account.account_id,
        due_minor=min(sum(sum(row.outstanding_minor) for row in due), state.payoff_minor),
        payoff_minor=state.payoff_minor,
        burden_ppm=contract.penalty.rate_ppm if is_late else contract.terms.annual_rate_ppm,
        due_on=min(dates, default=state.next_due_on or on),
    )
