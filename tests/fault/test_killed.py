"""A close that is killed, at every commit and anywhere between: run again, it makes the same book."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import time

import pytest
from book import IS_FULL, same
from closer import Victim, kill
from wire import Side

from arrears.app.portfolio import chance

SIDES, VICTIMS = list(Side), list(Victim)
SEEDS = 200 if IS_FULL else 6
#: About as long as the close of these tests takes.
CLOSE_MS = 1_500
#: How a close ends that was killed, or one of whose processes was.
KILLED = {"killed", "engine.process_ended"}


@pytest.mark.parametrize("processes", [1, 2])
def test_killed_at_one_commit_after_the_other(
    processes, untouched, calm, closing, struck, passed
) -> None:
    """Each close goes on where the one before was killed, and is killed at its first or second write.

    These are the beginning of a day's run, a range, the end of a day. A commit is met before it is
    sent, and nothing of it stays; or while the server commits, or before its answer is known: then
    it stays, though nobody heard of it.
    """
    book, told = untouched.copy(), []
    commits = passed(processes)[1]
    asking = passed(processes, is_closed=True)[1]  # what a close asks first, and its last word
    ranges = 4 * 3  # four days, three ranges each or more
    assert commits > asking + ranges
    while "done" not in told:
        turn, side = divmod(len(told), 3)
        here = (asking + turn % 2, SIDES[side])
        victim = VICTIMS[turn // 2 % 3]
        told += [
            struck(book, processes, lambda at, here=here: (at.commit, at.side) == here, victim)
        ]
        assert len(told) <= 3 * commits, "it does not come further"
    assert set(told) <= {*KILLED, "done"}
    assert len(told) > ranges
    closing(book.url, processes).succeed()
    same(book.rows(), calm(processes))
    book.remove()


@pytest.mark.skipif(not IS_FULL, reason="make fault kills at every side of every commit by itself")
@pytest.mark.parametrize(
    ("processes", "victim"), [(1, Victim.ALL), *((2, victim) for victim in VICTIMS)]
)
def test_killed_at_every_commit(
    processes, victim, untouched, calm, closing, struck, passed
) -> None:
    """A fresh book for every side of every commit: killed there, once, and closed."""
    for number in range(1, passed(processes)[1] + 1):
        for side in SIDES:
            book = untouched.copy()
            told = struck(
                book,
                processes,
                lambda at, here=(number, side): (at.commit, at.side) == here,
                victim,
            )
            assert told in KILLED
            closing(book.url, processes).succeed()
            same(book.rows(), calm(processes))
            book.remove()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_anywhere(seed, untouched, calm, closing, struck, passed) -> None:
    """Killed up to three times, at a request or after some milliseconds, as the seed says."""
    name, book = f"seed {seed}", untouched.copy()
    processes = 1 + seed % 2
    for again in range(1 + chance(name, "kills", 3)):
        victim = VICTIMS[chance(name, f"victim {again}", 3)]
        if chance(name, f"timed {again}", 2):
            running = closing(book.url, processes)
            time.sleep(chance(name, f"after {again}", CLOSE_MS) / 1000)
            kill(running, running.pid, victim)
            told = running.end()
        else:
            here = (
                1 + chance(name, f"request {again}", passed(processes)[0]),
                SIDES[chance(name, f"side {again}", 3)],
            )
            told = struck(
                book, processes, lambda at, here=here: (at.number, at.side) == here, victim
            )
        assert told in {*KILLED, "done"}
    closing(book.url, processes).succeed()
    same(book.rows(), calm(processes))
    book.remove()
