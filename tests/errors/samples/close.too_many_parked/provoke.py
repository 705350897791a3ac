"""Twelve accounts whose stored events cannot be read: it is not the accounts' own fault."""

from datetime import UTC, date, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command, book
from arrears.app.closing import close_to

opened = datetime(2026, 1, 5, tzinfo=UTC)
terms = {"principal": "1200", "disbursed_on": "2026-01-05", "annual_rate": "0.1", "instalments": 3}
first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
broken = {"id": "X1", "on": "2026-01-06", "seq": 0, "type": "repaid", "amount": "-5"}
home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
try:
    for number in range(1, 13):
        body = {"account_id": f"L-{number}", "contract": {"terms": terms}, "events": [first]}
        book(
            store,
            Command(caller="sample", command="book", key=str(number), body=body),
            borrower_id="B-1",
            product="",
            recorded_at=opened,
            frame=frame,
        )
    with store.unit_of_work() as work:
        for account in work.read(work.open_accounts()):
            work.add_event(account, broken, opened)
    close_to(store, date(2026, 1, 7), frame, clock=bootstrap.now)
finally:
    store.close()
    bootstrap.stop_embedded(home)
