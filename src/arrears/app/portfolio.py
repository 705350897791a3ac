"""A small portfolio for the demonstration: the same every time, with every way of paying."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arrears.app.portfolio_products import FEE_LOAN, LINE, LOAN, whole_contract
from arrears.kernel.ids import digest_of
from arrears.kernel.money import format_minor

if TYPE_CHECKING:
    from arrears.app.ports import Document
    from arrears.kernel.money import Currency
    from arrears.servicing.schedule import Instalment

#: Of a hundred borrowers: the number below which they behave so.
PAYS_LATE, PAYS_PARTLY, STOPS_EARLY, NEVER_PAYS = 12, 18, 26, 30
#: The same of a hundred holders of a line; whoever is above pays the whole statement.
PAYS_MINIMUM, PAYS_MINIMUM_LATE, STOPS_PAYING = 25, 35, 45
MONTH_DAYS = 30
METHODS = ("equal_instalment", "equal_principal", "interest_only", "fee_instalment")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLoan:
    """One loan to be booked, and how its borrower will pay."""

    account_id: str
    borrower_id: str
    opened_on: date
    product: str
    choices: Document  #: in the shape of a contract: what the product leaves open
    habit: int  #: 0 to 99
    amount: str

    @property
    def contract(self) -> Document:
        """The whole contract, as it is before policy adds to it."""
        return whole_contract(self.product, self.choices)


def chance(name: str, what: str, below: int) -> int:
    """A number below `below` that depends on the name and the question alone."""
    return int(digest_of(f"{name}/{what}")[:12], 16) % below


def demo_loan(number: int, begin: date) -> DemoLoan:
    """The loan of a number."""
    name = f"L-{number:04d}"
    amount = f"{(20 + chance(name, 'amount', 180)) * 100}.00"
    method = METHODS[chance(name, "method", len(METHODS))]
    opened_on = begin + timedelta(days=chance(name, "day", 45))
    terms: Document = {
        "principal": amount,
        "disbursed_on": opened_on.isoformat(),
        "instalments": (3, 6, 12)[chance(name, "term", 3)],
    }
    choices: Document = {"terms": terms}
    product = FEE_LOAN if method == "fee_instalment" else LOAN
    if product == LOAN:
        terms["method"] = method
        terms["annual_rate"] = ("0.1095", "0.146", "0.1825")[chance(name, "rate", 3)]
        is_daily = method == "equal_instalment" and number % 3 == 0
        choices["accrual"] = "daily" if is_daily else "scheduled"
    return DemoLoan(
        account_id=name,
        borrower_id=f"B-{number:04d}",
        opened_on=opened_on,
        product=product,
        choices=choices,
        habit=chance(name, "habit", 100),
        amount=amount,
    )


def payments(
    loan: DemoLoan, rows: tuple[Instalment, ...], currency: Currency
) -> dict[date, list[Document]]:
    """What the borrower pays and when, as events by day."""
    made: dict[date, list[Document]] = {}
    for row in rows:
        if row.due_on == loan.opened_on or STOPS_EARLY <= loan.habit < NEVER_PAYS:
            continue
        if PAYS_PARTLY <= loan.habit < STOPS_EARLY and row.number > 1:
            break
        late = chance(loan.account_id, f"late{row.number}", 25) + 1 if loan.habit < PAYS_LATE else 0
        amount = row.total_minor
        if PAYS_LATE <= loan.habit < PAYS_PARTLY:
            amount = amount * 6 // 10
        event: Document = {
            "id": f"P{row.number}",
            "on": (row.due_on + timedelta(days=late)).isoformat(),
            "type": "repaid",
            "amount": format_minor(amount, currency),
        }
        made.setdefault(row.due_on + timedelta(days=late), []).append(event)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLine:
    """One revolving line to be booked, and how its holder will pay."""

    account_id: str
    borrower_id: str
    opened_on: date
    product: str
    choices: Document  #: in the shape of a contract: what the product leaves open
    habit: int  #: 0 to 99


def demo_line(number: int, begin: date) -> DemoLine:
    """The line of a number; its holder may have a loan too."""
    name = f"H-{number:04d}"
    opened_on = begin + timedelta(days=chance(name, "day", 45))
    limit = f"{(50 + chance(name, 'limit', 50)) * 100}.00"
    choices: Document = {
        "terms": {"principal": limit, "disbursed_on": opened_on.isoformat()},
        "line": {"limit": limit, "due_day": (8, 9, 10)[chance(name, "due", 3)]},
    }
    return DemoLine(
        account_id=name,
        borrower_id=f"B-{number:04d}",
        opened_on=opened_on,
        product=LINE,
        choices=choices,
        habit=chance(name, "habit", 100),
    )


def purchases(line: DemoLine, end: date) -> dict[date, list[Document]]:
    """What the holder buys until a day, as events by day: twice a month, until payments stop."""
    made: dict[date, list[Document]] = {}
    most = (
        MONTH_DAYS
        if PAYS_MINIMUM_LATE <= line.habit < STOPS_PAYING
        else (end - line.opened_on).days
    )
    for number in range(1, 2 * most // MONTH_DAYS + 1):
        name = f"{line.account_id}/buys{number}"
        half = MONTH_DAYS // 2
        day = line.opened_on + timedelta(days=half * (number - 1) + chance(name, "day", half))
        amount = f"{20 + chance(name, 'amount', 280)}.{chance(name, 'fen', 100):02d}"
        made.setdefault(day, []).append(
            {"id": f"B{number}", "on": day.isoformat(), "type": "purchased", "amount": amount}
        )
    return made


def payment_of(
    line: DemoLine, statement: Document, currency: Currency
) -> tuple[date, Document] | None:
    """What the holder pays on a statement, and when; None: nothing.

    Args:
        line: With its holder's habit.
        statement: What the close told: due date, total and minimum in minor units.
        currency: Of the line.
    """
    due_on = date.fromisoformat(str(statement["due_on"]))
    if PAYS_MINIMUM_LATE <= line.habit < STOPS_PAYING:
        return None
    name = f"{line.account_id}/{due_on}"
    is_late = PAYS_MINIMUM <= line.habit < PAYS_MINIMUM_LATE
    day = due_on + timedelta(days=1 + chance(name, "late", 12) if is_late else 0)
    asked = "minimum_minor" if line.habit < PAYS_MINIMUM_LATE else "total_minor"
    event: Document = {
        "id": f"R{due_on.isoformat()}",
        "on": day.isoformat(),
        "type": "repaid",
        "amount": format_minor(int(str(statement[asked])), currency),
    }
    return day, event
