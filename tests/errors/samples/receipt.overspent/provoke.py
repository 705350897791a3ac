"""Two loans are each given the whole of one receipt."""

from datetime import UTC, date, datetime
from pathlib import Path

from arrears import bootstrap
from arrears.app.ports import Receipt, Resolution, ResolutionKind

home = Path("home").resolve()
store = bootstrap.open_embedded(home)
at = datetime(2026, 2, 5, tzinfo=UTC)
came = Receipt(
    receipt_id="R-1",
    channel="bank",
    source_ref="T-1",
    amount_minor=100_00,
    currency="CNY",
    value_on=date(2026, 2, 3),
)
try:
    with store.unit_of_work() as work:
        work.add_receipt(came, at)
        for loan in ("L-1", "L-2"):
            kind = ResolutionKind.MATCHED
            part = Resolution(kind=kind, amount_minor=100_00, account_id=loan, event_id="E-1")
            work.resolve("R-1", part, at)
finally:
    store.close()
    bootstrap.stop_embedded(home)
