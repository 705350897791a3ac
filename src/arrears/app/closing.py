"""Close of business: every calendar day up to a date, each account touched only when its day comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arrears.app.ports import Counts
from arrears.app.refolding import refold_at_close
from arrears.app.running import ACCOUNTS_A_RANGE, begin_or_resume, run_name
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.ports import AccountChange, Store, Work
    from arrears.app.refolding import Frame
    from arrears.app.running import Clock, Run

#: Accounts read and folded at once; those of a range are written together.
CHUNK = 500
#: More than one account in so many parked in one run stops it: the cause is not the account.
PARKED_ONE_IN = 20
PARKED_ALLOWED = 10

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
            counts = close_day(store, day, frame, clock=clock, accounts_a_range=accounts_a_range)
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


def is_period_end(day: date) -> bool:
    """Whether a calendar month ends with the day."""
    return (day + timedelta(days=1)).month != day.month


def close_day(
    store: Store,
    day: date,
    frame: Frame,
    *,
    clock: Clock,
    accounts_a_range: int = ACCOUNTS_A_RANGE,
) -> Counts:
    """Close one business day: a transaction a range of slots, the last of them ends the day.

    Raises:
        ArrearsError: `close.too_many_parked`; ranges closed before it stay closed.
    """
    run: Run | None = None
    while run is None or run.left:
        with store.unit_of_work() as work:
            if run is None:
                run = begin_or_resume(work, day, clock, accounts_a_range)
            if run.left:
                close_range(work, run, frame, clock)
            if not run.left:
                work.close_day(day, run.run_id, run.counts, clock())
    return run.counts


def close_range(work: Work, run: Run, frame: Frame, clock: Clock) -> None:
    """Close a run's next range of slots, within the caller's transaction.

    All accounts are folded before any is written, so that no row is locked meanwhile. Accounts that
    somebody else wrote to while they were folded are read and folded again.

    Raises:
        ArrearsError: `close.too_many_parked`.
    """
    slots, day = run.left[0], run.business_on
    counts = Counts()
    keys = (
        work.open_accounts(day, slots)
        if is_period_end(day)
        else work.accounts_due(day, frame.basis, slots)
    )
    while keys:
        changes = fold_accounts(work, keys, day, frame, clock, counts)
        missed = set(work.write(changes))
        count_written(counts, [each for each in changes if each.account.account_id not in missed])
        counts.refolded += len(missed)
        keys = [key for key in keys if key[1] in missed]
    run.counts.add(counts.document())
    stop_if_too_many_parked(run, counts)
    work.end_range(run.run_id, slots.start, counts, clock())
    del run.left[0]


def fold_accounts(
    work: Work,
    keys: Sequence[tuple[int, str]],
    day: date,
    frame: Frame,
    clock: Clock,
    counts: Counts,
) -> list[AccountChange]:
    """Fold accounts to the day; one that fails is parked with its inputs, and the rest go on."""
    changes: list[AccountChange] = []
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        journal = work.posted(chunk)
        for account in work.read(chunk):
            rows = journal.get(account.account_id, ())
            try:
                changes.append(refold_at_close(account, rows, day, frame, clock))
            except InvariantError as error:
                work.park(account, day, str(error), clock())
                count_parked(counts, error.rule)
            except ArrearsError as error:
                work.park(account, day, error.render(), clock())
                count_parked(counts, error.code)
    return changes


def count_written(counts: Counts, changes: Sequence[AccountChange]) -> None:
    """Count what was written."""
    counts.accounts += len(changes)
    counts.entries += sum(1 for change in changes if change.journal)
    counts.transitions += sum(len(change.transitions) for change in changes)
    counts.messages += sum(len(change.messages) for change in changes)
    counts.statements += sum(len(change.events) for change in changes)


def count_parked(counts: Counts, cause: str) -> None:
    """Count an account set aside, by cause."""
    counts.parked += 1
    counts.causes[cause] = counts.causes.get(cause, 0) + 1


def stop_if_too_many_parked(run: Run, counts: Counts) -> None:
    """Stop a run that parks more accounts than can be the accounts' own fault.

    Raises:
        ArrearsError: `close.too_many_parked`; the range is not written.
    """
    parked = run.counts.parked
    allowed = max(PARKED_ALLOWED, (run.counts.accounts + parked) // PARKED_ONE_IN)
    if parked > allowed:
        causes = ", ".join(f"{many} x {cause}" for cause, many in sorted(counts.causes.items()))
        raise ArrearsError(
            "close.too_many_parked",
            where=f"the close of {run.business_on}",
            expected=f"at most {allowed} accounts that cannot be folded",
            got=f"{parked}: {causes}",
        )
