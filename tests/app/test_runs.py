"""Runs as they are told: what was closed, how fast, by whom, and how far an open one has come."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from arrears.app.closing import close_to
from arrears.app.ports_runs import Attempt
from arrears.app.run_reports import report_runs
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from arrears.adapters.postgres.store import PostgresStore

END = date(2026, 2, 5)
BEGAN = datetime(2026, 2, 5, 20, tzinfo=UTC)


@pytest.fixture
def half_closed(new_database, fill, frame, clock) -> PostgresStore:
    """A book closed to the eve; of the last day half was done by one process, then taken over by another."""
    store = new_database.store()
    fill(store, END, loans=12)
    close_to(store, END - timedelta(days=1), frame, clock=clock)
    with store.unit_of_work() as work:
        work.start_run("close-2026-02-05", END, BEGAN, 12, [0, 2048], frame.basis)
        for began_at, process, other in (
            (BEGAN, "7@a", None),
            (BEGAN + timedelta(hours=1), "8@b", "7@a"),
        ):
            attempt = Attempt(
                process=process, engine="local", processes=2, basis=frame.basis,
                began_at=began_at, taken_over_from=other,
            )  # fmt: skip
            work.add_attempt("close-2026-02-05", attempt)
        work.connection.execute(
            "insert into run_slot (run_id, slot_from, counts, finished_at, milliseconds) values"
            ' (\'close-2026-02-05\', 0, \'{"accounts": 7, "entries": 5, "rows": 9, "parked": 1}\', %s,'
            ' \'{"read": 20, "fold": 30}\')',
            [BEGAN + timedelta(hours=1, seconds=4)],
        )
        work.stop_run("close-2026-02-05", "close.too_many_parked", "12: 12 x money.negative", BEGAN)
    return store


def test_an_open_run_says_how_far_it_is(half_closed) -> None:
    """Seven folded and one parked of twelve, in four seconds of the last attempt: two a second."""
    with half_closed.unit_of_work() as work:
        (run, *closed) = report_runs(
            work, None, last=100, now=BEGAN + timedelta(hours=1, seconds=4)
        )
    assert (run.phase, run.done, run.accounts, run.ranges_done, run.ranges) == ("open", 8, 12, 1, 2)
    assert (run.seconds, run.rate) == (4, 2)
    assert run.milliseconds == {"read": 20, "fold": 30}
    assert [each["taken_over_from"] for each in run.attempts] == [None, "7@a"]
    assert {each.phase for each in closed} == {"closed"}
    assert [each.business_on for each in closed[:2]] == [date(2026, 2, 4), date(2026, 2, 3)]


def test_the_command_tells_it_in_words_and_as_json(half_closed, arrears) -> None:
    """One line a run; of one alone phases, attempts and stops; `--json` has all of it; no run: an error."""
    del half_closed
    code, told = arrears("runs", "--last", "2")
    assert code == 0
    first, second = told.splitlines()
    assert first.startswith("close-2026-02-05: open, 8 of 12 accounts in ")
    assert first.endswith(", taken over, stopped by close.too_many_parked")
    assert second.startswith("close-2026-02-04: closed, ")
    told = arrears("runs", "close-2026-02-05")[1]
    for line in (
        "  reading: 20 ms, over all processes",
        "  ranges closed: 1 of 2",
        "  2026-02-05 21:00:00 UTC: taken over from 7@a by process 8@b, engine local with 2 processes",
        "  2026-02-05 20:00:00 UTC: stopped by close.too_many_parked, for 12: 12 x money.negative",
    ):
        assert line in told
    (document,) = json.loads(arrears("runs", "close-2026-02-05", "--json")[1])
    assert document["counts"] == {"accounts": 7, "entries": 5, "rows": 9, "parked": 1}
    assert document["stops"][0]["bound"] == "close.too_many_parked"
    assert arrears("runs", "close-2020-01-01")[0] == 3


def test_without_a_close_there_is_nothing_to_tell(new_database, arrears) -> None:
    """On a new book the command says so."""
    with new_database.store().unit_of_work() as work, pytest.raises(ArrearsError) as unknown:
        report_runs(work, "close-2026-01-31", last=1, now=BEGAN)
    assert unknown.value.code == "run.unknown"
    assert arrears("runs") == (0, "no day was closed yet\n")
