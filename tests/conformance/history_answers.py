"""What the published histories ask of an account beside its schedule, as Arrears answers it.

The split of each payment, charges, status, journal, accruals and delinquency; each function lists
the differences in words. Amounts in cents.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from history import Replay, minor

from arrears.kernel.movement import Component, MovementKind
from arrears.servicing.explanation import movements_of
from arrears.servicing.layout import EventType
from arrears.servicing.state import AccountStatus, fold_contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arrears.servicing.events import Event
    from arrears.servicing.explanation import Movement
    from arrears.servicing.state import AccountState

COMPONENTS = {
    "principal": Component.PRINCIPAL,
    "interest": Component.INTEREST,
    "fees": Component.FEE,
    "penalties": Component.PENALTY,
}
#: Cash in, and what it is called there.
CASH = ("Repayment", "Down Payment", "Goodwill Credit")
#: Movements that change the principal outstanding, and which way.
PRINCIPAL_MOVES = {
    MovementKind.DISBURSED: 1,
    MovementKind.CHARGED_BACK: 1,
    MovementKind.PAID: -1,
    MovementKind.TAKEN_FROM_CREDIT: -1,
}
STATUSES = {
    "approved": AccountStatus.NEVER_DISBURSED,
    "active": AccountStatus.ACTIVE,
    "closed_obligations_met": AccountStatus.SETTLED,
    "overpaid": AccountStatus.SETTLED,
}
RECEIVABLE, CLEARING, OVERPAYMENT = (
    "Loans Receivable",
    "Suspense/Clearing account",
    "Overpayment account",
)
#: The ranges the histories name, by the days past due they hold here.
RANGES = {"RANGE_1": (1, 29), "RANGE_30": (30, 59)}
JOURNAL_TYPES = {
    "DISBURSEMENT": EventType.DISBURSED,
    "REPAYMENT": EventType.REPAID,
    "CHARGEBACK": EventType.CHARGED_BACK,
    "CREDIT_BALANCE_REFUND": EventType.REFUNDED,
}
#: Kind of movement -> (account, +1 debit or -1 credit) on the side that is not cash.
OTHER_SIDE = {
    MovementKind.DISBURSED: (RECEIVABLE, 1),
    MovementKind.CHARGED_BACK: (RECEIVABLE, 1),
    MovementKind.PAID: (RECEIVABLE, -1),
    MovementKind.PUT_TO_CREDIT: (OVERPAYMENT, -1),
    MovementKind.TAKEN_FROM_CREDIT: (RECEIVABLE, -1),
    MovementKind.CREDIT_REFUNDED: (OVERPAYMENT, 1),
}


def before_reversal(replay: Replay, event: Event) -> Sequence[Event]:
    """The events as they stood when this one still counted: all, or those before it was erased."""
    for at, each in enumerate(replay.events):
        if each.reverses == event.event_id:
            return replay.events[:at]
    return replay.events


def state_with(replay: Replay, events: Sequence[Event]) -> AccountState:
    """The account of some of its events, with movements."""
    return fold_contract(replay.contract, events, replay.today, posting=0)


def transaction(replay: Replay, event: Event) -> dict[str, Any]:
    """One event as a line of the list of transactions: its split, and the principal after it."""
    movements = movements_of(state_with(replay, before_reversal(replay, event)))
    last = max(
        (at for at, each in enumerate(movements) if each.event_id == event.event_id), default=-1
    )
    balance = sum(
        PRINCIPAL_MOVES.get(each.kind, 0) * each.amount_minor
        for each in movements[: last + 1]
        if each.component is Component.PRINCIPAL
    )
    split = {
        name: sum(
            each.amount_minor
            for each in movements
            if each.event_id == event.event_id
            and each.component is component
            and each.kind in (MovementKind.PAID, MovementKind.CHARGED_BACK)
        )
        for name, component in COMPONENTS.items()
    }
    name = replay.names.get(event.event_id, event.type.name.capitalize())
    on = event.value_on.isoformat()
    return {"on": on, "type": name, "amount": event.amount_minor, "loan_balance": balance, **split}


def transactions(replay: Replay) -> list[dict[str, Any]]:
    """Every disbursement, payment and chargeback, in the order of their days."""
    listed = (EventType.DISBURSED, EventType.REPAID, EventType.CHARGED_BACK)
    events = [event for event in replay.events if event.type in listed]
    return [transaction(replay, event) for event in sorted(events, key=lambda each: each.value_on)]


def transaction_differences(replay: Replay, rows: Iterable[dict[str, str]]) -> list[str]:
    """Every number of the list of transactions that is not the published one; accruals apart."""
    names = ("amount", "loan_balance", *COMPONENTS)
    wanted = [
        {
            "on": row["transaction_date"],
            "type": row["transaction_type"],
            **{name: minor(row[name]) for name in names},
        }
        for row in rows
        if row["transaction_type"] in (*CASH, "Disbursement", "Chargeback")
    ]
    got = transactions(replay)
    if len(wanted) != len(got):
        return [f"{len(wanted)} transactions, got {len(got)}"]
    return [
        f"{one['type']} of {one['on']}: {name} {one[name]}, got {other[name]}"
        for one, other in zip(wanted, got, strict=True)
        for name in one
        if one[name] != other[name]
    ]


def accrual_differences(replay: Replay, rows: Iterable[dict[str, str]]) -> list[str]:
    """What had accrued by the last day of that system's accruals, by component."""
    accrued = [row for row in rows if row["transaction_type"].startswith("Accrual")]
    if not accrued:
        return []
    last = date.fromisoformat(max(row["transaction_date"] for row in accrued))
    state = fold_contract(replay.contract, replay.events, last, posting=0)
    ours: Counter[Component] = Counter()
    for each in movements_of(state):
        if each.kind in (MovementKind.ACCRUED, MovementKind.CHARGED):
            ours[each.component] += each.amount_minor
    found = []
    for name, component in COMPONENTS.items():
        signs = [-1 if "Adjustment" in row["transaction_type"] else 1 for row in accrued]
        total = sum(sign * minor(row[name]) for sign, row in zip(signs, accrued, strict=True))
        if total != ours[component]:
            found.append(f"accrued {name} by {last}: {total}, got {ours[component]}")
    return found


def charge_differences(replay: Replay, rows: Iterable[dict[str, str]]) -> list[str]:
    """Charges by kind: what is due, paid, waived and outstanding. We keep no list of single ones."""
    state = replay.state()
    found = []
    for component, is_penalty in ((Component.FEE, "false"), (Component.PENALTY, "true")):
        wanted = [row for row in rows if row["ispenalty"] == is_penalty]
        for name in ("due", "paid", "waived", "outstanding"):
            total = sum(minor(row[name]) for row in wanted)
            ours = sum(getattr(row, f"{name}_minor")[component] for row in state.rows)
            if total != ours:
                found.append(f"charges, {component.name.lower()} {name}: {total}, got {ours}")
    return found


def status_differences(replay: Replay, status: str) -> list[str]:
    """What has become of the loan."""
    state = replay.state()
    word = status.lower().replace(" (", "_").replace(")", "").replace(" ", "_")
    is_overpaid = state.credit_balance_minor > 0
    fits = state.status is STATUSES[word] and is_overpaid == (word == "overpaid")
    return [] if fits else [f"status {status}, got {state.status.value}"]


def booked(events: Iterable[Event], movements: Iterable[Movement]) -> Counter[str]:
    """Debits less credits by account that these events are, in that system's chart.

    Credit balance that meets a debt on the same day belongs to them: there it is one transaction.
    """
    sums: Counter[str] = Counter()
    ids = {event.event_id for event in events}
    days = {event.value_on for event in events}
    for each in movements:
        is_own = each.event_id in ids
        is_credit_used = each.kind is MovementKind.TAKEN_FROM_CREDIT and each.on in days
        if each.kind in OTHER_SIDE and (is_own or is_credit_used):
            account, side = OTHER_SIDE[each.kind]
            sums[account] += side * each.amount_minor
            sums[OVERPAYMENT if is_credit_used else CLEARING] -= side * each.amount_minor
    return sums


def journal_differences(replay: Replay, step: dict[str, Any]) -> list[str]:
    """What one day's transactions of a type booked in the end, account by account."""
    wanted: Counter[str] = Counter()
    for row in step["rows"]:
        wanted[row["account_name"]] += minor(row["debit"]) - minor(row["credit"])
    events = [
        event
        for event in replay.events
        if event.type is JOURNAL_TYPES[step["type"]] and event.value_on.isoformat() == step["date"]
    ]
    ours = booked(events, movements_of(state_with(replay, replay.events)))
    where = f"journal of {step['type']} {step['date']}"
    return [
        f"{where}: {account} {wanted[account]}, got {ours[account]}"
        for account in (RECEIVABLE, CLEARING, OVERPAYMENT)
        if wanted[account] != ours[account]
    ]


def delinquency_differences(replay: Replay, step: dict[str, Any]) -> list[str]:
    """The range of days past due that a loan is in, pauses left out."""
    days = replay.state().days_delinquent
    least, most = RANGES[step["range"]]
    return [] if least <= days <= most else [f"delinquency {step['range']}, got {days} days"]


def reversal_differences(replay: Replay, step: dict[str, Any]) -> list[str]:
    """A transaction that was undone left no movement."""
    gone = {event.reverses for event in replay.events}
    undone = {
        event.event_id
        for event in replay.events
        if event.event_id in gone
        and replay.names.get(event.event_id) == step["type"]
        and event.value_on.isoformat() == step["date"]
    }
    left = {each.event_id for each in movements_of(state_with(replay, replay.events))} & undone
    fits = bool(undone) and not left
    return [] if fits else [f"{step['type']} of {step['date']} is not undone"]


def answer_differences(replay: Replay, step: dict[str, Any]) -> list[str]:
    """Everything a step asks for beside schedule and totals that is answered otherwise."""
    match step["op"]:
        case "expect_transactions":
            rows = step["rows"]
            return transaction_differences(replay, rows) + accrual_differences(replay, rows)
        case "expect_charges":
            return charge_differences(replay, step["rows"])
        case "expect_status":
            return status_differences(replay, step["status"])
        case "expect_journal":
            return journal_differences(replay, step)
        case "expect_delinquency_range":
            return delinquency_differences(replay, step)
        case "expect_reverted":
            return reversal_differences(replay, step)
    return []
