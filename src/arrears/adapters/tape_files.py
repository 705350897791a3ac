"""Tape files: CSV, also gzipped, or Parquet as rows of text, whatever their types."""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING, TextIO, cast

import polars as pl

from arrears.app.tape_row import BEYOND
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from pathlib import Path


def read_rows(path: Path) -> list[dict[str, str]]:
    """Every row of a file, its values as text; a missing value is empty.

    Values of a CSV line for which there is no column stand under `BEYOND`: that row is broken, and
    the others are not.

    Raises:
        ArrearsError: `tape.unreadable`.
    """
    if not path.is_file():
        raise ArrearsError("tape.unreadable", where=str(path), expected="a file", got="none")
    try:
        return rows_of_parquet(path) if path.suffix == ".parquet" else rows_of_csv(path)
    except (pl.exceptions.PolarsError, csv.Error, UnicodeDecodeError, OSError, EOFError) as error:
        raise unreadable(path, got=str(error).splitlines()[0]) from error


def rows_of_parquet(path: Path) -> list[dict[str, str]]:
    """The rows of a Parquet file."""
    as_text = pl.read_parquet(path).select(pl.all().cast(pl.String).fill_null(""))
    return as_text.to_dicts()


def rows_of_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a heading.

    Raises:
        ArrearsError: `tape.unreadable` where the heading is missing, or names a column twice.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with cast("TextIO", opened(path, "rt", encoding="utf-8-sig", newline="")) as file:
        lines = csv.reader(file, strict=True)
        heading = next(lines, [])
        if not heading or BEYOND in heading or len(set(heading)) != len(heading):
            raise unreadable(path, got=f"the heading {','.join(heading)!r}")
        try:
            return [row_of_line(heading, line) for line in lines if line]
        except csv.Error as error:
            raise unreadable(path, got=f"line {lines.line_num}: {error}") from error


def row_of_line(heading: list[str], line: list[str]) -> dict[str, str]:
    """One line under its heading; what it lacks is empty, what it has too much is kept apart."""
    values = line + [""] * (len(heading) - len(line))
    row = dict(zip(heading, values, strict=False))
    if len(line) > len(heading):
        row[BEYOND] = ",".join(line[len(heading) :])
    return row


def unreadable(path: Path, *, got: str) -> ArrearsError:
    """The error of a file that is no tape."""
    return ArrearsError(
        "tape.unreadable", where=str(path), expected="CSV with a heading, or Parquet", got=got
    )
