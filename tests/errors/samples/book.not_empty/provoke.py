"""A book that holds a loan is asked to become one of three years."""

from pathlib import Path

from acting import LENT, act_out, lend

from arrears import bootstrap
from arrears.adapters.postgres import embedded
from arrears.adapters.postgres.mature_loading import loading
from arrears.adapters.postgres.migrating import DATABASE, OWNER

act_out([(lend, {"account_id": "L-1", **LENT})])
home = Path("home").resolve()
try:
    with loading(embedded.start(home).url(OWNER, DATABASE)):
        pass
finally:
    bootstrap.stop_embedded(home)
