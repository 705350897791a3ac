"""Reading from PostgreSQL into Arrow: a second connection that copies results out in binary."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import numpy as np
import psycopg
from adbc_driver_postgresql import dbapi

from arrears.adapters.postgres.session import session_url, unreachable
from arrears.servicing.layout import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from arrears.servicing.tables import Array

INT64_BYTES = 8


class ColumnReader:
    """A connection for reading alone; each query sees what was committed when it began."""

    def __init__(self, url: str, session_name: str = "arrears") -> None:
        self.url = session_url(url, session_name)
        self.connection: dbapi.Connection | None = None

    def read(self, query: LiteralString, values: Mapping[str, object]) -> pa.Table:
        """The rows of a named statement as columns.

        Raises:
            ArrearsError: `store.unreachable`.
        """
        try:
            if self.connection is None:
                self.connection = dbapi.connect(self.url, autocommit=True)
            with self.connection.cursor() as cursor:
                cursor.execute(bound(query, values))
                return cursor.fetch_arrow_table().combine_chunks()
        except dbapi.Error as error:
            self.close()
            raise unreachable(error) from error

    def close(self) -> None:
        """Close the connection; the next read opens another."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def bound(query: LiteralString, values: Mapping[str, object]) -> str:
    """A statement with its values written into it: what is copied out takes no parameters."""
    words = {name: psycopg.sql.Literal(value).as_string() for name, value in values.items()}
    return query % words


def integers(table: pa.Table, name: str) -> Array:
    """A column of whole numbers or days, NONE where there is none."""
    import pyarrow as pa  # noqa: PLC0415 - start-up

    column = table.column(name)
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    found: Array = column.fill_null(NONE).to_numpy().astype(np.int64)
    return found


def words(table: pa.Table, name: str) -> list[str]:
    """A column of texts."""
    found: list[str] = table.column(name).to_pylist()
    return found


def packed_column(table: pa.Table, name: str, columns: int) -> tuple[Array, Array]:
    """A column of packed tables laid end to end, and where each row's begins.

    Args:
        table: With a column of bytes.
        name: Of the column.
        columns: Of the packed tables.

    Returns:
        int64[all rows, columns] and int64[n + 1], in memory of their own.
    """
    chunk = one_chunk(table, name)
    _, places, data = chunk.buffers()
    if len(chunk) == 0 or data is None:
        return np.zeros((0, columns), dtype=np.int64), np.zeros(len(chunk) + 1, dtype=np.int64)
    offsets = np.frombuffer(places, dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    begin, end = int(offsets[0]), int(offsets[-1])
    numbers = np.frombuffer(data, dtype=np.uint8)[begin:end].copy().view(np.int64)
    begins = (offsets.astype(np.int64) - begin) // (INT64_BYTES * columns)
    return numbers.reshape(-1, columns), begins


def one_chunk(table: pa.Table, name: str) -> pa.BinaryArray:
    """A column as one array."""
    import pyarrow as pa  # noqa: PLC0415 - start-up

    chunks = table.column(name)
    return (
        chunks.chunk(0)
        if chunks.num_chunks == 1
        else pa.concat_arrays(chunks.chunks or [pa.array([], type=pa.binary())])
    )
