"""What stands behind an amount: the texts its movement rests on, and one plain sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from arrears.entrypoints.messages import message
from arrears.kernel.money import Currency, format_minor
from arrears.kernel.movement import MovementKind, Reason
from arrears.kernel.rates import format_rate
from arrears.policy.parameter import Anchor
from arrears.policy.registry import Purpose
from arrears.policy.rules import CAPS_BY_MULTIPLE, CAPS_BY_RATE, LPR_1Y
from arrears.servicing import layout as c
from arrears.servicing.explanation import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from fractions import Fraction

    from arrears.entrypoints.messages import Language
    from arrears.policy.snapshot import PolicySnapshot
    from arrears.servicing.contract import Contract
    from arrears.servicing.explanation import Movement

#: Of what a contract was signed under, the caps: all that applied stand behind what one took off.
CAPS = (*CAPS_BY_RATE, *CAPS_BY_MULTIPLE, LPR_1Y)
UNROUNDED_DIGITS = 6
PERCENT = 100

#: Kind of a row -> the message that names it; an instalment's is the default.
ROW_NAMES: dict[int | None, str] = {
    None: "row.account",
    c.KIND_MINIMUM: "row.minimum",
    c.KIND_REVOLVING: "row.revolving",
    c.KIND_UNBILLED: "row.unbilled",
    c.KIND_CHARGE: "row.charge",
    c.KIND_ADJUSTMENT: "row.adjustment",
    c.KIND_ACCELERATED: "row.accelerated",
}

Document = dict[str, object]


class Citations:
    """The texts behind movements; each parameter is looked up once a day it is asked for.

    Args:
        snapshot: The policy timeline.
        contract: Its day selects what is anchored to the contract; its cap may be what a rate is.
        signed_under: The parameters kept with a contract of the book, each as it was stored: what
            is anchored to the contract is theirs and not looked up again. None: none were kept.
    """

    def __init__(
        self,
        snapshot: PolicySnapshot,
        contract: Contract,
        signed_under: Sequence[Document] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._contract_on = contract.terms.disbursed_on
        self._cap_ppm = contract.cap_annual_ppm
        self._kept = (
            None if signed_under is None else {str(each["id"]): each for each in signed_under}
        )
        self._found: dict[tuple[str, date], Document] = {}

    def behind(self, movement: Movement) -> list[Document]:
        """The texts a movement rests on, each as in force on the day that its anchor names.

        A penalty at exactly the cap also rests on the cap: it would have been higher without it.
        Which caps are the contract's own, what was kept with it says; no other lender's is named.
        """
        ids = movement.parameter_ids
        if movement.reason is Reason.PENALTY_RATE and movement.rate_ppm == self._cap_ppm:
            ids += PARAMETERS[Reason.CAP_DAILY]
        kept = tuple(each for each in CAPS if each in (self._kept or ()))
        if kept and set(CAPS) & set(ids):
            ids = (*(each for each in ids if each not in CAPS), *kept)
        return [self._of(each, movement.on) for each in ids]

    def _of(self, parameter_id: str, day: date) -> Document:
        kept = None if self._kept is None else self._kept.get(parameter_id)
        if kept is not None and kept["anchor"] == Anchor.CONTRACT.value:
            return kept_citation(kept, self._contract_on)
        parameter = self._snapshot.registry.parameter(parameter_id)
        is_of_contract = parameter.anchor is Anchor.CONTRACT
        anchored = self._contract_on if is_of_contract else day
        if is_of_contract and self._kept is not None:
            return {"parameter": parameter_id, "on": anchored.isoformat(), "in_force": False}
        key = (parameter_id, anchored)
        if key not in self._found:
            self._found[key] = citation_document(self._snapshot, parameter_id, anchored)
        return self._found[key]


def kept_citation(kept: Document, signed_on: date) -> Document:
    """One text as it was kept when the contract was signed, in the shape of `citation_document`."""
    named = ("value", "title", "locator", "url", "status", "force", "assumed")
    return {
        "parameter": kept["id"],
        "on": signed_on.isoformat(),
        "in_force": True,
        **{name: kept[name] for name in named},
    }


def citation_document(snapshot: PolicySnapshot, parameter_id: str, day: date) -> Document:
    """One text, or that none was in force on the day; the contract's own term holds either way."""
    document: Document = {"parameter": parameter_id, "on": day.isoformat()}
    if not snapshot.registry.is_in_force(
        parameter_id, on=day, known_on=day, purpose=Purpose.SERVICING
    ):
        return {**document, "in_force": False}
    resolved = snapshot.resolved_on(parameter_id, day)
    return {
        **document,
        "in_force": True,
        "value": resolved.value.text,
        "title": resolved.citation.title,
        "locator": resolved.citation.locator,
        "url": resolved.citation.url,
        "status": resolved.status.value,
        "force": resolved.force.value,
        "assumed": resolved.assumed,
    }


def decimal_text(value: Fraction | None, currency: Currency) -> str | None:
    """An exact sum of minor units as text, six digits beyond the currency's own."""
    if value is None:
        return None
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return str(round(scaled.scaleb(-currency.exponent), currency.exponent + UNROUNDED_DIGITS))


def exact_text(value: Fraction | None, currency: Currency) -> str | None:
    """The same sum as a fraction in units of the currency, nothing rounded: "30951/2500"."""
    return None if value is None else str(value / 10**currency.exponent)


def sentence(movement: Movement, currency: Currency, language: Language) -> str:
    """The movement in plain words."""
    fields = {
        "on": movement.on.isoformat(),
        "component": message(f"component.{movement.component.name.lower()}", language),
        "amount": f"{format_minor(movement.amount_minor, currency)} {currency.code}",
        "row": name_of_row(movement, language),
    }
    if movement.kind is not MovementKind.ACCRUED:
        return message(f"why.{movement.kind.name.lower()}", language, **fields)
    if not movement.rate_ppm:
        return message("why.accrued_as_signed", language, **fields)
    return message(
        "why.accrued_one_day" if movement.days == 1 else "why.accrued",
        language,
        base=format_minor(movement.base_minor, currency),
        rate=format_rate(movement.rate_ppm * PERCENT),
        days=movement.days,
        since=movement.from_on.isoformat(),
        **fields,
    )


def name_of_row(movement: Movement, language: Language) -> str:
    """What a borrower would call the row: an instalment by its number, a statement by its date."""
    return message(
        ROW_NAMES.get(movement.row_kind, "row.instalment"),
        language,
        number=movement.instalment,
        due=str(movement.due_on),
    )
