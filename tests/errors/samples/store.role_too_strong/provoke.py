"""The application pointed at the superuser instead of its own role."""

from pathlib import Path

from arrears.adapters.postgres import connection, embedded

home = Path("home").resolve()
try:
    connection.check_role(embedded.start(home).url(embedded.SUPERUSER, "postgres"))
finally:
    embedded.stop(home, in_haste=True)
