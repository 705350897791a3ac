"""The same key with another body."""

from datetime import UTC, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command, book

home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
try:
    for principal in ("1200", "1300"):
        terms = {"principal": principal, "disbursed_on": "2026-01-05", "instalments": 3}
        first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": principal}
        body = {"account_id": "L-1", "contract": {"terms": terms}, "events": [first]}
        book(
            store,
            Command(caller="sample", command="book", key="1", body=body),
            borrower_id="B-1",
            product="",
            recorded_at=datetime(2026, 1, 5, tzinfo=UTC),
            frame=frame,
        )
finally:
    store.close()
    bootstrap.stop_embedded(home)
