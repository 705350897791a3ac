"""The records of a mature book: documents of contracts and events, as bookings and closes store them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from arrears.app.mature_book import account_ids, borrower_id
from arrears.app.mature_contracts import RECORDED_TIME, first_due_on, form_of
from arrears.app.mature_histories import (
    H_ACCOUNT,
    H_AMOUNT,
    H_ON,
    H_ROWS,
    H_TARGET,
    H_TYPE,
    ties_of,
)
from arrears.kernel.dates import date_of
from arrears.servicing import layout as c

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arrears.app.mature_book import Drawn, Int64Array
    from arrears.app.mature_contracts import Plan, Schedule, Signatures
    from arrears.app.mature_histories import Histories
    from arrears.servicing.book import Book

#: A minor unit is so much of the currency's own: yuan and fen.
FEN = 100
TYPE_NAMES = {int(each): each.name.lower() for each in c.EventType}


class AccountRecord(NamedTuple):
    """An account as it was signed; documents as JSON."""

    slot: int
    account_id: str
    borrower_id: str
    product: str
    contract: str
    policy: str
    opened_on: str
    recorded_at: str


class EventRecord(NamedTuple):
    """An event as it is stored; its document as JSON."""

    account: int  #: position of the account
    event_id: str
    type: str
    value_on: str
    recorded_at: str
    body: str
    channel: str
    source_ref: str


def account_records(drawn: Drawn, signatures: Signatures) -> Iterator[AccountRecord]:
    """What was signed, account by account."""
    ids = account_ids(drawn)
    slots, opened, borrowers = (
        each.tolist() for each in (drawn.slot, drawn.opened_on, drawn.borrower)
    )
    days = {
        day: (date_of(day).isoformat(), first_due_on(date_of(day)).isoformat())
        for day in set(opened)
    }
    for at, day in enumerate(opened):
        signed = signatures.of(form_of(drawn, at), day)
        opened_on, due_on = days[day]
        contract, policy = signed.texts(opened_on, due_on)
        yield AccountRecord(
            slots[at],
            ids[at],
            borrower_id(borrowers[at]),
            signed.product,
            contract,
            policy,
            opened_on,
            f"{opened_on}{RECORDED_TIME}",
        )


def event_records(
    drawn: Drawn, histories: Histories, book: Book, schedules: Mapping[Plan, Schedule]
) -> Iterator[EventRecord]:
    """What happened, account by account in the order of its days."""
    ids, names = account_ids(drawn), names_of(histories)
    instants = {
        day: (date_of(day).isoformat(), f"{date_of(day).isoformat()}{RECORDED_TIME}")
        for day in np.unique(histories.happened[:, H_ON]).tolist()
    }
    plans = list(
        zip(drawn.offer.tolist(), drawn.opened_on.tolist(), drawn.is_busy.tolist(), strict=True)
    )
    statements = iter(statement_rows(histories, book))
    first = 0
    place = histories.places.tolist()
    for at, told in enumerate(histories.happened.tolist()):
        kind, account = told[H_TYPE], told[H_ACCOUNT]
        day, instant = instants[told[H_ON]]
        first = at - place[at]
        if kind == c.EV_DISBURSED:
            body = schedules[plans[account]].document
        else:
            more = ""
            if told[H_ROWS]:
                more = f', "rows": {next(statements)}'
            elif told[H_TARGET] != c.NONE:
                more = f', "reverses": "{names[first + told[H_TARGET]]}"'
            elif told[H_AMOUNT]:
                more = f', "amount": "{yuan(told[H_AMOUNT])}"'
            body = (
                f'{{"id": "{names[at]}", "on": "{day}", "seq": 0, "type": "{TYPE_NAMES[kind]}", '
                f'"recorded_at": "{instant}"{more}}}'
            )
        reference = f"{ids[account]}/{names[at]}"
        channel = "api"
        if kind == c.EV_STATEMENT_CLOSED:
            channel, reference = TYPE_NAMES[kind], f"{ids[account]}/{day}"
        yield EventRecord(
            account, names[at], TYPE_NAMES[kind], day, instant, body, channel, reference
        )


def names_of(histories: Histories) -> list[str]:
    """The ids of events: numbered by account, and a statement by its day, as the close names it."""
    table = histories.happened
    return [
        f"statement-{date_of(on).isoformat()}"
        if kind == c.EV_STATEMENT_CLOSED
        else f"E{tie + 1:03d}"
        for kind, on, tie in zip(
            table[:, H_TYPE].tolist(), table[:, H_ON].tolist(), ties_of(histories).tolist(),
            strict=True,
        )
    ]  # fmt: skip


def yuan(amount_minor: int) -> str:
    """An amount >= 0 as documents write it, quicker than `format_minor`."""
    return f"{amount_minor // FEN}.{amount_minor % FEN:02d}"


def billed(histories: Histories, book: Book) -> Int64Array:
    """Positions of the minimum rows of all statements, in the order of events; the other is next."""
    table = histories.happened
    brings = table[:, H_ROWS] > 0
    is_statement = brings & (table[:, H_TYPE] == c.EV_STATEMENT_CLOSED)
    first = book.row_offsets[table[is_statement, H_ACCOUNT]]
    places: Int64Array = first + book.events[is_statement, c.E_ROW_FIRST]
    return places


def statement_rows(histories: Histories, book: Book) -> Iterator[str]:
    """The row pairs of statements as documents, in the order of events."""
    days: dict[int, str] = {}
    places = billed(histories, book)
    for least, rest in zip(book.rows[places].tolist(), book.rows[places + 1].tolist(), strict=True):
        told = []
        for kind, row in (("minimum", least), ("revolving", rest)):
            for day in (row[c.R_FROM], row[c.R_DUE]):
                days[day] = days.get(day) or date_of(day).isoformat()
            principal, interest = yuan(row[c.R_PRINCIPAL]), yuan(row[c.R_INTEREST])
            amounts = f'"principal": "{principal}", ' if row[c.R_PRINCIPAL] else ""
            amounts += f'"interest": "{interest}", ' if row[c.R_INTEREST] else ""
            told.append(
                f'{{"contract": 0, "seq": {row[c.R_NUMBER]}, "kind": "{kind}", {amounts}'
                f'"due_on": "{days[row[c.R_DUE]]}", "from_on": "{days[row[c.R_FROM]]}", '
                f'"carried": "{yuan(row[c.R_CARRIED])}"}}'
            )
        yield f"[{', '.join(told)}]"
