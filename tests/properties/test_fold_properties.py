"""The fold against itself: order of arrival, cash, what was posted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from arrears.adapters.ledger_files import load_posting_rules
from arrears.kernel import movement as m
from arrears.ledger.postings import Booking, posted_from_journal, postings
from arrears.servicing.events import check_history
from arrears.servicing.layout import EventType
from arrears.servicing.state import fold_contract
from auditor.profiles import steady
from auditor.strategies import loans
from auditor.translation import contract_of, event_of

if TYPE_CHECKING:
    from random import Random  # noqa: TID251 - Hypothesis hands its own in

    from auditor.model import Account


@steady(150)
@given(loans(), st.randoms(use_true_random=False))
def test_replay_equals_incremental_for_any_order_of_arrival(
    case: tuple[Account, date], order: Random
) -> None:
    """Events come in any order, each is posted as it comes: the journal sums to a fresh replay.

    At each arrival the fold of what is known is posted as a difference; in the end the journal holds
    under every key what one fold of all events says, and its debits are its credits by construction.
    """
    account, day = case
    contract = contract_of(account.terms)
    events = [event_of(each, account.terms) for each in account.events]
    later = events[1:]
    order.shuffle(later)
    rules = load_posting_rules()
    journal: list[object] = []
    known = [events[0]]
    for number, event in enumerate([None, *later]):
        if event is not None:
            known.append(event)
        names = {each.event_id for each in known}
        readable = [each for each in known if each.reverses is None or each.reverses in names]
        state = fold_contract(contract, readable, day, posting=1)
        booking = Booking(entry_id=str(number), booked_on=day, currency="CNY")
        posted = posted_from_journal(journal, rules)  # type: ignore[arg-type]  # rows of journals
        journal += postings(state.movements, posted, rules=rules, booking=booking)
    check_history(events)
    fresh = fold_contract(contract, events, day, posting=1)
    booking = Booking(entry_id="fresh", booked_on=day, currency="CNY")
    wanted = posted_from_journal(postings(fresh.movements, {}, rules=rules, booking=booking), rules)
    assert posted_from_journal(journal, rules) == wanted  # type: ignore[arg-type]  # as above


@steady(150)
@given(loans())
def test_no_fen_of_cash_is_made_or_lost(case: tuple[Account, date]) -> None:
    """Cash in less refunds and chargebacks = cash on components + credit balance put and taken."""
    account, day = case
    contract = contract_of(account.terms)
    events = [event_of(each, account.terms) for each in account.events]
    gone = {each.reverses for each in events}
    came = sum(
        each.amount_minor
        for each in events
        if each.type in (EventType.REPAID, EventType.RECOVERED)
        and each.event_id not in gone
        and each.value_on <= day
    )
    state = fold_contract(contract, events, day, posting=0)
    moved: dict[int, int] = {}
    for row in state.movements.tolist():
        moved[row[m.MV_KIND]] = moved.get(row[m.MV_KIND], 0) + row[m.MV_AMOUNT]
    given_back = moved.get(m.MERCHANT_REFUNDED, 0)
    shop = sum(
        each.amount_minor
        for each in events
        if each.type is EventType.REFUNDED
        and each.component == "principal"
        and each.event_id not in gone
        and each.value_on <= day
    )
    met = moved.get(m.PAID, 0) + moved.get(m.RECOVERED, 0) + moved.get(m.PUT_TO_CREDIT, 0)
    assert met == came + shop - given_back
    held = moved.get(m.PUT_TO_CREDIT, 0)
    held -= moved.get(m.TAKEN_FROM_CREDIT, 0) + moved.get(m.CREDIT_REFUNDED, 0)
    assert held == state.credit_balance_minor


@steady(150)
@given(loans(), st.integers(0, 60))
def test_what_was_posted_stays_when_time_goes_on(case: tuple[Account, date], days: int) -> None:
    """A later day adds movements; it changes none of those posted before, valuation apart."""
    account, day = case
    contract = contract_of(account.terms)
    events = [event_of(each, account.terms) for each in account.events if each.on <= day]
    before = fold_contract(contract, events, day, posting=1).movements.tolist()
    after = fold_contract(
        contract, events, day + timedelta(days=days), posting=1
    ).movements.tolist()
    posted = [row for row in before if not row[m.MV_IS_VALUATION]]
    assert after[: len(posted)] == posted
