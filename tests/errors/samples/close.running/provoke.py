"""One process is closing the book; another is asked to close it too. Number and instant are made equal."""

import re
from datetime import date
from pathlib import Path

from arrears import bootstrap
from arrears.app.closing import close_to
from arrears.kernel.errors import ArrearsError

home = Path("home").resolve()
one, other = bootstrap.open_embedded(home), bootstrap.open_embedded(home)
try:
    with one.turn_to_close():
        close_to(other, date(2026, 1, 7), bootstrap.frame(compiled=False), clock=bootstrap.now)
except ArrearsError as error:
    got = re.sub(r"\d+@[^,]+", "4711@ledger-1", error.got)
    got = re.sub(r"since .+ UTC", "since 2026-01-08 00:10:00 UTC", got)
    raise ArrearsError(
        error.code, where=error.where, expected=error.expected, got=got, mend=error.mend
    ) from error
finally:
    one.close()
    other.close()
    bootstrap.stop_embedded(home)
