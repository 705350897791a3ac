"""Postings of many accounts at once, in columns; the same rows as `postings` gives one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from arrears.kernel.errors import invariant
from arrears.kernel.movement import (
    MOVEMENT_KEY_COLUMNS,
    MV_AMOUNT,
    MV_COMPONENT,
    MV_IS_VALUATION,
    MV_KIND,
    MV_STAGE,
    Component,
    MovementKind,
    Stage,
)
from arrears.ledger.journal import JournalRow
from arrears.ledger.posting_rules import DirectKind
from arrears.ledger.postings import EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.ledger.chart import Chart
    from arrears.ledger.posting_rules import PostingRules

Columns = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# --- columns of a journal table ---
JC_ACCOUNT = 0  #: position of the account in the batch
JC_CONTRACT = 1
JC_INSTALMENT = 2
JC_COMPONENT = 3
JC_KIND = 4
JC_ON = 5  #: value date, days since 1970-01-01
JC_STAGE = 6
JC_SEQ = 7  #: 1 for the first row of the account's entry
JC_DEBIT = 8  #: position in the chart
JC_CREDIT = 9  #: position in the chart
JC_AMOUNT = 10  #: minor units, > 0
JOURNAL_COLUMNS = 11

#: Bits of a key that fit one signed 64-bit number, and so sort at once.
_PACKED_BITS_MAX = 63
_INT64_MAX = 2**63 - 1

_DIRECT_KINDS = np.array(DirectKind, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedAmounts:
    """Amounts of many accounts under movement keys; rows under one key add up."""

    account: Columns  #: int64[n], position of the account in the batch
    keys: Columns  #: int64[n, MOVEMENT_KEY_COLUMNS]
    amount_minor: Columns  #: int64[n], minor units, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTable:
    """The posting rules as arrays; a combination's number is (kind x components + component) x stages + stage."""

    first: Columns  #: int64[combinations], where its pairs begin; -1: impossible
    count: Columns  #: int64[combinations], how many; 0: nothing is posted
    debit: Columns  #: int64[pairs], position in the chart
    credit: Columns  #: int64[pairs], position in the chart


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedColumns:
    """The journal of a batch, and the accounts that could not be posted."""

    journal: Columns  #: int64[n, JOURNAL_COLUMNS], by account and key
    refused: (
        Columns  #: int64[m], accounts with a movement no rule answers; none of their rows is in
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What the journal of a batch says was posted, and the accounts whose rows make no sense."""

    posted: KeyedAmounts
    refused: Columns  #: int64[m]


def rule_table(rules: PostingRules) -> RuleTable:
    """The posting rules as lookup arrays, made once for many batches."""
    combinations = (max(MovementKind) + 1) * len(Component) * len(Stage)
    first = np.full(combinations, -1, dtype=np.int64)
    count = np.zeros(combinations, dtype=np.int64)
    debit: list[int] = []
    credit: list[int] = []
    for key, pairs in rules.pairs_of.items():
        number = (key.kind * len(Component) + key.component) * len(Stage) + key.stage
        first[number] = len(debit)
        count[number] = len(pairs)
        debit.extend(rules.chart.index_of[pair.debit] for pair in pairs)
        credit.extend(rules.chart.index_of[pair.credit] for pair in pairs)
    return RuleTable(
        first=first,
        count=count,
        debit=np.array(debit, dtype=np.int64),
        credit=np.array(credit, dtype=np.int64),
    )


def keyed_amounts(account: Columns, movements: Columns) -> KeyedAmounts:
    """The movements of a batch that may be posted: valuations are passed over.

    Args:
        account: int64[n], position of each movement's account in the batch.
        movements: int64[n, MOVEMENT_COLUMNS].
    """
    is_posted = movements[:, MV_IS_VALUATION] == 0
    return KeyedAmounts(
        account=account[is_posted],
        keys=movements[is_posted, :MOVEMENT_KEY_COLUMNS],
        amount_minor=movements[is_posted, MV_AMOUNT],
    )


def difference_columns(now: KeyedAmounts, posted: KeyedAmounts) -> KeyedAmounts:
    """What the folds say now, less what was posted, by account and key in ascending order.

    Unlike `difference`, kinds that are never posted are still in; `postings_columns` drops them.

    Raises:
        InvariantError: `ledger.overflow`: amounts so large that a sum could wrap.
    """
    account = np.concatenate((now.account, posted.account))
    keys = np.concatenate((now.keys, posted.keys))
    amount_minor = np.concatenate((now.amount_minor, -posted.amount_minor))
    if account.size == 0:
        return KeyedAmounts(account=account, keys=keys, amount_minor=amount_minor)
    order = _sort_order(account, keys)
    account, keys, amount_minor = account[order], keys[order], amount_minor[order]
    is_first = np.ones(account.size, dtype=np.bool_)
    is_first[1:] = (account[1:] != account[:-1]) | (keys[1:] != keys[:-1]).any(axis=1)
    starts = np.flatnonzero(is_first)
    longest = int(np.diff(starts, append=account.size).max())
    largest_minor = max(int(amount_minor.max()), -int(amount_minor.min()))
    invariant(
        largest_minor * longest <= _INT64_MAX,
        "ledger.overflow",
        largest_minor=largest_minor,
        rows_under_one_key=longest,
    )
    sums_minor = np.add.reduceat(amount_minor, starts)
    changed = sums_minor != 0
    starts = starts[changed]
    return KeyedAmounts(
        account=account[starts], keys=keys[starts], amount_minor=sums_minor[changed]
    )


def postings_columns(now: KeyedAmounts, posted: KeyedAmounts, table: RuleTable) -> PostedColumns:
    """The journal that brings a whole batch to what its folds say now.

    Args:
        now: The movements, from `keyed_amounts`.
        posted: What was posted before, from `posted_from_columns`; same numbering of accounts.
        table: From `rule_table`.

    Returns:
        For each account the very rows `postings` gives, in the same order, without entry, currency
        and day. An account with a movement that no rule answers is named in `refused` instead.

    Raises:
        InvariantError: `ledger.overflow`.
    """
    changes = difference_columns(now, posted)
    number, is_known = _rule_numbers(changes.keys, table)
    refused = np.unique(changes.account[~is_known])
    keep = is_known & ~np.isin(changes.account, refused)
    count = np.where(keep, table.count[number], 0)
    change = np.repeat(np.arange(count.size, dtype=np.int64), count)
    pair_in_rule = _positions_in_runs(count)
    pair = table.first[number[change]] + pair_in_rule
    amount_minor = changes.amount_minor[change]
    debit, credit = table.debit[pair], table.credit[pair]
    is_less = amount_minor < 0

    journal = np.empty((change.size, JOURNAL_COLUMNS), dtype=np.int64)
    journal[:, JC_ACCOUNT] = changes.account[change]
    journal[:, JC_CONTRACT : JC_STAGE + 1] = changes.keys[change]
    journal[:, JC_DEBIT] = np.where(is_less, credit, debit)
    journal[:, JC_CREDIT] = np.where(is_less, debit, credit)
    journal[:, JC_AMOUNT] = np.abs(amount_minor)
    _, rows_of_account = np.unique(journal[:, JC_ACCOUNT], return_counts=True)
    journal[:, JC_SEQ] = _positions_in_runs(rows_of_account) + 1
    return PostedColumns(journal=journal, refused=refused)


def posted_from_columns(journal: Columns, table: RuleTable) -> ReadBack:
    """What was posted, read back from a journal table: the inverse of `postings_columns`.

    Args:
        journal: int64[n, JOURNAL_COLUMNS]; the sequence column is not read, so that sums grouped by
            account, key and the two ledger accounts serve as well as single rows.
        table: The rules the rows were booked under.

    Returns:
        The amounts, several under one key where the journal has several rows; rows that no movement
        caused are passed over. An account whose rows are not those of their rules, or whose pairs
        of one rule do not carry the same amount, is named in `refused`, and none of its rows is in.

    Raises:
        InvariantError: `ledger.overflow`.
    """
    journal = journal[~np.isin(journal[:, JC_KIND], _DIRECT_KINDS)]
    number, is_known = _rule_numbers(journal[:, JC_CONTRACT : JC_STAGE + 1], table)
    count = np.where(is_known, table.count[number], 0)
    first = _on_pair(journal, 0, number, count, table)
    is_foreign = first == 0
    refused = []
    for offset in range(1, int(table.count.max())):
        other = _on_pair(journal, offset, number, count, table)
        is_foreign &= other == 0
        # Every further pair repeats the amount of the first one.
        has_pair = count > offset
        apart = difference_columns(
            _signed(journal, np.where(has_pair, first, 0)), _signed(journal, other)
        )
        refused.append(apart.account)
    refused.append(journal[is_foreign, JC_ACCOUNT])
    refused_accounts = np.unique(np.concatenate(refused))
    kept = ~np.isin(journal[:, JC_ACCOUNT], refused_accounts)
    return ReadBack(posted=_signed(journal, np.where(kept, first, 0)), refused=refused_accounts)


def journal_rows(
    journal: Columns,
    chart: Chart,
    *,
    entry_ids: Sequence[str],
    currencies: Sequence[str],
    booked_on: date,
) -> tuple[JournalRow, ...]:
    """A journal table as records.

    Args:
        journal: int64[n, JOURNAL_COLUMNS].
        chart: The chart its debit and credit columns count in.
        entry_ids: By position of the account in the batch.
        currencies: ISO 4217, by position of the account in the batch.
        booked_on: The business day of all of them.
    """
    return tuple(
        JournalRow(
            entry_id=entry_ids[row[JC_ACCOUNT]],
            seq=row[JC_SEQ],
            debit_account=chart.accounts[row[JC_DEBIT]].code,
            credit_account=chart.accounts[row[JC_CREDIT]].code,
            amount_minor=row[JC_AMOUNT],
            currency=currencies[row[JC_ACCOUNT]],
            value_on=EPOCH + timedelta(days=row[JC_ON]),
            booked_on=booked_on,
            contract=row[JC_CONTRACT],
            instalment=row[JC_INSTALMENT],
            component=row[JC_COMPONENT],
            kind=row[JC_KIND],
            stage=row[JC_STAGE],
        )
        for row in journal.tolist()
    )


def _on_pair(
    journal: Columns, offset: int, number: Columns, count: Columns, table: RuleTable
) -> Columns:
    """+1 where a row stands on that pair of its rule, -1 where on its mirror, 0 elsewhere."""
    has_pair = count > offset
    pair = np.where(has_pair, table.first[number] + offset, 0)
    debit, credit = journal[:, JC_DEBIT], journal[:, JC_CREDIT]
    is_same = has_pair & (debit == table.debit[pair]) & (credit == table.credit[pair])
    is_mirror = has_pair & (debit == table.credit[pair]) & (credit == table.debit[pair])
    signs: Columns = is_same.astype(np.int64) - is_mirror.astype(np.int64)
    return signs


def _signed(journal: Columns, sign: Columns) -> KeyedAmounts:
    """The rows whose sign is not 0, as signed amounts under their keys."""
    rows = journal[sign != 0]
    return KeyedAmounts(
        account=rows[:, JC_ACCOUNT],
        keys=rows[:, JC_CONTRACT : JC_STAGE + 1],
        amount_minor=sign[sign != 0] * rows[:, JC_AMOUNT],
    )


def _rule_numbers(keys: Columns, table: RuleTable) -> tuple[Columns, Mask]:
    """The combination of each key, and whether a rule answers it; 0 stands where none does."""
    kind, component, stage = keys[:, MV_KIND], keys[:, MV_COMPONENT], keys[:, MV_STAGE]
    is_word = (kind >= 0) & (kind <= max(MovementKind))
    is_word &= (component >= 0) & (component < len(Component))
    is_word &= (stage >= 0) & (stage < len(Stage))
    number = np.where(is_word, (kind * len(Component) + component) * len(Stage) + stage, 0)
    return number, is_word & (table.first[number] >= 0)


def _positions_in_runs(lengths: Columns) -> Columns:
    """0, 1, 2 ... within each run, for runs of the given lengths laid end to end."""
    starts = np.cumsum(lengths) - lengths
    positions: Columns = np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(starts, lengths)
    return positions


def _sort_order(account: Columns, keys: Columns) -> npt.NDArray[np.intp]:
    """The order by account and then by key columns, ascending."""
    columns = [account, *(keys[:, index] for index in range(keys.shape[1]))]
    lows = [int(column.min()) for column in columns]
    bits = [
        (int(column.max()) - low).bit_length() for column, low in zip(columns, lows, strict=True)
    ]
    if sum(bits) > _PACKED_BITS_MAX:
        return np.lexsort(columns[::-1])
    packed = np.zeros(account.size, dtype=np.int64)
    for column, low, width in zip(columns, lows, bits, strict=True):
        packed <<= width
        packed |= column - low
    return np.argsort(packed, kind="stable")
