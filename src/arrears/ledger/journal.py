"""The journal: rows that carry one amount from one account to another, and so cannot be unbalanced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.kernel.errors import invariant

if TYPE_CHECKING:
    from datetime import date

#: A key that stands for nothing in particular: rows of postings that no movement caused.
NO_CONTRACT = 0
NO_INSTALMENT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One amount, debited to one account and credited to another; never changed, only answered.

    The field names are the column names of the stored journal.
    """

    entry_id: str
    seq: int  #: 1 for the first row of the entry
    debit_account: str  #: code of the chart
    credit_account: str  #: code of the chart, another one
    amount_minor: int  #: minor units, > 0; less of something is the two accounts swapped
    currency: str  #: ISO 4217
    value_on: date  #: the day the amount counts from, however late it was booked
    booked_on: date  #: the business day of the open period in which it was booked
    contract: int  #: key of the movement: contract within the account
    instalment: int  #: key: row of the schedule; 0: the account itself
    component: int  #: key: a Component
    kind: int  #: key: a MovementKind, or a DirectKind where no movement caused it
    stage: int  #: key: a Stage

    def __post_init__(self) -> None:
        """Refuse what a journal row cannot be.

        Raises:
            InvariantError: `ledger.amount_not_positive`, `ledger.same_account`, `ledger.seq`.
        """
        invariant(
            self.amount_minor > 0,
            "ledger.amount_not_positive",
            entry=self.entry_id,
            seq=self.seq,
            amount_minor=self.amount_minor,
        )
        invariant(
            self.debit_account != self.credit_account,
            "ledger.same_account",
            entry=self.entry_id,
            seq=self.seq,
            account=self.debit_account,
        )
        invariant(self.seq >= 1, "ledger.seq", entry=self.entry_id, seq=self.seq)
