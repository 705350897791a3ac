"""The engine a close works with: this process, processes forked from it, or another by its name."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING

from arrears.adapters.clock import now, stopwatch
from arrears.adapters.forking import ForkingEngine
from arrears.adapters.postgres.store import PostgresStore
from arrears.adapters.postgres.turns import WORKER, process_name
from arrears.app.engines import warm_up
from arrears.app.ranges import RangeCloser
from arrears.app.running import ACCOUNTS_A_RANGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from arrears.app.engines import Engine
    from arrears.app.refolding import Frame
    from arrears.app.running import Clock, RangeDone, RangeTask


def local_engine(
    store: PostgresStore, frame: Frame, processes: int = 0, *, clock: Clock = now
) -> AbstractContextManager[Engine]:
    """Ranges closed on this machine; the fold is compiled before processes are forked.

    Args:
        store: The book; each process opens a connection of its own to it.
        frame: Policy, posting rules and the fold.
        processes: How many; 1: this one alone; 0: as many as cores are given to us, and this one
            alone where the fold is interpreted or no day of the book can be more than one range.
        clock: Says when a range ended, and when a statement was recorded.

    Returns:
        The engine, for a block.
    """
    if processes == 0:
        processes = 1 if frame.fold is None or is_small(store) else cores()
    if processes == 1:
        return nullcontext(RangeCloser(store=store, frame=frame, clock=clock, stopwatch=stopwatch))
    if frame.fold is not None:
        warm_up(frame)
    return ForkingEngine(processes, prepare_on(store.url, frame, clock))


def prepare_on(
    url: str, frame: Frame, clock: Clock
) -> Callable[[], Callable[[RangeTask], RangeDone]]:
    """What a forked process does first: open the book for itself."""
    name = WORKER + process_name()  # of the process that forks: by it the others are found

    def prepare() -> Callable[[RangeTask], RangeDone]:
        own = PostgresStore(url, name)
        return RangeCloser(store=own, frame=frame, clock=clock, stopwatch=stopwatch).close

    return prepare


def is_small(store: PostgresStore) -> bool:
    """Whether all accounts of the book are no more than one range holds."""
    with store.unit_of_work() as work:
        return not work.holds_more_than(ACCOUNTS_A_RANGE)


def cores() -> int:
    """How many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
