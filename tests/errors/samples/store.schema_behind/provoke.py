"""A database in which only the first migration has been applied."""

from pathlib import Path

from arrears.adapters.postgres import connection, embedded, migrating

home = Path("home").resolve()
try:
    server = embedded.start(home)
    migrating.prepare(server.url(embedded.SUPERUSER, "postgres"))
    migrating.migrate(server.url(migrating.OWNER, "arrears"), up_to="0001_books.sql")
    connection.check_role(server.url(migrating.APP, "arrears"))
finally:
    embedded.stop(home, in_haste=True)
