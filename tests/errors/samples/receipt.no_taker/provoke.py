"""A receipt in suspense is given to a borrower who has no account."""

from datetime import UTC, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command
from arrears.app.suspense import add_receipt, split_over_accounts

home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
at = datetime(2026, 2, 5, tzinfo=UTC)
came = {"receipt_id": "R-1", "amount": "100.00", "on": "2026-02-03"}
asked = {"receipt_id": "R-1", "borrower_id": "B-9"}
try:
    for use_case, body in ((add_receipt, came), (split_over_accounts, asked)):
        command = Command(caller="sample", command=use_case.__name__, key="1", body=body)
        use_case(store, command, recorded_at=at, frame=frame)
finally:
    store.close()
    bootstrap.stop_embedded(home)
