"""Periods in PostgreSQL: the journal added up, and what a period end found."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from arrears.adapters.postgres.statements import statements
from arrears.app.ports_periods import Period, SummedJournal, SummedRow
from arrears.kernel.errors import invariant

if TYPE_CHECKING:
    from datetime import date

    import pyarrow as pa

    from arrears.adapters.postgres.session import Connection
    from arrears.app.ports import Document
    from arrears.ledger.chart import Chart
    from arrears.servicing.tables import Array

SUMMED_TEXTS = ("account_id", "currency", "debit_account", "credit_account")
SUMMED = (
    "slot", "account_id", "currency", "component", "debit_account", "credit_account",
    "amount_minor",
)  # fmt: skip


class PostgresPeriods:
    """Part of a transaction; see `app.ports.Periods` for what each method promises."""

    connection: Connection

    def _of_period(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows, none where it has none."""
        cursor = self.connection.execute(statements("periods.sql")[name], values)
        return [] if cursor.description is None else cursor.fetchall()

    def copied(self, name: str, **values: object) -> io.BytesIO:
        """What a named COPY gives, in memory."""
        asked, memory = statements("periods.sql")[name], io.BytesIO()
        with self.connection.cursor() as cursor, cursor.copy(asked, values) as copy:
            for block in copy:
                memory.write(block)
        memory.seek(0)
        return memory

    def summed_journal(self, slots: range, booked_to: date, chart: Chart) -> SummedJournal:
        """The journal of the slots, added up."""
        memory = self.copied(
            "summed_journal", slot_from=slots.start, slot_until=slots.stop, booked_to=booked_to
        )
        return summed_journal_of(memory, chart)

    def parked_ids(self) -> frozenset[str]:
        """Ids of accounts that are set aside now."""
        return frozenset(row["account_id"] for row in self._of_period("parked_ids"))

    def keep_part(self, run_id: str, slots: range, body: Document, seen: str) -> None:
        """Keep what a range added up to."""
        self._of_period(
            "keep_part",
            run_id=run_id,
            slot_from=slots.start,
            slot_until=slots.stop,
            body=Jsonb(body),
            seen=seen,
        )

    def parts(self, run_id: str) -> list[Document]:
        """What was kept of each range of a run."""
        return [row["body"] for row in self._of_period("parts", run_id=run_id)]

    def end_alone(self) -> None:
        """Wait until nobody counts on the open day, and let nobody until this transaction ends."""
        self._of_period("wait_for_day")

    def booked(self, after: date | None, until: date) -> list[SummedRow]:
        """The whole journal booked after a day until another."""
        rows = self._of_period("booked", after=after, until=until)
        return [SummedRow(component=0, **row) for row in rows]

    def booked_late(self, run_id: str, day: date) -> list[SummedRow]:
        """What was booked on the day of a run and no range of it has seen."""
        return [SummedRow(**row) for row in self._of_period("booked_late", run_id=run_id, day=day)]

    def last_period(self) -> Period | None:
        """The last period that was closed."""
        rows = self._of_period("last_period")
        return period_of(rows[0]) if rows else None

    def periods(self) -> list[Period]:
        """All periods that were closed."""
        return [period_of(row) for row in self._of_period("periods")]

    def keep_period(self, period: Period) -> None:
        """Keep that a period is closed."""
        values = {name: getattr(period, name) for name in Period.__slots__}
        for name in ("ledger", "owed", "apart"):
            values[name] = Jsonb(list(values[name]))
        self._of_period("keep_period", **values)


def period_of(row: dict[str, Any]) -> Period:
    """A stored period as a record."""
    return Period(**{name: row[name] for name in Period.__slots__})


def summed_journal_of(memory: io.BytesIO, chart: Chart) -> SummedJournal:
    """The rows of `summed_journal` as arrays.

    Raises:
        InvariantError: `ledger.account_unknown`.
    """
    import numpy as np  # noqa: PLC0415 - start-up
    import pyarrow as pa  # noqa: PLC0415 - start-up
    import pyarrow.compute as pc  # noqa: PLC0415 - start-up
    from pyarrow import csv  # noqa: PLC0415 - start-up

    from arrears.ledger.reconciling import JournalSums  # noqa: PLC0415 - start-up

    types = {name: pa.string() if name in SUMMED_TEXTS else pa.int64() for name in SUMMED}
    table = csv.read_csv(
        memory,
        csv.ReadOptions(column_names=list(SUMMED)),
        convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    ).combine_chunks()
    is_seen = pc.less(table.column("slot"), 0)
    seen, table = table.filter(is_seen).to_pylist()[0], table.filter(pc.invert(is_seen))
    ids, currencies = (
        table.column(name).combine_chunks().dictionary_encode()
        for name in ("account_id", "currency")
    )
    pairs = integers(ids.indices) * max(1, len(currencies.dictionary)) + integers(
        currencies.indices
    )
    _, first, place = np.unique(pairs, return_index=True, return_inverse=True)
    named = table.select(["slot", "account_id", "currency"]).take(pa.array(first)).to_pylist()
    return SummedJournal(
        keys=[(row["slot"], row["account_id"], row["currency"]) for row in named],
        sums=JournalSums(
            account=place.astype(np.int64),
            component=integers(table.column("component")),
            debit=places_in_chart(table, "debit_account", chart),
            credit=places_in_chart(table, "credit_account", chart),
            amount_minor=integers(table.column("amount_minor")),
        ),
        seen=seen["debit_account"],
    )


def integers(column: pa.ChunkedArray | pa.Array) -> Array:
    """A column of whole numbers without gaps."""
    import numpy as np  # noqa: PLC0415 - start-up

    found: Array = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def places_in_chart(table: pa.Table, name: str, chart: Chart) -> Array:
    """Where the ledger accounts of a column stand in the chart.

    Raises:
        InvariantError: `ledger.account_unknown`.
    """
    import pyarrow as pa  # noqa: PLC0415 - start-up
    import pyarrow.compute as pc  # noqa: PLC0415 - start-up

    codes = pa.array([each.code for each in chart.accounts])
    places = pc.index_in(table.column(name), value_set=codes)
    unknown = pc.unique(table.column(name).filter(pc.is_null(places))).to_pylist()
    invariant(not unknown, "ledger.account_unknown", accounts=unknown)
    return integers(places)
