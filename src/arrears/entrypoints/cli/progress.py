"""A close as it goes, on a terminal: the day, accounts done of all, how many a second, time left."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from arrears.entrypoints.messages import message

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from arrears.app.ports_runs import Attempt
    from arrears.app.running import RangeDone, Run, Stopwatch
    from arrears.entrypoints.messages import Language
    from arrears.kernel.errors import ArrearsError, InvariantError

NANOSECONDS = 1_000_000_000


class ClosingBar:
    """A bar on standard error that is gone when its block ends; see `app.watching.Watcher`.

    It is drawn by a thread of its own, which begins when the first day does: after processes were
    forked.
    """

    def __init__(self, language: Language, stopwatch: Stopwatch, *, is_shown: bool) -> None:
        self.language = language
        self.stopwatch = stopwatch
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[told]}"),
            console=Console(stderr=True),
            transient=True,
            disable=not is_shown,
        )
        self.task = self.progress.add_task("", total=None, told="")
        self.began_ns = self.done_before = 0

    def __enter__(self) -> Self:
        """Nothing is drawn yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self.progress.stop()

    def begun(self, run: Run, attempt: Attempt) -> None:
        """Show the day, and what earlier attempts did of it."""
        del attempt
        self.began_ns, self.done_before = self.stopwatch(), run.done
        self.progress.update(
            self.task,
            description=run.business_on.isoformat(),
            total=run.accounts,
            completed=run.done,
            told="",
        )
        self.progress.start()

    def moved(self, run: Run, done: RangeDone) -> None:
        """Show how far it is, and how long it will take."""
        del done
        self.progress.update(self.task, completed=run.done, told=self.told(run))

    def ended(self, run: Run) -> None:
        """Leave it as it is: the next day begins, or the bar is taken away."""

    def stopped(self, run: Run, error: ArrearsError | InvariantError) -> None:
        """Leave it as it is: the error is told by whoever renders it."""

    def told(self, run: Run) -> str:
        """The words beside the bar."""
        spent_ns = max(1, self.stopwatch() - self.began_ns)
        done = run.done - self.done_before
        left = max(0, run.accounts - run.done)
        return message(
            "close.progress",
            self.language,
            done=f"{run.done:,}",
            accounts=f"{run.accounts:,}",
            rate=f"{done * NANOSECONDS // spent_ns:,}",
            left=timedelta(seconds=left * spent_ns // (max(1, done) * NANOSECONDS)),
        )
