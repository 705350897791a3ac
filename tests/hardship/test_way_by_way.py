"""Stories of single ways out: when each is open, what it does to age and debt, and why it is not open."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from arrears.adapters.hardship_files import load_treatments
from arrears.hardship.following import repayments
from arrears.hardship.option import DaysPastDue, Option, OptionType
from arrears.hardship.rules import (
    BREATHING_DAYS,
    CARD_PLAN_YEARS,
    LIVING_REFERENCE,
    PLAN_MONTHS,
    may_rely_on,
    rules_on,
)
from arrears.hardship.treatments import read_treatments
from arrears.kernel.errors import ArrearsError
from arrears.policy.parameter import Effect, Product
from arrears.servicing.layout import EventType
from arrears.servicing.state import AccountStatus, fold_contract

LENT = {"id": "D1", "on": "2026-01-01", "type": "disbursed", "amount": "10000.00"}
PAID = {"id": "P1", "on": "2026-02-01", "type": "repaid", "amount": "900.00"}
FREE_480: dict[str, Any] = {
    "income": [{"kind": "wages", "amount": "4000.00"}],
    "spending": [{"kind": "rent", "amount": "2000.00"}, {"kind": "food", "amount": "1200.00"}],
    "payday": 15,
}
BROKE: dict[str, Any] = {
    "income": [{"kind": "benefits", "amount": "1500.00"}],
    "spending": [{"kind": "rent", "amount": "1500.00"}],
}
COMFORTABLE: dict[str, Any] = {"income": [{"amount": "9000.00"}], "payday": 15}
NOT_LATE = date(2026, 2, 1)


def reason(answer, option_type: OptionType) -> str:
    """Why a way is not open."""
    return next(each.reason for each in answer.missing if each.type is option_type)


def test_the_cost_is_cut_before_the_debt_is_stretched(find, debt) -> None:
    """480.00 free: the write-down comes first, ends sooner and costs less than the bare re-plan."""
    answer = find(debt(events=(LENT, PAID)), FREE_480)
    written, stretched = (
        answer.option(each) for each in (OptionType.WRITE_DOWN, OptionType.RE_PLAN)
    )
    assert answer.options[0] is written
    assert written.figures.total_minor < stretched.figures.total_minor
    assert written.figures.months <= stretched.figures.months
    assert written.figures.monthly_minor <= answer.means.free_minor
    assert {each.on.day for each in written.figures.payments} == {16}


def test_with_nothing_free_the_debt_rests(find, debt) -> None:
    """No income free: a pause with no payment, no penalty and a day of review; and advice."""
    owed = debt(events=(LENT, PAID))
    answer = find(owed, BROKE)
    rest = answer.option(OptionType.PAUSE)
    assert rest.figures.payments == ()
    assert rest.review_on == owed.on + timedelta(days=90)
    assert [each.type for each in rest.events] == [EventType.PENALTY_FROZEN, EventType.PAUSED]
    then = fold_contract(owed.contract, [*owed.events, *rest.events], rest.review_on)
    assert then.overdue_minor[3] == owed.state.overdue_minor[3]
    assert then.days_delinquent == owed.state.days_delinquent
    assert reason(answer, OptionType.RE_PLAN) == "below_floor"
    assert answer.options[-1].type is OptionType.DEBT_ADVICE


def test_what_is_free_is_a_token_where_no_instalment_can_be_paid(find, debt) -> None:
    """100.00 free for a debt of 957.94 a month at least: it is taken after payday until the review."""
    told = {"income": [{"amount": "100.00"}], "payday": 15}
    answer = find(debt(events=(LENT, PAID)), told)
    assert [each.amount_minor for each in answer.option(OptionType.PAUSE).figures.payments] == [
        100_00,
        100_00,
        100_00,
    ]


def test_whoever_tells_nothing_keeps_the_basic_ways(find, debt) -> None:
    """Nothing told: nobody is asked for more a month than was signed, and nothing is lost but that."""
    owed = debt(events=(LENT, PAID))
    answer = find(owed, {})
    open_ways = {each.type for each in answer.options}
    assert {OptionType.PAUSE, OptionType.RE_PLAN, OptionType.PAY_OFF} <= open_ways
    plan = answer.option(OptionType.RE_PLAN)
    assert plan.figures.monthly_minor <= owed.signed_monthly_minor
    assert reason(answer, OptionType.INTEREST_ONLY) == "income_not_told"


def test_an_extension_is_asked_for_before_the_due_date(find, debt) -> None:
    """On the due date it is open; the day after it is a re-plan (Civil Code 678)."""
    told = {**FREE_480, "income": [{"amount": "4100.00"}]}
    before = find(debt(on=NOT_LATE), told)
    after = find(debt(on=NOT_LATE + timedelta(days=1)), told)
    assert before.option(OptionType.EXTENSION).figures.months > 11
    assert before.option(OptionType.EXTENSION).grounds[0].parameter_id == (
        "cn.hardship.extension_request"
    )
    assert reason(after, OptionType.EXTENSION) == "asked_after_due"
    assert after.option(OptionType.RE_PLAN) is not None


def test_a_settlement_leaves_nothing_once_it_is_paid(find, debt) -> None:
    """Half of what is owed by the day: the rest is waived by the closing events, and only then."""
    owed = debt(events=(LENT, PAID))
    answer = find(owed, {**BROKE, "savings": "5000.00"})
    way = answer.option(OptionType.SETTLEMENT)
    paid = repayments(way.figures.payments)
    unpaid = fold_contract(owed.contract, [*owed.events, *way.events], way.figures.ends_on)
    done = fold_contract(
        owed.contract,
        [*owed.events, *way.events, *way.closing_events, *paid],
        way.figures.ends_on,
    )
    assert unpaid.payoff_minor == owed.payoff_minor
    assert done.status is AccountStatus.SETTLED
    assert way.figures.total_minor == owed.payoff_minor - owed.payoff_minor // 2
    assert way.lender.forgone_total_minor == owed.payoff_minor // 2
    assert not way.lender.is_above_present_path


def test_a_freeze_takes_what_is_late_in_parts_and_bears_no_penalty(find, debt) -> None:
    """9,000.00 free and 2,749.49 late: one part, and nothing is charged from the day on."""
    owed = debt(events=(LENT, PAID))
    way = find(owed, COMFORTABLE).option(OptionType.PENALTY_FREEZE)
    paid = repayments(way.figures.payments)
    end = fold_contract(owed.contract, [*owed.events, *way.events, *paid], way.figures.ends_on)
    assert sum(row.paid_minor[3] for row in end.rows) == owed.owed_minor[3]


def test_paying_now_says_what_it_saves(find, debt) -> None:
    """Against paying nothing until the next due date and then as signed."""
    answer = find(debt(events=(LENT, PAID)), COMFORTABLE)
    off, arrears = (answer.option(each) for each in (OptionType.PAY_OFF, OptionType.PAY_ARREARS))
    assert off.figures.saves_minor > arrears.figures.saves_minor > 0


@pytest.mark.parametrize(
    ("treatment", "since"),
    [(DaysPastDue.CONTINUE, date(2026, 2, 1)), (DaysPastDue.RESET, date(2026, 6, 16))],
)
def test_the_age_after_a_miss_is_what_the_data_say(find, debt, rules, treatment, since) -> None:
    """A missed row of a plan counts from the date first missed, or from its own: as the file has it."""
    kind = OptionType.RE_PLAN
    data = {**rules.treatments, kind: replace(rules.treatments[kind], days_past_due=treatment)}
    owed = debt(events=(LENT, PAID))
    way = find(owed, FREE_480, replace(rules, treatments=data)).option(kind)
    first = way.figures.payments[0].on
    assert first == date(2026, 6, 16)
    events = [*owed.events, *way.events]
    assert fold_contract(owed.contract, events, first).days_past_due == 0
    missed = fold_contract(owed.contract, events, first + timedelta(days=1))
    assert missed.days_past_due == (first + timedelta(days=1) - since).days


@pytest.mark.parametrize(
    ("option_type", "told", "on", "expected"),
    [
        (OptionType.PAYDAY, BROKE, date(2026, 5, 4), "no_payday"),
        (OptionType.PAY_ARREARS, FREE_480, NOT_LATE, "nothing_late"),
        (OptionType.PENALTY_FREEZE, FREE_480, NOT_LATE, "nothing_late"),
        (OptionType.SETTLEMENT, FREE_480, NOT_LATE, "nothing_late"),
        (OptionType.WRITE_DOWN, COMFORTABLE, NOT_LATE, "nothing_to_write_down"),
        (OptionType.DEFERRAL, FREE_480, date(2027, 3, 1), "nothing_to_come"),
        (OptionType.BREATHING_SPACE, FREE_480, NOT_LATE, "no_rule"),
    ],
)
def test_a_missing_way_says_why(find, debt, option_type, told, on, expected) -> None:
    """Each way that is not open has its reason."""
    assert reason(find(debt(on=on), told), option_type) == expected


def test_what_was_written_off_is_owed_all_the_same(find, debt) -> None:
    """Charged off is not forgiven: it can be paid, it can rest, and the other ways say why not."""
    off = {"id": "C1", "on": "2026-04-20", "type": "charged_off"}
    answer = find(debt(events=(LENT, PAID, off)), FREE_480)
    assert {each.type for each in answer.options} == {
        OptionType.PAY_OFF,
        OptionType.PAUSE,
        OptionType.DEBT_ADVICE,
    }
    assert reason(answer, OptionType.RE_PLAN) == "charged_off"


def test_nothing_owed_leaves_advice(find, debt) -> None:
    """A settled debt has no ways out, and the list is not empty."""
    all_paid = {"id": "P2", "on": "2026-02-01", "type": "repaid", "amount": "20000.00"}
    answer = find(debt(events=(LENT, all_paid)), FREE_480)
    assert [each.type for each in answer.options] == [OptionType.DEBT_ADVICE]
    assert reason(answer, OptionType.PAUSE) == "nothing_owed"


def test_a_line_has_the_ways_that_fit_it(find, debt) -> None:
    """Minimum late, the rest revolving, a purchase not billed: what is billed can be re-planned."""
    line = {
        "kind": "line",
        "terms": {"principal": "5000", "disbursed_on": "2026-01-01", "annual_rate": "0.1825"},
        "line": {"limit": "5000.00", "statement_day": 1, "due_day": 10, "minimum_share": "0.1"},
        "penalty": {"daily_rate": "0.0005"},
    }
    rows = [
        {"seq": 1, "kind": "minimum", "due_on": "2026-02-10", "principal": "300.00"},
        {"seq": 2, "kind": "revolving", "due_on": "2026-02-10", "principal": "2700.00"},
    ]
    events = (
        {"id": "B1", "on": "2026-01-15", "type": "purchased", "amount": "3000.00"},
        {"id": "S1", "on": "2026-02-01", "type": "statement_closed", "rows": rows},
        {"id": "B2", "on": "2026-02-15", "type": "purchased", "amount": "300.00"},
    )
    owed = debt(line, events, date(2026, 2, 20))
    answer = find(owed, FREE_480)
    plan = answer.option(OptionType.RE_PLAN)
    assert owed.unbilled_minor == 300_00
    paid = repayments(plan.figures.payments)
    end = fold_contract(owed.contract, [*owed.events, *plan.events, *paid], plan.figures.ends_on)
    assert end.payoff_minor == 300_00
    assert reason(answer, OptionType.DEFERRAL) == "of_a_loan_only"


def test_the_breathing_space_of_its_pack(debt, find) -> None:
    """In pounds the pack has it: sixty days in which no penalty comes and the age stands still."""
    from arrears.adapters.policy_files import load_registry  # noqa: PLC0415 - one test needs it

    british = rules_on(
        load_registry(),
        date(2026, 5, 4),
        currency="GBP",
        product=Product.INSTALMENT_LOAN,
        treatments=load_treatments(),
    )
    assert BREATHING_DAYS in british.resolved
    assert british.pack == "uk"
    terms = {"principal": "10000.00", "disbursed_on": "2026-01-01", "annual_rate": "0.146",
             "instalments": 12, "currency": "GBP"}  # fmt: skip
    owed = debt({"terms": terms, "penalty": {"uplift": "0.5"}}, (LENT,))
    way = find(owed, FREE_480, british).option(OptionType.BREATHING_SPACE)
    assert way.review_on == owed.on + timedelta(days=60)
    assert way.figures.left_minor >= owed.payoff_minor


def test_a_card_is_bound_by_the_card_rule_and_others_by_the_lender(rules) -> None:
    """Five years under the card rule, sixty months by the lender's own: each cites its parameter."""
    card = replace(rules, product=Product.CREDIT_CARD)
    assert (rules.plan_months_name, card.plan_months_name) == (PLAN_MONTHS, CARD_PLAN_YEARS)
    assert rules.plan_months_max == card.plan_months_max == 60


def test_a_permission_nobody_ratified_is_not_relied_on(find, debt, rules) -> None:
    """Where a law's permission is unverified and not ratified, the way says so and is not open."""
    permission = replace(rules.resolved[CARD_PLAN_YEARS], effect=Effect.PERMISSION)
    assert not may_rely_on(permission)
    under = replace(
        rules,
        product=Product.CREDIT_CARD,
        resolved={**rules.resolved, CARD_PLAN_YEARS: permission},
    )
    answer = find(debt(events=(LENT, PAID)), FREE_480, under)
    assert reason(answer, OptionType.RE_PLAN) == "not_ratified"


def test_an_income_shown_to_come_is_what_instalments_are_held_against(find, debt) -> None:
    """Nothing free until July, 4,000.00 from then on, shown: a way opens that begins when it does."""
    told = {**BROKE, "payday": 5, "expected": {
        "from_on": "2026-05-20", "income": "5500.00", "evidence": "contract of work"}}  # fmt: skip
    answer = find(debt(events=(LENT, PAID)), told)
    plan = answer.option(OptionType.RE_PLAN)
    assert isinstance(plan, Option)
    assert plan.figures.payments[0].on >= date(2026, 5, 20)
    assert plan.figures.share_of_free_ppm is None


def test_no_reference_for_living_is_shipped(rules) -> None:
    """None is known with a source: what was stated stands."""
    assert LIVING_REFERENCE not in rules.resolved
    assert rules.reference() is None


@pytest.mark.parametrize(
    "spoilt",
    [
        {},
        {"re_plan": {"is_restructured": "yes"}},
        [],
    ],
)
def test_a_file_of_types_that_lacks_something_is_refused(spoilt) -> None:
    """Every type and every field: what is optional decays."""
    with pytest.raises(ArrearsError) as refused:
        read_treatments(spoilt, source="here")
    assert refused.value.code == "policy.malformed"


def test_unknown_is_the_cautious_answer() -> None:
    """What nobody read in its source is treated as restructured, and counted on."""
    for kind, each in load_treatments().items():
        if kind in {OptionType.RE_PLAN, OptionType.WRITE_DOWN, OptionType.EXTENSION}:
            assert each.is_restructured
            assert each.days_past_due is DaysPastDue.CONTINUE
            assert not each.verified
