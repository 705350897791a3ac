"""Close of business on a real PostgreSQL: resumable, idempotent, killed and run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from arrears import bootstrap
from arrears.app.booking import Command, book, new_account
from arrears.app.closing import close_to
from arrears.app.owing import ageing_rules
from arrears.app.portfolio import demo_loan, payments
from arrears.app.posting import post
from arrears.app.refolding import read_stored, refold
from arrears.delinquency.ageing import next_action_on
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import Currency
from arrears.servicing.contract import read_contract
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from typing import Any

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.refolding import Frame

    Database = Any  #: of conftest

BEGIN = date(2026, 1, 1)
END = date(2026, 5, 10)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
LOANS = 12


def clock() -> datetime:
    """Every run of these tests is made at one instant."""
    return RECORDED


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Policy, posting rules and the interpreted fold."""
    return bootstrap.frame(compiled=False)


def fill(store: PostgresStore, frame: Frame) -> None:
    """Book the demonstration's first loans and all their payments, some of them to come."""
    for number in range(1, LOANS + 1):
        loan = demo_loan(number, BEGIN)
        first = {
            "id": "D1",
            "on": loan.opened_on.isoformat(),
            "type": "disbursed",
            "amount": loan.amount,
        }
        body: dict[str, object] = {
            "account_id": loan.account_id,
            "contract": loan.contract,
            "events": [first],
        }
        book(
            store,
            Command(caller="test", command="book", key=loan.account_id, body=body),
            borrower_id=loan.borrower_id,
            product="test",
            recorded_at=RECORDED,
            frame=frame,
        )
        terms = read_contract(loan.contract).terms
        for day, events in payments(loan, solve_schedule(terms), Currency("CNY", 2)).items():
            for event in events if day <= END else []:
                given = {"account_id": loan.account_id, "event": event}
                key = f"{loan.account_id}/{event['id']}"
                command = Command(caller="test", command="post", key=key, body=given)
                post(store, command, recorded_at=RECORDED, frame=frame)


def dump(store: PostgresStore) -> list[tuple[object, ...]]:
    """The journal and the caches, in an order that does not depend on how they came about."""
    with store.unit_of_work() as work:
        rows = work.connection.execute(
            "select account_id, contract, instalment, component, kind, stage, value_on, "
            "debit_account, credit_account, sum(amount_minor)::bigint as amount "
            "from journal group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 3, 4, 5, 6, 7, 8, 9"
        ).fetchall()
        caches = work.connection.execute(
            "select account_id, bucket, five_class, status, payoff_minor, next_action_on "
            "from account order by 1"
        ).fetchall()
        runs = work.connection.execute("select business_on from run order by 1").fetchall()
    return [tuple(row.values()) for row in (*rows, *caches, *runs)]


def test_a_day_closed_already_changes_nothing(new_database: Database, frame: Frame) -> None:
    """Closing to the same day twice answers already_closed and leaves every row as it was."""
    store = new_database.store()
    fill(store, frame)
    first = close_to(store, date(2026, 2, 28), frame, clock=clock)
    before = dump(store)
    again = close_to(store, date(2026, 2, 28), frame, clock=clock)
    assert not first.already_closed
    assert again.already_closed
    assert again.run_id == "close-2026-02-28"
    assert dump(store) == before
    with pytest.raises(ArrearsError) as refused:
        close_to(store, date(2025, 12, 1), frame, clock=clock)
    assert refused.value.code == "close.before_last"


def test_the_book_closed_daily_equals_each_account_folded_once(
    new_database: Database, frame: Frame
) -> None:
    """After the last close nothing is left to post: a fresh fold finds no difference."""
    store = new_database.store()
    fill(store, frame)
    close_to(store, END, frame, clock=clock)
    with store.unit_of_work() as work:
        keys = work.open_accounts()
        journal = work.posted(keys)
        for account in work.read(keys):
            change = refold(account, journal[account.account_id], END, frame)
            assert change.journal == ()
            assert change.transitions == ()
        totals = work.totals()
    assert sum(each.debit_minor - each.credit_minor for each in totals.values()) == 0


def test_days_before_the_next_action_post_nothing(frame: Frame) -> None:
    """From any day to the one before its next action the posted movements are the same."""
    for number in range(1, LOANS + 1):
        loan = demo_loan(number, BEGIN)
        contract = read_contract(loan.contract)
        first = {
            "id": "D1",
            "on": loan.opened_on.isoformat(),
            "type": "disbursed",
            "amount": loan.amount,
        }
        body = {"account_id": "x", "contract": loan.contract, "events": [first]}
        account = new_account(body, borrower_id="b", product="", recorded_at=RECORDED)
        _, events = read_stored(account)
        day = loan.opened_on + timedelta(days=number)
        for _ in range(12):
            state = fold_contract(contract, events, day, posting=0)
            rules = ageing_rules(frame.snapshot, day)
            turn = next_action_on(
                state, rules, contract.penalty.grace_days, contract.non_accrual_days
            )
            if turn is None:
                break
            posted = [row for row in state.movements.tolist() if not row[-1]]
            eve = fold_contract(contract, events, turn - timedelta(days=1), posting=0)
            assert [row for row in eve.movements.tolist() if not row[-1]] == posted
            day = turn


KILLED = """
import sys
from datetime import date
from arrears import bootstrap
from arrears.adapters.postgres.store import PostgresStore
from arrears.app.closing import close_to
store = PostgresStore(sys.argv[1])
close_to(store, date(2026, 5, 10), bootstrap.frame(compiled=False), clock=bootstrap.now, on_day=lambda *_: print("day", flush=True))
"""


def test_a_killed_close_run_again_gives_the_same_book(
    new_database: Database, another_database: Database, frame: Frame
) -> None:
    """Two equal books: one closed in peace, one killed three times on the way; the dumps agree."""
    calm, killed = new_database.store(), another_database.store()
    for store in (calm, killed):
        fill(store, frame)
    close_to(calm, END, frame, clock=clock)
    for seed in (3, 11, 29):
        child = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", KILLED, another_database.app_url], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(seed):
            child.stdout.readline()
        time.sleep(0.003 * seed)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    close_to(killed, END, frame, clock=clock)
    assert dump(killed) == dump(calm)


def test_an_account_that_fails_is_parked_and_the_rest_go_on(
    new_database: Database, frame: Frame
) -> None:
    """One account's contract is damaged in the store: it is parked with its inputs, once."""
    store = new_database.store()
    fill(store, frame)
    with store.unit_of_work() as work:
        account = work.read(work.open_accounts()[:1])[0]
        broken = {"id": "X1", "on": "2026-02-10", "seq": 0, "type": "repaid", "amount": "-5",
                  "recorded_at": RECORDED.isoformat()}  # fmt: skip
        work.add_event(account, broken, RECORDED)
        work.connection.execute(
            "update account set next_action_on = '2026-01-01', version = version"
        )
    close_to(store, date(2026, 2, 28), frame, clock=clock)
    with store.unit_of_work() as work:
        parked = work.parked()
    assert [row["account_id"] for row in parked] == [account.account_id]
    assert "money.negative" in str(parked[0]["cause"])
