"""The auditor: day by day, event by event, with lists and fractions, from the rule book alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.book import Book
from auditor.calendars import NIGHT
from auditor.cash import meet_with_credit, pay_off
from auditor.happenings import apply_event
from auditor.model import INTEREST, PRINCIPAL, RANKS, Audit, Line, LineAudit
from auditor.nights import morning, night

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from auditor.model import Account, Event


def readable(events: Sequence[Event], as_of: date, known_at: datetime | None = None) -> list[Event]:
    """The events that count, in order: known, not later than the day, not erased."""
    known = [event for event in events if known_at is None or event.recorded_at <= known_at]
    erased = {event.reverses for event in known if event.reverses is not None}
    kept = [
        event
        for event in known
        if event.on <= as_of and event.reverses is None and event.name not in erased
    ]
    return sorted(kept, key=lambda each: (each.on, RANKS.index(each.type), each.seq, each.name))


def walked(account: Account, as_of: date, known_at: datetime | None = None) -> Book:
    """The book as it stands after all events of a day."""
    events = readable(account.events, as_of, known_at)
    if not events:
        return Book(account.terms, as_of)
    day = events[0].on
    book = Book(account.terms, day)
    while True:
        morning(book, day)
        book.note_non_accrual()
        while events and events[0].on == day:
            apply_event(book, events.pop(0))
        meet_with_credit(book)
        book.note_non_accrual()
        if day == as_of:
            return book
        night(book)
        day += NIGHT


def line_audit(line: Line) -> LineAudit:
    """One row as the audit tells it."""
    return LineAudit(
        contract=line.row.contract,
        number=line.row.number,
        kind=line.kind,
        due_on=line.due_on,
        is_due=line.is_due,
        due=tuple(line.due),
        paid=tuple(line.paid),
        waived=tuple(line.waived),
        recognised=line.recognised,
        is_as_signed=line.due[INTEREST] == line.row.amounts[INTEREST],
    )


def audit(account: Account, as_of: date, known_at: datetime | None = None) -> Audit:
    """What an account owes on a day, by the rule book, read naively.

    Args:
        account: Terms and events, in any order.
        as_of: The day asked for.
        known_at: Events recorded later are not read; None: all are.
    """
    book = walked(account, as_of, known_at)
    past_due = book.past_due()
    return Audit(
        lines=tuple(line_audit(line) for line in book.lines),
        principal=book.principal(),
        credit=book.credit,
        payoff=pay_off(book),
        days_past_due=book.days_past_due(),
        days_delinquent=book.days_delinquent(),
        overdue=tuple(sum(line.left(each) for line in past_due) for each in range(5)),
        cut=int(book.cut // 1),
        limited=int(book.limited // 1),
        credited=book.credited,
        is_non_accrual=book.is_non_accrual,
        is_charged_off=book.is_charged_off,
        is_opened=book.is_opened,
        needs_review=book.needs_review,
    )


__all__ = ["PRINCIPAL", "audit", "readable", "walked"]
