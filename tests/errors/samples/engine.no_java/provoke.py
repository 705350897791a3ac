"""Spark is installed, and JAVA_HOME names a folder without Java."""

import os

from arrears.adapters.spark import session

before = os.environ.get("JAVA_HOME")
os.environ["JAVA_HOME"] = "nowhere"
try:
    session()
finally:
    del os.environ["JAVA_HOME"]
    if before is not None:
        os.environ["JAVA_HOME"] = before
