"""A book closed in columns is the book closed account by account: entry for entry, day after day."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from arrears import bootstrap
from arrears.app.batch import AccountBatch
from arrears.app.booking import Command
from arrears.app.closing import close_to
from arrears.app.demonstration import prepare
from arrears.app.ports_runs import Asked
from arrears.app.posting import post
from arrears.app.refolding import read_stored
from arrears.app.refolding_columnar import FIRST_DAY, columnar_frame, compared_from, refold_batch
from arrears.delinquency.ageing import AgeingRules
from arrears.delinquency.ageing_columnar import scales_of
from arrears.kernel.dates import add_months
from arrears.ledger.postings_columnar import JOURNAL_COLUMNS
from arrears.servicing import layout as c
from arrears.servicing.book import book_of
from arrears.servicing.packing import packed_of
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.refolding import Frame
    from arrears.app.refolding_columnar import ColumnarFrame
    from arrears.servicing.packing import Packed
    from arrears.servicing.tables import Array

BEGIN = date(2026, 1, 1)
END = date(2026, 6, 12)
#: The day on which the program, and so the basis of every account, becomes another.
CORRECTED_ON = date(2026, 5, 14)
#: Day of the month on which some borrowers' last payments are taken back.
TAKEN_BACK_DAY = 21
#: Of the many accounts some get what the demonstration has not: paid too much, reversed, put off.
ODD_DAYS = {
    "2026-02-11": ({"type": "repaid", "amount": "99999.00"}, 5),
    "2026-03-02": ({"type": "repaid", "amount": "7.01"}, 3),
    "2026-03-20": ({"type": "penalty_frozen", "until": "2026-04-02"}, 4),
    "2026-03-25": ({"type": "paused", "until": "2026-04-05"}, 6),
    "2026-04-08": ({"type": "fee_charged", "amount": "12.00"}, 5),
    "2026-04-17": ({"type": "waived", "component": "penalty", "amount": "0.50"}, 7),
    "2026-05-04": ({"type": "charged_off"}, 9),
}
#: What is owed is agreed anew in instalments, with every so-manyth loan; with some of them twice.
REPLANNED_ON = {date(2026, 3, 10): 3, date(2026, 4, 20): 6}


def instant() -> datetime:
    """The clock of these tests."""
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def frames() -> tuple[Frame, Frame]:
    """The fold one by one, and in columns; both compiled."""
    columnar = bootstrap.frame()
    assert columnar.fold_book
    return replace(columnar, fold_book=None), columnar


def lived(store: PostgresStore, frame: Frame) -> Frame:
    """A portfolio lived through day by day, each day closed; odd things happen to some accounts.

    Returns the frame of the last days.
    """
    made = prepare(store, frame, instant, loans=24, lines=14, begin=BEGIN, end=END)
    for each in range((END - BEGIN).days + 1):
        day = BEGIN + timedelta(days=each)
        names = [loan.account_id for loan in made.loans if loan.opened_on < day]
        for number, (on, (what, every)) in enumerate(ODD_DAYS.items()):
            if on == day.isoformat():
                for name in names[::every]:
                    odd(store, frame, name, {"id": f"X{number}", "on": on, **what})
        if day in REPLANNED_ON:
            for name in names[:: REPLANNED_ON[day]]:
                replan(store, frame, name, day)
        if day.day == TAKEN_BACK_DAY:
            take_back(store, frame, names[day.month :: 6])
        if day == CORRECTED_ON:  # as if a rule had been corrected: all is held against the journal
            frame = made.frame = replace(frame, basis=frame.basis[::-1])
        made.live(day)
    return frame


def odd(store: PostgresStore, frame: Frame, name: str, event: dict[str, Any]) -> None:
    """Post an event."""
    body = {"account_id": name, "event": event}
    command = Command(caller="t", command="post", key=f"{name}/{event['id']}", body=body)
    post(store, command, recorded_at=instant(), frame=frame)


def replan(store: PostgresStore, frame: Frame, name: str, day: date) -> None:
    """Agree anew on what a loan owes: nine instalments, the first in a month."""
    with store.unit_of_work() as work:
        account = work.lock(name)
    assert account
    contract, events = read_stored(account)
    left_minor = fold_contract(contract, events, day).principal_minor
    if not left_minor:
        return
    parts = [left_minor // 9] * 8
    parts.append(left_minor - sum(parts))
    rows = [
        {"due_on": add_months(day, at).isoformat(), "principal": f"{part / 100:.2f}"}
        for at, part in enumerate(parts, start=1)
    ]
    odd(store, frame, name, {"id": f"N{day.month}", "on": day.isoformat(), "type": "replanned",
                             "rows": rows})  # fmt: skip


def take_back(store: PostgresStore, frame: Frame, names: list[str]) -> None:
    """Reverse the last payment of some accounts, weeks after it was made."""
    for name in names:
        with store.unit_of_work() as work:
            account = work.lock(name)
        assert account
        erased = {each.get("reverses") for each in account.events}
        paid = [each for each in account.events if each["type"] == "repaid"]
        paid = [each for each in paid if each["id"] not in erased]
        if paid:
            gone = str(paid[-1]["id"])
            on = str(paid[-1]["on"])
            odd(store, frame, name, {"id": f"R-{gone}", "on": on, "type": "reversed",
                                     "reverses": gone})  # fmt: skip


def test_both_ways_write_the_same(new_database, another_database, frames, dump) -> None:
    """Journal, events, transitions, outbox, caches and counts of every run are equal, row for row.

    Also of loans that were restructured, some of them twice: their class is no better than observed.
    What a close appended to packed columns is what packing the documents again gives, and nearly
    all accounts go by the columns.
    """
    by_records, in_columns = new_database.store(), another_database.store()
    lived(by_records, frames[0])
    frame = lived(in_columns, frames[1])
    for records, columns in zip(dump(by_records), dump(in_columns), strict=True):
        assert columns == records
        assert len(records) > 20
    not_late = {row["five_class"] for row in states(in_columns) if row["bucket"] == "M0"}
    assert {"special_mention", "substandard"} <= not_late
    with in_columns.unit_of_work() as work:
        read = work.read_batch(END + timedelta(days=1), range(4096), frame, Asked.EVERY_OPEN)
        change = refold_batch(read.batch, shared(frame), no_journal, instant())
        rows = work.connection.execute("select * from account_columns").fetchall()
        accounts = work.read([(row["slot"], row["account_id"]) for row in rows])
    assert (len(read.batch) > 20, read.by_documents) == (True, [])
    assert len(change.of) > 3 * len(change.by_records)
    kept = {row["account_id"]: row for row in rows}
    for account in accounts:
        check_packed(kept[account.account_id], packed_of(*read_stored(account)))


def test_who_was_posted_for_days_to_come_is_left_until_then(
    new_database, another_database, frames, fill, dump
) -> None:
    """A book filled before its first close: at the month's end some loans are not lent yet.

    They were posted on their own day, which is to come. Both ways leave them, and what is booked for
    days to come is no part of the period.
    """
    by_records, in_columns = new_database.store(), another_database.store()
    for store, frame in zip((by_records, in_columns), frames, strict=True):
        fill(store, date(2026, 2, 20), loans=6)
        close_to(store, date(2026, 1, 31), frame, clock=instant)
        folded_to = {row["folded_to"] for row in states(store)}
        assert min(folded_to) == date(2026, 1, 31)
        assert max(folded_to) > date(2026, 1, 31)
        close_to(store, date(2026, 2, 20), frame, clock=instant)
    assert dump(in_columns) == dump(by_records)


def states(store: PostgresStore) -> list[dict[str, Any]]:
    """The caches of every account."""
    with store.unit_of_work() as work:
        return work.connection.execute("select * from account_state").fetchall()


def shared(frame: Frame) -> ColumnarFrame:
    """What a batch of the next day shares."""
    assert frame.fold_book
    return columnar_frame(frame, frame.fold_book, END + timedelta(days=1))


def no_journal(accounts: Array, since: Array) -> Array:
    """Nothing of an ordinary day is held against the journal."""
    assert (len(accounts), len(since)) == (0, 0)
    return np.zeros((0, JOURNAL_COLUMNS), dtype=np.int64)


def check_packed(row: dict[str, object], packed: Packed) -> None:
    """Stored columns are those of the documents, but for the rank of an id among equals.

    Nobody asks it of the only event of its kind and day.
    """
    assert (row["terms"], row["orders"]) == (packed.terms, packed.orders)
    assert row["rows"] == packed.rows
    stored, made = (
        np.frombuffer(bytes(each), dtype=np.int64).reshape(-1, c.EVENT_COLUMNS).copy()  # type: ignore[call-overload]  # a column of bytes
        for each in (row["events"], packed.events)
    )
    stored[:, c.E_TIE] = made[:, c.E_TIE] = 0
    assert (stored == made).all()


def test_where_bounds_of_classes_moved_all_is_compared() -> None:
    """Bounds that change move posting points of the past: whoever was folded before is compared anew.

    Bounds change on day 100. Folded to day 98 or 99 and closed on 100: from the first day; folded
    to 100 and closed on 101: from 101.
    """
    changes = np.array([100], dtype=np.int64)
    scales = replace(scales_of(AgeingRules(bucket=None, five_class=None, bureau=None)), changes=changes)  # fmt: skip
    batch = AccountBatch(
        slots=np.zeros(3), account_ids=["A", "B", "C"], currencies=["CNY"] * 3,
        versions=np.ones(3), folded_to=np.array([98, 99, 100]), next_action_on=np.zeros(3),
        buckets=["M0"] * 3, five_classes=["normal"] * 3, bureaus=["N"] * 3,
        is_non_accrual=np.zeros(3, dtype=bool), credit_minor=np.zeros(3),
        is_current=np.ones(3, dtype=bool), book=book_of([]),
    )  # fmt: skip
    nobody = np.zeros(0, dtype=np.int64)
    assert compared_from(batch, nobody, 100, scales).tolist() == [FIRST_DAY, FIRST_DAY, 101]
    assert compared_from(batch, nobody, 101, scales).tolist() == [FIRST_DAY, FIRST_DAY, 101]
    assert compared_from(batch, np.array([2]), 100, scales).tolist() == [FIRST_DAY, FIRST_DAY, 100]
