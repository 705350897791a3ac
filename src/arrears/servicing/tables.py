"""The tables the fold works on, bundled; interpreted they are memoryviews, compiled numpy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray


class Column(Protocol):
    """int64[n]."""

    def __getitem__(self, at: int) -> int:
        """One number."""

    def __setitem__(self, at: int, value: int) -> None:
        """Put one number."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n,)."""


class Table(Protocol):
    """int64[n, m]."""

    def __getitem__(self, at: tuple[int, int]) -> int:
        """One number."""

    def __setitem__(self, at: tuple[int, int], value: int) -> None:
        """Put one number."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, m)."""


class Tables(NamedTuple):
    """One account's tables; columns are named in `layout`."""

    terms: Column
    orders: Table
    events: Table
    rows: Table
    in_force: Column  #: rows in force, by due date; entries [0, account[A_ACTIVE])
    queue: Column  #: events that count, in order
    work: Table
    account: Column
    moves: Table


#: int64 of any shape, sliceable: what the book's tables are.
Array: TypeAlias = "NDArray[int64]"
