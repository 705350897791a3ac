"""Revolving lines: what may still be drawn, a bill turned into instalments, a bill put off a month."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.app.appending import EVENT_CHANNEL, add_event, checked_event, lock_account
from arrears.app.booking import once, open_day
from arrears.app.refolding import read_stored
from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor, parse_minor
from arrears.kernel.movement import PRINCIPAL
from arrears.kernel.rates import parse_rate_ppm
from arrears.servicing.events import Event, event_document
from arrears.servicing.layout import KIND_REVOLVING, KIND_UNBILLED, EventType
from arrears.servicing.line import available_minor, due_date_of, statement_on_or_after
from arrears.servicing.line_changes import (
    converted_rows,
    convertible_minor,
    deferred_rows,
    refuse_more_than,
)
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Store, StoredAccount
    from arrears.app.refolding import Frame
    from arrears.servicing.contract import Contract, LineTerms
    from arrears.servicing.state import AccountState

    #: From the line, its contract, events and state on the day: the event that was asked for.
    Change = Callable[[LineTerms, Contract, tuple[Event, ...], AccountState, Event], Event]


def read_line(account: StoredAccount) -> tuple[Contract, tuple[Event, ...], LineTerms]:
    """The records of a line.

    Raises:
        ArrearsError: `line.not_a_line`.
    """
    contract, events = read_stored(account)
    if contract.line is None:
        raise ArrearsError(
            "line.not_a_line",
            where=f"account {account.account_id}",
            expected="a line",
            got=contract.kind.value,
        )
    return contract, events, contract.line


def show_line(store: Store, account_id: str, on: date | None = None) -> Document:
    """How a line is used on a day, the open one unless told, and the statements made so far.

    Returns:
        {"account_id", "as_of", "limit", "used", "available", "unbilled", "revolving", "payoff",
        "next_statement_on", "statements": [{"closes_on", "due_on", "minimum", "total"}]}; amounts as
        decimal strings.

    Raises:
        ArrearsError: `account.unknown`, `line.not_a_line`.
    """
    with store.unit_of_work() as work:
        account = lock_account(work, account_id)
        as_of = on or max(open_day(work, account.opened_on), account.opened_on)
    contract, events, line = read_line(account)
    currency = contract.terms.currency
    state = fold_contract(contract, events, as_of)

    def principal(kind: int) -> int:
        return sum(row.outstanding_minor[PRINCIPAL] for row in state.rows if row.kind == kind)

    amounts = {
        "limit": line.limit_minor,
        "used": state.principal_minor,
        "available": available_minor(state, line),
        "unbilled": principal(KIND_UNBILLED),
        "revolving": principal(KIND_REVOLVING),
        "payoff": state.payoff_minor,
    }
    return {
        "account_id": account_id,
        "as_of": as_of.isoformat(),
        **{name: format_minor(amount, currency) for name, amount in amounts.items()},
        "next_statement_on": statement_on_or_after(as_of, line.statement_day).isoformat(),
        "statements": [
            {
                "closes_on": event.value_on.isoformat(),
                "due_on": event.rows[0].due_on.isoformat(),
                "minimum": format_minor(sum(event.rows[0].amounts_minor), currency),
                "total": format_minor(sum(sum(row.amounts_minor) for row in event.rows), currency),
            }
            for event in sorted(events, key=lambda each: each.value_on)
            if event.type is EventType.STATEMENT_CLOSED and event.value_on <= as_of
        ],
    }


def convert(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Turn a bill, or purchases not billed yet, into instalments with a fee.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "event_id", "on", "what": "statement" | "purchase",
            "amount"?: all there is, "instalments", "fee_rate"?: of the amount, once,
            "first_due_on"?: the due date of the next statement}.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        {"account_id", "event_id", "rows": [{"seq", "due_on", "principal", "total"}]}.

    Raises:
        ArrearsError: `account.unknown`, `line.not_a_line`, `line.more_than_there_is`,
            `contract.rate_above_cap`, of terms, events and idempotency; nothing is written.
    """
    body = command.body
    what = str(body.get("what", "statement"))

    def change(
        line: LineTerms,
        contract: Contract,
        events: tuple[Event, ...],
        state: AccountState,
        event: Event,
    ) -> Event:
        currency, given = contract.terms.currency, body.get("first_due_on")
        most = convertible_minor(state, what)
        asked = body.get("amount")
        amount = most if asked is None else parse_minor(str(asked), currency, where="amount")
        refuse_more_than(most, amount, currency)
        next_statement_on = statement_on_or_after(
            event.value_on + timedelta(days=1), line.statement_day
        )
        first_due_on = (
            due_date_of(next_statement_on, line.due_day)
            if given is None
            else parse_date(str(given), where="first_due_on")
        )
        rows = converted_rows(
            contract,
            events,
            amount_minor=amount,
            on=event.value_on,
            first_due_on=first_due_on,
            instalments=int(str(body["instalments"])),
            fee_rate_ppm=parse_rate_ppm(str(body.get("fee_rate", "0")), where="fee_rate"),
        )
        return replace(event, type=EventType.CONVERTED, component=what, rows=rows)

    return change_line(store, command, change, recorded_at=recorded_at, frame=frame)


def defer(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Put the bill that is due next off by a month; what revolves of it costs nothing until then.

    Args:
        store: Where the books are kept.
        command: body = {"account_id", "event_id", "on"}, the due date at the latest.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        As `convert`.

    Raises:
        ArrearsError: `account.unknown`, `line.not_a_line`, `line.nothing_to_defer`, of events and
            of idempotency; nothing is written.
    """

    def change(
        line: LineTerms,
        contract: Contract,
        events: tuple[Event, ...],
        state: AccountState,
        event: Event,
    ) -> Event:
        del line, contract
        rows = deferred_rows(events, state)
        return replace(event, type=EventType.REPLANNED, contract=0, rows=rows)

    return change_line(store, command, change, recorded_at=recorded_at, frame=frame)


def change_line(
    store: Store, command: Command, change: Change, *, recorded_at: datetime, frame: Frame
) -> Document:
    """Make the event that was asked for from the line as it stands on the day, and post it."""
    body = command.body
    account_id, event_id = str(body["account_id"]), str(body["event_id"])
    on = parse_date(str(body["on"]), where="on")
    with store.unit_of_work() as work:
        before = once(work, command)
        if before is not None:
            return before
        account = lock_account(work, account_id)
        contract, events, line = read_line(account)
        currency = contract.terms.currency
        blank = Event(
            event_id=event_id,
            type=EventType.CONVERTED,
            value_on=on,
            recorded_at=recorded_at,
            seq=0,
        )
        state = fold_contract(contract, events, on)
        made = change(line, contract, events, state, blank)
        event = checked_event(account, event_document(made, currency), recorded_at)
        source = (EVENT_CHANNEL, f"{account_id}/{event_id}")
        written = add_event(work, account, event, recorded_at, source=source, frame=frame)
        if written is not None:
            work.write([written])
        answer: Document = {
            "account_id": account_id,
            "event_id": event_id,
            "rows": [
                {
                    "seq": row.number,
                    "due_on": row.due_on.isoformat(),
                    "principal": format_minor(row.amounts_minor[PRINCIPAL], currency),
                    "total": format_minor(sum(row.amounts_minor), currency),
                }
                for row in made.rows
            ],
        }
        work.remember(command.caller, command.command, command.key, command.digest, answer)
    return answer
