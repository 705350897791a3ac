"""Generated take-overs: a loan that another system served until a day, with what was paid there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from auditor.model import INTEREST, PRINCIPAL, Account, Row
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, STARTS, History, signed_rows
from auditor.strategies import terms_of_contracts as any_terms

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

DAY = timedelta(days=1)
HAPPENS = MONEY + SIMPLE + RARE + ROWS


@st.composite
def opened_rows(draw: DrawFn, rows: tuple[Row, ...], day: date) -> tuple[Row, ...]:
    """Rows as another system hands them over: some paid, in part or whole, some let go."""
    opened = []
    for row in rows:
        share = draw(st.sampled_from((0, 1, 2)))
        paid = tuple(amount * share // 2 for amount in row.amounts)
        if row.due > day:
            paid = (row.amounts[PRINCIPAL] * share // 2, *(0,) * 4)
        waived = [0] * 5
        if row.due <= day and draw(st.booleans()):
            waived[INTEREST] = row.amounts[INTEREST] - paid[INTEREST]
        since = None
        if row.due < day and draw(st.booleans()):
            since = min(day, row.due + draw(st.sampled_from((0, 3))) * DAY)
        opened.append(replace(row, paid=paid, waived=tuple(waived), overdue_since=since))
    return tuple(opened)


@st.composite
def taken_over(draw: DrawFn) -> tuple[Account, date]:
    """A loan taken over in the middle of its life, its history after that, and a day to ask."""
    terms = draw(any_terms())
    start = draw(st.sampled_from(STARTS))
    rows = draw(signed_rows(terms, start, draw(st.sampled_from((120_000, 999_999)))))
    dues = [row.due for row in rows]
    day = draw(st.sampled_from(dues)) + draw(st.sampled_from((0, -1, 1, 20))) * DAY
    history = History(terms, draw, max(day, start))
    history.add("taken_over", rows=draw(opened_rows(rows, history.day)))
    for _ in range(draw(st.integers(0, 4))):
        history.step()
        draw(st.sampled_from(HAPPENS))(history)
    history.step()
    return history.account(), history.day + draw(st.sampled_from((0, 1, 30, 90))) * DAY
