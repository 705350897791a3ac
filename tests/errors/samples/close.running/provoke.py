"""One process is closing the book; another is asked to close it too."""

from datetime import date
from pathlib import Path

from arrears import bootstrap
from arrears.app.closing import close_to

home = Path("home").resolve()
one, other = bootstrap.open_embedded(home), bootstrap.open_embedded(home)
try:
    with one.turn_to_close():
        close_to(other, date(2026, 1, 7), bootstrap.frame(compiled=False), clock=bootstrap.now)
finally:
    one.close()
    other.close()
    bootstrap.stop_embedded(home)
