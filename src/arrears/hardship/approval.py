"""Who must approve a way out: by the debt, by what is given up, by its kind, and by its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.kernel.errors import invariant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from arrears.hardship.option import Option, OptionType

WHOLE_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """The lender's matrix; ranks from the lowest up, which needs nobody's approval."""

    debt_over_minor: Mapping[str, int]  #: rank -> it must approve where the debt is more than this
    discount_over_percent: Mapping[str, int]  #: rank -> where more than this share is given up
    always: frozenset[OptionType]  #: kinds that the lowest rank never decides alone
    is_by_two: bool  #: whether who approves is somebody else than who made it

    @property
    def ranks(self) -> tuple[str, ...]:
        """Ranks, the lowest first."""
        return tuple(sorted(self.debt_over_minor, key=lambda rank: self.debt_over_minor[rank]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who must approve, and why; where that is the lowest rank, nobody must."""

    by: str
    ranks: tuple[str, ...]
    because: tuple[str, ...]  #: debt, discount, kind, value: what asks for this rank
    is_by_two: bool

    @property
    def is_needed(self) -> bool:
        """Whether somebody above the lowest rank must approve."""
        return self.by != self.ranks[0]

    def is_met_by(self, rank: str) -> bool:
        """Whether this rank may approve; one that the matrix does not know never may."""
        return rank in self.ranks and self.ranks.index(rank) >= self.ranks.index(self.by)


def approval_for(option: Option, debt_minor: int, rules: ApprovalRules) -> Approval:
    """Who must approve a way out.

    Args:
        option: The way out.
        debt_minor: What is owed on the day it was worked out, minor units.
        rules: The lender's matrix.

    Returns:
        The highest rank that anything asks for. The share given up is compared exactly, without
        rounding; a way out that brings less than the present path is never decided by the lowest
        rank alone, and is shown to the officer all the same.
    """
    ranks = rules.ranks
    invariant(bool(ranks), "plan.no_ranks")
    lender = option.lender
    forgone_minor = lender.forgone_total_minor if lender else 0
    asked = {
        "debt": highest(ranks, lambda rank: debt_minor > rules.debt_over_minor[rank]),
        "discount": highest(
            ranks,
            lambda rank: (
                rank in rules.discount_over_percent
                and forgone_minor * WHOLE_PERCENT > rules.discount_over_percent[rank] * debt_minor
            ),
        ),
        "kind": above(ranks) if option.type in rules.always else ranks[0],
        "value": above(ranks) if lender and not lender.is_above_present_path else ranks[0],
    }
    by = max(asked.values(), key=ranks.index)
    return Approval(
        by=by,
        ranks=ranks,
        because=tuple(name for name, rank in asked.items() if rank == by and by != ranks[0]),
        is_by_two=rules.is_by_two,
    )


def highest(ranks: tuple[str, ...], asks_for: Callable[[str], bool]) -> str:
    """The highest rank asked for; the lowest where none is."""
    return next((rank for rank in reversed(ranks) if asks_for(rank)), ranks[0])


def above(ranks: tuple[str, ...]) -> str:
    """The rank above the lowest; where there is one alone, that one."""
    return ranks[min(1, len(ranks) - 1)]
