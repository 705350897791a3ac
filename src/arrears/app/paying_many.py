"""Paying many: a file of payments and reversals, each account refolded once with all that came for it."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from itertools import groupby, islice
from typing import TYPE_CHECKING

import numpy as np

from arrears.app.appending import checked_event
from arrears.app.booking import open_day
from arrears.app.correcting import corrections, reaches_back_to
from arrears.app.paying_columnar import (
    Added,
    document,
    event_table,
    packed_by_account,
    refold_paid,
)
from arrears.app.payment_lines import (
    REPAID,
    PaymentsReport,
    blame,
    check_said,
    check_same,
    event_of,
    flaw,
)
from arrears.app.ports import NewEvent
from arrears.app.ranges import PARKED_ALLOWED, PARKED_ONE_IN
from arrears.app.receipts import keep_aside
from arrears.app.refolding import read_stored, refold
from arrears.app.refolding_columnar import columnar_frame
from arrears.kernel.errors import ArrearsError, InvariantError
from arrears.kernel.money import currency_of
from arrears.servicing.door import columns_of
from arrears.servicing.layout import E_AMOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from arrears.app.payment_lines import Line
    from arrears.app.ports import AccountChange, Document, Place, Store, StoredAccount, Work
    from arrears.app.refolding import Frame
    from arrears.app.refolding_columnar import ColumnarFrame
    from arrears.ledger.journal import JournalRow

    #: Told how many lines are dealt with.
    OnLines = Callable[[int], None]

#: Accounts that are held, folded and written in one transaction.
ACCOUNTS_AT_ONCE = 4_000
#: Account ids that are looked up at once.
IDS_AT_ONCE = 50_000
#: How often a chunk is begun again because somebody else took one of its lines meanwhile.
TRIES = 5


class TakenMeanwhileError(Exception):
    """Somebody else recorded a line of the chunk after it was looked up; nothing of it is written."""


@dataclass(slots=True, kw_only=True)
class Chunk:
    """Lines of accounts that are dealt with together, in the order of their keys."""

    places: Mapping[str, Place]
    lines: Sequence[Line]
    report: PaymentsReport = field(default_factory=PaymentsReport)

    def keys(self) -> list[tuple[int, str]]:
        """Slot and id of each account, in the order in which everybody locks them."""
        places = self.places
        return sorted({(places[line.account_id].slot, line.account_id) for line in self.lines})


def pay_many(
    store: Store,
    lines: Sequence[Line],
    *,
    recorded_at: datetime,
    frame: Frame,
    on_lines: OnLines = lambda _: None,
    beside: Sequence[Store] = (),
) -> PaymentsReport:
    """Post a file of payments and reversals; every line is recorded, recorded before, or rejected.

    Lines of one account are posted together, in one fold: late ones change what was posted from
    their own day on, and the difference stands in the open period. A few thousand accounts are one
    transaction, which holds their rows; so a run that was killed is simply run again.

    Args:
        store: Where the books are kept.
        lines: Of the file, in its order.
        recorded_at: When they are recorded, aware.
        frame: Policy, posting rules and the fold.
        on_lines: Told how many more lines are dealt with.
        beside: The same books through other connections: while one waits for its server, another
            reads, folds and turns what changed into rows.

    Raises:
        ArrearsError: `store.*`; what was reported so far is recorded.
    """
    report = PaymentsReport(lines=len(lines))
    places: dict[str, Place] = {}
    with store.unit_of_work() as work:
        names = iter(sorted({line.account_id for line in lines}))
        while asked := list(islice(names, IDS_AT_ONCE)):
            places.update(work.places_of(asked))
    fresh = list(readable(lines, places, report))
    on_lines(len(lines) - len(fresh))
    fresh.sort(key=lambda line: (places[line.account_id].slot, line.account_id, line.number))
    post = partial(post_chunk, recorded_at=recorded_at, frame=frame)
    for chunk, part in side_by_side(post, (store, *beside), chunks(fresh, places)):
        add(report, part)
        on_lines(len(chunk.lines))
    report.rejects.sort(key=lambda each: each.number)
    return report


def readable(
    lines: Iterable[Line], places: Mapping[str, Place], report: PaymentsReport
) -> Iterator[Line]:
    """Lines that can be read by themselves and name an account, each source once."""
    seen: dict[tuple[str, str], Line] = {}
    currencies = {
        code: currency_of(code, where="currency")
        for code in {each.currency for each in places.values()}
    }
    for line in lines:
        found = flaw(line)
        if found is None and line.account_id not in places:
            found = ("account_id", "account.unknown")
        if found is None:
            try:
                check_said(line, currencies[places[line.account_id].currency])
            except ArrearsError as error:
                found = (blame(error), error.code)
        before = seen.get(line.source)
        if found is None and before is not None and before[1:] != line[1:]:
            found = ("ref", "payments.line_taken")
        if found is not None:
            report.reject(line, *found)
        elif before is not None:
            report.already_recorded += 1
        else:
            seen[line.source] = line
            yield line


def chunks(lines: Sequence[Line], places: Mapping[str, Place]) -> Iterator[Chunk]:
    """Lines by account, so many accounts at once; no account is in two."""
    accounts = (list(mine) for _, mine in groupby(lines, key=lambda line: line.account_id))
    while together := list(islice(accounts, ACCOUNTS_AT_ONCE)):
        yield Chunk(places=places, lines=[line for mine in together for line in mine])


def side_by_side(
    post: Callable[[Store, Chunk], PaymentsReport], stores: Sequence[Store], left: Iterator[Chunk]
) -> Iterator[tuple[Chunk, PaymentsReport]]:
    """Post chunks, as many at once as there are stores, and say what became of each.

    Raises:
        ArrearsError: of the first chunk that failed, once those under way have ended.
    """
    free = list(stores)
    busy: dict[Future[PaymentsReport], tuple[Store, Chunk]] = {}
    with ThreadPoolExecutor(len(stores)) as pool:
        while True:
            while free and (chunk := next(left, None)) is not None:
                store = free.pop()
                busy[pool.submit(post, store, chunk)] = store, chunk
            if not busy:
                return
            for done in wait(busy, return_when=FIRST_COMPLETED).done:
                store, chunk = busy.pop(done)
                free.append(store)
                yield chunk, done.result()


def add(report: PaymentsReport, part: PaymentsReport) -> None:
    """Add what became of a chunk."""
    report.recorded += part.recorded
    report.already_recorded += part.already_recorded
    report.in_suspense += part.in_suspense
    report.rejects += part.rejects


def post_chunk(store: Store, chunk: Chunk, recorded_at: datetime, frame: Frame) -> PaymentsReport:
    """Post a chunk in a transaction of its own, again where somebody took one of its lines meanwhile.

    Raises:
        ArrearsError: `store.*`; nothing of the chunk is written.
    """
    for _ in range(TRIES):
        report = PaymentsReport()
        try:
            with store.unit_of_work() as work:
                post_lines(work, replace(chunk, report=report), recorded_at, frame)
        except TakenMeanwhileError:
            continue
        except ArrearsError as error:  # we and somebody else waited for each other's rows
            if error.code != "store.busy":
                raise
            continue
        return report
    raise ArrearsError(
        "store.busy",
        where="the database",
        expected="the rows to be free",
        got=f"lines taken by others, {TRIES} times",
    )


def post_lines(work: Work, chunk: Chunk, recorded_at: datetime, frame: Frame) -> None:
    """Hold the chunk's accounts, leave out what is recorded, and post the rest.

    Raises:
        TakenMeanwhileError: where a line was taken since it was looked up.
    """
    keys = chunk.keys()
    parked = work.hold(keys)
    taken = work.lines_taken([line.source for line in chunk.lines])
    fresh: dict[str, list[Line]] = {}
    for line in chunk.lines:
        if line.source not in taken:
            fresh.setdefault(line.account_id, []).append(line)
            continue
        try:
            check_same(line, taken[line.source])
        except ArrearsError as error:
            chunk.report.reject(line, "ref", error.code)
        else:
            chunk.report.already_recorded += 1
    keys = [key for key in keys if key[1] in fresh]
    last = work.hold_open_day()
    if frame.fold_book is not None and last is not None:
        shared = columnar_frame(frame, frame.fold_book, last[0] + timedelta(days=1))
        plain = [key for key in keys if key[1] not in parked and are_plain(fresh[key[1]])]
        posted = by_columns(work, plain, fresh, chunk, recorded_at, shared)
        keys = [key for key in keys if key[1] not in posted]
    by_records(work, keys, fresh, parked, chunk, recorded_at, frame)


def are_plain(lines: Sequence[Line]) -> bool:
    """Whether the lines of an account bring money and nothing else, each under an id of its own."""
    ids = {line.event_id for line in lines}
    return len(ids) == len(lines) and all(line.kind == REPAID for line in lines)


def by_columns(
    work: Work,
    keys: Sequence[tuple[int, str]],
    fresh: Mapping[str, Sequence[Line]],
    chunk: Chunk,
    recorded_at: datetime,
    shared: ColumnarFrame,
) -> frozenset[str]:
    """Post payments of accounts in columns; returns the accounts that were posted, the rest is left.

    Raises:
        TakenMeanwhileError: where a line was taken since it was looked up.
    """
    lines = [(key, line) for key in keys for line in fresh[key[1]]]
    known = work.known_otherwise(
        [key for key, _ in lines],
        [line.event_id for _, line in lines],
        [date.fromisoformat(line.on) for _, line in lines],
    )
    batch = work.read_held([key for key in keys if key[1] not in known], shared.frame).batch
    if not len(batch):
        return frozenset()
    chart = shared.frame.rules.chart
    said = [
        (at, line) for at, account_id in enumerate(batch.account_ids) for line in fresh[account_id]
    ]
    added = Added(
        of=np.array([at for at, _ in said], dtype=np.int64),
        events=event_table(batch, said, recorded_at),
    )
    change = refold_paid(
        batch, added, shared, lambda of, since: work.posted_columns(batch, of, since, chart)
    )
    if not len(change.of):
        return frozenset()
    written = set(change.of.tolist())
    kept = np.isin(added.of, change.of)
    slots, instant = batch.slots.tolist(), recorded_at.isoformat()
    currencies = [currency_of(code, where="currency") for code in batch.currencies]
    amounts = added.events[:, E_AMOUNT].tolist()
    events = [
        NewEvent(
            slots[at],
            line.account_id,
            document(currencies[at], line, amount_minor, instant),
            *line.source,
        )
        for (at, line), amount_minor in zip(said, amounts, strict=True)
        if at in written
    ]
    if not work.add_events(events, recorded_at) or work.write_batch(change, chart):
        raise TakenMeanwhileError
    work.append_columns(
        [(int(batch.slots[at]), batch.account_ids[at]) for at in change.of.tolist()],
        packed_by_account(added.of[kept], added.events[kept]),
    )
    chunk.report.recorded += len(events)
    return frozenset(batch.account_ids[at] for at in written)


def by_records(
    work: Work,
    keys: Sequence[tuple[int, str]],
    fresh: Mapping[str, Sequence[Line]],
    parked: frozenset[str],
    chunk: Chunk,
    recorded_at: datetime,
    frame: Frame,
) -> None:
    """Post lines of accounts that are read whole, each folded once with all its lines.

    Money for an account that cannot be folded waits in suspense, as if it were parked; more of them
    than can be the accounts' own fault stop the run, as they stop a close.

    Raises:
        TakenMeanwhileError: where a line was taken since it was looked up.
        InvariantError: where too many accounts cannot be folded; or an `ArrearsError`.
    """
    journal, open_on = work.posted(keys), open_day(work, date.min)
    notices = work.notices_of(keys)
    changes, recorded, failed = [], [], 0
    for account in work.read(keys):
        lines, aside = fresh[account.account_id], account.account_id in parked
        if not aside:
            pairs = checked(account, lines, recorded_at, chunk.report)
            lines = [line for line, _ in pairs]
            events = [event for _, event in pairs]
            rows = journal.get(account.account_id, ())
            told = notices.get(account.account_id, ())
            try:
                changes += folded(account, events, open_on, rows, told, frame)
            except (InvariantError, ArrearsError):
                aside, failed = True, failed + 1
                if failed > max(PARKED_ALLOWED, len(keys) // PARKED_ONE_IN):
                    raise
            else:
                recorded += [
                    NewEvent(account.slot, account.account_id, event, *line.source)
                    for line, event in pairs
                ]
        if aside:
            keep_lines_aside(work, account, lines, chunk.report, recorded_at, frame)
    if not work.add_events(recorded, recorded_at):
        raise TakenMeanwhileError
    work.write(changes)
    chunk.report.recorded += len(recorded)


def checked(
    account: StoredAccount, lines: Sequence[Line], recorded_at: datetime, report: PaymentsReport
) -> list[tuple[Line, Document]]:
    """Lines with the events they become, each checked against the history and the lines before it."""
    found = []
    for line in lines:
        try:
            event = checked_event(account, event_of(line), recorded_at)
        except ArrearsError as error:
            report.reject(line, blame(error), error.code)
            continue
        account = replace(account, events=(*account.events, event))
        found.append((line, event))
    return found


def folded(
    account: StoredAccount,
    events: Sequence[Document],
    open_on: date,
    journal: Sequence[JournalRow],
    told: Sequence[str],
    frame: Frame,
) -> list[AccountChange]:
    """What the store must write of an account with its new events; nothing where there are none.

    Args:
        account: With its events of before.
        events: The new ones, checked.
        open_on: The business day that is open.
        journal: All rows of the account.
        told: The occasions of its notices of arrears.
        frame: Policy, posting rules and the fold.

    Raises:
        InvariantError: where the account cannot be folded.
        ArrearsError: likewise.
    """
    if not events:
        return []
    business_on = max(open_on, account.opened_on)
    renewed = replace(account, events=(*account.events, *events))
    change = refold(renewed, journal, business_on, frame)
    since = min(reaches_back_to(each, account.events) for each in events)
    if not told or since >= business_on:
        return [change]
    columns = columns_of(*read_stored(renewed))
    taken_back = corrections(columns, told, since, frame)
    return [replace(change, messages=(*change.messages, *taken_back))]


def keep_lines_aside(
    work: Work,
    account: StoredAccount,
    lines: Sequence[Line],
    report: PaymentsReport,
    recorded_at: datetime,
    frame: Frame,
) -> None:
    """Keep payments in suspense until the account can be folded again; what is no payment is rejected."""
    for line in lines:
        if line.kind != REPAID:
            report.reject(line, "account_id", "event.refused")
            continue
        given = event_of(line)
        try:
            kept = keep_aside(
                work, account, given, source=line.source, recorded_at=recorded_at, frame=frame
            )
        except ArrearsError as error:
            report.reject(line, blame(error), error.code)
            continue
        if kept is None:
            report.already_recorded += 1
        else:
            report.in_suspense += 1
