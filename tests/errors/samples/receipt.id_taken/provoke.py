"""Two lines of a bank statement come under one receipt id."""

from datetime import UTC, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.booking import Command
from arrears.app.suspense import add_receipt

home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
try:
    for ref in ("T-1", "T-2"):
        source = {"channel": "icbc", "ref": ref}
        body = {"receipt_id": "R-1", "amount": "100.00", "on": "2026-02-03", "source": source}
        command = Command(caller="sample", command="receipts add", key=ref, body=body)
        add_receipt(store, command, recorded_at=datetime(2026, 2, 5, tzinfo=UTC), frame=frame)
finally:
    store.close()
    bootstrap.stop_embedded(home)
