"""A journal row booked to accounts that are not those of its rule."""

from datetime import date

from arrears.adapters.ledger_files import load_posting_rules
from arrears.kernel.movement import Component, MovementKind, Stage
from arrears.ledger.journal import JournalRow
from arrears.ledger.postings import posted_from_journal

row = JournalRow(
    entry_id="E-0001",
    seq=1,
    debit_account="suspense",
    credit_account="clearing",
    amount_minor=1237,
    currency="CNY",
    value_on=date(2026, 2, 5),
    booked_on=date(2026, 2, 5),
    contract=0,
    instalment=1,
    component=Component.INTEREST,
    kind=MovementKind.PAID,
    stage=Stage.NORMAL,
)
posted_from_journal([row], load_posting_rules())
