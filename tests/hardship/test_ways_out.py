"""Every way out of a debt: what is promised of each, for any loan, on any day, for any means."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears.hardship.following import repayments
from arrears.hardship.harm import harm_of
from arrears.hardship.option import OptionType, accepted_events
from arrears.hardship.options import INSTALMENTS
from arrears.servicing.layout import NONE, EventType
from arrears.servicing.state import AccountState, AccountStatus, fold_contract

if TYPE_CHECKING:
    from arrears.hardship.debt import Debt
    from arrears.hardship.option import Option

LATER = datetime(2040, 1, 1, tzinfo=UTC)
METHODS = ("equal_instalment", "equal_principal", "interest_only", "flat", "bullet")
MODES = ("none", "replaces", "adds")


@st.composite
def loans(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[dict[str, Any], ...], date]:
    """A loan, what was paid on it, and a day."""
    method = draw(st.sampled_from(METHODS))
    amount = f"{draw(st.integers(1_000, 200_000))}.00"
    terms = {
        "principal": amount,
        "disbursed_on": "2026-01-10",
        "annual_rate": draw(st.sampled_from(["0", "0.08", "0.146", "0.24"])),
        "method": method,
        "instalments": 1 if method == "bullet" else draw(st.integers(2, 24)),
        "fee_rate": draw(st.sampled_from(["0", "0.02"])),
    }
    mode = draw(st.sampled_from(MODES))
    penalty = {"mode": mode, "grace_days": draw(st.sampled_from([0, 3]))}
    if mode != "none":
        penalty["uplift"] = "0.5"
    document = {
        "terms": terms,
        "accrual": draw(st.sampled_from(["scheduled", "daily"])),
        "penalty": penalty,
    }
    events = [{"id": "D1", "on": "2026-01-10", "type": "disbursed", "amount": amount}]
    on = date(2026, 1, 10) + timedelta(days=draw(st.integers(1, 500)))
    for at in range(draw(st.integers(0, 3))):
        paid_on = date(2026, 1, 10) + timedelta(
            days=draw(st.integers(1, (on - date(2026, 1, 10)).days))
        )
        share = draw(st.integers(50, 4_000))
        events.append(
            {"id": f"P{at}", "on": paid_on.isoformat(), "type": "repaid", "amount": f"{share}.00"}
        )
    return document, tuple(events), on


@st.composite
def tellings(draw: st.DrawFn) -> dict[str, Any]:
    """What somebody tells; sometimes nothing."""
    if draw(st.booleans()) and draw(st.booleans()):
        return {}
    told: dict[str, Any] = {
        "income": [{"amount": f"{draw(st.integers(0, 12_000))}.00"}],
        "spending": [{"kind": "rent", "amount": f"{draw(st.integers(0, 4_000))}.00"}],
        "savings": f"{draw(st.sampled_from([0, 0, 500, 20_000]))}.00",
    }
    if draw(st.booleans()):
        told["payday"] = draw(st.integers(1, 31))
    return told


def paid_in_all(state: AccountState) -> int:
    """What the fold says was paid, with what it holds for the payer."""
    return sum(sum(row.paid_minor) for row in state.rows) + state.credit_balance_minor


def by_month(option: Option) -> dict[tuple[int, int], int]:
    """What an option asks for, by calendar month."""
    sums: dict[tuple[int, int], int] = defaultdict(int)
    assert option.figures is not None
    for each in option.figures.payments:
        sums[each.on.year, each.on.month] += each.amount_minor
    return sums


def kept(debt: Debt, option: Option) -> AccountState:
    """The account after the option was accepted much later than shown, and kept to its end."""
    assert option.figures is not None
    appended = [
        *accepted_events(option.events, id_prefix="PLAN", recorded_at=LATER),
        *accepted_events(option.closing_events, id_prefix="PLAN-end", recorded_at=LATER),
    ]
    payments = repayments(option.figures.payments)
    end = option.figures.ends_on
    return fold_contract(debt.contract, [*debt.events, *appended, *payments], end)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(loan=loans(), told=tellings())
def test_what_every_answer_keeps(find, debt, loan, told) -> None:
    """Never empty, never below the floor, in order of harm, and each figure is the fold's own.

    Each option's events are appended as they will be at acceptance, years later and under other ids;
    with the payments shown, the fold says that exactly their sum was paid and, but for a day of
    review, that nothing billed is left. So accepting gives the rows and amounts that were shown.
    """
    document, events, on = loan
    owed = debt(document, events, on)
    answer = find(owed, told)
    types = [each.type for each in answer.options]
    assert types[-1] is OptionType.DEBT_ADVICE
    assert len(types) + len(answer.missing) == len(OptionType)
    assert sorted(answer.options, key=harm_of) == list(answer.options)
    if owed.is_open:
        assert OptionType.PAUSE in types
        assert OptionType.PAY_OFF in types
    for option in answer.options:
        figures = option.figures
        if figures is None:
            continue
        if option.type in INSTALMENTS:
            limit = answer.means.free_minor if answer.means.is_known else owed.signed_monthly_minor
            assert all(asked <= limit for asked in by_month(option).values())
            assert figures.months_below_floor == 0
        state = kept(owed, option)
        assert figures.total_minor == sum(each.amount_minor for each in figures.payments)
        assert paid_in_all(state) - paid_in_all(owed.state) == figures.total_minor
        assert state.payoff_minor == figures.left_minor
        assert not state.needs_review or owed.state.needs_review
        if option.review_on is None:
            assert state.status in (AccountStatus.SETTLED, AccountStatus.NEVER_DISBURSED)
            assert figures.left_minor == 0


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(loan=loans(), told=tellings())
def test_accepting_gives_the_rows_that_were_shown(find, debt, loan, told) -> None:
    """After acceptance the rows in force are those of the event, and each due date asks what was shown."""
    document, events, on = loan
    owed = debt(document, events, on)
    for option in find(owed, told).options:
        plan = [each for each in option.events if each.type is EventType.REPLANNED]
        if not plan or option.figures is None:
            continue
        appended = accepted_events(option.events, id_prefix="PLAN", recorded_at=LATER)
        state = fold_contract(owed.contract, [*owed.events, *appended], on, posting=NONE)
        shown = {(row.number, row.due_on) for row in plan[0].rows}
        standing = {(row.number, row.due_on) for row in state.rows if any(row.outstanding_minor)}
        assert standing <= shown
        asked: dict[date, int] = defaultdict(int)
        for row in state.rows:
            if row.due_on is not None:
                asked[row.due_on] += sum(row.outstanding_minor)
        if not option.closing_events and state.credit_balance_minor == 0:
            payments = {each.on: each.amount_minor for each in option.figures.payments}
            assert {day: amount for day, amount in asked.items() if amount} == payments
