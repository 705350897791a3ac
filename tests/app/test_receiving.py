"""A receipt without a loan id on a real database: split, posted together, once."""

from __future__ import annotations

from datetime import UTC, datetime

from arrears import bootstrap
from arrears.app.booking import Command, book
from arrears.app.receiving import receive

RECORDED = datetime(2026, 1, 5, tzinfo=UTC)


def test_a_receipt_meets_two_loans_once(new_database) -> None:  # noqa: ANN001 - of conftest
    """Two loans due on one day, the dearer first; the same receipt again changes nothing."""
    store, frame = new_database.store(), bootstrap.frame(compiled=False)
    for name, rate in (("L-1", "0.10"), ("L-2", "0.15")):
        terms = {
            "principal": "1200",
            "disbursed_on": "2026-01-05",
            "annual_rate": rate,
            "instalments": 3,
        }
        first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
        body: dict[str, object] = {
            "account_id": name,
            "contract": {"terms": terms},
            "events": [first],
        }
        book(
            store,
            Command(caller="test", command="book", key=name, body=body),
            borrower_id="B-1",
            product="",
            recorded_at=RECORDED,
            frame=frame,
        )
    receipt = {"receipt_id": "R-1", "borrower_id": "B-1", "amount": "500.00", "on": "2026-02-05"}
    command = Command(caller="test", command="receive", key="R-1", body=dict(receipt))
    answer = receive(store, command, recorded_at=RECORDED, frame=frame)
    assert answer["parts"] == {"L-2": "409.91", "L-1": "90.09"}
    again = Command(caller="test", command="receive", key="another", body=dict(receipt))
    assert receive(store, again, recorded_at=RECORDED, frame=frame)["outcome"] == "already_recorded"
