"""What the accounts of a mature book have signed: products, contracts under their policy, schedules."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from arrears.app.mature_book import (
    BUSY_DUE_DAY,
    LINE_DAYS,
    LINE_OFFERS,
    OFFERS,
    OPENED_FROM,
    Drawn,
    Int64Array,
)
from arrears.app.signing import policy_on
from arrears.delinquency.ageing import day_of_month_after
from arrears.kernel.dates import date_of
from arrears.kernel.money import Currency, format_minor
from arrears.policy.signing import signed_under
from arrears.servicing import layout as c
from arrears.servicing.door import (
    microseconds,
    orders_table,
    rows_of_event,
    rows_of_instalments,
    terms_vector,
)
from arrears.servicing.events import Event, event_document
from arrears.servicing.layout import EventType
from arrears.servicing.product import contract_from_product, read_product
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.signing import sign_under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.ports import Document
    from arrears.policy.registry import PolicyRegistry
    from arrears.policy.signing import SigningPolicy
    from arrears.servicing.contract import Contract

YUAN = Currency("CNY", 2)
#: A first period is no shorter than so many days.
FIRST_PERIOD_DAYS_MIN = 15
ROWS_MAX = max(each.instalments for each in OFFERS)
#: Ids of events rise with their order, so that the order of ids is the order of writing.
FIRST_EVENT = "E001"

_LATE: Document = {"mode": "replaces", "grace_days": 3, "materiality": "10.00"}
_LIMITS: Document = {"cap_annual": "0.24", "non_accrual_days": 90}
_LOAN_CHOICES: Document = {
    "terms.principal": {},
    "terms.disbursed_on": {},
    "terms.first_due_on": {},
    "terms.instalments": {"one_of": [6, 9, 12]},
}
#: Every product of the lender, as it was added on the first day.
PRODUCTS: dict[str, Document] = {
    "instalment": {
        "code": "instalment",
        "version": 1,
        "offered_from": OPENED_FROM.isoformat(),
        "contract": {
            "terms": {
                "method": "equal_instalment",
                "annual_rate": "0.146",
                "day_count": "actual/365",
            },
            "penalty": {"uplift": "0.5", **_LATE},
            **_LIMITS,
        },
        "choices": {**_LOAN_CHOICES, "accrual": {"one_of": ["scheduled", "daily"]}},
    },
    "fee": {
        "code": "fee",
        "version": 1,
        "offered_from": OPENED_FROM.isoformat(),
        "contract": {
            "terms": {"method": "fee_instalment", "fee_rate": "0.03", "day_count": "actual/365"},
            "penalty": {"daily_rate": "0.0005", **_LATE},
            **_LIMITS,
        },
        "choices": _LOAN_CHOICES,
    },
    "line": {
        "code": "line",
        "version": 1,
        "offered_from": OPENED_FROM.isoformat(),
        "contract": {
            "kind": "line",
            "terms": {"annual_rate": "0.1825", "day_count": "actual/365"},
            "line": {"due_days_offered": [due for _, due in LINE_DAYS], "minimum_share": "0.1"},
            "penalty": {"daily_rate": "0.0005", **_LATE},
            **_LIMITS,
        },
        "choices": {
            "terms.principal": {},
            "terms.disbursed_on": {},
            "line.limit": {},
            "line.statement_day": {},
            "line.due_day": {},
        },
    },
}

#: How documents write the time at which everything is recorded, after its day: noon, UTC.
RECORDED_TIME = "T12:00:00+00:00"

#: What contracts share: whether a line, offer, daily interest, due on the busy day.
Form = tuple[bool, int, bool, bool]
#: What schedules share: offer, day of opening, due on the busy day.
Plan = tuple[int, int, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Contracts of one form that were signed under one policy; they differ in their days alone."""

    contract: Contract  #: the first of them
    product: str
    contract_parts: tuple[str, ...]  #: of the document, between its days
    policy_parts: tuple[str, ...]  #: of what policy set, between its days
    snapshot: tuple[str, Document]  #: digest and document of the policy it was signed under

    def texts(self, opened_on: str, first_due_on: str) -> tuple[str, str]:
        """The contract's document and what policy set in it, as JSON."""
        first, *more = self.contract_parts
        days = (opened_on, first_due_on)
        contract = first + "".join(day + part for day, part in zip(days, more, strict=False))
        return contract, opened_on.join(self.policy_parts)


def form_of(drawn: Drawn, at: int) -> Form:
    """The form of an account's contract."""
    return (
        bool(drawn.is_line[at]),
        int(drawn.offer[at]),
        bool(drawn.is_daily[at]),
        bool(drawn.is_busy[at]),
    )


def first_due_on(opened_on: date) -> date:
    """The first due date of a loan that is due on the busy day of the month."""
    return day_of_month_after(opened_on + timedelta(days=FIRST_PERIOD_DAYS_MIN), BUSY_DUE_DAY)


def choices_of(form: Form, opened_on: date) -> tuple[str, Document]:
    """The product of a form, and what the borrower chooses on a day."""
    is_line, offer, is_daily, is_busy = form
    if is_line:
        line = LINE_OFFERS[offer]
        limit = format_minor(line.limit_minor, YUAN)
        terms: Document = {"principal": limit, "disbursed_on": opened_on.isoformat()}
        days: Document = {"statement_day": line.statement_day, "due_day": line.due_day}
        return "line", {"terms": terms, "line": {"limit": limit, **days}}
    loan = OFFERS[offer]
    chosen: Document = {
        "principal": format_minor(loan.principal_minor, YUAN),
        "disbursed_on": opened_on.isoformat(),
        "instalments": loan.instalments,
    }
    if is_busy:
        chosen["first_due_on"] = first_due_on(opened_on).isoformat()
    if loan.product == "fee":
        return loan.product, {"terms": chosen}
    return loan.product, {"terms": chosen, "accrual": "daily" if is_daily else "scheduled"}


class Signatures:
    """Every form signed under every policy there was, once each."""

    def __init__(self, registry: PolicyRegistry) -> None:
        self._registry = registry
        self._regimes: dict[tuple[int, bool], str] = {}
        self._signed: dict[tuple[Form, str], Signature] = {}

    def of(self, form: Form, opened_on: int) -> Signature:
        """The signature of a form on a day."""
        key = (form, self.regime(opened_on, is_line=form[0]))
        if key not in self._signed:
            self._signed[key] = self._sign(form, date_of(opened_on))
        return self._signed[key]

    def regime(self, opened_on: int, *, is_line: bool) -> str:
        """The digest of what is signed under on a day."""
        key = (opened_on, is_line)
        if key not in self._regimes:
            policy = self._policy(date_of(opened_on), is_line=is_line)
            self._regimes[key] = "" if policy is None else signed_under(policy).digest
        return self._regimes[key]

    def snapshots(self) -> dict[str, Document]:
        """What was signed under, by digest."""
        return dict(each.snapshot for each in self._signed.values())

    def _policy(self, day: date, *, is_line: bool) -> SigningPolicy | None:
        return policy_on(day, self._registry, currency=YUAN.code, is_line=is_line)

    def _sign(self, form: Form, opened_on: date) -> Signature:
        code, choices = choices_of(form, opened_on)
        document = contract_from_product(read_product(PRODUCTS[code]), choices)
        signed = sign_under(document, self._policy(opened_on, is_line=form[0]))
        days = (opened_on.isoformat(), first_due_on(opened_on).isoformat())
        under = ("", {}) if signed.under is None else (signed.under.digest, signed.under.document)
        return Signature(
            contract=signed.contract,
            product=f"{code}@1",
            contract_parts=between(json.dumps(signed.document, ensure_ascii=False), days),
            policy_parts=tuple(json.dumps(signed.policy).split(days[0])),
            snapshot=under,
        )


def between(text: str, days: Sequence[str]) -> tuple[str, ...]:
    """What of a text stands around days that occur in it once, the first before the second."""
    parts = [text]
    for day in days:
        parts += parts.pop().split(day, 1)
    return tuple(parts)


def recorded_at(day: date) -> datetime:
    """The instant at which what happened on a day was recorded: its noon, UTC."""
    return datetime.fromisoformat(f"{day.isoformat()}{RECORDED_TIME}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A loan's signed rows, and its disbursement as a document."""

    rows: Int64Array  #: int64[n_instalments, ROW_COLUMNS]
    document: str  #: of the event, JSON


def plans_of(drawn: Drawn) -> list[Plan]:
    """Every schedule a book needs, once, in order."""
    loans = drawn.part(~drawn.is_line)
    keys = zip(loans.offer.tolist(), loans.opened_on.tolist(), loans.is_busy.tolist(), strict=True)
    return sorted(set(keys))


def solve_plans(plans: Sequence[Plan], signatures: Signatures) -> dict[Plan, Schedule]:
    """Solve schedules; loans with daily interest sign the same rows as the others."""
    return {plan: solve_plan(plan, signatures) for plan in plans}


def solve_plan(plan: Plan, signatures: Signatures) -> Schedule:
    """The rows of one schedule as the fold takes them, and as the disbursement brings them."""
    offer, opened, is_busy = plan
    opened_on = date_of(opened)
    contract = signatures.of((False, offer, False, is_busy), opened).contract
    terms = replace(
        contract.terms,
        disbursed_on=opened_on,
        first_due_on=first_due_on(opened_on) if is_busy else None,
    )
    event = Event(
        event_id=FIRST_EVENT,
        type=EventType.DISBURSED,
        value_on=opened_on,
        recorded_at=recorded_at(opened_on),
        seq=0,
        amount_minor=OFFERS[offer].principal_minor,
        rows=rows_of_instalments(solve_schedule(terms)),
    )
    rows = rows_of_event(contract, event, is_opened=False)
    return Schedule(
        rows=np.array(rows, dtype=np.int64),
        document=json.dumps(event_document(event, YUAN)),
    )


def terms_of(drawn: Drawn, signatures: Signatures) -> tuple[Int64Array, Int64Array]:
    """Terms of accounts as the fold reads them, and the orders of allocation they share.

    Returns:
        int64[n_accounts, TERM_COLUMNS] and int64[n_orders, ORDER_COLUMNS].
    """
    terms = np.zeros((len(drawn), c.TERM_COLUMNS), dtype=np.int64)
    orders: list[list[int]] = []
    vectors: dict[int, list[int]] = {}
    places: dict[str, int] = {}
    for at in range(len(drawn)):
        signed = signatures.of(form_of(drawn, at), int(drawn.opened_on[at]))
        vector = vectors.get(id(signed))
        if vector is None:
            table = orders_table(signed.contract)
            if repr(table) not in places:
                places[repr(table)] = len(orders)
                orders += table
            vector = terms_vector(signed.contract)
            vector[c.T_ORDER_FIRST] = places[repr(table)]
            vectors[id(signed)] = vector
        terms[at] = vector
    return terms, np.array(orders, dtype=np.int64).reshape(-1, c.ORDER_COLUMNS)


def noon(days: Int64Array) -> Int64Array:
    """The instants of `recorded_at`, microseconds since 1970-01-01 UTC."""
    one = microseconds(recorded_at(date_of(1))) - microseconds(recorded_at(date_of(0)))
    instants: Int64Array = days * one + microseconds(recorded_at(date_of(0)))
    return instants
