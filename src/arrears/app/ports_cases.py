"""What casework needs of the outside: cases as the close leaves them, and who works on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """A borrower's case: that something is overdue, since when, and who works on it."""

    case_id: str
    borrower_id: str
    opened_on: date  #: the day whose close opened it
    anchor_on: date  #: the oldest unpaid due date of all its accounts, as the last close found it
    bucket: str  #: of the account that date is of
    closed_on: date | None
    closed_for: str | None  #: settled, paid_up, or held_off: a pause, or no more than the floor
    reason: str  #: why it is worked on next: a `recovery.cases.Reason`
    not_before: date | None  #: nobody works on it before that day; None: at once
    taken_by: str | None
    taken_until: datetime | None
    account_ids: Sequence[str]  #: overdue now; of a closed case, all that ever were in it


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """A row of a case's history, made by a close."""

    on_date: date
    what: str  #: opened, anchor, bucket or closed
    from_value: str
    to_value: str


class Cases(Protocol):
    """Cases of borrowers; the close alone opens and closes them."""

    def renew_cases(self, business_on: date) -> None:
        """Open, re-anchor and close cases by what accounts say at the end of a day.

        An account that is overdue is in its borrower's case; the case stands on the oldest unpaid
        due date of all of them, whatever it stood on before, and ends with the last of them.
        """

    def cases(
        self,
        *,
        case_id: str | None = None,
        borrower_id: str | None = None,
        with_closed: bool = False,
    ) -> Sequence[StoredCase]:
        """Cases, those on the oldest due date first; of one id or borrower, or all."""

    def case_changes(self, case: StoredCase) -> Sequence[CaseChange]:
        """How a case came to stand as it does, oldest first."""
