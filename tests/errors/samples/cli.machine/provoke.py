"""A file that is not there."""

from pathlib import Path

from arrears.entrypoints.cli.main import machine_error

try:
    Path("tape.csv").read_text(encoding="utf-8")
except OSError as error:
    raise machine_error(error) from error
