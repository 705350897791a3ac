"""Translates the published loan histories into contracts and events; the rules stand in their README."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from arrears.kernel.dates import add_months
from arrears.kernel.money import Currency, format_minor
from arrears.kernel.movement import INTEREST, PRINCIPAL, Component, MovementKind
from arrears.kernel.rounding import round_fraction
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.events import Event, check_history, read_event
from arrears.servicing.explanation import movements_of
from arrears.servicing.schedule import Period, level_rows, solve_schedule
from arrears.servicing.state import AccountState, fold_contract

FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors"
CENT = Currency("EUR", 2)
STANDARD = ["penalty", "fee", "principal", "interest"]
ORDERS = {
    "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER": ["penalty", "fee", "interest", "principal"],
    "DUE_PENALTY_FEE_INTEREST_PRINCIPAL_IN_ADVANCE_PRINCIPAL_PENALTY_FEE_INTEREST": [
        *(f"{when}.{part}" for when in ("past_due", "due") for part in ("penalty", "fee", "interest", "principal")),
        *(f"in_advance.{part}" for part in ("principal", "penalty", "fee", "interest")),
    ],
    "DUE_PENALTY_INTEREST_PRINCIPAL_FEE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE": [
        "penalty", "interest", "principal", "fee",
    ],
}  # fmt: skip


def histories() -> list[dict[str, Any]]:
    """The published histories; none where the folder is absent."""
    path = FOLDER / "histories.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def products() -> dict[str, Any]:
    """Product parameters by name."""
    found = json.loads((FOLDER / "history_products.json").read_text(encoding="utf-8"))
    return {name: each["params"] for name, each in found["products"].items()}


def word(value: object, codes: dict[int, str]) -> str:
    """An enumerated parameter: a name, a number, or both."""
    if isinstance(value, dict):
        return str(value["enum"])
    return codes[value] if isinstance(value, int) else str(value)


def minor(text: str | None) -> int:
    """An amount of the vectors in cents."""
    return int((Decimal(text or "0") * 100).to_integral_value())


def order_of(params: dict[str, Any]) -> list[str]:
    """The order of allocation a product asks for."""
    code = word(params.get("transactionProcessingStrategyCode"), {})
    if code in ORDERS:
        return ORDERS[code]
    order = params["paymentAllocation"][0]["order"]
    if order == "STANDARD":
        return STANDARD
    words = []
    for slot in order:
        name = word(slot, {})
        for when in ("past_due", "due", "in_advance"):
            if name.startswith(when.upper() + "_"):
                words.append(f"{when}.{name[len(when) + 1 :].lower()}")
                break
    return words


def terms_of(history: dict[str, Any], params: dict[str, Any]) -> dict[str, object]:
    """The terms of a history's loan."""
    loan = history["loan"]
    months = {"DAYS30": "30/360", "ACTUAL": "actual/actual"}
    year = word(params.get("daysInYearType", "ACTUAL"), {})
    month = word(params.get("daysInMonthType", "ACTUAL"), {})
    day_count = months[month] if year in ("DAYS360", "ACTUAL") else "actual/365"
    if year == "DAYS360" and month == "ACTUAL":
        day_count = "actual/360"
    flat = loan["interest_type"] == "FLAT"
    calc = loan["interest_calc_period"]
    if calc == "SAME_AS_REPAYMENT_PERIOD":
        day_count = "equal_periods"
    elif "cumulative" in history["themes"]:
        day_count = "actual/365"  # its older schedules count every year as 365 days
    rate = Decimal(loan["annual_rate"] or "0")
    equal_principal = loan["amortization"].startswith("EQUAL_PRINCIPAL")
    document: dict[str, object] = {
        "principal": loan["principal"],
        "disbursed_on": loan["submitted_on"],
        "annual_rate": str(rate / 100),
        "method": "flat" if flat else "equal_principal" if equal_principal else "equal_instalment",
        "instalments": int(loan["n"]),
        "every": int(loan["repayment_every"]),
        "unit": loan["repayment_freq"].lower(),
        "day_count": day_count,
        "rounding": "half_up",
        "principal_grace": int(loan["grace_principal"]),
        "interest_grace": int(loan["grace_interest"]),
        "interest_free": int(loan["interest_free"]),
        "currency": "EUR",
    }
    if params.get("installmentAmountInMultiplesOf"):
        document["instalment_multiple_of"] = str(params["installmentAmountInMultiplesOf"])
    if "cumulative" in history["themes"]:
        document["rounding"] = "half_even"
    if params.get("enableDownPayment"):
        document["down_payment"] = str(
            Decimal(params["disbursedAmountPercentageForDownPayment"]) / 100
        )
    return document


def contract_of(history: dict[str, Any]) -> Contract:
    """The contract of a history."""
    params = products()[history["product"]]
    rules = [step["rule"] for step in history["steps"] if step["op"] == "set_future_rule"]
    goodwill = any(step.get("type") == "GOODWILL_CREDIT" for step in history["steps"])
    vertical = word(params.get("loanScheduleProcessingType"), {}) == "VERTICAL"
    document: dict[str, object] = {
        "terms": terms_of(history, params),
        "accrual": "daily" if params.get("isInterestRecalculationEnabled") else "scheduled",
        "penalty": {"mode": "none"},
        "allocation": {
            "direction": "vertical" if vertical else "horizontal",
            "order": order_of(params),
            "surplus": "last" if goodwill or "LAST" in "".join(rules) else "next",
        },
    }
    return read_contract(document)


@dataclass
class Replay:
    """A history lived through: its events so far, and what they make."""

    history: dict[str, Any]
    contract: Contract
    events: list[Event] = field(default_factory=list)
    today: date = date(1970, 1, 1)
    count: int = 0
    #: Event id -> what that system calls the transaction.
    names: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, on: str, **fields: object) -> None:
        """Append an event."""
        self.count += 1
        document = {"id": f"E{self.count:03d}", "on": on, "seq": self.count, "type": kind, **fields}
        self.events.append(read_event(document, CENT, where=f"step {self.count}"))
        check_history(self.events)

    def state(self, on: date | None = None, posting: int = -1) -> AccountState:
        """The account as it stands."""
        return fold_contract(self.contract, self.events, on or self.today, posting=posting)

    def step(self, step: dict[str, Any]) -> None:
        """Do one step of the history."""
        op = step["op"]
        if op == "set_date":
            self.today = date.fromisoformat(step["date"])
        elif op == "disburse":
            self.disburse(step)
        elif op == "txn":
            self.add("repaid", step["date"], amount=step["amount"])
            self.names[self.events[-1].event_id] = step["type"].replace("_", " ").title()
        elif op == "payoff":
            self.add("repaid", step["date"], amount=format_minor(self.state().payoff_minor, CENT))
            self.names[self.events[-1].event_id] = "Repayment"
        elif op in STEPS:
            STEPS[op](self, step)

    def disburse(self, step: dict[str, Any]) -> None:
        """Disburse, and pay the down payment where the product does it by itself."""
        self.add("disbursed", step["date"], amount=step["amount"])
        self.names[self.events[-1].event_id] = "Disbursement"
        params = products()[self.history["product"]]
        if params.get("enableDownPayment") and params.get("enableAutoRepaymentForDownPayment"):
            down = solve_schedule(self.contract.terms)[0]
            amount = format_minor(down.principal_minor, CENT)
            self.add("repaid", step["date"], amount=amount)
            self.names[self.events[-1].event_id] = "Down Payment"


def add_charge(replay: Replay, step: dict[str, Any]) -> None:
    """A charge with a due date of its own."""
    component = "penalty" if "NSF" in step["charge"] else "fee"
    fields = {"amount": step["amount"], "component": component, "until": step["due"]}
    replay.add("fee_charged", replay.today.isoformat(), **fields)


def undo(replay: Replay, step: dict[str, Any]) -> None:
    """Take a payment back as if never made."""
    gone = {event.reverses for event in replay.events}
    found = [
        event
        for event in replay.events
        if event.type.name == "REPAID"
        and event.value_on.isoformat() == step["txn_date"]
        and event.event_id not in gone
    ]
    replay.add("reversed", replay.today.isoformat(), reverses=found[int(step["nth"]) - 1].event_id)


def chargeback(replay: Replay, step: dict[str, Any]) -> None:
    """The payer's bank takes a payment back."""
    replay.add("charged_back", replay.today.isoformat(), amount=step["amount"])
    replay.names[replay.events[-1].event_id] = "Chargeback"


def refund(replay: Replay, step: dict[str, Any]) -> None:
    """Credit balance is paid out."""
    replay.add("refunded", step["date"], amount=step["amount"])


def pause(replay: Replay, step: dict[str, Any]) -> None:
    """No interest from the first to the last day, both included."""
    until = date.fromisoformat(step["end"]) + timedelta(days=1)
    replay.add("rate_changed", step["start"], rate="0", until=until.isoformat())


def delinquency_pause(replay: Replay, step: dict[str, Any]) -> None:
    """Days past due stand still from the first to the last day, both included."""
    until = date.fromisoformat(step["end"]) + timedelta(days=1)
    replay.add("paused", step["start"], until=until.isoformat())


def delinquency_resume(replay: Replay, step: dict[str, Any]) -> None:
    """The pause ends early: it is replaced by one that lasts until today."""
    pause_ = next(each for each in reversed(replay.events) if each.type.name == "PAUSED")
    replay.add("reversed", step["start"], reverses=pause_.event_id)
    replay.add("paused", pause_.value_on.isoformat(), until=step["start"])


def charge_off(replay: Replay, step: dict[str, Any]) -> None:
    """Write off."""
    replay.add("charged_off", step["date"])


def terminate(replay: Replay, step: dict[str, Any]) -> None:
    """Call the debt in today."""
    del step
    replay.add("accelerated", replay.today.isoformat(), until=replay.today.isoformat())


def change_rate(replay: Replay, on: date, rate: Decimal) -> None:
    """A new rate from a day on; the instalment is solved again for the rows to come."""
    state = replay.state(on)
    left = [row for row in state.rows if row.due_on and row.due_on > on]
    terms = replay.contract.terms
    start = max(
        [terms.disbursed_on, *(row.due_on for row in state.rows if row.due_on and row.due_on <= on)]
    )
    month = Fraction(1, 12)
    whole = (left[0].due_on - start).days if left[0].due_on else 1
    before = Fraction((on - start).days, whole)
    old, new = Fraction(terms.annual_rate_ppm, 10**6), Fraction(rate)
    periods = [Period(start, left[0].due_on or start, month * (old * before + new * (1 - before)))]
    for one, other in pairwise(left):
        periods.append(Period(one.due_on or start, other.due_on or start, month * new))
    balance = state.principal_minor
    carried = round_fraction(balance * month * old * before, terms.rounding)
    rows = []
    for row, solved in zip(left, level_rows(balance, periods, terms), strict=True):
        signed = {
            "seq": row.number,
            "due_on": solved.due_on.isoformat(),
            "from_on": max(on, solved.from_on).isoformat(),
            "principal": format_minor(solved.principal_minor, CENT),
            "interest": format_minor(solved.interest_minor, CENT),
        }
        if row is left[0]:
            signed["carried"] = format_minor(carried, CENT)
        rows.append(signed)
    replay.add("rate_changed", on.isoformat(), rate=str(rate), rows=rows)


def late_fees(replay: Replay, step: dict[str, Any]) -> None:
    """A close charges one late fee per overdue row, dated on its due date, where the product has one."""
    del step
    names = products()[replay.history["product"]].get("charges") or []
    if not any("LATE_FEE" in str(name) for name in names):
        return
    for row in replay.state().rows:
        base = row.due_minor[PRINCIPAL]
        if "INTEREST" in str(names):
            base += row.due_minor[INTEREST]
        fee = format_minor(base * 15 // 1000, CENT)
        if row.due_on and row.due_on < replay.today:
            on = row.due_on.isoformat()
            replay.add("fee_charged", on, amount=fee, component="penalty", until=on)


def reamortise(replay: Replay, step: dict[str, Any]) -> None:
    """All that is left over the rows still to come, in whole units."""
    del step
    state = replay.state()
    coming = [row for row in state.rows if row.due_on and row.due_on >= replay.today]
    balance = state.principal_minor
    part = balance // len(coming) // 100 * 100
    rows = [
        {
            "seq": row.number,
            "due_on": row.due_on.isoformat() if row.due_on else "",
            "principal": format_minor(
                part if row is not coming[-1] else balance - part * (len(coming) - 1), CENT
            ),
        }
        for row in coming
    ]
    replay.add("replanned", replay.today.isoformat(), rows=rows)


def reschedule(replay: Replay, step: dict[str, Any]) -> None:
    """A new rate, a due date moved, extra rows or grace, signed as new rows."""
    given = step["params"]
    start = date.fromisoformat(given["reschedulefromdate"])
    if given["newinterestrate"]:
        change_rate(replay, start - timedelta(days=1), Decimal(given["newinterestrate"]) / 100)
        return
    state = replay.state()
    kept = [row for row in state.rows if row.due_on and row.due_on < start]
    left = [row for row in state.rows if row.due_on and row.due_on >= start]
    dues = [row.due_on for row in left if row.due_on]
    if given["adjustedduedate"]:
        moved = date.fromisoformat(given["adjustedduedate"])
        dues = [add_months(moved, at) for at in range(len(dues))]
    grace = int(given["graceonprincipal"] or 0)
    for _ in range(int(given["extraterms"] or 0) + grace):
        dues.append(add_months(dues[-1], 1))
    interests = [row.due_minor[INTEREST] for row in left] + [0] * (len(dues) - len(left))
    waiting = int(given["graceoninterest"] or 0)
    interests[waiting] += sum(interests[:waiting])
    interests[:waiting] = [0] * waiting
    balance = sum(row.due_minor[PRINCIPAL] for row in left)
    part = balance // (len(dues) - grace)
    parts = [0] * grace + [part] * (len(dues) - grace)
    parts[-1] = balance - sum(parts[:-1])
    plan = [(row.due_on, row.due_minor[PRINCIPAL], row.due_minor[INTEREST]) for row in kept]
    plan += list(zip(dues, parts, interests, strict=True))
    rows = [
        {
            "seq": at,
            "due_on": due.isoformat() if due else "",
            "principal": format_minor(principal, CENT),
            "interest": format_minor(interest, CENT),
        }
        for at, (due, principal, interest) in enumerate(plan, start=1)
    ]
    replay.add("replanned", replay.today.isoformat(), rows=rows)


def reage(replay: Replay, step: dict[str, Any]) -> None:
    """All that is left over new rows."""
    given = step["params"]
    count = int(given["numberofinstallments"])
    state = replay.state()
    balance = state.principal_minor
    part = -(-balance // count)
    start = date.fromisoformat(given["startdate"])
    rows = []
    for at in range(count):
        days = int(given["frequencynumber"]) * at
        due = (
            start + timedelta(days=days)
            if given["frequencytype"] == "DAYS"
            else add_months(start, days)
        )
        principal = part if at < count - 1 else balance - part * (count - 1)
        rows.append(
            {
                "seq": len(state.rows) + at + 1,
                "due_on": due.isoformat(),
                "principal": format_minor(principal, CENT),
            }
        )
    replay.add("replanned", replay.today.isoformat(), rows=rows)


STEPS = {
    "add_charge": add_charge,
    "undo": undo,
    "chargeback": chargeback,
    "credit_balance_refund": refund,
    "interest_pause": pause,
    "delinquency_pause": delinquency_pause,
    "delinquency_resume": delinquency_resume,
    "charge_off": charge_off,
    "terminate_contract": terminate,
    "reschedule": reschedule,
    "reage": reage,
    "reamortize": reamortise,
    "cob": late_fees,
}


def schedule_rows(replay: Replay, *, is_disbursed: bool) -> list[dict[str, Any]]:
    """The schedule as the histories print it, in cents."""
    if not is_disbursed:
        return [
            {
                "principal": row.principal_minor,
                "interest": row.interest_minor,
                "fees": row.fee_minor,
                "penalties": 0,
                "due": row.total_minor,
                "paid": 0,
                "in_advance": 0,
                "late": 0,
                "outstanding": row.total_minor,
                "balance": row.balance_minor,
                "date": row.due_on.toordinal(),
                "paid_date": None,
            }
            for row in solve_schedule(replay.contract.terms)
        ]
    pauses = [event.until for event in replay.events if event.until and event.rate_ppm == 0]
    state = replay.state(max([replay.today, *pauses]), posting=0)
    early, late = paid_out_of_time(state)
    settled = days_of_last_payment(state)
    lent = sum(event.amount_minor for event in replay.events if event.type.name == "DISBURSED")
    back: dict[date | None, int] = {}
    for event in replay.events:
        if event.type.name == "CHARGED_BACK":
            coming = min(
                (row.due_on for row in state.rows if row.due_on and row.due_on >= event.value_on),
                default=event.value_on,
            )
            back[coming] = back.get(coming, 0) + event.amount_minor
    rows = []
    for row in state.rows:
        lent += back.pop(row.due_on, 0) - row.due_minor[PRINCIPAL]
        due = row.due_minor
        key = (row.contract, row.number)
        rows.append(
            {
                "principal": due[PRINCIPAL],
                "interest": due[INTEREST],
                "fees": due[Component.FEE],
                "penalties": due[Component.PENALTY],
                "due": sum(due),
                "paid": sum(row.paid_minor),
                "in_advance": early.get(key, 0),
                "late": late.get(key, 0),
                "outstanding": sum(row.outstanding_minor),
                "balance": lent,
                "date": row.due_on.toordinal() if row.due_on else 0,
                "paid_date": None if any(row.outstanding_minor) else settled.get(key),
            }
        )
    return rows


def days_of_last_payment(state: AccountState) -> dict[tuple[int, int], str]:
    """The day on which each row was last paid."""
    return {
        (each.contract, each.instalment): each.on.isoformat()
        for each in movements_of(state)
        if each.kind in (MovementKind.PAID, MovementKind.TAKEN_FROM_CREDIT)
    }


def paid_out_of_time(
    state: AccountState,
) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
    """What was paid before and after each row's due date, in cents."""
    dues = {(row.contract, row.number): row.due_on for row in state.rows}
    early: dict[tuple[int, int], int] = {}
    late: dict[tuple[int, int], int] = {}
    for movement in movements_of(state):
        if movement.kind not in (MovementKind.PAID, MovementKind.TAKEN_FROM_CREDIT):
            continue
        key = (movement.contract, movement.instalment)
        due = dues.get(key)
        if due is None or movement.on == due:
            continue
        where = early if movement.on < due else late
        where[key] = where.get(key, 0) + movement.amount_minor
    return early, late
