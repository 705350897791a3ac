"""Two contracts are booked under one account id, each with a key of its own."""

from datetime import UTC, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command, book

home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
terms = {"principal": "1200", "disbursed_on": "2026-01-05", "annual_rate": "0.1", "instalments": 3}
first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
body = {"account_id": "L-1", "contract": {"terms": terms}, "events": [first]}
try:
    for key, borrower in (("1", "B-1"), ("2", "B-2")):
        book(
            store,
            Command(caller="sample", command="book", key=key, body=body),
            borrower_id=borrower,
            product="",
            recorded_at=datetime(2026, 1, 5, tzinfo=UTC),
            frame=frame,
        )
finally:
    store.close()
    bootstrap.stop_embedded(home)
