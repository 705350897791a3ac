"""The questions that need no book: a quote, a rate, a balance; one JSON document in, one out.

Imports stand inside the functions, so that a question loads only what it asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.entrypoints.reading import calendar_for, read_fields
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from arrears.entrypoints.messages import Language
    from arrears.servicing.contract import Contract
    from arrears.servicing.events import Event
    from arrears.servicing.schedule import Instalment
    from arrears.servicing.terms import Terms

    Document = dict[str, object]


def quote(text: str) -> Document:
    """The schedule of terms, and its annualised cost.

    Args:
        text: Terms as JSON, as `arrears schema quote` describes them.

    Raises:
        ArrearsError: `document.*`, and the errors of terms and schedules.
    """
    from arrears.servicing.schedule import solve_schedule  # noqa: PLC0415 - start-up
    from arrears.servicing.terms import read_terms  # noqa: PLC0415 - start-up

    given = read_fields(text, "quote")
    terms = read_terms(given, calendar_for(given))
    return quote_document(terms, solve_schedule(terms))


def quote_document(terms: Terms, rows: Sequence[Instalment]) -> Document:
    """A solved schedule as `arrears quote` answers it."""
    from arrears.kernel.money import format_minor  # noqa: PLC0415 - start-up
    from arrears.servicing.annualised_cost import annualised_cost  # noqa: PLC0415 - start-up

    def money(amount_minor: int) -> str:
        return format_minor(amount_minor, terms.currency)

    answer: Document = {
        "rows": [
            {
                "seq": row.number,
                "due_on": row.due_on.isoformat(),
                "principal": money(row.principal_minor),
                "interest": money(row.interest_minor),
                "fee": money(row.fee_minor),
                "total": money(row.total_minor),
                "balance": money(row.balance_minor),
            }
            for row in rows
        ],
        "totals": {
            "principal": money(sum(row.principal_minor for row in rows)),
            "interest": money(sum(row.interest_minor for row in rows)),
            "fee": money(sum(row.fee_minor for row in rows)),
            "total": money(sum(row.total_minor for row in rows)),
        },
        "annualised_cost": {
            method.value: as_rate(value) for method, value in annualised_cost(terms, rows).items()
        },
        "currency": terms.currency.code,
    }
    provisional = [row.due_on.isoformat() for row in rows if row.is_provisional]
    if provisional:
        answer["provisional_due_dates"] = provisional
    return answer


def as_rate(value: Decimal | None) -> str | None:
    """An annual rate with four decimals, 1 = 100 %, as rates are disclosed; null where none is."""
    return None if value is None else str(round(value, 4))


def apr(text: str) -> Document:
    """The annual rate of advances and payments by the method asked for.

    Args:
        text: Cash flows as JSON, as `arrears schema apr` describes them.

    Raises:
        ArrearsError: `document.*`, `money.*`, `date.*`, `apr.no_rate`.
    """
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up
    from arrears.kernel.money import currency_of, parse_minor  # noqa: PLC0415 - start-up
    from arrears.servicing.annualised_cost import (  # noqa: PLC0415 - start-up
        CashFlow,
        CostMethod,
        PeriodUnit,
        annual_rate,
    )

    given = read_fields(text, "apr")
    currency = currency_of(given.get("currency", "CNY"), where="currency")

    def flows(name: str) -> list[CashFlow]:
        return [
            CashFlow(
                parse_date(flow["on"], where=f"{name}[{at}].on"),
                parse_minor(flow["amount"], currency, where=f"{name}[{at}].amount"),
            )
            for at, flow in enumerate(given[name], start=1)
        ]

    method, unit = CostMethod(given["method"]), PeriodUnit(given.get("unit", "months"))
    found = annual_rate(method, flows("advances"), flows("payments"), unit, given.get("every", 1))
    return {
        "method": method.value,
        "annual_rate": str(round(found, 4)),
        "annual_rate_percent": str(round(found * 100, 6)),
    }


def balance(text: str, language: Language, *, until: str = "", explain: bool = False) -> Document:
    """What one account owes on a day, and why.

    Args:
        text: Contract, events and day as JSON, as `arrears schema balance` describes them.
        language: Of the sentences that explain.
        until: A day to project to, step by step; "": none.
        explain: Whether every movement is wanted.

    Raises:
        ArrearsError: `document.*`, `date.*`, `cli.usage` where `until` lies before the day asked
            for, and the errors of contracts and events.
    """
    from arrears.app.owing import read_account  # noqa: PLC0415 - start-up
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up
    from arrears.servicing.events import read_instant  # noqa: PLC0415 - start-up

    given = read_fields(text, "balance")
    calendar = calendar_for(given["contract"]["terms"])
    contract, events = read_account(given["contract"], given["events"], calendar)
    as_of = parse_date(given["as_of"], where="as_of")
    known_at = None
    if "known_at" in given:
        known_at = read_instant(given["known_at"], as_of, where="known_at")
    return balance_document(
        contract,
        events,
        Asked(as_of=as_of, known_at=known_at, until=until, explain=explain, language=language),
        law_of(contract) if explain else None,
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of an account."""

    as_of: date
    known_at: datetime | None
    until: str  #: a day to project to; "": none
    explain: bool
    language: Language


def balance_document(
    contract: Contract, events: Sequence[Event], asked: Asked, law: Document | None
) -> Document:
    """The answer of a balance, whether the account was handed in or stands in the book.

    Args:
        contract: Of the account.
        events: All of them.
        asked: The day, and what else is wanted.
        law: What the contract was signed under, with its "parameters"; shown, and cited where the
            book kept it. None: nothing is known of it.

    Raises:
        ArrearsError: `date.malformed`, `cli.usage` where `until` lies before the day asked for.
    """
    from arrears.app.owing import AGEING_IDS, owing, steps_until  # noqa: PLC0415 - start-up
    from arrears.bootstrap import policy_registry  # noqa: PLC0415 - start-up
    from arrears.entrypoints.answering import (  # noqa: PLC0415 - start-up
        movement_documents,
        state_document,
    )
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up
    from arrears.policy.snapshot import take_snapshot  # noqa: PLC0415 - start-up
    from arrears.servicing.explanation import PARAMETERS  # noqa: PLC0415 - start-up

    as_of, known_at = asked.as_of, asked.known_at
    end = parse_date(asked.until, where="--until") if asked.until else as_of
    if end < as_of:
        raise ArrearsError(
            "cli.usage", where="--until", expected=f"a day from {as_of} on", got=asked.until
        )
    behind = {each for ids in PARAMETERS.values() for each in ids} if asked.explain else set()
    snapshot = take_snapshot(policy_registry([*AGEING_IDS, *sorted(behind)]))
    posting = 0 if asked.explain else -1
    now = owing(contract, events, as_of, snapshot, known_at=known_at, posting=posting)
    answer = state_document(now)
    if asked.explain:
        kept = None if law is None else law["parameters"]
        signed_under = kept if isinstance(kept, list) else None
        answer["policy"] = law
        answer["movements"] = movement_documents(now, snapshot, asked.language, signed_under)
    if asked.until:
        steps = steps_until(contract, events, as_of, end, snapshot, known_at)
        answer["projection"] = [state_document(step) for step in steps]
    return answer


def law_of(contract: Contract) -> Document | None:
    """What a contract would be signed under on its day; None where no pack rules it.

    A contract that is handed in stands by itself: this is told of it, and changes nothing.
    """
    from arrears.app.signing import policy_on  # noqa: PLC0415 - start-up
    from arrears.bootstrap import signing_registry  # noqa: PLC0415 - start-up
    from arrears.policy.registry import Purpose  # noqa: PLC0415 - start-up
    from arrears.policy.signing import signed_under  # noqa: PLC0415 - start-up
    from arrears.servicing.contract import Kind  # noqa: PLC0415 - start-up

    day = contract.terms.disbursed_on
    policy = policy_on(
        day,
        signing_registry(),
        currency=contract.terms.currency.code,
        is_line=contract.kind is Kind.LINE,
        purpose=Purpose.SERVICING,
    )
    if policy is None:
        return None
    under = signed_under(policy)
    return {"snapshot": under.digest, "signed_on": day.isoformat(), **under.document}
