"""A debt followed to its end: everything paid on the day it falls due, and what the fold says of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arrears.hardship.option import Payment
from arrears.kernel.errors import invariant
from arrears.servicing.events import Event
from arrears.servicing.layout import EventType
from arrears.servicing.state import fold_contract
from arrears.servicing.terms import INSTALMENTS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.hardship.debt import Debt
    from arrears.servicing.state import AccountState

#: Steps after which a debt that still asks for something is taken for a mistake.
STEPS_MAX = 2 * INSTALMENTS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What was paid until nothing billed was left, and the account after that."""

    payments: tuple[Payment, ...]  #: by day, one a day, each > 0
    state: AccountState  #: on the day of the last payment

    @property
    def total_minor(self) -> int:
        """All payments together."""
        return sum(each.amount_minor for each in self.payments)


def repayments(payments: Sequence[Payment]) -> list[Event]:
    """Payments as events, recorded on their own days."""
    return [
        Event(
            event_id=f"kept-{at:04d}",
            type=EventType.REPAID,
            value_on=each.on,
            recorded_at=datetime(each.on.year, each.on.month, each.on.day, tzinfo=UTC),
            seq=0,
            amount_minor=each.amount_minor,
        )
        for at, each in enumerate(payments, start=1)
    ]


def asked_until(state: AccountState, day: date) -> int:
    """What rows due up to a day ask for, minor units."""
    return sum(
        sum(row.outstanding_minor)
        for row in state.rows
        if row.due_on is not None and row.due_on <= day
    )


def next_asked(state: AccountState) -> date | None:
    """The first due date after the state's own day on which something will be asked for."""
    days = (
        row.due_on
        for row in state.rows
        if row.due_on is not None and row.due_on > state.as_of and any(row.outstanding_minor)
    )
    return min(days, default=None)


def joined(payments: Sequence[Payment]) -> list[Payment]:
    """One payment a day, by day, none of nothing."""
    by_day: dict[date, int] = defaultdict(int)
    for each in payments:
        by_day[each.on] += each.amount_minor
    return [Payment(on=day, amount_minor=by_day[day]) for day in sorted(by_day) if by_day[day] > 0]


def follow(
    debt: Debt,
    added: Sequence[Event] = (),
    *,
    first_on: date | None = None,
    given: Sequence[Payment] = (),
) -> Followed:
    """Pay what is due on each due date until nothing billed is left.

    Args:
        debt: On the day from which it is followed.
        added: Events of an option, beside the account's own.
        first_on: The day on which whatever is due by then is paid first; None: the day after which
            the last of `given` was paid, or the debt's own day.
        given: Payments made before that, in parts that were agreed.

    Returns:
        The payments and the account after the last; with nothing to pay, as it is on the day.

    Raises:
        InvariantError: `fold.status`; `option.never_ends` where rows go on asking.
    """
    events = [*debt.events, *added]
    start = first_on or max([debt.on, *(each.on for each in given)])
    state = fold_contract(debt.contract, [*events, *repayments(joined(given))], start)
    paid = joined([*given, Payment(on=start, amount_minor=asked_until(state, start))])
    at_once = joined([*paid, *projected(state)])
    if at_once:
        state = fold_contract(debt.contract, [*events, *repayments(at_once)], at_once[-1].on)
        if is_done(state):
            return Followed(payments=tuple(at_once), state=state)
    return step_by_step(debt, events, paid, start)


def projected(state: AccountState) -> list[Payment]:
    """What the rows to come ask for as the fold projects them, by due date."""
    return [
        Payment(on=row.due_on, amount_minor=sum(row.outstanding_minor))
        for row in state.rows
        if row.due_on is not None and row.due_on > state.as_of
    ]


def is_done(state: AccountState) -> bool:
    """Whether no row with a due date asks for anything, and nothing was paid too much."""
    left = [row for row in state.rows if row.due_on is not None and any(row.outstanding_minor)]
    return not left and state.credit_balance_minor == 0


def step_by_step(
    debt: Debt, events: Sequence[Event], paid: Sequence[Payment], start: date
) -> Followed:
    """Fold to each due date in turn and pay what is asked for on it."""
    payments = list(paid)
    state = fold_contract(debt.contract, [*events, *repayments(payments)], start)
    for _ in range(STEPS_MAX):
        day = next_asked(state)
        if day is None:
            return Followed(payments=tuple(payments), state=state)
        state = fold_contract(debt.contract, [*events, *repayments(payments)], day)
        payments = joined([*payments, Payment(on=day, amount_minor=asked_until(state, day))])
    invariant(next_asked(state) is None, "option.never_ends", on=str(debt.on))
    return Followed(payments=tuple(payments), state=state)
