"""What policy says about a contract on the day it is signed: resolved once, to be copied for good."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.policy.parameter import Licence
from arrears.policy.rules import (
    CAPS_BY_MULTIPLE,
    CAPS_BY_RATE,
    COMPOUND_RATE,
    EXCLUSIVE_CHARGES,
    LPR_1Y,
    OVERDUE_UPLIFT,
    PRIVATE_LENDING_EXCLUDES,
    EffectiveCap,
    effective_cap,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arrears.policy.registry import PolicyRegistry, Purpose, Resolved
    from arrears.policy.rules import Case, NoCap

LICENCE = "cn.lender.licence"
WITHIN_DEBT = "cn.allocation.within_debt"
CARD_ORDER = "cn.allocation.card_order_after_turn"
CARD_TURN = "cn.allocation.card_order_turns_over"
EARLY_INTEREST = "cn.price.early_repayment_interest"
COST_METHOD = "cn.disclosure.annualised_rate_method"
LINE_RATE = "cn.line.daily_rate"
NON_ACCRUAL = "cn.accounting.non_accrual_from"
CLASSES = "cn.classification.dpd_over"

#: What a contract is signed under, beside the caps.
TERM_IDS = (
    OVERDUE_UPLIFT,
    COMPOUND_RATE,
    EXCLUSIVE_CHARGES,
    WITHIN_DEBT,
    CARD_ORDER,
    CARD_TURN,
    EARLY_INTEREST,
    COST_METHOD,
    LINE_RATE,
    NON_ACCRUAL,
    CLASSES,
)
#: All that a registry must hold to sign by.
SIGNING_IDS = (
    *TERM_IDS,
    *CAPS_BY_RATE,
    *CAPS_BY_MULTIPLE,
    LPR_1Y,
    PRIVATE_LENDING_EXCLUDES,
    LICENCE,
)
#: The pack that rules a contract, by its currency; of other currencies there is no pack yet.
PACK_OF_CURRENCY: Mapping[str, str] = {"CNY": "cn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPolicy:
    """Every value that was in force and known on the day, for one lender and kind of product."""

    case: Case
    cap: EffectiveCap | NoCap
    terms: Mapping[str, Resolved]  #: by id; absent: no such text was in force


def signing_policy(registry: PolicyRegistry, case: Case) -> SigningPolicy:
    """Resolve all that a contract is signed under.

    Args:
        registry: Holds `SIGNING_IDS`.
        case: Whose contract, of what kind, signed when, asked why.

    Raises:
        ArrearsError: `policy.stale` where a source was not read up to the day and the purpose is a
            booking; `policy.not_in_force` where a cap is a multiple of an LPR that is not known.
    """
    on, known_on, purpose = case.contract_on, case.known_on, case.purpose
    terms = {
        each: registry.resolve(each, on=on, known_on=known_on, purpose=purpose)
        for each in TERM_IDS
        if registry.parameter(each).scope.covers(licence=case.licence, product=case.product)
        and registry.is_in_force(each, on=on, known_on=known_on, purpose=purpose)
    }
    return SigningPolicy(case=case, cap=effective_cap(registry, case), terms=terms)


def lenders_licence(registry: PolicyRegistry, on: date, purpose: Purpose) -> Licence:
    """What the lender's own policy says the lender is, on a day.

    Raises:
        ArrearsError: `policy.malformed` for a word that is no licence; `policy.stale`.
    """
    word = registry.resolve(LICENCE, on=on, known_on=on, purpose=purpose).value.as_choice()
    if word not in {each.value for each in Licence}:
        raise ArrearsError(
            "policy.malformed",
            where=LICENCE,
            expected=" | ".join(each.value for each in Licence),
            got=repr(word),
        )
    return Licence(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUnder:
    """The values and sources a contract was signed under, as they are kept; one for many contracts."""

    digest: str  #: SHA-256, hexadecimal, of the canonical document
    document: dict[str, object]  #: licence, kind of product, and each parameter with its source


def signed_under(policy: SigningPolicy) -> SignedUnder:
    """What is kept of a signing policy; the day is not in it, so that contracts can share it."""
    caps = policy.cap.applied if isinstance(policy.cap, EffectiveCap) else ()
    resolved = [*policy.terms.values(), *(each for cap in caps for each in cap.rests_on)]
    by_id = {each.parameter_id: parameter_document(each) for each in resolved}
    document: dict[str, object] = {
        "licence": policy.case.licence.value,
        "product_kind": policy.case.product.value,
        "parameters": [by_id[each] for each in sorted(by_id)],
    }
    return SignedUnder(digest=digest_of_document(document), document=document)


def digest_of_document(document: dict[str, object]) -> str:
    """SHA-256, hexadecimal, of a document in its one canonical spelling."""
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def parameter_document(resolved: Resolved) -> dict[str, object]:
    """One value with its source, as it is stored beside a contract."""
    citation, ratification = resolved.citation, resolved.ratification
    document: dict[str, object] = {
        "id": resolved.parameter_id,
        "value": resolved.value.text,
        "unit": resolved.value.unit.value,
        "anchor": resolved.anchor.value,
        "level": resolved.level.value,
        "force": resolved.force.value,
        "effect": resolved.effect.value,
        "status": resolved.status.value,
        "from": resolved.from_on.isoformat(),
        "until": None if resolved.until_on is None else resolved.until_on.isoformat(),
        "title": citation.title,
        "locator": citation.locator,
        "url": citation.url,
        "published_on": citation.published_on.isoformat(),
        "assumed": resolved.assumed,
        "needs_ratification": resolved.needs_ratification,
    }
    if ratification is not None:
        document["ratified_until"] = ratification.expires_on.isoformat()
        document["ratified_text_sha256"] = ratification.text_sha256
    return document
