"""A run closes one business day, a range of slots at a time, and goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from arrears.app.ports import Counts
from arrears.app.ports_runs import Asked
from arrears.kernel.ids import SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from arrears.app.ports import Work
    from arrears.app.ports_runs import Attempt

#: Accounts of a range at most, unless one slot alone has more: what a killed close does again.
ACCOUNTS_A_RANGE = 4_000
#: Whoever has the turn to close and has not moved for so long loses it.
STUCK_AFTER_SECONDS = 600
NANOSECONDS_A_MILLISECOND = 1_000_000

Clock = Callable[[], datetime]
#: Nanoseconds since some instant of its own; never goes back.
Stopwatch = Callable[[], int]


def standing_still() -> int:
    """The stopwatch of who does not ask how long it took."""
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeTask:
    """One range of a run; with store and frame it is all that whoever closes it must know."""

    run_id: str
    business_on: date
    slots: range
    asked: Asked
    folded_before: int = 0  #: accounts that the run had folded when this range was handed out
    parked_before: int = 0  #: those of them that were set aside
    rows_before: int = 0  #: journal rows they made


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeDone:
    """What became of a range, which is committed."""

    task: RangeTask
    counts: Counts
    milliseconds: Mapping[str, int]  #: by phase


@dataclass(slots=True, kw_only=True)
class Phases:
    """Where the time of a range goes, by phase; a phase is timed at once or in pieces."""

    stopwatch: Stopwatch
    nanoseconds: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Add the time of the block to a phase."""
        began = self.stopwatch()
        try:
            yield
        finally:
            spent = self.stopwatch() - began
            self.nanoseconds[phase] = self.nanoseconds.get(phase, 0) + spent

    def milliseconds(self) -> dict[str, int]:
        """Whole milliseconds by phase, rounded down."""
        return {
            phase: spent // NANOSECONDS_A_MILLISECOND for phase, spent in self.nanoseconds.items()
        }


@dataclass(slots=True, kw_only=True)
class Run:
    """How far the close of a day has come."""

    run_id: str
    business_on: date
    asked: Asked
    accounts: int  #: about how many are to be folded in all
    left: list[range]  #: slots still to be closed, in order
    counts: Counts = field(default_factory=Counts)  #: of all ranges closed so far

    @property
    def done(self) -> int:
        """How many accounts were looked at, those set aside among them."""
        return self.counts.accounts + self.counts.parked

    def tasks(self) -> Iterator[RangeTask]:
        """What is left, each range with what had been counted by the time it is asked for."""
        for slots in tuple(self.left):
            yield RangeTask(
                run_id=self.run_id,
                business_on=self.business_on,
                slots=slots,
                asked=self.asked,
                folded_before=self.done,
                parked_before=self.counts.parked,
                rows_before=self.counts.rows,
            )

    def hear(self, done: RangeDone) -> None:
        """Take in what became of a range."""
        self.counts.add(done.counts.document())
        self.left.remove(done.task.slots)


def is_period_end(day: date) -> bool:
    """Whether a calendar month ends with the day."""
    return (day + timedelta(days=1)).month != day.month


def run_name(day: date) -> str:
    """The id of the run that closes a day; there is one a day."""
    return f"close-{day.isoformat()}"


def even(accounts_by_slot: Mapping[int, int], most: int, processes: int) -> int:
    """How many accounts a range is to hold, so that ranges are even and all processes are busy.

    Example:
        Nine thousand for two processes are four ranges, not three; a slot, which is never cut, may
        come on top:

        >>> even({slot: 100 for slot in range(90)}, 4_000, 2), even({0: 3_000}, 4_000, 2)
        (2350, 4000)
    """
    accounts = sum(accounts_by_slot.values())
    if accounts <= most:
        return most
    rounds = -(-accounts // (most * processes))
    return -(-accounts // (rounds * processes)) + max(accounts_by_slot.values())


def layout(accounts_by_slot: Mapping[int, int], most: int) -> tuple[int, ...]:
    """Where ranges of slots begin, so that each holds about as many accounts as it may.

    Args:
        accounts_by_slot: How many accounts live in a slot; slots without any may be left out.
        most: Accounts of a range; a slot is never cut.

    Returns:
        First slots of the ranges, the first 0, rising; each range ends where the next begins.

    Example:
        >>> layout({7: 2, 100: 2, 4000: 1}, 3)
        (0, 100)
    """
    starts, held = [0], 0
    for slot in sorted(accounts_by_slot):
        if held and held + accounts_by_slot[slot] > most:
            starts.append(slot)
            held = 0
        held += accounts_by_slot[slot]
    return tuple(starts)


def ranges_of(starts: Sequence[int]) -> list[range]:
    """The ranges that begin there; together they are all slots, each once."""
    return [range(first, end) for first, end in pairwise([*starts, SLOTS])]


def asked_on(work: Work, day: date, basis: str) -> Asked:
    """Which accounts the run of a day looks at.

    Whoever has another basis is looked for only if the last close did not leave all on this one:
    under another release or policy, or by attempts under several.
    """
    if is_period_end(day):
        return Asked.EVERY_OPEN
    return Asked.DUE if work.bases_of_last_close() == {basis} else Asked.OTHER_BASIS


def begin_or_resume(work: Work, day: date, attempt: Attempt, accounts_a_range: int) -> Run:
    """The run of a day: laid out now, or as it was laid out when it was first begun."""
    run_id, asked = run_name(day), asked_on(work, day, attempt.basis)
    begun = work.begun(run_id)
    if begun is None:
        held = work.accounts_by_slot(day, asked, attempt.basis)
        accounts = sum(held.values())
        starts = layout(held, even(held, accounts_a_range, attempt.processes))
        work.start_run(run_id, day, attempt.began_at, accounts, starts, attempt.basis)
        begun = accounts, starts
    work.add_attempt(run_id, attempt)
    done = work.ranges_done(run_id)
    counts = Counts()
    for counted in done.values():
        counts.add(counted)
    return Run(
        run_id=run_id,
        business_on=day,
        asked=asked,
        accounts=begun[0],
        left=[each for each in ranges_of(begun[1]) if each.start not in done],
        counts=counts,
    )
