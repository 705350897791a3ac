"""One range of an export valued: Parquet in, the compiled fold, Parquet and totals out; for every engine the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from arrears.adapters.parquet import UNFINISHED, folder_of, newest_rows
from arrears.adapters.postgres.column_reader import integers, packed_column
from arrears.app.valuing import (
    ExportedAccounts,
    RangeValued,
    Words,
    add_totals,
    totals_of,
    value_accounts,
)
from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import Component
from arrears.servicing import layout as c
from arrears.servicing.book import ORDER_BYTES, laid_end_to_end
from arrears.servicing.valuing import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arrears.app.valuing import Group, Totals, Valuation, ValuedAccounts, ValueTask
    from arrears.servicing.book import FoldBook
    from arrears.servicing.tables import Array

#: What a valuation reads of the table of columns.
COLUMNS = ("slot", "account_id", "product", "currency", "terms", "orders", "rows", "events")
VALUATION = "valuation.json"


def terms_of_nothing() -> bytes:
    """Terms that a fold without events goes through."""
    terms = np.zeros(c.TERM_COLUMNS, dtype=np.int64)
    terms[c.T_DAY_BASIS], terms[c.T_CAP] = c.EQUAL_PERIODS_BASIS, c.NONE
    return terms.tobytes()


#: An account of which nothing could be read: it owes nothing.
EMPTY = {"terms": terms_of_nothing(), "orders": bytes(ORDER_BYTES), "rows": b"", "events": b""}


class ValuedFolder:
    """A folder for accounts with their values; see `app.valuing.ValuationFolder`."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def begin(self) -> None:
        """Make the folder.

        Raises:
            ArrearsError: `value.folder_in_use`.
        """
        path = Path(self.path)
        path.mkdir(parents=True, exist_ok=True)
        if (found := next(path.iterdir(), None)) is not None:
            raise ArrearsError(
                "value.folder_in_use", where="--to", expected="an empty folder", got=found.name
            )

    def publish(self, valuation: Valuation) -> None:
        """Say that all files are there, and of what."""
        path = Path(self.path) / VALUATION
        told = {
            "as_of": valuation.as_of.isoformat(),
            "known_at": valuation.known_at and valuation.known_at.isoformat(),
            "export": valuation.export,
            "exported_on": valuation.exported_on.isoformat(),
            "accounts": valuation.figure("accounts"),
            "broken": valuation.figure("broken"),
        }
        unfinished = path.with_name(VALUATION + UNFINISHED)
        unfinished.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)


def value_range(task: ValueTask, fold_book: FoldBook) -> RangeValued:
    """Value one range, and write its accounts where the task says so.

    Raises:
        ArrearsError: `export.damaged`.
    """
    totals: dict[Group, Totals] = {}
    batches = accounts_of(newest_rows(Path(task.folder), task.files, list(COLUMNS)))
    with ValuedFile(task) as file:
        for one in value_accounts(batches, task.question, fold_book):
            file.add(one)
            add_totals(totals, totals_of(one, task.question.by))
    return RangeValued(slots=task.slots, totals=totals)


def accounts_of(batches: Iterable[pa.RecordBatch]) -> Iterator[ExportedAccounts]:
    """Rows of the table of columns as accounts, their packed tables laid end to end."""
    for batch in batches:
        is_unread = batch["terms"].is_null()
        table = pa.Table.from_batches([batch])
        for name, empty in EMPTY.items():
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, table[name].fill_null(empty))
        terms, _ = packed_column(table, "terms", c.TERM_COLUMNS)
        rows, row_offsets = packed_column(table, "rows", c.ROW_COLUMNS)
        events, event_offsets = packed_column(table, "events", c.EVENT_COLUMNS)
        yield ExportedAccounts(
            slots=integers(table, "slot"),
            account_ids=batch["account_id"],
            products=words_of(batch["product"]),
            currencies=words_of(batch["currency"]),
            is_unread=is_unread.to_numpy(zero_copy_only=False).astype(np.int64),
            book=laid_end_to_end(
                terms.tobytes(),
                table["orders"].to_pylist(),
                rows=rows,
                row_offsets=row_offsets,
                events=events,
                event_offsets=event_offsets,
            ),
        )


def words_of(column: pa.StringArray) -> Words:
    """A column of words, each kept once."""
    coded = column.dictionary_encode()
    return Words(
        names=coded.dictionary.to_pylist(), places=coded.indices.to_numpy().astype(np.int64)
    )


class ValuedFile:
    """The accounts of one range with their values, written as they come; nothing where nobody asked."""

    def __init__(self, task: ValueTask) -> None:
        self.final = None if task.to is None else Path(task.to) / f"{folder_of(task.slots)}.parquet"
        self.unfinished = Path()
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        """Nothing is opened before there is a row."""
        return self

    def add(self, one: ValuedAccounts) -> None:
        """Write a batch as a row group."""
        if self.final is None:
            return
        batch = valued_batch(one)
        if (
            self.writer is None
        ):  # an engine may try a range twice at once: each has a name of its own
            self.unfinished = self.final.with_name(f"{self.final.name}.{uuid4().hex}{UNFINISHED}")
            self.writer = pq.ParquetWriter(self.unfinished, batch.schema, compression="zstd")
        self.writer.write_batch(batch)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Give the file its name, where nothing went wrong."""
        if self.writer is not None and self.final is not None:
            self.writer.close()
            if kind is None:
                self.unfinished.replace(self.final)


def valued_batch(one: ValuedAccounts) -> pa.RecordBatch:
    """Accounts with their values as rows; of a broken one every figure is null."""
    accounts, valued = one.accounts, one.valued
    is_broken = valued.broken != 0
    is_whole = pa.array(~is_broken)

    def figure(numbers: Array) -> pa.Array:
        return pa.array(np.ascontiguousarray(numbers), mask=is_broken)

    def word(words: Words) -> pa.Array:
        return pc.if_else(is_whole, word_of(words), None)

    columns = {
        "slot": pa.array(accounts.slots.astype(np.int16)),
        "account_id": accounts.account_ids,
        "product": word_of(accounts.products),
        "currency": word_of(accounts.currencies),
        "broken": pa.array(valued.broken.astype(np.int16)),
        "status": word(Words(names=[each.value for each in STATUSES], places=valued.status)),
        "bucket": word(one.bucket),
        "five_class": word(one.five_class),
        "bureau": word(one.bureau),
        "days_past_due": figure(valued.days_past_due),
        "days_delinquent": figure(valued.days_delinquent),
        "is_non_accrual": pa.array(valued.is_non_accrual == 1, mask=is_broken),
    }
    for at, component in enumerate(Component):
        columns[f"{component.name.lower()}_minor"] = figure(valued.owed_minor[:, at])
    columns |= {
        "accrued_interest_minor": figure(valued.accrued_minor),
        "overdue_minor": figure(valued.overdue_minor),
        "credit_minor": figure(valued.credit_minor),
        "payoff_minor": figure(valued.payoff_minor),
    }
    return pa.RecordBatch.from_pydict(columns)


def word_of(words: Words) -> pa.Array:
    """A column of words as Arrow has it."""
    coded = pa.DictionaryArray.from_arrays(words.places.astype(np.int32), list(words.names))
    return coded.cast(pa.string())
