"""One range of a run: read, fold, write, in one transaction; whoever closes it does it this way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from arrears.app.ports import Counts
from arrears.app.ports_runs import Asked
from arrears.app.reconciling import Owed, part_of, read_books, refuse_differences
from arrears.app.refolding import refold_at_close
from arrears.app.refolding_columnar import columnar_frame, refold_batch
from arrears.app.running import Phases, RangeDone
from arrears.kernel.errors import ArrearsError, InvariantError
from arrears.ledger.postings_columnar import JC_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from arrears.app.batch import BatchChange
    from arrears.app.ports import AccountChange, Store, Work
    from arrears.app.refolding import Frame
    from arrears.app.running import Clock, RangeTask, Stopwatch
    from arrears.ledger.chart import Chart
    from arrears.servicing.book import FoldBook

#: How often a range is begun again because somebody else had what it waited for.
TRIES, BUSY = 3, "store.busy"
#: Accounts read and folded at once; those of a range are written together.
CHUNK = 500
#: More than one account in so many parked in one run stops it: the cause is not the account.
PARKED_ONE_IN = 20
PARKED_ALLOWED = 10
#: More journal rows than so many for each account of one run, on the average, stop it.
ROWS_AN_ACCOUNT = 1_000
#: What stops a run, and is kept with it.
BOUNDS = frozenset({"close.too_many_parked", "close.too_many_rows", "close.does_not_reconcile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCloser:
    """Closes ranges of a store in this process, one after the other: the engine of small books."""

    store: Store
    frame: Frame
    clock: Clock
    stopwatch: Stopwatch
    name: str = "local"
    processes: int = 1

    def close_ranges(self, tasks: Iterable[RangeTask]) -> Iterator[RangeDone]:
        """See `app.engines.Engine`."""
        for task in tasks:
            yield self.close(task)

    def close(self, task: RangeTask) -> RangeDone:
        """Close a range in a transaction of its own, which also keeps that it is closed.

        It is begun again where it and somebody else waited for each other's accounts.

        Raises:
            ArrearsError: what `BOUNDS` names, `store.*`; the range is not written.
        """
        for _ in range(TRIES - 1):
            try:
                return self.close_once(task)
            except ArrearsError as error:
                if error.code != BUSY:
                    raise
        return self.close_once(task)

    def close_once(self, task: RangeTask) -> RangeDone:
        """Close a range, without a second try.

        Raises:
            ArrearsError: as `close`.
        """
        phases = Phases(stopwatch=self.stopwatch)
        with self.store.unit_of_work() as work:
            counts = close_range(work, task, self.frame, self.clock, phases)
            stop_if_too_many_parked(task, counts)
            stop_if_too_many_rows(task, counts)
            work.end_range(
                task.run_id, task.slots.start, counts, self.clock(), phases.milliseconds()
            )
        return RangeDone(task=task, counts=counts, milliseconds=phases.milliseconds())


def close_range(work: Work, task: RangeTask, frame: Frame, clock: Clock, phases: Phases) -> Counts:
    """Fold what a range asks for and write it, within the caller's transaction.

    Accounts are read and folded without a lock, those in columns together, what is rare after they
    are written. Accounts that somebody else wrote to while they were folded are folded again.

    Args:
        work: The transaction.
        task: Which slots, on which day.
        frame: Policy, posting rules and the fold.
        clock: Says when a statement was recorded.
        phases: Told how long it took to read, to fold and to write.

    Returns:
        What was done.

    Raises:
        ArrearsError: `close.does_not_reconcile`, at a period end.
    """
    counts, owed = Counts(), Owed()
    keys: Sequence[tuple[int, str]]
    if frame.fold_book is not None:
        keys = close_columns(work, task, frame, frame.fold_book, clock, counts, owed, phases)
    else:
        with phases.timed("read"):
            keys = keys_asked(work, task, frame)
    by_records = partial(close_by_records, work, task, frame, clock, counts, owed, phases)
    by_records(keys)
    if task.asked is Asked.EVERY_OPEN:
        reconcile(work, task, frame.rules.chart, owed, by_records, phases)
    return counts


def close_by_records(
    work: Work,
    task: RangeTask,
    frame: Frame,
    clock: Clock,
    counts: Counts,
    owed: Owed,
    phases: Phases,
    keys: Sequence[tuple[int, str]],
) -> None:
    """Fold accounts one by one and write them; whoever was written to meanwhile is folded again."""
    while keys:
        changes, moved = fold_accounts(work, keys, task.business_on, frame, clock, counts, phases)
        with phases.timed("write"):
            missed = {*work.write(changes), *moved}
        written = [each for each in changes if each.account.account_id not in missed]
        count_written(counts, written)
        if task.asked is Asked.EVERY_OPEN:
            owed.add(written)
        counts.refolded += len(missed)
        keys = [key for key in keys if key[1] in missed]


def reconcile(
    work: Work,
    task: RangeTask,
    chart: Chart,
    owed: Owed,
    by_records: Callable[[Sequence[tuple[int, str]]], None],
    phases: Phases,
) -> None:
    """At a period end: hold the range's journal against what the folds say.

    Whoever is settled and still stands in the journal is folded first.

    Raises:
        ArrearsError: `close.does_not_reconcile`.
    """
    asked: set[tuple[int, str]] = set()
    while True:
        with phases.timed("reconcile"):
            books = read_books(work, task.slots, task.business_on, chart, owed)
        strays = [key for key in books.strays() if key not in asked]
        if not strays:
            break
        by_records(strays)
        asked.update(strays)
    with phases.timed("reconcile"):
        refuse_differences(books, task.business_on, chart)
        work.keep_part(task.run_id, task.slots, part_of(books, chart), books.summed.seen)


def keys_asked(work: Work, task: RangeTask, frame: Frame) -> Sequence[tuple[int, str]]:
    """The accounts a range asks for."""
    if task.asked is Asked.EVERY_OPEN:
        return work.open_accounts(task.business_on, task.slots)
    basis = frame.basis if task.asked is Asked.OTHER_BASIS else None
    return work.accounts_due(task.business_on, basis, task.slots)


def close_columns(
    work: Work,
    task: RangeTask,
    frame: Frame,
    fold_book: FoldBook,
    clock: Clock,
    counts: Counts,
    owed: Owed,
    phases: Phases,
) -> list[tuple[int, str]]:
    """Fold a range in columns and write it; returns the accounts left to their records.

    These are what only documents tell of, what is rare, and what somebody else wrote to meanwhile.
    """
    chart = frame.rules.chart
    with phases.timed("read"):
        read = work.read_batch(task.business_on, task.slots, frame, task.asked)
    batch = read.batch
    if not len(batch):
        return list(read.by_documents)
    with phases.timed("fold"):
        shared = columnar_frame(frame, fold_book, task.business_on)
        change = refold_batch(
            batch,
            shared,
            lambda accounts, since: work.posted_columns(batch, accounts, since, chart),
            clock(),
        )
    with phases.timed("write"):
        missed = work.write_batch(change, chart)
    count_batch(counts, change, missed)
    if task.asked is Asked.EVERY_OPEN:
        owed.add_batch(change, missed)
    left = sorted([*missed, *change.by_records.tolist()])
    keys = [(int(batch.slots[at]), batch.account_ids[at]) for at in left]
    return sorted([*read.by_documents, *keys])


def count_batch(counts: Counts, change: BatchChange, missed: Sequence[int]) -> None:
    """Count what was written of a batch."""
    out = set(missed)
    counts.accounts += len(change.of) - len(out)
    posted = {int(at) for at in change.journal[:, JC_ACCOUNT]}
    counts.entries += len(posted - out)
    counts.rows += (
        len(change.journal)
        if not out
        else sum(1 for at in change.journal[:, JC_ACCOUNT].tolist() if at not in out)
    )
    counts.transitions += sum(1 for at, _ in change.transitions if at not in out)
    counts.messages += sum(1 for at, _ in change.messages if at not in out)
    counts.statements += sum(1 for at, _ in change.made if at not in out)
    counts.refolded += len(out)


def fold_accounts(
    work: Work,
    keys: Sequence[tuple[int, str]],
    day: date,
    frame: Frame,
    clock: Clock,
    counts: Counts,
    phases: Phases,
) -> tuple[list[AccountChange], list[str]]:
    """Fold accounts to the day; one that fails is parked with its inputs, and the rest go on.

    Returns:
        What to write, and the ids of accounts that failed and were written to since they were read.
    """
    changes: list[AccountChange] = []
    moved: list[str] = []
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        with phases.timed("read"):
            accounts = work.read(chunk)
            journal = work.posted(chunk)  # after the versions: what came between misses its version
        with phases.timed("fold"):
            for account in accounts:
                rows = journal.get(account.account_id, ())
                try:
                    changes.append(refold_at_close(account, rows, day, frame, clock))
                    continue
                except InvariantError as error:
                    cause, told = error.rule, str(error)
                except ArrearsError as error:
                    cause, told = error.code, error.render()
                if work.park(account, day, told, clock()):
                    count_parked(counts, cause)
                else:
                    moved.append(account.account_id)
    return changes, moved


def count_written(counts: Counts, changes: Sequence[AccountChange]) -> None:
    """Count what was written."""
    counts.accounts += len(changes)
    counts.entries += sum(1 for change in changes if change.journal)
    counts.rows += sum(len(change.journal) for change in changes)
    counts.transitions += sum(len(change.transitions) for change in changes)
    counts.messages += sum(len(change.messages) for change in changes)
    counts.statements += sum(len(change.events) for change in changes)


def count_parked(counts: Counts, cause: str) -> None:
    """Count an account set aside, by cause."""
    counts.parked += 1
    counts.causes[cause] = counts.causes.get(cause, 0) + 1


def stop_if_too_many_parked(task: RangeTask, counts: Counts) -> None:
    """Stop a run that parks more accounts than can be the accounts' own fault.

    Raises:
        ArrearsError: `close.too_many_parked`; the range must not be written.
    """
    parked = task.parked_before + counts.parked
    folded = task.folded_before + counts.accounts + counts.parked
    allowed = max(PARKED_ALLOWED, folded // PARKED_ONE_IN)
    if parked > allowed:
        causes = ", ".join(f"{many} x {cause}" for cause, many in sorted(counts.causes.items()))
        raise ArrearsError(
            "close.too_many_parked",
            where=f"the close of {task.business_on}",
            expected=f"at most {allowed} accounts that cannot be folded",
            got=f"{parked}: {causes}",
        )


def stop_if_too_many_rows(task: RangeTask, counts: Counts) -> None:
    """Stop a run that posts more than a day can plausibly ask for.

    An account that alone makes too many rows is parked; this is about all of them.

    Raises:
        ArrearsError: `close.too_many_rows`; the range must not be written.
    """
    rows = task.rows_before + counts.rows
    folded = task.folded_before + counts.accounts + counts.parked
    if rows > folded * ROWS_AN_ACCOUNT:
        raise ArrearsError(
            "close.too_many_rows",
            where=f"the close of {task.business_on}",
            expected=f"at most {ROWS_AN_ACCOUNT} journal rows an account, on the average",
            got=f"{rows} for {folded} accounts",
        )
