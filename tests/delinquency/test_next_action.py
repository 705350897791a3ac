"""The next action: on the days before it nothing is posted and nothing turns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrears import bootstrap
from arrears.app.owing import AGEING_IDS, ageing_rules
from arrears.delinquency.ageing import (
    NOT_IN_FORCE,
    AgeingRules,
    day_of_month_after,
    next_action_on,
    standing_of,
    turning_days,
)
from arrears.policy.snapshot import take_snapshot
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.events import Event, check_history, read_event
from arrears.servicing.state import AccountState, fold_contract

SNAPSHOT = take_snapshot(bootstrap.policy_registry(AGEING_IDS))
OPENED = date(2026, 1, 1)
RULES = ageing_rules(SNAPSHOT, date(2026, 6, 1))


def day(after: int) -> str:
    """A day counted from the opening, as text."""
    return (OPENED + timedelta(days=after)).isoformat()


def loan(mode: str, accrual: str, grace: int, materiality: str) -> Contract:
    """A loan of 3,000.00 in three monthly instalments at 14.6 %."""
    terms = {"principal": "3000", "disbursed_on": day(0), "annual_rate": "0.146",
             "method": "equal_instalment", "instalments": 3, "day_count": "actual/365"}  # fmt: skip
    penalty = {"mode": mode, "uplift": "0.5", "grace_days": grace, "materiality": materiality}
    document = {"terms": terms, "accrual": accrual, "penalty": penalty, "non_accrual_days": 90,
                "cap_annual": "0.24", "class_edges": [90, 270, 360]}  # fmt: skip
    return read_contract(document)


def history(contract: Contract, *documents: dict[str, Any]) -> list[Event]:
    """The disbursement and what came after it."""
    lent = {"on": day(0), "type": "disbursed", "amount": "3000"}
    made = [
        read_event({"id": f"E{at}", "seq": at, **each}, contract.terms.currency, where="event")
        for at, each in enumerate((lent, *documents))
    ]
    check_history(made)
    return made


def posted(state: AccountState) -> list[list[int]]:
    """The movements that may be posted: not what is only valued."""
    return [row for row in state.movements.tolist() if not row[-1]]


def turn_of(state: AccountState, contract: Contract, events: list[Event]) -> date:
    """The next day on which anything happens, events to come included; far away if never."""
    rules = ageing_rules(SNAPSHOT, state.as_of)
    turn = next_action_on(state, rules, contract.penalty.grace_days, contract.non_accrual_days)
    later = [event.value_on for event in events if event.value_on > state.as_of]
    return min([*later, turn or date.max])


DAYS = st.integers(1, 200)
EVENT = st.one_of(
    st.builds(lambda on, yuan: {"on": day(on), "type": "repaid", "amount": str(yuan)}, DAYS, st.integers(1, 1500)),
    st.builds(lambda on, n: {"on": day(on), "type": "paused", "until": day(on + n)}, DAYS, st.integers(1, 60)),
    st.builds(lambda on, n: {"on": day(on), "type": "penalty_frozen", "until": day(on + n)}, DAYS, st.integers(1, 60)),
    st.builds(lambda on, yuan: {"on": day(on), "type": "fee_charged", "amount": str(yuan)}, DAYS, st.integers(1, 50)),
    st.builds(
        lambda on, n: {"on": day(on), "type": "rate_changed", "rate": "0.1", "until": day(on + n)},
        DAYS, st.integers(1, 40),
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(["replaces", "adds", "none"]),
    accrual=st.sampled_from(["scheduled", "daily"]),
    grace=st.sampled_from([0, 3, 10]),
    materiality=st.sampled_from(["0", "10.00", "1020.00"]),
    documents=st.lists(EVENT, max_size=4),
    after=st.integers(0, 230),
)
def test_nothing_happens_before_the_next_action(
    mode: str,
    accrual: str,
    grace: int,
    materiality: str,
    documents: list[dict[str, Any]],
    after: int,
) -> None:
    """The day before the next action has the same postings and the same standing as today.

    Ends of months are left out: the close visits every account on them. With pauses the fold also
    posts on days on which a bound would have been crossed without them; standings still agree.
    """
    contract = loan(mode, accrual, grace, materiality)
    events = history(contract, *documents)
    today = OPENED + timedelta(days=after)
    now = fold_contract(contract, events, today, posting=0)
    turn = turn_of(now, contract, events)
    eve = min(turn - timedelta(days=1), today + timedelta(days=400))
    if eve <= today:
        return
    then = fold_contract(contract, events, eve, posting=0)
    if all(each["type"] != "paused" for each in documents):
        assert posted(then) == posted(now)
    assert then.is_non_accrual == now.is_non_accrual
    assert then.status == now.status
    rules = ageing_rules(SNAPSHOT, eve)
    assert standing_of(then.days_delinquent, rules) == standing_of(
        now.days_delinquent, ageing_rules(SNAPSHOT, today)
    )


def test_a_settled_loan_is_never_visited_again() -> None:
    """All is paid on the first due date: time alone changes nothing any more but law itself."""
    contract = loan("replaces", "scheduled", 0, "0")
    events = history(contract, {"on": day(31), "type": "repaid", "amount": "4000"})
    state = fold_contract(contract, events, OPENED + timedelta(days=31))
    unchanging = AgeingRules(bucket=RULES.bucket, five_class=RULES.five_class, bureau=RULES.bureau)
    assert next_action_on(state, unchanging, 0, 90) is None


def test_an_overdue_loan_turns_on_known_days() -> None:
    """Due 2026-02-01, never paid: overdue, grace end, M2, the next due date, one after the other."""
    contract = loan("replaces", "scheduled", 3, "0")
    events = history(contract)
    found, today = [], date(2026, 1, 20)
    while len(found) < 6:
        state = fold_contract(contract, events, today)
        today = turn_of(state, contract, events)
        found.append(today.isoformat())
    assert found == [
        "2026-02-01",
        "2026-02-02",
        "2026-02-05",
        "2026-03-01",
        "2026-03-02",
        "2026-03-04",
    ]


def test_a_change_of_law_is_a_turn() -> None:
    """On 2023-07-01 the bounds of the classes become others; the day is visited though nothing is due."""
    contract = loan("replaces", "scheduled", 0, "0")
    before = fold_contract(contract, history(contract), date(2023, 6, 1))
    assert turn_of(before, contract, []) == date(2023, 7, 1)
    after = fold_contract(contract, history(contract), date(2023, 7, 1))
    assert turning_days(after, ageing_rules(SNAPSHOT, date(2023, 7, 1))) == []


def test_before_any_rule_there_is_no_standing() -> None:
    """In 2005 no rule of classes or of the bureau was in force: that is said, nothing is guessed."""
    rules = ageing_rules(SNAPSHOT, date(2005, 6, 1))
    standing = standing_of(100, rules)
    assert standing.bucket == "M4"
    assert standing.five_class == standing.bureau == NOT_IN_FORCE


@pytest.mark.parametrize(
    ("today", "of_month", "expected"),
    [
        ("2026-01-10", 15, "2026-01-15"),
        ("2026-01-15", 15, "2026-02-15"),
        ("2026-01-31", 31, "2026-02-28"),
        ("2026-02-28", 31, "2026-03-31"),
        ("2026-12-31", 1, "2027-01-01"),
    ],
)
def test_statement_days_are_clipped(today: str, of_month: int, expected: str) -> None:
    """A statement day of 31 falls on the last day of a shorter month, and is never today."""
    found = day_of_month_after(date.fromisoformat(today), of_month)
    assert found.isoformat() == expected
    state = fold_contract(loan("none", "scheduled", 0, "0"), [], date.fromisoformat(today))
    unchanging = AgeingRules(bucket=RULES.bucket, five_class=None, bureau=None)
    assert next_action_on(state, unchanging, 0, None, of_month) == found
