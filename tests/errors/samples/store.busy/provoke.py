"""Two writers, one lock: the second does not wait for ever."""

from pathlib import Path

from arrears import bootstrap
from arrears.adapters.postgres.session import guarded

home = Path("home").resolve()
one, two = bootstrap.open_embedded(home), bootstrap.open_embedded(home)
try:
    with guarded(), one.connected() as first, two.connected() as second:
        first.execute("select pg_advisory_xact_lock(1)")
        second.execute("set lock_timeout = 1")
        second.execute("select pg_advisory_xact_lock(1)")
finally:
    one.close()
    two.close()
    bootstrap.stop_embedded(home)
