"""The words of contact: why, how, by whom and to whom; one attempt, what is known, and the answer.

Every message and every call to somebody about a debt is an `Attempt`. `recovery.gate` answers it
from `Known` alone. Instants are aware UTC datetimes, days are of the debtor's own calendar. An
address here is an id: what it stands for is personal data and never enters these rooms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime, time


class Word(StrEnum):
    """One word of a closed list; hashed as its text, for the gate looks words up a million times."""

    __hash__ = str.__hash__


@unique
class Purpose(Word):
    """Why somebody is contacted; holds and counters name the purposes that they stop."""

    COLLECTION = "collection"  #: asks for payment, or threatens: whatever the sender calls it
    STATUTORY_NOTICE = "statutory_notice"  #: what a rule makes the lender say
    SERVICE = "service"  #: receipts, releases, what the borrower ordered to be told
    ANSWER = "answer"  #: to what the person asked, in the channel the person used


@unique
class Channel(Word):
    """How: a live conversation, a call that only tells, or something to read."""

    INTERACTIVE_CALL = "interactive_call"
    NOTIFICATION_CALL = "notification_call"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    INBOX = "inbox"  #: inside the lender's own application, read when the person opens it
    VISIT = "visit"


CALLS = frozenset({Channel.INTERACTIVE_CALL, Channel.NOTIFICATION_CALL})
#: What is read rather than heard.
MESSAGES = frozenset({Channel.SMS, Channel.EMAIL, Channel.LETTER, Channel.INBOX})
#: Which kind of address each channel needs.
ADDRESS_KIND = {
    Channel.INTERACTIVE_CALL: "phone",
    Channel.NOTIFICATION_CALL: "phone",
    Channel.SMS: "phone",
    Channel.EMAIL: "email",
    Channel.LETTER: "post",
    Channel.VISIT: "post",
    Channel.INBOX: "inbox",
}


@unique
class ActorKind(Word):
    """Who acts for the creditor."""

    OWN_STAFF = "own_staff"
    AI_VOICE = "ai_voice"
    SYSTEM = "system"  #: messages that nobody writes by hand
    AGENCY = "agency"
    TRANSFEREE = "transferee"  #: who bought the debt


@unique
class Role(Word):
    """What a person is to the debt."""

    DEBTOR = "debtor"
    JOINTLY_LIABLE = "jointly_liable"  #: the document that says so is attached
    REPRESENTATIVE = "representative"  #: lawyer, guardian, debt adviser
    HEIR = "heir"
    UNRELATED = "unrelated"  #: may be asked how to reach the debtor, and nothing else


@unique
class Outcome(Word):
    """What became of an attempt; whoever says nothing is taken to have connected."""

    EFFECTIVE = "effective"  #: somebody talked with us
    CONNECTED = "connected"  #: answered or delivered, no conversation
    NOT_CONNECTED = "not_connected"
    NOT_MADE = "not_made"  #: the permit was given back unused


@unique
class Verification(Word):
    """Whether the right person answers at an address; until then no debt is mentioned there."""

    RIGHT_PARTY = "right_party"
    WRONG_PARTY = "wrong_party"
    UNVERIFIED = "unverified"


@unique
class HoldKind(Word):
    """Why contact is held back."""

    DISPUTE = "dispute"
    COMPLAINT = "complaint"
    HARDSHIP_REQUEST = "hardship_request"
    KEPT_PLAN = "kept_plan"
    PROMISE = "promise"  #: not yet due
    CLAIMED_PAID = "claimed_paid"
    DEATH = "death"
    INCAPACITY = "incapacity"
    REPRESENTED = "represented"
    BREATHING_SPACE = "breathing_space"
    MEDICAL_CRISIS = "medical_crisis"  #: any sign of self-harm is one
    OPT_OUT = "opt_out"  #: of one channel; a channel for notices is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Contact held back from an instant on."""

    kind: HoldKind
    since_at: datetime
    until_at: datetime | None  #: None: until it is lifted
    channel: Channel | None = None  #: None: every channel
    debt_id: str | None = None  #: None: every debt


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One number, mailbox or place of one person."""

    address_id: str
    person_id: str
    channel_kind: str  #: phone, email, post or inbox
    is_closed: bool = False  #: a wrong number, closed for everyone for good
    has_consent: bool = False  #: beyond the contract, where a rule asks for it
    verification: Verification = Verification.UNVERIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who could be contacted."""

    person_id: str
    role: Role
    locale: str | None = None  #: such as "zh-CN"; None: not known, so nothing is worded for them
    has_document: bool = False  #: what makes the person liable, or a representative
    has_refused: bool = False  #: an unrelated person who does not want to be asked again
    offered_to_pay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedHours:
    """Hours that the debtor asked for in a record of its own; never a clause of standard terms."""

    from_time: time  #: the debtor's own clock
    until_time: time
    asked_on: date
    ends_on: date  #: first day on which they no longer hold
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastContact:
    """A permit that was given, and what is known of what became of it.

    While nobody has said what became of it, it may have been used at any instant of its window,
    and it takes its place in every counter that it could touch.
    """

    permit_id: str
    at: datetime  #: when it happened; until that is known, from when it could
    until_at: datetime | None = None  #: until when it could; None: it happened at `at`
    local_on: date | None = None  #: the debtor's day as it was told then, for a zone that moved
    debt_id: str
    actor_id: str
    address_id: str
    person_id: str
    channel: Channel
    purpose: Purpose  #: as the gate read it, not as it was called
    outcome: Outcome | None  #: None: nobody has said, so it counts as connected
