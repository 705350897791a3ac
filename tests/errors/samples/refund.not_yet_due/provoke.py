"""A refund is said to have left before the money came."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command, book
from arrears.app.posting import post
from arrears.app.refunding import complete_refund

paid = {"id": "P1", "on": "2026-01-05", "type": "repaid", "amount": "1300.00"}
terms = {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 3}
first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
lent = {"contract": {"terms": terms}, "events": [first]}
lend = partial(book, borrower_id="B-1", product="")
acts = [
    (lend, {"account_id": "L-1", **lent}),
    (post, {"account_id": "L-1", "event": paid}),
    (complete_refund, {"task_id": "refund/L-1/2", "on": "2026-01-04"}),
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
