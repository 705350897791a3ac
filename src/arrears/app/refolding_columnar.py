"""Refolding many accounts at once, in columns: the same changes as `refolding` says one by one.

What is rare goes by the records: credit balances to be paid back, whatever breaks an invariant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from arrears.app.batch import BatchChange
from arrears.app.ports import Message, Transition
from arrears.app.refolding import (
    NOT_OVERDUE,
    ROWS_A_DAY_MAX,
    class_edges_days,
    collection,
    overdue_notice,
)
from arrears.app.running import is_period_end
from arrears.app.statements_columnar import make_statements
from arrears.delinquency.ageing_columnar import next_actions, scales_of
from arrears.delinquency.observation_columnar import classes_of, observations_of
from arrears.kernel.dates import date_of, days_of
from arrears.kernel.movement import MV_ON
from arrears.ledger.postings_columnar import (
    JC_ACCOUNT,
    keyed_amounts,
    posted_from_columns,
    postings_columns,
    rule_table,
)
from arrears.ledger.reconciling import CELLS
from arrears.servicing import layout as c
from arrears.servicing.book import fold_all
from arrears.servicing.book_rows import NO_DAY, rows_of_book
from arrears.servicing.in_books import owed_by_cell
from arrears.servicing.state import ALL_KNOWN, AccountStatus
from arrears.servicing.valuing import STATUSES, place, statuses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from arrears.app.batch import AccountBatch, Made, Mask
    from arrears.app.refolding import Frame
    from arrears.delinquency.ageing_columnar import Bands, Scales
    from arrears.delinquency.observation import Observation
    from arrears.ledger.postings_columnar import PostedColumns, RuleTable
    from arrears.servicing.book import Book, FoldBook, FoldedBook
    from arrears.servicing.book_rows import RowsOfBook
    from arrears.servicing.tables import Array

#: Before any day: what is compared from the first.
FIRST_DAY = -NO_DAY


class ReadPosted(Protocol):
    """Reads what was posted."""

    def __call__(self, accounts: Array, since: Array) -> Array:
        """Journal rows of accounts under the days from `since` on.

        Args:
            accounts: int64[n], positions in the batch.
            since: int64[n], days since 1970-01-01.

        Returns:
            int64[m, JOURNAL_COLUMNS]; JC_ACCOUNT is a position in the batch.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnarFrame:
    """What every batch of a day shares."""

    frame: Frame
    fold_book: FoldBook
    table: RuleTable  #: the posting rules as arrays
    day: date
    scales: Scales
    edges_days: tuple[int, ...]  #: bounds of classes of the day


def columnar_frame(frame: Frame, fold_book: FoldBook, day: date) -> ColumnarFrame:
    """What every batch of a day shares, made once for many accounts."""
    rules = frame.ageing_on(day)
    return ColumnarFrame(
        frame=frame,
        fold_book=fold_book,
        table=rule_table(frame.rules),
        day=day,
        scales=scales_of(rules),
        edges_days=class_edges_days(rules),
    )


def refold_batch(
    batch: AccountBatch, shared: ColumnarFrame, read_posted: ReadPosted, recorded_at: datetime
) -> BatchChange:
    """Fold a batch to the day that is closed and say what the store must write.

    Args:
        batch: Accounts whose day has come.
        shared: Policy, posting rules, the fold, and the day.
        read_posted: Asked for accounts whose movements must be held against the journal.
        recorded_at: When statements are made, aware.

    Returns:
        The changes, and the accounts that only their records can tell of.

    Raises:
        InvariantError: `ledger.overflow`, `book.movements_differ`.
    """
    day = days_of(shared.day)
    asked = np.where(batch.next_action_on == c.NONE, day, batch.next_action_on)
    since = np.minimum(asked, day)
    book = on_the_day(batch.book, shared.edges_days)
    bills = make_statements(book, since, shared.day, recorded_at, shared.fold_book)
    folded = fold_all(bills.book, day, ALL_KNOWN, posting=1, fold_book=shared.fold_book)
    from_day = compared_from(batch, bills.of, day, shared.scales)
    posted = post(batch, folded, from_day, shared.table, read_posted)
    left = bills.by_records | left_to_records(batch, folded, posted)
    rows = rows_of_book(folded)
    status = statuses_of(folded.book, folded.accounts, day, ALL_KNOWN)
    turn = next_actions(folded, rows, day, shared.scales, status == place(AccountStatus.SETTLED))
    watched = observed(folded.book, shared)
    for at, each in watched.items():
        if each.ends_on is not None:
            turn[at] = min(int(turn[at]), days_of(each.ends_on))
    made = [(int(at), each) for at, each in zip(bills.of, bills.made, strict=True) if not left[at]]
    told = [
        (int(at), each) for at, each in zip(bills.of, bills.messages, strict=True) if not left[at]
    ]
    collected = collections(rows, since, status == place(AccountStatus.ACTIVE), day, left)
    judged = Judged(left=left, turn=np.where(turn == NO_DAY, c.NONE, turn), watched=watched)
    return change_of(
        batch,
        folded,
        shared,
        posted,
        judged,
        made=made,
        messages=[*collected, *told],
    )


def on_the_day(book: Book, edges_days: Sequence[int]) -> Book:
    """The book with the bounds of classes of a day, where contracts bring none of their own."""
    terms = book.terms.copy()
    silent = terms[:, c.T_CLASS_EDGE] == 0
    terms[silent, c.T_CLASS_EDGE : c.T_CLASS_EDGE + len(edges_days)] = edges_days
    return replace(book, terms=terms)


def compared_from(batch: AccountBatch, billed: Array, day: int, scales: Scales) -> Array:
    """The first day of each account whose movements may differ from what was posted.

    The fold is causal: under the same basis and class bounds, what was posted up to the day an
    account was folded to stands, and the day after is the first to compare.

    Args:
        batch: As read.
        billed: Positions of accounts that got a statement on the day.
        day: The day that is closed, days since 1970-01-01.
        scales: Of the day.
    """
    changes = scales.changes
    bounds_moved = np.searchsorted(changes, batch.folded_to, side="right") != np.searchsorted(
        changes, day, side="right"
    )
    is_anew = ~batch.is_current | bounds_moved | (batch.folded_to == c.NONE)
    from_day = np.where(is_anew, FIRST_DAY, batch.folded_to + 1)
    from_day[billed] = np.minimum(from_day[billed], day)
    return from_day


def post(
    batch: AccountBatch, folded: FoldedBook, from_day: Array, table: RuleTable, read: ReadPosted
) -> PostedColumns:
    """The journal rows that bring the batch to what its folds say now."""
    overlapping = np.flatnonzero((from_day <= batch.folded_to) & (batch.folded_to != c.NONE))
    posted = posted_from_columns(read(overlapping, from_day[overlapping]), table)
    account = np.repeat(np.arange(len(batch)), np.diff(folded.move_offsets))
    is_new = folded.moves[:, MV_ON] >= from_day[account]
    now = keyed_amounts(account[is_new], folded.moves[is_new])
    result = postings_columns(now, posted.posted, table)
    return replace(result, refused=np.union1d(result.refused, posted.refused))


def left_to_records(batch: AccountBatch, folded: FoldedBook, posted: PostedColumns) -> Mask:
    """Accounts that are to be folded from their records.

    They break an invariant, have or had a credit balance with nothing owed (a task to pay it back
    opens or ends), or post more rows than one day should bring.
    """
    accounts = folded.accounts
    owes_nothing = (accounts[:, c.A_PRINCIPAL] == 0) & (accounts[:, c.A_PAYOFF] == 0)
    left = (accounts[:, c.A_STATUS] != c.STATUS_OK) | (batch.credit_minor != 0)
    left |= (accounts[:, c.A_CREDIT] != 0) & owes_nothing
    left[posted.refused] = True
    rows = np.bincount(posted.journal[:, JC_ACCOUNT], minlength=len(batch))
    found: Mask = left | (rows > ROWS_A_DAY_MAX)
    return found


def observed(book: Book, shared: ColumnarFrame) -> Mapping[int, Observation]:
    """The accounts that are observed as restructured assets on the day, by position."""
    rules = shared.frame.ageing_on(shared.day)
    return observations_of(book, days_of(shared.day), rules, shared.fold_book)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How each account of a batch is treated; one place each."""

    left: Mask  #: left to its records
    turn: Array  #: its next action; NONE: there is none
    watched: Mapping[int, Observation]  #: those observed as restructured assets, by position


def change_of(
    batch: AccountBatch,
    folded: FoldedBook,
    shared: ColumnarFrame,
    posted: PostedColumns,
    judged: Judged,
    *,
    made: Sequence[tuple[int, Made]] = (),
    messages: Sequence[tuple[int, Message]] = (),
) -> BatchChange:
    """What the store writes of the accounts that are not left to their records.

    Args:
        batch: As read.
        folded: To the day.
        shared: What every batch of the day shares.
        posted: The journal rows.
        judged: How each account is treated.
        made: Statements.
        messages: To be sent beside notices of arrears.
    """
    day, scales = days_of(shared.day), shared.scales
    accounts, left = folded.accounts, judged.left
    status = statuses_of(folded.book, accounts, day, ALL_KNOWN)
    delinquent = accounts[:, c.A_DAYS_DELINQUENT]
    now = Standings(
        bucket=scales.bucket.of(delinquent),
        five_class=classes_of(scales.five_class, delinquent, judged.watched),
        bureau=scales.bureau.of(delinquent),
        is_non_accrual=accounts[:, c.A_IS_NON_ACCRUAL] == 1,
    )
    of = np.flatnonzero(~left)
    return BatchChange(
        batch=batch,
        of=of,
        next_action_on=judged.turn[of],
        folded_to=day,
        buckets=names_of(scales.bucket, now.bucket[of]),
        five_classes=names_of(scales.five_class, now.five_class[of]),
        bureaus=names_of(scales.bureau, now.bureau[of]),
        statuses=[STATUSES[at].value for at in status[of].tolist()],
        days_past_due=accounts[of, c.A_DAYS_PAST_DUE],
        principal_minor=accounts[of, c.A_PRINCIPAL],
        payoff_minor=accounts[of, c.A_PAYOFF],
        credit_minor=accounts[of, c.A_CREDIT],
        is_non_accrual=now.is_non_accrual[of],
        journal=posted.journal[~left[posted.journal[:, JC_ACCOUNT]]],
        transitions=list(transitions(batch, now, shared, left)),
        messages=[*overdue_notices(batch, now, accounts, shared, left), *messages],
        made=made,
        by_records=np.flatnonzero(left),
        basis=shared.frame.basis,
        layout=shared.frame.layout,
        policy_digest=shared.frame.snapshot.digest,
        owed_minor=owed_in_books(folded, of if is_period_end(shared.day) else of[:0]),
    )


def owed_in_books(folded: FoldedBook, of: Array) -> Array:
    """What accounts at positions owe by component and stage, to be held against their journals."""
    if not len(of):
        return np.zeros((0, CELLS), dtype=np.int64)
    return owed_by_cell(folded.work, folded.book.row_offsets, folded.accounts)[of]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """How each account stands: positions on the scales of the day."""

    bucket: Array
    five_class: Array
    bureau: Array
    is_non_accrual: Mask


def names_of(bands: Bands, places: Array) -> list[str]:
    """The names at positions of a scale."""
    names = bands.names
    return [names[at] for at in places.tolist()]


def transitions(
    batch: AccountBatch, now: Standings, shared: ColumnarFrame, left: Mask
) -> Iterator[tuple[int, Transition]]:
    """What changed since each account was folded last, as `refolding.transitions_of`."""
    scales = shared.scales
    scaled = (
        ("bucket", batch.buckets, names_of(scales.bucket, now.bucket)),
        ("five_class", batch.five_classes, names_of(scales.five_class, now.five_class)),
        ("bureau", batch.bureaus, names_of(scales.bureau, now.bureau)),
        ("accrual", accruals(batch.is_non_accrual), accruals(now.is_non_accrual)),
    )
    for what, before, after in scaled:
        for at, (was, becomes) in enumerate(zip(before, after, strict=True)):
            if was != becomes and not left[at]:
                yield at, Transition(on=shared.day, what=what, from_value=was, to_value=becomes)


def accruals(is_non_accrual: Mask) -> list[str]:
    """The words for whether interest still goes to income."""
    return ["stopped" if each else "accruing" for each in is_non_accrual.tolist()]


def overdue_notices(
    batch: AccountBatch, now: Standings, accounts: Array, shared: ColumnarFrame, left: Mask
) -> list[tuple[int, Message]]:
    """Notes of accounts overdue for longer than was told, as `refolding.messages_of`."""
    bands = shared.scales.bucket
    bounds = np.array([NOT_OVERDUE, *bands.over_days.tolist()])
    known = dict(zip(bands.names, bounds.tolist(), strict=True))
    before = np.array([known.get(each, NOT_OVERDUE) for each in batch.buckets])
    later = np.flatnonzero((bounds[now.bucket] > before) & ~left)
    notices = []
    for at in later.tolist():
        age_days = int(accounts[at, c.A_DAYS_PAST_DUE])
        notices.append((at, overdue_notice(bands.names[now.bucket[at]], age_days, shared.day)))
    return notices


def collections(
    rows: RowsOfBook, since: Array, is_active: Mask, day: int, left: Mask
) -> list[tuple[int, Message]]:
    """Instructions to collect what fell due from `since` to the day, as `refolding.collections`."""
    fell_due = rows.is_shown & rows.is_due & (rows.due <= day) & (rows.due >= since[rows.account])
    asked = np.flatnonzero(fell_due & (is_active & ~left)[rows.account])
    if not len(asked):
        return []
    asked = asked[np.lexsort((rows.due[asked], rows.account[asked]))]
    account, due = rows.account[asked], rows.due[asked]
    open_minor = rows.outstanding_minor[asked].sum(axis=1)
    revolves = rows.kind[asked] == c.KIND_REVOLVING
    is_first = np.ones(len(asked), dtype=np.bool_)
    is_first[1:] = (account[1:] != account[:-1]) | (due[1:] != due[:-1])
    starts = np.flatnonzero(is_first)
    total_minor = np.add.reduceat(open_minor, starts).tolist()
    least_minor = np.add.reduceat(np.where(revolves, 0, open_minor), starts).tolist()
    has_revolving = np.logical_or.reduceat(revolves, starts).tolist()
    return [
        (at, collection(date_of(on), total, least if revolving else None))
        for at, on, total, least, revolving in zip(
            account[starts].tolist(),
            due[starts].tolist(),
            total_minor,
            least_minor,
            has_revolving,
            strict=True,
        )
        if total
    ]
