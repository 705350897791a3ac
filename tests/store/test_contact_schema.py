"""What the database itself refuses of contact, to the application's role and with statements written by hand."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = """
insert into account (slot, account_id, borrower_id, product, currency, contract, opened_on)
values (1, 'A-1', 'B-1', 'cash', 'CNY', '{}', '2026-01-05'),
       (1, 'A-2', 'B-1', 'cash', 'CNY', '{}', '2026-01-05')
"""
PEOPLE = """
insert into person (slot, borrower_id, person_id, role, time_zone, added_at)
values (1, 'B-1', 'P-1', 'debtor', 'Asia/Shanghai', '2026-02-01T00:00Z');
insert into contact_point (slot, borrower_id, address_id, person_id, channel_kind, value, added_at)
values (1, 'B-1', 'N-1', 'P-1', 'phone', '13800000000', '2026-02-01T00:00Z'),
       (1, 'B-1', 'N-2', 'P-1', 'phone', '13900000000', '2026-02-01T00:00Z')
"""
PERMIT = """
insert into permit (slot, borrower_id, permit_id, account_id, person_id, address_id, message_id, channel,
                    purpose, actor_kind, actor_id, template, template_hash, asked_at, valid_from,
                    valid_until, time_zone, case_number, reserved, policy_digest)
values (1, 'B-1', %(permit)s, 'A-1', 'P-1', %(address)s, %(message)s, %(channel)s, 'collection', 'system',
        'lender', 'overdue', 'x', '2026-02-05T02:00Z', '2026-02-05T02:00Z', '2026-02-05T02:30Z',
        'Asia/Shanghai', case_number(1::smallint, 'B-1'), '{}', '')
"""
MESSAGE = """
insert into message (slot, borrower_id, message_id, permit_id, address_id, valid_from, valid_until, locale,
                     subject, body, text_hash)
values (1, 'B-1', %(message)s, %(permit)s, %(address)s, '2026-02-05T02:00Z', '2026-02-05T02:30Z', 'en',
        'About us', %(body)s, encode(sha256(convert_to('About us' || chr(10) || 'Good day', 'UTF8')), 'hex'))
"""
DISPATCH = """
insert into dispatch (slot, borrower_id, permit_id, address_id, message_id, valid_from, valid_until, used_at)
values (1, 'B-1', %(permit)s, %(address)s, %(message)s, '2026-02-05T02:00Z', '2026-02-05T02:30Z', %(at)s)
"""
OUTCOME = """
insert into contact_outcome (slot, borrower_id, permit_id, outcome, at, recorded_at)
values (1, 'B-1', %(permit)s, %(outcome)s, '2026-02-05T02:10Z', '2026-02-05T02:10Z')
"""
EVENT = """
insert into case_event (slot, borrower_id, number, kind, at, actor, recorded_at)
values (1, 'B-1', 1, 'dispute', %(at)s, 'B-1', %(at)s)
"""
PAYMENT = """
insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq, body, channel, source_ref)
values (1, 'A-2', 'E-1', 'repaid', '2026-02-05', '2026-02-05T02:05Z', 1, '{}', 'bank', 'T-1')
"""
GIVEN: dict[str, Any] = {
    "permit": "K-1", "address": "N-1", "message": "M-1", "channel": "sms", "body": "Good day",
    "at": "2026-02-05T02:10Z", "outcome": "connected",
}  # fmt: skip


@contextmanager
def debtor(database, *done: str, **given: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A transaction in which somebody can be contacted and statements were run; it leaves nothing."""
    with psycopg.connect(database.app_url) as connection:
        for statement in (ACCOUNT, PEOPLE):
            connection.execute(statement)
        for statement in done:
            connection.execute(statement, {**GIVEN, **given})
        yield connection
        connection.rollback()


def refusal(database, *done: str, last: str, **given: str) -> str:
    """The constraint that refuses the last statement."""
    with debtor(database, *done) as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute(last, {**GIVEN, **given})
    return caught.value.diag.constraint_name or ""


def test_a_message_goes_its_way_once(database) -> None:
    """With permit and text it is sent and has an outcome; the permit serves no second time."""
    with debtor(database, PERMIT, MESSAGE, DISPATCH, OUTCOME):
        pass
    assert refusal(database, PERMIT, MESSAGE, DISPATCH, last=DISPATCH) == "dispatch_pkey"
    assert (
        refusal(database, PERMIT, MESSAGE, DISPATCH, OUTCOME, last=OUTCOME)
        == "contact_outcome_pkey"
    )


def test_nothing_is_sent_beside_a_permit(database) -> None:
    """No permit, another address, another message, another text than was hashed, no text: each refused."""
    assert refusal(database, last=DISPATCH, message="").startswith("dispatch_slot_borrower_id")
    assert refusal(database, PERMIT, MESSAGE, last=DISPATCH, address="N-2").startswith(
        "dispatch_slot"
    )
    assert refusal(database, PERMIT, MESSAGE, last=DISPATCH, message="").startswith("dispatch_slot")
    assert refusal(database, PERMIT, last=DISPATCH) == "dispatch_of_a_text"
    assert refusal(database, PERMIT, last=MESSAGE, address="N-2").startswith("message_slot")
    assert refusal(database, PERMIT, last=MESSAGE, message="M-2").startswith("message_slot")
    assert refusal(database, PERMIT, last=MESSAGE, body="Pay!") == "message_is_what_was_hashed"
    assert refusal(database, last=PERMIT, message="") == "permit_for_a_message"
    assert refusal(database, PERMIT, last=PERMIT, permit="K-2") == "permit_of_message"


@pytest.mark.parametrize("at", ["2026-02-05T01:59:59Z", "2026-02-05T02:30Z"])
def test_nothing_is_sent_outside_the_window(database, at) -> None:
    """The window is half-open: before its first instant and at its last there is no sending."""
    assert refusal(database, PERMIT, MESSAGE, last=DISPATCH, at=at) == "dispatch_inside_the_window"


@pytest.mark.parametrize("happened", [EVENT, PAYMENT])
def test_a_permit_dies_of_whatever_happens(database, happened) -> None:
    """A dispute, or a payment to another loan of the borrower, and the message stays here."""
    refused = refusal(database, PERMIT, MESSAGE, happened, last=DISPATCH, at="2026-02-05T02:20Z")
    assert refused == "dispatch_of_a_living_permit"


def test_a_call_is_measured_when_it_was_made(database) -> None:
    """Told of later, a call before the payment stands, and one after it is refused."""
    call = {"channel": "interactive_call", "message": ""}
    with debtor(database, PERMIT, PAYMENT, DISPATCH, **call | {"at": "2026-02-05T02:04Z"}):
        pass
    with (
        debtor(database, PERMIT, PAYMENT, **call) as connection,
        pytest.raises(psycopg.Error) as caught,
    ):
        connection.execute(DISPATCH, {**GIVEN, **call, "at": "2026-02-05T02:06Z"})
    assert caught.value.diag.constraint_name == "dispatch_of_a_living_permit"


def test_a_permit_is_not_born_dead(database) -> None:
    """A permit knows all that has happened, or is refused; so is one to a number that was closed."""
    stale = PERMIT.replace("case_number(1::smallint, 'B-1')", "7")
    assert refusal(database, last=stale) == "permit_knows_the_case"
    closed = """
        insert into address_closed (slot, borrower_id, address_id, digest, reason, closed_at)
        select slot, borrower_id, address_id, address_digest(value), 'wrong number', '2026-02-02T00:00Z'
        from contact_point where address_id = 'N-1'"""
    assert refusal(database, closed, last=PERMIT) == "permit_to_an_open_address"
    again = """
        insert into contact_point (slot, borrower_id, address_id, person_id, channel_kind, value, added_at)
        values (1, 'B-1', 'N-3', 'P-1', 'phone', '13800000000', '2026-02-03T00:00Z')"""
    assert (
        refusal(database, closed, again, last=PERMIT, address="N-3") == "permit_to_an_open_address"
    )


def test_what_was_used_is_not_given_back(database) -> None:
    """`not_made` frees places in counters, so whoever sent cannot say it, and others say only that."""
    not_made = {"outcome": "not_made"}
    assert (
        refusal(database, PERMIT, MESSAGE, DISPATCH, last=OUTCOME, **not_made)
        == "outcome_of_what_was_done"
    )
    assert refusal(database, PERMIT, last=OUTCOME) == "outcome_of_what_was_done"
    with debtor(database, PERMIT, MESSAGE, OUTCOME, **not_made) as connection:
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(DISPATCH, GIVEN)
        assert caught.value.diag.constraint_name == "dispatch_of_an_open_permit"


def test_one_debt_is_never_with_two_agencies(database) -> None:
    """The second placement is refused until the first was recalled."""
    place = """
        insert into placement (slot, borrower_id, account_id, placement_id, agency, placed_at)
        values (1, 'B-1', 'A-1', %(permit)s, 'agency', '2026-02-05T02:10Z')"""
    recall = "update placement set recalled_at = '2026-02-06T00:00Z' where placement_id = 'K-1'"
    assert refusal(database, place, last=place, permit="K-2") == "placement_with_one"
    with debtor(database, place, recall) as connection:
        connection.execute(place, {"permit": "K-2"})


def test_the_key_of_closed_numbers_is_nobodys(database) -> None:
    """The application computes digests and cannot read what they are made with; a reader sees neither."""
    for url in (database.app_url, database.url("arrears_reader")):
        with (
            psycopg.connect(url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("select key from suppression_key")
    for table in ("person", "contact_point", "message"):
        with (
            psycopg.connect(database.url("arrears_reader")) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"select from {table}")
