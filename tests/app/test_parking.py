"""Parked accounts: listed with their cause, tried again, taken back in with their history."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest

from arrears.app.closing import close_to
from arrears.app.parking import RetryOutcome, retry_parked
from arrears.app.ports import Counts
from arrears.app.ports_runs import Asked
from arrears.app.ranges import close_by_records
from arrears.app.reconciling import Owed
from arrears.app.running import Phases, RangeTask
from arrears.kernel.errors import ArrearsError
from arrears.kernel.ids import EVERY_SLOT

if TYPE_CHECKING:
    from datetime import datetime

    from arrears.adapters.postgres.store import PostgresStore

MOVED = "update account_state set version = version + 1 where account_id = 'H-0001'"
TASK = RangeTask(
    run_id="2026-03-01", business_on=date(2026, 3, 1), slots=EVERY_SLOT, asked=Asked.DUE
)
END = date(2026, 4, 20)
DAMAGE = """
update event set body = jsonb_set(body, '{amount}', to_jsonb(%s::text))
where (account_id, event_id) = ('H-0001', 'B1')
"""


def damage(database, amount: str) -> str:
    """Write another amount into the line's first purchase, past all triggers; returns what it was."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        before = connection.execute(
            "select body ->> 'amount' from event where (account_id, event_id) = ('H-0001', 'B1')"
        ).fetchone()
        connection.execute(DAMAGE, [amount])
    assert before
    return str(before[0])


@pytest.fixture
def parked(new_database, fill, frame, clock):  # noqa: ANN201 - a store, and what mends the line
    """A book closed to 20 March, its line parked on 1 March for an amount that cannot be read."""
    store = new_database.store()
    fill(store, END, loans=3, lines=1)
    close_to(store, date(2026, 2, 28), frame, clock=clock)
    amount = damage(new_database, "-5")
    close_to(store, date(2026, 3, 20), frame, clock=clock)
    return store, lambda: damage(new_database, amount)


def line_of(store: PostgresStore) -> dict[str, object]:
    """What the store keeps of the line, events and messages counted."""
    with store.unit_of_work() as work:
        rows = work.connection.execute(
            "select payoff_minor, next_action_on, (select count(*) from event e"
            " where e.account_id = state.account_id and e.type = 'statement_closed') as statements"
            " from account_state as state where account_id = 'H-0001'"
        ).fetchall()
    return dict(rows[0])


def test_a_parked_account_is_listed_with_cause_and_inputs(arrears, parked) -> None:
    """The list names account, day and cause; as JSON also contract and events as they were read."""
    del parked
    code, told = arrears("parked", "list")
    assert code == 0
    assert "H-0001: parked at the close of 2026-03-01" in told
    assert "money.negative" in told
    code, document = arrears("parked", "list", "--json")
    (row,) = json.loads(document)
    assert row["business_on"] == "2026-03-01"
    assert row["inputs"]["contract"]["kind"] == "line"
    assert "-5" in {event.get("amount") for event in row["inputs"]["events"]}


def test_what_still_fails_stays_parked(arrears, parked) -> None:
    """Nothing was mended: the retry says why, ends with 3, and changes nothing."""
    store, _ = parked
    before = line_of(store)
    code, told = arrears("parked", "retry", "H-0001")
    assert code == 3
    assert told.startswith("H-0001: still parked")
    assert "money.negative" in told
    assert line_of(store) == before


def test_what_was_mended_is_taken_back_in_once(arrears, parked) -> None:
    """Mended, the line is taken back; a second try finds nothing to do; the history stays."""
    _, mend = parked
    mend()
    assert arrears("parked", "retry") == (0, "H-0001: taken back in\n")
    assert arrears("parked", "retry") == (0, "no account is parked\n")
    assert arrears("parked", "retry", "H-0001") == (0, "H-0001: was not parked\n")
    assert arrears("parked", "list") == (0, "no account is parked\n")
    code, history = arrears("parked", "list", "--resolved")
    assert code == 0
    assert "taken back" in history


def test_the_next_close_makes_up_for_what_was_missed(
    parked, another_database, fill, frame, clock
) -> None:
    """The statement of 1 March is made on the day the line is back; later ones come on their days."""
    store, mend = parked
    mend()
    tried = retry_parked(store, None, frame, clock=clock)
    assert [each.outcome for each in tried] == [RetryOutcome.TAKEN_BACK]
    made = close_to(store, date(2026, 3, 21), frame, clock=clock)
    assert [counts.statements for _, counts in made.days] == [1]
    close_to(store, END, frame, clock=clock)
    calm = another_database.store()
    fill(calm, END, loans=3, lines=1)
    close_to(calm, END, frame, clock=clock)
    assert line_of(store)["statements"] == line_of(calm)["statements"]
    assert line_of(store)["next_action_on"] == line_of(calm)["next_action_on"]


def test_an_account_parked_again_is_parked_anew(parked, new_database, frame, clock) -> None:
    """Taken back and broken again, it has two entries, one of them resolved."""
    store, mend = parked
    mend()
    retry_parked(store, "H-0001", frame, clock=clock)
    damage(new_database, "-7")
    close_to(store, END, frame, clock=clock)
    with store.unit_of_work() as work:
        entries = work.parked("H-0001", with_resolved=True)
    assert [each["resolved_at"] is None for each in entries] == [False, True]


def test_who_was_written_to_while_it_failed_is_read_again_and_not_parked(
    new_database, fill, frame, clock
) -> None:
    """The line is mended between its reading and its parking: it is folded as it stands then."""
    store = new_database.store()
    fill(store, END, loans=3, lines=1)
    close_to(store, date(2026, 2, 28), frame, clock=clock)
    amount, asked = damage(new_database, "-5"), []

    def mending_clock() -> datetime:
        """Asked first when the line is to be parked."""
        if not asked:
            damage(new_database, amount)
            with psycopg.connect(new_database.superuser_url) as connection:
                connection.execute(MOVED)
        asked.append(clock())
        return asked[-1]

    counts = Counts()
    with store.unit_of_work() as work:
        [key] = [
            each for each in work.open_accounts(TASK.business_on, EVERY_SLOT) if each[1] == "H-0001"
        ]
        close_by_records(
            work, TASK, frame, mending_clock, counts, Owed(), Phases(stopwatch=lambda: 0), [key]
        )
        assert not work.parked("H-0001", with_resolved=True)
    assert (counts.parked, counts.refolded, counts.statements) == (0, 1, 1)


def test_who_is_nowhere_cannot_be_tried(parked, frame, clock) -> None:
    """An id that no account has is an error, not an account that is not parked."""
    store, _ = parked
    with pytest.raises(ArrearsError) as caught:
        retry_parked(store, "L-9999", frame, clock=clock)
    assert caught.value.code == "account.unknown"
