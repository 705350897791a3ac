"""The gate's facts and holds: one thing is changed, and exactly the rules it touches stand in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from scene import (
    NOON,
    QUESTION,
    address,
    attempt,
    call,
    contact,
    hold,
    inbound,
    known,
    local,
    rules,
    template,
)

from arrears.kernel.errors import ArrearsError
from arrears.recovery.contact import Channel, HoldKind, Outcome, Purpose, Role, Verification
from arrears.recovery.gate import decide, recheck
from arrears.recovery.known import Attempt, Consequence, Debt
from arrears.recovery.verdict import Allowed, Permit, Refused, Rule

if TYPE_CHECKING:
    from arrears.recovery.known import Known


def broken(asked: Attempt, given: Known, **changes: object) -> set[Rule]:
    """The rules that stand in the way; empty: allowed."""
    verdict = decide(asked, given, rules(**changes))
    return set(verdict.rules) if isinstance(verdict, Refused) else set()


def with_template(**changes: object) -> Known:
    """The debtor, the reminder changed."""
    made = known()
    return replace(made, templates={**made.templates, "remind": template(**changes)})


def with_address(address_id: str = "phone", **changes: object) -> Known:
    """The debtor, one address changed."""
    made = known()
    changed = replace(made.addresses[address_id], **changes)
    return replace(made, addresses={**made.addresses, address_id: changed})


def with_debt(**changes: object) -> Known:
    """The debtor, the loan changed."""
    made = known()
    return replace(made, debts={"loan": replace(made.debts["loan"], **changes)})


def with_actor(actor_id: str, **changes: object) -> Known:
    """The debtor, one actor changed."""
    made = known()
    changed = replace(made.actors[actor_id], **changes)
    return replace(made, actors={**made.actors, actor_id: changed})


def test_an_ordinary_message_is_allowed_on_terms() -> None:
    """Thirty minutes on the debtor's day, dead with the next event, a place in each counter."""
    verdict = decide(attempt(), known(), rules())
    assert isinstance(verdict, Allowed)
    assert (verdict.from_at, verdict.until_at) == (NOON, NOON + timedelta(minutes=30))
    assert (verdict.local_on, verdict.after_event) == (date(2026, 11, 24), 7)
    assert verdict.counters == (Rule.MESSAGES, Rule.CONTACTS)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"purpose": None}, Rule.UNKNOWN_PURPOSE),
        ({"actor_id": "nobody"}, Rule.UNKNOWN_ACTOR),
        ({"person_id": "nobody"}, Rule.UNKNOWN_PERSON),
        ({"address_id": "nowhere"}, Rule.UNKNOWN_ADDRESS),
        ({"address_id": "friend-phone"}, Rule.UNKNOWN_ADDRESS),
        ({"address_id": "mail"}, Rule.UNKNOWN_ADDRESS),
        ({"debt_id": "none"}, Rule.UNKNOWN_DEBT),
        ({"template_id": "none"}, Rule.UNKNOWN_TEMPLATE),
    ],
)
def test_what_is_unknown_refuses(changes: dict[str, object], rule: Rule) -> None:
    """A purpose, actor, person, address, debt or template nobody knows, or another's address."""
    assert rule in broken(attempt(**changes), known())


def test_an_unknown_zone_refuses() -> None:
    """Without the debtor's own clock there is no hour at which they may be disturbed."""
    verdict = decide(attempt(), known(zone=None), rules())
    assert isinstance(verdict, Refused)
    assert verdict.rules == (Rule.UNKNOWN_ZONE,)
    assert verdict.earliest_next_at is None


@pytest.mark.parametrize("called", [Purpose.SERVICE, Purpose.STATUTORY_NOTICE, Purpose.ANSWER])
@pytest.mark.parametrize("trait", ["asks_for_payment", "threatens"])
def test_a_text_that_asks_or_threatens_collects(called: Purpose, trait: str) -> None:
    """Whatever it is called: a dispute stops it, and the permit says what it is."""
    words = {"asks_for_payment": False, "threatens": False, trait: True}
    given = with_template(**words)
    assert broken(attempt(purpose=called), replace(given, holds=(hold(HoldKind.DISPUTE),))) == {
        Rule.HOLD_DISPUTE
    }
    verdict = decide(attempt(purpose=called), given, rules())
    assert isinstance(verdict, Allowed)
    assert verdict.purpose is Purpose.COLLECTION


@pytest.mark.parametrize("kind", [kind for kind in HoldKind if kind is not HoldKind.OPT_OUT])
def test_every_hold_stops_collecting_until_it_ends(kind: HoldKind) -> None:
    """Until it is lifted, or from the instant it ends; a notice goes out meanwhile."""
    given = known(holds=(hold(kind),))
    assert broken(attempt(), given) == {Rule(f"hold_{kind.value}")}
    notice = attempt(purpose=Purpose.STATUTORY_NOTICE, template_id="notice")
    assert broken(notice, given) == set()
    ends = NOON + timedelta(days=2)
    verdict = decide(attempt(), known(holds=(hold(kind, until_at=ends),)), rules())
    assert isinstance(verdict, Refused)
    assert verdict.earliest_next_at == ends
    assert broken(attempt(at=ends), known(holds=(hold(kind, until_at=ends),))) == set()


def test_a_hold_may_be_of_one_debt_or_one_channel() -> None:
    """What is disputed is one loan; the other may be spoken of, and the other way about."""
    given = known(
        holds=(hold(HoldKind.DISPUTE, debt_id="loan"),),
        debts={"loan": Debt(debt_id="loan", is_owed=True), "b": Debt(debt_id="b", is_owed=True)},
    )
    assert broken(attempt(), given) == {Rule.HOLD_DISPUTE}
    assert broken(attempt(debt_id="b"), given) == set()


def test_an_opt_out_leaves_one_channel_for_notices() -> None:
    """It stops collecting and service in its channel, and notices while another channel is left."""
    text_only = known(holds=(hold(HoldKind.OPT_OUT, channel=Channel.SMS),))
    assert broken(attempt(), text_only) == {Rule.OPTED_OUT}
    notice = attempt(purpose=Purpose.STATUTORY_NOTICE, template_id="notice")
    assert broken(notice, text_only) == {Rule.OPTED_OUT}
    mailed = replace(notice, channel=Channel.EMAIL, address_id="mail")
    assert broken(mailed, text_only) == set()
    everything = known(holds=(hold(HoldKind.OPT_OUT),))
    inbox = replace(notice, channel=Channel.INBOX, address_id="inbox")
    assert broken(mailed, everything) == {Rule.OPTED_OUT}
    assert broken(inbox, everything) == set()
    assert broken(replace(inbox, template_id="remind"), everything) == {Rule.OPTED_OUT}


def test_who_has_a_lawyer_is_not_called_but_the_lawyer_is() -> None:
    """A represented debtor's representative may be spoken to, with the document that makes them one."""
    given = known(holds=(hold(HoldKind.REPRESENTED),))
    lawyer = call(person_id="lawyer", address_id="lawyer-phone")
    assert broken(call(), given) == {Rule.HOLD_REPRESENTED}
    assert broken(lawyer, given) == set()


@pytest.mark.parametrize("role", ["spouse", "lawyer", "heir"])
def test_who_owes_by_a_document_has_it_on_file(role: str) -> None:
    """Jointly liable, representative, heir: nothing without the document."""
    given = known()
    person = replace(given.persons[role], has_document=False)
    bare = replace(given, persons={**given.persons, role: person})
    asked = call(person_id=role, address_id=f"{role}-phone")
    assert broken(asked, given) == set()
    assert broken(asked, bare) == {Rule.LIABILITY_DOCUMENT}


def test_an_unrelated_person_is_asked_only_to_reach_the_debtor() -> None:
    """When every own channel failed on three days; not before, not after a no, never about a debt."""
    asked = call(person_id="friend", address_id="friend-phone", template_id="where-is")
    assert Rule.UNRELATED_ONLY_TO_REACH in broken(asked, known())
    lost = known(contacts=in_vain())
    assert broken(asked, lost) == set()
    refuses = replace(lost.persons["friend"], has_refused=True)
    silenced = replace(lost, persons={**lost.persons, "friend": refuses})
    assert broken(asked, silenced) == {Rule.UNRELATED_REFUSED}
    assert Rule.TEMPLATE_AUDIENCE in broken(replace(asked, template_id="remind"), lost)
    dead = known(holds=(hold(HoldKind.DEATH),))
    assert broken(asked, dead) == set()
    assert broken(asked, dead, contact_person_when=frozenset()) == {
        Rule.UNRELATED_ONLY_TO_REACH,
        Rule.HOLD_DEATH,
    }


def in_vain() -> tuple[object, ...]:
    """Every own address tried in vain on three days, two weeks ago."""
    channels = {
        "phone": Channel.INTERACTIVE_CALL,
        "phone-2": Channel.NOTIFICATION_CALL,
        "mail": Channel.EMAIL,
        "home": Channel.LETTER,
        "inbox": Channel.INBOX,
    }
    return tuple(
        contact(
            NOON - timedelta(days=14 - day),
            Outcome.NOT_CONNECTED,
            address_id=address_id,
            channel=channel,
            permit_id=f"{address_id}-{day}",
        )
        for address_id, channel in channels.items()
        for day in range(3)
    )


def test_any_sign_of_life_ends_being_out_of_reach() -> None:
    """A message from the debtor, an answered call, a payment: nobody else may be asked again."""
    asked = call(person_id="friend", address_id="friend-phone", template_id="where-is")
    yesterday = NOON - timedelta(days=1)
    for given in (
        known(contacts=in_vain(), inbound=(inbound(yesterday),)),
        known(contacts=in_vain(), last_sign_of_life_at=yesterday),
        known(contacts=(*in_vain(), contact(yesterday, Outcome.CONNECTED))),
        known(contacts=(*in_vain(), contact(yesterday, None))),
        known(contacts=in_vain()[1:]),
    ):
        assert broken(asked, given) == {Rule.UNRELATED_ONLY_TO_REACH}


def test_a_text_for_others_cannot_speak_of_a_debt() -> None:
    """It cannot be expressed: making such a template is an error, whoever would send it."""
    for trait in ("mentions_debt", "asks_for_payment", "threatens"):
        with pytest.raises(ArrearsError, match=r"contact\.tells_others"):
            replace(QUESTION, **{trait: True})


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"is_closed": True}, Rule.CLOSED_ADDRESS),
        ({"verification": Verification.WRONG_PARTY}, Rule.WRONG_PARTY),
        ({"verification": Verification.UNVERIFIED}, Rule.UNVERIFIED_PARTY),
    ],
)
def test_the_right_person_is_there_before_a_debt_is_mentioned(
    changes: dict[str, object], rule: Rule
) -> None:
    """A wrong number is closed for all; an unverified one hears of no debt."""
    assert broken(attempt(), with_address(**changes)) == {rule}


def test_a_call_may_make_sure_of_the_person_first() -> None:
    """An unverified number may be called by a script that asks first, and by no other."""
    given = with_address(verification=Verification.UNVERIFIED)
    assert broken(call(), given) == set()
    blunt = replace(given, templates={"remind": template(verifies_first=False)})
    assert broken(call(), blunt) == {Rule.UNVERIFIED_PARTY}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"signed_off_by": ""}, Rule.TEMPLATE_NOT_SIGNED_OFF),
        ({"expires_on": date(2026, 11, 24)}, Rule.TEMPLATE_EXPIRED),
        ({"locale": "en"}, Rule.TEMPLATE_LOCALE),
        ({"channels": frozenset({Channel.EMAIL})}, Rule.TEMPLATE_CHANNEL),
        ({"audience": frozenset({Role.HEIR})}, Rule.TEMPLATE_AUDIENCE),
        ({"refused_phrases": frozenset({"false_deadline"})}, Rule.REFUSED_PHRASE),
        ({"preview_reveals_debt": True}, Rule.REVEALS_DEBT),
        ({"names_lender": False}, Rule.FIRST_CONTACT_NAMES),
        ({"names_creditor": False}, Rule.FIRST_CONTACT_NAMES),
        ({"says_how_to_verify": False}, Rule.FIRST_CONTACT_NAMES),
    ],
)
def test_words_are_approved_and_say_what_they_must(changes: dict[str, object], rule: Rule) -> None:
    """Sign-off, expiry, language, channel, audience, phrases, previews, who is speaking."""
    assert broken(attempt(), with_template(**changes)) == {rule}


def test_an_expired_text_goes_on_its_last_day() -> None:
    """The day of expiry is the first on which it may not be used, in the debtor's own calendar."""
    given = with_template(expires_on=date(2026, 11, 25))
    assert broken(attempt(), given) == set()
    assert broken(attempt(at=local("2026-11-25 09:00")), given) == {Rule.TEMPLATE_EXPIRED}


def test_who_was_reached_before_need_not_be_told_again() -> None:
    """The names are for the first contact of each actor with each person about each debt."""
    met = replace(
        with_template(names_creditor=False),
        contacts=(contact(NOON - timedelta(days=9), Outcome.CONNECTED),),
    )
    assert broken(call(), met) == set()
    assert broken(call(actor_id="agency"), met) == {Rule.FIRST_CONTACT_NAMES}


def test_an_ai_voice_says_so_and_hands_over() -> None:
    """Without both it does not call; a person need not say that they are one."""
    for trait in ("says_it_is_ai", "hands_over"):
        given = with_template(**{trait: False})
        assert broken(call(actor_id="voice"), given) == {Rule.AI_SAYS_SO}
        assert broken(call(), given) == set()


@pytest.mark.parametrize(
    ("consequence", "untrue", "true"),
    [
        (
            Consequence.SUIT,
            {"suit_possible_until_on": date(2027, 1, 1)},
            {"is_suit_approved": True, "suit_possible_until_on": date(2026, 11, 24)},
        ),
        (Consequence.SUIT, {"is_suit_approved": True}, None),
        (
            Consequence.SUIT,
            {"is_suit_approved": True, "suit_possible_until_on": date(2026, 11, 23)},
            None,
        ),
        (Consequence.BUREAU_REPORT, {}, {"report_notice_at": NOON - timedelta(days=1)}),
        (Consequence.AGENCY_PLACEMENT, {"placed_with": None}, {"placed_with": "agency"}),
        (Consequence.ACCELERATION, {}, {"has_acceleration": True}),
        (Consequence.LINE_FROZEN, {}, {"is_line_frozen": True}),
        (Consequence.PENALTY, {}, {"is_penalty_running": True}),
    ],
)
def test_a_consequence_is_named_only_where_it_is_true(
    consequence: Consequence, untrue: dict[str, object], true: dict[str, object] | None
) -> None:
    """A suit approved and within limitation, a report after notice, an agency that has the debt."""
    words = with_template(consequences=frozenset({consequence})).templates
    assert broken(attempt(), replace(with_debt(**untrue), templates=words)) == {
        Rule.UNTRUE_CONSEQUENCE
    }
    if true is not None:
        assert broken(attempt(), replace(with_debt(**true), templates=words)) == set()


@pytest.mark.parametrize(
    ("actor_id", "changes", "rule"),
    [
        ("staff", {"tested_until_on": None}, Rule.ACTOR_NOT_TESTED),
        ("staff", {"tested_until_on": date(2026, 11, 24)}, Rule.ACTOR_NOT_TESTED),
        ("staff", {"is_suspended": True}, Rule.ACTOR_SUSPENDED),
        ("agency", {"is_listed": False}, Rule.ACTOR_NOT_LISTED),
        ("agency", {"contract_until_on": date(2026, 11, 24)}, Rule.ACTOR_CONTRACT_ENDED),
        ("agency", {"evaluated_until_on": None}, Rule.ACTOR_NOT_EVALUATED),
        ("agency-2", {}, Rule.NOT_PLACED_WITH_ACTOR),
        ("buyer", {}, Rule.ASSIGNMENT_NOTICE),
    ],
)
def test_who_acts_may_act(actor_id: str, changes: dict[str, object], rule: Rule) -> None:
    """White list, contract, evaluation, test, and the debt placed with exactly this agency."""
    assert broken(call(actor_id=actor_id), with_actor(actor_id, **changes)) == {rule}


def test_a_buyer_waits_for_the_notice() -> None:
    """Until the debtor was told of the assignment it has no effect on them."""
    sold = with_debt(assigned_at=NOON - timedelta(days=30))
    assert broken(call(actor_id="buyer"), sold) == {Rule.ASSIGNMENT_NOTICE}
    told = with_debt(
        assigned_at=NOON - timedelta(days=30), assignment_notice_at=NOON - timedelta(days=20)
    )
    assert broken(call(actor_id="buyer"), told) == set()


def test_nothing_is_collected_that_is_not_owed() -> None:
    """A settled debt is not asked for; a receipt may still be sent."""
    settled = with_debt(is_owed=False)
    assert broken(attempt(), settled) == {Rule.NOTHING_OWED}
    assert broken(attempt(purpose=Purpose.SERVICE, template_id="notice"), settled) == set()


def test_visits_are_off_and_never_alone() -> None:
    """Where a lender turns them on, as many people go as the pack asks for."""
    visit = attempt(channel=Channel.VISIT, address_id="home", actor_id="staff", persons=1)
    assert broken(visit, known()) == {Rule.VISITS_OFF, Rule.VISIT_PERSONS}
    assert broken(visit, known(), visits_allowed=True) == {Rule.VISIT_PERSONS}
    assert broken(replace(visit, persons=2), known(), visits_allowed=True) == set()


def test_consent_is_asked_where_a_parameter_says_so() -> None:
    """By channel, or by who calls; the contract is enough otherwise."""
    asked = {"consent_for": frozenset({"ai_voice"})}
    assert broken(call(actor_id="voice"), known(), **asked) == {Rule.CONSENT}
    assert broken(call(actor_id="voice"), with_address(has_consent=True), **asked) == set()
    assert broken(call(), known(), **asked) == set()


def test_an_answer_goes_at_night_in_the_channel_that_was_used_and_once() -> None:
    """Quiet hours and counts do not stop it; nothing said, another channel or a second time do."""
    night = local("2026-11-24 23:30")
    asked = attempt(at=night, purpose=Purpose.ANSWER, template_id="notice")
    said = inbound(night - timedelta(minutes=5))
    assert broken(asked, known(inbound=(said,))) == set()
    assert broken(asked, known()) == {Rule.NOTHING_TO_ANSWER}
    late = replace(asked, at=night + timedelta(days=3))
    assert broken(late, known(inbound=(said,))) == {Rule.NOTHING_TO_ANSWER}
    by_call = replace(asked, channel=Channel.INTERACTIVE_CALL, actor_id="staff")
    assert broken(by_call, known(inbound=(said,))) == {Rule.NOTHING_TO_ANSWER}
    sent = contact(night, Outcome.CONNECTED, channel=Channel.SMS, purpose=Purpose.ANSWER)
    again = replace(asked, at=night + timedelta(minutes=1))
    assert broken(again, known(inbound=(said,), contacts=(sent,))) == {Rule.NOTHING_TO_ANSWER}


def test_all_reasons_are_given_together() -> None:
    """Whoever mends one learns of the others at once."""
    given = replace(with_address(is_closed=True), holds=(hold(HoldKind.COMPLAINT),))
    assert broken(attempt(at=local("2026-11-24 23:00")), given) == {
        Rule.CLOSED_ADDRESS,
        Rule.HOLD_COMPLAINT,
        Rule.QUIET_HOURS,
    }


def permit() -> Permit:
    """A permit for the ordinary message."""
    terms = decide(attempt(), known(), rules())
    assert isinstance(terms, Allowed)
    return Permit(permit_id="P", attempt=attempt(), terms=terms, is_used=False)


def test_a_permit_is_used_once_in_its_window_before_anything_happens() -> None:
    """Its own place in the counters does not stand in its way; use, time and any event do."""
    own = contact(NOON, None, permit_id="P", channel=Channel.SMS, actor_id="system")
    given, soon = known(contacts=(own,)), NOON + timedelta(minutes=1)
    assert isinstance(recheck(permit(), given, rules(), soon), Allowed)
    used = recheck(replace(permit(), is_used=True), given, rules(), soon)
    assert isinstance(used, Refused)
    assert used.rules == (Rule.PERMIT_USED,)
    late = recheck(permit(), given, rules(), NOON + timedelta(minutes=30))
    assert isinstance(late, Refused)
    assert late.rules == (Rule.PERMIT_WINDOW,)
    dead = recheck(permit(), replace(given, last_event=8), rules(), soon)
    assert isinstance(dead, Refused)
    assert dead.rules == (Rule.PERMIT_DEAD,)


def test_a_second_asking_sees_what_came_meanwhile() -> None:
    """A hold of the last minute, or another contact that took the place, is found at sending."""
    own = contact(NOON, None, permit_id="P", channel=Channel.SMS, actor_id="system")
    other = contact(NOON, None, permit_id="Q", channel=Channel.EMAIL, address_id="mail")
    soon = NOON + timedelta(minutes=1)
    found = recheck(permit(), known(contacts=(own, other)), rules(), soon)
    assert isinstance(found, Refused)
    assert found.rules == (Rule.MESSAGES,)
    held = known(contacts=(own,), holds=(hold(HoldKind.MEDICAL_CRISIS),))
    found = recheck(permit(), held, rules(), soon)
    assert isinstance(found, Refused)
    assert found.rules == (Rule.HOLD_MEDICAL_CRISIS,)


def test_two_addresses_of_one_kind_are_two() -> None:
    """A number that is closed says nothing of another number of the same person."""
    given = replace(
        known(), addresses={"phone-2": address("phone-2", "phone", "debtor", is_closed=False)}
    )
    assert broken(attempt(address_id="phone-2"), given) == set()
