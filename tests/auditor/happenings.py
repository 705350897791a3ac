"""What each event does to the auditor's book."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.cash import credit_excess, fix_at_today, give_back, repay
from auditor.model import (
    COMPONENTS,
    FEE,
    INTEREST,
    NOTHING,
    PENALTY,
    PRINCIPAL,
    Line,
    Row,
)
from auditor.nights import fall_due, keep_instalment, late_fee_room
from auditor.replacing import (
    accelerate,
    change_rate,
    close_statement,
    convert,
    disburse,
    replan,
    take_over,
)

if TYPE_CHECKING:
    from datetime import date

    from auditor.book import Book
    from auditor.model import Event


def apply_event(book: Book, event: Event) -> None:
    """Let one event act on the book, then test the cap over the life where it must be."""
    DOES[event.type](book, event)
    book.credit, book.freed = book.credit + book.freed, 0
    if event.is_backdated and event.type not in ("charged_off", "statement_closed"):
        give_back(book, credit_excess(book))


def own_row(book: Book, event: Event, due_on: date, amounts: list[int]) -> None:
    """A row of its own for a charge or a debt that joins no other."""
    contract = event.contract or 0
    row = Row(
        number=0, start=book.day, due=due_on, amounts=NOTHING, contract=contract, kind="charge"
    )
    line = Line(row=row, kind="charge", due_on=due_on, due=amounts, ageing_from=due_on)
    line.fee_joined = amounts[FEE]
    book.lines.append(line)
    if due_on <= book.day:
        fall_due(book, line)


def purchase(book: Book, event: Event) -> None:
    """A purchase joins what is unbilled."""
    book.is_opened = True
    book.unbilled().due[PRINCIPAL] += event.amount


def apply_policy(book: Book, event: Event) -> None:
    """A parameter reaches back or forward by an explicit event."""
    if event.rate is None:
        return
    if event.component == "cap_annual":
        if book.cap is None:  # until today nothing was too much
            book.ceiling = Fraction(book.charges())
        book.cap = event.rate
    else:
        book.penalty_rate = book.penalty_rate_after = event.rate


def freeze(book: Book, event: Event) -> None:
    """No penalty from the event's day until the other."""
    if event.until:
        book.freezes.append((event.on, event.until))


def pause(book: Book, event: Event) -> None:
    """Days that do not count for age."""
    if event.until:
        book.pauses.append((event.on, event.until))


def still_to_come(book: Book) -> list[Line]:
    """Rows due today or later, in order."""
    return [
        line
        for line in book.in_force()
        if line.kind not in ("unbilled", "revolving") and book.standing(line) != "past_due"
    ]


def charge_fee(book: Book, event: Event) -> None:
    """A fee joins the first row not yet due at or after its own due date, else a row of its own."""
    due_on = event.until or event.on
    component = PENALTY if event.component == "penalty" else FEE
    amount = event.amount
    if component == PENALTY and book.cap is not None:
        amount = min(amount, late_fee_room(book))
        book.cut += event.amount - amount
        book.late_fees_tonight += amount
    if amount == 0:
        return
    for line in still_to_come(book):
        is_its = event.contract in (None, line.row.contract) and not line.is_settled_early
        if is_its and line.due_on and line.due_on >= due_on:
            line.due[component] += amount
            if component == FEE:
                line.fee_joined += amount
            return
    amounts = [0] * 5
    amounts[component] = amount
    own_row(book, event, due_on, amounts)


def receive(book: Book, event: Event) -> None:
    """Cash came."""
    repay(book, event.amount, event.type, event.contract)


def refund(book: Book, event: Event) -> None:
    """Credit balance is paid out; or the shop gives principal back."""
    if event.component != "principal":
        out = min(book.credit, event.amount)
        book.credit -= out
        if event.amount > out:
            owe_again(book, event, event.amount - out)
        return
    left = event.amount
    for kind in ("unbilled", "revolving", "minimum", "instalment"):
        for line in reversed(book.in_force()):
            if line.kind != kind or event.contract not in (None, line.row.contract):
                continue
            taken = min(left, line.left(PRINCIPAL))
            line.due[PRINCIPAL] -= taken
            left -= taken
            if taken and not line.is_due and line.left(PRINCIPAL) == 0:
                charged = max(line.fee_recognised, line.paid[FEE] + line.waived[FEE])
                line.due[FEE] = min(line.due[FEE], charged)
    if left > 0:
        repay(book, left, "refunded", event.contract)


def owe_again(book: Book, event: Event, amount: int) -> None:
    """Principal that is owed again: with the next row due, or by itself."""
    for line in still_to_come(book)[:1]:
        if not line.is_due:
            line.is_settled_early = False
            line.is_final = line.is_final and not book.terms.is_daily
        line.due[PRINCIPAL] += amount
        line.extra += amount
        return
    own_row(book, event, book.day, [amount, 0, 0, 0, 0])


def charge_back(book: Book, event: Event) -> None:
    """An earlier payment was taken back by the payer's bank."""
    owe_again(book, event, event.amount)


def waive(book: Book, event: Event) -> None:
    """The lender lets a component go, oldest row first."""
    component = COMPONENTS.index(event.component or "")
    left = event.amount
    for line in book.in_force():
        if event.contract not in (None, line.row.contract):
            continue
        there = line.left(component)
        if component in (INTEREST, FEE) and not line.is_due:
            there = book.recognised(line, component) - line.paid[component] - line.waived[component]
        taken = max(0, min(left, there))
        line.waived[component] += taken
        left -= taken


def charge_off(book: Book, _event: Event) -> None:
    """Written off the books: still owed, and nothing more accrues; a second time is no time."""
    if book.is_charged_off:
        return
    cash = fix_at_today(book, is_settled=False) + credit_excess(book)
    book.is_charged_off = True
    give_back(book, cash)
    for line in book.undue():
        if book.terms.is_daily and not line.is_final:
            keep_instalment(book, line)


DOES = {
    "taken_over": take_over,
    "disbursed": disburse,
    "purchased": purchase,
    "rate_changed": change_rate,
    "policy_applied": apply_policy,
    "penalty_frozen": freeze,
    "paused": pause,
    "fee_charged": charge_fee,
    "repaid": receive,
    "recovered": receive,
    "refunded": refund,
    "waived": waive,
    "charged_back": charge_back,
    "converted": convert,
    "statement_closed": close_statement,
    "replanned": replan,
    "accelerated": accelerate,
    "charged_off": charge_off,
}

__all__ = ["apply_event"]
