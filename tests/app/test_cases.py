"""Cases at the close: known defects of other systems, each told as a story that must not end so here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from arrears.app.booking import Command, book
from arrears.app.closing import close_to
from arrears.app.posting import post

if TYPE_CHECKING:
    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.ports_cases import StoredCase
    from arrears.app.refolding import Frame

    Database = Any  #: see tests/conftest.py

RECORDED = datetime(2026, 1, 5, tzinfo=UTC)


class Book:
    """A book with loans of 1,200.00 over twelve months from 2026-01-05, at no interest unless told."""

    def __init__(self, store: PostgresStore, frame: Frame) -> None:
        self.store, self.frame = store, frame

    def lend(self, account_id: str, borrower_id: str = "B-1", **document: object) -> None:
        """Sign and lend."""
        terms = {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 12}
        contract = {"terms": {**terms, **document.pop("terms", {})}, **document}  # type: ignore[dict-item]  # our own words
        lent = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
        body = {"account_id": account_id, "contract": contract, "events": [lent]}
        book(
            self.store,
            Command(caller="test", command="book", key=account_id, body=body),
            borrower_id=borrower_id,
            product="",
            recorded_at=RECORDED,
            frame=self.frame,
        )

    def post(self, account_id: str, event_id: str, on: str, **event: object) -> None:
        """Record one event."""
        body: dict[str, object] = {
            "account_id": account_id,
            "event": {"id": event_id, "on": on, **event},
        }
        command = Command(caller="test", command="post", key=f"{account_id}/{event_id}", body=body)
        post(self.store, command, recorded_at=RECORDED, frame=self.frame)

    def pay(self, account_id: str, event_id: str, on: str, amount: str) -> None:
        """Record a payment."""
        self.post(account_id, event_id, on, type="repaid", amount=amount)

    def close(self, to: str) -> None:
        """Close business up to a day."""
        close_to(self.store, date.fromisoformat(to), self.frame, clock=lambda: RECORDED)

    def case(self, borrower_id: str = "B-1") -> StoredCase | None:
        """The open case of a borrower."""
        with self.store.unit_of_work() as work:
            found = work.cases(borrower_id=borrower_id)
        return found[0] if found else None

    def bucket(self) -> str:
        """The bucket of the borrower's open case; empty: there is none."""
        found = self.case()
        return "" if found is None else found.bucket

    def history(self, borrower_id: str = "B-1") -> list[tuple[str, str, str, str]]:
        """How the borrower's cases came to stand as they do: day, what, from, to."""
        with self.store.unit_of_work() as work:
            cases = sorted(
                work.cases(borrower_id=borrower_id, with_closed=True),
                key=lambda each: each.opened_on,
            )
            changes = [change for case in cases for change in work.case_changes(case)]
        return [(str(one.on_date), one.what, one.from_value, one.to_value) for one in changes]


@pytest.fixture
def books(new_database: Database, frame: Frame) -> Book:
    """An empty book."""
    return Book(new_database.store(), frame)


def test_one_case_over_all_loans(books: Book) -> None:
    """Two loans of one borrower, overdue one after the other: one case; another borrower's is its own.

    2026-02-05  neither loan of B-1 is paid; B-2 pays
    2026-02-06  expect one case of B-1, with both loans, on 2026-02-05
    2026-03-05  B-2 pays no more
    2026-03-06  expect a case of B-2
    """
    books.lend("L-1")
    books.lend("L-2")
    books.lend("L-3", "B-2")
    books.pay("L-3", "P1", "2026-02-05", "100")
    books.close("2026-02-05")
    assert books.case() is None
    books.close("2026-02-06")
    found = books.case()
    assert found is not None
    assert (found.account_ids, found.anchor_on, found.bucket) == (
        ["L-1", "L-2"],
        date(2026, 2, 5),
        "M1",
    )
    assert books.case("B-2") is None
    books.close("2026-03-06")
    assert books.case("B-2") is not None


def test_kill_bill_2297_no_state_is_skipped_when_the_oldest_due_date_moves(books: Book) -> None:
    """Paid instalment by instalment, the case stands on the next unpaid one, and ages from there.

    Three are missed; in April the first is paid, so that the oldest is now March's: M2 again, then M3.
    """
    books.lend("L-1")
    books.close("2026-04-07")
    assert books.bucket() == "M3"
    books.pay("L-1", "P1", "2026-04-08", "100")
    books.close("2026-05-05")
    assert books.history() == [
        ("2026-02-06", "opened", "", "M1"),
        ("2026-03-08", "bucket", "M1", "M2"),
        ("2026-04-07", "bucket", "M2", "M3"),
        ("2026-04-08", "anchor", "2026-02-05", "2026-03-05"),
        ("2026-04-08", "bucket", "M3", "M2"),
        ("2026-05-05", "bucket", "M2", "M3"),
    ]


def test_kill_bill_472_a_payment_during_the_close_is_seen(
    books: Book, new_database: Database, frame: Frame
) -> None:
    """Payments at the very time of the close: after the next one nobody who paid has a case."""
    borrowers = [f"B-{number}" for number in range(6)]
    for borrower in borrowers:
        books.lend(f"L-{borrower}", borrower)
    books.close("2026-02-06")
    payer = Book(new_database.store(), frame)
    closing = Thread(target=books.close, args=("2026-02-07",))
    closing.start()
    for borrower in borrowers:
        payer.pay(f"L-{borrower}", "P1", "2026-02-07", "100")
    closing.join()
    books.close("2026-02-08")
    assert [books.case(borrower) for borrower in borrowers] == [None] * len(borrowers)


def test_kill_bill_695_a_credit_clears_as_a_payment_does(books: Book) -> None:
    """What is waived is no longer overdue: the case ends, and says that nothing is unpaid."""
    books.lend("L-1")
    books.close("2026-02-06")
    books.post("L-1", "W1", "2026-02-07", type="waived", component="principal", amount="100")
    books.close("2026-02-07")
    assert books.history()[-1] == ("2026-02-07", "closed", "", "paid_up")


def test_kill_bill_698_what_is_ordered_for_later_acts_later(books: Book) -> None:
    """A waiver that takes effect on the 10th ends the case on the 10th, and not when it is recorded."""
    books.lend("L-1")
    books.close("2026-02-06")
    books.post("L-1", "W1", "2026-02-10", type="waived", component="principal", amount="100")
    books.close("2026-02-09")
    assert books.case() is not None
    books.close("2026-02-10")
    assert books.case() is None


def test_kill_bill_144_a_cancelled_account_does_not_stop_the_others(books: Book) -> None:
    """One of the borrower's accounts never came to be: the case over the others opens and ends."""
    books.lend("L-1")
    terms = {"principal": "500", "disbursed_on": "2026-01-05", "instalments": 3}
    body: dict[str, object] = {"account_id": "L-2", "contract": {"terms": terms}, "events": []}
    book(
        books.store,
        Command(caller="test", command="book", key="L-2", body=body),
        borrower_id="B-1",
        product="",
        recorded_at=RECORDED,
        frame=books.frame,
    )
    books.post("L-2", "C1", "2026-01-06", type="cancelled")
    books.close("2026-02-06")
    found = books.case()
    assert found is not None
    assert found.account_ids == ["L-1"]
    books.pay("L-1", "P1", "2026-02-07", "1200")
    books.close("2026-02-07")
    assert books.history()[-1] == ("2026-02-07", "closed", "", "settled")


def test_kill_bill_1997_who_paid_ahead_is_not_drawn_in(books: Book) -> None:
    """A loan paid ahead stays out of the case that another loan makes, and is not aged by it."""
    books.lend("L-1")
    books.lend("L-2")
    books.pay("L-2", "P1", "2026-01-20", "600")
    books.close("2026-04-10")
    found = books.case()
    assert found is not None
    assert found.account_ids == ["L-1"]


def test_erpnext_58220_what_is_left_after_the_principal_is_not_lost(books: Book) -> None:
    """Principal is paid first by contract, the penalty is left: the case ends, the fen stay owed.

    What is left is within the floor, so nobody is pursued for it; when March is missed too, the case
    opens again on the due date that was never paid in full.
    """
    order = ["principal", "interest", "fee", "penalty", "compound"]
    books.lend("L-1", penalty={"annual_rate": "0.18"}, allocation={"order": [{"order": order}]})
    books.close("2026-02-20")
    books.pay("L-1", "P1", "2026-02-21", "100")
    books.close("2026-02-21")
    assert books.history()[-1] == ("2026-02-21", "closed", "", "held_off")
    with books.store.unit_of_work() as work:
        account = work.lock("L-1")
        owed = work.connection.execute("select payoff_minor from account_state").fetchall()
    assert account is not None
    assert owed == [{"payoff_minor": 1100_79}]
    books.close("2026-03-06")
    found = books.case()
    assert found is not None
    assert found.anchor_on == date(2026, 2, 5)


def test_fineract_3633_a_backdated_pause_takes_its_days_away(books: Book) -> None:
    """A pause from before the due date, recorded a month late: no case while it lasts, then a new one.

    The age is counted less the paused days, so that the new case begins in M1.
    """
    books.lend("L-1")
    books.close("2026-03-10")
    assert books.bucket() == "M2"
    books.post("L-1", "Z1", "2026-02-05", type="paused", until="2026-03-20")
    books.close("2026-03-11")
    assert books.history()[-1] == ("2026-03-11", "closed", "", "held_off")
    books.close("2026-03-25")
    found = books.case()
    assert found is not None
    assert (found.bucket, found.anchor_on) == ("M1", date(2026, 2, 5))


def test_part_payment_reversal_and_overpayment_leave_the_right_state(books: Book) -> None:
    """Half is not enough; the rest is; the bank takes it back; who pays too much owes nothing.

    2026-02-07  50 paid: the case stays where it is
    2026-02-08  50 paid: it ends
    2026-02-09  the second payment is taken back: a new case, on the old due date
    2026-02-10  2,000 paid, more than all there is: it ends for good
    """
    books.lend("L-1")
    books.pay("L-1", "P1", "2026-02-07", "50")
    books.close("2026-02-07")
    books.pay("L-1", "P2", "2026-02-08", "50")
    books.close("2026-02-08")
    books.post("L-1", "R1", "2026-02-09", type="reversed", reverses="P2")
    books.close("2026-02-09")
    books.pay("L-1", "P3", "2026-02-10", "2000")
    books.close("2026-02-10")
    assert books.history() == [
        ("2026-02-06", "opened", "", "M1"),
        ("2026-02-08", "closed", "", "paid_up"),
        ("2026-02-09", "opened", "", "M1"),
        ("2026-02-10", "closed", "", "settled"),
    ]


def test_a_backdated_payment_moves_the_anchor_forward(books: Book) -> None:
    """A payment of February known in April: the case stands on March, as if it had been in time."""
    books.lend("L-1")
    books.close("2026-04-01")
    books.pay("L-1", "P1", "2026-02-05", "100")
    books.close("2026-04-02")
    found = books.case()
    assert found is not None
    assert (found.anchor_on, found.bucket) == (date(2026, 3, 5), "M1")


def test_a_charged_off_loan_stays_a_case(books: Book) -> None:
    """Written off the books is not forgiven: the case goes on until it is recovered."""
    books.lend("L-1")
    books.close("2026-02-06")
    books.post("L-1", "X1", "2026-02-07", type="charged_off")
    books.close("2026-02-08")
    assert books.case() is not None
    books.post("L-1", "V1", "2026-02-09", type="recovered", amount="1200")
    books.close("2026-02-09")
    assert books.case() is None
