"""Requests to collect on a real database: refused beyond what is left, while what came never is."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from arrears.kernel.errors import ArrearsError


@pytest.fixture
def lent(till):  # noqa: ANN201 - a till
    """A loan of 1200.00 without cost, closed to 2026-01-19."""
    till.book("L-1")
    till.close("2026-01-19")
    return till


def ask(till, request_id: str, **more: object):  # noqa: ANN201 - an answer
    return till.ask("collect", request_id=request_id, account_id="L-1", **more)


def test_a_pay_off_is_asked_for_once(lent) -> None:
    """While the first request is on its way nothing is left for a second; failed, all is again."""
    first = ask(lent, "C-1")
    assert (first["outcome"], first["amount"], first["on"]) == (
        "requested",
        "1200.00",
        "2026-01-20",
    )
    second = ask(lent, "C-2")
    assert (second["outcome"], second["left"], second["on_its_way"]) == (
        "refused",
        "0.00",
        "1200.00",
    )
    assert ask(lent, "C-1", amount="1200.00")["outcome"] == "already_requested"
    assert lent.ask("failed", request_id="C-1")["outcome"] == "failed"
    assert ask(lent, "C-3")["outcome"] == "requested"
    sent = lent.rows("select occasion from outbox where kind = 'collect_on_request' order by 1")
    assert sent == [("C-1",), ("C-3",)]


def test_more_than_is_left_is_refused(lent) -> None:
    """One fen above what is left is refused and says what is left; exactly that is not."""
    lent.pay("L-1", "P1", "2026-01-20", "200.00")
    answer = ask(lent, "C-1", amount="1000.01")
    assert (answer["outcome"], answer["left"]) == ("refused", "1000.00")
    assert ask(lent, "C-2", amount="600.00")["outcome"] == "requested"
    assert ask(lent, "C-3", amount="400.01")["left"] == "400.00"
    assert ask(lent, "C-4", amount="400.00")["outcome"] == "requested"


def test_the_banks_answer_ends_a_request(lent) -> None:
    """Part of what was asked for came: the request is over, and the rest may be asked for."""
    ask(lent, "C-1")
    lent.pay("L-1", "P1", "2026-01-20", "500.00", ref="T-1", collection="C-1")
    assert lent.rows("select outcome, event_id from collection_end") == [("received", "P1")]
    assert lent.ask("failed", request_id="C-1")["outcome"] == "already_ended"
    assert ask(lent, "C-2")["amount"] == "700.00"


def test_the_second_confirmed_pay_off_is_kept_for_its_payer(lent) -> None:
    """Both a request and the borrower paid all: the request was right, the money is not refused."""
    ask(lent, "C-1")
    lent.pay("L-1", "P1", "2026-01-20", "1200.00", ref="T-1")
    second = lent.pay("L-1", "P2", "2026-01-20", "1200.00", ref="T-2", collection="C-1")
    assert (second["outcome"], second["credit_balance"]) == ("recorded", "1200.00")
    assert lent.refunds() == [("L-1", "1200.00", "open")]
    assert ask(lent, "C-2")["left"] == "0.00"


@pytest.mark.usefixtures("lent")
def test_two_who_ask_at_once_draw_once(another_till) -> None:
    """Two connections ask for the pay-off: one is refused, for the other is on its way."""
    with ThreadPoolExecutor(2) as threads:
        outcomes = threads.map(lambda name: ask(another_till(), name)["outcome"], ["C-1", "C-2"])
        assert sorted(outcomes) == ["refused", "requested"]


def test_what_is_left_is_asked_of_the_day_of_drawing(till) -> None:
    """A pay-off five days later bears five more days of interest."""
    till.book("L-1", annual_rate="0.1825", day_count="actual/365")
    till.close("2026-01-14")
    first, later = (
        ask(till, name, on=day, amount="9999.00")["left"]
        for name, day in (("C-1", "2026-01-15"), ("C-2", "2026-01-20"))
    )
    assert (first, later) == ("1206.00", "1209.00")


@pytest.mark.parametrize(
    ("door", "body", "code"),
    [
        ("collect", {"request_id": "C-1", "account_id": "L-9"}, "account.unknown"),
        ("collect", {"request_id": "C-0", "account_id": "L-2"}, "collection.id_taken"),
        (
            "collect",
            {"request_id": "C-1", "account_id": "L-1", "on": "2026-01-19"},
            "collection.too_early",
        ),
        (
            "collect",
            {"request_id": "C-1", "account_id": "L-1", "amount": "0"},
            "document.wrong_type",
        ),
        ("failed", {"request_id": "C-9"}, "collection.unknown"),
    ],
)
def test_a_request_that_cannot_be_is_one_clear_error(lent, door, body, code) -> None:
    """No such account, an id of another account, a day that is closed, nothing, no such request."""
    lent.book("L-2")
    ask(lent, "C-0", amount="1.00")
    with pytest.raises(ArrearsError) as caught:
        lent.ask(door, **body)
    assert caught.value.code == code


def test_a_payment_names_a_request_to_its_own_account(lent) -> None:
    """A request to another account is an error, and the payment is not recorded."""
    lent.book("L-2")
    ask(lent, "C-1")
    with pytest.raises(ArrearsError) as caught:
        lent.pay("L-2", "P1", "2026-01-20", "1.00", collection="C-1")
    assert caught.value.code == "collection.unknown"
    assert lent.rows("select count(*) from event where type = 'repaid'") == [(0,)]
