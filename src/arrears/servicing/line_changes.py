"""What a borrower may ask of a line between statements: instalments instead of a bill, a month more."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel.dates import add_months
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor
from arrears.kernel.movement import FEE, PRINCIPAL
from arrears.kernel.rates import PPM, format_rate
from arrears.servicing.annualised_cost import CashFlow, PeriodUnit, annual_rate
from arrears.servicing.layout import KIND_MINIMUM, KIND_REVOLVING, KIND_UNBILLED
from arrears.servicing.line import conversion_rows, row_pair

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.kernel.money import Currency
    from arrears.servicing.contract import Contract
    from arrears.servicing.events import Event, EventRow
    from arrears.servicing.state import AccountState, RowState

STATEMENT, PURCHASE = "statement", "purchase"


def convertible_minor(state: AccountState, what: str) -> int:
    """Principal that may be spread over instalments.

    Args:
        state: The line on the day of the conversion.
        what: "statement": of the bill, what revolves and what of the minimum has not fallen due;
            "purchase": what is not billed yet.
    """
    return sum(
        row.outstanding_minor[PRINCIPAL]
        for row in state.rows
        if (what == PURCHASE and row.kind == KIND_UNBILLED)
        or (what == STATEMENT and row.kind == KIND_REVOLVING)
        or (what == STATEMENT and row.kind == KIND_MINIMUM and not row.is_due)
    )


def refuse_more_than(most_minor: int, asked_minor: int, currency: Currency) -> None:
    """Refuse to convert nothing, or more than there is.

    Raises:
        ArrearsError: `line.more_than_there_is`.
    """
    if not 0 < asked_minor <= most_minor:
        raise ArrearsError(
            "line.more_than_there_is",
            where="amount",
            expected=f"an amount above 0 up to {format_minor(most_minor, currency)}",
            got=format_minor(asked_minor, currency),
        )


def converted_rows(
    contract: Contract,
    events: Sequence[Event],
    *,
    amount_minor: int,
    on: date,
    first_due_on: date,
    instalments: int,
    fee_rate_ppm: int,
) -> tuple[EventRow, ...]:
    """The rows of a conversion as a contract of its own, held against the line's cap.

    Args:
        contract: Of the line.
        events: All that happened to it: the new contract takes the next number.
        amount_minor: Principal converted, > 0.
        on: Day of the conversion.
        first_due_on: First due date; the others follow monthly.
        instalments: How many.
        fee_rate_ppm: Of the amount, once.

    Raises:
        ArrearsError: `contract.rate_above_cap`; of terms and schedules.
    """
    used = [row.contract for event in events for row in event.rows]
    rows = conversion_rows(
        contract.terms,
        amount_minor=amount_minor,
        on=on,
        first_due_on=first_due_on,
        instalments=instalments,
        fee_rate_ppm=fee_rate_ppm,
        contract=max(used, default=0) + 1,
    )
    cap = contract.cap_annual_ppm
    if cap is None:
        return rows
    flows = [
        CashFlow(row.due_on, row.amounts_minor[PRINCIPAL] + row.amounts_minor[FEE]) for row in rows
    ]
    rate = annual_rate(
        contract.cap_method, [CashFlow(on, amount_minor)], flows, PeriodUnit.MONTHS, 1
    )
    if Fraction(rate) > Fraction(cap, PPM):
        raise ArrearsError(
            "contract.rate_above_cap",
            where="fee_rate",
            expected=f"an annualised cost ({contract.cap_method.value}) up to {format_rate(cap)}",
            got=str(round(rate, 6)),
        )
    return rows


def deferred_rows(events: Sequence[Event], state: AccountState) -> tuple[EventRow, ...]:
    """The bill that is due next, due a month later (延期一个月); it costs nothing until then.

    Args:
        events: All that happened to the line: rows take the next numbers.
        state: The line on the day it is asked, its due date at the latest.

    Raises:
        ArrearsError: `line.nothing_to_defer` where no bill is to come, or an earlier one is overdue.
    """
    own = [row for row in state.rows if row.contract == 0 and any(row.outstanding_minor)]
    coming = [row for row in own if row.due_on is not None and row.due_on >= state.as_of]
    overdue = [row for row in own if is_overdue(row, state.as_of)]
    if overdue or not coming:
        raise ArrearsError(
            "line.nothing_to_defer",
            where=f"the line on {state.as_of}",
            expected="a bill whose due date has not passed, and no earlier one unpaid",
            got="an earlier bill unpaid" if overdue else "no bill to come",
        )
    used = [row.number for event in events for row in event.rows if row.contract == 0]

    def outstanding(kind: int) -> tuple[int, ...]:
        amounts = [row.outstanding_minor for row in coming if row.kind == kind]
        return tuple(map(sum, zip(*amounts, strict=True))) if amounts else (0,) * 5

    pair = row_pair(
        max(used, default=0) + 1,
        from_on=state.as_of,
        due_on=add_months(min(row.due_on for row in coming if row.due_on), 1),
        minimum_minor=outstanding(KIND_MINIMUM),
        revolving_minor=outstanding(KIND_REVOLVING),
    )
    return tuple(row for row in pair if any(row.amounts_minor))


def is_overdue(row: RowState, on: date) -> bool:
    """Whether a row that must be paid was not, and its due date has passed."""
    return row.due_on is not None and row.due_on < on and row.kind != KIND_REVOLVING
