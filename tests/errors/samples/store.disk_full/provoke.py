"""A server that says it has no room; how it comes to say so, and what then holds, is shown by tests/fault."""

from pathlib import Path

from arrears import bootstrap
from arrears.adapters.postgres.session import guarded

NO_ROOM = """
do $$ begin
    raise 'could not extend file "base/16384/16397": No space left on device' using errcode = '53100';
end $$
"""
home = Path("home").resolve()
store = bootstrap.open_embedded(home)
try:
    with guarded(), store.connected() as connection:
        connection.execute(NO_ROOM)
finally:
    store.close()
    bootstrap.stop_embedded(home)
