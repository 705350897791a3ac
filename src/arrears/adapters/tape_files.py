"""Tape files: CSV or Parquet as rows of text, whatever their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from pathlib import Path


def read_rows(path: Path) -> list[dict[str, str]]:
    """Every row of a file, its values as text; a missing value is empty.

    Raises:
        ArrearsError: `tape.unreadable`.
    """
    if not path.is_file():
        raise ArrearsError("tape.unreadable", where=str(path), expected="a file", got="none")
    try:
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ArrearsError(
            "tape.unreadable",
            where=str(path),
            expected="CSV with a heading, or Parquet",
            got=str(error).splitlines()[0],
        ) from error
    as_text = frame.select(pl.all().cast(pl.String).fill_null(""))
    return as_text.to_dicts()
