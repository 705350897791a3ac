"""A debtor in Shanghai, who may be contacted about one loan in every ordinary way; tests change one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from arrears.kernel.calendar import WeekendsOnly
from arrears.recovery.contact import (
    ActorKind,
    Address,
    Channel,
    Hold,
    HoldKind,
    Outcome,
    PastContact,
    Person,
    Purpose,
    Role,
    Verification,
)
from arrears.recovery.gate_rules import RULE_OF_HOLD, GateRules, Limit, QuietHours
from arrears.recovery.known import ActorStanding, Attempt, Debt, Inbound, Known, Template
from arrears.recovery.verdict import Reason, Rule

SHANGHAI = ZoneInfo("Asia/Shanghai")
ANYBODY = frozenset(ActorKind)
COLLECTS = frozenset({Purpose.COLLECTION})
#: A Tuesday, ten in the morning.
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
LATER = date(2027, 6, 30)


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The instant at which a clock of a zone shows a time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def rules(**changes: object) -> GateRules:
    """Rules as the Chinese pack has them on most days, written out, so that a test reads alone."""
    limits = {
        Rule.INTERACTIVE_CALLS: (3, 1),
        Rule.NOTIFICATION_CALLS: (3, 1),
        Rule.FAILED_ATTEMPTS: (6, 1),
        Rule.MESSAGES: (1, 1),
        Rule.CONTACTS: (3, 7),
    }
    made = GateRules(
        pack="cn",
        on=date(2026, 11, 24),
        policy_digest="0" * 64,
        quiet_hours=(QuietHours(from_minute=1320, until_minute=480, binds=ANYBODY, yields=True),),
        quiet_hours_rest_days=(
            QuietHours(from_minute=1200, until_minute=600, binds=ANYBODY, yields=True),
        ),
        quiet_hours_stop=frozenset(Purpose) - {Purpose.ANSWER},
        holds_stop={
            kind: COLLECTS | ({Purpose.SERVICE} if kind is HoldKind.OPT_OUT else set())
            for kind in RULE_OF_HOLD
        },
        limits=tuple(
            Limit(rule=rule, limit=limit, days=days, binds=ANYBODY)
            for rule, (limit, days) in limits.items()
        ),
        counters_stop=COLLECTS,
        counters_count=frozenset(Purpose) - {Purpose.ANSWER},
        permit_minutes=30,
        answer_days=3,
        visits_allowed=False,
        visit_persons_min=2,
        unreachable_days=3,
        contact_person_when=frozenset(
            {"debtor_cannot_be_reached", "debtor_dead", "debtor_without_full_capacity"}
        ),
        consent_for=frozenset(),
        notice_channels=("inbox", "letter", "email", "sms"),
        breathing_space_days=None,
        validation_days=None,
        validation_binds=frozenset(),
        assignment_binds=True,
        reasons={rule: Reason(rule=rule, rests_on=()) for rule in Rule},
        rests_on=(),
    )
    return replace(made, **changes)


def with_limits(given: GateRules, **limits: int) -> GateRules:
    """Rules with other numbers in some counters, by the counter's name; 0 for never."""
    return replace(
        given,
        limits=tuple(
            replace(each, limit=limits.get(each.rule.value, each.limit)) for each in given.limits
        ),
    )


def template(template_id: str = "remind", **changes: object) -> Template:
    """A reminder for the debtor that anybody may send in any channel, and that says all it must."""
    made = Template(
        template_id=template_id,
        text_sha256="0" * 64,
        signed_off_by="A. Counsel",
        expires_on=LATER,
        locale="zh-CN",
        channels=frozenset(Channel),
        audience=frozenset(Role) - {Role.UNRELATED},
        asks_for_payment=True,
        threatens=False,
        mentions_debt=True,
        preview_reveals_debt=False,
        verifies_first=True,
        names_lender=True,
        names_creditor=True,
        says_how_to_verify=True,
        says_it_is_ai=True,
        hands_over=True,
        consequences=frozenset(),
    )
    return replace(made, **changes)


QUESTION = template(
    "where-is",
    audience=frozenset({Role.UNRELATED}),
    asks_for_payment=False,
    mentions_debt=False,
    names_creditor=False,
)
NOTICE = template("notice", asks_for_payment=False)
ADDRESSES = {
    "phone": "phone",
    "phone-2": "phone",
    "mail": "email",
    "home": "post",
    "inbox": "inbox",
}


def known(**changes: object) -> Known:
    """What is known of the debtor, at event 7 of the case."""
    people = [
        Person(person_id="debtor", role=Role.DEBTOR, locale="zh-CN"),
        Person(person_id="friend", role=Role.UNRELATED, locale="zh-CN"),
        Person(person_id="spouse", role=Role.JOINTLY_LIABLE, locale="zh-CN", has_document=True),
        Person(person_id="lawyer", role=Role.REPRESENTATIVE, locale="zh-CN", has_document=True),
        Person(person_id="heir", role=Role.HEIR, locale="zh-CN", has_document=True),
    ]
    addresses = [address(each, kind, "debtor") for each, kind in ADDRESSES.items()]
    addresses += [
        address(f"{each}-phone", "phone", each) for each in ("friend", "spouse", "lawyer", "heir")
    ]
    until = {"tested_until_on": LATER, "contract_until_on": LATER, "evaluated_until_on": LATER}
    kinds = {
        "staff": ActorKind.OWN_STAFF,
        "voice": ActorKind.AI_VOICE,
        "system": ActorKind.SYSTEM,
        "agency": ActorKind.AGENCY,
        "agency-2": ActorKind.AGENCY,
        "buyer": ActorKind.TRANSFEREE,
    }
    made = Known(
        last_event=7,
        zone=SHANGHAI,
        calendar=WeekendsOnly(),
        persons={each.person_id: each for each in people},
        addresses={each.address_id: each for each in addresses},
        actors={
            key: ActorStanding(actor_id=key, kind=kind, is_listed=True, **until)
            for key, kind in kinds.items()
        },
        debts={"loan": Debt(debt_id="loan", is_owed=True, placed_with="agency")},
        templates={each.template_id: each for each in (template(), QUESTION, NOTICE)},
    )
    return replace(made, **changes)


def address(address_id: str, kind: str, person_id: str, **changes: object) -> Address:
    """An open address at which the right person answers."""
    made = Address(
        address_id=address_id,
        person_id=person_id,
        channel_kind=kind,
        verification=Verification.RIGHT_PARTY,
    )
    return replace(made, **changes)


def attempt(**changes: object) -> Attempt:
    """A text message of the system to the debtor, at noon."""
    made = Attempt(
        at=NOON,
        purpose=Purpose.COLLECTION,
        channel=Channel.SMS,
        actor_id="system",
        person_id="debtor",
        address_id="phone",
        debt_id="loan",
        template_id="remind",
    )
    return replace(made, **changes)


def call(**changes: object) -> Attempt:
    """A call of the lender's staff to the debtor, at noon."""
    return attempt(**{"channel": Channel.INTERACTIVE_CALL, "actor_id": "staff", **changes})


def contact(
    at: datetime, outcome: Outcome | None = Outcome.EFFECTIVE, **changes: object
) -> PastContact:
    """A call of the lender's staff that was made at an instant; without an outcome, a permit's window."""
    made = PastContact(
        permit_id=f"permit-{at.isoformat()}",
        at=at,
        until_at=at + timedelta(minutes=30) if outcome is None else None,
        debt_id="loan",
        actor_id="staff",
        address_id="phone",
        person_id="debtor",
        channel=Channel.INTERACTIVE_CALL,
        purpose=Purpose.COLLECTION,
        outcome=outcome,
    )
    return replace(made, **changes)


def hold(kind: HoldKind, **changes: object) -> Hold:
    """A hold since the day before noon, until it is lifted."""
    return replace(Hold(kind=kind, since_at=NOON - timedelta(days=1), until_at=None), **changes)


def inbound(at: datetime, **changes: object) -> Inbound:
    """A text message that the debtor sent us."""
    made = Inbound(at=at, person_id="debtor", address_id="phone", channel=Channel.SMS)
    return replace(made, **changes)
