"""A receipt is to be taken back from an account that was never given it."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command, book
from arrears.app.suspense import add_receipt
from arrears.app.unmatching import unmatch_receipt

terms = {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 3}
first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
lend = partial(book, borrower_id="B-1", product="")
acts = [
    (lend, {"account_id": "L-1", "contract": {"terms": terms}, "events": [first]}),
    (add_receipt, {"receipt_id": "R-1", "amount": "100.00", "on": "2026-02-03"}),
    (unmatch_receipt, {"receipt_id": "R-1", "account_id": "L-1"}),
]
home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
at = datetime(2026, 1, 5, tzinfo=UTC)
try:
    for number, (act, body) in enumerate(acts):
        command = Command(caller="sample", command="act", key=str(number), body=body)
        act(store, command, recorded_at=at, frame=frame)
finally:
    store.close()
    bootstrap.stop_embedded(home)
