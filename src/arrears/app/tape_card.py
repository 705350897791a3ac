"""The `uci-card` layout: six months of a card as statements, purchases and payments of a line.

The tape has, from April to September 2005, what was billed and what was paid in each month, and a
status code. A bill of month m closes on the 25th and is due on the 15th of the month after; the
payment of a month is dated on its due day. Bills hold their interest already, so the line's rate is
0; what was bought is what the bill exceeds the unpaid rest by.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from arrears.app.tape_row import Row, needed, refuse_beyond, whole, whole_up
from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import COMPONENTS
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.events import Event, EventRow
from arrears.servicing.layout import EventType
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arrears.app.ports import Document

#: Suffixes of the tape's columns, oldest month first; the status of the last is called PAY_0.
SUFFIXES = ("6", "5", "4", "3", "2", "1")
YEAR, FIRST_MONTH = 2005, 4
CLOSES_DAY, DUE_DAY = 25, 15
MINIMUM_ONE_IN = 10
MONTH_DAYS = 30
#: The tape writes whole dollars.
CENTS = 100
NOTHING = (0,) * COMPONENTS
RECORDED = datetime(YEAR, FIRST_MONTH, 1, tzinfo=UTC)

#: What the engine calls a month, in the tape's own codes: 1 and up are months overdue.
NO_USE, PAID_IN_FULL, REVOLVING = -2, -1, 0


def card_contract() -> Contract:
    """The line every card of the tape is taken for; a tenth of the bill is the minimum."""
    return read_contract(card_document("1000000"))


def card_document(limit: str) -> Document:
    """The contract of a card with its limit, as it is booked."""
    return {
        "kind": "line",
        "terms": {
            "currency": "TWD",
            "principal": limit,
            "disbursed_on": RECORDED.date().isoformat(),
            "annual_rate": "0",
        },
        "penalty": {"mode": "none"},
        "line": {"statement_day": CLOSES_DAY, "due_day": DUE_DAY, "minimum_share": "0.1"},
    }


@dataclass(slots=True)
class Card:
    """A card as the months go by: what stands unpaid, so that purchases can be told from bills."""

    overdue_minor: list[int] = field(default_factory=list)  #: unpaid minimums, oldest first
    minimum_minor: int = 0
    revolving_minor: int = 0
    credit_minor: int = 0
    events: list[Event] = field(default_factory=list)
    rows: int = 0

    @property
    def outstanding_minor(self) -> int:
        """All principal unpaid."""
        return sum(self.overdue_minor) + self.minimum_minor + self.revolving_minor

    def happen(self, kind: EventType, on: date, amount_minor: int = 0, **more: object) -> None:
        """Append an event."""
        self.events.append(
            Event(
                event_id=f"E{len(self.events):03d}",
                type=kind,
                value_on=on,
                recorded_at=RECORDED,
                seq=len(self.events),
                amount_minor=amount_minor,
                **more,  # type: ignore[arg-type]  # component and rows, as named by the callers
            )
        )

    def pay(self, on: date, cash_minor: int) -> None:
        """A payment on a due date: overdue minimums first, then this one, then what revolves."""
        if cash_minor > 0:
            self.happen(EventType.REPAID, on, cash_minor)
        cash = cash_minor + self.credit_minor
        for at, left in enumerate(self.overdue_minor):
            part = min(left, cash)
            self.overdue_minor[at] -= part
            cash -= part
        part = min(self.minimum_minor, cash)
        self.minimum_minor -= part
        cash -= part
        part = min(self.revolving_minor, cash)
        self.revolving_minor -= part
        self.credit_minor = cash - part
        self.overdue_minor = [left for left in [*self.overdue_minor, self.minimum_minor] if left]
        self.minimum_minor = 0

    def bill(self, on: date, due_on: date, total_minor: int) -> None:
        """A statement: what it asks for beyond the unpaid rest was bought, or given back."""
        bought = total_minor - self.outstanding_minor
        if bought > 0:
            self.happen(EventType.PURCHASED, on, bought)
        elif bought < 0:
            given_back = min(-bought, self.revolving_minor)
            if given_back > 0:
                self.happen(EventType.REFUNDED, on, given_back, component="principal")
                self.revolving_minor -= given_back
        billed = self.outstanding_minor + max(0, bought) - sum(self.overdue_minor)
        self.minimum_minor = min(billed, -(-billed // MINIMUM_ONE_IN))
        self.revolving_minor = billed - self.minimum_minor
        rows = (
            self.row("minimum", on, due_on, self.minimum_minor),
            self.row("revolving", on, due_on, self.revolving_minor),
        )
        self.happen(EventType.STATEMENT_CLOSED, on, rows=rows)

    def row(self, kind: str, on: date, due_on: date, principal_minor: int) -> EventRow:
        """One row of a statement."""
        self.rows += 1
        return EventRow(
            contract=0,
            number=self.rows,
            kind=kind,
            from_on=on,
            due_on=due_on,
            amounts_minor=(principal_minor, 0, 0, 0, 0),
            carried_minor=0,
            paid_minor=NOTHING,
            waived_minor=NOTHING,
            overdue_since=None,
        )


def card_events(row: Row) -> tuple[Event, ...]:
    """The events of one card: per month a payment of the bill before, then the new bill."""
    card = Card()
    for at, suffix in enumerate(SUFFIXES):
        month = FIRST_MONTH + at
        if at > 0:
            card.pay(date(YEAR, month, DUE_DAY), whole_up(row, f"PAY_AMT{suffix}") * CENTS)
        due_on = date(YEAR, month + 1, DUE_DAY)
        card.bill(date(YEAR, month, CLOSES_DAY), due_on, billed_minor(row, suffix))
    return tuple(card.events)


def billed_minor(row: Row, suffix: str) -> int:
    """What a month's bill asked for, in cents; a bill below zero, the card's credit, for nothing.

    Raises:
        ArrearsError: `tape.missing_value`, `tape.wrong_value`.
    """
    name = f"BILL_AMT{suffix}"
    return max(0, whole(name, needed(row, name))) * CENTS


def engine_code(days_past_due: int, asked_minor: int, unpaid_minor: int) -> int:
    """The engine's month in the tape's codes.

    Args:
        days_past_due: On the last day of the month.
        asked_minor: What the bill before it asked for.
        unpaid_minor: What of it is unpaid.
    """
    if days_past_due > 0:
        return 1 + (days_past_due - 1) // MONTH_DAYS
    if asked_minor == 0:
        return NO_USE
    return PAID_IN_FULL if unpaid_minor <= 0 else REVOLVING


def months_overdue(row: Row, contract: Contract) -> int:
    """September by the engine, in the tape's codes: folded to the day before its bill closes."""
    events = card_events(row)
    state = fold_contract(contract, events, date(YEAR, FIRST_MONTH + 5, CLOSES_DAY - 1))
    return engine_code(state.days_past_due, billed_minor(row, "2"), state.principal_minor)


def confusion(rows: Sequence[Row], *, on_row: Callable[[], None]) -> Counter[tuple[int, int]]:
    """How often the engine's code (first) meets the tape's own code of September (second).

    Raises:
        ArrearsError: `tape.missing_value`, `tape.wrong_value`, `tape.too_many_values`, for the first
            broken row: a count that left some out would be no comparison.
    """
    contract = card_contract()
    found: Counter[tuple[int, int]] = Counter()
    for number, row in enumerate(rows, start=1):
        try:
            refuse_beyond(row)
            codes = months_overdue(row, contract), whole("PAY_0", needed(row, "PAY_0"))
        except ArrearsError as error:
            where = f"row {number}, {error.where}"
            raise ArrearsError(
                error.code, where=where, expected=error.expected, got=error.got
            ) from error
        found[codes] += 1
        on_row()
    return found
