"""Two who close the same day at the same time: one of them does, the other leaves nothing."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier

import psycopg

from arrears.app.ports import Counts
from arrears.kernel.errors import ArrearsError

DAY = date(2026, 2, 5)
INSTANT = datetime(2026, 2, 5, tzinfo=UTC)


def test_a_day_is_closed_by_one_of_two(new_database, filled, change_for) -> None:
    """Both write and end the day together: one commits, the other is told `store.busy`; one run, one entry."""
    names = ("A-1", "A-2")
    accounts = {name: filled(new_database.store(), name) for name in names}
    before = journal_rows(new_database)
    together = Barrier(2)

    def close(name: str) -> str:
        account = replace(accounts[name], version=accounts[name].version + 1)
        try:
            with new_database.store().unit_of_work() as work:
                assert work.write([change_for(account, "2", (7,))]) == []
                together.wait(20)
                work.start_run(f"close-{DAY}", DAY, INSTANT, 1, [0])
                work.close_day(DAY, f"close-{DAY}", Counts(), INSTANT)
        except ArrearsError as error:
            return error.code
        return "closed"

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(close, names))
    assert told == ["closed", "store.busy"]
    assert journal_rows(new_database) == before + 1
    with new_database.store().unit_of_work() as work:
        assert work.last_closed() == (DAY, f"close-{DAY}")


def journal_rows(database) -> int:
    """How many rows the journal holds."""
    with psycopg.connect(database.app_url) as connection:
        row = connection.execute("select count(*) from journal").fetchone()
    assert row
    return int(row[0])
