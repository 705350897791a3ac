"""A loan is closed until it is overdue and posts; the bound is set to no row at all."""

from datetime import date
from pathlib import Path

from acting import LENT, RECORDED, lend

from arrears import bootstrap
from arrears.app import ranges
from arrears.app.booking import Command
from arrears.app.closing import close_to

home = Path("home").resolve()
store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
bound, ranges.ROWS_AN_ACCOUNT = ranges.ROWS_AN_ACCOUNT, 0
try:
    command = Command(caller="sample", command="book", key="1", body={"account_id": "L-1", **LENT})
    lend(store, command, recorded_at=RECORDED, frame=frame)
    close_to(store, date(2026, 2, 28), frame, clock=bootstrap.now)
finally:
    ranges.ROWS_AN_ACCOUNT = bound
    store.close()
    bootstrap.stop_embedded(home)
