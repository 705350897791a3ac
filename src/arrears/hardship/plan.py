"""The life of a plan: its states, what may happen in each, and what must hold for it to happen.

`STEPS` is the whole life as data. A step that is not in it cannot be taken, and one whose guards do
not hold is refused by the first that fails; both are answers, not errors. Nothing here knows the
day: it is handed in with the other facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, TypeAlias

from arrears.hardship.option import OptionType
from arrears.kernel.dates import add_months

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from arrears.hardship.approval import Approval
    from arrears.hardship.keeping import Keeping
    from arrears.hardship.option import Option


@unique
class PlanState(StrEnum):
    """Where a plan is; only what is offered was approved, if it had to be."""

    REQUESTED = "requested"  #: collection holds from here to the answer
    ASSESSED = "assessed"  #: a way out was chosen; not an offer yet
    APPROVED = "approved"
    OFFERED = "offered"  #: until a date; the lender cannot take it back
    ACCEPTED = "accepted"  #: its events are on the account
    ACTIVE = "active"
    COMPLETED = "completed"
    BROKEN = "broken"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


#: A plan in one of these has ended; nothing happens to it any more.
ENDED = frozenset(
    {
        PlanState.COMPLETED,
        PlanState.BROKEN,
        PlanState.CANCELLED,
        PlanState.DECLINED,
        PlanState.EXPIRED,
        PlanState.WITHDRAWN,
    }
)
#: Not answered yet: the request holds collection.
UNANSWERED = frozenset({PlanState.REQUESTED, PlanState.ASSESSED, PlanState.APPROVED})
#: The plan runs: that it is kept holds collection.
RUNNING = frozenset({PlanState.ACCEPTED, PlanState.ACTIVE})


@unique
class PlanEvent(StrEnum):
    """What may happen to a plan."""

    ASSESS = "assess"
    APPROVE = "approve"
    OFFER = "offer"
    ACCEPT = "accept"
    START = "start"
    WARN = "warn"  #: a payment is late; a change may be asked for
    CATCH_UP = "catch_up"  #: what was late is paid
    COMPLETE = "complete"
    BREAK = "break"
    CANCEL = "cancel"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


@unique
class Guard(StrEnum):
    """What must hold before a step is taken."""

    BY_LENDER = "by_lender"
    BY_BORROWER = "by_borrower"
    REASON_GIVEN = "reason_given"
    HAS_FIGURES = "has_figures"  #: something to be kept: advice is no plan
    WITHIN_LONGEST_TERM = "within_longest_term"
    ABOVE_FLOOR = "above_floor"
    ANOTHER_PERSON = "another_person"  #: who approves did not make it
    WITHIN_AUTHORITY = "within_authority"  #: of who approves
    NEEDS_NO_APPROVAL = "needs_no_approval"
    STANDS_LONG_ENOUGH = "stands_long_enough"  #: no shorter than the time to think
    NOT_DURING_CALL = "not_during_call"
    STILL_STANDS = "still_stands"  #: the offer
    TEXT_WAS_READ = "text_was_read"  #: the very text that was stored when it was offered
    STILL_OWED = "still_owed"  #: there is a debt left to change
    IN_BOOK = "in_book"  #: the plan's events are on the account
    IS_LATE = "is_late"
    IS_NOT_LATE = "is_not_late"
    NOT_YET_WARNED = "not_yet_warned"  #: of this very payment
    WARNED_BEFORE = "warned_before"
    PAST_TOLERANCE = "past_tolerance"  #: counted from the warning where that came later
    NO_CHANGE_ASKED = "no_change_asked"  #: a change that was asked for is answered first
    IS_KEPT = "is_kept"  #: all is paid that the plan asked for
    OFFER_IS_OVER = "offer_is_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way from a state to another."""

    to: PlanState
    guards: tuple[Guard, ...] = ()


_G, _S, _E = Guard, PlanState, PlanEvent
_DECLINED = Step(to=_S.DECLINED, guards=(_G.BY_LENDER, _G.REASON_GIVEN))
_WITHDRAWN = Step(to=_S.WITHDRAWN, guards=(_G.BY_BORROWER, _G.REASON_GIVEN))
_CANCELLED = Step(to=_S.CANCELLED, guards=(_G.REASON_GIVEN,))
_ASSESSED = Step(
    to=_S.ASSESSED,
    guards=(_G.BY_LENDER, _G.HAS_FIGURES, _G.WITHIN_LONGEST_TERM, _G.ABOVE_FLOOR),
)
_OFFERED = (_G.BY_LENDER, _G.STILL_OWED, _G.STANDS_LONG_ENOUGH)
#: The whole life. From `offered` no step of the lender leads away before the offer is over: so long
#: the borrower may think, and the terms are those that were shown.
STEPS: Mapping[tuple[PlanState, PlanEvent], Step] = {
    (_S.REQUESTED, _E.ASSESS): _ASSESSED,
    (_S.REQUESTED, _E.DECLINE): _DECLINED,
    (_S.REQUESTED, _E.WITHDRAW): _WITHDRAWN,
    (_S.ASSESSED, _E.ASSESS): _ASSESSED,
    (_S.ASSESSED, _E.APPROVE): Step(
        to=_S.APPROVED, guards=(_G.BY_LENDER, _G.ANOTHER_PERSON, _G.WITHIN_AUTHORITY)
    ),
    (_S.ASSESSED, _E.OFFER): Step(to=_S.OFFERED, guards=(*_OFFERED, _G.NEEDS_NO_APPROVAL)),
    (_S.ASSESSED, _E.DECLINE): _DECLINED,
    (_S.ASSESSED, _E.WITHDRAW): _WITHDRAWN,
    (_S.APPROVED, _E.ASSESS): _ASSESSED,
    (_S.APPROVED, _E.OFFER): Step(to=_S.OFFERED, guards=_OFFERED),
    (_S.APPROVED, _E.DECLINE): _DECLINED,
    (_S.APPROVED, _E.WITHDRAW): _WITHDRAWN,
    (_S.OFFERED, _E.ACCEPT): Step(
        to=_S.ACCEPTED,
        guards=(
            _G.BY_BORROWER,
            _G.NOT_DURING_CALL,
            _G.STILL_STANDS,
            _G.TEXT_WAS_READ,
            _G.STILL_OWED,
        ),
    ),
    (_S.OFFERED, _E.DECLINE): Step(to=_S.DECLINED, guards=(_G.BY_BORROWER, _G.REASON_GIVEN)),
    (_S.OFFERED, _E.WITHDRAW): _WITHDRAWN,
    (_S.OFFERED, _E.EXPIRE): Step(to=_S.EXPIRED, guards=(_G.OFFER_IS_OVER, _G.REASON_GIVEN)),
    (_S.ACCEPTED, _E.START): Step(to=_S.ACTIVE, guards=(_G.IN_BOOK,)),
    (_S.ACCEPTED, _E.CANCEL): _CANCELLED,
    (_S.ACTIVE, _E.WARN): Step(to=_S.ACTIVE, guards=(_G.IS_LATE, _G.NOT_YET_WARNED)),
    (_S.ACTIVE, _E.CATCH_UP): Step(to=_S.ACTIVE, guards=(_G.WARNED_BEFORE, _G.IS_NOT_LATE)),
    (_S.ACTIVE, _E.COMPLETE): Step(to=_S.COMPLETED, guards=(_G.IS_KEPT,)),
    (_S.ACTIVE, _E.BREAK): Step(
        to=_S.BROKEN,
        guards=(
            _G.IS_LATE,
            _G.WARNED_BEFORE,
            _G.PAST_TOLERANCE,
            _G.NO_CHANGE_ASKED,
            _G.REASON_GIVEN,
        ),
    ),
    (_S.ACTIVE, _E.CANCEL): _CANCELLED,
}

#: Who acts, where it is nobody of the lender's.
BORROWER, SYSTEM = "borrower", "system"
#: Ways out whose payments are instalments of their own, which never go below the floor.
ASKS_WHAT_IS_FREE = frozenset(
    {
        OptionType.PAYDAY,
        OptionType.DEFERRAL,
        OptionType.EXTENSION,
        OptionType.INTEREST_ONLY,
        OptionType.RE_PLAN,
        OptionType.PENALTY_FREEZE,
        OptionType.WRITE_DOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """The last warning that is not caught up with."""

    on: date
    missed_on: date  #: the day of the payment it was about


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when a step is to be taken; what does not matter to it is left out."""

    on: date
    role: str  #: borrower, system, or a rank of the lender's
    actor: str  #: who it is
    reason: str = ""
    option: Option | None = None  #: the way out chosen
    months_max: int | None = None  #: the longest term of the product; None: none is known
    approval: Approval | None = None  #: who must approve the option
    maker: str = ""  #: who assessed it
    thinking_until: date | None = None  #: last day of the time to think
    offer_until: date | None = None  #: last day on which it may be accepted
    is_during_call: bool | None = None  #: None: nobody said, which is taken for yes
    shown_sha256: str = ""
    read_sha256: str = ""
    is_owed: bool = False
    is_in_book: bool = False
    keeping: Keeping | None = None
    tolerance_days: int = 0
    warned: Warned | None = None
    is_change_asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The step is taken."""

    to: PlanState


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """In this state there is no such step."""

    state: PlanState
    event: PlanEvent
    possible: tuple[PlanEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A guard does not hold: what it wanted, and what it found."""

    guard: Guard
    expected: str
    got: str


Answer: TypeAlias = Moved | NotNow | Held


def take(state: PlanState, event: PlanEvent, facts: Facts) -> Answer:
    """Take a step of a plan's life.

    Args:
        state: Where the plan is.
        event: What is to happen.
        facts: What the guards look at.

    Returns:
        Where it is then; or that there is no such step; or the first guard that does not hold.
    """
    step = STEPS.get((state, event))
    if step is None:
        return NotNow(state=state, event=event, possible=possible_in(state))
    for guard in step.guards:
        told = CHECKS[guard](facts)
        if told is not None:
            return Held(guard=guard, expected=told[0], got=told[1])
    return Moved(to=step.to)


def possible_in(state: PlanState) -> tuple[PlanEvent, ...]:
    """What may happen in a state, in the order of the table."""
    return tuple(event for at, event in STEPS if at is state)


#: Nothing where a guard holds; else what it wanted and what it found.
_Told: TypeAlias = tuple[str, str] | None


def _unless(holds: bool, expected: str, got: str) -> _Told:  # noqa: FBT001 - reads as a sentence
    return None if holds else (expected, got)


def _by_lender(facts: Facts) -> _Told:
    is_lender = bool(facts.actor) and facts.role not in {BORROWER, SYSTEM, ""}
    return _unless(is_lender, "somebody of the lender, by name and rank", _whoever(facts))


def _by_borrower(facts: Facts) -> _Told:
    is_borrower = bool(facts.actor) and facts.role == BORROWER
    return _unless(is_borrower, "the borrower's own word", _whoever(facts))


def _whoever(facts: Facts) -> str:
    return f"{facts.role or 'nobody'} {facts.actor}".strip()


def _within_longest_term(facts: Facts) -> _Told:
    figures = facts.option.figures if facts.option else None
    if figures is None or facts.option is None or facts.months_max is None:
        return None
    latest_on = add_months(facts.option.on, facts.months_max)
    return _unless(
        figures.ends_on <= latest_on,
        f"an end by {latest_on}, {facts.months_max} months on",
        str(figures.ends_on),
    )


def _above_floor(facts: Facts) -> _Told:
    option = facts.option
    if option is None or option.figures is None or option.type not in ASKS_WHAT_IS_FREE:
        return None
    below = option.figures.months_below_floor
    return _unless(below == 0, "no month below what is needed to live on", f"{below} such months")


def _another_person(facts: Facts) -> _Told:
    two = facts.approval is None or facts.approval.is_by_two
    holds = bool(facts.maker) and (not two or facts.actor != facts.maker)
    return _unless(holds, f"somebody else than {facts.maker}, who made it", facts.actor)


def _within_authority(facts: Facts) -> _Told:
    approval = facts.approval
    if approval is None:
        return "a way out that was weighed", "none"
    return _unless(approval.is_met_by(facts.role), f"{approval.by} or above", _whoever(facts))


def _needs_no_approval(facts: Facts) -> _Told:
    approval = facts.approval
    if approval is None:
        return "a way out that was weighed", "none"
    return _unless(not approval.is_needed, f"the approval of {approval.by} first", "none")


def _stands_long_enough(facts: Facts) -> _Told:
    thinking, until = facts.thinking_until, facts.offer_until
    if thinking is None or until is None:
        return "a last day of the offer", "none"
    return _unless(until >= thinking, f"an offer until {thinking} or later", str(until))


def _not_during_call(facts: Facts) -> _Told:
    told = "nobody said where" if facts.is_during_call is None else "during a call"
    return _unless(facts.is_during_call is False, "an answer given outside a call", told)


def _still_stands(facts: Facts) -> _Told:
    until = facts.offer_until
    return _unless(until is not None and facts.on <= until, f"an answer by {until}", str(facts.on))


def _offer_is_over(facts: Facts) -> _Told:
    until = facts.offer_until
    return _unless(until is not None and facts.on > until, f"a day after {until}", str(facts.on))


def _text_was_read(facts: Facts) -> _Told:
    same = bool(facts.shown_sha256) and facts.read_sha256 == facts.shown_sha256
    return _unless(
        same, f"the text of digest {facts.shown_sha256 or 'none'}", facts.read_sha256 or "none"
    )


def _is_late(facts: Facts) -> _Told:
    late = facts.keeping is not None and facts.keeping.missed_on is not None
    return _unless(late, "a payment that is late", "none")


def _is_not_late(facts: Facts) -> _Told:
    missed_on = facts.keeping.missed_on if facts.keeping else facts.on
    return _unless(missed_on is None, "no payment that is late", f"that of {missed_on}")


def _not_yet_warned(facts: Facts) -> _Told:
    missed_on = facts.keeping.missed_on if facts.keeping else None
    return _unless(
        facts.warned is None or facts.warned.missed_on != missed_on,
        "one warning a payment",
        f"another one about that of {missed_on}",
    )


def _past_tolerance(facts: Facts) -> _Told:
    missed_on = facts.keeping.missed_on if facts.keeping else None
    if missed_on is None or facts.warned is None:
        return "a payment that is late, and a warning", "none"
    days = (facts.on - max(missed_on, facts.warned.on)).days
    return _unless(
        days > facts.tolerance_days,
        f"more than {facts.tolerance_days} days since payment and warning",
        f"{days} days",
    )


def _is_kept(facts: Facts) -> _Told:
    kept = facts.keeping is not None and facts.keeping.is_complete
    return _unless(kept, "all that the plan asks for", "not yet")


CHECKS: Mapping[Guard, Callable[[Facts], _Told]] = {
    Guard.BY_LENDER: _by_lender,
    Guard.BY_BORROWER: _by_borrower,
    Guard.REASON_GIVEN: lambda facts: _unless(bool(facts.reason), "a reason", "none"),
    Guard.HAS_FIGURES: lambda facts: _unless(
        facts.option is not None and facts.option.figures is not None,
        "a way out with payments or a day of review",
        facts.option.type.value if facts.option else "none",
    ),
    Guard.WITHIN_LONGEST_TERM: _within_longest_term,
    Guard.ABOVE_FLOOR: _above_floor,
    Guard.ANOTHER_PERSON: _another_person,
    Guard.WITHIN_AUTHORITY: _within_authority,
    Guard.NEEDS_NO_APPROVAL: _needs_no_approval,
    Guard.STANDS_LONG_ENOUGH: _stands_long_enough,
    Guard.NOT_DURING_CALL: _not_during_call,
    Guard.STILL_STANDS: _still_stands,
    Guard.TEXT_WAS_READ: _text_was_read,
    Guard.STILL_OWED: lambda facts: _unless(facts.is_owed, "a debt that is still owed", "none"),
    Guard.IN_BOOK: lambda facts: _unless(facts.is_in_book, "the plan's events in the book", "none"),
    Guard.IS_LATE: _is_late,
    Guard.IS_NOT_LATE: _is_not_late,
    Guard.NOT_YET_WARNED: _not_yet_warned,
    Guard.WARNED_BEFORE: lambda facts: _unless(
        facts.warned is not None, "a warning that came before", "none"
    ),
    Guard.PAST_TOLERANCE: _past_tolerance,
    Guard.NO_CHANGE_ASKED: lambda facts: _unless(
        not facts.is_change_asked, "no change that waits for its answer", "one"
    ),
    Guard.IS_KEPT: _is_kept,
    Guard.OFFER_IS_OVER: _offer_is_over,
}
