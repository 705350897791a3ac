"""Accounts in columns, in PostgreSQL: a range read into arrays, and written by COPY and one UPDATE."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from arrears.adapters.postgres.column_reader import (
    ColumnReader,
    integers,
    packed_column,
    words,
)
from arrears.adapters.postgres.statements import statements
from arrears.app.batch import AccountBatch, Read
from arrears.app.ports_runs import Asked
from arrears.kernel.money import currency_of
from arrears.ledger.postings_columnar import (
    JC_ACCOUNT,
    JC_AMOUNT,
    JC_COMPONENT,
    JC_CONTRACT,
    JC_CREDIT,
    JC_DEBIT,
    JC_INSTALMENT,
    JC_KIND,
    JC_ON,
    JC_SEQ,
    JC_STAGE,
    JOURNAL_COLUMNS,
)
from arrears.servicing import layout as c
from arrears.servicing.book import laid_end_to_end
from arrears.servicing.events import event_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from arrears.adapters.postgres.session import Connection
    from arrears.app.batch import BatchChange, Mask
    from arrears.app.ports import Basis
    from arrears.ledger.chart import Chart
    from arrears.servicing.tables import Array

#: Columns of a stored journal row that say which movement it posts.
KEY_COLUMNS = {
    "contract": JC_CONTRACT, "instalment": JC_INSTALMENT, "component": JC_COMPONENT,
    "kind": JC_KIND, "value_day": JC_ON, "stage": JC_STAGE, "amount_minor": JC_AMOUNT,
}  # fmt: skip


def statement(name: str) -> str:
    """A statement of ours."""
    return statements("batches.sql")[name]


def read_batch(
    reader: ColumnReader,
    slots: range,
    business_on: date,
    *,
    frame: Basis,
    asked: Asked,
) -> Read:
    """The accounts that a range asks for; no lock.

    Args:
        reader: Reads what is committed.
        slots: The range.
        business_on: The day that is being closed.
        frame: Accounts of another basis are said not to be current, those packed under another
            layout are given by key alone.
        asked: Which accounts are looked at.
    """
    table = reader.read(
        statements("batches.sql")["read_batch"],
        {
            "business_on": business_on,
            "basis": frame.basis,
            "every_open": asked is Asked.EVERY_OPEN,
            "other_basis": asked is Asked.OTHER_BASIS,
            "slot_from": slots.start,
            "slot_until": slots.stop,
        },
    )
    return read_of(table, frame.layout)


def read_of(table: pa.Table, layout: str) -> Read:
    """Rows of `read_batch` as a batch; accounts packed under another layout by their keys alone."""
    is_ours = pc.fill_null(pc.equal(table.column("layout"), layout), fill_value=False)
    strangers = table.filter(pc.invert(is_ours)).select(["slot", "account_id"])
    keys = zip(words(strangers, "slot"), words(strangers, "account_id"), strict=True)
    return Read(
        batch=batch_of(table.filter(is_ours).combine_chunks()),
        by_documents=[(int(slot), account_id) for slot, account_id in keys],
    )


def batch_of(table: pa.Table) -> AccountBatch:
    """Rows of `read_batch` as a batch; their packed tables stay as they lie."""
    rows, row_offsets = packed_column(table, "rows", c.ROW_COLUMNS)
    events, event_offsets = packed_column(table, "events", c.EVENT_COLUMNS)
    terms, _ = packed_column(table, "terms", c.TERM_COLUMNS)
    return AccountBatch(
        slots=integers(table, "slot"),
        account_ids=words(table, "account_id"),
        currencies=words(table, "currency"),
        versions=integers(table, "version"),
        folded_to=integers(table, "folded_to"),
        next_action_on=integers(table, "next_action_on"),
        buckets=words(table, "bucket"),
        five_classes=words(table, "five_class"),
        bureaus=words(table, "bureau"),
        is_non_accrual=flags(table, "is_non_accrual"),
        credit_minor=integers(table, "credit_minor"),
        is_current=flags(table, "is_current"),
        book=laid_end_to_end(
            terms.tobytes(),
            table.column("orders").to_pylist(),
            rows=rows,
            row_offsets=row_offsets,
            events=events,
            event_offsets=event_offsets,
        ),
    )


def flags(table: pa.Table, name: str) -> Mask:
    """A column of yes and no."""
    found: Mask = table.column(name).to_numpy().astype(np.bool_)
    return found


def read_posted(
    reader: ColumnReader, batch: AccountBatch, accounts: Array, since: Array, chart: Chart
) -> Array:
    """Journal rows of accounts under the days from `since` on, as `refolding_columnar.ReadPosted`."""
    if not len(accounts):
        return np.zeros((0, JOURNAL_COLUMNS), dtype=np.int64)
    table = reader.read(
        statements("batches.sql")["read_posted"],
        {
            "positions": accounts.tolist(),
            "slots": batch.slots[accounts].tolist(),
            "ids": [batch.account_ids[at] for at in accounts.tolist()],
            "since": since.tolist(),
        },
    )
    codes = pa.array([each.code for each in chart.accounts])
    journal = np.zeros((table.num_rows, JOURNAL_COLUMNS), dtype=np.int64)
    journal[:, JC_ACCOUNT] = integers(table, "position")
    for name, column in KEY_COLUMNS.items():
        journal[:, column] = integers(table, name)
    for name, column in (("debit_account", JC_DEBIT), ("credit_account", JC_CREDIT)):
        known = pc.index_in(table.column(name), value_set=codes)
        journal[:, column] = known.fill_null(c.NONE).to_numpy()
    return journal


def write_batch(
    connection: Connection, change: BatchChange, chart: Chart, policy: int
) -> list[int]:
    """Write a batch within the caller's transaction; returns positions of those not written.

    They are the accounts whose version was no longer the one read.
    """
    if not len(change.of):
        return []
    connection.execute(statement("make_room"))
    copy_in(connection, "copy_renewed", renewed_columns(change))
    connection.execute(statement("in_order"))
    hit = {row["position"] for row in connection.execute(statement("renew"))}
    connection.execute(statement("any_order"))
    missed = [at for at in change.of.tolist() if at not in hit]
    journal = change.journal
    if missed:
        journal = journal[~np.isin(journal[:, JC_ACCOUNT], missed)]
    if len(journal):
        copy_in(connection, "copy_journal", journal_columns(change, journal, chart, policy))
    for name, columns in (
        ("told", told_columns(change, hit)),
        ("turned", turned_columns(change, hit)),
        ("made", made_columns(change, hit)),
    ):
        if len(columns["slot"]):
            copy_in(connection, f"copy_{name}", columns)
            connection.execute(statement(f"add_{name}"))
    return missed


def copy_in(connection: Connection, name: str, columns: Mapping[str, pa.Array]) -> None:
    """Write columns by a COPY of `batches.sql`, in the order in which they are given."""
    sink = io.BytesIO()
    csv.write_csv(pa.table(dict(columns)), sink, csv.WriteOptions(include_header=False))
    with connection.cursor() as cursor, cursor.copy(statement(name)) as copy:
        copy.write(sink.getbuffer())


def days(numbers: Array) -> pa.Array:
    """Days since 1970-01-01 as dates; NONE is no date."""
    mask = numbers == c.NONE
    return pa.array(numbers.astype(np.int32), type=pa.int32(), mask=mask).cast(pa.date32())


def keys_of(batch: AccountBatch, positions: Array) -> dict[str, pa.Array]:
    """The keys of accounts at positions."""
    return {
        "slot": pa.array(batch.slots[positions]),
        "account_id": pa.array(batch.account_ids, type=pa.string()).take(pa.array(positions)),
    }


def renewed_columns(change: BatchChange) -> dict[str, pa.Array]:
    """What is renewed of the accounts, with the version each was read at."""
    count = len(change.of)
    return {
        "position": pa.array(change.of),
        **keys_of(change.batch, change.of),
        "version": pa.array(change.batch.versions[change.of]),
        "basis": pa.repeat(change.basis, count),
        "next_action_on": days(change.next_action_on),
        "folded_to": days(np.full(count, change.folded_to)),
        "bucket": pa.array(change.buckets),
        "five_class": pa.array(change.five_classes),
        "bureau": pa.array(change.bureaus),
        "status": pa.array(change.statuses),
        "days_past_due": pa.array(change.days_past_due),
        "principal_minor": pa.array(change.principal_minor),
        "payoff_minor": pa.array(change.payoff_minor),
        "credit_minor": pa.array(change.credit_minor),
        "is_non_accrual": pa.array(change.is_non_accrual),
    }


def journal_columns(
    change: BatchChange, journal: Array, chart: Chart, policy: int
) -> dict[str, pa.Array]:
    """Journal rows as COPY takes them."""
    batch, position = change.batch, journal[:, JC_ACCOUNT]
    business_on = days(np.array([change.folded_to]))[0].as_py().isoformat()
    entries = pa.array([f"{business_on}/{version}" for version in batch.versions.tolist()])
    codes = pa.array([each.code for each in chart.accounts])
    return {
        **keys_of(batch, position),
        "entry_id": entries.take(pa.array(position)),
        "seq": pa.array(journal[:, JC_SEQ]),
        "contract": pa.array(journal[:, JC_CONTRACT]),
        "instalment": pa.array(journal[:, JC_INSTALMENT]),
        "component": pa.array(journal[:, JC_COMPONENT]),
        "kind": pa.array(journal[:, JC_KIND]),
        "stage": pa.array(journal[:, JC_STAGE]),
        "value_on": days(journal[:, JC_ON]),
        "booked_on": days(np.full(len(journal), change.folded_to)),
        "debit_account": codes.take(pa.array(journal[:, JC_DEBIT])),
        "credit_account": codes.take(pa.array(journal[:, JC_CREDIT])),
        "amount_minor": pa.array(journal[:, JC_AMOUNT]),
        "currency": pa.array(batch.currencies, type=pa.string()).take(pa.array(position)),
        "policy": pa.repeat(policy, len(journal)),
    }


def told_columns(change: BatchChange, hit: set[int]) -> dict[str, pa.Array]:
    """What is to be sent."""
    told = [(at, each) for at, each in change.messages if at in hit]
    return {
        **keys_of(change.batch, positions_of([at for at, _ in told])),
        "kind": texts([each.kind for _, each in told]),
        "occasion": texts([each.occasion for _, each in told]),
        "body": texts([json.dumps(each.body) for _, each in told]),
    }


def turned_columns(change: BatchChange, hit: set[int]) -> dict[str, pa.Array]:
    """What became another bucket, class or status."""
    turned = [(at, each) for at, each in change.transitions if at in hit]
    return {
        **keys_of(change.batch, positions_of([at for at, _ in turned])),
        "on_date": pa.array([each.on for _, each in turned], type=pa.date32()),
        "what": texts([each.what for _, each in turned]),
        "from_value": texts([each.from_value for _, each in turned]),
        "to_value": texts([each.to_value for _, each in turned]),
    }


def made_columns(change: BatchChange, hit: set[int]) -> dict[str, pa.Array]:
    """What the close itself made happen, and what it adds to the packed columns."""
    batch = change.batch
    made = [(at, each) for at, each in change.made if at in hit]
    documents = [
        event_document(each.event, currency_of(batch.currencies[at], where="currency"))
        for at, each in made
    ]
    channels = [str(each["type"]) for each in documents]
    return {
        **keys_of(batch, positions_of([at for at, _ in made])),
        "event_id": texts([str(each["id"]) for each in documents]),
        "type": texts(channels),
        "value_on": texts([str(each["on"]) for each in documents]),
        "recorded_at": texts([str(each["recorded_at"]) for each in documents]),
        "effective_seq": pa.array([each.event.seq for _, each in made], type=pa.int64()),
        "body": texts([json.dumps(each) for each in documents]),
        "channel": texts(channels),
        "source_ref": texts(
            [
                f"{batch.account_ids[at]}/{each['on']}"
                for (at, _), each in zip(made, documents, strict=True)
            ]
        ),
        "rows": texts(["\\x" + each.rows.hex() for _, each in made]),
        "events": texts(["\\x" + each.events.hex() for _, each in made]),
    }


def positions_of(positions: Sequence[int]) -> Array:
    """Positions as an array, also of none."""
    return np.array(positions, dtype=np.int64)


def texts(values: Sequence[str]) -> pa.Array:
    """Texts as a column, also of none."""
    return pa.array(values, type=pa.string())
