"""Files of payments in PostgreSQL: accounts held, lines looked up and taken, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arrears.adapters.postgres.rows import arrays, event_row
from arrears.adapters.postgres.statements import statements
from arrears.kernel.money import currency_of, format_minor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from arrears.adapters.postgres.session import Connection
    from arrears.app.ports import Document, StoredAccount


class PostgresManyPayments:
    """Part of a transaction; see `app.ports.ManyPayments` for what each method promises."""

    connection: Connection

    def _of_many(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows."""
        return self.connection.execute(statements("many_payments.sql")[name], values).fetchall()

    def slots_of(self, account_ids: Sequence[str]) -> dict[str, int]:
        """The slots of accounts."""
        rows = self._of_many("slots_of", account_ids=list(account_ids))
        return {row["account_id"]: row["slot"] for row in rows}

    def hold(self, keys: Sequence[tuple[int, str]]) -> frozenset[str]:
        """Hold accounts; the ids of those that are parked."""
        rows = self._of_many("hold", **arrays(keys))
        return frozenset(row["account_id"] for row in rows if row["is_parked"])

    def lines_taken(self, sources: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
        """What lines were recorded as."""
        rows = self._of_many("lines_taken", **pairs(sources))
        for row in rows:
            amount_minor, code = row.pop("amount_minor"), row.pop("currency")
            if amount_minor is not None:
                row["amount"] = format_minor(amount_minor, currency_of(code, where="currency"))
        return {(row.pop("channel"), row.pop("source_ref")): row for row in rows}

    def add_events(
        self,
        events: Sequence[tuple[StoredAccount, Document, tuple[str, str]]],
        recorded_at: datetime,
    ) -> bool:
        """Append events with their sources; False where a source was taken before."""
        sources = [source for _, _, source in events]
        taking = statements("many_payments.sql")["take_lines"]
        if self.connection.execute(taking, pairs(sources)).rowcount < len(events):
            return False
        copying = statements("work.sql")["copy_events"]
        with self.connection.cursor() as cursor, cursor.copy(copying) as copy:
            for account, event, source in events:
                copy.write_row((*event_row(account, event, recorded_at).values(), *source))
        return True


def pairs(sources: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Sources as the two arrays that statements unnest."""
    return {"channels": [each for each, _ in sources], "refs": [each for _, each in sources]}
