"""Posting by bank line on a real database: one line is one payment, and what is confirmed is taken."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from arrears.kernel.errors import ArrearsError


def test_a_line_is_one_payment_on_whatever_account(till) -> None:
    """The same line under another key, event and account is told to be what it was, and no more."""
    till.book("L-1")
    till.book("L-2")
    first = till.pay("L-1", "P1", "2026-02-05", "400.00", ref="T-1")
    assert (first["outcome"], first["payoff"]) == ("recorded", "800.00")
    again = till.pay("L-2", "P7", "2026-02-05", "400.00", ref="T-1")
    assert again == {
        "account_id": "L-2",
        "event_id": "P7",
        "outcome": "already_recorded",
        "recorded_as": {"account_id": "L-1", "event_id": "P1", "amount": "400.00"},
    }
    assert till.rows("select count(*) from event where type = 'repaid'") == [(1,)]
    other = till.pay("L-2", "P7", "2026-02-05", "400.00", ref="T-2")
    assert other["outcome"] == "recorded"


def test_two_who_post_a_line_at_once_post_it_once(till, another_till) -> None:
    """Two connections, two accounts, one line, many times: one is recorded, the other is told."""
    till.book("L-1")
    till.book("L-2")

    def pay(asked: tuple[str, int]) -> str:
        account_id, number = asked
        return another_till().pay(
            account_id, f"P{number}", "2026-02-05", "1.00", ref=f"T-{number}"
        )["outcome"]

    with ThreadPoolExecutor(2) as threads:
        for number in range(5):
            outcomes = threads.map(pay, [("L-1", number), ("L-2", number)])
            assert sorted(outcomes) == ["already_recorded", "recorded"]
    assert till.rows("select count(*) from event where type = 'repaid'") == [(5,)]


def test_two_who_post_one_event_at_once_post_it_once(till, another_till) -> None:
    """The same command at the same time on one account: both get the answer, it is done once."""
    till.book("L-1")

    def pay(_: int) -> str:
        return another_till().pay("L-1", "P1", "2026-02-05", "1.00", ref="T-1")["outcome"]

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(pay, range(2))) == ["recorded", "recorded"]
    assert till.rows("select count(*) from event where type = 'repaid'") == [(1,)]


def test_an_event_id_says_one_thing(till) -> None:
    """The same event under another key is already recorded; another amount under its id is an error."""
    till.book("L-1")
    till.pay("L-1", "P1", "2026-02-05", "400.00")
    again = till.ask(
        "post",
        key="another",
        account_id="L-1",
        event={"id": "P1", "on": "2026-02-05", "type": "repaid", "amount": "400"},
    )
    assert again["outcome"] == "already_recorded"
    for change in ({"ref": "T-9", "amount": "400.00"}, {"amount": "399.00"}):
        with pytest.raises(ArrearsError) as caught:
            till.pay("L-1", "P1", "2026-02-05", **change)
        assert caught.value.code == "event.duplicate_id"
    assert till.rows("select count(*) from event where type = 'repaid'") == [(1,)]


def test_a_confirmed_receipt_is_never_refused(till) -> None:
    """The second pay-off by another line becomes credit balance, to the fen, whole in the ledger."""
    till.book("L-1", annual_rate="0.146")
    till.close("2026-01-19")
    first = till.pay("L-1", "P1", "2026-01-20", "1207.20", ref="T-1")
    assert (first["payoff"], first["credit_balance"]) == ("0.00", "0.00")
    second = till.pay("L-1", "P2", "2026-01-20", "1207.20", ref="T-2")
    assert (second["outcome"], second["credit_balance"]) == ("recorded", "1207.20")
    assert till.ledger("customer_credit") == 1207_20


def test_other_money_is_refused(till) -> None:
    """A repayment in dollars on a loan in yuan is an error, and nothing is recorded."""
    till.book("L-1")
    with pytest.raises(ArrearsError) as caught:
        till.pay("L-1", "P1", "2026-02-05", "400.00", currency="USD", ref="T-1")
    assert caught.value.code == "event.other_currency"
    assert till.pay("L-1", "P1", "2026-02-05", "400.00", ref="T-1")["outcome"] == "recorded"


def test_a_contract_that_was_cancelled_takes_a_receipt(till) -> None:
    """Money never arrived, or was never sent, and the contract was called off: it is for its payer."""
    till.book("L-1")
    failed = {"id": "F1", "on": "2026-01-07", "type": "disbursement_failed", "reverses": "D1"}
    till.ask("post", account_id="L-1", event=failed)
    till.book("L-2", is_lent=False)
    for name in ("L-1", "L-2"):
        cancelled = {"id": "C1", "on": "2026-01-08", "type": "cancelled"}
        till.ask("post", account_id=name, event=cancelled)
    till.close("2026-02-04")
    for name in ("L-1", "L-2"):
        paid = till.pay(name, "P1", "2026-02-05", "400.00")
        assert (paid["outcome"], paid["credit_balance"]) == ("recorded", "400.00")
    assert till.refunds() == [("L-1", "400.00", "open"), ("L-2", "400.00", "open")]


def test_a_payment_to_a_parked_account_waits_in_suspense(till, new_database) -> None:
    """What cannot be folded takes no money, and none is refused: once mended, it is matched.

    2026-02-10  L-1 was damaged in the store, and its close parked it; L-2 is well
    2026-02-11  a payment comes for L-1, and one for its borrower: both wait
    """
    till.book("L-1")
    till.book("L-2")
    till.pay("L-1", "P1", "2026-02-05", "1.00")
    damage = "update event set body = jsonb_set(body, '{amount}', %s) where event_id = 'P1'"
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(damage, ['"-5"'])
    till.close("2026-02-10")
    line = {"on": "2026-02-11", "amount": "400.00", "ref": "T-1"}
    first = till.pay("L-1", "P2", **line)
    assert (first["outcome"], first["receipt_id"]) == ("in_suspense", "L-1/P2")
    again = till.pay("L-1", "P3", **line)
    assert again["recorded_as"] == {"receipt_id": "L-1/P2"}
    body = {"receipt_id": "R-1", "borrower_id": "B-1", "amount": "70.00", "on": "2026-02-11"}
    assert till.ask("receive", **body)["in_suspense"] == "70.00"
    assert till.ledger("suspense") == 470_00
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(damage, ['"1.00"'])
    assert [each.outcome for each in till.retry()] == ["taken_back"]
    assert till.ask("match", receipt_id="L-1/P2", account_id="L-1")["outcome"] == "matched"
    assert till.ask("split", receipt_id="R-1", borrower_id="B-1")["in_suspense"] == "0.00"
    assert till.ledger("suspense") == 0
