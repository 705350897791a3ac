"""Explanations: each amount can be computed again from what its movement says, and all add up."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrears import bootstrap
from arrears.kernel.movement import MOVEMENT_COLUMNS, Component, MovementKind, Reason
from arrears.kernel.rounding import Rounding, round_fraction
from arrears.ledger.positions import positions_of_movements
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.events import Event, check_history, read_event
from arrears.servicing.explanation import PARAMETERS, Movement, movements_of
from arrears.servicing.matrix import matrix_of
from arrears.servicing.state import AccountState, fold_contract, outstanding_minor

OPENED = date(2026, 1, 1)
#: Reasons whose amounts are a base times a rate times days of a year of 365.
BY_RATE = (Reason.PENALTY_RATE, Reason.COMPOUND_RATE)


def day(after: int) -> str:
    """A day counted from the opening, as text."""
    return (OPENED + timedelta(days=after)).isoformat()


def loan(rounding: str = "half_up", *, compound: bool = False, cap: str | None = None) -> Contract:
    """A loan of 9,000.00 in four monthly instalments at 14.6 %, 21.9 % when overdue."""
    terms = {"principal": "9000", "disbursed_on": day(0), "annual_rate": "0.146", "rounding": rounding,
             "method": "equal_instalment", "instalments": 4, "day_count": "actual/365"}  # fmt: skip
    document: dict[str, Any] = {"terms": terms, "penalty": {"uplift": "0.5", "compound": compound}}
    return read_contract(document if cap is None else {**document, "cap_annual": cap})


def history(contract: Contract, *documents: dict[str, Any]) -> list[Event]:
    """The disbursement and what came after it."""
    lent = {"on": day(0), "type": "disbursed", "amount": "9000"}
    made = [
        read_event({"id": f"E{at}", "seq": at, **each}, contract.terms.currency, where="event")
        for at, each in enumerate((lent, *documents))
    ]
    check_history(made)
    return made


def explained(
    contract: Contract, events: list[Event], after: int
) -> tuple[AccountState, tuple[Movement, ...]]:
    """State and movements on a day."""
    state = fold_contract(contract, events, OPENED + timedelta(days=after), posting=0)
    return state, movements_of(state)


PAYMENTS = st.lists(
    st.builds(
        lambda on, minor: {"on": day(on), "type": "repaid", "amount": f"{minor // 100}.{minor % 100:02d}"},
        st.integers(0, 160),
        st.integers(1, 3_000_00),
    ),
    max_size=4,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    payments=PAYMENTS,
    rounding=st.sampled_from(list(Rounding)),
    compound=st.sampled_from(["compounding", "simple"]),
    after=st.integers(0, 200),
)
def test_every_accrual_can_be_computed_again(
    payments: list[dict[str, Any]], rounding: Rounding, compound: str, after: int
) -> None:
    """Base x rate x days / 365 is what the exact sum grew by; what was recognised is that sum, rounded.

    Computed from the movements alone, per instalment and kind of charge; nothing else of the fold
    is read. A run of days too short to move the rounded sum leaves no movement of its own: it is in the
    next one's sum, and less than one fen.
    """
    contract = loan(rounding.value, compound=compound == "compounding")
    _, movements = explained(contract, history(contract, *payments), after)
    sums: defaultdict[tuple[int, Component, Reason], Fraction] = defaultdict(Fraction)
    ends: dict[tuple[int, Component, Reason], date] = {}
    recognised: defaultdict[tuple[int, Component, Reason], int] = defaultdict(int)
    for each in movements:
        if each.kind is not MovementKind.ACCRUED or each.unrounded is None:
            continue
        key = (each.instalment, each.component, each.reason)
        recognised[key] += each.amount_minor
        assert recognised[key] == round_fraction(each.unrounded, rounding)
        if each.reason in BY_RATE:
            run = Fraction(each.base_minor * each.rate_ppm * each.days, 365 * 10**6)
            passed_over = each.unrounded - sums[key] - run
            assert 0 <= passed_over < 1
            assert passed_over == 0 or each.from_on != ends.get(key)
            sums[key], ends[key] = each.unrounded, each.from_on + timedelta(days=each.days)
            assert each.rate_ppm == 219_000


@settings(max_examples=60, deadline=None)
@given(payments=PAYMENTS, after=st.integers(0, 200))
def test_the_movements_add_up_to_the_state(payments: list[dict[str, Any]], after: int) -> None:
    """What the movements say is owed, valued days included, is what the instalments say, and the credit."""
    contract = loan()
    state, movements = explained(contract, history(contract, *payments), after)
    rows = state.movements.tolist()
    counted = matrix_of([[*row[:-1], 0] for row in rows], MOVEMENT_COLUMNS)
    positions = positions_of_movements(counted)
    owed: defaultdict[Component, int] = defaultdict(int)
    for position, minor in positions.outstanding_minor.items():
        owed[position.component] += minor
    outstanding = outstanding_minor(state)
    assert positions.credit_minor == state.credit_balance_minor
    for component in (Component.PRINCIPAL, Component.PENALTY, Component.FEE, Component.COMPOUND):
        assert owed[component] == outstanding[component]
    cash = sum(
        each.amount_minor
        for each in movements
        if each.kind in (MovementKind.PAID, MovementKind.PUT_TO_CREDIT)
    )
    assert cash == sum(
        round(Fraction(each["amount"]) * 100)
        for each in payments
        if date.fromisoformat(each["on"]) <= state.as_of
    )


def test_a_movement_names_the_event_behind_it_or_none() -> None:
    """Cash names its payment; what time alone brought names nobody."""
    contract = loan()
    paid = {"on": day(40), "type": "repaid", "amount": "100"}
    _, movements = explained(contract, history(contract, paid), 60)
    assert {each.event_id for each in movements if each.kind is MovementKind.PAID} == {"E1"}
    assert {each.event_id for each in movements if each.kind is MovementKind.FELL_DUE} == {None}


def test_days_since_the_last_posting_point_are_valued_only() -> None:
    """A penalty between two posting points is in the state on each day, and flagged as not posted."""
    contract = loan()
    events = history(contract)
    _, movements = explained(contract, events, 50)
    last = [each for each in movements if each.component is Component.PENALTY]
    assert [each.is_valuation for each in last] == [False, True]
    assert (last[1].from_on, last[1].days) == (date(2026, 2, 2), 18)


def test_what_the_cap_takes_off_is_told() -> None:
    """21.9 % under a cap of 15 %: the overdue part bears the cap, and what it does not is told."""
    free, capped = loan(), loan(cap="0.15")
    events = history(free)
    state, movements = explained(capped, events, 60)
    rates = {each.rate_ppm for each in movements if each.component is Component.PENALTY}
    assert rates == {150_000}
    assert state.cut_minor == 0
    plain, _ = explained(free, events, 60)
    kept_off = (
        outstanding_minor(plain)[Component.PENALTY] - outstanding_minor(state)[Component.PENALTY]
    )
    assert state.limited_minor > 0
    assert abs(kept_off - state.limited_minor) <= 2


def test_every_parameter_behind_a_reason_is_in_the_pack() -> None:
    """An explanation never cites a parameter that is not there."""
    registry = bootstrap.policy_registry()
    for ids in PARAMETERS.values():
        for parameter_id in ids:
            assert registry.parameter(parameter_id)


@pytest.mark.parametrize("reason", [Reason.SCHEDULE, Reason.EVENT, Reason.SURPLUS])
def test_what_the_contract_says_cites_no_law(reason: Reason) -> None:
    """An amount as signed, or by an event, rests on the contract or the event alone."""
    assert reason not in PARAMETERS
