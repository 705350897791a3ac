"""A receipt without a loan id on a real database: split, posted together, once, never refused."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import pytest

from arrears.kernel.errors import ArrearsError


def receipt(amount: str, **more: object) -> dict[str, object]:
    return {
        "receipt_id": "R-1",
        "borrower_id": "B-1",
        "amount": amount,
        "on": "2026-02-05",
        **more,
    }


def test_a_receipt_meets_two_loans_once(till) -> None:
    """Two loans due on one day, the dearer first; the same receipt again changes nothing."""
    till.book("L-1", annual_rate="0.10")
    till.book("L-2", annual_rate="0.15")
    answer = till.ask("receive", **receipt("500.00"))
    assert answer["parts"] == {"L-2": "409.91", "L-1": "90.09"}
    again = till.ask("receive", key="another", **receipt("500.00"))
    assert again == {**answer, "outcome": "already_recorded"}
    line = {"channel": "icbc", "ref": "T-1"}
    with pytest.raises(ArrearsError) as caught:
        till.ask("receive", **receipt("500.00", source=line))
    assert caught.value.code == "receipt.id_taken"


def test_the_same_line_under_another_receipt_is_one_payment(till) -> None:
    """A bank line taken by a receipt answers with that receipt; one taken by an event, with it."""
    till.book("L-1")
    line = {"source": {"channel": "icbc", "ref": "T-1"}}
    till.ask("receive", **receipt("400.00", **line))
    again = till.ask("receive", **receipt("400.00", **line) | {"receipt_id": "R-2"})
    assert again == {
        "receipt_id": "R-2",
        "outcome": "already_recorded",
        "recorded_as": {"receipt_id": "R-1"},
    }
    posted = till.pay("L-1", "P1", "2026-02-05", "400.00", ref="T-1")
    assert (posted["outcome"], posted["recorded_as"]) == ("already_recorded", {"receipt_id": "R-1"})


def test_the_payer_may_name_a_loan(till) -> None:
    """Designated, a loan is served first up to its pay-off; then the law's order goes on."""
    till.book("L-1", annual_rate="0.10")
    till.book("L-2", annual_rate="0.15")
    answer = till.ask("receive", **receipt("500.00", designated=["L-1"]))
    assert answer["parts"] == {"L-1": "500.00"}
    with pytest.raises(ArrearsError) as caught:
        till.ask("receive", **receipt("500.00", receipt_id="R-2", designated=["L-9"]))
    assert caught.value.code == "account.unknown"


def test_what_exceeds_all_debts_is_credit_balance(till) -> None:
    """1500.00 for debts of 1200.00: 300.00 is kept for the payer, and nothing is in suspense."""
    till.book("L-1")
    till.close("2026-02-04")
    answer = till.ask("receive", **receipt("1500.00"))
    assert answer["parts"] == {"L-1": "1500.00"}
    assert till.ledger("customer_credit") == 300_00
    assert till.ledger("suspense") == 0


def test_a_borrower_who_owes_nothing_still_pays(till) -> None:
    """After both loans are settled a receipt is credit balance of the one opened last."""
    till.book("L-1")
    till.book("L-2")
    till.close("2026-02-04")
    till.ask("receive", **receipt("2400.00"))
    again = till.ask("receive", **receipt("70.00") | {"receipt_id": "R-2"})
    assert (again["outcome"], again["parts"]) == ("recorded", {"L-2": "70.00"})
    assert till.ledger("customer_credit") == 70_00


def test_a_borrower_without_an_account_pays_into_suspense(till) -> None:
    """Nobody by that name, or only loans made later: the money waits, booked and listed."""
    till.book("L-1")
    stranger = till.ask("receive", **receipt("70.00") | {"borrower_id": "B-9"})
    assert (stranger["parts"], stranger["in_suspense"]) == ({}, "70.00")
    early = till.ask("receive", **receipt("5.00") | {"receipt_id": "R-2", "on": "2026-01-04"})
    assert early["in_suspense"] == "5.00"
    assert till.in_suspense() == {"CNY": "75.00"}
    assert till.ledger("suspense") == 75_00


def test_other_money_is_refused(till) -> None:
    """Dollars meet no debt in yuan: an error, and nothing is recorded."""
    till.book("L-1")
    for change in ({}, {"designated": ["L-1"]}):
        with pytest.raises(ArrearsError) as caught:
            till.ask("receive", **receipt("70.00", currency="USD", **change))
        assert caught.value.code == "event.other_currency"
    assert till.in_suspense() == {}


def test_money_of_a_failed_disbursement_is_kept(till) -> None:
    """A loan whose money never arrived takes a receipt as credit balance."""
    till.book("L-1")
    failed = {"id": "F1", "on": "2026-01-07", "type": "disbursement_failed", "reverses": "D1"}
    till.ask("post", account_id="L-1", event=failed)
    till.close("2026-02-04")
    assert till.ask("receive", **receipt("70.00"))["parts"] == {"L-1": "70.00"}
    assert till.ledger("customer_credit") == 70_00
