"""Nights and mornings of the auditor: what accrues, what is recognised, what falls due."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.calendars import interest_weight, night_weight, rounded
from auditor.model import COMPOUND, INTEREST, PENALTY, PRINCIPAL

if TYPE_CHECKING:
    from datetime import date

    from auditor.book import Book
    from auditor.model import Line, Sum


def morning(book: Book, day: date) -> None:
    """A day begins: rates return, the nights before are recognised, rows fall due."""
    book.day = day
    book.late_fees_tonight = 0
    if book.rate_until is not None and day >= book.rate_until:
        book.rate, book.penalty_rate = book.rate_after, book.penalty_rate_after
        book.rate_until = None
    for line in book.in_force():
        recognise_interest(book, line)
        recognise_charges(book, line)
    for line in book.in_force():
        if not line.is_due and line.due_on is not None and line.due_on <= day:
            fall_due(book, line)


def recognise_interest(book: Book, line: Line) -> None:
    """Take up the whole minor units the nights before have brought."""
    if book.is_charged_off or line.kind == "unbilled":
        return
    if not line.is_due and not line.is_final and not book.terms.is_daily:
        line.recognised = book.interest_of_period(line)
    if not book.terms.is_daily or line.kind == "revolving":
        new = taken_up(line.own_interest, book.terms.rounding)
        line.due[INTEREST] += new
        line.recognised += new
        line.late_interest += new


def taken_up(total: Sum, rounding: str) -> int:
    """What a running sum brings beyond what was recognised."""
    new = rounded(total.exact, rounding) - total.recognised
    total.recognised += new
    return new


def recognise_charges(book: Book, line: Line) -> None:
    """Charge what gathered, once grace has passed; forget it if the row is paid before."""
    if not line.is_due or book.is_charged_off:
        return
    if not line.is_chargeable:
        if line.left_in_all == 0:
            for total in (line.on_principal, line.on_interest, line.compounded):
                total.exact = Fraction(0)
            return
        days = (book.day - line.due_on).days if line.due_on else 0
        if days <= book.terms.grace_days or not book.is_above_floor(book.fallen()):
            return
        line.is_chargeable = True
    for total, component in (
        (line.on_principal, PENALTY),
        (line.on_interest, PENALTY),
        (line.compounded, COMPOUND),
    ):
        line.due[component] += taken_up(total, book.terms.rounding)


def fall_due(book: Book, line: Line) -> None:
    """The due date has come: all the row's interest and fee are asked for."""
    if book.terms.is_daily and not line.is_final:
        line.due[INTEREST] = line.recognised
        keep_instalment(book, line)
    line.is_due = True
    line.recognised = line.due[INTEREST]


def keep_instalment(book: Book, line: Line) -> None:
    """The row's principal is what its instalment leaves after interest; the last row absorbs."""
    is_fixed = book.terms.is_principal_kept or line.kind != "instalment"
    if not is_fixed and not book.is_last(line):
        met = line.paid[PRINCIPAL] + line.waived[PRINCIPAL]
        wanted = max(book.asks_in_all(line) - line.recognised, met)
        book.move_principal(line, wanted)


def night(book: Book) -> None:
    """The night after all events of the day."""
    weight = night_weight(book.day, book.terms)
    if book.cap is not None:
        book.ceiling += book.principal() * book.cap * weight
    if book.is_charged_off:
        return
    bear_interest(book, weight)
    charges = tonight(book, weight)
    removed = cut_tonight(book, charges, weight)
    book.cut += removed
    book.limited += kept_by_rate_limit(book, weight)
    for total, amount in charges:
        whole = rounded(amount, book.terms.rounding) if book.terms.is_each_day else amount
        total.exact += whole


def bear_interest(book: Book, weight: Fraction) -> None:
    """Contract interest of one night."""
    for line in book.in_force():
        is_overdue = line.is_due and line.kind != "revolving"
        bears = (line.kind == "revolving" and line.is_due) or (
            is_overdue and book.terms.penalty_mode == "adds" and not book.terms.is_daily
        )
        if bears:
            line.own_interest.exact += line.left(PRINCIPAL) * book.rate * weight
    if book.terms.is_daily:
        bear_daily(book)


def bear_daily(book: Book) -> None:
    """Interest of one night on what is outstanding, in daily mode."""
    lines = [line for line in book.in_force() if line.kind not in ("unbilled", "revolving")]
    base = sum(
        line.left(PRINCIPAL)
        for line in lines
        if not line.is_due or book.terms.penalty_mode != "replaces"
    )
    if base == 0:
        return
    signed = [line for line in lines if line.kind in ("instalment", "accelerated")]
    period = next(
        (line for line in signed if line.due_on and line.row.start <= book.day < line.due_on), None
    )
    if period is None:
        period = [line for line in lines if line.kind != "charge"][-1]
    share = interest_weight(book.day, period.row, book.terms)
    period.own_interest.exact += base * book.rate * share
    new = taken_up(period.own_interest, book.terms.rounding)
    bearer = period
    if period.is_settled_early and not period.is_due:
        after = [line for line in lines[lines.index(period) :] if line.kind != "charge"]
        bearer = next((line for line in after if not line.is_final), period)
    bearer.recognised += new
    bearer.due[INTEREST] = max(bearer.due[INTEREST], bearer.recognised)
    if bearer.is_due:
        bearer.due[INTEREST] = bearer.recognised
        bearer.late_interest += new


def charge_rate(book: Book) -> Fraction:
    """The penalty rate on principal, never above the cap."""
    if book.cap is None:
        return book.penalty_rate
    room = book.cap if book.terms.penalty_mode == "replaces" else book.cap - book.rate
    return max(Fraction(0), min(book.penalty_rate, room))


def bearing_tonight(book: Book) -> list[Line]:
    """Rows that bear default charges this night, the newest first."""
    is_free = book.terms.penalty_mode == "none" or book.is_frozen()
    if is_free or not book.is_above_floor(book.fallen()):
        return []
    return [line for line in reversed(book.fallen()) if not line.is_free_of_penalty]


def kept_by_rate_limit(book: Book, weight: Fraction) -> Fraction:
    """What the penalty of a night would be more, were its rate not above the cap."""
    principal = sum(line.left(PRINCIPAL) for line in bearing_tonight(book))
    return principal * (book.penalty_rate - charge_rate(book)) * weight


def tonight(book: Book, weight: Fraction) -> list[tuple[Sum, Fraction]]:
    """Default charges of this night, in the order in which the cap cuts them."""
    lines = bearing_tonight(book)
    compound, on_interest, on_principal = [], [], []
    for line in lines:
        unpaid = max(0, line.left(INTEREST) - line.late_interest)
        if book.is_compounding:
            compound.append((line.compounded, unpaid * book.penalty_rate * weight))
        if book.terms.is_interest_penalised:
            on_interest.append((line.on_interest, unpaid * book.penalty_rate * weight))
        amount = line.left(PRINCIPAL) * charge_rate(book) * weight
        on_principal.append((line.on_principal, amount))
    return compound + on_interest + on_principal


def room_tonight(book: Book, weight: Fraction) -> Fraction:
    """What default charges of one night may come to."""
    if book.cap is None:
        return Fraction(0)
    all_principal = book.principal()
    bearing = all_principal
    if book.terms.penalty_mode != "adds":
        bearing -= sum(line.left(PRINCIPAL) for line in book.fallen())
    return max(Fraction(0), all_principal * book.cap - bearing * book.rate) * weight


def cut_tonight(book: Book, charges: list[tuple[Sum, Fraction]], weight: Fraction) -> Fraction:
    """Take off what exceeds the night's room; what was cut."""
    if book.cap is None:
        return Fraction(0)
    over = sum((amount for _, amount in charges), Fraction(0)) - room_tonight(book, weight)
    removed = Fraction(0)
    for at, (total, amount) in enumerate(charges):
        taken = max(Fraction(0), min(over - removed, amount))
        removed += taken
        charges[at] = (total, amount - taken)
    return removed


def late_fee_room(book: Book) -> int:
    """Whole minor units a late fee may be, after this night's own charges."""
    weight = night_weight(book.day, book.terms)
    charges = tonight(book, weight)
    cut_tonight(book, charges, weight)
    room = room_tonight(book, weight) - sum((amount for _, amount in charges), Fraction(0))
    return max(0, int(room // 1) - book.late_fees_tonight)
