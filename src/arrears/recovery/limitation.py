"""Limitation (诉讼时效): until when a claim may be brought to court, from the dates the fold knows.

A claim runs from the due date of the last instalment, anew from each restart that left evidence, and
never beyond the long stop. Past it the debt holds; what ends is that anybody may sue, or say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from arrears.kernel.dates import MONTHS_IN_YEAR, add_months
from arrears.policy.registry import Purpose
from arrears.servicing.layout import KIND_ACCELERATED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.policy.snapshot import PolicySnapshot
    from arrears.servicing.state import AccountState, RowState

#: What the names of the parameters of a pack end in, behind "<pack>.limitation.".
PERIOD, LONG_STOP, RESTARTED_BY, STARTS_ON = "period", "long_stop", "restarted_by", "starts_on"
LAST_INSTALMENT = "last_instalment_due_on"


@unique
class RestartKind(StrEnum):
    """What makes the period run anew."""

    DEMAND = "demand"  #: the creditor asked, and it reached the debtor
    ACKNOWLEDGEMENT = "acknowledgement"  #: the debtor promised, paid a part, agreed to a plan
    SUIT = "suit"


@unique
class Standing(StrEnum):
    """Where a claim stands on a day."""

    NOTHING_CLAIMED = "nothing_claimed"  #: nothing is owed that could be claimed
    NOT_BEGUN = "not_begun"  #: the last instalment is not due yet
    RUNNING = "running"
    PAST = "past"  #: the debt holds; no suit, and no word of one
    UNKNOWN = "unknown"  #: no rule is known, so that nobody may rely on one


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Something that made the period run anew, and the proof of it."""

    kind: RestartKind
    on: date
    evidence: str  #: where the proof lies and its hash; without one nothing restarts


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationRules:
    """What a pack says about limitation on a day; values of policy, with the ids they stand under."""

    period_years: int
    long_stop_years: int
    restarted_by: frozenset[str]
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """Until when a claim may be brought, and why."""

    standing: Standing
    begun_by: str  #: last_instalment, acceleration, or the kind of the restart; empty: nothing did
    begun_on: date | None  #: the due date or the day of the restart; the period runs from the next
    ends_on: date | None  #: the last day on which a suit is in time
    long_stop_on: date | None
    rests_on: tuple[str, ...]  #: ids of the parameters

    @property
    def allows_suit(self) -> bool:
        """Whether a suit could be brought, or be spoken of, as far as limitation goes."""
        return self.standing is Standing.RUNNING


def limitation_rules(
    snapshot: PolicySnapshot, day: date, pack: str = "cn"
) -> LimitationRules | None:
    """What a pack says on a day; None where it says nothing, or another start than we compute.

    Args:
        snapshot: The policy timeline.
        day: Of the question.
        pack: Such as "cn"; the parameters are `<pack>.limitation.*`.

    Raises:
        ArrearsError: `policy.overlap`.
    """
    registry = snapshot.registry
    ids = limitation_ids(pack)
    for each in ids.values():
        if each not in registry.layers or not registry.is_in_force(
            each, on=day, known_on=day, purpose=Purpose.SERVICING
        ):
            return None
    if snapshot.value_on(ids[STARTS_ON], day).as_choice() != LAST_INSTALMENT:
        return None
    return LimitationRules(
        period_years=snapshot.value_on(ids[PERIOD], day).as_integer(),
        long_stop_years=snapshot.value_on(ids[LONG_STOP], day).as_integer(),
        restarted_by=frozenset(snapshot.value_on(ids[RESTARTED_BY], day).as_words()),
        rests_on=tuple(ids.values()),
    )


def limitation_ids(pack: str) -> dict[str, str]:
    """The ids of a pack's parameters of limitation, by their last word."""
    return {
        name: f"{pack}.limitation.{name}" for name in (PERIOD, LONG_STOP, RESTARTED_BY, STARTS_ON)
    }


def limitation_of(
    state: AccountState, restarts: Sequence[Restart], rules: LimitationRules | None
) -> Limitation:
    """Until when the claim of an account may be brought, as seen on the state's own day.

    Args:
        state: The account folded to the day asked for, with its rows; a re-plan's later rows and
            an acceleration's earlier one are in it, so the last due date is the fold's own.
        restarts: What is recorded with evidence, in any order. A payment alone is none: whoever
            pays a part reads first what it does (`recovery.promises`), and that is the evidence.
        rules: As `limitation_rules`; None: nobody may rely on a suit.

    Returns:
        The standing on `state.as_of`. A restart after the period had ended revives nothing: our
        stricter choice. What the pack does not count among restarts is none.

    Source:
        Civil Code of the PRC, arts 188, 189, 195.
    """
    rests_on = rules.rests_on if rules else ()
    last = last_row(state)
    if last is None or last.due_on is None:
        return nothing_of(Standing.NOTHING_CLAIMED, rests_on)
    if rules is None:
        return nothing_of(Standing.UNKNOWN, rests_on)
    long_stop_on = years_after(last.due_on, rules.long_stop_years)
    begun_by = "acceleration" if last.kind == KIND_ACCELERATED else "last_instalment"
    begun_on = last.due_on
    ends_on = min(years_after(begun_on, rules.period_years), long_stop_on)
    for restart in sorted(restarts, key=lambda each: each.on):
        counts = restart.kind.value in rules.restarted_by and restart.evidence
        if counts and begun_on <= restart.on <= min(ends_on, state.as_of):
            begun_by, begun_on = restart.kind.value, restart.on
            ends_on = min(years_after(begun_on, rules.period_years), long_stop_on)
    return Limitation(
        standing=standing_on(state.as_of, last.due_on, ends_on),
        begun_by=begun_by,
        begun_on=begun_on,
        ends_on=ends_on,
        long_stop_on=long_stop_on,
        rests_on=rests_on,
    )


def nothing_of(standing: Standing, rests_on: tuple[str, ...]) -> Limitation:
    """The answer where no period runs."""
    return Limitation(
        standing=standing,
        begun_by="",
        begun_on=None,
        ends_on=None,
        long_stop_on=None,
        rests_on=rests_on,
    )


def standing_on(day: date, last_due_on: date, ends_on: date) -> Standing:
    """Where a claim stands on a day: on the due date nobody has failed yet."""
    if day <= last_due_on:
        return Standing.NOT_BEGUN
    return Standing.RUNNING if day <= ends_on else Standing.PAST


def last_row(state: AccountState) -> RowState | None:
    """The row due last of those that still ask for something; None: none does."""
    asking = [row for row in state.rows if row.due_on and any(row.outstanding_minor)]
    return max(asking, key=lambda row: row.due_on or state.as_of, default=None)


def years_after(day: date, years: int) -> date:
    """The same day so many years later, the last of the month where that year has none."""
    return add_months(day, years * MONTHS_IN_YEAR)
