"""What is wrong with a strategy before it is used: gaps, overlaps, what is never reached, unfair arms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.recovery.contact import Purpose
from arrears.recovery.strategy import WHOLE_PPM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arrears.recovery.strategy import Action, Arm, Region, Strategy


@unique
class Fault(StrEnum):
    """Kinds of what can be wrong."""

    GAP = "gap"  #: a case for which no row says what to do
    OVERLAP = "overlap"  #: a case for which two rows do
    UNREACHABLE_ROW = "unreachable_row"  #: no case falls into it
    UNREACHABLE_ACTION = "unreachable_action"  #: its day lies after the last one of its row
    SHARES = "shares"  #: arms do not add up to everybody
    UNKNOWN_ROW = "unknown_row"  #: an arm acts in a row that is not there
    NOTICES_DIFFER = "notices_differ"  #: an arm takes away, moves or adds what is no collection
    QUIET_WITHOUT_END = "quiet_without_end"  #: nobody is asked to pay, for ever
    NO_CHAMPION = "no_champion"  #: the first arm ends, or there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where, and an example."""

    fault: Fault
    where: str
    example: str


def require_usable(strategy: Strategy) -> None:
    """Refuse a strategy with anything wrong.

    Raises:
        ArrearsError: `strategy.unusable`, naming the first problem and how many there are.
    """
    problems = problems_of(strategy)
    if problems:
        first = problems[0]
        raise ArrearsError(
            "strategy.unusable",
            where=f"strategy {strategy.strategy_id}, {first.where}",
            expected="one row for each case, and arms that differ in day and channel of collection alone",
            got=f"{first.fault}: {first.example}; problems in all: {len(problems)}",
        )


def problems_of(strategy: Strategy) -> tuple[Problem, ...]:
    """Everything that is wrong, rows first."""
    return (
        *_rows(strategy),
        *_coverage(strategy),
        *_shares(strategy.arms),
        *(problem for arm in strategy.arms for problem in _arm(strategy, arm)),
    )


def _rows(strategy: Strategy) -> Iterator[Problem]:
    """Rows into which no case can fall."""
    for region in strategy.regions:
        days = range(
            max(region.days.start, strategy.days.start), min(region.days.stop, strategy.days.stop)
        )
        amounts = _ends(region.owed_until_minor, strategy.owed_until_minor)
        if not days or (amounts is not None and region.owed_from_minor >= amounts):
            yield Problem(
                fault=Fault.UNREACHABLE_ROW,
                where=f"row {region.row_id}",
                example=_told(region.days.start, region.owed_from_minor),
            )


def _ends(one: int | None, other: int | None) -> int | None:
    """The lower of two upper ends, None being none."""
    known = [each for each in (one, other) if each is not None]
    return min(known, default=None)


def _coverage(strategy: Strategy) -> Iterator[Problem]:
    """Cells between all bounds: each must be in exactly one row."""
    days = sorted(
        {strategy.days.start, strategy.days.stop}
        | {
            bound
            for region in strategy.regions
            for bound in (region.days.start, region.days.stop)
            if bound in strategy.days
        }
    )
    top = strategy.owed_until_minor
    bounds = {0} | {region.owed_from_minor for region in strategy.regions}
    bounds |= {each.owed_until_minor for each in strategy.regions if each.owed_until_minor}
    amounts = sorted(each for each in bounds if top is None or each < top)
    for first, _ in pairwise(days):
        for owed_minor in amounts:
            rows = [each for each in strategy.regions if each.holds(first, owed_minor)]
            if not rows:
                yield Problem(fault=Fault.GAP, where="the rows", example=_told(first, owed_minor))
    for one, other in combinations(strategy.regions, 2):
        shared = _common(one, other)
        if shared is not None:
            yield Problem(
                fault=Fault.OVERLAP,
                where=f"rows {one.row_id} and {other.row_id}",
                example=_told(*shared),
            )


def _common(one: Region, other: Region) -> tuple[int, int] | None:
    """A case that falls into both."""
    day = max(one.days.start, other.days.start)
    owed_minor = max(one.owed_from_minor, other.owed_from_minor)
    both = one.holds(day, owed_minor) and other.holds(day, owed_minor)
    return (day, owed_minor) if both else None


def _told(days_past_due: int, owed_minor: int) -> str:
    return f"{days_past_due} days past due, {owed_minor} minor units owed"


def _shares(arms: Sequence[Arm]) -> Iterator[Problem]:
    """Everybody is in one arm, and the first one never ends."""
    total = sum(arm.share_ppm for arm in arms)
    if total != WHOLE_PPM or any(arm.share_ppm < 0 for arm in arms):
        yield Problem(fault=Fault.SHARES, where="the arms", example=f"{total} of {WHOLE_PPM}")
    if not arms or arms[0].ends_after_days is not None:
        yield Problem(
            fault=Fault.NO_CHAMPION, where="the arms", example="an arm that others fall back on"
        )


def _arm(strategy: Strategy, arm: Arm) -> Iterator[Problem]:
    """One arm: its rows, its days, and that it leaves alone what is no collection."""
    regions = {region.row_id: region for region in strategy.regions}
    for row_id, actions in arm.actions.items():
        if row_id not in regions:
            yield Problem(fault=Fault.UNKNOWN_ROW, where=f"arm {arm.arm_id}", example=row_id)
            continue
        for action in actions:
            if action.after_days not in range(len(regions[row_id].days)):
                yield Problem(
                    fault=Fault.UNREACHABLE_ACTION,
                    where=f"arm {arm.arm_id}, row {row_id}",
                    example=f"{action.action_id} after {action.after_days} days",
                )
    champion = strategy.arms[0]
    for row_id in regions:
        ours, theirs = (_rights(each.actions.get(row_id, ())) for each in (champion, arm))
        if ours != theirs:
            yield Problem(
                fault=Fault.NOTICES_DIFFER,
                where=f"arm {arm.arm_id}, row {row_id}",
                example=", ".join(sorted(each.action_id for each in ours ^ theirs)),
            )
    if arm.is_quiet and arm.ends_after_days is None:
        yield Problem(
            fault=Fault.QUIET_WITHOUT_END,
            where=f"arm {arm.arm_id}",
            example="no action asks for payment",
        )


def _rights(actions: Sequence[Action]) -> frozenset[Action]:
    """Notices, and the message that shows a way out: the same for everybody, on the same day."""
    return frozenset(each for each in actions if each.purpose is not Purpose.COLLECTION)
