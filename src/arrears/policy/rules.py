"""Rules: pure functions over policy, each with its sources; every number comes from a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from arrears.kernel.rates import multiplied_ppm

if TYPE_CHECKING:
    from datetime import date

    from arrears.policy.parameter import Licence, Product
    from arrears.policy.registry import PolicyRegistry, Purpose, Resolved

LPR_1Y = "cn.price.lpr_1y"
PRIVATE_LENDING_EXCLUDES = "cn.price.private_lending_cap_excludes"
PRIVATE_LENDING_MULTIPLE = "cn.price.private_lending_cap_multiple"
#: Caps on what one contract may cost in a year, all charges together.
CAPS_BY_RATE = (
    "cn.price.licensed_all_in_cap",
    "cn.price.micro_lender_new_loan_cap",
    "cn.price.cfc_single_loan_cap",
)
CAPS_BY_MULTIPLE = (PRIVATE_LENDING_MULTIPLE, "cn.price.micro_lender_target_cap_multiple")
OVERDUE_UPLIFT = "cn.penalty.overdue_uplift"
COMPOUND_RATE = "cn.penalty.compound_rate_on_unpaid_interest"
EXCLUSIVE_CHARGES = "cn.penalty.exclusive_charges_on_unpaid_interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What selects the rules for a contract: who lends what, signed when, asked when and why."""

    licence: Licence
    product: Product
    contract_on: date  #: the day the contract was signed or drawn
    known_on: date  #: texts published later are not seen
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedCap:
    """One cap that applies to a case."""

    annual_ppm: int  #: rounded down to whole ppm
    rests_on: tuple[Resolved, ...]  #: the cap, and the LPR where it is a multiple


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveCap:
    """The strictest of all caps that apply; ties bind together."""

    annual_ppm: int
    binding: tuple[AppliedCap, ...]  #: those that reach `annual_ppm`
    applied: tuple[AppliedCap, ...]  #: all, the strictest first


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCap:
    """No cap of the pack applies to the case on its day; which says nothing of other law."""

    considered: tuple[str, ...]  #: ids of all caps


def effective_cap(registry: PolicyRegistry, case: Case) -> EffectiveCap | NoCap:
    """The strictest cap on a contract's all-in annual cost, with every cap that applies.

    All caps whose scope covers the case and that were in force and known when it was signed apply
    together: uplift first, then the cap over all charges.

    Raises:
        ArrearsError: `policy.stale`, `policy.unknown`; `policy.not_in_force` where a multiple of
            the LPR applies and the LPR of the day is not known.

    Rounding:
        A multiple of the LPR is rounded down to whole ppm.

    Source:
        Each result names its own; Civil Code of the PRC, art. 680 for the whole.
    """
    applied = [
        AppliedCap(annual_ppm=cap.value.as_ppm(), rests_on=(cap,))
        for cap in _that_apply(registry, case, CAPS_BY_RATE)
    ]
    for multiple in _that_apply(registry, case, CAPS_BY_MULTIPLE):
        lpr = _resolve(registry, case, LPR_1Y)
        annual_ppm = multiplied_ppm(lpr.value.as_ppm(), multiple.value.as_fraction())
        applied.append(AppliedCap(annual_ppm=annual_ppm, rests_on=(multiple, lpr)))
    if not applied:
        return NoCap(considered=CAPS_BY_RATE + CAPS_BY_MULTIPLE)
    applied.sort(key=lambda cap: cap.annual_ppm)
    strictest, *_ = applied
    return EffectiveCap(
        annual_ppm=strictest.annual_ppm,
        binding=tuple(cap for cap in applied if cap.annual_ppm == strictest.annual_ppm),
        applied=tuple(applied),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftBounds:
    """Between which shares of the contract's rate an overdue uplift (加收) lies."""

    lowest_ppm: int
    highest_ppm: int


@unique
class UpliftJudgement(StrEnum):
    """How an uplift lies to its bounds; both ends are within."""

    BELOW = "below"  #: favours the borrower; whether a lender may is not settled by the source
    WITHIN = "within"
    ABOVE = "above"


def uplift_bounds(uplift: Resolved) -> UpliftBounds:
    """The bounds that a resolved `OVERDUE_UPLIFT` sets, in ppm of the contract's rate.

    Source:
        PBOC Yinfa [2003] No. 251, art. 3.
    """
    lowest_ppm, highest_ppm = uplift.value.as_range_ppm()
    return UpliftBounds(lowest_ppm=lowest_ppm, highest_ppm=highest_ppm)


def judge_uplift(uplift_ppm: int, bounds: UpliftBounds) -> UpliftJudgement:
    """Say whether an uplift, in ppm of the contract's rate, lies below, within or above bounds."""
    if uplift_ppm < bounds.lowest_ppm:
        return UpliftJudgement.BELOW
    if uplift_ppm > bounds.highest_ppm:
        return UpliftJudgement.ABOVE
    return UpliftJudgement.WITHIN


def _that_apply(
    registry: PolicyRegistry, case: Case, parameter_ids: tuple[str, ...]
) -> list[Resolved]:
    """Those caps whose scope covers the case, in force when the contract was signed."""
    return [
        _resolve(registry, case, parameter_id)
        for parameter_id in parameter_ids
        if registry.parameter(parameter_id).scope.covers(licence=case.licence, product=case.product)
        and _is_in_force(registry, case, parameter_id)
        and not _is_excluded(registry, case, parameter_id)
    ]


def _is_excluded(registry: PolicyRegistry, case: Case, parameter_id: str) -> bool:
    """Whether the private-lending rules leave this lender out, where and when they say so."""
    if parameter_id != PRIVATE_LENDING_MULTIPLE:
        return False
    if not _is_in_force(registry, case, PRIVATE_LENDING_EXCLUDES):
        return False
    excluded = _resolve(registry, case, PRIVATE_LENDING_EXCLUDES).value.as_words()
    return case.licence.value in excluded


def _is_in_force(registry: PolicyRegistry, case: Case, parameter_id: str) -> bool:
    return registry.is_in_force(
        parameter_id, on=case.contract_on, known_on=case.known_on, purpose=case.purpose
    )


def _resolve(registry: PolicyRegistry, case: Case, parameter_id: str) -> Resolved:
    return registry.resolve(
        parameter_id, on=case.contract_on, known_on=case.known_on, purpose=case.purpose
    )
