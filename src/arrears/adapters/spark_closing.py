"""A close whose ranges are closed by the executors of Spark, each through a connection of its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from arrears.adapters.clock import now, stopwatch
from arrears.adapters.postgres.store import PostgresStore
from arrears.adapters.postgres.turns import WORKER, process_name
from arrears.adapters.spark import refuse_other_program, run_tasks, session
from arrears.app.ports import Counts
from arrears.app.ranges import RangeCloser
from arrears.app.running import RangeDone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from arrears.app.refolding import Frame
    from arrears.app.running import RangeTask

#: Ranges given to each core before what became of them is told.
TASKS_A_CORE = 4


@dataclass(frozen=True, slots=True)
class RangeElsewhere:
    """What an executor does first: open the book and make its own frame, which must be the driver's."""

    url: str
    name: str  #: of sessions: by it those of a close that is taken over are found
    basis: str
    open_frame: Callable[[], Frame]

    def __call__(self) -> Callable[[RangeTask], RangeDone]:
        """What closes a range here.

        Raises:
            ArrearsError: `engine.other_program`.
        """
        frame = self.open_frame()
        refuse_other_program(frame.basis, self.basis)
        store = PostgresStore(self.url, self.name)
        closer = RangeCloser(store=store, frame=frame, clock=now, stopwatch=stopwatch)

        def close(task: RangeTask) -> RangeDone:
            return close_once(closer, task)

        return close


def close_once(closer: RangeCloser, task: RangeTask) -> RangeDone:
    """Close a range, or say what it came to: Spark gives a task again whose executor it lost.

    Raises:
        ArrearsError: as `RangeCloser.close`.
    """
    with closer.store.unit_of_work() as work:
        counted = work.ranges_done(task.run_id).get(task.slots.start)
    if counted is None:
        return closer.close(task)
    counts = Counts()
    counts.add(counted)
    return RangeDone(task=task, counts=counts, milliseconds={})


class SparkEngine:
    """Closes ranges in the executors of Spark; see `app.engines.Engine`.

    Ranges are handed out in waves of some a core, so that between two of them the turn to close is
    seen to move, and a range knows what was counted before its wave.

    Args:
        store: The book; executors reach its server by the same URL.
        basis: Of the driver's frame.
        open_frame: Makes an executor's frame; found there by its name.
    """

    name = "spark"

    def __init__(self, store: PostgresStore, basis: str, open_frame: Callable[[], Frame]) -> None:
        self.prepare = RangeElsewhere(store.url, WORKER + process_name(), basis, open_frame)
        self.processes = session().sparkContext.defaultParallelism

    def close_ranges(self, tasks: Iterable[RangeTask]) -> Iterator[RangeDone]:
        """See `app.engines.Engine`."""
        left = iter(tasks)
        while wave := list(islice(left, self.processes * TASKS_A_CORE)):
            yield from run_tasks(wave, self.prepare)
