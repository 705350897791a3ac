"""A server on which somebody made commits faster than disks."""

from pathlib import Path

from arrears import bootstrap
from arrears.adapters.postgres import embedded
from arrears.adapters.postgres.session import connect

home = Path("home").resolve()
try:
    bootstrap.open_embedded(home).close()
    url = embedded.start(home).url(embedded.SUPERUSER, "postgres")
    with connect(url) as connection:
        connection.execute("alter role arrears_app set synchronous_commit = off")
    bootstrap.open_embedded(home)
finally:
    embedded.stop(home, in_haste=True)
