"""A receipt that names a borrower but no loan: split over the accounts, posted in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arrears.app.booking import once, open_day
from arrears.app.posting import checked_event
from arrears.app.refolding import read_stored, refold
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import currency_of, format_minor, parse_minor
from arrears.servicing.across_debts import Debt, split_receipt
from arrears.servicing.state import AccountStatus, fold_contract

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Store, StoredAccount
    from arrears.app.refolding import Frame


def debt_of(account: StoredAccount, on: date) -> Debt | None:
    """An account as a debt on a day; None where nothing is owed."""
    contract, events = read_stored(account)
    state = fold_contract(contract, events, on)
    if state.status is AccountStatus.NEVER_DISBURSED or state.payoff_minor == 0:
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


def receive(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Split a receipt over a borrower's accounts by Civil Code 560 and post the parts together.

    Args:
        store: Where the books are kept.
        command: body = {"receipt_id", "borrower_id", "amount", "on", "currency"?, "designated"?}.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"receipt_id", "parts": {account id: amount}, "outcome"}.

    Raises:
        ArrearsError: `receipt.nothing_owed`, `account.unknown`; nothing is written.
    """
    body = command.body
    receipt_id = str(body["receipt_id"])
    currency = currency_of(str(body.get("currency", "CNY")), where="currency")
    cash = parse_minor(str(body["amount"]), currency, where="amount")
    on = parse_date(str(body["on"]), where="on")
    named = body.get("designated") or []
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        accounts = {
            each.account_id: each for each in work.lock_of_borrower(str(body["borrower_id"]))
        }
        debts = [debt for each in accounts.values() if (debt := debt_of(each, on)) is not None]
        designated = [str(name) for name in named] if isinstance(named, list) else []
        check(debts, designated, receipt_id)
        parts = split_receipt(cash, debts, designated)
        changes = []
        outcome = "recorded"
        for number, (name, part) in enumerate(parts.items(), start=1):
            account = accounts[name]
            given = {
                "id": f"{receipt_id}/{number}",
                "on": on.isoformat(),
                "type": "repaid",
                "amount": format_minor(part, currency),
            }
            event = checked_event(account, given, recorded_at)
            source = ("receipt", f"{receipt_id}/{number}")
            if not work.add_event(account, event, recorded_at, source=source):
                outcome = "already_recorded"
                continue
            journal = work.posted([(account.slot, name)]).get(name, [])
            renewed = replace(account, events=(*account.events, event))
            day = open_day(work, account.opened_on)
            changes.append(refold(renewed, journal, max(day, account.opened_on), frame))
        work.write(changes)
        told = {name: format_minor(part, currency) for name, part in parts.items()}
        answer: Document = {"receipt_id": receipt_id, "parts": told, "outcome": outcome}
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer


def check(debts: list[Debt], designated: list[str], receipt_id: str) -> None:
    """Refuse a receipt that finds no debt, or names one that is not there.

    Raises:
        ArrearsError: `receipt.nothing_owed`, `account.unknown`.
    """
    if not debts:
        raise ArrearsError(
            "receipt.nothing_owed",
            where=f"receipt {receipt_id}",
            expected="a borrower who owes something",
            got="none of the borrower's accounts owes",
        )
    known = {debt.account_id for debt in debts}
    for name in designated:
        if name not in known:
            raise ArrearsError(
                "account.unknown",
                where="designated",
                expected=f"one of {', '.join(sorted(known))}",
                got=name,
            )
