"""A server older than the oldest we can be safe on; here the oldest is set to one yet to come."""

from pathlib import Path
from unittest import mock

from arrears import bootstrap
from arrears.adapters.postgres import connection

home = Path("home").resolve()
try:
    with mock.patch.object(connection, "SERVER_MAJOR_OLDEST", 99):
        bootstrap.open_embedded(home)
finally:
    bootstrap.stop_embedded(home)
