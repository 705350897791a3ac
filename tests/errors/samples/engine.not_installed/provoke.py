"""Spark is asked for where it is not installed: no program finds it any more."""

import sys

from arrears.adapters.spark import session

kept = sys.modules.get("pyspark")
sys.modules["pyspark"] = None  # type: ignore[assignment]  # the way to say that there is none
try:
    session()
finally:
    del sys.modules["pyspark"]
    if kept is not None:
        sys.modules["pyspark"] = kept
