"""Refund tasks on a real database: they say what is to be paid back, no more, and are paid once."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from arrears.kernel.errors import ArrearsError


def paid_twice(till) -> str:
    """A loan of 1200.00 without cost, paid off twice; the id of the task that arises."""
    till.book("L-1")
    till.close("2026-01-19")
    till.pay("L-1", "P1", "2026-01-20", "1200.00", ref="T-1")
    task = till.pay("L-1", "P2", "2026-01-20", "1200.00", ref="T-2")["refund_tasks"]
    assert [(each["account_id"], each["amount"], each["status"]) for each in task] == [
        ("L-1", "1200.00", "open")
    ]
    return str(task[0]["task_id"])


def test_a_second_pay_off_is_paid_back_once(till) -> None:
    """The second pay-off is credit balance and a task; paid out, both are gone, and it stays so."""
    done = {"task_id": paid_twice(till), "on": "2026-01-20"}
    assert till.ledger("customer_credit") == 1200_00
    first = till.ask("refund", **done)
    assert (first["outcome"], first["status"], first["ended_on"]) == ("done", "done", "2026-01-20")
    assert till.ask("refund", key="again", **done)["outcome"] == "already_done"
    assert (till.ledger("customer_credit"), till.refunds()) == (0, [])
    assert till.refunds(with_ended=True) == [("L-1", "1200.00", "done")]
    assert till.rows("select count(*) from event where type = 'refunded'") == [(1,)]


def test_two_who_pay_a_task_out_at_once_do_it_once(till, another_till) -> None:
    """Two connections, two bank lines: one is done, the other is told that it was."""
    task_id = paid_twice(till)

    def complete(ref: str) -> str:
        line = {"channel": "icbc", "ref": ref}
        return another_till().ask("refund", task_id=task_id, on="2026-01-20", source=line)[
            "outcome"
        ]

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(complete, ["T-8", "T-9"])) == ["already_done", "done"]
    assert till.ledger("customer_credit") == 0


def test_a_line_that_was_something_else_pays_nothing_back(till) -> None:
    """The line of the first payment cannot be the refund's: told so, and the task stays open."""
    task_id = paid_twice(till)
    line = {"channel": "icbc", "ref": "T-1"}
    answer = till.ask("refund", task_id=task_id, on="2026-01-20", source=line)
    assert (answer["outcome"], answer["status"]) == ("already_recorded", "open")
    assert answer["recorded_as"]["event_id"] == "P1"


def test_more_money_is_another_task(till) -> None:
    """The task is of the whole credit balance: what comes on top withdraws it and opens a new one."""
    task_id = paid_twice(till)
    till.pay("L-1", "P3", "2026-01-20", "1.00", ref="T-3")
    assert till.refunds() == [("L-1", "1201.00", "open")]
    assert till.refunds(with_ended=True)[0] == ("L-1", "1200.00", "withdrawn")
    with pytest.raises(ArrearsError) as caught:
        till.ask("refund", task_id=task_id, on="2026-01-20")
    assert caught.value.code == "refund.withdrawn"


def test_each_task_is_told_to_the_outbox_once(till) -> None:
    """Told when it arises, under its own id, and not again by later closes or by the old amount."""
    task_id = paid_twice(till)
    till.pay("L-1", "P3", "2026-01-20", "1.00", ref="T-3")
    till.close("2026-02-28")
    told = till.rows(
        "select occasion, body ->> 'amount_minor' from outbox where kind = 'pay_back' order by sequence"
    )
    assert told == [(task_id, "120000"), (f"refund/L-1/{int(task_id[-1]) + 1}", "120100")]


def test_a_payment_that_was_none_withdraws_the_task(till) -> None:
    """The second pay-off is reversed: nothing is to be paid back any more."""
    paid_twice(till)
    undone = {"id": "V1", "on": "2026-01-20", "type": "reversed", "reverses": "P2"}
    answer = till.ask("post", account_id="L-1", event=undone)
    assert "refund_tasks" not in answer
    assert till.refunds() == []


def test_what_was_not_there_is_not_paid_back(till) -> None:
    """A day before the credit balance arose, or no task at all: clear errors, nothing written."""
    task_id = paid_twice(till)
    for body, code in (
        ({"task_id": task_id, "on": "2026-01-19"}, "refund.not_yet_due"),
        ({"task_id": "refund/L-9/1", "on": "2026-01-20"}, "refund.unknown"),
    ):
        with pytest.raises(ArrearsError) as caught:
            till.ask("refund", **body)
        assert caught.value.code == code
    assert till.refunds() == [("L-1", "1200.00", "open")]


def test_a_refund_of_tomorrow_is_no_second_task(till) -> None:
    """Paid on a day that is not open yet: the task is done, none arises, and the close posts it."""
    done = {"task_id": paid_twice(till), "on": "2026-01-25"}
    assert till.ask("refund", **done)["outcome"] == "done"
    assert (till.refunds(), till.ledger("customer_credit")) == ([], 1200_00)
    till.close("2026-01-25")
    assert (till.refunds(), till.ledger("customer_credit")) == ([], 0)


def test_a_refund_that_never_left_is_a_task_again(till) -> None:
    """Said to leave tomorrow, then taken back: the money is still the borrower's, and is asked for."""
    task_id = paid_twice(till)
    till.ask("refund", task_id=task_id, on="2026-01-25")
    undone = {"id": "X1", "on": "2026-01-25", "type": "reversed", "reverses": task_id}
    till.ask("post", account_id="L-1", event=undone)
    assert till.refunds() == [("L-1", "1200.00", "open")]


def test_a_payment_of_tomorrow_is_a_task_when_its_day_is_closed(till) -> None:
    """The close finds what is to be paid back, as the doors do."""
    till.book("L-1")
    till.close("2026-01-19")
    till.pay("L-1", "P1", "2026-01-25", "1300.00")
    assert till.refunds() == []
    till.close("2026-01-25")
    assert till.refunds() == [("L-1", "100.00", "open")]


def test_credit_that_a_debt_will_need_is_kept(till) -> None:
    """While something is owed a surplus waits for the next instalment, and is no refund."""
    till.book("L-1")
    till.close("2026-02-04")
    assert "refund_tasks" not in till.pay("L-1", "P1", "2026-02-05", "500.00")
    assert till.refunds() == []


def test_receipts_of_whoever_owes_nothing_are_tasks(till) -> None:
    """By borrower, or after the contract was cancelled: kept, and to be paid back."""
    till.book("L-1")
    failed = {"id": "F1", "on": "2026-01-07", "type": "disbursement_failed", "reverses": "D1"}
    till.ask("post", account_id="L-1", event=failed)
    till.ask("post", account_id="L-1", event={"id": "C1", "on": "2026-01-08", "type": "cancelled"})
    till.close("2026-02-04")
    body = {"receipt_id": "R-1", "borrower_id": "B-1", "amount": "70.00", "on": "2026-02-05"}
    answer = till.ask("receive", **body)
    task = answer["refund_tasks"][0]
    assert (task["account_id"], task["amount"]) == ("L-1", "70.00")
    till.ask("refund", task_id=task["task_id"], on="2026-02-05")
    assert (till.refunds(), till.ledger("customer_credit")) == ([], 0)
