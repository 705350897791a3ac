"""What an export reads: one transaction that sees one moment, rows as Arrow without a detour through Python."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from adbc_driver_postgresql import dbapi

from arrears.adapters.postgres.session import session_url
from arrears.adapters.postgres.statements import statements
from arrears.app.exporting import Moment
from arrears.kernel.errors import ArrearsError, InvariantError
from arrears.kernel.money import EXPONENTS
from arrears.kernel.movement import Component, MovementKind, Stage
from arrears.kernel.rates import PPM
from arrears.servicing.contract import read_contract
from arrears.servicing.events import read_event
from arrears.servicing.packing import packed_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Of `changed_accounts`, what stands in the table of columns.
COLUMNS = ("terms", "orders", "rows", "events")
DOCUMENTS = ("contract", "documents")
#: The first words of the classes of errors that say the server is gone: connections, shutting down.
GONE = ("08", "57")
#: A snapshot at which nothing had been written.
BEFORE_ALL = "1:1:"


class PostgresBookSource:
    """Books on one server; see `app.exporting.BookSource`."""

    def __init__(self, url: str, layout: str) -> None:
        self.url = url
        self.layout = layout

    @contextmanager
    def at_one_moment(self) -> Iterator[PostgresMoment]:
        """The book as it is now; nothing is written, and nobody waits for it.

        Raises:
            ArrearsError: `close.nothing_booked`, `store.unreachable`, `store.role_too_weak`.
        """
        url = session_url(self.url)
        with guarded(), dbapi.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(statements("export.sql")["begin"])
            yield PostgresMoment(cursor, self.layout)


class PostgresMoment:
    """The book at its moment; see `app.exporting.BookAtMoment`."""

    def __init__(self, cursor: dbapi.Cursor, layout: str) -> None:
        self.cursor = cursor
        self.layout = layout
        cursor.execute(statements("export.sql")["moment"])
        found = cursor.fetch_arrow_table().to_pylist()[0]
        if found["day"] is None:
            raise ArrearsError(
                "close.nothing_booked",
                where="the book",
                expected="at least one account",
                got="none",
            )
        self.moment = Moment(**found)

    def stream(self, name: str, values: Sequence[object]) -> Iterator[pa.RecordBatch]:
        """The rows of a named statement, some megabytes at a time."""
        self.cursor.execute(statements("export.sql")[name], parameters=tuple(values))
        yield from self.cursor.fetch_record_batch()

    def changed_accounts(
        self, slots: range, known: Mapping[str, int]
    ) -> Iterator[dict[str, pa.RecordBatch]]:
        """Facts and caches, and the fold's input, of accounts whose version is another."""
        values = (slots.start, slots.stop, self.layout, list(known), list(known.values()))
        for read in self.stream("changed_accounts", values):
            batch = packed_now(read)
            told = [name for name in batch.schema.names if name not in (*COLUMNS, *DOCUMENTS)]
            yield {
                "accounts": batch.select(told),
                "columns": batch.select(["slot", "account_id", "product", "currency", *COLUMNS]),
            }

    def new_rows(
        self, table: str, slots: range, since: str | None
    ) -> Iterator[dict[str, pa.RecordBatch]]:
        """Rows of events or of the journal that were not there at a snapshot."""
        values: list[object] = [slots.start, slots.stop, since or BEFORE_ALL]
        if table == "events":
            values += [list(EXPONENTS), list(EXPONENTS.values()), PPM]
        for batch in self.stream(table, values):
            yield {table: worded(batch) if table == "journal" else batch}


def packed_now(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with the documents of accounts that another program packed, or none, packed.

    Columns of an account whose documents cannot be read stay empty: it is valued as broken.
    """
    at = [place for place, text in enumerate(batch["documents"].to_pylist()) if text is not None]
    if not at:
        return batch
    parts = {name: batch[name].to_pylist() for name in COLUMNS}
    for place in at:
        found = packed_from(batch["contract"][place].as_py(), batch["documents"][place].as_py())
        for name in COLUMNS:
            parts[name][place] = found.get(name)
    for name in COLUMNS:
        batch = batch.set_column(
            batch.schema.get_field_index(name), name, pa.array(parts[name], pa.binary())
        )
    return batch


def packed_from(contract_text: str, events_text: str) -> dict[str, bytes]:
    """An account's columns out of its documents; nothing where they cannot be read."""
    try:
        contract = read_contract(json.loads(contract_text))
        currency = contract.terms.currency
        events = [read_event(each, currency, where="event") for each in json.loads(events_text)]
        packed = packed_of(contract, events)
    except (ArrearsError, InvariantError):
        return {}
    return {name: getattr(packed, name) for name in COLUMNS}


def worded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Journal rows with component, kind and stage as words."""
    for name, words in (("component", Component), ("kind", MovementKind), ("stage", Stage)):
        column = pa.DictionaryArray.from_arrays(
            batch[name].cast(pa.int32()), pa.array(words_of(words))
        )
        batch = batch.set_column(batch.schema.get_field_index(name), name, column)
    return batch


def words_of(members: Any) -> list[str]:  # noqa: ANN401 - mypy has no type for a class of IntEnum members
    """The names of an enum in lower case, each at the place of its number."""
    by_number = {int(each): each.name.lower() for each in members}
    return [by_number.get(number, "") for number in range(max(by_number) + 1)]


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what the driver raises into the errors of the catalogue; a statement refused is a bug.

    Raises:
        ArrearsError: `store.unreachable`, `store.role_too_weak`.
        InvariantError: `store.refused`.
    """
    try:
        yield
    except dbapi.Error as error:
        state, told = error.sqlstate or "", str(error).splitlines()[0]
        if not state or state.startswith(GONE):
            raise ArrearsError(
                "store.unreachable",
                where="the database",
                expected="an answer from PostgreSQL",
                got=told,
            ) from error
        raise InvariantError("store.refused", {"sqlstate": state, "message": told}) from error
