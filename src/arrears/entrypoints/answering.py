"""The answer of `arrears balance` as one JSON document; amounts are decimal strings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from arrears.entrypoints.messages import message
from arrears.kernel.money import Currency, format_minor
from arrears.kernel.movement import Component, MovementKind
from arrears.kernel.rates import format_rate
from arrears.servicing.explanation import movements_of

if TYPE_CHECKING:
    from fractions import Fraction

    from arrears.app.owing import Owing
    from arrears.entrypoints.messages import Language
    from arrears.policy.snapshot import PolicySnapshot
    from arrears.servicing.explanation import Movement
    from arrears.servicing.state import AccountState, RowState

UNROUNDED_DIGITS = 6


def row_document(row: RowState, currency: Currency) -> dict[str, object]:
    """One instalment: per component what was due, paid, waived and is outstanding."""
    document: dict[str, object] = {
        "contract": row.contract,
        "seq": row.number,
        "due_on": None if row.due_on is None else row.due_on.isoformat(),
    }
    for component in Component:
        document[component.name.lower()] = {
            "due": format_minor(row.due_minor[component], currency),
            "paid": format_minor(row.paid_minor[component], currency),
            "waived": format_minor(row.waived_minor[component], currency),
            "outstanding": format_minor(row.outstanding_minor[component], currency),
        }
    return document


def by_component(amounts_minor: tuple[int, ...], currency: Currency) -> dict[str, str]:
    """Amounts under the components' names."""
    return {
        component.name.lower(): format_minor(amounts_minor[component], currency)
        for component in Component
    }


def state_document(owing: Owing) -> dict[str, object]:
    """The account on its day, without movements."""
    state, currency = owing.state, owing.contract.terms.currency
    return {
        "as_of": state.as_of.isoformat(),
        "currency": currency.code,
        "status": state.status.value,
        "instalments": [row_document(row, currency) for row in state.rows],
        "days_past_due": state.days_past_due,
        "days_delinquent": state.days_delinquent,
        "bucket": owing.standing.bucket,
        "class": owing.standing.five_class,
        "bureau": owing.standing.bureau,
        "principal_outstanding": format_minor(state.principal_minor, currency),
        "overdue": by_component(state.overdue_minor, currency),
        "credit_balance": format_minor(state.credit_balance_minor, currency),
        "payoff": format_minor(state.payoff_minor, currency),
        "cap_removed": {
            "daily": format_minor(state.cut_minor, currency),
            "life": format_minor(state.credited_minor, currency),
        },
        "non_accrual": state.is_non_accrual,
        "needs_review": state.needs_review,
        "next_due_on": None if state.next_due_on is None else state.next_due_on.isoformat(),
    }


def exact_text(value: Fraction | None, currency: Currency) -> str | None:
    """An exact sum of minor units as text, six digits beyond the currency's own."""
    if value is None:
        return None
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return str(round(scaled.scaleb(-currency.exponent), currency.exponent + UNROUNDED_DIGITS))


def movement_document(
    movement: Movement, currency: Currency, snapshot: PolicySnapshot, language: Language
) -> dict[str, object]:
    """One movement with what it was computed from and the texts behind it."""
    citations = []
    for parameter_id in movement.parameter_ids:
        resolved = snapshot.resolved_on(parameter_id, movement.on)
        citations.append(
            {
                "parameter": parameter_id,
                "title": resolved.citation.title,
                "locator": resolved.citation.locator,
                "status": resolved.status.value,
                "force": resolved.force.value,
                "assumed": resolved.assumed,
            }
        )
    return {
        "on": movement.on.isoformat(),
        "kind": movement.kind.name.lower(),
        "component": movement.component.name.lower(),
        "contract": movement.contract,
        "instalment": movement.instalment,
        "amount": format_minor(movement.amount_minor, currency),
        "base": format_minor(movement.base_minor, currency) if movement.base_minor else None,
        "rate": format_rate(movement.rate_ppm) if movement.rate_ppm else None,
        "from": movement.from_on.isoformat(),
        "days": movement.days,
        "unrounded": exact_text(movement.unrounded, currency),
        "stage": movement.stage.name.lower(),
        "reason": movement.reason.name.lower(),
        "event": movement.event_id,
        "valued_only": movement.is_valuation,
        "citations": citations,
        "sentence": sentence(movement, currency, language),
    }


def sentence(movement: Movement, currency: Currency, language: Language) -> str:
    """The movement in plain words."""
    component = message(f"component.{movement.component.name.lower()}", language)
    amount = f"{format_minor(movement.amount_minor, currency)} {currency.code}"
    if movement.kind is MovementKind.ACCRUED and movement.rate_ppm:
        return message(
            "why.accrued",
            language,
            on=movement.on.isoformat(),
            component=component,
            amount=amount,
            base=format_minor(movement.base_minor, currency),
            rate=format_rate(movement.rate_ppm * 100),
            days=movement.days,
            since=movement.from_on.isoformat(),
            row=movement.instalment,
        )
    return message(
        f"why.{movement.kind.name.lower()}"
        if movement.kind is not MovementKind.ACCRUED
        else "why.accrued_as_signed",
        language,
        on=movement.on.isoformat(),
        component=component,
        amount=amount,
        row=movement.instalment,
    )


def movement_documents(
    state: AccountState, currency: Currency, snapshot: PolicySnapshot, language: Language
) -> list[dict[str, object]]:
    """All movements of a fold, in order."""
    return [
        movement_document(movement, currency, snapshot, language)
        for movement in movements_of(state)
    ]
