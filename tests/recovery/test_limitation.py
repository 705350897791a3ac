"""Limitation: from which day it runs, what makes it run anew, and where it ends for good."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from arrears.bootstrap import policy_registry
from arrears.policy.snapshot import take_snapshot
from arrears.recovery.limitation import (
    Limitation,
    LimitationRules,
    Restart,
    RestartKind,
    Standing,
    limitation_of,
    limitation_rules,
)
from arrears.servicing.contract import read_contract
from arrears.servicing.events import check_history, read_event
from arrears.servicing.state import fold_contract

RULES = LimitationRules(
    period_years=3,
    long_stop_years=20,
    restarted_by=frozenset({"demand", "acknowledgement", "suit"}),
    rests_on=("cn.limitation.period",),
)
DISBURSED = {"type": "disbursed", "on": "2024-01-05", "amount": "1200"}


def limitation(
    day: date,
    *events: dict[str, Any],
    restarts: list[Restart] | None = None,
    rules: LimitationRules | None = RULES,
) -> Limitation:
    """Of a loan of 1,200.00 in twelve instalments, the last due on 2025-01-05."""
    terms = {"principal": "1200", "disbursed_on": "2024-01-05", "annual_rate": "0.12"}
    contract = read_contract({"terms": {**terms, "method": "equal_instalment", "instalments": 12}})
    given = [
        read_event(
            {"id": f"E{at}", "seq": at, **each}, contract.terms.currency, where=f"event {at}"
        )
        for at, each in enumerate((DISBURSED, *events), start=1)
    ]
    check_history(given)
    return limitation_of(fold_contract(contract, given, day), restarts or [], rules)


def restart(
    day: date, kind: RestartKind = RestartKind.DEMAND, evidence: str = "letter, 8f2a"
) -> Restart:
    """Something that left evidence."""
    return Restart(kind=kind, on=day, evidence=evidence)


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2024, 6, 1), Standing.NOT_BEGUN),
        (date(2025, 1, 5), Standing.NOT_BEGUN),
        (date(2025, 1, 6), Standing.RUNNING),
        (date(2028, 1, 5), Standing.RUNNING),
        (date(2028, 1, 6), Standing.PAST),
    ],
)
def test_it_runs_from_the_last_instalment(day: date, standing: Standing) -> None:
    """However early the first was missed: three years from the day after the last due date."""
    found = limitation(day)
    assert (found.standing, found.begun_by) == (standing, "last_instalment")
    assert (found.ends_on, found.long_stop_on) == (date(2028, 1, 5), date(2045, 1, 5))


def test_an_acceleration_brings_it_forward() -> None:
    """All called in for 2024-06-30: the period runs from that day, not from the last instalment."""
    called_in = {"type": "accelerated", "on": "2024-06-20", "until": "2024-06-30"}
    found = limitation(date(2024, 7, 1), called_in)
    assert (found.begun_by, found.ends_on) == ("acceleration", date(2027, 6, 30))
    undone = limitation(
        date(2024, 7, 1), called_in, {"type": "reversed", "on": "2024-06-25", "reverses": "E2"}
    )
    assert (undone.begun_by, undone.ends_on) == ("last_instalment", date(2028, 1, 5))


def test_each_restart_with_evidence_begins_it_anew() -> None:
    """A demand and then an acknowledgement: the later counts; one without evidence never does."""
    restarts = [
        restart(date(2027, 3, 1), RestartKind.ACKNOWLEDGEMENT),
        restart(date(2026, 3, 1)),
        restart(date(2027, 9, 1), evidence=""),
    ]
    found = limitation(date(2027, 10, 1), restarts=restarts)
    assert (found.begun_by, found.ends_on) == ("acknowledgement", date(2030, 3, 1))


def test_it_is_told_as_it_was_on_the_day() -> None:
    """What happened later is not seen, and what comes after the end revives nothing."""
    demand, late = restart(date(2026, 3, 1)), restart(date(2029, 6, 1))
    assert limitation(date(2026, 2, 1), restarts=[demand]).ends_on == date(2028, 1, 5)
    assert limitation(date(2030, 1, 1), restarts=[demand, late]).standing is Standing.PAST


def test_nothing_reaches_beyond_the_long_stop() -> None:
    """A demand every two years for ever: after twenty years it is over all the same."""
    restarts = [restart(date(year, 1, 5)) for year in range(2026, 2046, 2)]
    found = limitation(date(2045, 1, 5), restarts=restarts)
    assert (found.standing, found.ends_on) == (Standing.RUNNING, date(2045, 1, 5))
    assert limitation(date(2045, 1, 6), restarts=restarts).standing is Standing.PAST


def test_a_day_that_a_year_does_not_have() -> None:
    """From 29 February the period ends on 28 February."""
    assert limitation(date(2028, 3, 1), restarts=[restart(date(2028, 2, 29))]).ends_on == date(
        2028, 1, 5
    )
    begun = [restart(date(2026, 1, 5)), restart(date(2028, 2, 29))]
    assert limitation(date(2028, 3, 1), restarts=begun).ends_on == date(2031, 2, 28)


def test_who_owes_nothing_and_who_knows_no_rule() -> None:
    """Paid off, nothing is claimed; without a rule, nobody may rely on a suit."""
    paid = {"type": "repaid", "on": "2024-02-01", "amount": "1300"}
    assert limitation(date(2026, 1, 1), paid).standing is Standing.NOTHING_CLAIMED
    unknown = limitation(date(2026, 1, 1), rules=None)
    assert unknown.standing is Standing.UNKNOWN
    assert not unknown.allows_suit


def test_the_rules_are_the_packs() -> None:
    """What the pack of `cn` says is read; a pack without any says nothing."""
    rules = limitation_rules(take_snapshot(policy_registry()), date(2026, 11, 24))
    assert rules is not None
    assert (rules.period_years, rules.long_stop_years) == (3, 20)
    assert {each.value for each in RestartKind} <= rules.restarted_by
    assert limitation_rules(take_snapshot(policy_registry()), date(2026, 11, 24), "us") is None
