"""What the gate says: allowed, with the terms of a permit, or refused, with every reason.

Both are values. A refusal names each rule that stood in the way and the parameters it rests on, so
that whoever reads it can look up the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import unique
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from arrears.recovery.contact import Word

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.policy.parameter import Citation, Force, Status
    from arrears.recovery.contact import Purpose
    from arrears.recovery.known import Attempt


@unique
class Rule(Word):
    """Every rule of the gate; the order is that in which reasons are given."""

    UNKNOWN_PURPOSE = "unknown_purpose"
    UNKNOWN_ACTOR = "unknown_actor"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_ADDRESS = "unknown_address"
    UNKNOWN_DEBT = "unknown_debt"
    UNKNOWN_TEMPLATE = "unknown_template"
    UNKNOWN_ZONE = "unknown_zone"
    ACTOR_NOT_LISTED = "actor_not_listed"
    ACTOR_SUSPENDED = "actor_suspended"
    ACTOR_NOT_TESTED = "actor_not_tested"
    ACTOR_CONTRACT_ENDED = "actor_contract_ended"
    ACTOR_NOT_EVALUATED = "actor_not_evaluated"
    NOT_PLACED_WITH_ACTOR = "not_placed_with_actor"
    ASSIGNMENT_NOTICE = "assignment_notice"
    NOTHING_OWED = "nothing_owed"
    CLOSED_ADDRESS = "closed_address"
    WRONG_PARTY = "wrong_party"
    UNVERIFIED_PARTY = "unverified_party"
    REVEALS_DEBT = "reveals_debt"
    CONSENT = "consent"
    OPTED_OUT = "opted_out"
    LIABILITY_DOCUMENT = "liability_document"
    UNRELATED_REFUSED = "unrelated_refused"
    UNRELATED_ONLY_TO_REACH = "unrelated_only_to_reach"
    TEMPLATE_NOT_SIGNED_OFF = "template_not_signed_off"
    TEMPLATE_EXPIRED = "template_expired"
    TEMPLATE_LOCALE = "template_locale"
    TEMPLATE_CHANNEL = "template_channel"
    TEMPLATE_AUDIENCE = "template_audience"
    REFUSED_PHRASE = "refused_phrase"
    UNTRUE_CONSEQUENCE = "untrue_consequence"
    FIRST_CONTACT_NAMES = "first_contact_names"
    AI_SAYS_SO = "ai_says_so"
    VALIDATION_NOTICE = "validation_notice"
    VISITS_OFF = "visits_off"
    VISIT_PERSONS = "visit_persons"
    NOTHING_TO_ANSWER = "nothing_to_answer"
    HOLD_DISPUTE = "hold_dispute"
    HOLD_COMPLAINT = "hold_complaint"
    HOLD_HARDSHIP_REQUEST = "hold_hardship_request"
    HOLD_KEPT_PLAN = "hold_kept_plan"
    HOLD_PROMISE = "hold_promise"
    HOLD_CLAIMED_PAID = "hold_claimed_paid"
    HOLD_DEATH = "hold_death"
    HOLD_INCAPACITY = "hold_incapacity"
    HOLD_REPRESENTED = "hold_represented"
    HOLD_BREATHING_SPACE = "hold_breathing_space"
    HOLD_MEDICAL_CRISIS = "hold_medical_crisis"
    QUIET_HOURS = "quiet_hours"
    INTERACTIVE_CALLS = "interactive_calls"
    NOTIFICATION_CALLS = "notification_calls"
    FAILED_ATTEMPTS = "failed_attempts"
    MESSAGES = "messages"
    CONTACTS = "contacts"
    CALLS_ABOUT_DEBT = "calls_about_debt"
    AFTER_TALK = "after_talk"
    PERMIT_USED = "permit_used"
    PERMIT_WINDOW = "permit_window"
    PERMIT_DEAD = "permit_dead"


@unique
class Alarm(Word):
    """What somebody should look at, though it stops nothing."""

    CALENDAR_PROVISIONAL = "calendar_provisional"  #: the year is not published: read as rest days


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A parameter that a rule rests on, as it stood on the day of the contact."""

    parameter_id: str
    value: str
    force: Force
    status: Status
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule that stood in the way."""

    rule: Rule
    rests_on: tuple[Basis, ...]  #: empty: the gate's own, such as that what is unknown refuses


class Allowed(NamedTuple):
    """The terms of a permit for exactly the attempt that was asked; a tuple, for millions are made."""

    from_at: datetime
    until_at: datetime  #: half-open: first instant at which it may no longer be used
    local_on: date  #: the debtor's calendar day, on which all of the window lies
    purpose: Purpose  #: as the gate read it: a text that asks for payment collects
    after_event: int  #: dies with any later event on the case
    counters: tuple[Rule, ...]  #: in which it takes its place until an outcome is known
    rests_on: tuple[str, ...]  #: ids of all parameters that were asked
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why not, all reasons together, and when the answer would next be another."""

    reasons: tuple[Reason, ...]
    earliest_next_at: datetime | None  #: None: not by waiting alone
    alarms: tuple[Alarm, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules alone."""
        return tuple(reason.rule for reason in self.reasons)


Verdict: TypeAlias = Allowed | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A permit that was given and stored."""

    permit_id: str
    attempt: Attempt
    terms: Allowed
    is_used: bool
