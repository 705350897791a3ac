"""A close loses its connection, in each of its phases: it says so, and run again makes the same book."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import psycopg
import pytest
from book import IS_FULL, same
from wire import CutError, Side

#: What a close is about to do, and words of the request by which it is known.
PHASES = {
    "taking its turn": "pg_advisory_lock",
    "beginning a run": "insert into run_start",
    "reading a range": "bucket, five_class, bureau",
    "adding a journal up": "which transactions this very statement sees",
    "writing a range": "copy journal",
    "ending a range": "insert into run_slot",
    "ending a day": "insert into run ",
}
SIDES = list(Side)
WAYS = ("reset", "terminated")


def cases() -> list[tuple[str, Side, str, int]]:
    """Phase, side, way and processes: all of them, or each phase once, the others in turn."""
    if IS_FULL:
        return [(p, s, w, n) for p in PHASES for s in SIDES for w in WAYS for n in (1, 2)]
    return [
        (phase, SIDES[at % 3], WAYS[at % 2], 1 + at // 2 % 2) for at, phase in enumerate(PHASES)
    ]


@pytest.mark.parametrize(("phase", "side", "way", "processes"), cases())
def test_the_connection_is_lost(
    phase, side, way, processes, untouched, calm, closing, fault_wire
) -> None:
    """Reset on the way, or ended by an administrator: one error, and nothing half done.

    A reset takes the connection of whoever asked; an administrator ends all that the close has.
    """
    book, met = untouched.copy(), []

    def at(moment) -> None:
        if met or moment.side is not side or PHASES[phase] not in moment.sql:
            return
        met.append(moment)
        if way == "reset":
            raise CutError
        with psycopg.connect(book.superuser_url) as superuser:
            superuser.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where usename = 'arrears_app' and datname = current_database()"
            )

    fault_wire.watch(at)
    told = closing(fault_wire.url("arrears_app", book.name), processes).end()
    fault_wire.watch(None)
    assert met, "the phase was not met"
    assert told == "store.unreachable"
    closing(book.url, processes).succeed()
    same(book.rows(), calm(processes))
    book.remove()
