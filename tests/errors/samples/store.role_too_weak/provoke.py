"""The owner's URL names the application, which may not migrate."""

from pathlib import Path

from arrears.adapters.postgres import embedded, migrating

home = Path("home").resolve()
try:
    server = embedded.start(home)
    migrating.prepare(server.url(embedded.SUPERUSER, "postgres"))
    migrating.migrate(server.url(migrating.APP, migrating.DATABASE))
finally:
    embedded.stop(home, in_haste=True)
