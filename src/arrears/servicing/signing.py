"""Signing: what a contract leaves open is copied from policy, what it says is held against policy."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import COMPONENTS, Component
from arrears.kernel.rates import PPM, format_rate
from arrears.policy import signing as p
from arrears.policy.registry import Purpose
from arrears.policy.rules import (
    COMPOUND_RATE,
    OVERDUE_UPLIFT,
    EffectiveCap,
    UpliftJudgement,
    judge_uplift,
    uplift_bounds,
)
from arrears.policy.signing import SignedUnder, signed_under
from arrears.servicing.contract import (
    DEFAULT_ORDER,
    Contract,
    EarlyFee,
    Kind,
    PenaltyMode,
    check_cost,
    check_size,
    read_contract,
    sign_contract,
    year_days,
)
from arrears.servicing.layout import STANDING_PAST_DUE, EventType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arrears.policy.registry import Resolved
    from arrears.policy.signing import SigningPolicy

Document = dict[str, object]

#: What a word of an order of allocation means in components.
ORDER_WORDS: Mapping[str, tuple[Component, ...]] = {
    "costs": (Component.FEE,),
    "interest": (Component.INTEREST, Component.PENALTY, Component.COMPOUND),
    "principal": (Component.PRINCIPAL,),
}
#: A rate of its own takes the place of an uplift.
PENALTY_RATES = frozenset({"uplift", "daily_rate", "annual_rate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A contract as it goes into the book; nothing of it is resolved again."""

    contract: Contract
    document: Document  #: what was agreed, and what policy set where nothing was
    under: SignedUnder | None  #: values and sources; None: no pack rules it
    policy: Document  #: of this contract: the digest of those, its day, which fields policy set


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What policy sets in a contract that is silent."""

    path: str  #: of the contract document
    value: object  #: as a contract document has it


def sign_under(given: Mapping[str, object], policy: SigningPolicy | None) -> Signed:
    """Copy into a contract what policy says where it is silent, check the rest, and sign it.

    Args:
        given: A contract document, as it was agreed.
        policy: Of the day of signing; None: no pack rules this contract. Asked for another purpose
            than a booking, the contract exists already: what it costs is not judged, its cap binds
            from now on.

    Raises:
        ArrearsError: `policy.laxer` where the contract takes away what policy gives;
            `policy.not_ratified`, `contract.rate_above_cap`; of terms and contracts.
    """
    document: Document = copy.deepcopy(dict(given))
    if policy is None:
        contract = sign_contract(document)
        return Signed(contract=contract, document=document, under=None, policy={})
    silent = [
        each
        for each in proposals(read_contract(document), document, policy)
        if value_at(document, each.path) is None
    ]
    for each in silent:
        put(document, each.path, each.value)
    contract = read_contract(document)
    check_cap(contract, policy)
    check_card_order(contract, policy)
    uplift = judged_uplift(contract, policy)
    check_size(contract)
    if policy.case.purpose is Purpose.BOOKING:
        check_permissions(contract, policy)
        check_cost(contract)
    under = signed_under(policy)
    return Signed(
        contract=contract,
        document=document,
        under=under,
        policy={
            "snapshot": under.digest,
            "signed_on": policy.case.contract_on.isoformat(),
            "known_on": policy.case.known_on.isoformat(),
            "set_by_policy": sorted(each.path for each in silent),
            "uplift": None if uplift is None else uplift.value,
        },
    )


def value_at(document: Mapping[str, object], path: str) -> object:
    """What stands at a path such as "penalty.uplift"; None where nothing does."""
    section, _, field = path.rpartition(".")
    place = document.get(section) if section else document
    return place.get(field) if isinstance(place, Mapping) else None


def put(document: Document, path: str, value: object) -> None:
    """Put a value at a path; its section is made where there is none."""
    section, _, field = path.rpartition(".")
    if not section:
        document[field] = value
        return
    place = document.get(section)
    document[section] = {**(place if isinstance(place, Mapping) else {}), field: value}


def proposals(
    contract: Contract, document: Mapping[str, object], policy: SigningPolicy
) -> Iterator[Proposal]:
    """What policy would set in a contract, field by field.

    Of being late it sets nothing where the contract charges nothing for it, and else the least
    uplift that the bounds allow: what was not agreed is not charged.
    """
    if isinstance(policy.cap, EffectiveCap):
        yield Proposal(path="cap_annual", value=format_rate(policy.cap.annual_ppm))
    given = document.get("penalty")
    is_open = not PENALTY_RATES.intersection(given if isinstance(given, Mapping) else ())
    uplift = policy.terms.get(OVERDUE_UPLIFT)
    if uplift and is_open and contract.penalty.mode is not PenaltyMode.NONE:
        lowest_ppm = uplift_bounds(uplift).lowest_ppm
        yield Proposal(path="penalty.uplift", value=format_rate(lowest_ppm))
    if (line := policy.terms.get(p.LINE_RATE)) and contract.kind is Kind.LINE:
        yearly_ppm = int(line.value.as_fraction() * year_days(contract.terms) * PPM)
        yield Proposal(path="terms.annual_rate", value=format_rate(yearly_ppm))
    if order := order_document(policy):
        yield Proposal(path="allocation.order", value=order)
    early = policy.terms.get(p.EARLY_INTEREST)
    if early and early.value.as_choice() == "actual_period":
        yield Proposal(path="early_fee", value=EarlyFee.FOR_ACTUAL_PERIOD.value)
    if method := policy.terms.get(p.COST_METHOD):
        yield Proposal(path="cap_method", value=method.value.as_choice())
    if stop := policy.terms.get(p.NON_ACCRUAL):
        yield Proposal(path="non_accrual_days", value=stop.value.as_integer())
    if classes := policy.terms.get(p.CLASSES):
        bounds = classes.value.as_named_integers().values()
        yield Proposal(path="class_edges", value=[each for each in bounds if each > 0])


def order_document(policy: SigningPolicy) -> list[object]:
    """The order in which cash meets a debt; on a card it turns after so many days past due."""
    within = policy.terms.get(p.WITHIN_DEBT)
    after, turn = policy.terms.get(p.CARD_ORDER), policy.terms.get(p.CARD_TURN)
    words: list[object] = [] if within is None else names_of(order_of(within))
    if after is None or turn is None:
        return words
    return [
        {"days_past_due_from": 0, "order": words or names_of(DEFAULT_ORDER)},
        {
            "days_past_due_from": turn.value.as_integer() + 1,
            "order": names_of(order_of(after)),
        },
    ]


def names_of(order: tuple[Component, ...]) -> list[object]:
    """Components as a contract document names them."""
    return [each.name.lower() for each in order]


def order_of(resolved: Resolved) -> tuple[Component, ...]:
    """An order's words as components."""
    return tuple(each for word in resolved.value.as_words() for each in ORDER_WORDS[word])


def laxer(*, where: str, expected: str, got: str) -> ArrearsError:
    """The error of a contract that is laxer than what it is signed under."""
    return ArrearsError("policy.laxer", where=f"contract.{where}", expected=expected, got=got)


def check_cap(contract: Contract, policy: SigningPolicy) -> None:
    """A contract's own cap is no higher than the strictest that applies to it.

    Raises:
        ArrearsError: `policy.laxer`.
    """
    cap, own = policy.cap, contract.cap_annual_ppm
    if isinstance(cap, EffectiveCap) and own is not None and own > cap.annual_ppm:
        law = cap.binding[0].rests_on[0]
        raise laxer(
            where="cap_annual",
            expected=f"at most {format_rate(cap.annual_ppm)} a year, as {law.level} sets by "
            f"{law.citation.title}, {law.citation.locator}",
            got=format_rate(own),
        )


def judged_uplift(contract: Contract, policy: SigningPolicy) -> UpliftJudgement | None:
    """How a contract's uplift lies to its bounds; None where there is nothing to be raised.

    Below the bounds favours the borrower, and whether a lender may is not settled by the source:
    it is told, not refused. A penalty rate of its own counts as the uplift it amounts to.

    Rounding:
        An uplift that a rate amounts to is rounded up to whole ppm.

    Raises:
        ArrearsError: `policy.laxer` above the bounds.
    """
    found, penalty = policy.terms.get(OVERDUE_UPLIFT), contract.penalty
    base_ppm = contract.terms.annual_rate_ppm
    if found is None or penalty.mode is PenaltyMode.NONE or not base_ppm:
        return None
    uplift_ppm = penalty.uplift_ppm
    if uplift_ppm is None:
        added = penalty.rate_ppm - (base_ppm if penalty.mode is PenaltyMode.REPLACES else 0)
        uplift_ppm = max(0, -(-added * PPM // base_ppm))
    bounds = uplift_bounds(found)
    judgement = judge_uplift(uplift_ppm, bounds)
    if judgement is UpliftJudgement.ABOVE:
        raise laxer(
            where="penalty",
            expected=f"at most {format_rate(bounds.highest_ppm)} of the contract's rate added, as "
            f"{found.level} sets by {found.citation.title}, {found.citation.locator}",
            got=format_rate(uplift_ppm),
        )
    return judgement


def check_permissions(contract: Contract, policy: SigningPolicy) -> None:
    """A new contract relies on no permission that is unverified, unless the lender ratified it.

    Raises:
        ArrearsError: `policy.not_ratified`.
    """
    found = policy.terms.get(COMPOUND_RATE)
    if contract.penalty.compound and found is not None and found.needs_ratification:
        raise ArrearsError(
            "policy.not_ratified",
            where="contract.penalty.compound",
            expected=f"{found.parameter_id} ratified by a lender who has read "
            f"{found.citation.title}, {found.citation.locator}",
            got=f"no ratification that holds on {policy.case.contract_on}",
        )


def check_card_order(contract: Contract, policy: SigningPolicy) -> None:
    """On a card, after the turn, cash meets past due principal before anything else.

    Raises:
        ArrearsError: `policy.laxer`.
    """
    after, turn = policy.terms.get(p.CARD_ORDER), policy.terms.get(p.CARD_TURN)
    if after is None or turn is None:
        return
    day = turn.value.as_integer() + 1
    applying = [
        order
        for order in contract.orders
        if order.event in (None, EventType.REPAID) and order.days_past_due_from <= day
    ]
    slots = applying[-1].slots if applying else ()
    met = [
        Component(slot % COMPONENTS) for slot in slots if slot // COMPONENTS == STANDING_PAST_DUE
    ]
    if met[:1] != [order_of(after)[0]]:
        raise laxer(
            where="allocation.order",
            expected=f"{after.value.text} from {day} days past due on, as {after.level} sets by "
            f"{after.citation.title}, {after.citation.locator}",
            got=" ".join(each.name.lower() for each in met),
        )
