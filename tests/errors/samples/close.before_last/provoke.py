"""A book closed to the first days of a loan, asked to close a day before them."""

from datetime import UTC, date, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command, book
from arrears.app.closing import close_to

terms = {"principal": "1200", "disbursed_on": "2026-01-05", "annual_rate": "0.1", "instalments": 3}
first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
body = {"account_id": "L-1", "contract": {"terms": terms}, "events": [first]}
home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
try:
    book(
        store,
        Command(caller="sample", command="book", key="1", body=body),
        borrower_id="B-1",
        product="",
        recorded_at=datetime(2026, 1, 5, tzinfo=UTC),
        frame=frame,
    )
    close_to(store, date(2026, 1, 7), frame, clock=bootstrap.now)
    close_to(store, date(2026, 1, 1), frame, clock=bootstrap.now)
finally:
    store.close()
    bootstrap.stop_embedded(home)
