"""Paying many: a file of payments and reversals, each account refolded once with all that came for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from typing import TYPE_CHECKING

from arrears.app.appending import checked_event
from arrears.app.booking import open_day
from arrears.app.correcting import corrections, reaches_back_to
from arrears.app.payment_lines import REPAID, PaymentsReport, blame, check_same, event_of, flaw
from arrears.app.receipts import keep_aside
from arrears.app.refolding import OVERDUE_NOTICE, read_stored, refold
from arrears.kernel.errors import ArrearsError, InvariantError
from arrears.servicing.door import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from arrears.app.payment_lines import Line
    from arrears.app.ports import AccountChange, Document, Store, StoredAccount, Work
    from arrears.app.refolding import Frame
    from arrears.ledger.journal import JournalRow

    #: Told how many lines are dealt with.
    OnLines = Callable[[int], None]

#: Accounts that are held, folded and written in one transaction.
ACCOUNTS_AT_ONCE = 2_000
#: Account ids that are looked up at once.
IDS_AT_ONCE = 50_000
#: How often a chunk is begun again because somebody else took one of its lines meanwhile.
TRIES = 5


class TakenMeanwhileError(Exception):
    """Somebody else recorded a line of the chunk after it was looked up; nothing of it is written."""


@dataclass(slots=True, kw_only=True)
class Chunk:
    """Lines of accounts that are dealt with together, in the order of their keys."""

    slots: Mapping[str, int]
    lines: Sequence[Line]
    report: PaymentsReport = field(default_factory=PaymentsReport)

    def keys(self) -> list[tuple[int, str]]:
        """Slot and id of each account, in the order in which everybody locks them."""
        return sorted({(self.slots[line.account_id], line.account_id) for line in self.lines})


def pay_many(
    store: Store,
    lines: Sequence[Line],
    *,
    recorded_at: datetime,
    frame: Frame,
    on_lines: OnLines = lambda _: None,
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

    Raises:
        ArrearsError: `store.*`; what was reported so far is recorded.
    """
    report = PaymentsReport(lines=len(lines))
    slots: dict[str, int] = {}
    with store.unit_of_work() as work:
        names = iter(sorted({line.account_id for line in lines}))
        while asked := list(islice(names, IDS_AT_ONCE)):
            slots.update(work.slots_of(asked))
    fresh = list(readable(lines, slots, report))
    on_lines(len(lines) - len(fresh))
    fresh.sort(key=lambda line: (slots[line.account_id], line.account_id, line.number))
    for chunk in chunks(fresh, slots):
        add(report, post_chunk(store, chunk, recorded_at, frame))
        on_lines(len(chunk.lines))
    report.rejects.sort(key=lambda each: each.number)
    return report


def readable(
    lines: Iterable[Line], slots: Mapping[str, int], report: PaymentsReport
) -> Iterator[Line]:
    """Lines that can be read by themselves and name an account, each source once."""
    seen: dict[tuple[str, str], Line] = {}
    for line in lines:
        found = flaw(line)
        if found is not None:
            report.reject(line, *found)
        elif line.account_id not in slots:
            report.reject(line, "account_id", "account.unknown")
        elif line.source not in seen:
            seen[line.source] = line
            yield line
        elif seen[line.source][1:] == line[1:]:
            report.already_recorded += 1
        else:
            report.reject(line, "ref", "payments.line_taken")


def chunks(lines: Sequence[Line], slots: Mapping[str, int]) -> Iterator[Chunk]:
    """Lines by account, so many accounts at once; no account is in two."""
    accounts = (list(mine) for _, mine in groupby(lines, key=lambda line: line.account_id))
    while together := list(islice(accounts, ACCOUNTS_AT_ONCE)):
        yield Chunk(slots=slots, lines=[line for mine in together for line in mine])


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
    by_records(
        work, [key for key in keys if key[1] in fresh], fresh, parked, chunk, recorded_at, frame
    )


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

    Raises:
        TakenMeanwhileError: where a line was taken since it was looked up.
    """
    journal = work.posted(keys)
    changes, recorded = [], []
    for account in work.read(keys):
        lines, aside = fresh[account.account_id], account.account_id in parked
        if not aside:
            pairs = checked(account, lines, recorded_at, chunk.report)
            rows = journal.get(account.account_id, ())
            change = folded(work, account, [event for _, event in pairs], rows, frame)
            aside = change is None
            if change is not None and pairs:
                changes.append(change)
                recorded += [(account, event, line.source) for line, event in pairs]
            lines = [line for line, _ in pairs]
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
    work: Work,
    account: StoredAccount,
    events: Sequence[Document],
    journal: Sequence[JournalRow],
    frame: Frame,
) -> AccountChange | None:
    """What the store must write of an account with its new events; None where it cannot be folded."""
    business_on = max(open_day(work, account.opened_on), account.opened_on)
    renewed = replace(account, events=(*account.events, *events))
    try:
        change = refold(renewed, journal, business_on, frame)
    except (InvariantError, ArrearsError):
        return None
    since = min((reaches_back_to(each, account.events) for each in events), default=business_on)
    told = work.occasions(account, OVERDUE_NOTICE) if since < business_on else []
    if not told:
        return change
    columns = columns_of(*read_stored(renewed))
    return replace(change, messages=(*change.messages, *corrections(columns, told, since, frame)))


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
