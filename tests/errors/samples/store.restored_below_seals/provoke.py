"""A seal from a server that had counted further than this one."""

from pathlib import Path

from arrears import bootstrap
from arrears.adapters.postgres.seal_store import PostgresSeals

home = Path("home").resolve()
store = bootstrap.open_embedded(home)
try:
    with store.connected() as connection:
        connection.execute(
            "insert into seal_batch values (1, 'journal', '0', 0, '999999999', 1, '', '', 1,"
            " sha256('a'), sha256('b'), '', '2026-03-01T00:00Z')"
        )
    with PostgresSeals(store.url).sealing() as work:
        work.open_rows("journal", 1)
finally:
    store.close()
    bootstrap.stop_embedded(home)
