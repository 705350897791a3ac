"""Files of payments: CSV, also gzipped, or Parquet, as lines of text with their numbers."""

from __future__ import annotations

import csv
import gzip
from sys import intern
from typing import TYPE_CHECKING, TextIO, cast

import polars as pl

from arrears.adapters.tape_files import unreadable
from arrears.app.payment_lines import NEEDED, OPTIONAL, Line
from arrears.kernel.decimals import shown
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

COLUMNS = NEEDED + OPTIONAL
#: What many lines have in common is kept once.
ALIKE = frozenset({"on", "channel", "type"})


def read_payments(path: Path) -> list[Line]:
    """Every line of a file.

    Raises:
        ArrearsError: `tape.unreadable`, `tape.missing_column`, `tape.unknown_column`.
    """
    if not path.is_file():
        raise ArrearsError("tape.unreadable", where=str(path), expected="a file", got="none")
    try:
        if path.suffix == ".parquet":
            return list(lines_of_parquet(path))
        return list(lines_of_csv(path))
    except (pl.exceptions.PolarsError, csv.Error, UnicodeDecodeError, OSError, EOFError) as error:
        raise unreadable(path, got=str(error).splitlines()[0]) from error


def lines_of_parquet(path: Path) -> Iterator[Line]:
    """The rows of a Parquet file."""
    table = pl.read_parquet(path)
    check_heading(table.columns)
    as_text = table.select(pl.all().cast(pl.String).fill_null(""))
    for number, row in enumerate(as_text.iter_rows(), start=1):
        yield line_of(number, as_text.columns, row)


def lines_of_csv(path: Path) -> Iterator[Line]:
    """The lines of a CSV file with a heading.

    Raises:
        ArrearsError: `tape.*`.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with cast("TextIO", opened(path, "rt", encoding="utf-8-sig", newline="")) as file:
        lines = csv.reader(file, strict=True)
        heading = next(lines, [])
        check_heading(heading)
        try:
            for line in lines:
                if line:
                    yield line_of(lines.line_num, heading, line)
        except csv.Error as error:
            raise unreadable(path, got=f"line {lines.line_num}: {error}") from error


def line_of(number: int, heading: Sequence[str], values: Sequence[str]) -> Line:
    """One line under its heading; what it lacks is empty, what it has too much is kept apart."""
    found = {
        name: intern(value) if name in ALIKE else value
        for name, value in zip(heading, values, strict=False)
    }
    for name in NEEDED:
        found.setdefault(name, "")
    return Line(number=number, beyond=",".join(values[len(heading) :]), **found)


def check_heading(heading: Sequence[str]) -> None:
    """Refuse a file that lacks a column, has one twice, or has one that means nothing here.

    Raises:
        ArrearsError: `tape.missing_column`, `tape.unknown_column`.
    """
    for at, name in enumerate(heading):
        if name not in COLUMNS or name in heading[:at]:
            known = " | ".join(COLUMNS)
            raise ArrearsError(
                "tape.unknown_column", where="the heading", expected=known, got=shown(name)
            )
    for name in NEEDED:
        if name not in heading:
            raise ArrearsError(
                "tape.missing_column", where="the heading", expected=name, got="nothing"
            )
