"""What is asked and what is known: one attempt at a contact, and one debtor as the gate sees them.

Whoever fills `Known` reads it under the debtor's lock. What is left out is not known, and what is
not known refuses: no field has a default that permits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import unique
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.recovery.contact import Role, Word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

    from arrears.kernel.calendar import HolidayCalendar
    from arrears.recovery.contact import (
        ActorKind,
        Address,
        AgreedHours,
        Channel,
        Hold,
        PastContact,
        Person,
        Purpose,
    )


@unique
class Consequence(Word):
    """What a text may say will follow; said only where it is true of this case now."""

    SUIT = "suit"  #: approved, and within limitation
    BUREAU_REPORT = "bureau_report"  #: after notice, and the days to pay or dispute
    AGENCY_PLACEMENT = "agency_placement"  #: placed
    ACCELERATION = "acceleration"  #: the contract has it
    LINE_FROZEN = "line_frozen"  #: it is
    PENALTY = "penalty"  #: it runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An approved text: what it says and does, as whoever signed it off declared and we found."""

    template_id: str
    text_sha256: str  #: of the text that was signed off; another text is another template
    signed_off_by: str  #: empty: nobody has
    expires_on: date  #: first day on which it may no longer be used
    locale: str
    channels: frozenset[Channel]
    audience: frozenset[Role]
    asks_for_payment: bool
    threatens: bool
    mentions_debt: bool
    preview_reveals_debt: bool  #: a subject line, a preview, or what a voicemail would hear
    verifies_first: bool  #: a script that makes sure of the person before it mentions a debt
    names_lender: bool
    names_creditor: bool
    says_how_to_verify: bool
    says_it_is_ai: bool
    hands_over: bool  #: an AI voice puts a person on the line when asked
    consequences: frozenset[Consequence]
    refused_phrases: frozenset[str] = frozenset()  #: kinds found by `recovery.words` in the text

    def __post_init__(self) -> None:
        """A text for people whom the debt does not concern cannot speak of it.

        Raises:
            ArrearsError: `contact.tells_others`.
        """
        tells = self.mentions_debt or self.asks_for_payment or self.threatens or self.consequences
        if tells and Role.UNRELATED in self.audience:
            raise ArrearsError(
                "contact.tells_others",
                where=f"template {self.template_id}",
                expected="a text that asks how to reach somebody, and nothing else",
                got="one that speaks of a debt to people whom it does not concern",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorStanding:
    """Somebody who acts for the creditor, and until when each thing that it takes holds.

    Dates are the first day on which it no longer holds; None: never shown, or never asked for.
    """

    actor_id: str
    kind: ActorKind
    is_listed: bool  #: on the white list
    tested_until_on: date | None = None  #: staff, and the staff of an agency
    contract_until_on: date | None = None  #: agencies
    evaluated_until_on: date | None = None  #: agencies
    is_suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """One account as far as a contact about it goes; figures of money never enter the gate."""

    debt_id: str
    is_owed: bool  #: something is unpaid, or will fall due
    is_penalty_running: bool = False
    is_line_frozen: bool = False
    has_acceleration: bool = False
    is_suit_approved: bool = False
    suit_possible_until_on: date | None = None  #: last day within limitation; None: not known
    report_notice_at: datetime | None = None  #: of this overdue spell
    validation_notice_at: datetime | None = None
    assigned_at: datetime | None = None
    assignment_notice_at: datetime | None = None
    placed_with: str | None = None  #: the agency's id; None: not placed, or recalled


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Something a person sent or said to us; the only thing that an `answer` can answer."""

    at: datetime
    person_id: str
    address_id: str
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One contact that somebody wants to make."""

    at: datetime  #: aware, UTC
    purpose: Purpose | None  #: as the sender calls it; None: unknown
    channel: Channel
    actor_id: str
    person_id: str
    address_id: str
    debt_id: str
    template_id: str
    persons: int = 1  #: who go to a visit together


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of one debtor, at the event that `last_event` numbers."""

    last_event: int  #: number of the last event on the case; permits older than it are dead
    zone: tzinfo | None  #: the debtor's own; None: unknown
    calendar: HolidayCalendar
    persons: Mapping[str, Person] = field(default_factory=dict)
    addresses: Mapping[str, Address] = field(default_factory=dict)
    actors: Mapping[str, ActorStanding] = field(default_factory=dict)
    debts: Mapping[str, Debt] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    agreed_hours: tuple[AgreedHours, ...] = ()
    contacts: tuple[PastContact, ...] = ()  #: of lender and every agency, in any order
    inbound: tuple[Inbound, ...] = ()
    last_sign_of_life_at: datetime | None = None  #: besides what is in `inbound` and `contacts`
