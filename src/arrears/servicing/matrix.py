"""Tables of int64 without numpy: the interpreted fold runs over them, the compiled one sees the same memory."""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arrears.servicing.tables import Array

INTEGER: Final = "q"
INTEGER_BYTES = 8


class Vector(Protocol):
    """int64[n]."""

    def __getitem__(self, at: int) -> int:
        """One number."""

    def __setitem__(self, at: int, value: int) -> None:
        """Put one number."""

    def __iter__(self) -> Iterator[int]:
        """The numbers in order."""

    def __len__(self) -> int:
        """How many."""

    def tolist(self) -> list[int]:
        """The numbers as a list."""

    def tobytes(self) -> bytes:
        """The numbers as they lie in memory."""


class Matrix(Protocol):
    """int64[n, m]."""

    def __getitem__(self, at: tuple[int, int]) -> int:
        """One number."""

    def __setitem__(self, at: tuple[int, int], value: int) -> None:
        """Put one number."""

    def __len__(self) -> int:
        """How many rows."""

    def tolist(self) -> list[list[int]]:
        """The rows as lists."""

    def tobytes(self) -> bytes:
        """The numbers as they lie in memory, row after row."""


class Empty:
    """A table without rows, which a memoryview cannot be."""

    def __init__(self, columns: int) -> None:
        self.shape = (0, columns)

    def __len__(self) -> int:
        """0."""
        return 0

    def __getitem__(self, at: tuple[int, int]) -> int:
        """There is no number."""
        raise IndexError(at)

    def __setitem__(self, at: tuple[int, int], value: int) -> None:
        """There is no place for one."""
        raise IndexError(at)

    def tolist(self) -> list[list[int]]:
        """No rows."""
        return []

    def tobytes(self) -> bytes:
        """Nothing."""
        return b""


def vector_of(numbers: Sequence[int]) -> Vector:
    """A vector of numbers."""
    return memoryview(array(INTEGER, numbers))


def zeros(length: int) -> Vector:
    """A vector of zeros."""
    return memoryview(bytearray(INTEGER_BYTES * length)).cast(INTEGER)


def shaped(memory: bytearray | bytes | memoryview, columns: int) -> Matrix:
    """Memory as rows of so many columns."""
    view = memoryview(memory)
    rows = view.nbytes // (INTEGER_BYTES * columns)
    if rows == 0:
        return Empty(columns)
    seen: object = view.cast("B").cast(INTEGER, (rows, columns))
    return cast("Matrix", seen)


def matrix_of(rows: Sequence[Sequence[int]], columns: int) -> Matrix:
    """A table of rows, each of so many numbers."""
    return shaped(memoryview(array(INTEGER, chain.from_iterable(rows))).cast("B"), columns)


def blank(rows: int, columns: int) -> Matrix:
    """A table of zeros."""
    return shaped(bytearray(INTEGER_BYTES * rows * columns), columns)


def copied(table: Matrix, columns: int) -> Matrix:
    """The same numbers in memory of their own."""
    return shaped(bytearray(table.tobytes()), columns)


def as_array(table: Matrix | Vector) -> Array:
    """The same memory as a numpy array, for the compiled fold and for books of many accounts."""
    import numpy as np  # noqa: PLC0415 - a command on one account does without

    if isinstance(table, Empty):
        return np.zeros(table.shape, dtype=np.int64)
    return np.asarray(table, dtype=np.int64)
