"""A file of payments: every line once, whatever comes before, between and again."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from arrears import bootstrap
from arrears.app import paying_many
from arrears.app.paying_many import pay_many
from arrears.app.payment_lines import Line
from arrears.app.refolding import read_stored
from arrears.kernel.errors import ArrearsError
from arrears.servicing import layout as c
from arrears.servicing.matrix import shaped
from arrears.servicing.packing import packed_of
from money.test_paying import LEFT
from money.till import RECORDED_AT, Till

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PENALTY = {"mode": "replaces", "uplift": "0.5"}
DAY = "2026-01-05"
#: What is owed, posted and told, without the numbers the server gives.
STATES = (
    "select account_id, basis, next_action_on, bucket, five_class, bureau, status,"
    " days_past_due, principal_minor, payoff_minor, credit_minor, is_non_accrual"
    " from account_state order by 1"
)
#: The general ledger cumulatively, by account and value date.
BALANCES = (
    "select account_id, code, value_on, sum(amount)::bigint from ("
    " select account_id, debit_account as code, value_on, amount_minor as amount from journal"
    " union all select account_id, credit_account, value_on, -amount_minor from journal) as halves"
    " group by 1, 2, 3 having sum(amount) <> 0 order by 1, 2, 3"
)


@pytest.fixture(scope="module", params=["records", "columns"])
def frame(request):  # noqa: ANN201 - see conftest.py
    """The fold one by one, interpreted; or compiled, over many accounts in columns."""
    return bootstrap.frame(compiled=request.param == "columns")


def line(number: int, account_id: str, amount: str = "1.00", on: str = DAY, **more: str) -> Line:
    """A line of one bank; its own number is that of the line unless told."""
    said = {"ref": f"T-{number}", **more}
    return Line(number, account_id, amount, on, "icbc", **said)


def post_all(till: Till, lines: Sequence[Line], **more: Callable[[int], None]) -> tuple[int, ...]:
    """Post a file: recorded, recorded before, in suspense, rejected."""
    report = pay_many(till.store, lines, recorded_at=RECORDED_AT, frame=till.frame, **more)
    assert report.lines == len(lines)
    told = (report.recorded, report.already_recorded, report.in_suspense, len(report.rejects))
    assert sum(told) == len(lines), "no line is passed over"
    return told


def rejected(till: Till, *lines: Line) -> list[tuple[int, str, str]]:
    """Number, column and code of each rejected line."""
    report = pay_many(till.store, lines, recorded_at=RECORDED_AT, frame=till.frame)
    return [(each.number, each.field, each.code) for each in report.rejects]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two accounts a transaction, so that a few make several."""
    monkeypatch.setattr(paying_many, "ACCOUNTS_AT_ONCE", 2)


def test_a_line_is_posted_once(till, small_chunks) -> None:
    """Twice in a file, in the file run again, and posted by itself before: it is one payment.

    What says something else under the same number is rejected, and changes nothing.
    """
    del small_chunks
    for number in range(5):
        till.book(f"L-{number}")
    till.close("2026-01-06")
    till.pay("L-0", "P1", DAY, "1.00", ref="T-0")
    lines = [line(number, f"L-{number % 5}") for number in range(8)]
    twice = [*lines, line(8, "L-3", ref="T-3"), line(9, "L-4", amount="2.00", ref="T-4")]
    assert post_all(till, twice) == (7, 2, 0, 1)
    left = till.rows(STATES)
    assert post_all(till, twice) == (0, 9, 0, 1)
    assert rejected(till, line(1, "L-2")) == [(1, "ref", "payments.line_taken")]
    assert till.rows(STATES) == left
    assert till.rows("select count(*) from event where type = 'repaid'") == [(8,)]
    assert till.ledger("clearing") == 5 * 1200_00 - 8_00


def test_a_broken_line_is_rejected_by_itself(till) -> None:
    """Each with its number, the column to blame and a code; the line beside them is posted."""
    till.book("L-1")
    till.close("2026-01-10")
    found = rejected(
        till,
        line(1, ""),
        line(2, "L-1", amount=""),
        line(3, "L-1", amount="1.005"),
        line(4, "L-1", amount="-1"),
        line(5, "L-1", amount="0"),
        line(6, "L-1", on="2026-02-30"),
        line(7, "L-1", on="2025-12-31"),
        line(8, "L-2"),
        Line(9, "L-1", "1.00", DAY, "receipt", "T-9"),
        line(10, "L-1", beyond="more"),
        line(11, "L-1", type="refunded"),
        line(12, "L-1", type="reversed"),
        line(13, "L-1", amount="", type="reversed", reverses="nobody"),
        line(14, "L-1", seq="first"),
        line(15, "L-1"),
    )
    assert found == [
        (1, "account_id", "tape.missing_value"),
        (2, "amount", "tape.missing_value"),
        (3, "amount", "money.malformed"),
        (4, "amount", "money.negative"),
        (5, "amount", "event.refused"),
        (6, "on", "date.malformed"),
        (7, "on", "event.before_opening"),
        (8, "account_id", "account.unknown"),
        (9, "channel", "source.reserved"),
        (10, "beyond", "tape.too_many_values"),
        (11, "type", "tape.wrong_value"),
        (12, "reverses", "tape.missing_value"),
        (13, "reverses", "event.unknown_target"),
        (14, "seq", "tape.wrong_value"),
    ]
    assert till.rows("select event_id from event where type = 'repaid'") == [("icbc/T-15",)]


def test_a_file_leaves_what_posts_leave(new_database, another_database, frame) -> None:
    """The same payments and reversals, one by one and as a file: equal accounts, equal ledgers.

    Some on accounts that are settled by them and get money back, some late, two on one account.
    """
    one, many = Till(new_database.store(), frame), Till(another_database.store(), frame)
    for till in (one, many):
        for number in range(4):
            till.book(f"L-{number}", penalty=PENALTY, annual_rate="0.12")
        till.pay("L-3", "P0", "2026-02-05", "500.00")
        till.close("2026-03-20")
    lines = [
        line(1, "L-0", amount="400.00", on="2026-02-05"),
        line(2, "L-0", amount="410.00", on="2026-03-21"),
        line(3, "L-1", amount="5000.00", on="2026-03-19"),
        line(4, "L-2", amount="10.00", on="2026-04-02"),
        line(5, "L-3", amount="", on="2026-03-21", type="reversed", reverses="P0"),
        line(6, "L-3", amount="3.00", on="2026-02-05"),
    ]
    for each in lines:
        one.ask(
            "post",
            account_id=each.account_id,
            event=paying_many.event_of(each),
            source={"channel": each.channel, "ref": each.ref},
        )
    assert post_all(many, lines) == (6, 0, 0, 0)
    for till in (one, many):
        till.close("2026-04-10")
    assert many.rows(STATES) == one.rows(STATES)
    assert many.rows(BALANCES) == one.rows(BALANCES)
    told = "select account_id, kind, occasion, body from outbox where kind <> 'pay_back' order by 1, 2, 3"
    assert many.rows(told) == one.rows(told)
    assert many.refunds() == one.refunds()
    assert len(many.refunds()) == 1


def test_a_killed_run_is_run_again(till, new_database, small_chunks) -> None:
    """A process that is killed after its second transaction leaves those two; run again, all is there."""
    del small_chunks
    for number in range(8):
        till.book(f"L-{number}")
    till.close("2026-01-06")
    lines = [line(number, f"L-{number % 8}") for number in range(16)]
    frame = till.frame

    def die() -> None:
        mine, told = Till(new_database.store(), frame), []

        def on_lines(done: int) -> None:
            told.append(done)
            if len(told) > 2:
                os.kill(os.getpid(), signal.SIGKILL)

        post_all(mine, lines, on_lines=on_lines)

    process = multiprocessing.get_context("fork").Process(target=die)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert till.rows("select count(*) from event where type = 'repaid'") == [(8,)]
    assert post_all(till, lines) == (8, 8, 0, 0)
    assert till.ledger("clearing") == 8 * 1200_00 - 16_00


def test_the_same_file_by_several_at_once(till, another_till, small_chunks) -> None:
    """Three who post a file at the same time: together they record each line once."""
    del small_chunks
    for number in range(8):
        till.book(f"L-{number}")
    till.close("2026-01-06")
    lines = [line(number, f"L-{number % 8}") for number in range(32)]
    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(lambda _: post_all(another_till(), lines), range(3)))
    assert [sum(each) for each in zip(*told, strict=True)] == [32, 64, 0, 0]
    assert till.rows("select count(*) from event where type = 'repaid'") == [(32,)]
    assert till.ledger("clearing") == 8 * 1200_00 - 32_00


def test_what_only_a_whole_number_or_an_id_breaks_is_rejected_by_itself(till) -> None:
    """A place in an order beyond all numbers, and two sources that make one event id."""
    till.book("L-1")
    till.book("L-2")
    till.close("2026-01-10")
    found = rejected(
        till,
        line(1, "L-1", seq="99999999999999999999"),
        Line(2, "L-1", "1.00", DAY, "a/b", "c"),
        Line(3, "L-1", "2.00", DAY, "a", "b/c"),
        line(4, "L-2"),
    )
    assert found == [(1, "seq", "tape.wrong_value"), (3, "account_id", "event.duplicate_id")]
    assert till.rows("select count(*) from event where type = 'repaid'") == [(2,)]


def test_two_connections_take_turns(till, another_till, small_chunks) -> None:
    """Chunks posted by two connections of one command: every line once, a broken one told, in order."""
    del small_chunks
    for number in range(9):
        till.book(f"L-{number}")
    till.close("2026-01-06")
    lines = [line(number, f"L-{number % 9}") for number in range(45)]
    lines += [line(45, "L-3", type="reversed", amount="", reverses="nobody"), line(46, "L-99")]
    seen: list[int] = []
    report = pay_many(
        till.store, lines, recorded_at=RECORDED_AT, frame=till.frame, beside=[another_till().store],
        on_lines=seen.append,
    )  # fmt: skip
    assert (report.recorded, [each.number for each in report.rejects]) == (45, [45, 46])
    assert sum(seen) == len(lines)
    assert till.rows("select count(*) from event where type = 'repaid'") == [(45,)]
    assert till.ledger("clearing") == 9 * 1200_00 - 45_00


def test_payments_to_a_parked_account_wait(till, new_database) -> None:
    """They go to suspense once, as single ones do; a reversal there is rejected; the rest is posted."""
    till.book("L-1")
    till.book("L-2")
    damage = "update event set body = jsonb_set(body, '{amount}', %s) where event_id = 'D1' and account_id = 'L-1'"
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(damage, ['"-5"'])
        connection.execute("update account_columns set layout = ''")
    till.close("2026-02-10")
    lines = [
        line(1, "L-1", amount="400.00", on="2026-02-11"),
        line(2, "L-2", amount="400.00", on="2026-02-11"),
        line(3, "L-1", amount="", on="2026-02-11", type="reversed", reverses="D1"),
    ]
    assert post_all(till, lines) == (1, 0, 1, 1)
    assert post_all(till, lines) == (0, 2, 0, 1)
    assert till.ledger("suspense") == 400_00


def test_a_file_stops_where_it_cannot_be_the_accounts(till, new_database) -> None:
    """One account that cannot be folded: its money waits. A dozen: the run stops, and nothing is kept."""
    for number in range(12):
        till.book(f"L-{number}")
    till.close(DAY)
    till.frame = replace(till.frame, fold_book=None)
    lines = [line(number, f"L-{number}", on="2026-01-06") for number in range(12)]
    damage = "update journal set debit_account = 'suspense' where account_id like %s"
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(damage, ["L-0"])
    assert post_all(till, lines[:2]) == (1, 0, 1, 0)
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(damage, ["L-%"])
    before = till.rows("select count(*) from journal")
    with pytest.raises(ArrearsError) as caught:
        post_all(till, [each._replace(ref=f"again {each.ref}") for each in lines])
    assert caught.value.code == "ledger.journal_foreign"
    assert till.rows("select count(*) from journal") == before


def test_columns_leave_what_records_leave(
    new_database, another_database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files, one account after the other and in columns: row for row the same, and most in columns.

    Loans in time and behind, paid early, in part, twice a day, off, and too much; some lines are late.
    """
    columnar = bootstrap.frame()
    one_by_one = replace(columnar, fold_book=None)
    tills = [
        Till(new_database.store(), one_by_one),
        Till(another_database.store(), columnar),
    ]
    in_columns: list[str] = []
    by_columns = paying_many.by_columns

    def counted(*asked: Any) -> frozenset[str]:  # noqa: ANN401 - handed on as they are
        posted = by_columns(*asked)
        in_columns.extend(posted)
        return posted

    monkeypatch.setattr(paying_many, "by_columns", counted)
    names = [f"L-{number:02d}" for number in range(24)]
    amounts = ("100.00", "409.50", "1.00", "1260.00", "0.01")
    for till in tills:
        for number, name in enumerate(names):
            terms = {"instalments": 12 if number % 3 else 3, "annual_rate": "0.12"}
            till.book(name, f"B-{number}", PENALTY, **terms)
        till.close("2026-02-01")
        for day, days in (("2026-02-02", (0, 1)), ("2026-03-09", (0, 2, 40))):
            on = date.fromisoformat(day)
            lines = [
                line(
                    number,
                    names[number % 24],
                    amount=amounts[number % 5],
                    on=(on - timedelta(days=days[number % 7 % len(days)])).isoformat(),
                    ref=f"{day}/{number}",
                )
                for number in range(0, 40, 2 if on.month == 3 else 1)
            ]
            lines = [each for each in lines if each.on >= DAY]
            assert post_all(till, lines)[0] == len(lines)
            till.close(day if on.month == 3 else "2026-03-08")
    for statement in LEFT:
        if "account_columns" not in statement:
            assert tills[1].rows(statement) == tills[0].rows(statement), statement
    for number in (0, 1):
        assert stored_columns(tills[number]) == rebuilt_columns(tills[number])
    assert len(in_columns) > 10


def stored_columns(till: Till) -> list[tuple[object, ...]]:
    """Rows and events of every account as they are packed; ranks of ids, which may be stale, left out."""
    found = []
    for account_id, rows, events in till.rows(
        "select account_id, rows, events from account_columns order by 1"
    ):
        table = shaped(bytes(events), c.EVENT_COLUMNS).tolist()
        found.append(
            (account_id, bytes(rows), [[*row[: c.E_TIE], *row[c.E_TIE + 1 :]] for row in table])
        )
    return found


def rebuilt_columns(till: Till) -> list[tuple[object, ...]]:
    """The same, made from the documents."""
    keys = [(slot, name) for slot, name in till.rows("select slot, account_id from account")]
    with till.store.unit_of_work() as work:
        accounts = sorted(work.read(keys), key=lambda each: each.account_id)
    found = []
    for account in accounts:
        packed = packed_of(*read_stored(account))
        table = shaped(packed.events, c.EVENT_COLUMNS).tolist()
        found.append(
            (
                account.account_id,
                packed.rows,
                [[*row[: c.E_TIE], *row[c.E_TIE + 1 :]] for row in table],
            )
        )
    return found
