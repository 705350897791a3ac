"""The words of a way out: its type, what it does to the debt as events, its figures, what is not offered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from arrears.kernel.movement import Component
    from arrears.policy.parameter import Force, Status
    from arrears.servicing.events import Event


@unique
class OptionType(StrEnum):
    """Every way out that is looked at; each is offered, or is missing for a reason."""

    PAY_OFF = "pay_off"  #: all that is owed, today
    PAY_ARREARS = "pay_arrears"  #: what is overdue, today; the rest as signed
    PAYDAY = "payday"  #: as signed, due after the day on which income comes
    DEFERRAL = "deferral"  #: 延期: the next instalments later, as many as before
    EXTENSION = "extension"  #: 展期: a longer term, asked for before the due date
    INTEREST_ONLY = "interest_only"  #: some months without principal
    RE_PLAN = "re_plan"  #: 个性化分期: what is owed in new instalments
    PENALTY_FREEZE = "penalty_freeze"  #: no penalty while what is overdue is paid in parts
    WRITE_DOWN = "write_down"  #: a lower rate, and no penalty so far
    SETTLEMENT = "settlement"  #: less than is owed, once, and nothing remains
    BREATHING_SPACE = "breathing_space"  #: where the law of the place has it
    PAUSE = "pause"  #: nothing, or what is free, until a day of review; no penalty
    DEBT_ADVICE = "debt_advice"  #: somebody independent to talk to


@unique
class DaysPastDue(StrEnum):
    """What an option does to the count of days past due."""

    END = "end"  #: nothing is past due any more: it was paid
    STOP = "stop"  #: the count stands still
    RESET = "reset"  #: a later miss counts from its own due date
    CONTINUE = "continue"  #: a later miss counts from the due date first missed


@unique
class Reported(StrEnum):
    """What the bureau is told of an option."""

    PAID = "paid"  #: paid, the spell of arrears so far stays on the record
    AS_IT_STANDS = "as_it_stands"  #: month by month, as without it
    RESTRUCTURED = "restructured"  #: that the terms were changed
    SETTLED_FOR_LESS = "settled_for_less"
    NOTHING = "nothing"  #: it is not a matter of the record


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How an option is treated in class, age and record: data per type, never code."""

    is_restructured: bool  #: the asset is then observed; see `cn.classification.restructured_*`
    days_past_due: DaysPastDue
    reported: Reported
    verified: frozenset[str]  #: which of the three fields above somebody read in its source
    source: str  #: what the answers rest on; "none" where they are the cautious ones
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A parameter that an option rests on, as a reader must judge it."""

    parameter_id: str
    value: str  #: as in the file
    title: str
    locator: str
    force: Force
    status: Status
    is_ratified: bool  #: this lender ratified an unverified permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is to be paid on a day if the option is kept."""

    on: date
    amount_minor: int  #: > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an option comes to if it is kept; all from folds to its end."""

    payments: tuple[Payment, ...]  #: by day, one a day
    monthly_minor: int  #: the most that is asked for in a calendar month
    share_of_free_ppm: int | None  #: of free income, rounded up; None: there is none
    total_minor: int  #: all payments together
    saves_minor: (
        int  #: against paying nothing until the next due date, then as signed; below 0: dearer
    )
    ends_on: date  #: the last payment, or the day of review
    months_below_floor: int
    months_adverse: int  #: months to come until nothing is late and no observation runs
    months: int  #: from today to `ends_on`, begun months counted
    left_minor: int = 0  #: still owed on the day of review; 0: nothing remains


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderValue:
    """What an option brings the lender, against the present path; never shown to the borrower."""

    forgone_minor: Mapping[Component, int]  #: what is waived, by component
    present_path_minor: int
    expected_minor: Mapping[int, int]  #: re-default in percent -> expected receipts, rounded down
    is_above_present_path: bool  #: at every one of these rates

    @property
    def forgone_total_minor(self) -> int:
        """All that is waived."""
        return sum(self.forgone_minor.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way out: accepting it appends exactly its events, and its figures are their fold."""

    type: OptionType
    on: date  #: value date of `events`, the day it was worked out for
    events: tuple[Event, ...]  #: appended when it is accepted
    closing_events: tuple[Event, ...]  #: appended with its last payment: what was let go for it
    figures: Figures | None  #: None: advice has none
    treatment: Treatment
    grounds: tuple[Ground, ...]
    review_on: date | None = None  #: when both look at it again; None: it solves the matter
    lender: LenderValue | None = None  #: None: nothing to weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A way out that is not open now, and why."""

    type: OptionType
    reason: str  #: of `REASONS`
    facts: Mapping[str, str]  #: what the reason's sentence names, as text
    grounds: tuple[Ground, ...] = ()


def accepted_events(
    events: tuple[Event, ...], *, id_prefix: str, recorded_at: datetime
) -> tuple[Event, ...]:
    """An option's events as they are appended: the same, under ids and an instant of their own.

    Args:
        events: `events` or `closing_events` of an option; their value dates stay.
        id_prefix: Such as the plan's id; a number is added.
        recorded_at: When they are appended, aware.
    """
    return tuple(
        replace(event, event_id=f"{id_prefix}-{at}", recorded_at=recorded_at)
        for at, event in enumerate(events, start=1)
    )
