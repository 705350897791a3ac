"""A restructured asset is observed: for a year and two payments at least, anew after a miss, bad stays bad."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from arrears import bootstrap
from arrears.app.owing import AGEING_IDS, ageing_rules, owing, steps_until
from arrears.delinquency.observation import observation_of
from arrears.delinquency.observation_columnar import observations_of
from arrears.kernel.dates import add_months, days_of
from arrears.policy.snapshot import take_snapshot
from arrears.servicing.book import book_of
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.door import columns_of
from arrears.servicing.events import Event, read_event
from arrears.servicing.fold_book import fold_book

SNAPSHOT = take_snapshot(bootstrap.policy_registry(AGEING_IDS))
TERMS = {"principal": "2400", "disbursed_on": "2026-01-05", "annual_rate": "0",
         "method": "equal_principal", "instalments": 24, "day_count": "actual/365"}  # fmt: skip
LENT = {"id": "D", "on": "2026-01-05", "type": "disbursed", "amount": "2400"}
LAST = date(2029, 1, 1)


def loan(grace_days: int = 0) -> Contract:
    """2,400.00 in 24 instalments without interest, due on the fifth."""
    penalty = {"mode": "none", "grace_days": grace_days}
    return read_contract({"terms": TERMS, "penalty": penalty, "cap_annual": "0.24"})


def replanned(on: str, first_due_on: str, months: int, yuan: int) -> dict[str, Any]:
    """What is owed in new instalments."""
    first = date.fromisoformat(first_due_on)
    rows = [
        {"due_on": add_months(first, at).isoformat(), "principal": str(yuan // months)}
        for at in range(months)
    ]
    return {"id": f"P-{on}", "on": on, "type": "replanned", "rows": rows}


def paid(on: str, yuan: int = 100) -> dict[str, Any]:
    """A payment."""
    return {"id": f"Z-{on}", "on": on, "type": "repaid", "amount": str(yuan)}


def monthly(first_on: str, times: int, yuan: int = 100) -> list[dict[str, Any]]:
    """A payment each month, on the day."""
    first = date.fromisoformat(first_on)
    return [paid(add_months(first, at).isoformat(), yuan) for at in range(times)]


def events_of(contract: Contract, *documents: dict[str, Any]) -> list[Event]:
    """The disbursement and what came after it."""
    return [read_event(each, contract.terms.currency, where="e") for each in (LENT, *documents)]


#: Two instalments were met, the rest was agreed anew before the third.
PLANNED = (*monthly("2026-02-05", 2), replanned("2026-03-20", "2026-04-05", 22, 2200))


@pytest.mark.parametrize(
    ("documents", "day", "five_class"),
    [
        ((*PLANNED, *monthly("2026-04-05", 22)), "2026-03-19", "normal"),
        ((*PLANNED, *monthly("2026-04-05", 22)), "2026-03-20", "special_mention"),
        ((*PLANNED, *monthly("2026-04-05", 22)), "2027-04-04", "special_mention"),
        ((*PLANNED, *monthly("2026-04-05", 22)), "2027-04-05", "normal"),
        # October is paid on the twentieth: a year from there, not from April.
        ((*PLANNED, *monthly("2026-04-05", 6), *monthly("2026-10-20", 16)), "2027-04-10", "special_mention"),
        # All the rest is paid at once: there is nothing left to observe.
        ((*PLANNED, *monthly("2026-04-05", 6), paid("2026-10-20", 1600)), "2027-10-19", "normal"),
        # A hundred days late when the terms were changed: bad, and bad it stays.
        ((replanned("2026-05-20", "2026-06-05", 24, 2400), *monthly("2026-06-05", 24)), "2027-06-04", "substandard"),
        ((replanned("2026-05-20", "2026-06-05", 24, 2400), *monthly("2026-06-05", 24)), "2027-06-05", "normal"),
        # Restructured again while observed.
        ((*PLANNED, replanned("2026-03-28", "2026-04-05", 22, 2200), *monthly("2026-04-05", 22)), "2026-04-01", "substandard"),
        # It was a mistake, and was taken back.
        ((*PLANNED, {"id": "R", "on": "2026-03-20", "type": "reversed", "reverses": "P-2026-03-20"}), "2026-03-25", "normal"),
    ],
)  # fmt: skip
def test_the_class_while_observed(
    documents: tuple[dict[str, Any], ...], day: str, five_class: str
) -> None:
    """What the class is on a day, by what happened to the terms and what was paid since."""
    contract = loan()
    events = events_of(contract, *documents)
    assert (
        owing(contract, events, date.fromisoformat(day), SNAPSHOT).standing.five_class == five_class
    )


def test_it_ends_only_when_the_last_row_before_the_end_was_met() -> None:
    """With yearly instalments a year is not enough: two of them must have been met, after grace."""
    contract = loan(grace_days=3)
    rows = [{"due_on": f"{year}-04-05", "principal": "800"} for year in (2026, 2027, 2028)]
    plan = {"id": "P", "on": "2026-02-01", "type": "replanned", "rows": rows}
    met = [paid(f"{year}-04-05", 800) for year in (2026, 2027)]
    columns = columns_of(contract, events_of(contract, plan, *met))
    as_of = date(2027, 6, 1)
    observed = observation_of(columns, as_of, ageing_rules(SNAPSHOT, as_of))
    assert observed
    assert (observed.counts_from, observed.ends_on) == (date(2026, 4, 5), date(2028, 4, 9))


def test_while_something_is_late_no_end_can_be_said() -> None:
    """Who is late is observed without an end; who has paid since is so for a year from that day."""
    contract = loan()
    late = events_of(contract, *PLANNED)
    columns = columns_of(contract, late)
    observed = observation_of(columns, date(2026, 5, 1), ageing_rules(SNAPSHOT, date(2026, 5, 1)))
    assert observed
    assert observed.ends_on is None
    cured = events_of(contract, *PLANNED, paid("2026-05-02"))
    again = observation_of(
        columns_of(contract, cured), date(2026, 5, 3), ageing_rules(SNAPSHOT, date(2026, 5, 3))
    )
    assert again
    assert (again.counts_from, again.ends_on) == (date(2026, 5, 2), date(2027, 5, 2))


def test_a_rule_that_was_not_in_force_observes_nobody() -> None:
    """Before the measures were in force, a change of terms is no restructuring in their sense."""
    contract = loan()
    columns = columns_of(contract, events_of(contract, *PLANNED))
    then = ageing_rules(SNAPSHOT, date(2023, 6, 30))
    assert then.observation is None
    assert observation_of(columns, date(2026, 4, 1), then) is None


def test_many_at_once_are_each_by_itself() -> None:
    """In columns every account has the observation and the class that its records give, all the way."""
    contract = loan()
    histories = [
        events_of(contract, *monthly("2026-02-05", 24)),
        events_of(contract, *PLANNED, *monthly("2026-04-05", 22)),
        events_of(contract, *PLANNED, *monthly("2026-04-05", 6), paid("2026-10-20", 1600)),
        events_of(contract, replanned("2026-05-20", "2026-06-05", 24, 2400), *monthly("2026-06-05", 24)),
    ]  # fmt: skip
    accounts = [columns_of(contract, each) for each in histories]
    book = book_of(accounts)
    for step in range(0, 1000, 83):
        day = date(2026, 3, 1) + timedelta(days=step)
        rules = ageing_rules(SNAPSHOT, day)
        many = observations_of(book, days_of(day), rules, fold_book)
        one_by_one = [observation_of(each, day, rules) for each in accounts]
        assert [many.get(at) for at in range(len(accounts))] == one_by_one
    assert not observations_of(book, days_of(LAST), ageing_rules(SNAPSHOT, LAST), fold_book)


def test_the_end_of_an_observation_is_a_step() -> None:
    """Run forward, the account is shown on the day on which it is released."""
    contract = loan()
    events = events_of(contract, *PLANNED, *monthly("2026-04-05", 22))
    steps = steps_until(contract, events, date(2027, 3, 10), date(2027, 5, 1), SNAPSHOT)
    classes = {each.state.as_of: each.standing.five_class for each in steps}
    assert classes[date(2027, 4, 5)] == "normal"
    assert classes[date(2027, 3, 10)] == "special_mention"
