"""Close of business on a real PostgreSQL: idempotent, day by day equal to one fold, parking what fails."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from arrears.adapters import holidays
from arrears.app import ranges
from arrears.app.booking import Command, book, new_account
from arrears.app.closing import close_to
from arrears.app.owing import ageing_rules
from arrears.app.portfolio import demo_loan
from arrears.app.ports_runs import Asked, Attempt
from arrears.app.posting import post
from arrears.app.refolding import read_stored, refold, refold_at_close
from arrears.app.running import asked_on
from arrears.delinquency.ageing import next_action_on
from arrears.kernel.errors import ArrearsError
from arrears.servicing.contract import read_contract
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from typing import Any

    from arrears.app.refolding import Frame

    Database = Any  #: of conftest

BEGIN = date(2026, 1, 1)
END = date(2026, 5, 10)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
LOANS = 12


def test_a_day_closed_already_changes_nothing(new_database, fill, dump, frame, clock) -> None:
    """Closing to the same day twice answers already_closed and leaves every row as it was."""
    store = new_database.store()
    fill(store, END)
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
    new_database, fill, frame, clock
) -> None:
    """After the last close nothing is left to post: a fresh fold finds no difference."""
    store = new_database.store()
    fill(store, END, lines=4)
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


def test_an_account_that_fails_is_parked_and_the_rest_go_on(
    new_database, fill, frame, clock
) -> None:
    """One account's contract is damaged in the store: it is parked with its inputs, once."""
    store = new_database.store()
    fill(store, END)
    with store.unit_of_work() as work:
        account = work.read(work.open_accounts()[:1])[0]
        broken = {"id": "X1", "on": "2026-02-10", "seq": 0, "type": "repaid", "amount": "-5",
                  "recorded_at": RECORDED.isoformat()}  # fmt: skip
        work.add_event(account, broken, RECORDED)
        work.connection.execute(
            "update account_state set next_action_on = '2026-01-01', version = version"
        )
    close_to(store, date(2026, 2, 28), frame, clock=clock)
    with store.unit_of_work() as work:
        parked = work.parked()
    assert [row["account_id"] for row in parked] == [account.account_id]
    assert "money.negative" in str(parked[0]["cause"])


def test_an_account_is_looked_at_only_when_something_turns(new_database, frame, clock) -> None:
    """A loan due on 5 February and never paid turns M3 and substandard on the days the rules say.

    2026-04-07  61 days: M3
    2026-05-06  90 days: its interest leaves income
    2026-05-07  91 days: M4, substandard; what accrued until then is posted under that day
    and the ends of months, which look at everything. On no other day of the two months is it read.
    """
    store = new_database.store()
    terms = {"principal": "1000", "disbursed_on": "2026-01-05", "annual_rate": "0.1",
             "method": "bullet", "instalments": 1}  # fmt: skip
    contract = {"terms": terms, "penalty": {"mode": "replaces", "uplift": "0.5"},
                "non_accrual_days": 90}  # fmt: skip
    first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1000"}
    body: dict[str, object] = {"account_id": "L-1", "contract": contract, "events": [first]}
    command = Command(caller="test", command="book", key="L-1", body=body)
    book(store, command, borrower_id="B-1", product="", recorded_at=RECORDED, frame=frame)
    close_to(store, date(2026, 3, 31), frame, clock=clock)
    done = close_to(store, date(2026, 5, 31), frame, clock=clock)
    looked_at = [f"{day:%m-%d}" for day, counts in done.days if counts.accounts]
    assert looked_at == ["04-07", "04-30", "05-06", "05-07", "05-31"]
    with store.unit_of_work() as work:
        turned = work.connection.execute(
            "select on_date, to_value from transition where to_value in ('M3', 'M4', 'substandard')"
        ).fetchall()
        posted = {row.value_on for row in work.posted(work.open_accounts())["L-1"]}
    assert {(f"{row['on_date']:%m-%d}", row["to_value"]) for row in turned} == {
        ("04-07", "M3"), ("05-07", "M4"), ("05-07", "substandard"),
    }  # fmt: skip
    assert date(2026, 5, 7) in posted


def test_a_period_end_passes_over_nobody_whose_day_has_come(
    new_database, fill, frame, clock
) -> None:
    """A line that owes nothing yet is bought with on the last of a month: it is closed that day."""
    store = new_database.store()
    fill(store, BEGIN, loans=0, lines=1)
    buys = {"id": "B1", "on": "2026-03-31", "type": "purchased", "amount": "10.00"}
    body: dict[str, object] = {"account_id": "H-0001", "event": buys}
    command = Command(caller="test", command="post", key="B1", body=body)
    post(store, command, recorded_at=RECORDED, frame=frame)
    done = close_to(store, date(2026, 3, 31), frame, clock=clock)
    assert [f"{day:%m-%d}" for day, counts in done.days if counts.entries] == ["03-31"]


def test_another_basis_folds_the_whole_book_again(new_database, fill, frame, clock) -> None:
    """Policy or program are others than at the last close: every open account is folded, once."""
    store = new_database.store()
    fill(store, BEGIN, loans=3)
    close_to(store, date(2026, 2, 20), frame, clock=clock)
    changed = replace(frame, basis="another")
    days = close_to(store, date(2026, 2, 22), changed, clock=clock).days
    calm = [counts.accounts for _, counts in days]
    assert calm[0] == 3
    assert calm[1] < 3
    assert next(counts.entries for _, counts in days) == 0


def test_a_run_under_two_bases_is_made_up_for(new_database, fill, frame, clock) -> None:
    """A day closed by attempts of two releases leaves accounts of either: both fold the whole book after it."""
    store = new_database.store()
    fill(store, BEGIN, loans=3)
    close_to(store, date(2026, 2, 20), frame, clock=clock)
    with store.unit_of_work() as work:
        other = Attempt(process="p", engine="local", processes=1, basis="other", began_at=RECORDED)
        work.add_attempt("close-2026-02-20", other)
        assert work.bases_of_last_close() == {frame.basis, "other"}
        assert asked_on(work, date(2026, 2, 21), frame.basis) is Asked.OTHER_BASIS
        assert asked_on(work, date(2026, 2, 21), "other") is Asked.OTHER_BASIS
    close_to(store, date(2026, 2, 21), frame, clock=clock)
    with store.unit_of_work() as work:
        assert asked_on(work, date(2026, 2, 22), frame.basis) is Asked.DUE
        assert asked_on(work, date(2026, 2, 22), "other") is Asked.OTHER_BASIS


def test_a_bound_that_stops_a_run_is_kept_with_it(
    new_database, fill, frame, clock, monkeypatch
) -> None:
    """What a run was stopped by is read afterwards, also once it was gone on with and is closed."""
    store = new_database.store()
    fill(store, date(2026, 2, 20), loans=3)
    with monkeypatch.context() as patch:
        patch.setattr(ranges, "ROWS_AN_ACCOUNT", 0)
        with pytest.raises(ArrearsError) as stopped:
            close_to(store, date(2026, 2, 20), frame, clock=clock)
    assert stopped.value.code == "close.too_many_rows"
    close_to(store, date(2026, 2, 20), frame, clock=clock)
    with store.unit_of_work() as work:
        hit = [run for run in work.runs(last=100) if run["stops"]]
    assert [(run["phase"], run["stops"][0]["bound"]) for run in hit] == [
        ("closed", "close.too_many_rows")
    ]
    assert len(hit[0]["attempts"]) == 2


def test_the_close_of_a_day_before_the_next_action_does_nothing(
    new_database, fill, frame, clock
) -> None:
    """On the eve of its next action an account posts, sends and turns nothing, month ends apart."""
    store = new_database.store()
    fill(store, END, lines=6)
    day = date(2026, 4, 2)
    close_to(store, day, frame, clock=clock)
    with store.unit_of_work() as work:
        keys = work.open_accounts()
        journal = work.posted(keys)
        accounts = work.read(keys)
    eves = 0
    for account in accounts:
        eve = min(account.next_action_on or date.max, date(2026, 4, 30)) - timedelta(days=1)
        if eve > day:
            eves += 1
            change = refold_at_close(account, journal[account.account_id], eve, frame, clock)
            assert (change.journal, change.events, change.messages, change.transitions) == ((),) * 4
    assert eves > len(accounts) // 2


def test_what_accrued_in_a_class_is_posted_when_it_ends(arrears, new_database) -> None:
    """Also of a contract that no pack rules and that brings no bounds: 1 February + 91 days is 3 May.

    2026-02-01  1,000.00 fall due and are not paid; 0.50 a day from then on
    2026-04-30  the month's end posts its 30 nights
    2026-05-03  substandard: the nights of the old class, 30 April to 2 May, are posted that day
    """
    terms = {
        "principal": "1000", "disbursed_on": "2026-01-01", "annual_rate": "0", "instalments": 1,
        "currency": "USD",
    }  # fmt: skip
    lent = {"id": "D1", "on": "2026-01-01", "type": "disbursed", "amount": "1000"}
    account = {
        "account_id": "U-1", "borrower_id": "B-1", "events": [lent],
        "contract": {"terms": terms, "penalty": {"daily_rate": "0.0005"}},
    }  # fmt: skip
    assert arrears("book", stdin=account)[0] == 0
    assert arrears("close", "--to", "2026-05-03", "--interpreted")[0] == 0
    with new_database.store().unit_of_work() as work:
        rows = work.connection.execute(
            "select booked_on, sum(amount_minor)::integer as minor from journal"
            " where booked_on > '2026-04-15' group by 1 order by 1"
        ).fetchall()
    assert [(str(row["booked_on"]), row["minor"]) for row in rows] == [
        ("2026-04-30", 15_00),
        ("2026-05-03", 1_50),
    ]


def test_a_close_says_once_what_nobody_has_read_up_to_its_day(arrears) -> None:
    """Bounds of ages are carried past the last reading: the run names them, and is done all the same."""
    terms = {
        "principal": "1000",
        "disbursed_on": "2026-11-20",
        "annual_rate": "0",
        "instalments": 1,
    }
    account = {
        "account_id": "L-1", "borrower_id": "B-1", "contract": {"terms": terms}, "events": [],
    }  # fmt: skip
    assert arrears("book", stdin=account)[0] == 0
    read = json.loads(arrears("close", "--to", "2026-11-23", "--interpreted", "--json")[1])
    assert read["assumed"] == []
    code, told = arrears("close", "--to", "2027-01-05", "--interpreted")
    assert code == 0
    assert told.count("cn.classification.bucket_over cn.classification.dpd_over") == 1


def test_who_pays_some_of_it_gets_no_overdue_notice(arrears, new_database) -> None:
    """From M2 back to M1 by a payment: the change is kept, and no notice is sent for having paid."""
    terms = {"principal": "900", "disbursed_on": "2026-01-05", "annual_rate": "0", "instalments": 3}
    lent = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "900"}
    account = {
        "account_id": "L-1", "borrower_id": "B-1", "contract": {"terms": terms}, "events": [lent],
    }  # fmt: skip
    assert arrears("book", stdin=account)[0] == 0
    assert arrears("close", "--to", "2026-03-10", "--interpreted")[0] == 0
    paid = {"id": "P1", "on": "2026-03-11", "type": "repaid", "amount": "300"}
    assert arrears("post", stdin={"account_id": "L-1", "event": paid})[0] == 0
    assert arrears("close", "--to", "2026-03-12", "--interpreted")[0] == 0
    with new_database.store().unit_of_work() as work:
        told = work.connection.execute(
            "select occasion from outbox where kind = 'overdue_notice' order by sequence"
        ).fetchall()
        turned = work.connection.execute(
            "select from_value, to_value from transition where what = 'bucket' order by on_date"
        ).fetchall()
    assert [row["occasion"] for row in told] == ["M1/2026-02-06", "M2/2026-03-08"]
    assert [tuple(row.values()) for row in turned] == [("M0", "M1"), ("M1", "M2"), ("M2", "M1")]


def test_a_year_whose_holidays_nobody_knows_is_closed_like_any_other(
    arrears, new_database, monkeypatch
) -> None:
    """A close asks no calendar: it collects on the due date that was signed, 1 January 2031, a holiday.

    2030-12-01  1,000.00 lent; the library's last year is an earlier one
    2031-01-01  falls due and is collected
    2031-01-02  overdue
    """
    assert holidays.published_years()[1] < 2031
    monkeypatch.setattr(holidays.ChineseCalendar, "ask", None)
    terms = {
        "principal": "1000", "disbursed_on": "2030-12-01", "annual_rate": "0", "instalments": 1,
        "currency": "USD",
    }  # fmt: skip
    lent = {"id": "D1", "on": "2030-12-01", "type": "disbursed", "amount": "1000"}
    account = {
        "account_id": "U-1", "borrower_id": "B-1", "events": [lent], "contract": {"terms": terms},
    }  # fmt: skip
    assert arrears("book", stdin=account)[0] == 0
    assert arrears("close", "--to", "2031-01-02", "--interpreted")[0] == 0
    with new_database.store().unit_of_work() as work:
        assert [name for name, _ in work.messages("collect_by_standing_order", "2031-01-01")] == [
            "U-1"
        ]
        (state,) = work.connection.execute("select days_past_due from account_state").fetchall()
    assert state["days_past_due"] == 1
