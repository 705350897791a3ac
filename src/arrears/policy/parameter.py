"""A parameter: one number or rule of law or policy, by date, each value with its source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from arrears.policy.value import Unit, Value, ValueType

#: In `yields_to`: nothing prevails over the parameter.
NOTHING = "none"
#: In `yields_to`: the contract may say otherwise.
AGREEMENT = "agreement"
#: In `yields_to`: what the debtor asked for in a record of its own prevails, never a clause.
DEBTOR_AGREEMENT = "debtor_agreement"


@unique
class Force(StrEnum):
    """What kind of text a value rests on, the weightiest first."""

    STATUTE = "statute"
    REGULATOR_RULE = "regulator_rule"
    JUDICIAL = "judicial"  #: interpretation or opinion of the Supreme People's Court
    RECOMMENDED_STANDARD = "recommended_standard"  #: GB/T
    SELF_DISCIPLINE = "self_discipline"  #: of an association, binding its members
    GUIDANCE = "guidance"  #: window guidance, regulator's practice
    LENDER_POLICY = "lender_policy"


@unique
class Status(StrEnum):
    """Whether somebody read the article's own text."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@unique
class Anchor(StrEnum):
    """Which date of the case selects the value."""

    CONTRACT = "contract"  #: contract or drawdown date
    CONTACT = "contact"  #: the contact attempt
    DECISION = "decision"  #: application or decision date
    BUSINESS = "business"  #: business date of the evaluation
    EVENT = "event"  #: date of the event the parameter names
    RECORD = "record"  #: date the record was made


@unique
class Level(StrEnum):
    """Who set the value. A lower level may only be stricter; contracts are checked at booking."""

    LAW = "law"
    LENDER = "lender"
    PRODUCT = "product"
    CONTRACT = "contract"


#: From the lowest to the highest: the first that speaks gives the value.
LEVELS_FROM_LOWEST = (Level.CONTRACT, Level.PRODUCT, Level.LENDER, Level.LAW)


@unique
class Stricter(StrEnum):
    """Which way a lower level may move a value: the direction that protects more."""

    LOWER = "lower"  #: a smaller number, a smaller upper end, a smaller set
    HIGHER = "higher"  #: a larger number, a larger set, a flag that is up
    NONE = "none"  #: not at all, unless the parameter yields to agreement


@unique
class Effect(StrEnum):
    """What the parameter does, which decides how far an unverified one may be relied on."""

    RESTRICTION = "restriction"  #: binds even if unverified
    PERMISSION = "permission"  #: if unverified, to be ratified by the lender before it is used
    DEFINITION = "definition"  #: names, bounds and orders that nobody needs leave for


@unique
class Licence(StrEnum):
    """What the lender is."""

    BANK = "bank"
    CONSUMER_FINANCE_COMPANY = "consumer_finance_company"  #: 消费金融公司
    AUTO_FINANCE_COMPANY = "auto_finance_company"
    MICRO_LENDER = "micro_lender"  #: 小额贷款公司
    LOCAL_FINANCIAL_BODY = "local_financial_body"  #: the other local bodies of the 2020 reply
    PRIVATE_LENDER = "private_lender"  #: nobody licensed to lend; private lending (民间借贷)


@unique
class Product(StrEnum):
    """What was lent."""

    INSTALMENT_LOAN = "instalment_loan"
    REVOLVING_LINE = "revolving_line"
    CREDIT_CARD = "credit_card"


@unique
class Actor(StrEnum):
    """Whom the parameter binds; who contacts somebody has the same word in `recovery.contact`."""

    LENDER = "lender"  #: whoever acts inside it: its staff, its voices, its systems
    OWN_STAFF = "own_staff"
    AI_VOICE = "ai_voice"
    SYSTEM = "system"  #: messages that nobody writes by hand
    AGENCY = "agency"  #: a third party that collects for the creditor
    TRANSFEREE = "transferee"  #: who bought the debt
    COURT = "court"


#: Who acts inside the lender: what binds the lender binds each of them.
INSIDE_THE_LENDER = frozenset({Actor.OWN_STAFF, Actor.AI_VOICE, Actor.SYSTEM})


@unique
class CreditorKind(StrEnum):
    """To whom the debt is owed now."""

    ORIGINAL_LENDER = "original_lender"
    TRANSFEREE = "transferee"  #: it was assigned
    GUARANTOR = "guarantor"  #: who paid the lender and took its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """To whom and what a parameter applies; an empty set means all."""

    licences: frozenset[Licence]
    products: frozenset[Product]
    actors: frozenset[Actor]
    creditor_kinds: frozenset[CreditorKind]

    def covers(self, *, licence: Licence, product: Product) -> bool:
        """Whether a contract of this lender and product falls under the parameter."""
        return (not self.licences or licence in self.licences) and (
            not self.products or product in self.products
        )

    def binds(self, *, actor: Actor, creditor: CreditorKind) -> bool:
        """Whether the parameter binds somebody who acts for a creditor of a kind."""
        acts_for_lender = actor in INSIDE_THE_LENDER and Actor.LENDER in self.actors
        return (not self.actors or actor in self.actors or acts_for_lender) and (
            not self.creditor_kinds or creditor in self.creditor_kinds
        )

    def __str__(self) -> str:
        """The scope in words: licences: bank; products: any; actors: lender."""
        return "; ".join(f"{key}: {', '.join(words)}" for key, words in self.as_document().items())

    def as_document(self) -> dict[str, list[str]]:
        """The scope as in the file: sorted words, `any` for all."""
        return {
            "licences": _words_or_any(self.licences),
            "products": _words_or_any(self.products),
            "actors": _words_or_any(self.actors),
            "creditor_kinds": _words_or_any(self.creditor_kinds),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a value comes from, so that a reader can look it up."""

    title: str
    locator: str  #: article, item, page
    url: str  #: of the text, or of the second-hand report, that was read; "none" if from memory
    published_on: date  #: nobody could know the value before
    published_is_exact: bool  #: False: the first day on which it was certainly public


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One value and the days on which it is in force, half-open [from_on, until_on)."""

    from_on: date
    until_on: date | None  #: first day on which it is no longer in force; None: open
    value: Value
    citation: Citation
    from_is_exact: bool  #: False: from_on is the earliest day that the source proves

    def contains(self, day: date) -> bool:
        """Whether the value is in force on a day."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One file: a parameter at one level, with all values it ever had, oldest first."""

    id: str  #: jurisdiction.domain.name; also the file's place
    meaning: str  #: one sentence, plain words
    type: ValueType
    unit: Unit
    anchor: Anchor
    level: Level
    force: Force
    effect: Effect
    stricter: Stricter
    scope: Scope
    yields_to: tuple[str, ...]  #: AGREEMENT, DEBTOR_AGREEMENT, ids that prevail; empty: nothing
    steps: tuple[Step, ...]
    verified_through: date  #: someone has looked at the source up to this day, inclusive
    status: Status
    note: str  #: what is doubtful, second-hand or unknown; empty only if nothing is

    @property
    def yields_to_agreement(self) -> bool:
        """Whether the contract may say otherwise."""
        return AGREEMENT in self.yields_to

    @property
    def yields_to_debtor(self) -> bool:
        """Whether a record that the debtor asked for prevails; no level may move the value."""
        return DEBTOR_AGREEMENT in self.yields_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratification:
    """A lender's word that one unverified value was read in its text and is relied on, for a time.

    It makes nothing verified: the value stays unverified, and is shown as ratified by this lender.
    """

    parameter_id: str
    value: str  #: as the policy file has it; another value is not ratified by it
    person: str  #: name and office
    text_read: str  #: title and place of the text that the person read
    text_file: str  #: the text itself, kept in the lender's policy directory
    text_sha256: str  #: of that file, hexadecimal
    ratified_on: date
    expires_on: date  #: first day on which it no longer holds

    def covers(self, parameter_id: str, value: str, on: date) -> bool:
        """Whether a parameter's value is ratified on a day."""
        is_same = (self.parameter_id, self.value) == (parameter_id, value)
        return is_same and self.ratified_on <= on < self.expires_on


def _words_or_any(members: Iterable[StrEnum]) -> list[str]:
    return sorted(str(member) for member in members) or ["any"]
