"""Reading from PostgreSQL into Arrow: a second connection that copies results out in binary."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, LiteralString

import numpy as np
import psycopg
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement, Error
from adbc_driver_postgresql import connect

from arrears.adapters.postgres.session import meaning_of, session_url
from arrears.servicing.layout import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from arrears.servicing.tables import Array

INT64_BYTES = 8


class ColumnReader:
    """A connection for reading alone; each query sees what was committed when it began.

    The driver's lower interface: its other one loads whatever reads Arrow, a second for each process.
    """

    def __init__(self, url: str, session_name: str = "arrears") -> None:
        self.url = session_url(url, session_name)
        self.database: AdbcDatabase | None = None
        self.connection: AdbcConnection | None = None

    def read(self, query: LiteralString, values: Mapping[str, object]) -> pa.Table:
        """The rows of a named statement as columns.

        Raises:
            ArrearsError: `store.unreachable`, `store.disk_full`, `store.busy`,
                `store.role_too_weak`.
            InvariantError: `store.refused`.
        """
        import pyarrow as pa  # noqa: PLC0415 - start-up

        try:
            with AdbcStatement(self.connected()) as statement:
                statement.set_sql_query(bound(query, values))
                stream, _ = statement.execute_query()
                return pa.RecordBatchReader.from_stream(stream).read_all().combine_chunks()
        except (Error, pa.ArrowException, OSError) as error:
            self.close()
            raise meaning_of(error) from error

    def connected(self) -> AdbcConnection:
        """The connection, opened when first needed and again when it was lost."""
        if self.connection is None:
            self.database = connect(self.url)
            self.connection = AdbcConnection(self.database)
        return self.connection

    def close(self) -> None:
        """Close the connection; the next read opens another."""
        held = self.connection, self.database
        self.connection = self.database = None
        for each in held:
            if each is not None:
                with suppress(Error):  # of a connection that was lost
                    each.close()


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
