"""Corrections: a notice of arrears that a payment known late contradicts is taken back once."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from datetime import UTC, date, datetime

from arrears.app.booking import Command, book
from arrears.app.closing import close_to
from arrears.app.portfolio import demo_loan
from arrears.app.posting import post

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


def told(database, kind: str) -> list[str]:
    """The occasions of the messages of a kind."""
    with database.store().unit_of_work() as work:
        return [
            row["occasion"]
            for row in work.connection.execute(
                "select occasion from outbox where kind = %s order by sequence", (kind,)
            )
        ]


def command(name: str, key: str, body: dict[str, object]) -> Command:
    """A command of one caller."""
    return Command(caller="test", command=name, key=key, body=body)


def test_a_payment_known_late_takes_back_what_was_told(new_database, frame, clock) -> None:
    """A loan told to be overdue in M1 and M2 was paid in time: both are corrected, and only once.

    Nothing is taken back by a payment of today: what was told was so.
    """
    store = new_database.store()
    loan = demo_loan(1, date(2026, 1, 1))
    opened = loan.opened_on
    lent = {"id": "D", "on": opened.isoformat(), "type": "disbursed", "amount": loan.amount}
    body = {"account_id": "L", "contract": loan.contract, "events": [lent]}
    book(
        store,
        command("book", "b", body),
        borrower_id="B",
        product="",
        recorded_at=RECORDED,
        frame=frame,
    )
    close_to(store, date(2026, 4, 20), frame, clock=clock)
    notices = told(new_database, "overdue_notice")
    assert len(notices) >= 2
    small = {"id": "P0", "on": "2026-04-20", "type": "repaid", "amount": "0.01"}
    paid = {"id": "P1", "on": opened.isoformat(), "type": "repaid", "amount": loan.amount}
    for key, event in (("p0", small), ("p1", paid), ("p1", paid)):
        assert told(new_database, "correction") == []
        given = {"account_id": "L", "event": event}
        post(store, command("post", key, given), recorded_at=RECORDED, frame=frame)
        if key == "p1":
            break
    assert told(new_database, "correction") == notices
    late = {"id": "P2", "on": opened.isoformat(), "type": "repaid", "amount": "1.00"}
    post(
        store,
        command("post", "p2", {"account_id": "L", "event": late}),
        recorded_at=RECORDED,
        frame=frame,
    )
    assert told(new_database, "correction") == notices
