"""Whether a plan is kept: what was asked for by a day against what came since it was worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.servicing.layout import EventType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from arrears.hardship.option import Option, Payment
    from arrears.servicing.events import Event

#: What brings money in, and what takes it away again.
CASH_IN = frozenset({EventType.REPAID, EventType.RECOVERED})
CASH_OUT = frozenset({EventType.CHARGED_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How a plan stands on a day; minor units."""

    on: date
    asked_minor: int  #: by the day before: what falls due today is on time today
    paid_minor: int  #: since the plan was worked out
    total_minor: int  #: of the whole plan
    missed_on: date | None  #: the oldest payment that is not covered; None: none
    next_on: date | None  #: the next payment that is not covered yet
    next_minor: int  #: what of it is still to come
    is_complete: bool  #: all is paid, and where a day of review ends it, that has come

    @property
    def days_late(self) -> int:
        """Days since the oldest payment that is missing; 0: none is."""
        return 0 if self.missed_on is None else (self.on - self.missed_on).days

    @property
    def behind_minor(self) -> int:
        """What is late, in all."""
        return max(0, self.asked_minor - self.paid_minor)


def keeping_of(option: Option, paid_minor: int, on: date) -> Keeping:
    """How a plan stands on a day.

    Money covers the payments in their order, whatever it was meant for and whenever it came: who
    pays two at once is not late with the second, and who pays a part is late with the rest alone.

    Args:
        option: The way out that was accepted.
        paid_minor: What came since it was worked out, as `paid_since`.
        on: The day; a payment due on it is on time all day.

    Returns:
        Its standing. A plan without payments is complete on its day of review.
    """
    figures = option.figures
    payments: Sequence[Payment] = figures.payments if figures else ()
    asked_minor = sum(each.amount_minor for each in payments if each.on < on)
    total_minor = sum(each.amount_minor for each in payments)
    uncovered = first_uncovered(payments, paid_minor)
    review_has_come = option.review_on is None or on >= option.review_on
    return Keeping(
        on=on,
        asked_minor=asked_minor,
        paid_minor=paid_minor,
        total_minor=total_minor,
        missed_on=uncovered[0] if uncovered and uncovered[0] < on else None,
        next_on=uncovered[0] if uncovered else None,
        next_minor=uncovered[1] if uncovered else 0,
        is_complete=paid_minor >= total_minor and review_has_come,
    )


def first_uncovered(payments: Sequence[Payment], paid_minor: int) -> tuple[date, int] | None:
    """The first payment that money does not cover whole, and what of it is missing."""
    left_minor = paid_minor
    for each in sorted(payments, key=lambda payment: payment.on):
        left_minor -= each.amount_minor
        if left_minor < 0:
            return each.on, -left_minor
    return None


def paid_since(events: Iterable[Event], since_at: datetime, on: date) -> int:
    """What came in after an instant, less what was taken back; minor units, at least 0.

    Args:
        events: All of an account.
        since_at: When the way out was worked out: what was recorded by then is in its figures.
        on: Money of later days does not count yet.
    """
    known = list(events)
    erased = {each.reverses for each in known if each.type is EventType.REVERSED}
    counted = [
        each
        for each in known
        if each.recorded_at > since_at and each.value_on <= on and each.event_id not in erased
    ]
    came_minor = sum(each.amount_minor for each in counted if each.type in CASH_IN)
    went_minor = sum(each.amount_minor for each in counted if each.type in CASH_OUT)
    return max(0, came_minor - went_minor)
