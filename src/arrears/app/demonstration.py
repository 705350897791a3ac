"""The demonstration: borrowers borrow, buy and pay a day at a time; each night the day is closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arrears.app.booking import Command, book_request
from arrears.app.closing import close_day
from arrears.app.portfolio import (
    PAYS_MINIMUM,
    DemoLine,
    DemoLoan,
    demo_line,
    demo_loan,
    payment_of,
    payments,
    purchases,
)
from arrears.app.portfolio_products import PRODUCTS
from arrears.app.posting import post
from arrears.app.products import add_product
from arrears.kernel.money import Currency
from arrears.servicing.contract import read_contract
from arrears.servicing.schedule import solve_schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from arrears.app.ports import Document, Store
    from arrears.app.refolding import Frame
    from arrears.app.running import Clock

YUAN = Currency("CNY", 2)


@dataclass(slots=True, kw_only=True)
class Demonstration:
    """A made-up portfolio as its months go by; the same every time."""

    store: Store
    frame: Frame
    clock: Clock
    loans: list[DemoLoan]
    lines: list[DemoLine]
    events: dict[date, list[tuple[str, Document]]] = field(default_factory=dict)
    payments: int = 0
    purchases: int = 0
    statements: int = 0

    def a_revolving_line(self) -> str | None:
        """The first line whose holder pays the minimum; None: there is none."""
        return next((each.account_id for each in self.lines if each.habit < PAYS_MINIMUM), None)

    def plan(self, day: date, account_id: str, event: Document) -> None:
        """Let something happen to an account on a day to come."""
        self.events.setdefault(day, []).append((account_id, event))

    def live(self, day: date) -> None:
        """Live through a day: what is opened, bought and paid on it, then its close."""
        for loan in (each for each in self.loans if each.opened_on == day):
            first: Document = {
                "id": "D1",
                "on": day.isoformat(),
                "type": "disbursed",
                "amount": loan.amount,
            }
            self.book(loan, [first])
        for line in (each for each in self.lines if each.opened_on == day):
            self.book(line, [])
        for account_id, event in self.events.pop(day, []):
            self.post(account_id, event)
        self.statements += close_day(self.store, day, self.frame, clock=self.clock).statements
        self.answer_statements(day)

    def book(self, account: DemoLoan | DemoLine, events: list[Document]) -> None:
        """Take an account into the book, under its product."""
        body: Document = {
            "account_id": account.account_id,
            "borrower_id": account.borrower_id,
            "product": account.product,
            "contract": account.choices,
            "events": events,
        }
        command = Command(caller="demo", command="book", key=account.account_id, body=body)
        book_request(self.store, command, recorded_at=self.clock(), frame=self.frame)

    def post(self, account_id: str, event: Document) -> None:
        """Post what happens to an account."""
        body: Document = {"account_id": account_id, "event": event}
        key = f"{account_id}/{event['id']}"
        command = Command(caller="demo", command="post", key=key, body=body)
        post(self.store, command, recorded_at=self.clock(), frame=self.frame)
        if event["type"] == "repaid":
            self.payments += 1
        else:
            self.purchases += 1

    def answer_statements(self, day: date) -> None:
        """Let holders of lines pay as they do, now that they have been told what is asked for."""
        holders = {each.account_id: each for each in self.lines}
        with self.store.unit_of_work() as work:
            told = work.messages("statement", day.isoformat())
        for account_id, statement in told:
            paid = payment_of(holders[account_id], statement, YUAN)
            if paid is not None:
                self.plan(paid[0], account_id, paid[1])


def prepare(
    store: Store, frame: Frame, clock: Clock, *, loans: int, lines: int, begin: date, end: date
) -> Demonstration:
    """Offer the products, and make a portfolio whose borrowers know when they will pay, and what they will buy."""
    made = Demonstration(
        store=store,
        frame=frame,
        clock=clock,
        loans=[demo_loan(number, begin) for number in range(1, loans + 1)],
        lines=[demo_line(number, begin) for number in range(1, lines + 1)],
    )
    for code, product in PRODUCTS.items():
        command = Command(caller="demo", command="product", key=code, body=product)
        add_product(store, command, recorded_at=clock(), frame=frame)
    for loan in made.loans:
        rows = solve_schedule(read_contract(loan.contract).terms)
        for day, events in payments(loan, rows, YUAN).items():
            for event in events:
                made.plan(day, loan.account_id, event)
    for line in made.lines:
        for day, events in purchases(line, end).items():
            for event in events:
                made.plan(day, line.account_id, event)
    return made


def live_through(
    made: Demonstration, begin: date, end: date, on_day: Callable[[date], None]
) -> None:
    """Live through all days from the first to the last."""
    day = begin
    while day <= end:
        made.live(day)
        on_day(day)
        day += timedelta(days=1)
