"""Cash in the auditor: allocation, credit balance, pay-off, the cap over the life."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from auditor.model import COMPOUND, FEE, INTEREST, PENALTY, PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.book import Book
    from auditor.model import Line, Slot


def pay(book: Book, line: Line, component: int, cash: int) -> int:
    """Meet one component of one row; what is paid."""
    is_ahead = book.standing(line) == "in_advance"
    asked = book.in_advance(line, component) if is_ahead else line.left(component)
    paid = max(0, min(cash, asked))
    if component == PRINCIPAL and paid > line.left(PRINCIPAL):
        book.move_principal(line, line.due[PRINCIPAL] + paid - line.left(PRINCIPAL))
    line.paid[component] += paid
    return paid


def rows_of(book: Book, standing: str, contract: int | None) -> list[Line]:
    """The rows of one standing, in the order cash meets them."""
    lines = [
        line
        for line in book.in_force()
        if book.standing(line) == standing and contract in (None, line.row.contract)
    ]
    if standing == "in_advance" and book.terms.surplus == "last":
        lines.reverse()
    return lines


def walk(book: Book, slots: Iterable[Slot], contract: int | None) -> Iterable[tuple[Line, int]]:
    """Every (row, component) in the order cash meets them."""
    if book.terms.is_vertical:
        for standing, component in slots:
            for line in rows_of(book, standing, contract):
                yield line, component
        return
    for standing, run in groupby(slots, key=lambda slot: slot[0]):
        components = [component for _, component in run]
        for line in rows_of(book, standing, contract):
            for component in components:
                yield line, component


def allocate(
    book: Book,
    cash: int,
    event_type: str | None,
    contract: int | None = None,
    *,
    ahead: bool = True,
) -> int:
    """Spread cash over what is owed; what is left."""
    slots = [
        (standing, component)
        for standing, component in book.order_for(event_type).slots
        if standing != "in_advance" or (ahead and book.terms.surplus != "credit")
    ]
    passes = [None] if contract is None else [contract, None]
    for each in passes:
        for line, component in walk(book, slots, each):
            cash -= pay(book, line, component, cash)
            settle_early(book, line)
            if cash == 0:
                return 0
    return cash


def settle_early(book: Book, line: Line) -> None:
    """In daily mode a row paid before its due date is closed with the interest of until then."""
    if not book.terms.is_daily or line.is_due or line.is_final or line.due_on is None:
        return
    if book.is_last(line) and line.left(PRINCIPAL) > 0:
        return
    if any(book.in_advance(line, each) > 0 for each in range(5)):
        return
    wanted = line.paid[PRINCIPAL] + line.waived[PRINCIPAL]
    if not book.is_last(line):
        book.move_principal(line, wanted)
    line.due[INTEREST] = line.recognised
    line.is_settled_early = line.is_final = True


def meet_with_credit(book: Book) -> None:
    """Credit balance meets what is due or past due."""
    if book.credit > 0:
        book.credit = allocate(book, book.credit, None, ahead=False)


def pay_off_parts(book: Book, line: Line) -> list[int]:
    """What settling today asks of a row, by component; below 0 where more was paid than that."""
    left = [line.left(each) for each in range(5)]
    if not line.is_due and not line.is_closed:
        left[INTEREST] = line.recognised - line.paid[INTEREST] - line.waived[INTEREST]
        left[FEE] = book.fee_so_far(line) - line.paid[FEE] - line.waived[FEE]
    return left


def excess_at_pay_off(book: Book) -> int:
    """What the cap over the life would credit if all were settled today."""
    if book.cap is None:
        return 0
    charges = -book.charges_before
    for line in book.lines:
        for each in (INTEREST, FEE, PENALTY, COMPOUND):
            asked = line.due[each]
            if each == INTEREST:
                asked = book.recognised(line, each)
            if each == FEE:
                asked = book.fee_so_far(line)
            charges += asked - line.waived[each]
    return max(0, charges - int(book.ceiling // 1))


def owed_in_all(book: Book) -> int:
    """What settling everything today takes, the credit balance not counted."""
    asked = sum(sum(pay_off_parts(book, line)) for line in book.in_force())
    return asked - excess_at_pay_off(book)


def pay_off(book: Book) -> int:
    """What settles everything today, beside the credit balance there is."""
    return max(0, owed_in_all(book) - book.credit)


def fix_at_today(book: Book, *, is_settled: bool) -> int:
    """Rows not yet due ask for the actual period alone; what was paid beyond that is cash.

    A settlement asks for the fee of the actual period too; a charge-off for none not yet charged.
    """
    cash = 0
    for line in book.in_force():
        if line.is_due:
            continue
        if not line.is_final and book.terms.is_daily and is_settled and line.due_on is not None:
            met = line.paid[PRINCIPAL] + line.waived[PRINCIPAL]
            book.move_principal(line, met + book.principal_in_advance(line))
        if line.is_closed:
            continue
        line.due[FEE] = book.fee_so_far(line) if is_settled else line.fee_recognised
        line.due[INTEREST] = line.recognised
        line.is_final = is_settled or not book.terms.is_daily or line.is_final
        line.is_closed = True
        line.is_settled_early = line.is_settled_early or is_settled
        for each in (INTEREST, FEE):
            over = max(0, -line.left(each))
            line.paid[each] -= over
            cash += over
    return cash


def settle(book: Book, cash: int) -> None:
    """Settle everything with cash and credit balance; what is left is credit balance."""
    cash += book.credit
    book.credit = 0
    cash += fix_at_today(book, is_settled=True)
    cash += credit_excess(book)
    for line in book.in_force():
        for each in range(5):
            paid = line.left(each)
            line.paid[each] += paid
            cash -= paid
    book.credit += cash


def creditable(book: Book) -> list[Line]:
    """Rows the cap over the life credits: in force, newest first; replaced, last come first."""
    replaced = [line for line in reversed(book.lines) if line.is_replaced]
    return [*reversed(book.in_force()), *replaced]


def credit_excess(book: Book) -> int:
    """Credit back what all charges exceed the cap over the life by; cash that was paid for it."""
    if book.cap is None:
        return 0
    excess = book.charges() - int(book.ceiling // 1)
    cash = 0
    for component in (COMPOUND, PENALTY, FEE, INTEREST):
        for line in creditable(book):
            had = book.recognised(line, component) - line.waived[component]
            taken = max(0, min(excess, had))
            if taken == 0:
                continue
            excess -= taken
            book.credited += taken
            over = max(0, taken - max(0, had - line.paid[component]))
            line.due[component] -= taken
            if component == INTEREST:
                line.recognised -= taken
                line.interest_credited += taken
            if component == FEE:
                joined = min(taken, line.fee_joined)
                line.fee_joined -= joined
                line.fee_carried -= min(taken - joined, line.fee_carried)
            line.paid[component] -= over
            cash += over
    return cash


def repay(book: Book, amount: int, event_type: str | None, contract: int | None) -> None:
    """Money came: it settles everything, or is allocated."""
    if amount >= pay_off(book):
        settle(book, amount)
        return
    book.credit += allocate(book, amount, event_type, contract)


def give_back(book: Book, cash: int) -> None:
    """Cash that was freed is allocated again."""
    if cash > 0:
        repay(book, cash, None, None)


__all__ = ["allocate", "credit_excess", "give_back", "meet_with_credit", "pay_off", "repay"]
