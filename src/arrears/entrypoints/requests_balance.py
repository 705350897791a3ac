"""What `arrears balance` reads: a contract, its events and a day; every field explained."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from arrears.entrypoints.requests_quote import (
    Strict,
    TermsRequest,
    amount_field,
    day_field,
    id_field,
    number_field,
    rate_field,
    word_field,
)
from arrears.servicing.layout import EventType

#: What a whole document is made of, as examples: 10,000.00 in three instalments, some of it paid.
TERMS = {
    "principal": "10000.00",
    "disbursed_on": "2026-01-01",
    "annual_rate": "0.146",
    "instalments": 3,
}
PENALTY = {"mode": "replaces", "uplift": "0.5", "grace_days": 3}
ALLOCATION = {"direction": "horizontal", "surplus": "next"}
LINE = {"limit": "5000.00", "statement_day": 1, "due_day": 10, "minimum_share": "0.1"}
CONTRACT = {"terms": TERMS, "penalty": PENALTY, "cap_annual": "0.24"}
EVENTS = [
    {"id": "D1", "on": "2026-01-01", "type": "disbursed", "amount": "10000.00"},
    {"id": "P1", "on": "2026-02-10", "type": "repaid", "amount": "1000.00"},
]
EVENT_ROW = {"seq": 1, "due_on": "2026-03-31", "principal": "1200.00", "interest": "9.50"}


class PenaltyRequest(Strict):
    """What being late costs."""

    mode: Annotated[
        Literal["none", "replaces", "adds"],
        word_field(
            "`replaces`: penalty rate instead of the contract rate; `adds`: on top", "replaces"
        ),
    ] = "replaces"
    base: Annotated[
        Literal["principal", "principal_and_interest"], word_field("what bears it", "principal")
    ] = "principal"
    uplift: Annotated[str | None, rate_field("share of the contract rate", "0.5")] = None
    daily_rate: Annotated[str | None, rate_field("rate a day instead of an uplift", "0.0005")] = (
        None
    )
    annual_rate: Annotated[str | None, rate_field("rate a year instead of an uplift", "0.18")] = (
        None
    )
    compound: Annotated[
        bool,
        Field(description="unpaid interest bears compound interest; unit: none", examples=[False]),
    ] = False
    grace_days: Annotated[int, number_field("days without penalty", "days", 3)] = 0
    materiality: Annotated[str, amount_field("overdue up to this counts as none", "10.00")] = "0"


class OrderRequest(Strict):
    """One order and when it applies."""

    event: Annotated[str | None, word_field("event type it applies to", "repaid")] = None
    days_past_due_from: Annotated[int, number_field("age from which it applies", "days", 90)] = 0
    order: Annotated[
        list[str], Field(description="components, first met first; unit: none", examples=[["fee"]])
    ]


class AllocationRequest(Strict):
    """Where cash goes."""

    direction: Annotated[
        Literal["horizontal", "vertical"],
        word_field("row by row, or component by component", "horizontal"),
    ] = "horizontal"
    order: Annotated[
        list[str] | list[OrderRequest],
        Field(
            description="components, first met first, or `past_due.fee` and so on; unit: none",
            examples=[["fee", "interest", "penalty", "compound", "principal"]],
        ),
    ] = Field(default=["fee", "interest", "penalty", "compound", "principal"])
    surplus: Annotated[
        Literal["next", "last", "credit"], word_field("where a surplus goes", "next")
    ] = "next"


class LineRequest(Strict):
    """What makes a line revolve."""

    limit: Annotated[str | None, amount_field("credit limit", "5000.00")] = None
    statement_day: Annotated[
        int, number_field("day of the month a statement closes", "days", 1)
    ] = 1
    due_day: Annotated[int, number_field("day of the month it is due", "days", 10)] = 10
    due_days_offered: Annotated[
        list[int] | None, Field(description="due days on offer; unit: days", examples=[[8, 9, 10]])
    ] = None
    minimum_share: Annotated[str, rate_field("minimum payment of what is billed", "0.1")] = "0.1"
    minimum_floor: Annotated[str, amount_field("minimum payment, at least", "10.00")] = "0"


class ContractRequest(Strict):
    """What was agreed."""

    kind: Annotated[Literal["loan", "line"], word_field("a loan or a revolving line", "loan")] = (
        "loan"
    )
    terms: Annotated[TermsRequest, Field(description="terms; unit: see there", examples=[TERMS])]
    accrual: Annotated[
        Literal["scheduled", "daily"], word_field("interest as signed, or day by day", "scheduled")
    ] = "scheduled"
    keep: Annotated[
        Literal["instalment", "principal"],
        word_field("what stays under daily interest", "instalment"),
    ] = "instalment"
    rounding_interval: Annotated[
        Literal["cumulative", "each_day"], word_field("rounding of default charges", "cumulative")
    ] = "cumulative"
    penalty: Annotated[
        PenaltyRequest | None,
        Field(description="what being late costs; unit: see there", examples=[PENALTY]),
    ] = None
    allocation: Annotated[
        AllocationRequest | None,
        Field(description="where cash goes; unit: see there", examples=[ALLOCATION]),
    ] = None
    cap_annual: Annotated[str | None, rate_field("all-in cap a year", "0.24")] = None
    cap_method: Annotated[
        Literal["irr_nominal", "us_actuarial", "eu"],
        word_field("formula of the cap at booking", "irr_nominal"),
    ] = "irr_nominal"
    non_accrual_days: Annotated[
        int | None, number_field("age from which interest leaves income", "days", 90)
    ] = None
    class_edges: Annotated[
        list[int] | None,
        Field(
            description="days delinquent above which the class changes, as posted; unit: days",
            examples=[[90, 270, 360]],
        ),
    ] = None
    line: Annotated[
        LineRequest | None, Field(description="of a line only; unit: see there", examples=[LINE])
    ] = None
    early_fee: Annotated[
        Literal["for_actual_period", "in_full"],
        word_field("fee on early settlement", "for_actual_period"),
    ] = "for_actual_period"


class EventRowRequest(Strict):
    """A signed row that an event brings."""

    contract: Annotated[int, number_field("contract within the account", "none", 0)] = 0
    seq: Annotated[int | None, number_field("row number", "rows", 1)] = None
    kind: Annotated[
        Literal["instalment", "minimum", "revolving"], word_field("kind of row", "instalment")
    ] = "instalment"
    from_on: Annotated[str | None, day_field("first day of its interest period")] = None
    due_on: Annotated[str, day_field("due date")]
    principal: Annotated[str, amount_field("principal due")] = "0"
    interest: Annotated[str, amount_field("interest due, with what is carried", "9.50")] = "0"
    fee: Annotated[str, amount_field("fee due", "2.00")] = "0"
    penalty: Annotated[str, amount_field("penalty carried in", "1.00")] = "0"
    compound: Annotated[str, amount_field("compound interest carried in", "0.10")] = "0"
    carried: Annotated[str, amount_field("part of the interest already owed", "3.00")] = "0"
    paid: Annotated[
        dict[str, str] | None,
        Field(
            description="paid before, by component; unit: currency",
            examples=[{"principal": "100.00", "interest": "9.50"}],
        ),
    ] = None
    waived: Annotated[
        dict[str, str] | None,
        Field(
            description="waived before, by component; unit: currency",
            examples=[{"penalty": "1.00"}],
        ),
    ] = None
    overdue_since: Annotated[str | None, day_field("age counts from here, if not the due date")] = (
        None
    )


#: Every type of event, as documents name it.
EventWord = StrEnum(  # type: ignore[misc]  # its members are those of EventType
    "EventWord", {each.name: each.name.lower() for each in EventType}
)


class EventRequest(Strict):
    """One thing that happened; which fields stand depends on the type."""

    id: Annotated[str, id_field("the event's own id", "P1")]
    on: Annotated[str, day_field("value date")]
    seq: Annotated[int, number_field("order within a day, from the source", "none", 1)] = 0
    type: Annotated[EventWord, word_field("type of event", "repaid")]
    recorded_at: Annotated[
        str | None,
        Field(
            description="when it was recorded; unit: instant",
            examples=["2026-01-31T09:00:00+08:00"],
        ),
    ] = None
    currency: Annotated[str | None, word_field("ISO 4217 code", "CNY")] = None
    amount: Annotated[str | None, amount_field("how much", "100.00")] = None
    component: Annotated[str | None, word_field("which component", "penalty")] = None
    contract: Annotated[int | None, number_field("designated contract", "none", 0)] = None
    reverses: Annotated[str | None, word_field("id of the event it erases", "P1")] = None
    until: Annotated[str | None, day_field("day it ends, or is due")] = None
    rate: Annotated[str | None, rate_field("new rate a year", "0.10")] = None
    rows: Annotated[
        list[EventRowRequest] | None,
        Field(description="signed rows; unit: rows", examples=[[EVENT_ROW]]),
    ] = None
    totals: Annotated[
        dict[str, str] | None,
        Field(
            description="the old system's totals outstanding; unit: currency",
            examples=[{"principal": "1100.00", "interest": "0.00"}],
        ),
    ] = None


class BalanceRequest(Strict):
    """A contract, its events, and the day asked for."""

    contract: Annotated[
        ContractRequest, Field(description="what was agreed; unit: see there", examples=[CONTRACT])
    ]
    events: Annotated[
        list[EventRequest], Field(description="what happened; unit: events", examples=[EVENTS])
    ]
    as_of: Annotated[str, day_field("the day asked for: past, today or future")]
    known_at: Annotated[
        str | None,
        Field(
            description="events recorded later are not read; unit: instant",
            examples=["2026-01-31T09:00:00+08:00"],
        ),
    ] = None
