"""Two histories that differ in one thing: who is treated better must not owe more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given
from hypothesis import strategies as st

from arrears.servicing import layout as c
from auditor.model import USUAL, Account, Event, Terms
from auditor.profiles import steady
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, loans, terms_of_contracts
from auditor.translation import answer_of_fold, folded

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

DAY = timedelta(days=1)
Case = tuple[Account, date]


def cases(happens: tuple[Any, ...], **more: object) -> SearchStrategy[Case]:
    """Loans of both kinds of interest, with such events."""
    return st.booleans().flatmap(lambda is_daily: loans(is_daily=is_daily, happens=happens, **more))


def plain_terms() -> SearchStrategy[Terms]:
    """Terms under which cash meets the oldest row first, whatever the age: one usual order."""
    return st.booleans().flatmap(
        lambda is_daily: terms_of_contracts(is_daily=is_daily).map(
            lambda terms: replace(
                terms,
                orders=(USUAL,),
                is_vertical=False,
                surplus="credit" if terms.surplus == "credit" else "next",
            )
        )
    )


def answer(account: Account, day: date) -> dict[str, Any]:
    """The fold's answer."""
    return answer_of_fold(folded(account, day), account.terms)


def net(account: Account, day: date) -> int:
    """What must still come to settle all, or, once all is settled, less what would come back."""
    told = folded(account, day).account
    payoff, credit = int(told[c.A_PAYOFF]), int(told[c.A_CREDIT])
    assume(payoff > 0 or int(told[c.A_PRINCIPAL]) == 0)  # else credit waits for its due date
    return payoff or -credit


def having(account: Account, *events: Event) -> Account:
    """The account with more events."""
    return replace(account, events=(*account.events, *events))


def without(account: Account, name: str) -> Account:
    """The account as if an event had never been."""
    return replace(account, events=tuple(each for each in account.events if each.name != name))


@steady(50)
@given(cases(MONEY + SIMPLE, terms=plain_terms()), st.integers(0, 60), st.integers(1, 60))
def test_a_freeze_never_raises_what_is_owed(case: Case, after: int, length: int) -> None:
    """A freeze of the penalty, added anywhere to a history: to settle never costs a fen more."""
    account, day = case
    on = account.events[0].on + after * DAY
    freeze = Event(name="z freeze", on=on, type="penalty_frozen", until=on + length * DAY)
    assert net(having(account, freeze), day) <= net(account, day)


@steady(50)
@given(cases(MONEY + SIMPLE + RARE + ROWS), st.integers(0, 60), st.integers(1, 60))
def test_a_pause_changes_the_age_and_nothing_else(case: Case, after: int, length: int) -> None:
    """A pause, added anywhere, changes no amount at all; it makes nobody older, and so worse off."""
    account, day = case
    on = account.events[0].on + after * DAY
    pause = Event(name="z pause", on=on, type="paused", until=on + length * DAY)
    before, paused = answer(account, day), answer(having(account, pause), day)
    assert paused.pop("days_delinquent") <= before.pop("days_delinquent")
    assert paused.pop("is_non_accrual") <= before.pop("is_non_accrual")
    assert paused == before


@steady(50)
@given(cases(MONEY, terms=plain_terms()), st.data())
def test_to_pay_a_day_earlier_never_costs_more(case: Case, data: st.DataObject) -> None:
    """Any one repayment a day earlier, the rest as it was: to settle never costs more.

    So it is where cash meets the oldest row first and every event is known on its own day. It is not
    so by every contract: where surplus goes to the last rows, what comes on the eve of a due date
    leaves that due date unmet. Nor where a payment is booked late under a cap: its own day's test of
    the life credits for good what a test at the end would have found room for.
    """
    account, day = case
    events = tuple(replace(each, recorded=None) for each in account.events)
    account = replace(account, events=events)
    paid = [each for each in events if each.type == "repaid" and each.on <= day]
    assume(paid)
    chosen = data.draw(st.sampled_from(paid))
    assume(chosen.on > events[0].on)
    moved = having(without(account, chosen.name), replace(chosen, on=chosen.on - DAY))
    assert net(moved, day) <= net(account, day)


@steady(50)
@given(cases(MONEY + SIMPLE + RARE + ROWS), st.data())
def test_what_is_reversed_never_happened(case: Case, data: st.DataObject) -> None:
    """The last event that stands, reversed: every number is as if it had never been."""
    account, day = case
    gone = {each.reverses for each in account.events}
    standing = [each for each in account.events[1:] if not each.reverses and each.name not in gone]
    assume(standing)
    last = standing[-1]
    late = data.draw(st.integers(0, 40))
    undone = Event(name="z undo", on=last.on + late * DAY, type="reversed", reverses=last.name)
    assert answer(having(account, undone), day) == answer(without(account, last.name), day)


@steady(50)
@given(cases(MONEY + SIMPLE + RARE + ROWS), st.data())
def test_what_is_not_known_is_not_read(case: Case, data: st.DataObject) -> None:
    """Asked with what was known at an instant, the fold answers as if the rest did not exist yet."""
    account, day = case
    instants = sorted(each.recorded_at for each in account.events)
    known_at = data.draw(st.sampled_from(instants))
    known = [each for each in account.events if each.recorded_at <= known_at]
    names = {each.name for each in known}
    known = [each for each in known if each.reverses is None or each.reverses in names]
    assume(account.events[0] in known)
    cut = replace(account, events=tuple(known))
    told = answer_of_fold(folded(account, day, known_at), account.terms)
    assert told == answer(cut, day)


@steady(50)
@given(cases(MONEY + SIMPLE))
def test_the_pay_off_quoted_settles_and_a_fen_less_does_not(case: Case) -> None:
    """Paying what is quoted leaves nothing owed and no credit; one fen less leaves one fen; more is credit."""
    account, day = case
    quoted = int(folded(account, day).account[c.A_PAYOFF])
    assume(quoted > 1)
    for more in (0, 1):
        paid = Event(name="z paid", on=day, type="repaid", amount=quoted + more, seq=99)
        told = folded(having(account, paid), day + 40 * DAY).account
        assert int(told[c.A_PRINCIPAL]) == int(told[c.A_PAYOFF]) == 0
        assert int(told[c.A_CREDIT]) == more
    short = Event(name="z paid", on=day, type="repaid", amount=quoted - 1, seq=99)
    assert net(having(account, short), day) == 1


@steady(50)
@given(cases(MONEY + SIMPLE), st.integers(1, 40))
def test_waiting_never_makes_it_cheaper(case: Case, days: int) -> None:
    """When nothing happens, the pay-off never falls with time."""
    account, day = case
    assume(not any(each.on > day for each in account.events))
    assert net(account, day + days * DAY) >= net(account, day)
