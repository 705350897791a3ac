"""Whether somebody can be reached: computed from what was tried, and undone by any sign of life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.recovery.contact import MESSAGES, Outcome, Role, Verification

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.recovery.contact import PastContact
    from arrears.recovery.known import Known


def is_out_of_reach(known: Known, days_min: int) -> bool:
    """Whether every own address was tried in vain on so many different days, since a sign of life.

    A call is in vain if it did not connect; a message if nobody has answered it, for an answer is a
    sign of life. What nobody has said of a contact counts as connected, and so does not help.
    Without any own address that is open nothing was tried, and nobody is out of reach.

    Args:
        known: What is known of the debtor.
        days_min: Of the debtor's own calendar.
    """
    if known.zone is None:
        return False
    own = {
        each.address_id
        for each in known.addresses.values()
        if (person := known.persons.get(each.person_id)) is not None
        and person.role is Role.DEBTOR
        and not each.is_closed
        and each.verification is not Verification.WRONG_PARTY
    }
    since = last_sign_of_life(known)
    tried: dict[str, set[date]] = {address_id: set() for address_id in own}
    for contact in known.contacts:
        is_after = since is None or contact.at > since
        if contact.address_id in own and is_after and was_in_vain(contact):
            tried[contact.address_id].add(contact.at.astimezone(known.zone).date())
    return bool(own) and all(len(days) >= days_min for days in tried.values())


def was_in_vain(contact: PastContact) -> bool:
    """Whether a contact that was made reached nobody as far as is known."""
    if contact.channel in MESSAGES:
        return contact.outcome in {Outcome.CONNECTED, Outcome.NOT_CONNECTED}
    return contact.outcome is Outcome.NOT_CONNECTED


def last_sign_of_life(known: Known) -> datetime | None:
    """The last instant at which the debtor did or said anything, or may have."""
    debtors = {key for key, person in known.persons.items() if person.role is Role.DEBTOR}
    signs = [each.at for each in known.inbound if each.person_id in debtors]
    if known.last_sign_of_life_at is not None:
        signs.append(known.last_sign_of_life_at)
    signs += [
        contact.at
        for contact in known.contacts
        if contact.person_id in debtors
        and contact.outcome is not Outcome.NOT_MADE
        and not was_in_vain(contact)
    ]
    return max(signs, default=None)
