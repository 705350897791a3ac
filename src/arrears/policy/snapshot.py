"""The snapshot: a frozen timeline of parameters; day d uses what was in force and known on d."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from arrears.policy.parameter import Status
from arrears.policy.registry import PolicyRegistry, Purpose
from arrears.policy.timeline import change_days

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from arrears.policy.parameter import Parameter, Ratification
    from arrears.policy.registry import Resolved
    from arrears.policy.value import Value


@dataclass(frozen=True)
class PolicySnapshot:
    """What policy said, for every day, however late it is asked.

    A text that reaches back changes no day before it was published: it acts through an explicit
    `policy_applied` event. Past `verified_through` the last value is carried and marked `assumed`.
    """

    registry: PolicyRegistry

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of the canonical form; it does not depend on any order of loading.

        All that can change a value, or its marks `assumed` and unverified, is in it. Citations are
        not, but for the day of publication: a better link must not refold a book.
        """
        canonical = json.dumps(
            self.as_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    def as_document(self) -> dict[str, list[dict[str, object]]]:
        """The timeline as plain data: id -> levels, from the lowest, each with its steps."""
        return {
            parameter_id: [
                _document_of(layer, self.registry.ratifications)
                for layer in self.registry.levels(parameter_id)
            ]
            for parameter_id in self.registry.ids
        }

    def resolved_on(self, parameter_id: str, day: date) -> Resolved:
        """The value of a day as known on that day, with all that is to be said about it.

        Raises:
            ArrearsError: `policy.unknown`, `policy.not_in_force`.
        """
        return self.registry.resolve(parameter_id, on=day, known_on=day, purpose=Purpose.SERVICING)

    def value_on(self, parameter_id: str, day: date) -> Value:
        """The value alone; raises as `resolved_on`."""
        return self.resolved_on(parameter_id, day).value

    def change_days(self, parameter_id: str) -> tuple[date, ...]:
        """The days on which the value may become another; between two of them it is constant.

        Raises:
            ArrearsError: `policy.unknown`.
        """
        days = {day for layer in self.registry.levels(parameter_id) for day in change_days(layer)}
        return tuple(sorted(days))


def take_snapshot(
    registry: PolicyRegistry, parameter_ids: Iterable[str] | None = None
) -> PolicySnapshot:
    """Freeze the timeline of some parameters, or of all.

    Raises:
        ArrearsError: `policy.unknown`.
    """
    if parameter_ids is None:
        return PolicySnapshot(registry)
    chosen = {name: registry.levels(name) for name in parameter_ids}
    return PolicySnapshot(PolicyRegistry(chosen, registry.ratifications))


def _document_of(layer: Parameter, ratifications: tuple[Ratification, ...]) -> dict[str, object]:
    document: dict[str, object] = {
        "level": str(layer.level),
        "type": str(layer.type),
        "unit": str(layer.unit),
        "status": str(layer.status),
        "verified_through": layer.verified_through.isoformat(),
        "steps": [
            {
                "from": step.from_on.isoformat(),
                "until": step.until_on.isoformat() if step.until_on else None,
                "value": step.value.text,
                "known_from": step.citation.published_on.isoformat(),
            }
            for step in layer.steps
        ],
    }
    ratified = [
        [each.value, each.text_sha256, each.ratified_on.isoformat(), each.expires_on.isoformat()]
        for each in ratifications
        if each.parameter_id == layer.id and layer.status is Status.UNVERIFIED
    ]
    if ratified:
        document["ratified"] = ratified
    return document
