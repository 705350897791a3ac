"""From the auditor's words to the documents the program reads, and both answers in one shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from arrears.kernel.dates import date_of, days_of
from arrears.servicing import layout as c
from arrears.servicing.contract import read_contract
from arrears.servicing.door import columns_of, microseconds
from arrears.servicing.events import read_event
from arrears.servicing.state import ALL_KNOWN, run_fold
from auditor.model import COMPONENTS, INTEREST, PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from fractions import Fraction

    from arrears.servicing.contract import Contract
    from arrears.servicing.events import Event as BookedEvent
    from arrears.servicing.state import Folded
    from auditor.model import Account, Audit, Event, Order, Row, Terms

KINDS = (
    "instalment",
    "minimum",
    "revolving",
    "unbilled",
    "charge",
    "adjustment",
    "accelerated",
    "opening_paid",
    "opening_waived",
)


def money(amount_minor: int) -> str:
    """Minor units of a currency with two decimals."""
    return f"{amount_minor // 100}.{amount_minor % 100:02d}"


def share(rate: Fraction) -> str:
    """A rate in whole parts per million as a decimal string."""
    ppm = rate * 1_000_000
    assert ppm.denominator == 1, "rates are whole parts per million"
    return f"{ppm.numerator // 1_000_000}.{ppm.numerator % 1_000_000:06d}"


def order_document(order: Order) -> dict[str, object]:
    """One order of allocation."""
    document: dict[str, object] = {
        "days_past_due_from": order.days_past_due_from,
        "order": [f"{standing}.{COMPONENTS[each]}" for standing, each in order.slots],
    }
    if order.event:
        document["event"] = order.event
    return document


def contract_of(terms: Terms) -> Contract:
    """The contract these terms make; its cap is set past the test of booking."""
    penalty: dict[str, object] = {
        "mode": terms.penalty_mode,
        "base": "principal_and_interest" if terms.is_interest_penalised else "principal",
        "compound": terms.is_compounding,
        "grace_days": terms.grace_days,
        "materiality": money(terms.floor_minor),
    }
    if terms.uplift is None:
        penalty["annual_rate"] = share(terms.penalty_rate)
    else:
        penalty["uplift"] = share(terms.uplift)
    document: dict[str, object] = {
        "kind": "line" if terms.is_line else "loan",
        "terms": {
            "principal": "100.00",
            "disbursed_on": "2020-01-01",
            "annual_rate": share(terms.rate),
            "method": "bullet",
            "instalments": 1,
            "every": terms.every,
            "unit": terms.unit,
            "day_count": terms.day_count,
            "year_split": terms.year_split,
            "leap_year": terms.leap_year,
            "rounding": terms.rounding,
        },
        "accrual": "daily" if terms.is_daily else "scheduled",
        "keep": "principal" if terms.is_principal_kept else "instalment",
        "rounding_interval": "each_day" if terms.is_each_day else "cumulative",
        "penalty": penalty,
        "allocation": {
            "direction": "vertical" if terms.is_vertical else "horizontal",
            "surplus": terms.surplus,
            "order": [order_document(order) for order in terms.orders],
        },
        "early_fee": "in_full" if terms.is_fee_in_full else "for_actual_period",
    }
    if terms.non_accrual_days is not None:
        document["non_accrual_days"] = terms.non_accrual_days
    contract = read_contract(document)
    cap = None if terms.cap is None else int(terms.cap * 1_000_000)
    return replace(contract, cap_annual_ppm=cap)


def row_document(row: Row) -> dict[str, object]:
    """One signed row."""
    document: dict[str, object] = {
        "contract": row.contract,
        "seq": row.number,
        "kind": row.kind,
        "from_on": row.start.isoformat(),
        "due_on": row.due.isoformat(),
        "carried": money(row.carried),
        "paid": {name: money(row.paid[at]) for at, name in enumerate(COMPONENTS)},
        "waived": {name: money(row.waived[at]) for at, name in enumerate(COMPONENTS)},
    }
    document.update({name: money(row.amounts[at]) for at, name in enumerate(COMPONENTS)})
    if row.overdue_since is not None:
        document["overdue_since"] = row.overdue_since.isoformat()
    return document


def event_of(event: Event, terms: Terms) -> BookedEvent:
    """The event as the program reads it."""
    document: dict[str, object] = {
        "id": event.name,
        "on": event.on.isoformat(),
        "seq": event.seq,
        "type": event.type,
        "recorded_at": event.recorded_at.isoformat(),
    }
    if event.amount:
        document["amount"] = money(event.amount)
    optional: dict[str, object] = {
        "component": event.component,
        "contract": event.contract,
        "until": event.until and event.until.isoformat(),
        "rate": None if event.rate is None else share(event.rate),
        "reverses": event.reverses,
    }
    document.update({key: value for key, value in optional.items() if value is not None})
    if event.rows:
        document["rows"] = [row_document(row) for row in event.rows]
    return read_event(document, contract_of(terms).terms.currency, where=event.name)


def folded(
    account: Account,
    as_of: date,
    known_at: datetime | None = None,
    *,
    posting: int = c.NONE,
    fold: Callable[..., int] | None = None,
) -> Folded:
    """The program's own answer, as tables."""
    contract = contract_of(account.terms)
    events = [event_of(event, account.terms) for event in account.events]
    columns = columns_of(contract, events)
    instant = ALL_KNOWN if known_at is None else microseconds(known_at)
    return run_fold(columns, days_of(as_of), instant, posting=posting, fold=fold)


Answer = dict[str, Any]


def row_answer(
    kind: str,
    due_on: date | None,
    contract: int,
    amounts: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]],
    recognised: int,
    *,
    is_due: bool,
    is_as_signed: bool,
    is_daily: bool,
) -> tuple[object, ...]:
    """One row in one shape; what will be asked for later is left out of it."""
    due, paid, waived = (list(each) for each in amounts)
    is_open = sum(due) > sum(paid) + sum(waived)
    if not is_due and (is_daily or is_as_signed):
        due[INTEREST] = recognised
    if not is_due and is_daily:
        due[PRINCIPAL] = 0
    return (str(due_on), contract, kind, is_due and is_open, tuple(due), tuple(paid), tuple(waived))


def answer_of_audit(told: Audit, terms: Terms) -> Answer:
    """The auditor's answer in the shape both are compared in."""
    rows = [
        row_answer(
            line.kind,
            line.due_on,
            line.contract,
            (line.due, line.paid, line.waived),
            line.recognised,
            is_due=line.is_due,
            is_as_signed=line.is_as_signed,
            is_daily=terms.is_daily,
        )
        for line in told.lines
        if any(line.due) or any(line.paid) or any(line.waived)
    ]
    return {
        "rows": sorted(rows, key=str),
        "principal": told.principal,
        "credit": told.credit,
        "payoff": told.payoff,
        "days_past_due": told.days_past_due,
        "days_delinquent": told.days_delinquent,
        "overdue": told.overdue,
        "cut": told.cut,
        "limited": told.limited,
        "credited": told.credited,
        "is_non_accrual": told.is_non_accrual,
        "is_charged_off": told.is_charged_off,
        "is_opened": told.is_opened,
        "needs_review": told.needs_review,
    }


def answer_of_fold(tables: Folded, terms: Terms) -> Answer:
    """The program's answer in the shape both are compared in."""
    account = [int(value) for value in tables.account]
    rows = []
    for signed, mine in zip(tables.columns.rows.tolist(), tables.work.tolist(), strict=True):
        due = tuple(mine[c.W_DUE : c.W_DUE + 5])
        paid = tuple(mine[c.W_PAID : c.W_PAID + 5])
        waived = tuple(mine[c.W_WAIVED : c.W_WAIVED + 5])
        if mine[c.W_STATE] == c.ROW_ABSENT or not (any(due) or any(paid) or any(waived)):
            continue
        rows.append(
            row_answer(
                KINDS[signed[c.R_KIND]],
                None if signed[c.R_DUE] >= c.NEVER else date_of(signed[c.R_DUE]),
                signed[c.R_CONTRACT],
                (due, paid, waived),
                mine[c.W_ACCRUED],
                is_due=mine[c.W_IS_DUE] == 1,
                is_as_signed=due[INTEREST] == signed[c.R_INTEREST],
                is_daily=terms.is_daily,
            )
        )
    return {
        "rows": sorted(rows, key=str),
        "principal": account[c.A_PRINCIPAL],
        "credit": account[c.A_CREDIT],
        "payoff": account[c.A_PAYOFF],
        "days_past_due": account[c.A_DAYS_PAST_DUE],
        "days_delinquent": account[c.A_DAYS_DELINQUENT],
        "overdue": tuple(account[c.A_OVERDUE : c.A_OVERDUE + 5]),
        "cut": account[c.A_CUT],
        "limited": account[c.A_LIMITED],
        "credited": account[c.A_CREDITED],
        "is_non_accrual": account[c.A_IS_NON_ACCRUAL] == 1,
        "is_charged_off": account[c.A_IS_CHARGED_OFF] == 1,
        "is_opened": account[c.A_IS_OPENED] == 1,
        "needs_review": account[c.A_REVIEW] == 1,
    }
