"""A product changed without a new version."""

from pathlib import Path

from arrears import bootstrap

home = Path("home").resolve()
store = bootstrap.open_embedded(home)
try:
    with store.unit_of_work() as work:
        work.add_product("cash", 1, {"rate_max": "0.24"})
        work.add_product("cash", 1, {"rate_max": "0.36"})
finally:
    store.close()
    bootstrap.stop_embedded(home)
