"""Money without a name on a real database: taken in once, matched, split, never given away twice."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest

from arrears.adapters.postgres.seal_store import PostgresSeals
from arrears.adapters.root_file import AppendedRootFile
from arrears.app import sealing
from arrears.kernel.errors import ArrearsError
from money.till import RECORDED_AT


def add(till, receipt_id: str = "R-1", amount: str = "100.00", **more: object):  # noqa: ANN201 - an answer
    return till.ask("add", receipt_id=receipt_id, amount=amount, on="2026-02-03", **more)


def test_money_without_a_name_waits_and_is_booked(till) -> None:
    """It stands in suspense under the day it came, booked on the open day; the same line is once."""
    till.book("L-1")
    till.close("2026-02-10")
    line = {"source": {"channel": "icbc", "ref": "T-1"}, "hint": "loan of May"}
    answer = add(till, **line)
    assert (answer["outcome"], answer["in_suspense"]) == ("recorded", "100.00")
    booked = till.rows(
        "select value_on, booked_on, debit_account, credit_account, amount_minor from journal"
        " where account_id = ''"
    )
    assert booked == [(date(2026, 2, 3), date(2026, 2, 11), "clearing", "suspense", 100_00)]
    assert add(till, key="another", **line)["outcome"] == "already_recorded"
    assert add(till, "R-2", **line)["recorded_as"] == {"receipt_id": "R-1"}
    assert till.ledger("suspense") == 100_00


def test_a_match_counts_from_the_day_the_money_came(till) -> None:
    """Matched on 11 February, the account was paid on the 3rd, before its due date: never late.

    2026-01-05  lent 1200.00, 400.00 due on 2026-02-05, then 0.05 % a day on it
    2026-02-03  400.00 comes without a name
    2026-02-28  closed: M1, and 4.60 of penalty for 23 nights
    2026-03-01  matched: nothing is past due, the penalty is taken back in the open period
    """
    till.book("L-1", penalty={"daily_rate": "0.0005"})
    add(till, amount="400.00")
    till.close("2026-02-28")
    assert till.rows("select bucket from account_state") == [("M1",)]
    assert till.ledger("penalty_income") == 4_60
    answer = till.ask("match", receipt_id="R-1", account_id="L-1")
    assert (answer["parts"], answer["in_suspense"]) == ({"L-1": "400.00"}, "0.00")
    assert till.rows("select bucket, days_past_due from account_state") == [("M0", 0)]
    assert till.rows("select value_on from event where type = 'repaid'") == [(date(2026, 2, 3),)]
    paid = till.rows(
        "select booked_on, amount_minor from journal where account_id = 'L-1'"
        " and (debit_account, value_on) = ('clearing', '2026-02-03')"
    )
    assert paid == [(date(2026, 3, 1), 400_00)]
    assert (till.ledger("penalty_income"), till.ledger("suspense")) == (0, 0)


def test_a_receipt_is_split_and_never_overspent(till) -> None:
    """Two accounts are given parts in one transaction; one fen too much refuses all of it."""
    till.book("L-1")
    till.book("L-2")
    add(till)
    parts = [{"account_id": "L-1", "amount": "60.00"}, {"account_id": "L-2", "amount": "40.01"}]
    with pytest.raises(ArrearsError) as caught:
        till.ask("split", receipt_id="R-1", parts=parts)
    assert caught.value.code == "receipt.overspent"
    assert "100.00" in caught.value.expected
    assert till.in_suspense() == {"CNY": "100.00"}
    parts[1]["amount"] = "30.00"
    answer = till.ask("split", receipt_id="R-1", parts=parts)
    assert answer["parts"] == {"L-1": "60.00", "L-2": "30.00"}
    assert (answer["in_suspense"], till.ledger("suspense")) == ("10.00", 10_00)
    till.ask("match", receipt_id="R-1", account_id="L-1")
    with pytest.raises(ArrearsError) as caught:
        till.ask("match", key="more", receipt_id="R-1", account_id="L-1")
    assert caught.value.code == "receipt.overspent"


def test_a_receipt_is_split_over_a_borrowers_debts(till) -> None:
    """Once the borrower is known, what is left goes by Civil Code 560."""
    till.book("L-1", annual_rate="0.10")
    till.book("L-2", annual_rate="0.15")
    till.ask("add", receipt_id="R-1", amount="500.00", on="2026-02-05")
    answer = till.ask("split", receipt_id="R-1", borrower_id="B-1")
    assert answer["parts"] == {"L-2": "409.91", "L-1": "90.09"}
    assert till.ledger("suspense") == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"parts": []}, "document.wrong_type"),
        ({}, "document.wrong_type"),
        ({"parts": [], "borrower_id": "B-1"}, "document.wrong_type"),
        ({"parts": [{"account_id": "L-1", "amount": "1"}] * 2}, "document.wrong_type"),
        ({"parts": [{"account_id": "L-1", "amount": "0"}]}, "document.wrong_type"),
        ({"parts": [{"account_id": "L-9", "amount": "1"}]}, "account.unknown"),
        ({"borrower_id": "B-9"}, "receipt.no_taker"),
        ({"receipt_id": "R-9", "borrower_id": "B-1"}, "receipt.unknown"),
    ],
)
def test_a_split_that_cannot_be_changes_nothing(till, body, code) -> None:
    """No parts, parts and borrower, an account twice, nothing, nobody: each is one clear error."""
    till.book("L-1")
    add(till)
    with pytest.raises(ArrearsError) as caught:
        till.ask("split", **{"receipt_id": "R-1", **body})
    assert caught.value.code == code
    assert till.ledger("suspense") == 100_00


def test_what_no_account_can_take_stays(till) -> None:
    """Other money, or a day before the loan: refused, and still in suspense."""
    till.book("L-1")
    add(till, "R-1", currency="USD")
    till.ask("add", receipt_id="R-2", amount="1.00", on="2026-01-04")
    for receipt_id, code in (("R-1", "event.other_currency"), ("R-2", "event.before_opening")):
        with pytest.raises(ArrearsError) as caught:
            till.ask("match", receipt_id=receipt_id, account_id="L-1")
        assert caught.value.code == code
    assert till.in_suspense() == {"CNY": "1.00", "USD": "100.00"}
    assert (till.ledger("suspense"), till.ledger("suspense", "USD")) == (1_00, 100_00)


def test_two_who_match_at_once_do_not_overspend(till, another_till) -> None:
    """Two connections give the whole receipt to two accounts: one is told that nothing is left."""
    till.book("L-1")
    till.book("L-2")
    add(till)

    def match(account_id: str) -> str:
        try:
            return another_till().ask("match", receipt_id="R-1", account_id=account_id)["outcome"]
        except ArrearsError as error:
            return error.code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(match, ["L-1", "L-2"])) == ["matched", "receipt.overspent"]
    assert till.ledger("suspense") == 0


def test_a_key_is_one_match(till) -> None:
    """The same key again is the same answer; with another body it is an error."""
    till.book("L-1")
    add(till)
    body = {"receipt_id": "R-1", "account_id": "L-1", "amount": "40.00"}
    first = till.ask("match", key="K", **body)
    assert till.ask("match", key="K", **body) == first
    with pytest.raises(ArrearsError) as caught:
        till.ask("match", key="K", **{**body, "amount": "41.00"})
    assert caught.value.code == "idempotency.key_reused"
    assert till.in_suspense() == {"CNY": "60.00"}


def test_a_receipt_is_returned_and_sent_once(till) -> None:
    """Decided, it leaves suspense for what is payable, under its own day; sent, it leaves the bank.

    2026-02-03  100.00 comes without a name
    2026-02-11  40.00 matched, the rest is to go back
    2026-02-12  sent by line T-9; told again, nothing changes
    """
    till.book("L-1")
    add(till)
    till.close("2026-02-10")
    till.ask("match", receipt_id="R-1", account_id="L-1", amount="40.00")
    answer = till.ask("return", receipt_id="R-1")
    assert (answer["outcome"], answer["returned"], answer["in_suspense"]) == (
        "returned",
        "60.00",
        "0.00",
    )
    assert (till.ledger("suspense"), till.ledger("refund_payable")) == (0, 60_00)
    task_id = answer["refund_tasks"][0]["task_id"]
    sent = {"task_id": task_id, "on": "2026-02-12", "source": {"channel": "icbc", "ref": "T-9"}}
    assert till.ask("refund", **sent)["outcome"] == "done"
    assert till.ask("refund", key="again", **sent)["outcome"] == "already_done"
    assert (till.ledger("refund_payable"), till.refunds()) == (0, [])
    booked = till.rows(
        "select value_on, booked_on, debit_account, credit_account from journal"
        " where account_id = '' order by row_number"
    )
    assert [(str(row[0]), str(row[1]), *row[2:]) for row in booked] == [
        ("2026-02-03", "2026-02-03", "clearing", "suspense"),
        ("2026-02-03", "2026-02-11", "suspense", "clearing"),
        ("2026-02-03", "2026-02-11", "suspense", "refund_payable"),
        ("2026-02-12", "2026-02-12", "refund_payable", "clearing"),
    ]
    paid = till.pay("L-1", "P1", "2026-02-12", "60.00", ref="T-9")
    assert paid["recorded_as"] == {"receipt_id": "R-1", "task_id": task_id}
    with pytest.raises(ArrearsError) as caught:
        till.ask("return", key="more", receipt_id="R-1")
    assert caught.value.code == "receipt.overspent"


def test_a_wrong_match_is_taken_back_and_given_to_the_right_one(till) -> None:
    """Unmatched, the first account never had it; the money waits again under the day it came.

    2026-02-03  400.00 comes without a name
    2026-02-28  closed: matched to the wrong loan meanwhile, the right one is in arrears
    2026-03-01  taken back, and given to the right loan: it was never late, the other one is
    """
    till.book("L-1", penalty={"daily_rate": "0.001"})
    till.book("L-2", penalty={"daily_rate": "0.001"})
    add(till, amount="400.00")
    till.ask("match", receipt_id="R-1", account_id="L-1")
    till.close("2026-02-28")
    buckets = "select account_id, bucket from account_state order by 1"
    assert till.rows(buckets) == [("L-1", "M0"), ("L-2", "M1")]
    answer = till.ask("unmatch", receipt_id="R-1", account_id="L-1")
    (again,) = answer["receipts"]
    assert (again["receipt_id"], again["on"], again["left"]) == ("R-1/1", "2026-02-03", "400.00")
    assert (till.in_suspense(), till.ledger("suspense")) == ({"CNY": "400.00"}, 400_00)
    till.ask("match", receipt_id=again["receipt_id"], account_id="L-2")
    assert till.rows(buckets) == [("L-1", "M1"), ("L-2", "M0")]
    assert (till.ledger("suspense"), till.ledger("clearing")) == (0, 2400_00 - 400_00)
    with pytest.raises(ArrearsError) as caught:
        till.ask("unmatch", key="more", receipt_id="R-1", account_id="L-1")
    assert caught.value.code == "receipt.not_matched"


def test_one_part_of_a_split_is_taken_back(till) -> None:
    """Of 400.00 over two loans, the 150.00 of one wait again; what the other was given stays."""
    till.book("L-1")
    till.book("L-2")
    add(till, amount="400.00")
    parts = [{"account_id": "L-1", "amount": "250.00"}, {"account_id": "L-2", "amount": "150.00"}]
    till.ask("split", receipt_id="R-1", parts=parts)
    till.close("2026-02-28")
    (again,) = till.ask("unmatch", receipt_id="R-1", account_id="L-2")["receipts"]
    assert (again["receipt_id"], again["left"]) == ("R-1/2", "150.00")
    assert (till.in_suspense(), till.ledger("suspense")) == ({"CNY": "150.00"}, 150_00)
    assert till.ledger("clearing") == 2400_00 - 400_00


def test_money_without_a_name_is_sealed_too(till, new_database, tmp_path) -> None:
    """The rows of suspense stand under the seals: one fen more in the ledger is found and named."""
    add(till)
    roots = AppendedRootFile(tmp_path / "roots.jsonl")
    seals = PostgresSeals(new_database.app_url)
    sealing.seal(seals, roots, RECORDED_AT)
    assert sealing.verify(seals, roots.read()).is_clean
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update journal set amount_minor = 10001 where account_id = ''")
    findings = sealing.verify(seals, roots.read()).findings
    assert [each.row for each in findings] == ["entry receipt/R-1/0 row 1"]
