"""How a mature book stands on its last closed day: caches, journal, transitions and messages by the fold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from arrears.app.mature_book import CLOSED_ON
from arrears.app.mature_contracts import RECORDED_TIME
from arrears.app.mature_documents import billed
from arrears.app.mature_histories import H_ACCOUNT, H_ON
from arrears.app.refolding import OVERDUE_NOTICE
from arrears.delinquency.ageing_columnar import next_actions, scales_of
from arrears.kernel.dates import date_of, days_of
from arrears.kernel.errors import invariant
from arrears.kernel.movement import MOVEMENT_KEY_COLUMNS
from arrears.ledger.postings_columnar import (
    JC_ACCOUNT,
    JC_ON,
    JC_SEQ,
    KeyedAmounts,
    keyed_amounts,
    postings_columns,
    rule_table,
)
from arrears.servicing import layout as c
from arrears.servicing.book import fold_all
from arrears.servicing.book_rows import rows_of_book
from arrears.servicing.state import ALL_KNOWN, AccountStatus
from arrears.servicing.valuing import STATUSES, place, statuses_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arrears.app.mature_histories import Histories
    from arrears.app.refolding import Frame
    from arrears.delinquency.ageing_columnar import Bands, Scales
    from arrears.servicing.book import Book, FoldBook, FoldedBook
    from arrears.servicing.tables import Array


class TransitionRecord(NamedTuple):
    """A change of bucket, class, bureau status or accrual of an account."""

    account: int  #: position of the account
    on: str
    what: str
    from_value: str
    to_value: str


class MessageRecord(NamedTuple):
    """What a borrower was told; its body as JSON."""

    account: int  #: position of the account
    kind: str
    occasion: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """What the fold says of accounts; each array has one place an account."""

    folded: FoldedBook
    scales: Scales
    version: Array  #: as many as the account has entries, and one
    next_action_on: Array  #: days since 1970-01-01; NO_DAY: never
    status: Array  #: place in STATUSES
    journal: Array  #: int64[n, JOURNAL_COLUMNS] by account and value date, numbered entry by entry
    entry: Array  #: int64[n], the version at which each row was posted, 1 for the first

    def status_names(self) -> list[str]:
        """What has become of the accounts."""
        return [STATUSES[each].value for each in self.status.tolist()]


def standings_of(book: Book, frame: Frame, fold_book: FoldBook) -> Standings:
    """Fold accounts to the last closed day.

    The journal is that of a lender who closed every day: one entry a day on which something was
    posted, under that day. What was reversed since has left no rows.

    Raises:
        InvariantError: `book.broken`, `ledger.refused`: an account that a close would park.
    """
    day = days_of(CLOSED_ON)
    folded = fold_all(book, day, ALL_KNOWN, posting=1, fold_book=fold_book)
    invariant(not folded.failed(), "book.broken", accounts=folded.failed()[:5])
    account = np.repeat(np.arange(len(book)), np.diff(folded.move_offsets))
    nothing = np.zeros(0, dtype=np.int64)
    posted = postings_columns(
        keyed_amounts(account, folded.moves),
        KeyedAmounts(
            account=nothing,
            keys=nothing.reshape(-1, MOVEMENT_KEY_COLUMNS),
            amount_minor=nothing,
        ),
        rule_table(frame.rules),
    )
    invariant(not len(posted.refused), "ledger.refused", accounts=posted.refused[:5].tolist())
    journal, entry, version = by_entry(posted.journal, len(book))
    status = statuses_of(book, folded.accounts, day, ALL_KNOWN)
    scales = scales_of(frame.ageing_on(CLOSED_ON))
    turns = next_actions(
        folded, rows_of_book(folded), day, scales, status == place(AccountStatus.SETTLED)
    )
    return Standings(
        folded=folded,
        scales=scales,
        version=version,
        next_action_on=turns,
        status=status,
        journal=journal,
        entry=entry,
    )


def by_entry(journal: Array, accounts: int) -> tuple[Array, Array, Array]:
    """A journal by account and value date, each day an entry of its own.

    Returns:
        The rows; int64[n], which entry of its account each belongs to, from 1; and int64[accounts],
        the version of each account after the last of them.
    """
    span = days_of(CLOSED_ON) + 1
    days = journal[:, JC_ACCOUNT] * span + journal[:, JC_ON]
    order = np.argsort(days, kind="stable")
    journal, days = journal[order], days[order]
    is_first = np.ones(len(days), dtype=np.bool_)
    is_first[1:] = days[1:] != days[:-1]
    starts = np.flatnonzero(is_first)
    entries = np.cumsum(is_first)
    journal[:, JC_SEQ] = np.arange(len(days)) - starts[entries - 1] + 1
    counts = np.bincount(journal[starts, JC_ACCOUNT], minlength=accounts)
    before = np.cumsum(counts) - counts
    return journal, entries - before[journal[:, JC_ACCOUNT]], counts + 1


def transitions(standings: Standings) -> Iterator[TransitionRecord]:
    """How accounts that are in arrears got there; earlier arrears that were paid are not told."""
    accounts, scales = standings.folded.accounts, standings.scales
    today = days_of(CLOSED_ON)
    for what, bands in (
        ("bucket", scales.bucket),
        ("five_class", scales.five_class),
        ("bureau", scales.bureau),
    ):
        for at, band, day in crossings(standings, bands):
            names = bands.names[band], bands.names[band + 1]
            yield TransitionRecord(
                account=at, on=day, what=what, from_value=names[0], to_value=names[1]
            )
    stops = standings.folded.book.terms[:, c.T_NON_ACCRUAL_DAYS]
    is_stopped = (accounts[:, c.A_IS_NON_ACCRUAL] == 1) & (stops > 0)
    since = today - np.maximum(0, accounts[:, c.A_DAYS_DELINQUENT] - stops)
    for at in np.flatnonzero(is_stopped).tolist():
        day = date_of(int(since[at])).isoformat()
        yield TransitionRecord(
            account=at, on=day, what="accrual", from_value="accruing", to_value="stopped"
        )


def crossings(standings: Standings, bands: Bands) -> Iterator[tuple[int, int, str]]:
    """Accounts, the bounds their age has crossed, and the days on which it did."""
    age = standings.folded.accounts[:, c.A_DAYS_DELINQUENT]
    today = days_of(CLOSED_ON)
    for band, bound in enumerate(bands.over_days.tolist()):
        for at in np.flatnonzero(age > bound).tolist():
            yield at, band, date_of(today - int(age[at]) + bound + 1).isoformat()


def messages(histories: Histories, standings: Standings) -> Iterator[MessageRecord]:
    """What borrowers were told: of arrears they are in, and of every statement."""
    bucket = standings.scales.bucket
    past_due = standings.folded.accounts[:, c.A_DAYS_PAST_DUE]
    for at, band, day in crossings(standings, bucket):
        name = bucket.names[band + 1]
        days = int(past_due[at]) - (CLOSED_ON - date.fromisoformat(day)).days
        body = json.dumps({"bucket": name, "days_past_due": days})
        yield MessageRecord(account=at, kind=OVERDUE_NOTICE, occasion=f"{name}/{day}", body=body)
    yield from statement_messages(histories, standings.folded.book)


def statement_messages(histories: Histories, book: Book) -> Iterator[MessageRecord]:
    """What was billed, as the close tells it."""
    places = billed(histories, book)
    told = histories.happened[book.events[:, c.E_TYPE] == c.EV_STATEMENT_CLOSED]
    days: dict[int, str] = {}
    for event, least, rest in zip(
        told.tolist(), book.rows[places].tolist(), book.rows[places + 1].tolist(), strict=True
    ):
        for day in (event[H_ON], least[c.R_DUE]):
            days[day] = days.get(day) or date_of(day).isoformat()
        closes_on = days[event[H_ON]]
        asked = least[c.R_PRINCIPAL] + least[c.R_INTEREST]
        body = (
            f'{{"closes_on": "{closes_on}", "known_at": "{closes_on}{RECORDED_TIME}", '
            f'"due_on": "{days[least[c.R_DUE]]}", "total_minor": {asked + rest[c.R_PRINCIPAL]}, '
            f'"minimum_minor": {asked}, "interest_minor": {least[c.R_INTEREST]}}}'
        )
        yield MessageRecord(event[H_ACCOUNT], "statement", closes_on, body)
