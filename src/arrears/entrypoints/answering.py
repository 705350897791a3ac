"""The answer of `arrears balance` as one JSON document; amounts are decimal strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.delinquency.ageing import NOT_IN_FORCE
from arrears.entrypoints.explaining import Citations, decimal_text, exact_text, sentence
from arrears.kernel.money import Currency, format_minor
from arrears.kernel.movement import Component
from arrears.kernel.rates import format_rate
from arrears.kernel.rounding import round_fraction
from arrears.servicing.explanation import movements_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.owing import Owing
    from arrears.entrypoints.messages import Language
    from arrears.policy.snapshot import PolicySnapshot
    from arrears.servicing.explanation import Movement
    from arrears.servicing.state import RowState
    from arrears.servicing.terms import Terms


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


def word_in_force(word: str) -> str | None:
    """A word of the standing; null where no rule was in force on the day."""
    return None if word == NOT_IN_FORCE else word


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
        "bucket": word_in_force(owing.standing.bucket),
        "class": word_in_force(owing.standing.five_class),
        "bureau": word_in_force(owing.standing.bureau),
        "principal_outstanding": format_minor(state.principal_minor, currency),
        "overdue": by_component(state.overdue_minor, currency),
        "credit_balance": format_minor(state.credit_balance_minor, currency),
        "payoff": format_minor(state.payoff_minor, currency),
        "cap_removed": {
            "penalty_rate": format_minor(state.limited_minor, currency),
            "daily": format_minor(state.cut_minor, currency),
            "life": format_minor(state.credited_minor, currency),
        },
        "non_accrual": state.is_non_accrual,
        "needs_review": state.needs_review,
        "next_due_on": None if state.next_due_on is None else state.next_due_on.isoformat(),
    }


def movement_document(
    movement: Movement, terms: Terms, citations: Citations, language: Language
) -> dict[str, object]:
    """One movement with what it was computed from and the texts behind it."""
    currency, exact = terms.currency, movement.unrounded
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
        "unrounded": decimal_text(exact, currency),
        "unrounded_exact": exact_text(exact, currency),
        "rounded": None
        if exact is None
        else format_minor(round_fraction(exact, terms.rounding), currency),
        "stage": movement.stage.name.lower(),
        "reason": movement.reason.name.lower(),
        "event": movement.event_id,
        "valued_only": movement.is_valuation,
        "citations": citations.behind(movement),
        "sentence": sentence(movement, currency, language),
    }


def movement_documents(
    owing: Owing,
    snapshot: PolicySnapshot,
    language: Language,
    signed_under: Sequence[dict[str, object]] | None = None,
) -> list[dict[str, object]]:
    """All movements of a fold, in order; `signed_under` as `Citations` takes it."""
    citations = Citations(snapshot, owing.contract, signed_under)
    terms = owing.contract.terms
    return [
        movement_document(movement, terms, citations, language)
        for movement in movements_of(owing.state)
    ]
