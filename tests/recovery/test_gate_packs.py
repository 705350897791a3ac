"""Packs are data: the same gate under the rules of China, the United States and the United Kingdom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from scene import NOON, attempt, call, contact, hold, known, local

from arrears.adapters.policy_files import load_registry
from arrears.policy.parameter import Force, Status
from arrears.policy.snapshot import PolicySnapshot, take_snapshot
from arrears.recovery.contact import HoldKind, Outcome
from arrears.recovery.gate import decide
from arrears.recovery.gate_rules import GateRules, rules_of
from arrears.recovery.known import Debt
from arrears.recovery.verdict import Refused, Rule

ON = date(2026, 11, 24)
NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def snapshot() -> PolicySnapshot:
    """The whole pack, read once."""
    return take_snapshot(load_registry())


@pytest.fixture(scope="module")
def us(snapshot: PolicySnapshot) -> GateRules:
    """The American pack, of its counters those of law: the lender's own would stop sooner."""
    rules = rules_of(snapshot, "us", ON)
    of_law = {Rule.CALLS_ABOUT_DEBT, Rule.AFTER_TALK}
    return replace(rules, limits=tuple(each for each in rules.limits if each.rule in of_law))


def why(asked: object, given: object, by: GateRules) -> tuple[Rule, ...]:
    """The rules that stand in the way."""
    verdict = decide(asked, given, by)
    return verdict.rules if isinstance(verdict, Refused) else ()


def test_a_refusal_cites_its_parameters(snapshot: PolicySnapshot) -> None:
    """Quiet hours in China rest on a recommended standard, a guide, and the lender's own choice."""
    cn = rules_of(snapshot, "cn", ON)
    verdict = decide(call(at=local("2026-11-24 23:00")), known(), cn)
    assert isinstance(verdict, Refused)
    (reason,) = verdict.reasons
    told = {basis.parameter_id: basis for basis in reason.rests_on}
    assert told["cn.collections.quiet_hours"].force is Force.RECOMMENDED_STANDARD
    assert told["cn.collections.quiet_hours"].status is Status.UNVERIFIED
    assert told["cn.collections.quiet_hours_cba"].force is Force.SELF_DISCIPLINE
    assert told["cn.collections.quiet_hours_rest_days"].force is Force.LENDER_POLICY


@pytest.mark.parametrize("pack", ["cn", "us", "uk"])
def test_each_rule_of_a_number_has_a_source(snapshot: PolicySnapshot, pack: str) -> None:
    """Every counter, the hours and the holds name parameters of the pack and of no other."""
    rules = rules_of(snapshot, pack, ON)
    numbered = {limit.rule for limit in rules.limits} | {Rule.QUIET_HOURS, Rule.HOLD_DISPUTE}
    for rule in numbered:
        names = [basis.parameter_id for basis in rules.reasons[rule].rests_on]
        assert names
        assert all(name.startswith(f"{pack}.") for name in names)


def talks(days: int, outcome: Outcome, count: int = 1) -> tuple[object, ...]:
    """Calls of the agency so many days ago, one a minute."""
    return tuple(
        contact(
            NOON - days * DAY - timedelta(minutes=number),
            outcome,
            actor_id="agency",
            permit_id=f"{days}-{number}",
        )
        for number in range(count)
    )


def test_seven_calls_in_seven_days_about_one_debt(us: GateRules) -> None:
    """The eighth is refused, for this debt alone, and for third parties alone."""
    made = (*talks(1, Outcome.CONNECTED, 4), *talks(3, Outcome.CONNECTED, 3))
    debts = {
        key: Debt(debt_id=key, is_owed=True, placed_with="agency", validation_notice_at=NOON)
        for key in ("loan", "card")
    }
    given = known(zone=NEW_YORK, contacts=made, debts=debts)
    at = local("2026-11-24 12:00", NEW_YORK)
    assert why(call(at=at, actor_id="agency"), given, us) == (Rule.CALLS_ABOUT_DEBT,)
    assert why(call(at=at, actor_id="agency", debt_id="card"), given, us) == ()
    assert why(call(at=at), given, us) == ()
    unconnected = known(zone=NEW_YORK, contacts=talks(1, Outcome.NOT_CONNECTED, 9), debts=debts)
    assert why(call(at=at, actor_id="agency"), unconnected, us) == ()


def test_no_call_for_seven_days_after_a_talk(us: GateRules) -> None:
    """The day of the conversation is the first of the seven; a message may go meanwhile."""
    debt = Debt(debt_id="loan", is_owed=True, placed_with="agency", validation_notice_at=NOON)
    given = known(contacts=talks(6, Outcome.EFFECTIVE), debts={"loan": debt})
    assert why(call(actor_id="agency"), given, us) == (Rule.AFTER_TALK,)
    assert why(attempt(actor_id="agency"), given, us) == ()
    week = known(contacts=talks(7, Outcome.EFFECTIVE), debts={"loan": debt})
    assert why(call(actor_id="agency"), week, us) == ()


def test_eight_to_nine_on_the_consumers_clock(us: GateRules) -> None:
    """Every medium, for third parties; the pack knows of no such hours of a lender."""
    given = known(zone=NEW_YORK)
    late = local("2026-11-24 21:00", NEW_YORK)
    assert Rule.QUIET_HOURS in why(attempt(at=late, actor_id="agency"), given, us)
    assert why(attempt(at=late - timedelta(seconds=1), actor_id="agency"), given, us) == ()
    assert why(attempt(at=late), given, us) == ()


def test_collecting_waits_for_a_validation_notice_that_is_late(us: GateRules) -> None:
    """Five days from the first word it may still come; after that nothing else goes before it."""
    at = local("2026-11-24 12:00", NEW_YORK)
    early = known(zone=NEW_YORK, contacts=talks(4, Outcome.CONNECTED))
    assert why(attempt(at=at, actor_id="agency"), early, us) == ()
    late = known(zone=NEW_YORK, contacts=talks(6, Outcome.CONNECTED))
    assert why(attempt(at=at, actor_id="agency"), late, us) == (Rule.VALIDATION_NOTICE,)


def test_sixty_days_to_breathe(snapshot: PolicySnapshot) -> None:
    """In the United Kingdom a breathing space without an end of its own ends after sixty days."""
    uk = rules_of(snapshot, "uk", ON)
    began = local("2026-11-02 12:00", LONDON)
    given = known(zone=LONDON, holds=(hold(HoldKind.BREATHING_SPACE, since_at=began),))
    verdict = decide(attempt(at=local("2026-11-24 12:00", LONDON)), given, uk)
    assert isinstance(verdict, Refused)
    assert verdict.rules == (Rule.HOLD_BREATHING_SPACE,)
    assert verdict.earliest_next_at == began + 60 * DAY
    (reason,) = verdict.reasons
    assert "uk.hardship.breathing_space_days" in {each.parameter_id for each in reason.rests_on}
