"""The rows of a new plan: what is owed today, solved over new due dates, what is late spread evenly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from arrears.kernel.dates import MONTHS_IN_YEAR, Unit, add_months
from arrears.kernel.movement import COMPONENTS, INTEREST, PRINCIPAL
from arrears.servicing.events import EventRow
from arrears.servicing.schedule import solve_remaining
from arrears.servicing.schedule_rows import spread_evenly
from arrears.servicing.terms import InstalmentBasis, Method

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.hardship.debt import Debt
    from arrears.servicing.schedule_rows import Instalment
    from arrears.servicing.terms import Terms

NOTHING = (0,) * COMPONENTS
SHORTEST_MONTH_DAYS = 28
#: Methods whose shape a plan "as signed" keeps; the others become level instalments.
KEPT_METHODS = frozenset(
    {Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY, Method.FEE_INSTALMENT}
)


def level_terms(terms: Terms) -> Terms:
    """The terms as monthly level instalments, their rate, day count and rounding kept."""
    return replace(
        terms,
        method=Method.EQUAL_INSTALMENT,
        every=1,
        unit=Unit.MONTHS,
        instalment_minor=0,
        instalment_multiple_minor=1,
        instalment_basis=InstalmentBasis.PERIODS,
        principal_grace=0,
        tranches=(),
        rows=(),
    )


def signed_terms(terms: Terms) -> Terms:
    """The terms as signed, where their method spreads a balance anew; else as level instalments."""
    if terms.method not in KEPT_METHODS:
        return level_terms(terms)
    return replace(terms, instalment_minor=0, principal_grace=0, tranches=(), rows=())


def payday_dues(payday: int, buffer_days: int, *, after: date, count: int) -> tuple[date, ...]:
    """Due dates some days after each payday, one a calendar month, the first of them after a day.

    The same day each month, so late that even a payday clipped to February lies the buffer before.

    Args:
        payday: Day of the month; the last of a month too short for it.
        buffer_days: Between income and due date, at least.
        after: No due date on or before it.
        count: How many.
    """
    day = payday + buffer_days
    months_later = 0
    if day > SHORTEST_MONTH_DAYS:
        day -= SHORTEST_MONTH_DAYS
        months_later = 1
    first = date(after.year, after.month, 1)
    due_on = (add_months(first, months_later - 1)).replace(day=day)
    while due_on <= after:
        due_on = add_months(due_on, 1)
    return monthly_dues(due_on, count)


def monthly_dues(first: date, count: int) -> tuple[date, ...]:
    """Due dates a month apart, all on the first one's day."""
    return tuple(add_months(first, at) for at in range(count))


def months_until(start: date, end: date) -> int:
    """Months from a day to another, a begun one counted whole; 0 where the end is not later."""
    if end <= start:
        return 0
    months = (end.year - start.year) * MONTHS_IN_YEAR + end.month - start.month
    return months + 1 if add_months(start, months) < end else months


def solved(
    debt: Debt, dues: Sequence[date], terms: Terms, *, rate_ppm: int, grace: int
) -> list[tuple[date, date, int, int]]:
    """From, due, principal and interest of each new row."""
    principal_minor = debt.owed_minor[PRINCIPAL]
    if principal_minor == 0:
        starts = [debt.on, *dues[:-1]]
        return [(start, due, 0, 0) for start, due in zip(starts, dues, strict=True)]
    rows: tuple[Instalment, ...] = solve_remaining(
        principal_minor, debt.on, dues, rate_ppm, terms, grace=grace
    )
    return [(row.from_on, row.due_on, row.principal_minor, row.interest_minor) for row in rows]


def plan_rows(
    debt: Debt,
    dues: Sequence[date],
    terms: Terms,
    *,
    rate_ppm: int,
    grace: int = 0,
    waived_minor: Sequence[int] = NOTHING,
    ages_until: date | None = None,
) -> tuple[EventRow, ...]:
    """The rows of a re-plan of all that is owed.

    What is owed beside principal (interest so far, fees, penalty) is spread evenly over the rows
    and bears nothing.

    Args:
        debt: On the day of the plan.
        dues: Due dates, ascending, after the day.
        terms: Whose method, day count and rounding apply.
        rate_ppm: The contract rate from the day on.
        grace: First rows without principal.
        waived_minor: By component, what is waived before the rows take over.
        ages_until: Rows due before it age from the date first missed, if they are missed; None:
            each from its own.

    Returns:
        Rows of contract 0 under the next numbers.

    Rounding:
        Each row on its own; the last takes what remains.
    """
    new = solved(debt, dues, terms, rate_ppm=rate_ppm, grace=grace)
    kept = [
        0 if component == PRINCIPAL else max(0, owed - waived)
        for component, (owed, waived) in enumerate(zip(debt.owed_minor, waived_minor, strict=True))
    ]
    spread = [spread_evenly(amount, len(new), terms.rounding) for amount in kept]
    rows = []
    for at, (from_on, due_on, principal_minor, interest_minor) in enumerate(new):
        amounts = [part[at] for part in spread]
        carried = amounts[INTEREST]
        amounts[PRINCIPAL] = principal_minor
        amounts[INTEREST] += interest_minor
        ages = ages_until is not None and due_on < ages_until
        rows.append(
            EventRow(
                contract=0,
                number=debt.next_number + at,
                kind="instalment",
                from_on=from_on,
                due_on=due_on,
                amounts_minor=tuple(amounts),
                carried_minor=carried,
                paid_minor=NOTHING,
                waived_minor=NOTHING,
                overdue_since=debt.late_since if ages else None,
            )
        )
    return tuple(rows)
