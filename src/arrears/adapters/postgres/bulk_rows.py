"""Rows as PostgreSQL's binary COPY takes them, made of columns many at a time."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    #: int16, int32 or int64 as the table has it, or bytes of different lengths, none ending in NUL.
    Column: TypeAlias = (
        npt.NDArray[np.int16]
        | npt.NDArray[np.int32]
        | npt.NDArray[np.int64]
        | npt.NDArray[np.bytes_]
    )

BEGIN = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
#: Dates and instants count from 2000-01-01.
EPOCH_DAYS = 10_957
DAY_MICROSECONDS = 86_400_000_000
LENGTHS_MAX = 256
ROWS_AT_ONCE = 20_000


def dates(days: npt.NDArray[np.int64]) -> Column:
    """Days since 1970-01-01 as a column of dates."""
    return (days - EPOCH_DAYS).astype(np.int32)


def instants(microseconds: npt.NDArray[np.int64]) -> Column:
    """Microseconds since 1970-01-01 UTC as a column of instants."""
    return microseconds - EPOCH_DAYS * DAY_MICROSECONDS


def texts(words: Sequence[str], codes: npt.NDArray[np.int64]) -> Column:
    """A column of words by their places in a list."""
    table: npt.NDArray[np.bytes_] = np.array([each.encode() for each in words])
    return table[codes]


def binary_rows(columns: Sequence[Column]) -> bytes:
    """Rows of a COPY, without its beginning and end.

    Rows whose texts are of the same lengths are of one shape: they are filled in at once, and then
    laid into their places.

    Args:
        columns: In the order of the COPY, all of one length; a text is shorter than `LENGTHS_MAX`.
    """
    rows = len(columns[0])
    return b"".join(
        rows_of_slice([each[start : start + ROWS_AT_ONCE] for each in columns])
        for start in range(0, rows, ROWS_AT_ONCE)
    )


def rows_of_slice(columns: Sequence[Column]) -> bytes:
    """As `binary_rows`, of so few that what is laid out stays close to the processor."""
    rows = len(columns[0])
    lengths = [lengths_of(each) for each in columns]
    key = np.zeros(rows, dtype=np.int64)
    for each in lengths:
        if not isinstance(each, int):
            key = key * LENGTHS_MAX + each
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    parts = np.split(order, starts[1:])
    shapes = [
        shape_of(
            [each if isinstance(each, int) else int(each[part[0]]) for each in lengths], columns
        )
        for part in parts
    ]
    widest = max(shape.itemsize for shape in shapes)
    laid = np.zeros((rows, widest), dtype=np.uint8)
    width = np.zeros(rows, dtype=np.int64)
    for part, shape in zip(parts, shapes, strict=True):
        filled = filled_in(shape, [each[part] for each in columns])
        laid[part, : shape.itemsize] = filled.view(np.uint8).reshape(len(part), -1)
        width[part] = shape.itemsize
    return laid[np.arange(widest) < width[:, None]].tobytes()


def lengths_of(column: Column) -> npt.NDArray[np.int64] | int:
    """How many bytes each value has, or all of them."""
    if column.dtype.kind != "S":
        return column.dtype.itemsize
    lengths: npt.NDArray[np.int64] = np.char.str_len(column.astype(np.bytes_, copy=False))
    return lengths


def shape_of(lengths: Sequence[int], columns: Sequence[Column]) -> np.dtype[np.void]:
    """One row as bytes: how many fields, then each field's length and value."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for at, (length, column) in enumerate(zip(lengths, columns, strict=True)):
        kind = f"S{length}" if column.dtype.kind == "S" else f">i{length}"
        fields.append((f"l{at}", ">i4"))
        if length:
            fields.append((f"v{at}", kind))
    return np.dtype(fields)


def filled_in(shape: np.dtype[np.void], columns: Sequence[Column]) -> npt.NDArray[np.void]:
    """Rows of one shape."""
    table = np.zeros(len(columns[0]), dtype=shape)
    table["fields"] = len(columns)
    for at, column in enumerate(columns):
        if f"v{at}" in (shape.names or ()):
            table[f"l{at}"] = shape[f"v{at}"].itemsize
            table[f"v{at}"] = column
    return table


def bytes_row(values: Sequence[bytes]) -> bytes:
    """One row whose fields are bytes already as the table's types have them."""
    told = [struct.pack(">h", len(values))]
    for value in values:
        told += (struct.pack(">i", len(value)), value)
    return b"".join(told)
