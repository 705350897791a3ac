"""The life of a plan: what may happen when, who may do it, and what no walk through it ever finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.hardship.approval import Approval, ApprovalRules, approval_for
from arrears.hardship.keeping import keeping_of
from arrears.hardship.option import (
    DaysPastDue,
    Figures,
    LenderValue,
    Option,
    OptionType,
    Payment,
    Reported,
    Treatment,
)
from arrears.hardship.plan import (
    CHECKS,
    ENDED,
    STEPS,
    Facts,
    Guard,
    Held,
    Moved,
    NotNow,
    PlanEvent,
    PlanState,
    Warned,
    possible_in,
    take,
)
from arrears.kernel.dates import add_months
from arrears.kernel.movement import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrears.hardship.plan import Answer

ON = date(2026, 5, 4)
RULES = ApprovalRules(
    debt_over_minor={"officer": 0, "supervisor": 20_000_00, "committee": 100_000_00},
    discount_over_percent={"officer": 0, "supervisor": 10, "committee": 30},
    always=frozenset({OptionType.SETTLEMENT}),
    is_by_two=True,
)
TREATMENT = Treatment(
    is_restructured=True,
    days_past_due=DaysPastDue.CONTINUE,
    reported=Reported.RESTRUCTURED,
    verified=frozenset(),
    source="none",
    note="",
)


def monthly(months: int, amount_minor: int = 100_00) -> tuple[Payment, ...]:
    """The same amount on the same day of so many months."""
    return tuple(
        Payment(on=add_months(ON, at), amount_minor=amount_minor) for at in range(1, months + 1)
    )


def a_way_out(
    payments: tuple[Payment, ...] = monthly(3),
    *,
    kind: OptionType = OptionType.RE_PLAN,
    below_floor: int = 0,
    forgone: Mapping[Component, int] | None = None,
    is_above: bool = True,
    review_on: date | None = None,
) -> Option:
    """A way out with these payments, worked out on 2026-05-04."""
    total_minor = sum(each.amount_minor for each in payments)
    ends_on = max([each.on for each in payments], default=review_on or ON)
    return Option(
        type=kind,
        on=ON,
        events=(),
        closing_events=(),
        figures=Figures(
            payments=payments,
            monthly_minor=max([each.amount_minor for each in payments], default=0),
            share_of_free_ppm=None,
            total_minor=total_minor,
            saves_minor=0,
            ends_on=ends_on,
            months_below_floor=below_floor,
            months_adverse=0,
            months=len(payments),
        ),
        treatment=TREATMENT,
        grounds=(),
        review_on=review_on,
        lender=LenderValue(
            forgone_minor=forgone or {},
            present_path_minor=0,
            expected_minor={},
            is_above_present_path=is_above,
        ),
    )


ALONE = Approval(by="officer", ranks=RULES.ranks, because=(), is_by_two=True)
ABOVE = replace(ALONE, by="supervisor", because=("debt",))
OFFICER = Facts(on=ON, role="officer", actor="O-1", option=a_way_out(), months_max=60)
OFFER = replace(
    OFFICER,
    approval=ALONE,
    is_owed=True,
    thinking_until=ON + timedelta(days=7),
    offer_until=ON + timedelta(days=14),
)
YES = Facts(
    on=ON,
    role="borrower",
    actor="B-1",
    offer_until=ON + timedelta(days=14),
    is_during_call=False,
    shown_sha256="ab",
    read_sha256="ab",
    is_owed=True,
)


def held(answer: Answer) -> Guard:
    """The guard that held a step back."""
    assert isinstance(answer, Held)
    return answer.guard


def test_every_state_is_reached_and_an_ended_plan_stays_ended() -> None:
    """From the request every state can be come to; from an ended one no step leads on."""
    reached, new = {PlanState.REQUESTED}, {PlanState.REQUESTED}
    while new:
        new = {step.to for (at, _), step in STEPS.items() if at in new} - reached
        reached |= new
    assert reached == set(PlanState)
    assert {state for state in PlanState if not possible_in(state)} == ENDED
    assert set(CHECKS) == set(Guard)


def test_only_what_is_approved_is_called_an_offer() -> None:
    """What needs a supervisor is no offer before one has approved it; what needs none is at once."""
    assert take(PlanState.ASSESSED, PlanEvent.OFFER, OFFER) == Moved(to=PlanState.OFFERED)
    waiting = replace(OFFER, approval=ABOVE)
    assert held(take(PlanState.ASSESSED, PlanEvent.OFFER, waiting)) is Guard.NEEDS_NO_APPROVAL
    assert take(PlanState.APPROVED, PlanEvent.OFFER, waiting) == Moved(to=PlanState.OFFERED)


@pytest.mark.parametrize(
    ("rank", "actor", "guard"),
    [
        ("supervisor", "O-1", Guard.ANOTHER_PERSON),
        ("officer", "O-2", Guard.WITHIN_AUTHORITY),
        ("president", "O-3", Guard.WITHIN_AUTHORITY),
        ("borrower", "B-1", Guard.BY_LENDER),
    ],
)
def test_maker_and_checker(rank: str, actor: str, guard: Guard) -> None:
    """Who made it, who ranks too low, whom nobody ranked, and the borrower cannot approve."""
    facts = replace(OFFICER, role=rank, actor=actor, maker="O-1", approval=ABOVE)
    assert held(take(PlanState.ASSESSED, PlanEvent.APPROVE, facts)) is guard
    checker = replace(facts, role="committee", actor="O-9")
    assert take(PlanState.ASSESSED, PlanEvent.APPROVE, checker) == Moved(to=PlanState.APPROVED)


def test_neither_below_the_floor_nor_beyond_the_longest_term() -> None:
    """A plan of 61 months under a bound of 60, and one that leaves too little to live on."""
    long = replace(OFFICER, option=a_way_out(monthly(61)))
    answer = take(PlanState.REQUESTED, PlanEvent.ASSESS, long)
    assert isinstance(answer, Held)
    assert (answer.guard, answer.got) == (Guard.WITHIN_LONGEST_TERM, "2031-06-04")
    poor = replace(OFFICER, option=a_way_out(below_floor=2))
    assert held(take(PlanState.REQUESTED, PlanEvent.ASSESS, poor)) is Guard.ABOVE_FLOOR
    edge = replace(OFFICER, option=a_way_out(monthly(60)))
    assert take(PlanState.REQUESTED, PlanEvent.ASSESS, edge) == Moved(to=PlanState.ASSESSED)


def test_a_pause_for_somebody_below_the_floor_is_possible() -> None:
    """The floor keeps instalments away; it never keeps away the help for who has nothing."""
    pause = a_way_out((), kind=OptionType.PAUSE, below_floor=3, review_on=date(2026, 8, 3))
    facts = replace(OFFICER, option=pause)
    assert take(PlanState.REQUESTED, PlanEvent.ASSESS, facts) == Moved(to=PlanState.ASSESSED)


def test_an_offer_stands_for_the_time_to_think() -> None:
    """It is not made for less, and while it stands no step of the lender's leads away from it."""
    short = replace(OFFER, offer_until=ON + timedelta(days=6))
    assert held(take(PlanState.ASSESSED, PlanEvent.OFFER, short)) is Guard.STANDS_LONG_ENOUGH
    lender = replace(OFFER, reason="other", on=ON + timedelta(days=14), role="committee")
    moved = [
        event for event in PlanEvent if isinstance(take(PlanState.OFFERED, event, lender), Moved)
    ]
    assert moved == []
    later = replace(lender, on=ON + timedelta(days=15))
    assert take(PlanState.OFFERED, PlanEvent.EXPIRE, later) == Moved(to=PlanState.EXPIRED)


@pytest.mark.parametrize(
    ("facts", "guard"),
    [
        (replace(YES, is_during_call=True), Guard.NOT_DURING_CALL),
        (replace(YES, is_during_call=None), Guard.NOT_DURING_CALL),
        (replace(YES, read_sha256="cd"), Guard.TEXT_WAS_READ),
        (replace(YES, read_sha256="", shown_sha256=""), Guard.TEXT_WAS_READ),
        (replace(YES, on=ON + timedelta(days=15)), Guard.STILL_STANDS),
        (replace(YES, role="officer"), Guard.BY_BORROWER),
        (replace(YES, is_owed=False), Guard.STILL_OWED),
    ],
)
def test_what_is_no_acceptance(facts: Facts, guard: Guard) -> None:
    """During a call, of another text, too late, by somebody else, or of a debt that is paid."""
    assert held(take(PlanState.OFFERED, PlanEvent.ACCEPT, facts)) is guard
    assert take(PlanState.OFFERED, PlanEvent.ACCEPT, YES) == Moved(to=PlanState.ACCEPTED)


def late(on: date, warned: Warned | None, *, change: bool = False) -> Facts:
    """A plan whose first payment of 2026-06-04 did not come; seven days are tolerated."""
    return Facts(
        on=on,
        role="system",
        actor="close",
        reason="missed",
        keeping=keeping_of(a_way_out(), 0, on),
        tolerance_days=7,
        warned=warned,
        is_change_asked=change,
    )


def test_one_miss_is_warned_of_first() -> None:
    """On the due date nothing; the day after a warning, once; broken only beyond the tolerance.

    2026-06-04  the payment is due
    2026-06-05  warned
    2026-06-12  seven days since the warning: not yet
    2026-06-13  broken, unless a change was asked for
    """
    due = date(2026, 6, 4)
    assert held(take(PlanState.ACTIVE, PlanEvent.WARN, late(due, None))) is Guard.IS_LATE
    warned = Warned(on=due + timedelta(days=1), missed_on=due)
    first = late(warned.on, None)
    assert take(PlanState.ACTIVE, PlanEvent.WARN, first) == Moved(to=PlanState.ACTIVE)
    again = late(due + timedelta(days=2), warned)
    assert held(take(PlanState.ACTIVE, PlanEvent.WARN, again)) is Guard.NOT_YET_WARNED
    assert held(take(PlanState.ACTIVE, PlanEvent.BREAK, first)) is Guard.WARNED_BEFORE
    week = late(date(2026, 6, 12), warned)
    assert held(take(PlanState.ACTIVE, PlanEvent.BREAK, week)) is Guard.PAST_TOLERANCE
    over = late(date(2026, 6, 13), warned)
    assert take(PlanState.ACTIVE, PlanEvent.BREAK, over) == Moved(to=PlanState.BROKEN)
    asked = late(date(2026, 6, 13), warned, change=True)
    assert held(take(PlanState.ACTIVE, PlanEvent.BREAK, asked)) is Guard.NO_CHANGE_ASKED


def test_who_was_warned_late_has_the_tolerance_from_then() -> None:
    """A review that did not run for weeks warns first, and breaks nothing on that day."""
    warned = Warned(on=date(2026, 7, 1), missed_on=date(2026, 6, 4))
    assert held(take(PlanState.ACTIVE, PlanEvent.BREAK, late(date(2026, 7, 8), warned))) is (
        Guard.PAST_TOLERANCE
    )


def test_money_covers_payments_in_their_order() -> None:
    """Two at once, a part, and the rest: late is only what no money covers, a day after its day."""
    option = a_way_out()
    assert keeping_of(option, 200_00, date(2026, 7, 5)).missed_on is None
    part = keeping_of(option, 150_00, date(2026, 7, 5))
    assert (part.missed_on, part.behind_minor, part.next_minor) == (date(2026, 7, 4), 50_00, 50_00)
    assert keeping_of(option, 150_00, date(2026, 7, 4)).missed_on is None
    assert keeping_of(option, 300_00, date(2026, 6, 5)).is_complete
    pause = a_way_out((), kind=OptionType.PAUSE, review_on=date(2026, 8, 3))
    assert not keeping_of(pause, 0, date(2026, 8, 2)).is_complete
    assert keeping_of(pause, 0, date(2026, 8, 3)).is_complete


@pytest.mark.parametrize(
    ("debt_minor", "forgone_minor", "kind", "is_above", "by", "because"),
    [
        (20_000_00, 0, OptionType.RE_PLAN, True, "officer", ()),
        (20_000_01, 0, OptionType.RE_PLAN, True, "supervisor", ("debt",)),
        (100_000_01, 0, OptionType.RE_PLAN, True, "committee", ("debt",)),
        (1_000_00, 100_00, OptionType.WRITE_DOWN, True, "officer", ()),
        (1_000_00, 100_01, OptionType.WRITE_DOWN, True, "supervisor", ("discount",)),
        (1_000_00, 300_01, OptionType.WRITE_DOWN, True, "committee", ("discount",)),
        (1_000_00, 1, OptionType.SETTLEMENT, True, "supervisor", ("kind",)),
        (1_000_00, 0, OptionType.PAUSE, False, "supervisor", ("value",)),
    ],
)
def test_the_matrix_to_the_fen(
    debt_minor: int,
    forgone_minor: int,
    kind: OptionType,
    is_above: bool,  # noqa: FBT001 - a column of the table above
    by: str,
    because: tuple[str, ...],
) -> None:
    """Exactly at a bound the lower rank decides; one fen above it the next."""
    option = a_way_out(kind=kind, forgone={Component.PENALTY: forgone_minor}, is_above=is_above)
    found = approval_for(option, debt_minor, RULES)
    assert (found.by, found.because) == (by, because)


FACTS = st.builds(
    Facts,
    on=st.dates(ON, ON + timedelta(days=150)),
    role=st.sampled_from(["borrower", "system", *RULES.ranks, "president", ""]),
    actor=st.sampled_from(["B-1", "O-1", "O-2", ""]),
    reason=st.sampled_from(["", "other"]),
    option=st.sampled_from([None, a_way_out(), a_way_out(monthly(61)), a_way_out(below_floor=1)]),
    months_max=st.just(60),
    approval=st.sampled_from([None, ALONE, ABOVE]),
    maker=st.sampled_from(["O-1", ""]),
    thinking_until=st.just(ON + timedelta(days=7)),
    offer_until=st.sampled_from([ON + timedelta(days=6), ON + timedelta(days=14)]),
    is_during_call=st.sampled_from([None, True, False]),
    shown_sha256=st.sampled_from(["", "ab"]),
    read_sha256=st.sampled_from(["", "ab", "cd"]),
    is_owed=st.booleans(),
    is_in_book=st.booleans(),
    tolerance_days=st.just(7),
    is_change_asked=st.booleans(),
)


@dataclass
class Walked:
    """How far a walk has come, kept beside the code that is tested."""

    state: PlanState = PlanState.REQUESTED
    on: date = ON
    paid_minor: int = 0
    warned: Warned | None = None
    is_approved: bool = False

    def facts(self, drawn: Facts) -> Facts:
        """What was drawn, on the day of the walk and with what it has seen."""
        keeping = keeping_of(a_way_out(), self.paid_minor, self.on)
        return replace(drawn, on=self.on, warned=self.warned, keeping=keeping)

    def check(self, event: PlanEvent, facts: Facts) -> None:
        """Whether a step that was taken may have been, and what it leaves for later ones."""
        if event in self.REASONED:
            assert facts.reason
        named = getattr(self, event.value, None)
        if named is not None:
            named(facts)

    REASONED: ClassVar = {
        PlanEvent.DECLINE,
        PlanEvent.EXPIRE,
        PlanEvent.WITHDRAW,
        PlanEvent.CANCEL,
        PlanEvent.BREAK,
    }

    def assess(self, facts: Facts) -> None:
        """Neither too long nor below the floor; what was approved before is not any more."""
        assert facts.option == a_way_out()
        self.is_approved = False

    def approve(self, facts: Facts) -> None:
        """By somebody else, of the rank asked for."""
        assert facts.actor != facts.maker
        assert facts.role in {"supervisor", "committee"} or facts.approval == ALONE
        self.is_approved = True

    def offer(self, facts: Facts) -> None:
        """Approved where it must be, and for long enough."""
        assert self.is_approved or facts.approval == ALONE
        assert facts.offer_until == ON + timedelta(days=14)

    def accept(self, facts: Facts) -> None:
        """By the borrower, outside a call, of the text that was shown."""
        assert (facts.is_during_call, facts.role) == (False, "borrower")
        assert facts.read_sha256 == facts.shown_sha256 == "ab"

    def warn(self, facts: Facts) -> None:
        """Of a payment that is late."""
        assert facts.keeping
        assert facts.keeping.missed_on
        self.warned = Warned(on=self.on, missed_on=facts.keeping.missed_on)

    def catch_up(self, facts: Facts) -> None:
        """Nothing is late any more."""
        assert facts.keeping
        assert facts.keeping.missed_on is None
        self.warned = None

    def complete(self, facts: Facts) -> None:
        """All is paid."""
        assert facts.keeping
        assert self.paid_minor >= 300_00


@given(
    walk=st.lists(st.tuples(st.sampled_from(PlanEvent), FACTS), max_size=60),
    paid_minor=st.lists(st.integers(0, 200_00), min_size=60, max_size=60),
)
def test_no_walk_finds_a_way_around(
    walk: list[tuple[PlanEvent, Facts]], paid_minor: list[int]
) -> None:
    """Days go by, anybody asks for anything: what the issue forbids never happens.

    No approval by its maker, no offer without one that is needed, no acceptance in a call or of
    another text, no break without an earlier warning, no completion before all is paid, no end
    without a reason, and nothing after the end.
    """
    walked = Walked()
    for (event, drawn), more in zip(walk, paid_minor, strict=False):
        walked.on, walked.paid_minor = max(walked.on, drawn.on), walked.paid_minor + more
        facts = walked.facts(drawn)
        answer = take(walked.state, event, facts)
        if isinstance(answer, NotNow):
            assert event not in answer.possible
        elif isinstance(answer, Held):
            assert answer.guard in STEPS[walked.state, event].guards
        else:
            assert walked.state not in ENDED
            walked.check(event, facts)
            walked.state = answer.to


@given(
    paid_minor=st.integers(0, 400_00),
    more_minor=st.integers(0, 400_00),
    days=st.integers(0, 120),
    amounts=st.lists(st.integers(1, 150_00), min_size=1, max_size=5),
)
def test_more_money_never_makes_a_plan_later(
    paid_minor: int, more_minor: int, days: int, amounts: list[int]
) -> None:
    """Whoever pays more is late with the same payment, a later one, or none; never with an earlier."""
    payments = tuple(
        Payment(on=ON + timedelta(days=20 * at), amount_minor=each)
        for at, each in enumerate(amounts, start=1)
    )
    option, on = a_way_out(payments), ON + timedelta(days=days)
    less, more = keeping_of(option, paid_minor, on), keeping_of(option, paid_minor + more_minor, on)
    if more.missed_on is not None:
        assert less.missed_on is not None
        assert less.missed_on <= more.missed_on
    assert less.behind_minor >= more.behind_minor
    assert (less.missed_on is None) == (less.behind_minor == 0)
