"""The rows of a mature book, table by table, as COPY takes them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arrears.adapters.postgres.bulk_rows import binary_rows, bytes_row, dates, instants, texts
from arrears.app.mature_book import CLOSED_ON, account_ids
from arrears.app.mature_contracts import YUAN, noon
from arrears.app.mature_documents import account_records, event_records
from arrears.app.mature_standing import messages, standings_of, transitions
from arrears.kernel.dates import date_of
from arrears.ledger.postings_columnar import (
    JC_ACCOUNT,
    JC_AMOUNT,
    JC_COMPONENT,
    JC_CONTRACT,
    JC_CREDIT,
    JC_DEBIT,
    JC_INSTALMENT,
    JC_KIND,
    JC_ON,
    JC_SEQ,
    JC_STAGE,
)
from arrears.servicing import layout as c
from arrears.servicing.book_rows import NO_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arrears.app.mature_contracts import Plan, Schedule, Signatures
    from arrears.app.mature_lines import Lines
    from arrears.app.mature_loans import Loans
    from arrears.app.mature_standing import Standings
    from arrears.app.refolding import Frame
    from arrears.servicing.book import Book, FoldBook

#: The tables, in the order in which they are filled.
TABLES = (
    "account", "account_state", "account_columns", "source_reference", "event", "journal",
    "transition", "outbox",
)  # fmt: skip
#: Those whose rows are binary: a COPY of them has a beginning and an end.
BINARY = frozenset({"account_columns", "journal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What all rows of a book share."""

    frame: Frame
    policy: int  #: number of the policy that journal rows name
    signatures: Signatures
    schedules: Mapping[Plan, Schedule]
    fold_book: FoldBook


def rows_of(accounts: Loans | Lines, writing: Writing) -> dict[str, bytes]:
    """All rows of some accounts, by table."""
    standings = standings_of(accounts.book, writing.frame, writing.fold_book)
    ids = account_ids(accounts.drawn)
    keys = [f"{slot}\t{each}" for slot, each in zip(accounts.drawn.slot.tolist(), ids, strict=True)]
    events, references = event_lines(accounts, keys, writing)
    frame = writing.frame
    return {
        "account": "".join(account_lines(accounts, writing)).encode(),
        "account_state": "".join(state_lines(keys, standings, frame.basis)).encode(),
        "account_columns": b"".join(packed_rows(accounts, ids, frame.layout)),
        "source_reference": references,
        "event": events,
        "journal": journal_rows(accounts, ids, standings, writing),
        "transition": "".join(
            f"{keys[each.account]}\t{each.on}\t{each.what}\t{each.from_value}\t{each.to_value}\n"
            for each in transitions(standings)
        ).encode(),
        "outbox": "".join(
            f"{keys[each.account]}\t{each.kind}\t{each.occasion}\t{each.body}\n"
            for each in messages(accounts.histories, standings)
        ).encode(),
    }


def account_lines(accounts: Loans | Lines, writing: Writing) -> Iterator[str]:
    """What was signed."""
    for each in account_records(accounts.drawn, writing.signatures):
        yield (
            f"{each.slot}\t{each.account_id}\t{each.borrower_id}\t{each.product}\t{YUAN.code}\t"
            f"{each.contract}\t{each.policy}\t{each.opened_on}\t{each.recorded_at}\n"
        )


def event_lines(accounts: Loans | Lines, keys: list[str], writing: Writing) -> tuple[bytes, bytes]:
    """Events, and the references of their sources."""
    events, references = [], []
    told = event_records(accounts.drawn, accounts.histories, accounts.book, writing.schedules)
    for each in told:
        events.append(
            f"{keys[each.account]}\t{each.event_id}\t{each.type}\t{each.value_on}\t"
            f"{each.recorded_at}\t0\t{each.body}\t{each.channel}\t{each.source_ref}\n"
        )
        references.append(f"{each.channel}\t{each.source_ref}\tevent\n")
    return "".join(events).encode(), "".join(references).encode()


def state_lines(keys: list[str], standings: Standings, basis: str) -> Iterator[str]:
    """Caches of the last closed day."""
    accounts, scales = standings.folded.accounts, standings.scales
    age = accounts[:, c.A_DAYS_DELINQUENT]
    columns = (
        keys,
        standings.version.tolist(),
        standings.next_action_on.tolist(),
        [scales.bucket.names[each] for each in scales.bucket.of(age).tolist()],
        [scales.five_class.names[each] for each in scales.five_class.of(age).tolist()],
        [scales.bureau.names[each] for each in scales.bureau.of(age).tolist()],
        standings.status_names(),
        accounts[:, [c.A_DAYS_PAST_DUE, c.A_PRINCIPAL, c.A_PAYOFF, c.A_CREDIT]].tolist(),
        accounts[:, c.A_IS_NON_ACCRUAL].tolist(),
    )
    days = {NO_DAY: r"\N"}
    for key, version, turn, bucket, five_class, bureau, status, amounts, stopped in zip(
        *columns, strict=True
    ):
        days[turn] = days.get(turn) or date_of(turn).isoformat()
        yield (
            f"{key}\t{version}\t{basis}\t{days[turn]}\t{CLOSED_ON}\t{bucket}\t{five_class}\t{bureau}\t"
            f"{status}\t{amounts[0]}\t{amounts[1]}\t{amounts[2]}\t{amounts[3]}\t{'ft'[stopped]}\n"
        )


def packed_rows(accounts: Loans | Lines, ids: list[str], layout: str) -> Iterator[bytes]:
    """The fold's input, packed as `servicing.packing` packs it."""
    book: Book = accounts.book
    terms = book.terms.copy()
    firsts = terms[:, c.T_ORDER_FIRST].tolist()
    counts = terms[:, c.T_ORDER_COUNT].tolist()
    terms[:, c.T_ORDER_FIRST] = 0
    orders: dict[tuple[int, int], bytes] = {}
    row_ends, event_ends = book.row_offsets.tolist(), book.event_offsets.tolist()
    code, kept = YUAN.code.encode(), layout.encode()
    for at, (slot, name) in enumerate(zip(accounts.drawn.slot.tolist(), ids, strict=True)):
        order = (firsts[at], counts[at])
        if order not in orders:
            orders[order] = book.orders[order[0] : sum(order)].tobytes()
        yield bytes_row(
            (
                struct.pack(">h", slot),
                name.encode(),
                code,
                kept,
                terms[at].tobytes(),
                orders[order],
                book.rows[row_ends[at] : row_ends[at + 1]].tobytes(),
                book.events[event_ends[at] : event_ends[at + 1]].tobytes(),
            )
        )


def journal_rows(
    accounts: Loans | Lines, ids: list[str], standings: Standings, writing: Writing
) -> bytes:
    """The journal, entry by entry."""
    table, codes = standings.journal, [each.code for each in writing.frame.rules.chart.accounts]
    if not len(table):
        return b""
    account, on = table[:, JC_ACCOUNT], table[:, JC_ON]
    names, place = np.unique(on * 1_000 + standings.entry, return_inverse=True)
    entry_ids = [f"{date_of(each // 1_000).isoformat()}/{each % 1_000}" for each in names.tolist()]
    nothing = np.zeros(len(table), dtype=np.int64)
    return binary_rows(
        (
            accounts.drawn.slot[account].astype(np.int16),
            texts(ids, account),
            texts(entry_ids, place),
            *(table[:, each].astype(np.int32) for each in (JC_SEQ, JC_CONTRACT, JC_INSTALMENT)),
            *(table[:, each].astype(np.int16) for each in (JC_COMPONENT, JC_KIND, JC_STAGE)),
            dates(on),
            dates(on),
            texts(codes, table[:, JC_DEBIT]),
            texts(codes, table[:, JC_CREDIT]),
            table[:, JC_AMOUNT],
            texts([YUAN.code], nothing),
            (nothing + writing.policy).astype(np.int16),
            instants(noon(on)),
        )
    )
