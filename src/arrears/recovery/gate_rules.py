"""The rules of a pack on the day of a contact: every number and word of the gate, with its source.

A pack that does not have a parameter does not have its rule, but for what every pack must say:
quiet hours and whom they stop, which purposes holds and counters stop, how long a permit lasts.
What a pack permits and nobody has read or ratified is not relied on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.policy.parameter import Actor, CreditorKind, Level
from arrears.policy.registry import Purpose as AskedFor
from arrears.recovery.contact import ActorKind, HoldKind, Purpose
from arrears.recovery.verdict import Basis, Reason, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    from arrears.policy.registry import Resolved
    from arrears.policy.snapshot import PolicySnapshot

MINUTES_OF_HOUR = 60
#: The days that the names of the parameters say.
ONE_DAY, SEVEN_DAYS = 1, 7

QUIET_HOURS = ("collections.quiet_hours", "collections.quiet_hours_cba")
QUIET_HOURS_REST_DAYS = ("collections.quiet_hours_rest_days",)
QUIET_HOURS_STOP = "collections.quiet_hours_stop"
HOLDS_STOP = "collections.holds_stop"
COUNTERS_STOP, COUNTERS_COUNT = "collections.counters_stop", "collections.counters_count"
PERMIT_MINUTES = "collections.permit_minutes"
VISITS_ALLOWED = "collections.visits_allowed"
VISIT_PERSONS = "collections.field_visit_min_collectors"
UNREACHABLE_DAYS = "collections.unreachable_days"
CONTACT_PERSON_WHEN = "collections.contact_person_allowed_when"
CONSENT_FOR = "collections.consent_needed_for"
NOTICE_CHANNELS = "collections.notice_channels"
ANSWER_DAYS = "collections.answer_days"
VALIDATION_DAYS = "collections.validation_notice_days"
AFTER_TALK = "collections.days_without_call_after_talk"
BREATHING_SPACE = "hardship.breathing_space_days"

#: Counter -> the parameter of its limit, and over how many days it counts.
COUNTERS = {
    Rule.INTERACTIVE_CALLS: ("collections.interactive_calls_per_day", ONE_DAY),
    Rule.NOTIFICATION_CALLS: ("collections.notification_calls_per_day", ONE_DAY),
    Rule.FAILED_ATTEMPTS: ("collections.failed_attempts_per_method_per_day", ONE_DAY),
    Rule.MESSAGES: ("collections.messages_per_day_max", ONE_DAY),
    Rule.CONTACTS: ("collections.contacts_per_7_days_max", SEVEN_DAYS),
    Rule.CALLS_ABOUT_DEBT: ("collections.calls_per_7_days", SEVEN_DAYS),
}

#: Which parameters each rule rests on; those a pack has are cited, and a rule without is the gate's.
SOURCES = {
    Rule.QUIET_HOURS: (*QUIET_HOURS, *QUIET_HOURS_REST_DAYS, QUIET_HOURS_STOP),
    Rule.ASSIGNMENT_NOTICE: ("collections.assignment_notice_required",),
    Rule.UNRELATED_REFUSED: ("collections.contact_person_refusal",),
    Rule.UNRELATED_ONLY_TO_REACH: (CONTACT_PERSON_WHEN, UNREACHABLE_DAYS),
    Rule.TEMPLATE_AUDIENCE: (
        "collections.collect_from",
        "collections.contact_person_allowed_content",
    ),
    Rule.REVEALS_DEBT: ("collections.disturbing_private_life",),
    Rule.CONSENT: (CONSENT_FOR,),
    Rule.OPTED_OUT: (HOLDS_STOP, NOTICE_CHANNELS),
    Rule.UNTRUE_CONSEQUENCE: (
        "limitation.period",
        "bureau.notice_before_negative",
        "collections.time_barred_suit_forbidden",
    ),
    Rule.FIRST_CONTACT_NAMES: ("collections.first_contact_states",),
    Rule.REFUSED_PHRASE: ("collections.acts_forbidden", "collections.acts_forbidden_standard"),
    Rule.ACTOR_NOT_LISTED: ("collections.agency_white_list",),
    Rule.ACTOR_NOT_EVALUATED: ("collections.agency_evaluations",),
    Rule.ACTOR_NOT_TESTED: ("collections.staff_trainings_per_year",),
    Rule.NOT_PLACED_WITH_ACTOR: ("collections.one_debt_one_agency",),
    Rule.VALIDATION_NOTICE: (VALIDATION_DAYS,),
    Rule.VISITS_OFF: (VISITS_ALLOWED,),
    Rule.VISIT_PERSONS: (VISIT_PERSONS,),
    Rule.NOTHING_TO_ANSWER: (ANSWER_DAYS,),
    Rule.PERMIT_WINDOW: (PERMIT_MINUTES,),
    Rule.AFTER_TALK: (AFTER_TALK,),
    Rule.HOLD_KEPT_PLAN: (HOLDS_STOP, "hardship.card_plan_stops_collection"),
    Rule.HOLD_BREATHING_SPACE: (HOLDS_STOP, BREATHING_SPACE, "hardship.breathing_space_stops"),
    **{rule: (name,) for rule, (name, _) in COUNTERS.items()},
}
RULE_OF_HOLD = {
    kind: Rule.OPTED_OUT if kind is HoldKind.OPT_OUT else Rule(f"hold_{kind.value}")
    for kind in HoldKind
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Hours of the debtor's own day in which nobody is contacted; over midnight if the end is less."""

    from_minute: int  #: of the day
    until_minute: int  #: half-open
    binds: frozenset[ActorKind]
    yields: bool  #: to hours that the debtor asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often at most, over so many days of the debtor and over as many times 24 hours."""

    rule: Rule
    limit: int
    days: int
    binds: frozenset[ActorKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """What a pack says to the gate on one day."""

    pack: str
    on: date
    policy_digest: str
    quiet_hours: tuple[QuietHours, ...]
    quiet_hours_rest_days: tuple[QuietHours, ...]
    quiet_hours_stop: frozenset[Purpose]
    holds_stop: Mapping[HoldKind, frozenset[Purpose]]
    limits: tuple[Limit, ...]
    counters_stop: frozenset[Purpose]
    counters_count: frozenset[Purpose]
    permit_minutes: int
    answer_days: int
    visits_allowed: bool
    visit_persons_min: int
    unreachable_days: int | None  #: None: nobody is ever taken to be out of reach
    contact_person_when: frozenset[str]  #: unreachable, dead, incapacitated
    consent_for: frozenset[str]  #: channels and kinds of actors
    notice_channels: tuple[str, ...]  #: in which order one is left to whoever opted out of all
    breathing_space_days: int | None
    validation_days: int | None
    validation_binds: frozenset[ActorKind]
    assignment_binds: bool
    reasons: Mapping[Rule, Reason]
    rests_on: tuple[str, ...]  #: ids of every parameter that the pack gave


@dataclass(frozen=True, slots=True)
class _Pack:
    """One pack of a snapshot on one day."""

    snapshot: PolicySnapshot
    name: str
    on: date

    def id(self, name: str) -> str:
        return f"{self.name}.{name}"

    def must(self, name: str) -> Resolved:
        return self.snapshot.resolved_on(self.id(name), self.on)

    def may(self, name: str) -> Resolved | None:
        """None where the pack does not have it, or not in force yet."""
        registry, name = self.snapshot.registry, self.id(name)
        if name not in registry.layers or not registry.is_in_force(
            name, on=self.on, known_on=self.on, purpose=AskedFor.SERVICING
        ):
            return None
        return self.snapshot.resolved_on(name, self.on)

    def number(self, name: str) -> int | None:
        found = self.may(name)
        return None if found is None else found.value.as_integer()

    def words(self, name: str) -> tuple[str, ...]:
        found = self.may(name)
        return () if found is None or found.needs_ratification else found.value.as_words()

    def permits(self, name: str) -> bool:
        found = self.may(name)
        return found is not None and not found.needs_ratification and found.value.as_flag()

    def binds(self, name: str) -> frozenset[ActorKind]:
        found = self.may(name)
        return frozenset() if found is None else bound_by(found)

    def purposes(self, name: str) -> frozenset[Purpose]:
        return frozenset(Purpose(word) for word in self.must(name).value.as_words())


def rules_of(snapshot: PolicySnapshot, pack: str, on: date) -> GateRules:
    """The rules of a pack on the day of a contact, as known on that day.

    Args:
        snapshot: The policy timeline.
        pack: Such as "cn"; the parameters are `<pack>.collections.*` and `<pack>.hardship.*`.
        on: The debtor's own day.

    Raises:
        ArrearsError: `policy.unknown` where the pack lacks what every pack must say,
            `policy.not_in_force`, `policy.overlap`.
    """
    asked = _Pack(snapshot, pack, on)
    bases = _bases_of(asked)
    return GateRules(
        pack=pack,
        on=on,
        policy_digest=snapshot.digest,
        quiet_hours=_quiet_hours(asked, QUIET_HOURS, is_required=True),
        quiet_hours_rest_days=_quiet_hours(asked, QUIET_HOURS_REST_DAYS, is_required=False),
        quiet_hours_stop=asked.purposes(QUIET_HOURS_STOP),
        holds_stop=_holds_stop(asked),
        limits=_limits(asked),
        counters_stop=asked.purposes(COUNTERS_STOP),
        counters_count=asked.purposes(COUNTERS_COUNT),
        permit_minutes=asked.must(PERMIT_MINUTES).value.as_integer(),
        answer_days=asked.must(ANSWER_DAYS).value.as_integer(),
        visits_allowed=asked.permits(VISITS_ALLOWED),
        visit_persons_min=asked.number(VISIT_PERSONS) or ONE_DAY,
        unreachable_days=asked.number(UNREACHABLE_DAYS),
        contact_person_when=frozenset(asked.words(CONTACT_PERSON_WHEN)),
        consent_for=frozenset(asked.words(CONSENT_FOR)),
        notice_channels=asked.words(NOTICE_CHANNELS),
        breathing_space_days=asked.number(BREATHING_SPACE),
        validation_days=asked.number(VALIDATION_DAYS),
        validation_binds=asked.binds(VALIDATION_DAYS),
        assignment_binds=asked.may("collections.assignment_notice_required") is not None,
        reasons=_reasons_of(pack, bases),
        rests_on=tuple(sorted(bases)),
    )


def bound_by(resolved: Resolved) -> frozenset[ActorKind]:
    """The actors a parameter binds; a lender's own policy binds whoever acts for it."""
    if resolved.level is not Level.LAW:
        return frozenset(ActorKind)
    return frozenset(
        kind
        for kind in ActorKind
        if any(
            resolved.scope.binds(actor=Actor(kind.value), creditor=creditor)
            for creditor in CreditorKind
        )
    )


def _quiet_hours(
    pack: _Pack, names: tuple[str, ...], *, is_required: bool
) -> tuple[QuietHours, ...]:
    first, *_ = names
    if is_required:
        pack.must(first)
    found = []
    for name in names:
        resolved = pack.may(name)
        if resolved is not None:
            begin, end = resolved.value.as_clock_range()
            parameter = pack.snapshot.registry.parameter(resolved.parameter_id)
            found.append(
                QuietHours(
                    from_minute=minute_of(begin),
                    until_minute=minute_of(end),
                    binds=bound_by(resolved),
                    yields=parameter.yields_to_debtor,
                )
            )
    return tuple(found)


def minute_of(clock: time) -> int:
    """The minute of the day that a clock shows."""
    return clock.hour * MINUTES_OF_HOUR + clock.minute


def _holds_stop(pack: _Pack) -> dict[HoldKind, frozenset[Purpose]]:
    """Read words such as dispute+collection: the hold, and a purpose that it stops."""
    pairs = [word.partition("+") for word in pack.must(HOLDS_STOP).value.as_words()]
    return {
        kind: frozenset(Purpose(stopped) for word, _, stopped in pairs if word == kind.value)
        for kind in HoldKind
    }


def _limits(pack: _Pack) -> tuple[Limit, ...]:
    found = [
        Limit(rule=rule, limit=number, days=days, binds=pack.binds(name))
        for rule, (name, days) in COUNTERS.items()
        if (number := pack.number(name)) is not None
    ]
    days = pack.number(AFTER_TALK)
    if days is not None:
        found.append(
            Limit(rule=Rule.AFTER_TALK, limit=ONE_DAY, days=days, binds=pack.binds(AFTER_TALK))
        )
    return tuple(found)


def _bases_of(pack: _Pack) -> dict[str, Basis]:
    names = {name for found in SOURCES.values() for name in found}
    names |= {COUNTERS_STOP, COUNTERS_COUNT, HOLDS_STOP}
    resolved = [found for name in sorted(names) if (found := pack.may(name)) is not None]
    return {
        each.parameter_id: Basis(
            parameter_id=each.parameter_id,
            value=each.value.text,
            force=each.force,
            status=each.status,
            citation=each.citation,
        )
        for each in resolved
    }


def _reasons_of(pack: str, bases: Mapping[str, Basis]) -> dict[Rule, Reason]:
    holds = dict.fromkeys(RULE_OF_HOLD.values(), (HOLDS_STOP,))
    sources = {**holds, **SOURCES}
    return {
        rule: Reason(
            rule=rule,
            rests_on=tuple(
                bases[f"{pack}.{name}"]
                for name in sources.get(rule, ())
                if f"{pack}.{name}" in bases
            ),
        )
        for rule in Rule
    }
