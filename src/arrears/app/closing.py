"""Close of business: every calendar day up to a date, each account touched only when its day comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arrears.app.periods import end_day
from arrears.app.ports_runs import Attempt
from arrears.app.ranges import BOUNDS, RangeCloser
from arrears.app.running import (
    ACCOUNTS_A_RANGE,
    STUCK_AFTER_SECONDS,
    begin_or_resume,
    run_name,
    standing_still,
)
from arrears.app.watching import Watchers
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from arrears.app.engines import Engine
    from arrears.app.ports import Counts, Store, Work
    from arrears.app.ports_runs import Turn
    from arrears.app.refolding import Frame
    from arrears.app.running import Clock
    from arrears.app.watching import Watcher

NOBODY = Watchers()


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
    watcher: Watcher = NOBODY,
    stuck_after_seconds: int = STUCK_AFTER_SECONDS,
    accounts_a_range: int = ACCOUNTS_A_RANGE,
) -> Closed:
    """Close every calendar day after the last closed one, up to and including `to`.

    Each range of slots is one transaction: killed anywhere and run again, the result is the same.

    Args:
        store: Where the books are kept; payments may arrive meanwhile, another close waits its turn.
        to: The last day to close.
        frame: Policy, posting rules and the fold.
        clock: Says when a run began and ended, and when a statement was recorded.
        engine: Who closes the ranges of a day; None: this process, one after the other.
        watcher: Told how far each day has come.
        stuck_after_seconds: Another close that has not moved for so long is ended and taken over.
        accounts_a_range: How many accounts one transaction writes; a run keeps what it began with.

    Raises:
        ArrearsError: `close.before_last`, `close.nothing_booked`, `close.running`; a safety bound
            stopped the run: `close.too_many_parked`, `close.too_many_rows`,
            `close.does_not_reconcile`.
        InvariantError: `ledger.*`, `store.*`.
    """
    engine = engine or RangeCloser(store=store, frame=frame, clock=clock, stopwatch=standing_still)
    with store.turn_to_close(stuck_after_seconds) as turn:
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
                store,
                day,
                frame,
                clock=clock,
                engine=engine,
                watcher=watcher,
                turn=turn,
                accounts_a_range=accounts_a_range,
            )
            days.append((day, counts))
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
    watcher: Watcher = NOBODY,
    turn: Turn | None = None,
    accounts_a_range: int = ACCOUNTS_A_RANGE,
) -> Counts:
    """Close one business day: a transaction a range of slots, and one that ends the day.

    Args:
        store: Where the books are kept.
        day: The day after the last closed one.
        frame: Policy, posting rules and the fold.
        clock: Says when the run began and ended.
        engine: Who closes the ranges; None: this process.
        watcher: Told how far it has come.
        turn: The right to close; None: nobody else knows the book.
        accounts_a_range: How many accounts one transaction writes; a run keeps what it began with.

    Returns:
        What was done, by earlier attempts of the same run too.

    Raises:
        ArrearsError: as the engine, and as `end_day`; ranges closed before it stay closed.
        InvariantError: as the engine.
    """
    engine = engine or RangeCloser(store=store, frame=frame, clock=clock, stopwatch=standing_still)
    attempt = Attempt(
        process=turn.process if turn else "",
        engine=engine.name,
        processes=engine.processes,
        basis=frame.basis,
        began_at=clock(),
        taken_over_from=turn.taken_over_from if turn else None,
    )
    with store.unit_of_work() as work:
        run = begin_or_resume(work, day, attempt, accounts_a_range)
    watcher.begun(run, attempt)
    try:
        for done in engine.close_ranges(run.tasks()):
            run.hear(done)
            if turn:
                turn.move()
            watcher.moved(run, done)
        with store.unit_of_work() as work:
            end_day(work, run, frame.rules.chart, clock())
    except (ArrearsError, InvariantError) as error:
        if isinstance(error, ArrearsError) and error.code in BOUNDS:
            with store.unit_of_work() as work:
                work.stop_run(run.run_id, error.code, error.got, clock())
        watcher.stopped(run, error)
        raise
    watcher.ended(run)
    return run.counts
