"""Generated revolving lines: purchases, statements, conversions, refunds, and all that cash does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from auditor.model import INTEREST, PRINCIPAL, Account, Row
from auditor.strategies import (
    STARTS,
    History,
    charge_back,
    charge_off,
    fee,
    freeze,
    off,
    pause,
    policy,
    rate,
    refund,
    repay,
    signed_rows,
    terms_of_contracts,
    undo,
    waive,
)

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

DAY = timedelta(days=1)


def purchase(h: History) -> None:
    h.add("purchased", amount=h.draw(st.sampled_from((1, 10_000, 123_456))))


def contract_of_line(h: History) -> int | None:
    """No contract, the statements' own, or that of a conversion."""
    known = {0} | {row.contract for event in h.events for row in event.rows}
    return h.draw(st.sampled_from((None, *sorted(known))))


def repay_one(h: History) -> None:
    kind = "recovered" if h.is_charged_off else "repaid"
    h.add(kind, amount=h.amount(), contract=contract_of_line(h))


def shop_refund(h: History) -> None:
    amount = h.draw(st.sampled_from((1, 5_000, h.amount())))
    h.add("refunded", amount=amount, component="principal", contract=contract_of_line(h))


def close_statement(h: History) -> None:
    """Bill what is unbilled and what revolves; the minimum is a tenth, all, or nothing."""
    book = h.book()
    lines = [line for line in book.in_force() if line.kind in ("unbilled", "revolving")]
    billed = max(0, sum(line.left(PRINCIPAL) for line in lines) + off(h))
    interest = sum(line.left(INTEREST) for line in lines if line.kind == "revolving")
    minimum = billed // h.draw(st.sampled_from((10, 1, 3)))
    due = h.day + h.draw(st.sampled_from((0, 1, 10, 20))) * DAY
    number = 2 * sum(event.type == "statement_closed" for event in h.events)
    rows = (
        Row(
            number=number + 1,
            kind="minimum",
            start=h.day,
            due=due,
            amounts=(minimum, interest, 0, 0, 0),
            carried=interest,
        ),
        Row(
            number=number + 2,
            kind="revolving",
            start=h.day,
            due=due,
            amounts=(billed - minimum, 0, 0, 0, 0),
        ),
    )
    h.add("statement_closed", rows=rows)


def convert(h: History) -> None:
    """A statement or a purchase becomes instalments of a contract of its own."""
    if h.is_charged_off:
        return
    part = h.draw(st.sampled_from(("statement", "purchase")))
    kinds = ("unbilled",) if part == "purchase" else ("minimum", "revolving")
    there = sum(line.left(PRINCIPAL) for line in h.book().in_force() if line.kind in kinds)
    asked = max(1, there // h.draw(st.sampled_from((1, 2))) + off(h))
    contract = 1 + sum(event.type == "converted" for event in h.events)
    rows = h.draw(signed_rows(h.terms, h.day, asked, contract=contract))
    h.add("converted", component=part, rows=rows)


def replan_one(h: History) -> None:
    """A contract of the line is planned anew."""
    contract = contract_of_line(h)
    lines = [
        line
        for line in h.book().in_force()
        if line.kind != "unbilled" and contract in (None, line.row.contract)
    ]
    asked = max(1, sum(line.left(PRINCIPAL) for line in lines) + off(h))
    rows = h.draw(signed_rows(h.terms, h.day, asked, contract=contract or 0))
    h.add("replanned", contract=contract, rows=rows)


EVERYDAY = (purchase, purchase, close_statement, close_statement, repay, repay_one)
OFTEN = (convert, shop_refund, waive, fee, freeze, pause, rate, undo)
SELDOM = (policy, charge_back, refund, charge_off, replan_one)


@st.composite
def revolving_lines(
    draw: DrawFn, *, happens: tuple[object, ...] = EVERYDAY + EVERYDAY + OFTEN + SELDOM
) -> tuple[Account, date]:
    """A line with its history, and a day to ask about it."""
    terms = draw(terms_of_contracts(is_line=True))
    history = History(terms, draw, draw(st.sampled_from(STARTS)))
    history.add("purchased", amount=draw(st.sampled_from((120_000, 1, 999_999))))
    for _ in range(draw(st.integers(0, 8))):
        history.step()
        draw(st.sampled_from(happens))(history)
    history.step()
    return history.account(), history.day + draw(st.sampled_from((0, 1, 30, 90))) * DAY
