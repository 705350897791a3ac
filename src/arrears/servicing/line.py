"""The revolving line: statements, minimum payment, conversions, utilisation; rows for its events.

A line has no engine of its own: what is computed here enters as the rows of `statement_closed` and
`converted`, and the fold treats them as any other rows.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from arrears.kernel.dates import add_months
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor
from arrears.kernel.movement import COMPONENTS, INTEREST, PRINCIPAL
from arrears.kernel.rates import PPM
from arrears.kernel.rounding import Rounding, round_fraction
from arrears.servicing.events import EventRow
from arrears.servicing.layout import KIND_REVOLVING, KIND_UNBILLED
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.state import AccountStatus
from arrears.servicing.terms import FeeMode, Method

if TYPE_CHECKING:
    from arrears.kernel.money import Currency
    from arrears.servicing.contract import LineTerms
    from arrears.servicing.state import AccountState
    from arrears.servicing.terms import Terms

NOTHING = (0,) * COMPONENTS


class Asks(Protocol):
    """What decides how much of a bill must be paid, and when."""

    @property
    def due_day(self) -> int:
        """Day of the month."""

    @property
    def minimum_share_ppm(self) -> int:
        """Of the principal billed."""

    @property
    def minimum_floor_minor(self) -> int:
        """Minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a statement asks for, minor units."""

    closes_on: date
    due_on: date
    minimum_minor: int  #: principal of the minimum payment
    revolving_minor: int  #: the rest: earns the line's rate from the due date if it is not paid
    interest_minor: int  #: what rolling over has cost; due with the minimum

    @property
    def total_minor(self) -> int:
        """What pays the statement in full."""
        return self.minimum_minor + self.revolving_minor + self.interest_minor


def day_of_month(year: int, month: int, day: int) -> date:
    """That day of the month, clipped to its length."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def statement_on_or_after(day: date, statement_day: int) -> date:
    """The first date from a day on that falls on a statement day of the month."""
    this = day_of_month(day.year, day.month, statement_day)
    if this >= day:
        return this
    later = add_months(date(day.year, day.month, 1), 1)
    return day_of_month(later.year, later.month, statement_day)


def due_date_of(closes_on: date, due_day: int) -> date:
    """The due date of a statement: the next such day of the month after it closes."""
    this = day_of_month(closes_on.year, closes_on.month, due_day)
    if this > closes_on:
        return this
    later = add_months(date(closes_on.year, closes_on.month, 1), 1)
    return day_of_month(later.year, later.month, due_day)


def is_billable(state: AccountState) -> bool:
    """Whether a statement would ask for anything; what was charged off is not billed any more."""
    return state.status is not AccountStatus.CHARGED_OFF and any(
        row.outstanding_minor[PRINCIPAL] > 0 or row.outstanding_minor[INTEREST] > 0
        for row in state.rows
        if row.kind in (KIND_UNBILLED, KIND_REVOLVING)
    )


def make_statement(
    state: AccountState, closes_on: date, line: LineTerms, rounding: Rounding
) -> Statement:
    """Bill what is unbilled and what revolves, as the fold sees it on the closing day.

    Args:
        state: The account folded to `closes_on`, its events of that day included.
        closes_on: The statement date.
        line: Minimum share and floor, due day.
        rounding: Of the minimum payment.

    Returns:
        The minimum is the floor or the share of the principal billed, whichever is more, and never
        more than all of it. An overdue minimum of earlier statements is not in it: it keeps its
        own due date.
    """
    billed = sum(
        row.outstanding_minor[PRINCIPAL]
        for row in state.rows
        if row.kind in (KIND_UNBILLED, KIND_REVOLVING)
    )
    interest = sum(
        row.outstanding_minor[INTEREST] for row in state.rows if row.kind == KIND_REVOLVING
    )
    return bill(billed, interest, closes_on, line, rounding)


def bill(
    billed_minor: int, interest_minor: int, closes_on: date, asks: Asks, rounding: Rounding
) -> Statement:
    """The statement over a principal and its interest, as `make_statement` describes it."""
    share = round_fraction(Fraction(billed_minor * asks.minimum_share_ppm, PPM), rounding)
    minimum_minor = min(billed_minor, max(share, asks.minimum_floor_minor))
    return Statement(
        closes_on=closes_on,
        due_on=due_date_of(closes_on, asks.due_day),
        minimum_minor=minimum_minor,
        revolving_minor=billed_minor - minimum_minor,
        interest_minor=interest_minor,
    )


def row_pair(
    number: int,
    *,
    from_on: date,
    due_on: date,
    minimum_minor: tuple[int, ...],
    revolving_minor: tuple[int, ...],
) -> tuple[EventRow, EventRow]:
    """A bill as the fold takes it: what must be paid, and what may revolve; amounts by component."""

    def row(at: int, kind: str, amounts_minor: tuple[int, ...]) -> EventRow:
        return EventRow(
            contract=0,
            number=at,
            kind=kind,
            from_on=from_on,
            due_on=due_on,
            amounts_minor=amounts_minor,
            carried_minor=amounts_minor[INTEREST],
            paid_minor=NOTHING,
            waived_minor=NOTHING,
            overdue_since=None,
        )

    return row(number, "minimum", minimum_minor), row(number + 1, "revolving", revolving_minor)


def statement_rows(statement: Statement, number: int) -> tuple[EventRow, ...]:
    """The row pair of a statement, numbered from `number`."""
    return row_pair(
        number,
        from_on=statement.closes_on,
        due_on=statement.due_on,
        minimum_minor=(statement.minimum_minor, statement.interest_minor, 0, 0, 0),
        revolving_minor=(statement.revolving_minor, 0, 0, 0, 0),
    )


def conversion_rows(
    terms: Terms,
    *,
    amount_minor: int,
    on: date,
    first_due_on: date,
    instalments: int,
    fee_rate_ppm: int,
    contract: int,
) -> tuple[EventRow, ...]:
    """The rows of an instalment conversion (账单分期): equal principal, the fee spread evenly.

    Args:
        terms: The line's terms: currency and rounding.
        amount_minor: Principal converted, > 0.
        on: Day of the conversion.
        first_due_on: First due date; the others follow monthly.
        instalments: How many.
        fee_rate_ppm: Of the amount, once.
        contract: Number of the new contract within the account, >= 1.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`.
    """
    if amount_minor <= 0 or contract < 1:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where="conversion",
            expected="an amount above 0 and a contract number from 1",
            got=f"{amount_minor}, {contract}",
        )
    converted = replace(
        terms,
        principal_minor=amount_minor,
        disbursed_on=on,
        first_due_on=first_due_on,
        method=Method.FEE_INSTALMENT,
        annual_rate_ppm=0,
        instalments=instalments,
        fee_rate_ppm=fee_rate_ppm,
        fee_mode=FeeMode.SPREAD,
    )
    return tuple(
        EventRow(
            contract=contract,
            number=row.number,
            kind="instalment",
            from_on=row.from_on,
            due_on=row.due_on,
            amounts_minor=(row.principal_minor, 0, row.fee_minor, 0, 0),
            carried_minor=0,
            paid_minor=NOTHING,
            waived_minor=NOTHING,
            overdue_since=None,
        )
        for row in solve_schedule(converted)
    )


def available_minor(state: AccountState, line: LineTerms) -> int:
    """What may still be drawn: the limit less all principal; released as principal is repaid."""
    return max(0, line.limit_minor - state.principal_minor)


def check_purchase(
    state: AccountState, line: LineTerms, amount_minor: int, currency: Currency
) -> None:
    """Refuse a purchase beyond the limit.

    Raises:
        ArrearsError: `line.limit_exceeded`.
    """
    left = available_minor(state, line)
    if amount_minor > left:
        raise ArrearsError(
            "line.limit_exceeded",
            where="event.amount",
            expected=f"at most {format_minor(left, currency)}",
            got=format_minor(amount_minor, currency),
        )
