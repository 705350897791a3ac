"""A run closes one business day, a range of slots at a time, and goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from arrears.app.ports import Counts
from arrears.kernel.ids import SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from arrears.app.ports import Work

#: Accounts of a range at most, unless one slot alone has more: what a killed close does again.
ACCOUNTS_A_RANGE = 2_000

Clock = Callable[[], datetime]


@dataclass(slots=True, kw_only=True)
class Run:
    """How far the close of a day has come."""

    run_id: str
    business_on: date
    left: list[range]  #: slots still to be closed, in order
    counts: Counts = field(default_factory=Counts)  #: of all ranges closed so far


def run_name(day: date) -> str:
    """The id of the run that closes a day; there is one a day."""
    return f"close-{day.isoformat()}"


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


def begin_or_resume(work: Work, day: date, clock: Clock, accounts_a_range: int) -> Run:
    """The run of a day: laid out now, or as it was laid out when it was first begun."""
    run_id = run_name(day)
    starts = work.layout_of_run(run_id)
    if starts is None:
        held = work.accounts_by_slot()
        starts = layout(held, accounts_a_range)
        work.start_run(run_id, day, clock(), sum(held.values()), starts)
    done = work.ranges_done(run_id)
    counts = Counts()
    for counted in done.values():
        counts.add(counted)
    left = [each for each in ranges_of(starts) if each.start not in done]
    return Run(run_id=run_id, business_on=day, left=left, counts=counts)
