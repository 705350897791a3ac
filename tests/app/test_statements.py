"""Statements that the close makes: on their day, once, and what follows from them until nobody pays."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from arrears import bootstrap
from arrears.app.booking import Command, book
from arrears.app.closing import close_to
from arrears.app.posting import post
from arrears.app.refolding import read_stored
from arrears.app.statements import is_statement_due
from arrears.servicing.contract import read_contract
from arrears.servicing.events import Event
from arrears.servicing.layout import EventType
from arrears.servicing.state import fold_contract

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
#: When the closes of `line` run: later than all it was told, earlier than what is told late.
CLOSED = RECORDED + timedelta(days=31)
LINE = {
    "kind": "line",
    "terms": {"principal": "5000", "disbursed_on": "2026-01-01", "annual_rate": "0.1825",
              "day_count": "actual/365"},
    "line": {"limit": "5000", "statement_day": 1, "due_day": 10, "minimum_share": "0.1"},
    "penalty": {"daily_rate": "0.0005"},
    "cap_annual": "0.24",
    "non_accrual_days": 90,
}  # fmt: skip


def purchase(number: int, on: str, amount: str) -> dict[str, str]:
    """Something bought."""
    return {"id": f"B{number}", "on": on, "type": "purchased", "amount": amount}


def minor(text: str) -> int:
    """An amount of the answer in minor units."""
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int(rest)


def test_a_line_through_four_months_of_closes(arrears, new_database) -> None:
    """Booked, bought with, billed, the minimum paid once and then nothing: every step by a command.

    2026-01-15  1,000.00 bought
    2026-02-01  statement: 1,000.00, at least 100.00, by 10 February; the minimum is paid
    2026-03-01  statement: 900.00 and 8.55 for 19 nights at 0.05 %; at least 98.55 by 10 March
    2026-03-11  nothing was paid: overdue; on 30 April 51 days, M2
    """
    booked = {
        "account_id": "H-1",
        "borrower_id": "B-1",
        "contract": LINE,
        "events": [],
    }
    assert arrears("book", stdin=booked)[0] == 0
    posted = {"account_id": "H-1", "event": purchase(1, "2026-01-15", "1000.00")}
    assert arrears("post", stdin=posted)[0] == 0
    told = json.loads(arrears("close", "--to", "2026-02-01", "--interpreted", "--json")[1])
    assert [day["day"] for day in told["days"] if day["statements"]] == ["2026-02-01"]
    paid = {"id": "R1", "on": "2026-02-10", "type": "repaid", "amount": "100.00"}
    assert arrears("post", stdin={"account_id": "H-1", "event": paid})[0] == 0
    told = json.loads(arrears("close", "--to", "2026-04-30", "--interpreted", "--json")[1])
    assert [day["day"] for day in told["days"] if day["statements"]] == ["2026-03-01", "2026-04-01"]
    store = new_database.store()
    with store.unit_of_work() as work:
        account = work.lock("H-1")
        statements = [
            body
            for day in ("2026-02-01", "2026-03-01")
            for _, body in work.messages("statement", day)
        ]
        collected = work.messages("collect_by_standing_order", "2026-03-10")
    asked = [(each["due_on"], each["total_minor"], each["minimum_minor"]) for each in statements]
    assert asked == [("2026-02-10", 1_000_00, 100_00), ("2026-03-10", 908_55, 98_55)]
    assert [body["minimum_minor"] for _, body in collected] == [98_55]
    question = {"contract": account.contract, "events": account.events, "as_of": "2026-04-30"}
    code, answer = arrears("balance", "--explain", stdin=question)
    owed = json.loads(answer)
    assert (code, owed["days_past_due"], owed["bucket"]) == (0, 51, "M2")
    assert minor(owed["payoff"]) == owed_by_the_book(store)
    kinds = {each["kind"] for each in owed["movements"]}
    assert {"disbursed", "moved_in", "accrued", "paid"} <= kinds


def owed_by_the_book(store) -> int:
    """The pay-off the close left with the account."""
    with store.unit_of_work() as work:
        rows = work.connection.execute("select payoff_minor from account_state").fetchall()
    return int(rows[0]["payoff_minor"])


@pytest.fixture
def line(new_database, frame):  # noqa: ANN201 - a function
    """A book with one line: post events to it, and close it; returns the statements of the days."""
    store = new_database.store()

    def command(name: str, key: str, body: dict[str, Any]) -> Command:
        return Command(caller="test", command=name, key=key, body=body)

    book(
        store,
        command("book", "H-1", {"account_id": "H-1", "contract": LINE, "events": []}),
        borrower_id="B-1",
        product="",
        recorded_at=RECORDED,
        frame=frame,
    )

    def live(to: str, *events: dict[str, str]) -> list[tuple[str, int]]:
        for event in events:
            asked = command("post", event["id"], {"account_id": "H-1", "event": event})
            post(store, asked, recorded_at=RECORDED, frame=frame)
        done = close_to(store, date.fromisoformat(to), frame, clock=lambda: CLOSED)
        with store.unit_of_work() as work:
            told = [(day, work.messages("statement", day.isoformat())) for day, _ in done.days]
        return [(str(day), body["total_minor"]) for day, each in told for _, body in each]

    return live


def test_an_empty_line_gets_no_statement(line) -> None:
    """Nothing was bought, so nothing is billed; the first purchase is on the next statement."""
    assert line("2026-03-31") == []
    assert line("2026-05-02", purchase(1, "2026-04-07", "30.00")) == [("2026-05-01", 30_00)]


def test_what_is_bought_on_the_statement_day_is_on_the_statement(line) -> None:
    """A purchase posted on the statement's own day, before that day is closed, is billed by it."""
    assert line("2026-01-31", purchase(1, "2026-01-20", "10.00")) == []
    assert line("2026-02-01", purchase(2, "2026-02-01", "5.00")) == [("2026-02-01", 15_00)]


def test_what_arrives_after_the_statement_is_on_the_next(line) -> None:
    """A purchase of January that the shop tells in February leaves the statement as it was sent."""
    assert line("2026-02-01", purchase(1, "2026-01-20", "10.00")) == [("2026-02-01", 10_00)]
    paid = {"id": "R1", "on": "2026-02-09", "type": "repaid", "amount": "10.00"}
    late = purchase(2, "2026-01-25", "7.00")
    assert line("2026-03-01", late, paid) == [("2026-03-01", 7_00)]


def test_nobody_can_take_the_name_of_a_statement(line) -> None:
    """A purchase that bears the id of a statement to come does not keep the statement from being made."""
    named = {**purchase(1, "2026-01-20", "10.00"), "id": "statement-2026-02-01"}
    assert line("2026-02-01", named) == [("2026-02-01", 10_00)]


def test_a_line_paid_in_full_costs_nothing(line, new_database) -> None:
    """Paid by the due date, a line owes nothing, and no close looks at it before it is used again."""
    paid = {"id": "R1", "on": "2026-02-10", "type": "repaid", "amount": "10.00"}
    line("2026-02-28", purchase(1, "2026-01-20", "10.00"), paid)
    with new_database.store().unit_of_work() as work:
        account = work.lock("H-1")
    assert owed_by_the_book(new_database.store()) == 0
    assert account.next_action_on is None


def test_only_a_statement_that_stands_has_dealt_with_its_day() -> None:
    """Not dealt with since 30 January: due on 2 February, unless that of the 1st was made and stands."""
    line = read_contract(LINE).line
    assert line
    common: dict[str, Any] = {"value_on": date(2026, 2, 1), "recorded_at": RECORDED, "seq": 0}
    made = Event(event_id="S1", type=EventType.STATEMENT_CLOSED, **common)
    erased = Event(event_id="X1", type=EventType.REVERSED, reverses="S1", **common)
    since, today = date(2026, 1, 30), date(2026, 2, 2)
    due = [is_statement_due(each, line, since, today) for each in ([], [made], [made, erased])]
    assert due == [True, False, True]


def test_a_statement_prints_again(line, new_database) -> None:
    """After a purchase told late, the account as it was known then still shows what was billed."""
    line("2026-02-01", purchase(1, "2026-01-20", "10.00"))
    late = {"account_id": "H-1", "event": purchase(2, "2026-01-25", "7.00")}
    store = new_database.store()
    frame = bootstrap.frame(compiled=False)
    asked = Command(caller="test", command="post", key="B2", body=late)
    post(store, asked, recorded_at=RECORDED + timedelta(days=40), frame=frame)
    with store.unit_of_work() as work:
        contract, events = read_stored(work.lock("H-1"))
        ((_, told),) = work.messages("statement", "2026-02-01")
    closes_on, known_at = (
        date.fromisoformat(told["closes_on"]),
        datetime.fromisoformat(told["known_at"]),
    )
    then = fold_contract(contract, events, closes_on, known_at)
    assert sum(sum(row.outstanding_minor) for row in then.rows if row.due_on) == told["total_minor"]
    assert then.principal_minor == 10_00
    assert fold_contract(contract, events, closes_on).principal_minor == 17_00
