"""Counting: how often somebody was contacted, in each counter, over days and over hours.

A contact takes its place in every counter that it could touch until its outcome is known; then it
keeps the places of what happened. Whoever says nothing is taken to have connected. Counts are of the
lender and every agency together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arrears.recovery.contact import CALLS, MESSAGES, Channel, Outcome
from arrears.recovery.hours import SECOND, SECONDS_OF_DAY, seconds_up
from arrears.recovery.verdict import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from arrears.recovery.contact import PastContact, Purpose

ALL = frozenset(Channel)
REACHED = frozenset({Outcome.EFFECTIVE, Outcome.CONNECTED})


@dataclass(frozen=True, slots=True)
class Counter:
    """What one counter counts, and what each of its counts is of."""

    channels: frozenset[Channel]  #: counted, and stopped when it is full
    outcomes: frozenset[Outcome]  #: counted besides what nobody has said
    of_address: bool = False
    of_debt: bool = False  #: of one person about one debt


COUNTER = {
    Rule.INTERACTIVE_CALLS: Counter(
        frozenset({Channel.INTERACTIVE_CALL}), frozenset({Outcome.EFFECTIVE})
    ),
    Rule.NOTIFICATION_CALLS: Counter(frozenset({Channel.NOTIFICATION_CALL}), REACHED),
    Rule.FAILED_ATTEMPTS: Counter(CALLS, frozenset({Outcome.NOT_CONNECTED}), of_address=True),
    Rule.MESSAGES: Counter(MESSAGES, REACHED),
    Rule.CONTACTS: Counter(ALL, REACHED),
    Rule.CALLS_ABOUT_DEBT: Counter(CALLS, REACHED, of_debt=True),
    Rule.AFTER_TALK: Counter(CALLS, frozenset({Outcome.EFFECTIVE}), of_debt=True),
}
#: A counter, and which of its counts: the address, or the person and the debt.
Key = tuple[Rule, str, str]


@dataclass(slots=True)
class Tally:
    """When the contacts of one count were, at the latest."""

    ends: list[int] = field(default_factory=list)  #: seconds, upwards, ascending
    days: list[int] = field(default_factory=list)  #: ordinals of the debtor's days, ascending

    def full_until(self, limit: int, days: int) -> tuple[int, int] | None:
        """Until when no further contact fits: a second, by hours, and an ordinal, by calendar days.

        Both bind. None while there is room; a limit of 0 is never asked.
        """
        if len(self.ends) < limit:
            return None
        return self.ends[-limit] + days * SECONDS_OF_DAY, self.days[-limit] + days


EMPTY = Tally()


def key_of(rule: Rule, *, address_id: str, person_id: str, debt_id: str) -> Key:
    """Which count of a counter a contact belongs to."""
    counter = COUNTER[rule]
    if counter.of_address:
        return rule, address_id, ""
    if counter.of_debt:
        return rule, person_id, debt_id
    return rule, "", ""


def tallies_of(
    contacts: Iterable[PastContact],
    counted: frozenset[Purpose],
    rules: Iterable[Rule],
    zone: tzinfo,
) -> dict[Key, Tally]:
    """Every count that is not empty, of the counters that a pack has.

    Args:
        contacts: In any order.
        counted: The purposes that count.
        rules: The counters.
        zone: The debtor's own; a contact whose day was another in the zone of then counts on the
            later of both.
    """
    found: dict[Key, Tally] = {}
    wanted = tuple(rules)
    for contact in contacts:
        if contact.purpose not in counted or contact.outcome is Outcome.NOT_MADE:
            continue
        end_s, day = seconds_up(ends_at(contact)), day_of(contact, zone)
        for rule in wanted:
            counter = COUNTER[rule]
            if contact.channel in counter.channels and touches(contact, counter):
                key = key_of(
                    rule,
                    address_id=contact.address_id,
                    person_id=contact.person_id,
                    debt_id=contact.debt_id,
                )
                tally = found.setdefault(key, Tally())
                tally.ends.append(end_s)
                tally.days.append(day)
    for tally in found.values():
        tally.ends.sort()
        tally.days.sort()
    return found


def touches(contact: PastContact, counter: Counter) -> bool:
    """Whether a contact has its place in a counter; without an outcome it has it in all."""
    return contact.outcome is None or contact.outcome in counter.outcomes


def ends_at(contact: PastContact) -> datetime:
    """The last instant at which a contact may have been."""
    return contact.at if contact.until_at is None else contact.until_at


def day_of(contact: PastContact, zone: tzinfo) -> int:
    """Ordinal of the debtor's day of a contact, the later if there are two readings."""
    last = ends_at(contact)
    if contact.until_at is not None:
        last = max(contact.at, last - SECOND)  # a window ends before its end
    day = last.astimezone(zone).toordinal()
    return day if contact.local_on is None else max(day, contact.local_on.toordinal())
