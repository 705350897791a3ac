"""Statements of a line: on which day one is due, and the event and message that the close makes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.app.ports import Message
from arrears.servicing.events import Event
from arrears.servicing.layout import EventType
from arrears.servicing.line import (
    is_billable,
    make_statement,
    statement_on_or_after,
    statement_rows,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from arrears.servicing.contract import Contract, LineTerms
    from arrears.servicing.line import Statement
    from arrears.servicing.state import AccountState


def is_statement_due(
    events: Sequence[Event], line: LineTerms, since: date, business_on: date
) -> bool:
    """Whether a statement day has come that no close has dealt with.

    Args:
        events: All of the account's.
        line: When its statements close.
        since: The first day whose close has not dealt with the account; a statement that was made,
            and not erased, has dealt with all days up to its own.
        business_on: The day that is being closed.
    """
    erased = {event.reverses for event in events}
    for event in events:
        is_made = event.type is EventType.STATEMENT_CLOSED and event.value_on <= business_on
        if is_made and event.event_id not in erased:
            since = max(since, event.value_on + timedelta(days=1))
    return statement_on_or_after(since, line.statement_day) <= business_on


def statement_of_day(
    contract: Contract,
    events: Sequence[Event],
    state: AccountState,
    recorded_at: datetime,
) -> tuple[Event, Statement] | None:
    """The statement that closes on the state's day; None where there is nothing to bill.

    Args:
        contract: Of the line.
        events: All that happened before it, this day's purchases and payments included.
        state: Folded from them to the day.
        recorded_at: When the close makes it, aware.
    """
    if contract.line is None or not is_billable(state):
        return None
    closes_on = state.as_of
    statement = make_statement(state, closes_on, contract.line, contract.terms.rounding)
    used = [row.number for event in events for row in event.rows if row.contract == 0]
    event = Event(
        event_id=free_id(f"statement-{closes_on.isoformat()}", events),
        type=EventType.STATEMENT_CLOSED,
        value_on=closes_on,
        recorded_at=recorded_at,
        seq=0,
        rows=statement_rows(statement, max(used, default=0) + 1),
    )
    return event, statement


def free_id(wanted: str, events: Sequence[Event]) -> str:
    """The id wanted, or with a number where somebody gave it to another event of the account."""
    taken, tried, number = {event.event_id for event in events}, wanted, 1
    while tried in taken:
        number += 1
        tried = f"{wanted}-{number}"
    return tried


def statement_message(statement: Statement, events: Sequence[Event]) -> Message:
    """What the borrower is told: what was billed, what is asked for at least, and until when.

    It keeps both dates it was made from: folded to `closes_on` as known at `known_at`, the account
    shows the statement again, whatever is recorded later.

    Args:
        statement: What was made.
        events: All the events it was made from, its own among them.
    """
    body: dict[str, object] = {
        "closes_on": statement.closes_on.isoformat(),
        "known_at": max(event.recorded_at for event in events).isoformat(),
        "due_on": statement.due_on.isoformat(),
        "total_minor": statement.total_minor,
        "minimum_minor": statement.minimum_minor + statement.interest_minor,
        "interest_minor": statement.interest_minor,
    }
    return Message(kind="statement", occasion=statement.closes_on.isoformat(), body=body)
