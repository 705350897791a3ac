"""The projection: rows not yet due look today as the fold will find them, if all is paid on time."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.money import format_minor
from arrears.kernel.movement import INTEREST
from arrears.kernel.rounding import Rounding, round_fraction
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.events import Event, read_event
from arrears.servicing.state import AccountState, fold_contract

LENT_ON = date(2026, 1, 15)
DAY_COUNTS = ["actual/365", "actual/360", "30E/360", "actual/actual", "equal_periods"]
METHODS = ["equal_instalment", "equal_principal", "interest_only", "bullet"]


def contract(**given_: object) -> Contract:
    """A loan of 12,000.00 in six monthly instalments at 18 %, interest day by day."""
    changes: dict[str, Any] = dict(given_)
    terms = {
        "principal": "12000",
        "disbursed_on": LENT_ON.isoformat(),
        "annual_rate": "0.18",
        "method": "equal_instalment",
        "instalments": 6,
        "day_count": "actual/365",
        **changes.pop("terms", {}),
    }
    penalty = {"mode": changes.pop("mode", "replaces"), "uplift": "0.5"}
    return read_contract({"terms": terms, "accrual": "daily", "penalty": penalty, **changes})


def event(agreed: Contract, name: str, on: date, kind: str, **more: object) -> Event:
    """One event."""
    document = {"id": name, "on": on.isoformat(), "type": kind, **more}
    return read_event(document, agreed.terms.currency, where=name)


def paid(agreed: Contract, state: AccountState, amount_minor: int, what: str) -> list[Event]:
    """A payment on the state's own day, after all else; none of nothing."""
    if amount_minor == 0:
        return []
    amount = format_minor(amount_minor, agreed.terms.currency)
    name = f"{what} on {state.as_of}"
    return [event(agreed, name, state.as_of, "repaid", amount=amount, seq=9)]


@st.composite
def happenings(draw: st.DrawFn) -> tuple[Contract, list[Event], date]:
    """A daily loan, some payments and changed rates, and a day on which it is looked at."""
    agreed = contract(
        mode=draw(st.sampled_from(["replaces", "adds"])),
        keep=draw(st.sampled_from(["instalment", "principal"])),
        terms={
            "day_count": draw(st.sampled_from(DAY_COUNTS)),
            "method": draw(st.sampled_from(METHODS)),
        },
    )
    days = draw(st.integers(0, 150))
    events = [event(agreed, "D", LENT_ON, "disbursed", amount="12000")]
    for at in range(draw(st.integers(0, 4)) if days else 0):
        on = LENT_ON + timedelta(days=draw(st.integers(1, days)))
        more: dict[str, str] = {"rate": draw(st.sampled_from(["0.06", "0.12"]))}
        kind = draw(st.sampled_from(["repaid", "rate_changed", "rate_changed until"]))
        if kind == "repaid":
            more = {"amount": str(draw(st.integers(1, 3000)))}
        elif kind == "rate_changed until":
            more["until"] = (on + timedelta(days=draw(st.integers(1, 120)))).isoformat()
        events.append(event(agreed, f"E{at}", on, kind.split()[0], **more))
    return agreed, events, LENT_ON + timedelta(days=days)


@given(given_=happenings())
def test_projected_rows_are_what_the_fold_will_say(
    given_: tuple[Contract, list[Event], date],
) -> None:
    """What is overdue is paid today and each row on its day: every row asks for what was shown."""
    agreed, events, today = given_
    now = fold_contract(agreed, events, today)
    shown = {row.number: row.due_minor for row in now.rows if not row.is_due}
    events = events + paid(agreed, now, sum(now.overdue_minor), "overdue")
    for day in sorted({row.due_on for row in now.rows if row.due_on and row.due_on >= today}):
        then = fold_contract(agreed, events, day)
        for row in then.rows:
            if row.due_on == day and row.number in shown:
                assert row.due_minor == shown[row.number], (row.number, day)
        fallen_minor = sum(sum(row.outstanding_minor) for row in then.rows if row.is_due)
        events = events + paid(agreed, then, fallen_minor, "due")


def test_a_temporary_rate_ends_within_the_projection() -> None:
    """The contract's own rate returns, and the rows shown today say so.

    2026-01-15  lend 12,000.00 at 18 %, daily, one bullet row due 2026-07-15
    2026-02-14  6 % until 2026-03-16: 30 nights
    2026-02-20  expect the row's interest: (30 + 121) nights at 18 %, 30 at 6 %, actual/365
    """
    agreed = contract(terms={"method": "bullet"})
    lent = event(agreed, "D", LENT_ON, "disbursed", amount="12000")
    lower = event(
        agreed,
        "R",
        date(2026, 2, 14),
        "rate_changed",
        rate="0.06",
        until=date(2026, 3, 16).isoformat(),
    )
    state = fold_contract(agreed, [lent, lower], date(2026, 2, 20))
    exact = Fraction(1_200_000 * (151 * 18 + 30 * 6), 100 * 365)
    assert state.rows[-1].due_minor[INTEREST] == round_fraction(exact, Rounding.HALF_UP)
