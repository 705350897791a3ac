"""A row that belongs to no account has put money on an account that holds what borrowers owe."""

from datetime import date

from acting import LENT, act_out, lend

from arrears import bootstrap
from arrears.app.closing import close_to
from arrears.ledger.journal import JournalRow

row = JournalRow(
    entry_id="E-1",
    seq=1,
    debit_account="loans_normal",
    credit_account="clearing",
    amount_minor=100_00,
    currency="CNY",
    value_on=date(2026, 1, 6),
    booked_on=date(2026, 1, 6),
    contract=0,
    instalment=0,
    component=0,
    kind=101,
    stage=0,
)


def spoil(store, command, *, recorded_at, frame):  # noqa: ANN001, ANN201, ARG001 - an act, as `act_out` calls it
    """Book the row."""
    with store.unit_of_work() as work:
        work.book_beside([row], frame.snapshot.digest)


def end_january(store, command, *, recorded_at, frame):  # noqa: ANN001, ANN201, ARG001 - as above
    """Close the month."""
    close_to(store, date(2026, 1, 31), frame, clock=bootstrap.now)


act_out([(lend, {"account_id": "L-1", **LENT}), (spoil, {}), (end_january, {})])
