"""The registry: one parameter, one day, one day of knowledge, one purpose; one value or an error."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, unique
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.policy.parameter import LEVELS_FROM_LOWEST, Effect, Level, Status
from arrears.policy.strictness import require_as_strict
from arrears.policy.timeline import steps_carried
from arrears.policy.value import parse_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from arrears.policy.parameter import (
        Anchor,
        Citation,
        Force,
        Parameter,
        Ratification,
        Scope,
        Step,
    )
    from arrears.policy.value import Value


@unique
class Purpose(StrEnum):
    """What the value is asked for."""

    BOOKING = "booking"  #: a new contract, or new terms of one
    DECISION = "decision"  #: a new decision about a person
    SERVICING = "servicing"  #: what is owed under contracts that exist
    CLOSE = "close"  #: close of business
    PROJECTION = "projection"  #: what would be owed


DAY = timedelta(days=1)

#: Refused past `verified_through`; every other purpose carries on, marked `assumed`.
STRICT_PURPOSES = frozenset({Purpose.BOOKING, Purpose.DECISION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """One value, and everything a reader must know to judge it."""

    parameter_id: str
    value: Value
    anchor: Anchor
    level: Level  #: who set it: the lowest level that speaks
    force: Force
    effect: Effect
    scope: Scope
    status: Status
    citation: Citation
    from_on: date
    until_on: date | None  #: as known; None: open
    from_is_exact: bool
    assumed: bool  #: True: past `verified_through` of a level, so carried forward
    ratification: Ratification | None  #: the lender's word for an unverified value, if it holds
    note: str

    @property
    def needs_ratification(self) -> bool:
        """Whether this is an unverified permission that the lender has not ratified."""
        return self.is_unverified_permission and self.ratification is None

    @property
    def is_unverified_permission(self) -> bool:
        """Whether it is not to be relied on before the lender ratifies it."""
        return self.status is Status.UNVERIFIED and self.effect is Effect.PERMISSION


@dataclass(frozen=True, slots=True)
class PolicyRegistry:
    """All parameters at hand, by id, each with its levels from the lowest to the highest.

    Made by `build_registry`, which checks that lower levels are only stricter.
    """

    layers: Mapping[str, tuple[Parameter, ...]]
    ratifications: tuple[Ratification, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids, in the order of the alphabet."""
        return tuple(sorted(self.layers))

    def parameter(self, parameter_id: str) -> Parameter:
        """The parameter at its highest level: its type, scope and meaning.

        Raises:
            ArrearsError: `policy.unknown`.
        """
        return self.levels(parameter_id)[-1]

    def levels(self, parameter_id: str) -> tuple[Parameter, ...]:
        """The parameter at each level that has it, from the lowest.

        Raises:
            ArrearsError: `policy.unknown`.
        """
        if parameter_id not in self.layers:
            near = difflib.get_close_matches(parameter_id, self.layers)
            raise ArrearsError(
                "policy.unknown",
                where="policy",
                expected=f"perhaps {' or '.join(near)}" if near else "an id of the policy pack",
                got=repr(parameter_id),
            )
        return self.layers[parameter_id]

    def is_in_force(self, parameter_id: str, *, on: date, known_on: date, purpose: Purpose) -> bool:
        """Whether `resolve` would give a value: some level speaks on a day, as known on a day.

        Raises:
            ArrearsError: `policy.unknown`; `policy.stale` where a booking or decision may not rest
                on the answer.
        """
        layers = self.levels(parameter_id)
        _require_fresh(layers, on, purpose)
        return any(steps_carried(layer, on, known_on) for layer in layers)

    def resolve(self, parameter_id: str, *, on: date, known_on: date, purpose: Purpose) -> Resolved:
        """The one value of a parameter on a day, as known on a day.

        The lowest level that speaks gives the value: it was checked to be at least as strict as
        every level above it.

        Args:
            parameter_id: Such as "cn.price.licensed_all_in_cap".
            on: The day that the parameter's anchor names.
            known_on: Texts published later are not seen. Ask again with a decision's own date and
                the answer is the same for ever.
            purpose: Bookings and decisions need a source read up to the day; other purposes carry
                what is known forward and say so.

        Raises:
            ArrearsError: `policy.unknown`, `policy.stale`, `policy.not_in_force`,
                `policy.overlap`.
        """
        layers = self.levels(parameter_id)
        _require_fresh(layers, on, purpose)
        for layer in layers:
            steps = steps_carried(layer, on, known_on)
            if len(steps) > 1:
                raise _overlap(layer, on, steps)
            if steps:
                assumed = any(on > level.verified_through for level in layers)
                return self._resolved(layer, steps[0], on=on, assumed=assumed)
        raise _not_in_force(layers[-1], on, known_on)

    def require_as_strict(
        self, parameter_id: str, text: str, *, level: Level, on: date, known_on: date, where: str
    ) -> Value:
        """Check a product's or contract's own value against every level above it.

        Args:
            parameter_id: Which parameter the value takes the place of.
            text: The value, written as in a policy file.
            level: `PRODUCT` or `CONTRACT`.
            on: The day that the parameter's anchor names.
            known_on: Texts published later are not seen.
            where: Product or contract and its field, for the message.

        Returns:
            The value, read.

        Raises:
            ArrearsError: `policy.laxer`, `policy.malformed`, `policy.unknown`.
        """
        layers = self.levels(parameter_id)
        value = parse_value(text, layers[-1].type, layers[-1].unit, where=where)
        for upper in layers:
            if LEVELS_FROM_LOWEST.index(level) < LEVELS_FROM_LOWEST.index(upper.level):
                for step in steps_carried(upper, on, known_on):
                    require_as_strict(value, upper, step, level=level, where=where)
        return value

    def _resolved(self, layer: Parameter, step: Step, *, on: date, assumed: bool) -> Resolved:
        found = (each for each in self.ratifications if each.covers(layer.id, step.value.text, on))
        return Resolved(
            parameter_id=layer.id,
            value=step.value,
            anchor=layer.anchor,
            level=layer.level,
            force=layer.force,
            effect=layer.effect,
            scope=layer.scope,
            status=layer.status,
            citation=step.citation,
            from_on=step.from_on,
            until_on=step.until_on,
            from_is_exact=step.from_is_exact,
            assumed=assumed,
            ratification=next(found, None) if layer.status is Status.UNVERIFIED else None,
            note=layer.note,
        )


def build_registry(
    parameters: Iterable[Parameter], ratifications: Iterable[Ratification] = ()
) -> PolicyRegistry:
    """Put parameters in levels and check that each lower level is at least as strict.

    Raises:
        ArrearsError: `policy.duplicate`, `policy.malformed` (levels of unlike type, or another
            direction), `policy.laxer`.
    """
    by_id: dict[str, list[Parameter]] = {}
    for parameter in parameters:
        by_id.setdefault(parameter.id, []).append(parameter)
    layers: dict[str, tuple[Parameter, ...]] = {}
    for parameter_id, found in by_id.items():
        found.sort(key=lambda parameter: LEVELS_FROM_LOWEST.index(parameter.level))
        for position, (lower, upper) in enumerate(pairwise(found), start=1):
            _check_distinct(lower, upper)
            _check_alike(lower, upper)
            for above in found[position:]:
                _check_as_strict(lower, above)
        layers[parameter_id] = tuple(found)
    return PolicyRegistry(MappingProxyType(layers), tuple(ratifications))


def require_completes(fuller: Parameter, parameter: Parameter) -> None:
    """Refuse a file of law that is to take another's place, unless it keeps all of its values.

    So a lender may complete a series that the pack knows in part, with better citations and a
    later reading, but not rewrite what the pack says.

    Args:
        fuller: What is to take the place.
        parameter: What has it.

    Raises:
        ArrearsError: `policy.rewritten`, `policy.malformed` (of another type, unit, anchor,
            direction or scope).
    """
    _check_alike(fuller, parameter)
    for step in parameter.steps:
        days = [step.from_on] if step.until_on is None else [step.from_on, step.until_on - DAY]
        for day in days:
            found = [other.value.text for other in fuller.steps if other.contains(day)]
            if found != [step.value.text]:
                raise ArrearsError(
                    "policy.rewritten",
                    where=f"{fuller.id} on {day}",
                    expected=f"{step.value.text}, as the pack has it",
                    got=" and ".join(found) or "no value",
                )


def _check_alike(lower: Parameter, upper: Parameter) -> None:
    for field in ("type", "unit", "anchor", "stricter", "scope"):
        if getattr(lower, field) != getattr(upper, field):
            raise ArrearsError(
                "policy.malformed",
                where=f"{lower.id} at the level of {lower.level}, field {field}",
                expected=f"{getattr(upper, field)}, as at the level of {upper.level}",
                got=str(getattr(lower, field)),
            )


def _check_distinct(lower: Parameter, upper: Parameter) -> None:
    if lower.level is upper.level:
        raise ArrearsError(
            "policy.duplicate",
            where=lower.id,
            expected="one file for each level",
            got=f"two at the level of {lower.level}",
        )


def _check_as_strict(lower: Parameter, upper: Parameter) -> None:
    """Compare all steps that are in force on a common day."""
    for step in lower.steps:
        for limit in upper.steps:
            if limit.contains(step.from_on) or step.contains(limit.from_on):
                require_as_strict(
                    step.value,
                    upper,
                    limit,
                    level=lower.level,
                    where=f"{lower.id}, value from {step.from_on}",
                )


def _require_fresh(layers: tuple[Parameter, ...], on: date, purpose: Purpose) -> None:
    if purpose not in STRICT_PURPOSES:
        return
    for layer in layers:
        if on > layer.verified_through:
            raise ArrearsError(
                "policy.stale",
                where=f"{layer.id} at the level of {layer.level}",
                expected=f"a day up to {layer.verified_through}, for a {purpose}",
                got=str(on),
            )


def _overlap(layer: Parameter, on: date, steps: tuple[Step, ...]) -> ArrearsError:
    return ArrearsError(
        "policy.overlap",
        where=layer.id,
        expected=f"one value on {on}",
        got=" and ".join(step.value.text for step in steps),
    )


def _not_in_force(layer: Parameter, on: date, known_on: date) -> ArrearsError:
    spans = "; ".join(
        f"{step.value.text} from {step.from_on} until {step.until_on or 'open'} (published {step.citation.published_on})"
        for step in layer.steps
    )
    return ArrearsError(
        "policy.not_in_force",
        where=layer.id,
        expected=f"a day on which a value is in force and known, of: {spans}",
        got=f"{on}, as known on {known_on}",
    )
