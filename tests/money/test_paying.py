"""A payment by the short way leaves the book that the long way leaves, and many at once lose nothing."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from arrears.app.booking import Command
from arrears.app.paying import pay
from arrears.app.refolding import refold
from arrears.kernel.errors import InvariantError
from money.till import RECORDED_AT, Till

if TYPE_CHECKING:
    from datetime import date

PENALTY = {"mode": "replaces", "uplift": "0.5"}
#: Everything a payment leaves behind; the instants and numbers the server gives are left out.
LEFT = (
    (
        "select account_id, entry_id, seq, contract, instalment, component, kind, stage, value_on,"
        " booked_on, debit_account, credit_account, amount_minor, policy from journal order by 1, 2, 3"
    ),
    "select account_id, event_id, value_on, body, channel, source_ref from event order by 1, 2",
    "select * from source_reference order by 1, 2",
    "select * from account_state order by 1, 2",
    "select * from account_columns order by 1, 2",
    "select account_id, on_date, what, seq, from_value, to_value from transition order by 1, 2, 3, 4",
    "select account_id, kind, occasion, body from outbox order by 1, 2, 3",
    "select * from idempotency order by 1, 2, 3",
    "select account_id, amount_minor from refund_task order by 1, 2",
)
#: In time, twice a day, late but known late, with an id before all others, on a day to come, the rest.
PAID = (
    ("P2", "2026-02-05", "400.00"),
    ("P1", "2026-02-05", "0.01"),
    ("P9", "2026-02-20", "100.00"),
    ("A1", "2026-02-07", "15.50"),
    ("P8", "2026-04-25", "5.00"),
    ("P7", "2026-04-20", "10.00"),
    ("P6", "2026-03-05", "2000.00"),
)


def story(till: Till) -> None:
    """A loan that falls behind and is told so, another that is new, and what is paid on both."""
    till.book("L-1", penalty=PENALTY, annual_rate="0.12")
    till.close("2026-04-19")
    till.book("L-2", annual_rate="0.12")
    for account_id in ("L-1", "L-2"):
        for event_id, on, amount in PAID:
            till.pay(account_id, event_id, on, amount, ref=f"{account_id}/{event_id}")
    till.close("2026-05-06")


def test_the_short_way_leaves_what_the_long_way_leaves(
    new_database, another_database, frame
) -> None:
    """The same story with and without packed columns in use: both books are equal, row for row.

    Under another layout nothing that is stored packed is read: every payment goes the long way.
    """
    short = Till(new_database.store(), frame)
    long = Till(another_database.store(), replace(frame, layout="of another program"))
    story(short)
    story(long)
    for statement in LEFT:
        left = [
            tuple(each for each in row if each != frame.layout) for row in short.rows(statement)
        ]
        same = [
            tuple(each for each in row if each != long.frame.layout) for row in long.rows(statement)
        ]
        assert left == same, statement
    assert short.rows("select 1 from outbox where kind = 'correction'"), "a notice is taken back"


def paid(till: Till, event_id: str, on: str = "2026-01-05") -> object:
    """What the short way answers for a payment of 1.00 to L-1."""
    event = {"id": event_id, "on": on, "type": "repaid", "amount": "1.00"}
    body: dict[str, object] = {"account_id": "L-1", "event": event}
    command = Command(caller="test", command="post", key=event_id, body=body)
    source = ("icbc", event_id)
    return pay(till.store, command, source, recorded_at=RECORDED_AT, frame=till.frame)


def test_the_short_way_knows_when_to_leave_it(till) -> None:
    """A plain payment is answered; where more is to be done nothing is written, and no line is taken."""
    till.book("L-1")
    assert paid(till, "P1") is not None
    assert paid(till, "P1") is not None, "the answer is kept under its key"
    till.pay("L-1", "P5", "2026-01-05", "1.00", ref="P2")
    before = [till.rows(statement) for statement in LEFT]
    assert paid(till, "P2") is None, "the line is another payment"
    till.frame = replace(till.frame, layout="another")
    assert paid(till, "P3") is None, "columns of another program"
    assert [till.rows(statement) for statement in LEFT] == before
    till.pay("L-1", "P6", "2026-01-05", "2000.00")
    assert till.refunds() == [("L-1", "802.00", "open")]
    assert till.pay("L-1", "P7", "2026-01-05", "1.00")["refund_tasks"], "the long way"
    assert till.refunds() == [("L-1", "803.00", "open")]


def test_what_changes_back_on_the_same_day_is_told_twice(till) -> None:
    """A payment cures a loan, its reversal undoes that, both on the open day: three steps that join up."""
    till.book("L-1")
    till.close("2026-02-20")
    till.pay("L-1", "P1", "2026-02-05", "400.00")
    back = {"id": "R1", "on": "2026-02-21", "type": "reversed", "reverses": "P1"}
    till.ask("post", "R1", account_id="L-1", event=back)
    till.pay("L-1", "P2", "2026-02-05", "400.00")
    turned = till.rows(
        "select on_date, seq, from_value, to_value from transition"
        " where what = 'bucket' and on_date > '2026-02-10' order by on_date, seq"
    )
    assert [row[1:] for row in turned] == [(0, "M1", "M0"), (1, "M0", "M1"), (2, "M1", "M0")]
    assert len({row[0] for row in turned}) == 1


def test_what_the_database_refuses_leaves_nothing(till, new_database) -> None:
    """The statement that writes is refused: a bug is told, nothing is kept, and the till goes on."""
    till.book("L-1")
    before = [till.rows(statement) for statement in LEFT]
    refuse = "alter table event add constraint refuse check (event_id <> 'P1') not valid"
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute(refuse)
    with pytest.raises(InvariantError, match=r"store\.refused"):
        paid(till, "P1")
    assert [till.rows(statement) for statement in LEFT] == before
    assert paid(till, "P2") is not None


@pytest.mark.parametrize("clients", [1, 8, 32])
@pytest.mark.parametrize("accounts", [1, 8])
def test_many_who_pay_at_once_lose_nothing(till, another_till, clients: int, accounts: int) -> None:
    """Each payment is sent twice, under one key and under two, by many connections, on one or more loans.

    Every line is one event; what is owed is what was lent less what was paid; and the journal is
    what a fold of the account as it stands now would post, to the fen and to the row.
    """
    for number in range(accounts):
        till.book(f"L-{number}")
    lines = [(f"L-{at % accounts}", f"P{at:03d}") for at in range(24)]
    asked = [(*each, again) for each in lines for again in (False, True)]

    def some(first: int) -> list[str]:
        mine = another_till()
        return [
            mine.pay(
                account_id,
                event_id + ("-again" if is_again and number % 4 == 1 else ""),
                "2026-01-05",
                "1.00",
                ref=event_id,
            )["outcome"]
            for number, (account_id, event_id, is_again) in enumerate(asked)
            if number % clients == first
        ]

    with ThreadPoolExecutor(clients) as threads:
        outcomes = [each for mine in threads.map(some, range(clients)) for each in mine]
    assert outcomes.count("already_recorded") == len(lines) // 2
    assert till.rows("select count(*) from event where type = 'repaid'") == [(len(lines),)]
    owed = till.rows("select sum(payoff_minor)::bigint from account_state")
    assert owed == [(accounts * 1200_00 - len(lines) * 1_00,)]
    assert till.ledger("clearing") == accounts * 1200_00 - len(lines) * 1_00
    keys = [(slot, name) for slot, name in till.rows("select slot, account_id from account")]
    with till.store.unit_of_work() as work:
        every = work.read(keys)
    assert [missing(till, account) for account in every] == [0] * accounts


def missing(till: Till, account) -> int:
    """How many rows a fold of an account today would still post."""
    with till.store.unit_of_work() as work:
        journal = work.posted([(account.slot, account.account_id)])[account.account_id]
    folded_to: date = account.folded_to
    return len(refold(account, journal, folded_to, till.frame).journal)
