"""The monthly record: every word follows from the events, and none is said of arrears nobody was told of."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from arrears import bootstrap
from arrears.app.owing import AGEING_IDS, ageing_rules
from arrears.delinquency.bureau import Notice, Record, Special, Spell, deleted_from, may_report
from arrears.policy.snapshot import take_snapshot
from arrears.servicing.contract import read_contract
from arrears.servicing.door import columns_of
from arrears.servicing.events import read_event

SNAPSHOT = take_snapshot(bootstrap.policy_registry(AGEING_IDS))
CONTRACT = read_contract({
    "terms": {"principal": "1200", "disbursed_on": "2026-01-05", "annual_rate": "0",
              "method": "equal_principal", "instalments": 12, "day_count": "actual/365"},
    "penalty": {"mode": "none"}, "cap_annual": "0.24",
})  # fmt: skip
LENT = {"id": "D", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}


def record(*documents: dict[str, Any]) -> Record:
    """1,200.00 in twelve instalments on the fifth, and what came after."""
    events = [read_event({"id": f"E{at}", **each}, CONTRACT.terms.currency, where="e")
              for at, each in enumerate((LENT, *documents))]  # fmt: skip
    columns = columns_of(CONTRACT, events)
    return Record(columns=columns, rules_on=lambda day: ageing_rules(SNAPSHOT, day))


def paid(on: str, yuan: int = 100) -> dict[str, Any]:
    """A payment."""
    return {"on": on, "type": "repaid", "amount": str(yuan)}


PUNCTUAL = [paid(f"2026-{month:02d}-05") for month in range(2, 13)]


@pytest.mark.parametrize(
    ("documents", "month_end", "status"),
    [
        ((), date(2026, 1, 31), "*"),
        ((), date(2026, 7, 31), "*123456"),
        (PUNCTUAL[:3], date(2026, 4, 30), "*NNN"),
        ((paid("2026-02-09"), paid("2026-03-05")), date(2026, 3, 31), "*MN"),
        ((paid("2026-04-02", 200),), date(2026, 4, 30), "*121"),
        (([*PUNCTUAL, paid("2027-01-05")]), date(2027, 1, 31), "*NNNNNNNNNNNC"),
        ((paid("2026-02-05"), paid("2026-03-01", 1100)), date(2026, 3, 31), "*NC"),
        ((paid("2026-02-05"), {"on": "2026-03-01", "type": "waived", "component": "principal",
          "amount": "600"}, paid("2026-03-01", 500)), date(2026, 3, 31), "*NG"),
        (({"on": "2026-08-20", "type": "charged_off"},), date(2026, 8, 31), "*123456B"),
    ],
)  # fmt: skip
def test_the_words_of_the_months(
    documents: tuple[dict[str, Any], ...], month_end: date, status: str
) -> None:
    """The string has sixty words, the last is the month's own; before the loan stands not opened."""
    found = record(*documents).of_month(month_end)
    assert found
    assert found.status == status.rjust(60, "/")
    assert found.code == status[-1]


def test_the_figures_of_a_month() -> None:
    """Due is what was late before and what fell due; paid is the month's cash; the rest is overdue."""
    found = record(paid("2026-02-05"), paid("2026-04-20", 50)).of_month(date(2026, 4, 30))
    assert found
    assert (found.balance_minor, found.principal_minor) == (105000, 105000)
    assert (found.due_minor, found.paid_minor, found.overdue_minor) == (20000, 5000, 15000)
    assert (found.months_overdue, found.days_overdue, found.five_class) == (
        2,
        56,
        "special_mention",
    )
    assert found.spell == Spell(since_on=date(2026, 3, 5), ended_on=None)
    assert found.is_negative


def test_special_transactions() -> None:
    """Paid ahead in part and in full, and instalments agreed anew for longer."""
    ahead = record(paid("2026-02-05"), paid("2026-03-01", 350)).of_month(date(2026, 3, 31))
    assert ahead
    assert ahead.special == ((Special.PAID_AHEAD_IN_PART, 0),)
    full = record(paid("2026-02-05"), paid("2026-03-01", 1100)).of_month(date(2026, 3, 31))
    assert full
    assert full.special == ((Special.PAID_AHEAD_IN_FULL, -10),)
    rows = [{"due_on": f"2027-{month:02d}-05", "principal": "100"} for month in range(1, 12)]
    plan = {"on": "2026-03-01", "type": "replanned", "rows": rows}
    longer = record(paid("2026-02-05"), plan).of_month(date(2026, 3, 31))
    assert longer
    assert longer.special == ((Special.EXTENSION, 10),)
    assert longer.five_class == "special_mention"


def test_a_settled_loan_has_no_later_record() -> None:
    """After the month in which it was settled nothing is reported, and before it was lent neither."""
    settled = record(paid("2026-02-05"), paid("2026-03-01", 1100))
    assert settled.of_month(date(2026, 4, 30)) is None
    assert settled.of_month(date(2025, 12, 31)) is None


def test_arrears_nobody_was_told_of_are_unknown_and_never_normal() -> None:
    """A month of arrears without a notice in time is `#` in later strings; with one it is its digit."""
    late = record(paid("2026-03-10", 200), paid("2026-04-05"))
    spells = late.spells(date(2026, 4, 30))
    assert spells == [Spell(since_on=date(2026, 2, 5), ended_on=date(2026, 3, 10))]

    def told(*notices: Notice) -> str:
        found = late.of_month(
            date(2026, 4, 30), lambda spell: not may_report(spell, notices, 10, date(2026, 5, 1))
        )
        assert found
        return found.status.lstrip("/")

    assert told() == "*#MN"
    assert told(Notice(given_on=date(2026, 2, 20))) == "*1MN"
    assert told(Notice(given_on=date(2026, 3, 10))) == "*#MN"  # they had ended


def test_the_days_to_answer_must_be_over() -> None:
    """On the tenth day after the notice arrears may be reported, and not on the ninth."""
    spell = Spell(since_on=date(2026, 2, 5), ended_on=None)
    notice = [Notice(given_on=date(2026, 2, 20))]
    assert not may_report(spell, notice, 10, date(2026, 3, 1))
    assert may_report(spell, notice, 10, date(2026, 3, 2))
    assert not may_report(None, [], 10, date(2026, 3, 2))


def test_the_five_years_begin_when_it_ends() -> None:
    """What was bad is deleted five years after its end, on the same day."""
    assert deleted_from(date(2026, 3, 10), 5) == date(2031, 3, 10)


def test_two_spells_between_two_events_of_paying() -> None:
    """Paid up on one day and late again from the next due date on: two spells, and two notices."""
    spells = record(paid("2026-02-20"), paid("2026-04-01")).spells(date(2026, 4, 30))
    assert spells == [
        Spell(since_on=date(2026, 2, 5), ended_on=date(2026, 2, 20)),
        Spell(since_on=date(2026, 3, 5), ended_on=date(2026, 4, 1)),
        Spell(since_on=date(2026, 4, 5), ended_on=None),
    ]
