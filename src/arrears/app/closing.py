"""Close of business: every calendar day up to a date, each account touched only when its day comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arrears.app.ports import Counts
from arrears.app.refolding import refold
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.ports import AccountChange, Store, Work
    from arrears.app.refolding import Frame

#: Accounts refolded and written at once.
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


def close_to(store: Store, to: date, frame: Frame, *, on_day: Progress | None = None) -> Closed:
    """Close every calendar day after the last closed one, up to and including `to`.

    Each day is one transaction: killed anywhere and run again, the result is the same.

    Raises:
        ArrearsError: `close.before_last`, `close.nothing_booked`.
        InvariantError: `close.too_many_parked`, `ledger.*`: a safety bound stopped the run.
    """
    with store.unit_of_work() as work:
        last = work.last_closed()
        run_id = work.run_of(to)
        first = first_day(work) if last is None else last[0] + timedelta(days=1)
    if last is not None and to <= last[0]:
        if run_id is not None:
            return Closed(already_closed=True, run_id=run_id, days=())
        raise ArrearsError(
            "close.before_last", where="--to", expected=f"a day after {last[0]}", got=str(to)
        )
    days = []
    day = first
    while day <= to:
        counts = close_day(store, day, frame)
        days.append((day, counts))
        if on_day is not None:
            on_day(day, counts)
        day += timedelta(days=1)
    return Closed(already_closed=False, run_id=run_name(to), days=tuple(days))


def run_name(day: date) -> str:
    """The id of the run that closes a day; there is one a day."""
    return f"close-{day.isoformat()}"


def first_day(work: Work) -> date:
    """The first day of the book: the earliest day on which anything was opened.

    Raises:
        ArrearsError: `close.nothing_booked`.
    """
    keys = work.open_accounts()
    opened = [account.opened_on for account in work.read(keys)]
    if not opened:
        raise ArrearsError(
            "close.nothing_booked", where="the book", expected="at least one account", got="none"
        )
    return min(opened)


def is_period_end(day: date) -> bool:
    """Whether a calendar month ends with the day."""
    return (day + timedelta(days=1)).month != day.month


def close_day(store: Store, day: date, frame: Frame) -> Counts:
    """Close one business day in one transaction.

    Accounts written to by somebody else while they were folded are read and folded again.
    """
    counts = Counts()
    with store.unit_of_work() as work:
        keys = work.open_accounts() if is_period_end(day) else work.accounts_due(day, frame.basis)
        for start in range(0, len(keys), CHUNK):
            missed = refold_chunk(work, keys[start : start + CHUNK], day, frame, counts)
            while missed:
                counts.refolded += len(missed)
                again = [key for key in keys if key[1] in set(missed)]
                missed = refold_chunk(work, again, day, frame, counts)
        allowed = max(PARKED_ALLOWED, len(keys) // PARKED_ONE_IN)
        if counts.parked > allowed:
            raise InvariantError(
                "close.too_many_parked", {"day": str(day), "parked": counts.parked, **counts.causes}
            )
        work.close_day(day, run_name(day), counts)
    return counts


def refold_chunk(
    work: Work, keys: Sequence[tuple[int, str]], day: date, frame: Frame, counts: Counts
) -> Sequence[str]:
    """Refold some accounts and write them; returns those another writer got to first."""
    accounts = work.read(keys)
    journal = work.posted(keys)
    changes: list[AccountChange] = []
    for account in accounts:
        try:
            changes.append(refold(account, journal.get(account.account_id, ()), day, frame))
        except InvariantError as error:
            work.park(account, day, str(error))
            count_parked(counts, error.rule)
        except ArrearsError as error:
            work.park(account, day, error.render())
            count_parked(counts, error.code)
    missed = work.write(changes)
    done = [change for change in changes if change.account.account_id not in set(missed)]
    counts.accounts += len(done)
    counts.entries += sum(1 for change in done if change.journal)
    counts.transitions += sum(len(change.transitions) for change in done)
    counts.messages += sum(len(change.messages) for change in done)
    return missed


def count_parked(counts: Counts, cause: str) -> None:
    """Count an account set aside, by cause."""
    counts.parked += 1
    counts.causes[cause] = counts.causes.get(cause, 0) + 1
