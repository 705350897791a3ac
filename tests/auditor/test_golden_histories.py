"""Ten published histories of late and early repayment, lived through by the auditor alone, to the cent.

Daily interest at 7 %, 30/360, six monthly rows of a loan of 100.00; contract interest goes on after a
due date (`adds` without an uplift). A published schedule shows rows to come as if all that is overdue
were paid that day and every later row on its due date; so the auditor lives on to that end.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auditor.auditor import audit
from auditor.model import COMPOUND, FEE, INTEREST, PENALTY, PRINCIPAL, Account, Event, Terms
from auditor.story import order, percent, row, told

PATH = Path(__file__).parents[2].parent / "shared" / "vectors" / "histories.jsonl"
NAMES = (
    "C3226", "C3230", "C3234", "C3248", "C3250", "C3213", "C3251", "C3253", "C3255", "C3258",
)  # fmt: skip
TERMS = Terms(
    day_count="30/360",
    is_daily=True,
    rate=percent("7"),
    penalty_mode="adds",
    orders=order(COMPOUND, PENALTY, FEE, PRINCIPAL, INTEREST),
)
PREPAYING = Terms(
    day_count="30/360",
    is_daily=True,
    rate=percent("7"),
    penalty_mode="adds",
    orders=order(COMPOUND, PENALTY, FEE, INTEREST, PRINCIPAL),
)


def cents(text: str) -> int:
    """A published amount."""
    return int((Decimal(text) * 100).to_integral_value())


def history(name: str) -> dict[str, Any]:
    """One published history."""
    if not PATH.exists():
        pytest.skip("../shared/vectors is absent: no published history was lived through")
    for line in PATH.read_text(encoding="utf-8").splitlines():
        found: dict[str, Any] = json.loads(line)
        if found["id"] == name:
            return found
    raise AssertionError(name)


def schedules(told: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The published schedules, without the line of the disbursement."""
    return [
        [each for each in step["rows"] if each["principal"] is not None]
        for step in told["steps"]
        if step["op"] == "expect_schedule"
    ]


def opening(published: list[dict[str, Any]], start: date) -> Event:
    """The loan goes out with the rows first published."""
    rows = []
    at = start
    for number, each in enumerate(published, start=1):
        due = date.fromisoformat(each["date"])
        rows.append(row(number, at, due, cents(each["principal"]), cents(each["interest"])))
        at = due
    return Event(name="lent", on=start, type="disbursed", amount=100_00, rows=tuple(rows))


def paid(account: Account, on: date, amount: int) -> Account:
    """The account after another repayment."""
    event = Event(
        name=f"paid {len(account.events):02d}",
        on=on,
        type="repaid",
        amount=amount,
        seq=len(account.events),
    )
    return Account(terms=account.terms, events=(*account.events, event)) if amount else account


def lived_on(account: Account, today: date, dues: list[date]) -> Account:
    """What is overdue is paid today, and every later row on its due date."""
    account = paid(account, today, sum(audit(account, today).overdue))
    for due in dues:
        if due >= today:
            asked = sum(
                sum(line.due) - sum(line.paid) for line in audit(account, due).lines if line.is_due
            )
            account = paid(account, due, asked)
    return account


def schedule(account: Account, today: date, dues: list[date]) -> list[tuple[int, int, int]]:
    """Principal and interest of every row in the end, and what was paid of it by today."""
    end = audit(lived_on(account, today, dues), max(*dues, today)).lines
    now = told(account, today).lines
    return [
        (after.due[PRINCIPAL], after.due[INTEREST], sum(before.paid))
        for after, before in zip(end, now, strict=True)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_published_history_of_late_or_early_repayment(name: str) -> None:
    """Principal, interest and paid of every row of every published schedule."""
    given = history(name)
    wanted = schedules(given)
    terms = PREPAYING if "PMT_ALLOC_1" in given["product"] else TERMS
    dues = [date.fromisoformat(each["date"]) for each in wanted[0]]
    account = Account(terms=terms, events=())
    today = date(2024, 1, 1)
    for step in given["steps"]:
        if step["op"] == "set_date":
            today = date.fromisoformat(step["date"])
        elif step["op"] == "disburse":
            account = Account(terms=terms, events=(opening(wanted[0], today),))
        elif step["op"] == "txn":
            account = paid(account, today, cents(step["amount"]))
        elif step["op"] == "payoff":
            account = paid(account, today, audit(account, today).payoff)
        elif step["op"] == "expect_schedule" and account.events:
            expected = [
                (cents(each["principal"]), cents(each["interest"]), cents(each["paid"]))
                for each in wanted.pop(0)
            ]
            got = schedule(account, today, dues)
            assert got == expected
