"""Rules: pure functions over policy, each with its sources; every number comes from a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from arrears.kernel.rates import PPM, multiplied_ppm

if TYPE_CHECKING:
    from collections.abc import Mapping
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
#: A cap on the average of new loans; it binds a book, never one contract.
AVERAGE_CAP = "cn.price.cfc_new_loan_average_cap"
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
    rests_on: Resolved


@unique
class UpliftJudgement(StrEnum):
    """How an uplift lies to its bounds; both ends are within."""

    BELOW = "below"  #: favours the borrower; whether a lender may is not settled by the source
    WITHIN = "within"
    ABOVE = "above"


def penalty_uplift_bounds(registry: PolicyRegistry, case: Case) -> UpliftBounds:
    """The bounds of the overdue uplift for a contract, in ppm of its rate.

    Raises:
        ArrearsError: `policy.stale`, `policy.not_in_force`, `policy.unknown`.

    Source:
        PBOC Yinfa [2003] No. 251, art. 3.
    """
    resolved = _resolve(registry, case, OVERDUE_UPLIFT)
    lowest_ppm, highest_ppm = resolved.value.as_range_ppm()
    return UpliftBounds(lowest_ppm=lowest_ppm, highest_ppm=highest_ppm, rests_on=resolved)


def judge_uplift(uplift_ppm: int, bounds: UpliftBounds) -> UpliftJudgement:
    """Say whether an uplift, in ppm of the contract's rate, lies below, within or above bounds."""
    if uplift_ppm < bounds.lowest_ppm:
        return UpliftJudgement.BELOW
    if uplift_ppm > bounds.highest_ppm:
        return UpliftJudgement.ABOVE
    return UpliftJudgement.WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyRate:
    """What overdue principal bears in a year, before and after the cap."""

    uncapped_annual_ppm: int
    applied_annual_ppm: int

    @property
    def is_capped(self) -> bool:
        """Whether the cap took something off."""
        return self.applied_annual_ppm < self.uncapped_annual_ppm


def penalty_rate(
    contract_annual_ppm: int, uplift_ppm: int, cap: EffectiveCap | NoCap
) -> PenaltyRate:
    """The contract's rate raised by the uplift, then held to the cap.

    Args:
        contract_annual_ppm: The contract's rate, ppm a year.
        uplift_ppm: Share of that rate which is added, ppm.
        cap: Of the contract.

    Rounding:
        The raised rate is rounded down to whole ppm.

    Source:
        PBOC Yinfa [2003] No. 251, art. 3, for the uplift; the cap names its own.
    """
    raised = contract_annual_ppm + multiplied_ppm(contract_annual_ppm, Fraction(uplift_ppm, PPM))
    held = min(raised, cap.annual_ppm) if isinstance(cap, EffectiveCap) else raised
    return PenaltyRate(uncapped_annual_ppm=raised, applied_annual_ppm=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two rules that exclude each other apply at once: nobody may choose silently."""

    rules: tuple[str, ...]  #: what applies at once, in words of the contract or parameter ids
    why: str
    rests_on: tuple[Resolved, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compatible:
    """At most one of the rules applies."""

    rules: tuple[str, ...]


Together: TypeAlias = Compatible | Conflict


def charges_on_unpaid_interest(
    registry: PolicyRegistry,
    case: Case,
    *,
    penalty_base_has_interest: bool,
    interest_compounds: bool,
) -> Together:
    """Say whether a contract charges unpaid interest once, or twice, which is a conflict.

    Unpaid interest bears penalty, if the penalty's base holds principal and interest, or compound
    interest; both would take the same days' money twice.

    Args:
        registry: The policy at hand.
        case: The contract.
        penalty_base_has_interest: The penalty is charged on overdue interest too.
        interest_compounds: Unpaid interest bears compound interest.

    Raises:
        ArrearsError: `policy.stale`, `policy.not_in_force`, `policy.unknown`.

    Source:
        PBOC Yinfa [2003] No. 251, art. 3: unpaid interest compounds at the penalty rate.
    """
    chosen = (("penalty", penalty_base_has_interest), ("compound", interest_compounds))
    rules = tuple(name for name, applies in chosen if applies)
    exclusive = _resolve(registry, case, EXCLUSIVE_CHARGES)
    if set(exclusive.value.as_words()) <= set(rules):
        return Conflict(
            rules=rules,
            why="unpaid interest would bear penalty and compound interest for the same days",
            rests_on=(exclusive, _resolve(registry, case, COMPOUND_RATE)),
        )
    return Compatible(rules=rules)


def prevailing(
    candidates: tuple[Resolved, ...], yields_to: Mapping[str, tuple[str, ...]]
) -> Resolved | Conflict:
    """Of rules that answer the same question and all apply, the one that the others yield to.

    Args:
        candidates: What applies, at least one.
        yields_to: Parameter id -> ids that prevail over it, as the files declare.

    Returns:
        The one that is left; a conflict where several are, or where they yield in a circle.
    """
    ids = {candidate.parameter_id for candidate in candidates}
    left = [c for c in candidates if not ids.intersection(yields_to.get(c.parameter_id, ()))]
    match left:
        case [only]:
            return only
        case _:
            return Conflict(
                rules=tuple(sorted(ids)),
                why="each answers the question and none yields to another",
                rests_on=candidates,
            )


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
