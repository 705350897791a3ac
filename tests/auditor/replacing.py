"""Rows that come and go in the auditor: opening, tranche, re-plan, acceleration, the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import FEE, INTEREST, NOTHING, PRINCIPAL, Line, Row
from auditor.nights import fall_due, recognise_interest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.book import Book
    from auditor.model import Event


def enter(book: Book, rows: Sequence[Row]) -> list[Line]:
    """Signed rows come into force; those whose due date has come are due at once."""
    book.is_opened = True
    lines = []
    for row in rows:
        line = Line(
            row=row,
            kind=row.kind,
            due_on=row.due,
            due=list(row.amounts),
            paid=list(row.paid),
            waived=list(row.waived),
            ageing_from=row.overdue_since or row.due,
        )
        line.recognised = line.carried = row.carried
        if book.terms.is_daily:
            line.due[INTEREST] = row.carried
        book.lines.append(line)
        lines.append(line)
    for line in lines:
        if line.due_on is not None and line.due_on <= book.day:
            fall_due(book, line)
        elif not book.terms.is_daily:
            recognise_interest(book, line)
    return lines


def take_over(book: Book, event: Event) -> None:
    """Rows come from another system with what was paid and waived there."""
    enter(book, event.rows)
    book.charges_before = book.charges()
    book.note_non_accrual()


def disburse(book: Book, event: Event) -> None:
    """Money goes out: the first time rows enter, later they replace those not yet due."""
    if not book.lines:
        enter(book, event.rows)
        return
    stood = leave_undue(book)
    stood[PRINCIPAL] += event.amount
    replace(book, event, stood, range(5))


def change_rate(book: Book, event: Event) -> None:
    """The contract rate changes, for a while or for good, and with it a derived penalty rate."""
    rate = book.rate if event.rate is None else event.rate
    penalty = book.penalty_rate
    if book.terms.uplift is not None and event.until is None:
        share = book.terms.uplift + (1 if book.terms.penalty_mode == "replaces" else 0)
        penalty = (rate * share * 1_000_000).__floor__() * rate.__class__(1, 1_000_000)
    if event.until is None:
        book.rate_after, book.penalty_rate_after = rate, penalty
    elif book.rate_until is None:
        book.rate_after, book.penalty_rate_after = book.rate, book.penalty_rate
    book.rate_until = event.until
    book.rate, book.penalty_rate = rate, penalty
    if event.rows:
        replace(book, event, leave_undue(book), range(5))


def leave(book: Book, line: Line, components: Sequence[int]) -> list[int]:
    """A row is replaced; what of the components stood on it, recognised and unpaid.

    What was paid in advance for time that will not come is cash again.
    """
    stood = [0] * 5
    for each in (INTEREST, FEE):
        over = line.paid[each] + line.waived[each] - book.recognised(line, each)
        back = max(0, min(over, line.paid[each]))
        line.paid[each] -= back
        book.freed += back
    for each in components:
        stood[each] = (
            line.left(PRINCIPAL)
            if each == PRINCIPAL
            else book.recognised(line, each) - line.paid[each] - line.waived[each]
        )
    line.due[FEE] = book.recognised(line, FEE)
    for each in components:
        line.due[each] = line.paid[each] + line.waived[each]
    line.recognised = line.due[INTEREST]
    line.is_replaced = True
    return stood


def leave_undue(book: Book, components: Sequence[int] = range(5)) -> list[int]:
    """All rows not yet due leave; their principal and the charges recognised so far."""
    total = [0] * 5
    for line in book.undue():
        stood = leave(book, line, components)
        total = [have + more for have, more in zip(total, stood, strict=True)]
    return total


def replace(book: Book, event: Event, stood: list[int], components: Sequence[int]) -> None:
    """New rows take what stood; less reduces the last rows, more is one row due with the last."""
    lines = enter(book, event.rows)
    more = [0] * 5
    for each in components:
        asked = sum(
            line.row.carried if each == INTEREST else line.row.amounts[each] for line in lines
        )
        less = asked - stood[each]
        more[each] = max(0, -less)
        if each == FEE:  # beyond what stood it is a new fee
            carry_fee(lines, stood[FEE])
            continue
        for line in reversed(lines):
            taken = max(0, min(less, line.carried if each == INTEREST else line.due[each]))
            line.due[each] -= taken
            if each == INTEREST:
                line.recognised -= taken
                line.carried -= taken
            less -= taken
    if not any(more):
        return
    if book.terms.is_line and event.type in ("statement_closed", "converted"):
        book.unbilled().due[PRINCIPAL] += more[PRINCIPAL]
        lines[0].due[INTEREST] += more[INTEREST]
        lines[0].recognised += more[INTEREST]
        lines[0].carried += more[INTEREST]
        return
    last = event.rows[-1]
    row = Row(
        number=0,
        start=book.day,
        due=last.due,
        amounts=NOTHING,
        contract=last.contract,
        carried=more[INTEREST],
    )
    extra = Line(row=row, kind="adjustment", due_on=last.due, due=more, ageing_from=last.due)
    extra.recognised = extra.carried = more[INTEREST]
    extra.fee_carried = more[FEE]
    extra.is_free_of_penalty = book.needs_review = True
    book.lines.append(extra)


def carry_fee(lines: Sequence[Line], stood: int) -> None:
    """What stood of a fee is in the new rows' fee, the first rows first."""
    for line in lines:
        line.fee_carried = min(stood, line.due[FEE])
        stood -= line.fee_carried


def replan(book: Book, event: Event) -> None:
    """Every row with anything left gives it to the new rows."""
    total = [0] * 5
    for line in book.in_force():
        if line.kind == "unbilled" or event.contract not in (None, line.row.contract):
            continue
        is_paid = line.left_in_all == 0 and line.is_due
        if is_paid:
            continue
        stood = leave(book, line, range(5))
        total = [have + more for have, more in zip(total, stood, strict=True)]
    replace(book, event, total, range(5))


def accelerate(book: Book, event: Event) -> None:
    """Rows not yet due become one row due on a day of its own."""
    if event.until is None:
        return
    stood = leave_undue(book)
    row = Row(
        number=0,
        start=book.day,
        due=event.until,
        amounts=NOTHING,
        kind="accelerated",
        carried=stood[INTEREST],
    )
    line = Line(row=row, kind="accelerated", due_on=event.until, due=stood, ageing_from=event.until)
    line.recognised = line.carried = stood[INTEREST]
    line.fee_carried = stood[FEE]
    book.lines.append(line)
    if event.until <= book.day:
        fall_due(book, line)


def close_statement(book: Book, event: Event) -> None:
    """Unbilled principal and the revolving row of the statement before become the row pair."""
    total = [0] * 5
    for line in book.in_force():
        if line.kind == "revolving" and line.left_in_all > 0:
            stood = leave(book, line, range(5))
            total = [have + more for have, more in zip(total, stood, strict=True)]
    unbilled = book.unbilled()
    for each in range(5):
        total[each] += unbilled.left(each)
        unbilled.due[each] -= unbilled.left(each)
    replace(book, event, total, range(5))


def convert(book: Book, event: Event) -> None:
    """Principal leaves the statement, or what is unbilled, for rows of its own."""
    wanted = sum(row.amounts[PRINCIPAL] for row in event.rows)
    stood = [0] * 5
    kinds = ("unbilled",) if event.component == "purchase" else ("revolving", "minimum")
    for kind in kinds:
        for line in book.in_force():
            if line.kind != kind or book.standing(line) == "past_due":
                continue
            taken = min(wanted, line.left(PRINCIPAL))
            line.due[PRINCIPAL] -= taken
            stood[PRINCIPAL] += taken
            wanted -= taken
    replace(book, event, stood, (PRINCIPAL,))
    for line in book.undue():
        if line.row in event.rows and line.left(PRINCIPAL) == 0:
            line.due[FEE] = line.paid[FEE] + line.waived[FEE]
