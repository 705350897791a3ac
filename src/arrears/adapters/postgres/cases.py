"""Cases in PostgreSQL: a few set-based statements a close, over the accounts that are overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arrears.adapters.postgres.statements import statements
from arrears.app.ports_cases import CaseChange, StoredCase
from arrears.kernel.ids import slot_of

if TYPE_CHECKING:
    from datetime import date

    from arrears.adapters.postgres.session import Connection

#: What a close does with cases, in this order: who cured leaves before who is overdue joins.
AT_CLOSE = ("leave_cases", "open_cases", "renew_cases", "close_cases")


class PostgresCases:
    """Part of a transaction; see `app.ports_cases.Cases` for what each method promises."""

    connection: Connection

    def _of_case(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows, none where it has none."""
        cursor = self.connection.execute(statements("cases.sql")[name], values)
        return [] if cursor.description is None else cursor.fetchall()

    def renew_cases(self, business_on: date) -> None:
        """Open, re-anchor and close cases at the end of a day."""
        for name in AT_CLOSE:
            self._of_case(name, on=business_on)

    def cases(
        self,
        *,
        case_id: str | None = None,
        borrower_id: str | None = None,
        with_closed: bool = False,
    ) -> list[StoredCase]:
        """Cases, those on the oldest due date first."""
        rows = self._of_case(
            "cases", case_id=case_id, borrower_id=borrower_id, with_closed=with_closed
        )
        return [StoredCase(**row) for row in rows]

    def case_changes(self, case: StoredCase) -> list[CaseChange]:
        """How a case came to stand as it does, oldest first."""
        slot = slot_of(case.borrower_id)
        rows = self._of_case("case_changes", slot=slot, case_id=case.case_id)
        return [CaseChange(**row) for row in rows]
