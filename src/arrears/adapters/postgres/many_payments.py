"""Files of payments in PostgreSQL: accounts held, lines looked up and taken, many at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from arrears.adapters.postgres.rows import arrays
from arrears.adapters.postgres.statements import statements
from arrears.app.ports import Place
from arrears.app.refolding import OVERDUE_NOTICE
from arrears.kernel.money import currency_of, format_minor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from arrears.adapters.postgres.column_reader import ColumnReader
    from arrears.adapters.postgres.session import Connection
    from arrears.app.batch import Read
    from arrears.app.ports import Basis, Document, NewEvent


class PostgresManyPayments:
    """Part of a transaction; see `app.ports.ManyPayments` for what each method promises."""

    connection: Connection
    columns: Callable[[], ColumnReader]

    def _of_many(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows."""
        return self.connection.execute(statements("many_payments.sql")[name], values).fetchall()

    def places_of(self, account_ids: Sequence[str]) -> dict[str, Place]:
        """Slot and currency of accounts."""
        rows = self._of_many("places_of", account_ids=list(account_ids))
        return {row["account_id"]: Place(row["slot"], row["currency"]) for row in rows}

    def hold(self, keys: Sequence[tuple[int, str]]) -> frozenset[str]:
        """Hold accounts; the ids of those that are parked."""
        self._of_many("hold", **arrays(keys))
        return frozenset(row["account_id"] for row in self._of_many("parked_of", **arrays(keys)))

    def lines_taken(self, sources: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
        """What lines were recorded as."""
        rows = self._of_many("lines_taken", **pairs(sources))
        for row in rows:
            amount_minor, code = row.pop("amount_minor"), row.pop("currency")
            if amount_minor is not None:
                row["amount"] = format_minor(amount_minor, currency_of(code, where="currency"))
        return {(row.pop("channel"), row.pop("source_ref")): row for row in rows}

    def notices_of(self, keys: Sequence[tuple[int, str]]) -> dict[str, list[str]]:
        """The occasions of notices of arrears by account."""
        rows = self._of_many("notices_of", **arrays(keys), notice=OVERDUE_NOTICE)
        return {row["account_id"]: row["occasions"] for row in rows}

    def known_otherwise(
        self, keys: Sequence[tuple[int, str]], event_ids: Sequence[str], days: Sequence[date]
    ) -> frozenset[str]:
        """Accounts that have an event of this id, or were told to be overdue on this day or later."""
        more = {"event_ids": list(event_ids), "days": list(days), "notice": OVERDUE_NOTICE}
        rows = self._of_many("known_otherwise", **arrays(keys), **more)
        return frozenset(row["account_id"] for row in rows)

    def read_held(self, keys: Sequence[tuple[int, str]], frame: Basis) -> Read:
        """Accounts that are held, in columns."""
        from arrears.adapters.postgres.batches import read_of  # noqa: PLC0415 - start-up

        query = statements("many_payments.sql")["read_held"]
        values = {**arrays(keys), "basis": frame.basis}
        return read_of(self.columns().read(query, values), frame.layout)

    def add_events(self, events: Sequence[NewEvent], recorded_at: datetime) -> bool:
        """Append events with their sources; False where a source was taken before."""
        sources = pairs([(each.channel, each.source_ref) for each in events])
        taking = statements("many_payments.sql")["take_lines"]
        if self.connection.execute(taking, sources).rowcount < len(events):
            return False
        copying = statements("work.sql")["copy_events"]
        with self.connection.cursor() as cursor, cursor.copy(copying) as copy:
            for slot, account_id, document, channel, ref in events:
                told = (document["id"], document["type"], document["on"], recorded_at)
                body = json.dumps(document)
                copy.write_row((slot, account_id, *told, document["seq"], body, channel, ref))
        return True

    def append_columns(self, keys: Sequence[tuple[int, str]], events: Sequence[bytes]) -> None:
        """Append events to the packed columns of accounts."""
        statement = statements("many_payments.sql")["append_columns"]
        self.connection.execute(statement, {**arrays(keys), "events": list(events)})


def pairs(sources: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Sources as the two arrays that statements unnest."""
    return {"channels": [each for each, _ in sources], "refs": [each for _, each in sources]}
