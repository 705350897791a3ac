"""Time moves on and movements are only added: the premise on which a close reads no journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from arrears.delinquency.ageing import AgeingRules, next_action_on
from arrears.kernel import movement as m
from arrears.kernel.dates import days_of
from arrears.servicing.contract import read_contract
from arrears.servicing.events import read_event
from arrears.servicing.state import fold_contract
from auditor.profiles import steady
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, loans
from auditor.strategies_line import revolving_lines
from auditor.strategies_opening import taken_over
from auditor.translation import contract_of, event_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.servicing.contract import Contract
    from arrears.servicing.events import Event
    from auditor.model import Account

Keyed = Counter[tuple[int, ...]]

EVENTS = MONEY + SIMPLE + RARE + ROWS
EDGES_DAYS = (30, 90)
RULES = AgeingRules(
    bucket={"M1": 0, "M2": 30, "M3": 60}, five_class={"special": 30, "loss": 90}, bureau=None
)
#: Enough looks to reach from the first day of a history to its last, by its own next actions.
LOOKS_MAX = 40

every_account = st.one_of(
    loans(happens=EVENTS),
    loans(is_daily=True, happens=EVENTS),
    revolving_lines(),
    taken_over(),
)


def history_of(account: Account) -> tuple[Contract, list[Event]]:
    """The account as the program reads it, with bounds of classes."""
    contract = replace(contract_of(account.terms), class_edges_days=EDGES_DAYS)
    return contract, [event_of(each, account.terms) for each in account.events]


def posted(contract: Contract, events: Sequence[Event], day: date) -> list[list[int]]:
    """What a fold to the day posts: valuations are left out."""
    moves = fold_contract(contract, events, day, posting=1).movements.tolist()
    return [row for row in moves if not row[m.MV_IS_VALUATION]]


def summed(rows: Sequence[Sequence[int]], first: int, last: int) -> Keyed:
    """Amounts by key under value dates from `first` to `last`, both included."""
    sums: Keyed = Counter()
    for row in rows:
        if first <= row[m.MV_ON] <= last:
            sums[tuple(row[: m.MOVEMENT_KEY_COLUMNS])] += row[m.MV_AMOUNT]
    return Counter({key: minor for key, minor in sums.items() if minor})


def effective_on(event: Event, events: Sequence[Event]) -> date:
    """The day from which an event changes movements: of what erases another, that one's day."""
    erased = [each for each in events if each.event_id == event.reverses]
    return erased[0].value_on if erased else event.value_on


def looks(contract: Contract, events: Sequence[Event], last: date) -> list[date]:
    """The days on which a close would look at the account, from its first event to `last`."""
    days: list[date] = []
    day: date | None = min(event.value_on for event in events)
    while day is not None and day < last and len(days) < LOOKS_MAX:
        days.append(day)
        state = fold_contract(contract, events, day)
        turn = next_action_on(state, RULES, contract.penalty.grace_days, contract.non_accrual_days)
        later = [event.value_on for event in events if event.value_on > day]
        day = min([*later, *([turn] if turn else [])], default=None)
    return days


@steady(80)
@given(every_account, st.data())
def test_a_later_fold_says_of_days_past_what_was_posted(
    case: tuple[Account, date], data: st.DataObject
) -> None:
    """Up to any day, the movements of a later fold are those of a fold to that day, key by key.

    So where nothing was recorded since, what is to be posted are the movements after the last fold.
    Days are those on which the close looks, and any others. Events to come are known throughout.
    """
    account, last = case
    contract, events = history_of(account)
    whole = posted(contract, events, last)
    days = looks(contract, events, last)
    first = days[0] if days else last
    days += data.draw(st.lists(st.dates(first, last), max_size=6))
    for day in days:
        then = posted(contract, events, day)
        assert summed(then, 0, days_of(day)) == summed(whole, 0, days_of(day))
        assert all(row[m.MV_ON] <= days_of(day) for row in then)


@steady(80)
@given(every_account, st.integers(0, 1_000))
def test_an_event_changes_nothing_before_its_own_day(
    case: tuple[Account, date], choice: int
) -> None:
    """With and without one event, movements under days before it are the same, key by key.

    A reversal acts from the day of what it erases, whenever it is dated itself.
    """
    account, last = case
    contract, events = history_of(account)
    erased = {event.reverses for event in events}
    free = [event for event in events[1:] if event.event_id not in erased]
    if not free:
        return
    late = free[choice % len(free)]
    day = days_of(effective_on(late, events)) - 1
    before = posted(contract, [event for event in events if event is not late], last)
    assert summed(before, 0, day) == summed(posted(contract, events, last), 0, day)


LENT = {"id": "D", "on": "2026-01-01", "type": "disbursed", "amount": "3000"}
UNPAID = read_contract(
    {
        "terms": {"principal": "3000", "disbursed_on": "2026-01-01", "annual_rate": "0.146"},
        "penalty": {"mode": "replaces", "uplift": "0.5"},
    }
)


def unpaid(*documents: dict[str, object]) -> list[Event]:
    """A loan of which nothing is paid, and what else is recorded of it."""
    return [read_event(each, UNPAID.terms.currency, where="event") for each in (LENT, *documents)]


def test_other_bounds_of_classes_move_what_was_posted_before() -> None:
    """The one thing beside events that reaches back: where a class begins, accruals are posted.

    2026-02-01  the first instalment falls due, nothing is paid
    2026-08-01  181 days late: under a bound of 180 days the penalty up to here is posted here
    2026-12-01  the same loan under bounds of 90 and 270 days has nothing posted that day
    So an account whose bounds have become others is compared from its first day.
    """
    last, turn = date(2026, 12, 1), days_of(date(2026, 8, 1))
    old = replace(UNPAID, class_edges_days=(90, 180))
    new = replace(UNPAID, class_edges_days=(90, 270))
    assert summed(posted(old, unpaid(), last), turn, turn)
    assert not summed(posted(new, unpaid(), last), turn, turn)


def test_money_that_never_arrived_acts_from_the_day_it_was_lent() -> None:
    """A failed disbursement recorded in March for January leaves no movement at all from January on."""
    failed = {"id": "F", "on": "2026-03-07", "type": "disbursement_failed", "reverses": "D"}
    events = unpaid(failed)
    assert effective_on(events[1], events) == date(2026, 1, 1)
    assert posted(UNPAID, events, date(2026, 3, 7)) == []
