"""A migration whose file was edited after it had been applied."""

from pathlib import Path

from arrears.adapters.postgres import connection, embedded, migrating

home = Path("home").resolve()
first = migrating.migrations()[0][0]
try:
    server = embedded.start(home)
    migrating.prepare(server.url(embedded.SUPERUSER, "postgres"))
    migrating.migrate(server.url(migrating.OWNER, "arrears"))
    with connection.connect(server.url(migrating.OWNER, "arrears")) as owner:
        owner.execute("update migration set checksum = 'edited-since' where name = %s", [first])
    migrating.migrate(server.url(migrating.OWNER, "arrears"))
finally:
    embedded.stop(home, in_haste=True)
