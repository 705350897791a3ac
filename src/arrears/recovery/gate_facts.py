"""The facts of a contact: everything the gate asks that does not turn on the hour or on counts.

Who acts, for whom, to whom, at which address, about which debt, in which words. Each check is a
generator that names the rules which stand in the way; what is not known stands in the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.recovery.contact import (
    ADDRESS_KIND,
    ActorKind,
    Channel,
    HoldKind,
    Outcome,
    Purpose,
    Role,
    Verification,
)
from arrears.recovery.hours import seconds_up
from arrears.recovery.known import Consequence
from arrears.recovery.reach import is_out_of_reach
from arrears.recovery.verdict import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from arrears.recovery.contact import Address, Hold, Person
    from arrears.recovery.gate_rules import GateRules
    from arrears.recovery.hours import LocalDay
    from arrears.recovery.known import ActorStanding, Attempt, Debt, Known, Template

#: Named in a notice before they are true: the notice is what makes them so.
ANNOUNCED = frozenset({Consequence.BUREAU_REPORT, Consequence.AGENCY_PLACEMENT})
#: Who owes, or acts for who owes, only by a document.
BY_DOCUMENT = frozenset({Role.JOINTLY_LIABLE, Role.REPRESENTATIVE, Role.HEIR})
#: In which the person can be made sure of before anything is said.
IN_PERSON = frozenset({Channel.INTERACTIVE_CALL, Channel.VISIT})
THIRD_PARTIES = frozenset({ActorKind.AGENCY, ActorKind.TRANSFEREE})
#: Words of the parameter that says when somebody unrelated may be asked.
UNREACHABLE = "debtor_cannot_be_reached"
WHEN_HELD = {
    HoldKind.DEATH: "debtor_dead",
    HoldKind.INCAPACITY: "debtor_without_full_capacity",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One attempt on one day, with what is known of everything it names."""

    attempt: Attempt
    known: Known
    rules: GateRules
    day: LocalDay
    purpose: Purpose
    actor: ActorStanding
    person: Person
    address: Address
    debt: Debt
    template: Template


def unknowns_of(attempt: Attempt, known: Known) -> tuple[Rule, ...]:
    """What the attempt names and nobody knows; then nothing else is asked."""
    address = known.addresses.get(attempt.address_id)
    fits = (
        address is not None
        and address.person_id == attempt.person_id
        and address.channel_kind == ADDRESS_KIND[attempt.channel]
    )
    found = {
        Rule.UNKNOWN_PURPOSE: attempt.purpose is None,
        Rule.UNKNOWN_ACTOR: attempt.actor_id not in known.actors,
        Rule.UNKNOWN_PERSON: attempt.person_id not in known.persons,
        Rule.UNKNOWN_ADDRESS: not fits,
        Rule.UNKNOWN_DEBT: attempt.debt_id not in known.debts,
        Rule.UNKNOWN_TEMPLATE: attempt.template_id not in known.templates,
        Rule.UNKNOWN_ZONE: known.zone is None,
    }
    return tuple(rule for rule, is_unknown in found.items() if is_unknown)


def purpose_read(attempt: Attempt, known: Known) -> Purpose:
    """What a contact is for, whatever it is called: who asks for payment, or threatens, collects.

    Whoever asks an unrelated person how to reach the debtor does it to collect.
    """
    template, person = known.templates[attempt.template_id], known.persons[attempt.person_id]
    if template.asks_for_payment or template.threatens or attempt.purpose is None:
        return Purpose.COLLECTION
    if person.role is Role.UNRELATED and attempt.purpose is not Purpose.ANSWER:
        return Purpose.COLLECTION
    return attempt.purpose


def case_of(attempt: Attempt, known: Known, rules: GateRules, day: LocalDay) -> Case:
    """The case of an attempt that names nothing unknown."""
    return Case(
        attempt=attempt,
        known=known,
        rules=rules,
        day=day,
        purpose=purpose_read(attempt, known),
        actor=known.actors[attempt.actor_id],
        person=known.persons[attempt.person_id],
        address=known.addresses[attempt.address_id],
        debt=known.debts[attempt.debt_id],
        template=known.templates[attempt.template_id],
    )


def broken_facts(case: Case) -> tuple[Rule, ...]:
    """Every rule of facts that stands in the way, in the order of `Rule`."""
    broken = {rule for check in CHECKS for rule in check(case)}
    return tuple(rule for rule in Rule if rule in broken)


def _actor(case: Case) -> Iterator[Rule]:
    actor, on = case.actor, case.day.on
    if not actor.is_listed:
        yield Rule.ACTOR_NOT_LISTED
    if actor.is_suspended:
        yield Rule.ACTOR_SUSPENDED
    is_agency = actor.kind is ActorKind.AGENCY
    if (is_agency or actor.kind is ActorKind.OWN_STAFF) and not _holds(actor.tested_until_on, on):
        yield Rule.ACTOR_NOT_TESTED
    if is_agency and not _holds(actor.contract_until_on, on):
        yield Rule.ACTOR_CONTRACT_ENDED
    if is_agency and not _holds(actor.evaluated_until_on, on):
        yield Rule.ACTOR_NOT_EVALUATED
    if is_agency and case.debt.placed_with != actor.actor_id:
        yield Rule.NOT_PLACED_WITH_ACTOR


def _holds(until_on: date | None, on: date) -> bool:
    return until_on is not None and on < until_on


def _debt(case: Case) -> Iterator[Rule]:
    debt = case.debt
    if case.purpose is Purpose.COLLECTION and not debt.is_owed:
        yield Rule.NOTHING_OWED
    if case.actor.kind is ActorKind.TRANSFEREE and (
        debt.assigned_at is None
        or (case.rules.assignment_binds and debt.assignment_notice_at is None)
    ):
        yield Rule.ASSIGNMENT_NOTICE
    if case.purpose is Purpose.COLLECTION and _lacks_validation(case):
        yield Rule.VALIDATION_NOTICE


def _lacks_validation(case: Case) -> bool:
    """Whether the days after a collector's first word have passed without the notice that is due."""
    rules, known = case.rules, case.known
    if rules.validation_days is None or case.actor.kind not in rules.validation_binds:
        return False
    if case.debt.validation_notice_at is not None or known.zone is None:
        return False
    words = [
        contact.at.astimezone(known.zone).date()
        for contact in known.contacts
        if contact.debt_id == case.debt.debt_id
        and contact.outcome not in {Outcome.NOT_MADE, Outcome.NOT_CONNECTED}
        and _is_third_party(case, contact.actor_id)
    ]
    return bool(words) and case.day.on > min(words) + timedelta(days=rules.validation_days)


def _is_third_party(case: Case, actor_id: str) -> bool:
    actor = case.known.actors.get(actor_id)
    return actor is None or actor.kind in THIRD_PARTIES


def _address(case: Case) -> Iterator[Rule]:
    address, template, channel = case.address, case.template, case.attempt.channel
    if address.is_closed:
        yield Rule.CLOSED_ADDRESS
    if address.verification is Verification.WRONG_PARTY:
        yield Rule.WRONG_PARTY
    speaks = template.mentions_debt or template.asks_for_payment or template.threatens
    asks_first = channel in IN_PERSON and template.verifies_first
    if (
        speaks
        and address.verification is Verification.UNVERIFIED
        and channel is not Channel.INBOX
        and not asks_first
    ):
        yield Rule.UNVERIFIED_PARTY
    if template.preview_reveals_debt:
        yield Rule.REVEALS_DEBT
    needing = case.rules.consent_for.intersection({channel.value, case.actor.kind.value})
    if needing and not address.has_consent:
        yield Rule.CONSENT


def _opt_outs(case: Case) -> Iterator[Rule]:
    """An opt-out closes a channel to notices too, as long as another one is left for them."""
    if case.purpose is not Purpose.STATUTORY_NOTICE:
        return
    channel = case.attempt.channel
    closed = [hold.channel for hold in case.known.holds if _is_opt_out_today(hold, case.day)]
    if None not in closed and channel not in closed:
        return
    kinds = {
        address.channel_kind
        for address in case.known.addresses.values()
        if address.person_id == case.person.person_id
        and not address.is_closed
        and address.verification is not Verification.WRONG_PARTY
    }
    usable = [word for word in case.rules.notice_channels if ADDRESS_KIND[Channel(word)] in kinds]
    is_another_left = None not in closed and any(Channel(word) not in closed for word in usable)
    if is_another_left or usable[:1] != [channel.value]:
        yield Rule.OPTED_OUT


def _is_opt_out_today(hold: Hold, day: LocalDay) -> bool:
    ended = hold.until_at is not None and seconds_up(hold.until_at) <= day.from_s
    return hold.kind is HoldKind.OPT_OUT and not ended


def _person(case: Case) -> Iterator[Rule]:
    person, purpose = case.person, case.purpose
    if person.role in BY_DOCUMENT and not person.has_document:
        yield Rule.LIABILITY_DOCUMENT
    if person.role is Role.UNRELATED:
        if person.has_refused:
            yield Rule.UNRELATED_REFUSED
        if purpose is not Purpose.ANSWER and not may_ask_others(case):
            yield Rule.UNRELATED_ONLY_TO_REACH


def may_ask_others(case: Case) -> bool:
    """Whether somebody unrelated may be asked how to reach the debtor, or who acts for them."""
    allowed, known = case.rules.contact_person_when, case.known
    if any(WHEN_HELD.get(hold.kind) in allowed for hold in known.holds):
        return True
    days = case.rules.unreachable_days
    return days is not None and UNREACHABLE in allowed and is_out_of_reach(known, days)


def _words(case: Case) -> Iterator[Rule]:
    template, attempt = case.template, case.attempt
    if not template.signed_off_by:
        yield Rule.TEMPLATE_NOT_SIGNED_OFF
    if case.day.on >= template.expires_on:
        yield Rule.TEMPLATE_EXPIRED
    if case.person.locale != template.locale:
        yield Rule.TEMPLATE_LOCALE
    if attempt.channel not in template.channels:
        yield Rule.TEMPLATE_CHANNEL
    if case.person.role not in template.audience:
        yield Rule.TEMPLATE_AUDIENCE
    if template.refused_phrases:
        yield Rule.REFUSED_PHRASE
    if not all(_is_true(consequence, case) for consequence in template.consequences):
        yield Rule.UNTRUE_CONSEQUENCE
    names_all = template.names_lender and template.names_creditor and template.says_how_to_verify
    if not names_all and case.person.role is not Role.UNRELATED and _is_first(case):
        yield Rule.FIRST_CONTACT_NAMES
    is_ai = case.actor.kind is ActorKind.AI_VOICE
    if is_ai and not (template.says_it_is_ai and template.hands_over):
        yield Rule.AI_SAYS_SO


def _is_true(consequence: Consequence, case: Case) -> bool:
    debt = case.debt
    if case.purpose is Purpose.STATUTORY_NOTICE and consequence in ANNOUNCED:
        return True
    possible_until = debt.suit_possible_until_on
    facts = {
        Consequence.SUIT: debt.is_suit_approved
        and possible_until is not None
        and case.day.on <= possible_until,
        Consequence.BUREAU_REPORT: debt.report_notice_at is not None
        and debt.report_notice_at <= case.attempt.at,
        Consequence.AGENCY_PLACEMENT: debt.placed_with is not None,
        Consequence.ACCELERATION: debt.has_acceleration,
        Consequence.LINE_FROZEN: debt.is_line_frozen,
        Consequence.PENALTY: debt.is_penalty_running,
    }
    return facts[consequence]


def _is_first(case: Case) -> bool:
    """Whether this actor is not yet known to have reached this person about this debt."""
    attempt = case.attempt
    return not any(
        contact.outcome in {Outcome.EFFECTIVE, Outcome.CONNECTED}
        and (contact.person_id, contact.debt_id, contact.actor_id)
        == (attempt.person_id, attempt.debt_id, attempt.actor_id)
        for contact in case.known.contacts
    )


def _visit(case: Case) -> Iterator[Rule]:
    if case.attempt.channel is Channel.VISIT:
        if not case.rules.visits_allowed:
            yield Rule.VISITS_OFF
        if case.attempt.persons < case.rules.visit_persons_min:
            yield Rule.VISIT_PERSONS


CHECKS = (_actor, _debt, _address, _opt_outs, _person, _words, _visit)
