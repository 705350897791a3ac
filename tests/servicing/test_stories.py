"""Stories of single accounts: the published penalty figures, the line, and what relief does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from arrears.kernel.dates import parse_date
from arrears.kernel.money import Currency, format_minor
from arrears.kernel.movement import Component
from arrears.kernel.rounding import Rounding
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.events import Event, check_history, event_document, read_event
from arrears.servicing.layout import KIND_MINIMUM, KIND_REVOLVING, EventType
from arrears.servicing.line import available_minor, conversion_rows, make_statement, statement_rows
from arrears.servicing.state import AccountState, fold_contract, outstanding_minor

CNY = Currency("CNY", 2)


def loan(**changes: object) -> Contract:
    """A loan of 10,000.00 at 14.6 %, one row due after 30 days, penalty at one and a half times."""
    given: Any = changes
    terms = {
        "principal": "10000",
        "disbursed_on": "2026-01-01",
        "annual_rate": "0.146",
        "method": "bullet",
        "instalments": 1,
        "every": 30,
        "unit": "days",
        "day_count": "actual/365",
        **given.pop("terms", {}),
    }
    document: dict[str, Any] = {"terms": terms, "penalty": {"uplift": "0.5"}, **given}
    return read_contract(document)


def history(contract: Contract, *events: dict[str, Any]) -> list[Event]:
    """Events from short documents, numbered, each recorded on its own day."""
    made = [
        read_event(
            {"id": f"E{at:02d}", "seq": at, **event}, contract.terms.currency, where=f"event {at}"
        )
        for at, event in enumerate(events, start=1)
    ]
    check_history(made)
    return made


def owed(contract: Contract, events: list[Event], day: str) -> AccountState:
    """The account on a day."""
    return fold_contract(contract, events, parse_date(day, where="day"))


def penalty(state: AccountState) -> str:
    """Penalty outstanding, as text."""
    return format_minor(outstanding_minor(state)[Component.PENALTY], CNY)


LENT = {"on": "2026-01-01", "type": "disbursed", "amount": "10000"}


@pytest.mark.parametrize(("uplift", "expected"), [("0.5", "180.00"), ("0.3", "156.00")])
def test_penalty_uplift_of_the_central_bank(uplift: str, expected: str) -> None:
    """10,000.00 overdue for 30 days at 14.6 % raised by a half or by three tenths.

    2026-01-01  disburse 10,000.00, due 2026-01-31
    2026-03-02  expect penalty 180.00 at +50 %, 156.00 at +30 % (vectors penalty_uplift_50 and _30)
    """
    contract = loan(penalty={"uplift": uplift})
    assert penalty(owed(contract, history(contract, LENT), "2026-03-02")) == expected


def test_no_penalty_rate_above_the_cap() -> None:
    """18 % raised by a half is 27 %; under a cap of 24 % the overdue principal bears 24 %.

    2026-03-02  expect 30 nights of 10,000.00 at 24 %: 197.26, not 221.92 (penalty_uplift_cap24)
    """
    contract = loan(terms={"annual_rate": "0.18"}, cap_annual="0.24")
    assert penalty(owed(contract, history(contract, LENT), "2026-03-02")) == "197.26"


def test_five_days_of_the_daily_rate() -> None:
    """500.00 overdue for five days at 0.05 % a day costs 1.25 (vector huabei_overdue_1)."""
    contract = loan(
        terms={"principal": "500", "annual_rate": "0"}, penalty={"daily_rate": "0.0005"}
    )
    events = history(contract, {**LENT, "amount": "500"})
    assert penalty(owed(contract, events, "2026-02-05")) == "1.25"


def test_costs_then_interest_then_principal() -> None:
    """300.00 on costs 50, interest 120 and principal 1,000 leaves principal 870 (Civil Code 561)."""
    contract = loan(terms={"principal": "1000", "method": "custom", "annual_rate": "0", "rows": [
        {"due_on": "2026-01-31", "principal": "1000", "interest": "120"}]})  # fmt: skip
    events = history(
        contract,
        {**LENT, "amount": "1000"},
        {"on": "2026-01-10", "type": "fee_charged", "amount": "50", "until": "2026-01-31"},
        {"on": "2026-01-31", "type": "repaid", "amount": "300"},
    )
    left = outstanding_minor(owed(contract, events, "2026-01-31"))
    assert left[Component.FEE] == left[Component.INTEREST] == 0
    assert left[Component.PRINCIPAL] == 870_00


def test_grace_forgives_and_then_charges_from_the_due_date() -> None:
    """Three days of grace: paid on the third nothing is charged, on the fourth all four nights.

    2026-01-31  due; 2026-02-03  dpd 3, no penalty; 2026-02-04  dpd 4, penalty of four nights: 24.00
    """
    contract = loan(penalty={"uplift": "0.5", "grace_days": 3})
    events = history(contract, LENT)
    assert penalty(owed(contract, events, "2026-02-03")) == "0.00"
    assert penalty(owed(contract, events, "2026-02-04")) == "24.00"
    paid = history(contract, LENT, {"on": "2026-02-03", "type": "repaid", "amount": "10120.00"})
    assert owed(contract, paid, "2026-06-01").payoff_minor == 0


def test_a_reversal_leaves_no_trace() -> None:
    """A payment reversed later: the account owes what it would owe had it never been paid."""
    contract = loan()
    paid = {"on": "2026-01-31", "type": "repaid", "amount": "5000"}
    undone = {"on": "2026-02-20", "type": "reversed", "reverses": "E02"}
    with_it = owed(contract, history(contract, LENT, paid, undone), "2026-03-02")
    without = owed(contract, history(contract, LENT), "2026-03-02")
    assert with_it.payoff_minor == without.payoff_minor
    assert with_it.days_past_due == without.days_past_due == 30


def test_a_freeze_stops_the_penalty_and_only_that() -> None:
    """Frozen from 2026-02-10 to 2026-02-20: ten of thirty nights bear no penalty; age goes on."""
    contract = loan()
    frozen = {"on": "2026-02-10", "type": "penalty_frozen", "until": "2026-02-20"}
    state = owed(contract, history(contract, LENT, frozen), "2026-03-02")
    assert penalty(state) == "120.00"
    assert state.days_past_due == 30


def test_a_plan_moves_what_is_owed_and_stops_the_age() -> None:
    """A re-plan of all that is owed: two rows from 2026-04-01; nothing is past due until then."""
    contract = loan()
    before = owed(contract, history(contract, LENT), "2026-03-02")
    left = outstanding_minor(before)
    rows = [
        {"due_on": "2026-04-01", "principal": "5000", "penalty": format_minor(left[Component.PENALTY], CNY)},
        {"due_on": "2026-05-01", "principal": "5000", "interest": "120.00", "carried": "120.00"},
    ]  # fmt: skip
    plan = {"on": "2026-03-02", "type": "replanned", "rows": rows}
    after = owed(contract, history(contract, LENT, plan), "2026-03-20")
    assert outstanding_minor(after) == left
    assert after.days_past_due == 0
    assert not after.needs_review


def test_a_late_payment_before_a_plan_is_a_credit_of_its_last_rows() -> None:
    """A payment of before the plan that arrives after it: the rows stay, the last one shrinks."""
    contract = loan(penalty={"mode": "none"})
    rows = [
        {"due_on": "2026-04-01", "principal": "5000", "interest": "120.00", "carried": "120.00"},
        {"due_on": "2026-05-01", "principal": "5000"},
    ]
    plan = {"on": "2026-03-02", "type": "replanned", "rows": rows}
    late = {"on": "2026-02-27", "type": "repaid", "amount": "1120.00",
            "recorded_at": "2026-03-10T00:00:00+00:00"}  # fmt: skip
    state = owed(contract, history(contract, LENT, plan, late), "2026-03-20")
    principal = [row.outstanding_minor[Component.PRINCIPAL] for row in state.rows if row.number < 3]
    assert sum(principal) == 9_000_00
    assert state.payoff_minor == 9_000_00


def test_a_failed_disbursement_is_as_if_never_lent() -> None:
    """The money never arrived: nothing is owed, and a payment made meanwhile is to be given back."""
    contract = loan()
    paid = {"on": "2026-01-31", "type": "repaid", "amount": "100"}
    failed = {"on": "2026-02-05", "type": "disbursement_failed", "reverses": "E01"}
    state = owed(contract, history(contract, LENT, paid, failed), "2026-03-02")
    assert state.payoff_minor == 0
    assert state.credit_balance_minor == 100_00


def test_taken_over_days_go_on() -> None:
    """A loan taken over 20 days past due is 30 days past due ten days later, penalty from then on.

    2026-02-20  taken over: due 2026-01-31, principal 10,000.00, penalty 120.00 of the old system
    2026-03-02  expect dpd 30, penalty 120.00 + ten nights of 6.00
    """
    contract = loan()
    row = {"due_on": "2026-01-31", "from_on": "2026-01-01", "principal": "10000",
           "interest": "120", "penalty": "120", "paid": {"interest": "120"}}  # fmt: skip
    totals = {"principal": "10000", "penalty": "120"}
    taken = {"on": "2026-02-20", "type": "taken_over", "rows": [row], "totals": totals}
    state = owed(contract, history(contract, taken), "2026-03-02")
    assert state.days_past_due == 30
    assert penalty(state) == "180.00"


def line(**changes: object) -> Contract:
    """A pay-later line: statement on the 1st, due on the 10th, a tenth at least, 0.05 % a day."""
    document: dict[str, Any] = {
        "kind": "line",
        "terms": {"principal": "5000", "disbursed_on": "2026-01-01", "annual_rate": "0.1825"},
        "penalty": {"daily_rate": "0.0005"},
        "line": {
            "limit": "5000",
            "statement_day": 1,
            "due_day": 10,
            "due_days_offered": [8, 9, 10],
        },
        "cap_annual": "0.24",
        **changes,
    }
    return read_contract(document)


BOUGHT = {"on": "2026-01-15", "type": "purchased", "amount": "1000"}


def bill(contract: Contract, events: list[Event], closes: str) -> list[Event]:
    """The events with the statement of a day."""
    day = date.fromisoformat(closes)
    state = fold_contract(contract, events, day)
    assert contract.line is not None
    statement = make_statement(state, day, contract.line, Rounding.HALF_UP)
    number = 1 + 2 * sum(event.type is EventType.STATEMENT_CLOSED for event in events)
    rows = statement_rows(statement, number)
    made = Event(
        event_id=f"S{closes}",
        type=EventType.STATEMENT_CLOSED,
        value_on=day,
        recorded_at=events[0].recorded_at,
        seq=0,
        rows=rows,
    )
    stored = event_document(made, CNY)
    return [*events, read_event(stored, CNY, where="statement")]


def test_a_statement_paid_in_full_costs_nothing() -> None:
    """1,000.00 bought in January, billed on 1 February, paid on 10 February: nothing is left."""
    contract = line()
    events = bill(contract, history(contract, BOUGHT), "2026-02-01")
    paid = history(contract, BOUGHT, {"on": "2026-02-10", "type": "repaid", "amount": "1000"})
    events = [*events, paid[1]]
    state = owed(contract, events, "2026-03-15")
    assert state.payoff_minor == 0
    assert contract.line is not None
    assert available_minor(state, contract.line) == 5_000_00


def test_rolling_over_costs_the_daily_rate_from_the_due_date() -> None:
    """Only the minimum is paid: 900.00 rolls over at 0.05 % a day from 10 February.

    2026-02-10  minimum 100.00 paid
    2026-03-01  19 nights of 900.00 at 0.05 %: 8.55; never overdue
    """
    contract = line()
    events = bill(contract, history(contract, BOUGHT), "2026-02-01")
    minimum = next(
        row for row in owed(contract, events, "2026-02-01").rows if row.kind == KIND_MINIMUM
    )
    assert minimum.due_minor[Component.PRINCIPAL] == 100_00
    paid = history(contract, BOUGHT, {"on": "2026-02-10", "type": "repaid", "amount": "100"})
    events = [*events, paid[1]]
    state = owed(contract, events, "2026-03-01")
    assert outstanding_minor(state)[Component.INTEREST] == 8_55
    assert state.days_past_due == 0


def test_what_rolled_over_is_billed_again() -> None:
    """The next statement bills 900.00 and its 8.55: minimum 90.00 plus the interest, 810.00 revolves."""
    contract = line()
    events = bill(contract, history(contract, BOUGHT), "2026-02-01")
    paid = history(contract, BOUGHT, {"on": "2026-02-10", "type": "repaid", "amount": "100"})
    events = bill(contract, [*events, paid[1]], "2026-03-01")
    rows = [
        row for row in owed(contract, events, "2026-03-01").rows if not row.is_due and row.due_on
    ]
    kinds = {row.kind: row.outstanding_minor for row in rows}
    assert kinds[KIND_MINIMUM][:2] == (90_00, 8_55)
    assert kinds[KIND_REVOLVING][0] == 810_00


def test_an_unpaid_minimum_is_overdue_and_keeps_its_date() -> None:
    """Nothing paid: the minimum is overdue from 10 February through the next statement."""
    contract = line()
    events = bill(contract, history(contract, BOUGHT), "2026-02-01")
    events = bill(contract, events, "2026-03-01")
    state = owed(contract, events, "2026-03-15")
    assert state.days_past_due == 33
    assert state.overdue_minor[Component.PRINCIPAL] == 100_00 + 90_00


def test_a_converted_statement_becomes_instalments_with_a_fee() -> None:
    """900.00 of a statement over three months at 2.5 %: 300.00 and 7.50 a month; the rest stays."""
    contract = line()
    events = bill(contract, history(contract, BOUGHT), "2026-02-01")
    rows = conversion_rows(
        contract.terms,
        amount_minor=900_00,
        on=date(2026, 2, 5),
        first_due_on=date(2026, 3, 10),
        instalments=3,
        fee_rate_ppm=25_000,
        contract=1,
    )
    made = Event(
        event_id="C1",
        type=EventType.CONVERTED,
        value_on=date(2026, 2, 5),
        recorded_at=events[0].recorded_at,
        seq=0,
        component="statement",
        rows=rows,
    )
    state = owed(contract, [*events, made], "2026-02-05")
    converted = [row.due_minor for row in state.rows if row.contract == 1]
    assert [row[0] for row in converted] == [300_00] * 3
    assert [row[2] for row in converted] == [7_50] * 3
    assert state.principal_minor == 1_000_00


def test_the_shop_gives_money_back() -> None:
    """A refund of an unbilled purchase reduces it; more than was bought becomes credit balance."""
    contract = line()
    back = {"on": "2026-01-20", "type": "refunded", "amount": "1200", "component": "principal"}
    state = owed(contract, history(contract, BOUGHT, back), "2026-01-31")
    assert state.principal_minor == 0
    assert state.credit_balance_minor == 200_00
