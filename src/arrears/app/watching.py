"""Watching a close: who is told how far a run has come, and told nothing that names a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.ports_runs import Attempt
    from arrears.app.running import RangeDone, Run
    from arrears.kernel.errors import ArrearsError, InvariantError


class Watcher(Protocol):
    """Told by whoever closes, as it goes; returns at once and raises nothing."""

    def begun(self, run: Run, attempt: Attempt) -> None:
        """A process begins a run, or goes on with it."""

    def moved(self, run: Run, done: RangeDone) -> None:
        """A range is closed; `run` counts it already."""

    def ended(self, run: Run) -> None:
        """The day is closed."""

    def stopped(self, run: Run, error: ArrearsError | InvariantError) -> None:
        """The run is stopped, and can be gone on with."""


class Watchers:
    """Several who are told the same; none: nobody is."""

    def __init__(self, watchers: Sequence[Watcher] = ()) -> None:
        self.watchers = tuple(watchers)

    def begun(self, run: Run, attempt: Attempt) -> None:
        """See `Watcher`."""
        for each in self.watchers:
            each.begun(run, attempt)

    def moved(self, run: Run, done: RangeDone) -> None:
        """See `Watcher`."""
        for each in self.watchers:
            each.moved(run, done)

    def ended(self, run: Run) -> None:
        """See `Watcher`."""
        for each in self.watchers:
            each.ended(run)

    def stopped(self, run: Run, error: ArrearsError | InvariantError) -> None:
        """See `Watcher`."""
        for each in self.watchers:
            each.stopped(run, error)
