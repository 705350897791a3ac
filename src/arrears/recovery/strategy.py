"""Treatment strategies: what is done for whom and when, as versioned data that is checked before use.

A strategy is a table: days past due and what is owed choose a row, a row has actions on days after its
first. Arms of a trial share rows, notices and everything a borrower has a right to; they differ in
the day and the channel of collection alone. What an action may do is not decided here: each one
asks the contact gate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.recovery.contact import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arrears.recovery.contact import ActorKind, Channel

#: Shares and propensities are in parts of so many.
WHOLE_PPM = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that a row does."""

    action_id: str  #: the same in every arm that has it
    after_days: int  #: after the first day of the row
    channel: Channel
    purpose: Purpose
    template_id: str
    actor_kind: ActorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The cases that a row is for; half-open both ways."""

    row_id: str
    days: range  #: days past due
    owed_from_minor: int
    owed_until_minor: int | None  #: None: whatever is owed

    def holds(self, days_past_due: int, owed_minor: int) -> bool:
        """Whether a case falls into it."""
        return (
            days_past_due in self.days
            and self.owed_from_minor <= owed_minor
            and (self.owed_until_minor is None or owed_minor < self.owed_until_minor)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way of a trial."""

    arm_id: str
    share_ppm: int
    actions: dict[str, tuple[Action, ...]]  #: by row
    ends_after_days: int | None  #: an arm without collection ends then, and the champion goes on

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is asked to pay."""
        return not any(
            each.purpose is Purpose.COLLECTION for row in self.actions.values() for each in row
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """When an arm ends by itself."""

    complaints_per_10_000_max: int
    below_floor_ppm_max: int  #: of borrowers with known income, whom paying left below their floor
    borrowers_min: int  #: no judgement on fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One version; a version never changes."""

    strategy_id: str
    version: int
    pack: str
    currency: str
    days: range  #: days past due for which it must know what to do
    owed_until_minor: int | None  #: up to what is owed, exclusive; None: whatever is owed
    regions: tuple[Region, ...]
    arms: tuple[Arm, ...]  #: the first is the champion
    stops: StopRule

    def row_of(self, days_past_due: int, owed_minor: int) -> Region | None:
        """The row for a case; None outside of what the strategy is for."""
        for region in self.regions:
            if region.holds(days_past_due, owed_minor):
                return region
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which arm a borrower is in, and how likely that was."""

    arm_id: str
    propensity_ppm: int
    stratum: str


def assign(strategy: Strategy, borrower_id: str, stratum: str) -> Assignment:
    """Draw a borrower's arm: the same for ever, by a hash of strategy, version, stratum and id.

    Args:
        strategy: Checked.
        borrower_id: Our own id.
        stratum: Within which arms are compared, such as bucket and product; the draw is independent
            in each.
    """
    told = f"{strategy.strategy_id}/{strategy.version}/{stratum}/{borrower_id}"
    drawn = int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big") % WHOLE_PPM
    for arm in strategy.arms:
        if drawn < arm.share_ppm:
            return Assignment(arm_id=arm.arm_id, propensity_ppm=arm.share_ppm, stratum=stratum)
        drawn -= arm.share_ppm
    last = strategy.arms[-1]
    return Assignment(arm_id=last.arm_id, propensity_ppm=last.share_ppm, stratum=stratum)


def actions_on(
    strategy: Strategy, arm: Arm, days_past_due: int, owed_minor: int
) -> Iterator[Action]:
    """What an arm does for a case on the day on which it is so many days past due.

    It follows from the standing alone: what a case passed by, it is not made up for. An arm that has
    ended does what the champion does.
    """
    row = strategy.row_of(days_past_due, owed_minor)
    if row is None:
        return
    if arm.ends_after_days is not None and days_past_due >= arm.ends_after_days:
        arm = strategy.arms[0]
    for action in arm.actions.get(row.row_id, ()):
        if row.days.start + action.after_days == days_past_due:
            yield action


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSeen:
    """What became known of an arm so far."""

    borrowers: int
    complaints: int
    incomes_known: int
    below_floor: int


def must_stop(stops: StopRule, seen: ArmSeen) -> str:
    """Why an arm has to end now, by its own rule; empty: it may go on."""
    if seen.borrowers < stops.borrowers_min:
        return ""
    if seen.complaints * 10_000 > stops.complaints_per_10_000_max * seen.borrowers:
        return "complaints"
    if seen.below_floor * WHOLE_PPM > stops.below_floor_ppm_max * seen.incomes_known:
        return "harm"
    return ""
