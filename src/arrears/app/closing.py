"""Close of business: every calendar day up to a date, each account touched only when its day comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arrears.app.ports import Counts
from arrears.app.ranges import RangeCloser
from arrears.app.running import ACCOUNTS_A_RANGE, begin_or_resume, run_name, standing_still
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from arrears.app.engines import Engine
    from arrears.app.ports import Store, Work
    from arrears.app.refolding import Frame
    from arrears.app.running import Clock, Stopwatch

Progress = Callable[[date, Counts], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What a close did."""

    already_closed: bool
    run_id: str
    days: tuple[tuple[date, Counts], ...]


def close_to(
    store: Store,
    to: date,
    frame: Frame,
    *,
    clock: Clock,
    engine: Engine | None = None,
    on_day: Progress | None = None,
    accounts_a_range: int = ACCOUNTS_A_RANGE,
) -> Closed:
    """Close every calendar day after the last closed one, up to and including `to`.

    Each range of slots is one transaction: killed anywhere and run again, the result is the same.

    Args:
        store: Where the books are kept; nobody else closes them meanwhile.
        to: The last day to close.
        frame: Policy, posting rules and the fold.
        clock: Says when a run began and ended, and when a statement was recorded.
        engine: Who closes the ranges of a day; None: this process, one after the other.
        on_day: Told of each day that is closed.
        accounts_a_range: How many accounts one transaction writes; a run keeps what it began with.

    Raises:
        ArrearsError: `close.before_last`, `close.nothing_booked`, `close.running`,
            `close.too_many_parked`: a safety bound stopped the run.
        InvariantError: `ledger.*`, `store.*`.
    """
    with store.turn_to_close():
        with store.unit_of_work() as work:
            last = work.last_closed()
            run_id = work.run_of(to)
            first = first_day(work) if last is None else last[0] + timedelta(days=1)
        if run_id is not None:
            return Closed(already_closed=True, run_id=run_id, days=())
        refuse_earlier(to, first, is_begun=last is not None)
        days = []
        for ordinal in range(first.toordinal(), to.toordinal() + 1):
            day = date.fromordinal(ordinal)
            counts = close_day(
                store, day, frame, clock=clock, engine=engine, accounts_a_range=accounts_a_range
            )
            days.append((day, counts))
            if on_day is not None:
                on_day(day, counts)
    return Closed(already_closed=False, run_id=run_name(to), days=tuple(days))


def first_day(work: Work) -> date:
    """The first day of the book: the earliest day on which anything was opened.

    Raises:
        ArrearsError: `close.nothing_booked`.
    """
    opened_on = work.first_opened()
    if opened_on is None:
        raise ArrearsError(
            "close.nothing_booked", where="the book", expected="at least one account", got="none"
        )
    return opened_on


def refuse_earlier(to: date, first: date, *, is_begun: bool) -> None:
    """Refuse to close a day before the first that is open.

    Raises:
        ArrearsError: `close.before_last`.
    """
    if to < first:
        expected = (
            f"a day from {first} on, the day after the last closed one"
            if is_begun
            else f"a day from {first} on, the first day of the book"
        )
        raise ArrearsError("close.before_last", where="--to", expected=expected, got=str(to))


def close_day(
    store: Store,
    day: date,
    frame: Frame,
    *,
    clock: Clock,
    engine: Engine | None = None,
    stopwatch: Stopwatch = standing_still,
    accounts_a_range: int = ACCOUNTS_A_RANGE,
) -> Counts:
    """Close one business day: a transaction a range of slots, and one that ends the day.

    A day that is one range for this process is begun, closed and ended in one transaction.

    Args:
        store: Where the books are kept; the caller has the turn to close them.
        day: The day after the last closed one.
        frame: Policy, posting rules and the fold.
        clock: Says when the run began and ended.
        engine: Who closes the ranges; None: this process.
        stopwatch: Times this process's ranges.
        accounts_a_range: About how many accounts one transaction writes; a run keeps what it began with.

    Returns:
        What was done, by earlier attempts of the same run too.

    Raises:
        ArrearsError: as the engine; ranges closed before it stay closed.
    """
    own = RangeCloser(store=store, frame=frame, clock=clock, stopwatch=stopwatch)
    with store.unit_of_work() as work:
        run = begin_or_resume(work, day, clock, accounts_a_range, (engine or own).processes)
        if engine is None and len(run.left) == 1:
            for task in run.tasks():
                run.hear(own.close_within(work, task))
        if not run.left:
            work.close_day(day, run.run_id, run.counts, clock())
            return run.counts
    for done in (engine or own).close_ranges(run.tasks()):
        run.hear(done)
    with store.unit_of_work() as work:
        work.close_day(day, run.run_id, run.counts, clock())
    return run.counts
