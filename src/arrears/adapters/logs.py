"""A close as structured log: a JSON object a line, to standard error or a file; nothing unless asked for.

Told are counts, durations and codes; nothing names an account or a person.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from arrears.app.ports_runs import Attempt
    from arrears.app.running import RangeDone, Run

#: Where the log goes if the variable says so; anything else is a file that is added to.
STANDARD_ERROR = "stderr"


class LogWatcher:
    """Tells a close as lines; see `app.watching.Watcher`."""

    def __init__(self, stream: TextIO) -> None:
        self.log: Any = structlog.wrap_logger(
            structlog.PrintLogger(stream),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )

    def begun(self, run: Run, attempt: Attempt) -> None:
        """A process begins a run, or goes on with it."""
        self.log.info(
            "run_begun",
            run_id=run.run_id,
            asked=run.asked.value,
            accounts=run.accounts,
            done=run.done,
            ranges_left=len(run.left),
            process=attempt.process,
            engine=attempt.engine,
            processes=attempt.processes,
            basis=attempt.basis,
            taken_over_from=attempt.taken_over_from,
        )

    def moved(self, run: Run, done: RangeDone) -> None:
        """A range is closed."""
        self.log.info(
            "range_closed",
            run_id=run.run_id,
            slot_from=done.task.slots.start,
            slot_until=done.task.slots.stop,
            counts=done.counts.document(),
            milliseconds=dict(done.milliseconds),
            causes=done.counts.causes,
            done=run.done,
        )

    def ended(self, run: Run) -> None:
        """The day is closed."""
        self.log.info("run_closed", run_id=run.run_id, counts=run.counts.document())

    def stopped(self, run: Run, error: ArrearsError | InvariantError) -> None:
        """The run is stopped; by which code, for an error's words may name accounts."""
        code = error.code if isinstance(error, ArrearsError) else error.rule
        self.log.error(
            "run_stopped", run_id=run.run_id, code=code, done=run.done, ranges_left=len(run.left)
        )


@contextmanager
def log_to(where: str) -> Iterator[LogWatcher]:
    """A watcher that writes to standard error or adds to a file, which is closed with the block.

    Args:
        where: "stderr", or the path of a file.
    """
    if where == STANDARD_ERROR:
        yield LogWatcher(sys.stderr)
        return
    with Path(where).open("a", encoding="utf-8", buffering=1) as stream:
        yield LogWatcher(stream)
