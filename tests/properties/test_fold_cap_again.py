"""The cap is never exceeded: its tests added up again from the movements, over principal really owed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from arrears.servicing import layout as c
from auditor.auditor import readable
from auditor.cap_of_movements import Breach, audit_cap
from auditor.model import Account, Event, Terms
from auditor.profiles import steady
from auditor.story import DUE_ON, happened, nights_late, percent, single
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, loans
from auditor.translation import folded

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

Case = tuple["Account", "date"]
EVENTS = MONEY + SIMPLE + RARE + ROWS


def is_capped(case: Case) -> bool:
    """Whether there is a cap to test."""
    return case[0].terms.cap is not None


capped = (
    st.booleans()
    .flatmap(lambda is_daily: loans(is_daily=is_daily, happens=EVENTS))
    .filter(is_capped)
)


def cap_of(account: Account, day: date) -> Callable[[date], Fraction]:
    """The cap night by night: a policy changes it from its day on."""
    steps = [each for each in readable(account.events, day) if each.component == "cap_annual"]

    def on(night: date) -> Fraction:
        found = account.terms.cap or Fraction(0)
        for each in steps:
            if each.on <= night and each.rate is not None:
                found = each.rate
        return found

    return on


def rate_of(account: Account, day: date) -> Callable[[date], Fraction]:
    """The contract rate night by night: for good, or until a day and then as before."""
    steps = [each for each in readable(account.events, day) if each.type == "rate_changed"]

    def on(night: date) -> Fraction:
        rate = after = account.terms.rate
        until: date | None = None
        for each in steps:
            if each.on > night:
                break
            if until is not None and each.on >= until:
                rate, until = after, None
            if each.until is None:
                after = rate if each.rate is None else each.rate
            elif until is None:
                after = rate
            until = each.until
            rate = rate if each.rate is None else each.rate
        return after if until is not None and night >= until else rate

    return on


def breaches(account: Account, day: date, *, is_settled: bool) -> list[Breach]:
    """What the auditor of the cap finds in the fold's movements."""
    return audit_cap(
        folded(account, day, posting=0).moves.tolist(),
        account.terms,
        cap_on=cap_of(account, day),
        rate_on=rate_of(account, day),
        as_of=day,
        is_settled=is_settled,
    )


@steady(100)
@given(capped)
def test_no_night_exceeds_its_room(case: Case) -> None:
    """Test (b): no night's default charges and late fees exceed what principal then left room for."""
    account, day = case
    assert breaches(account, day, is_settled=False) == []


@steady(100)
@given(capped)
def test_what_was_settled_cost_at_most_the_cap(case: Case) -> None:
    """Test (c): after the pay-off quoted is paid, all charges are within the ceiling over the life."""
    account, day = case
    quoted = int(folded(account, day).account[c.A_PAYOFF])
    assume(quoted > 0)
    paid = Event(name="z paid", on=day, type="repaid", amount=quoted, seq=99)
    settled = replace(account, events=(*account.events, paid))
    assert breaches(settled, day, is_settled=True) == []


def test_what_exceeds_the_cap_is_found() -> None:
    """A contract without a cap, audited against 24 %: 27 % of penalty each night, and a fee over the life.

    Ten nights late at 27 % of 1,000.00 breach test (b) ten times. A fee of 50.00 for 31 nights breaches (c):
    100,000 x 0.24 x 31 / 365 = 2,038.36 fen.
    """
    late = single(Terms(penalty_mode="replaces", penalty_rate=percent("27")))
    with_fee = single(Terms(), happened(DUE_ON, "repaid", amount=1_050_00), fee=50_00)
    found = [
        audit_cap(
            folded(account, day, posting=0).moves.tolist(),
            account.terms,
            cap_on=lambda _: percent("24"),
            rate_on=lambda _: percent("0"),
            as_of=day,
            is_settled=is_settled,
        )
        for account, day, is_settled in ((late, nights_late(10), False), (with_fee, DUE_ON, True))
    ]
    assert [each.test for each in found[0]] == ["b"] * 10
    assert [(each.test, each.charged, each.allowed) for each in found[1]] == [("c", 5_000, 2_038)]
