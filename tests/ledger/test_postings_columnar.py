"""The columnar form posts what the record form posts, row for row."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import InvariantError
from arrears.kernel.movement import MOVEMENT_COLUMNS, Component, MovementKind, Stage
from arrears.ledger.posting_rules import DirectKind, PostingRules
from arrears.ledger.postings import Booking, posted_from_journal, postings
from arrears.ledger.postings_columnar import (
    JC_ACCOUNT,
    JC_AMOUNT,
    JC_DEBIT,
    JC_KIND,
    JOURNAL_COLUMNS,
    KeyedAmounts,
    difference_columns,
    journal_rows,
    keyed_amounts,
    posted_from_columns,
    postings_columns,
    rule_table,
)

if TYPE_CHECKING:
    from arrears.ledger.journal import JournalRow

Table = npt.NDArray[np.int64]
Tables = st.SearchStrategy[Table]

BOOKED_ON = date(2026, 1, 31)


def joined(tables: list[Table]) -> KeyedAmounts:
    account = np.repeat(np.arange(len(tables), dtype=np.int64), [len(table) for table in tables])
    return keyed_amounts(account, np.concatenate(tables))


def nothing() -> KeyedAmounts:
    return joined([np.zeros((0, MOVEMENT_COLUMNS), dtype=np.int64)])


def booked(number: int) -> Booking:
    return Booking(entry_id=f"E-{number}", booked_on=BOOKED_ON, currency="CNY")


def records(journal: Table, rules: PostingRules, accounts: int) -> tuple[JournalRow, ...]:
    return journal_rows(
        journal,
        rules.chart,
        entry_ids=[f"E-{number}" for number in range(accounts)],
        currencies=["CNY"] * accounts,
        booked_on=BOOKED_ON,
    )


@given(data=st.data())
def test_columns_give_the_rows_that_records_give(
    data: st.DataObject, rules: PostingRules, movement_tables: Tables
) -> None:
    """For a batch of accounts, some folded before: the same rows, in the same order, numbered alike.

    What was posted is read back from each form's own journal, so reading back is compared as well.
    """
    table = rule_table(rules)
    before = data.draw(st.lists(movement_tables, min_size=1, max_size=4))
    now = [data.draw(movement_tables) for _ in before]
    first = postings_columns(joined(before), nothing(), table)
    read = posted_from_columns(first.journal, table)
    second = postings_columns(joined(now), read.posted, table)
    assert first.refused.size == read.refused.size == second.refused.size == 0

    expected_first: list[JournalRow] = []
    expected_second: list[JournalRow] = []
    for number, (old, new) in enumerate(zip(before, now, strict=True)):
        rows = postings(old, {}, rules=rules, booking=booked(number))
        posted = posted_from_journal(rows, rules)
        expected_first.extend(rows)
        expected_second.extend(postings(new, posted, rules=rules, booking=booked(number)))
    assert records(first.journal, rules, len(now)) == tuple(expected_first)
    assert records(second.journal, rules, len(now)) == tuple(expected_second)


@given(data=st.data())
def test_keys_too_wide_to_pack_sort_alike(
    data: st.DataObject, rules: PostingRules, movement_tables: Tables
) -> None:
    """Keys that do not fit one 64-bit number are sorted column by column, to the same rows."""
    now = data.draw(movement_tables)
    far = now.copy()
    far[: len(far) // 2, 0] += 10**12
    far[: len(far) // 2, 1] += 10**12
    journal = postings_columns(joined([far]), nothing(), rule_table(rules)).journal
    expected = postings(far, {}, rules=rules, booking=booked(0))
    assert records(journal, rules, 1) == expected


def movement(kind: int, component: int, stage: int, amount_minor: int) -> Table:
    table = np.zeros((1, MOVEMENT_COLUMNS), dtype=np.int64)
    table[0, :7] = (0, 1, component, kind, 20_000, stage, amount_minor)
    return table


@pytest.mark.parametrize(
    "wrong",
    [
        (MovementKind.DISBURSED, Component.INTEREST, Stage.NORMAL),
        (99, Component.INTEREST, Stage.NORMAL),
        (-1, Component.INTEREST, Stage.NORMAL),
        (MovementKind.PAID, 5, Stage.NORMAL),
        (MovementKind.PAID, Component.FEE, 4),
    ],
)
def test_an_account_without_a_rule_is_refused_and_the_rest_go_on(
    rules: PostingRules, wrong: tuple[int, int, int]
) -> None:
    """One movement that no rule answers keeps its whole account out, and no other."""
    good = movement(MovementKind.PAID, Component.FEE, Stage.NORMAL, 5)
    mixed = np.concatenate((good, movement(*wrong, 7)))
    outcome = postings_columns(joined([good, mixed, good]), nothing(), rule_table(rules))
    assert outcome.refused.tolist() == [1]
    assert outcome.journal[:, JC_ACCOUNT].tolist() == [0, 2]


def test_a_foreign_row_refuses_its_account(rules: PostingRules) -> None:
    """Half a pair, or a row on another account, keeps its account out of what is read back."""
    table = rule_table(rules)
    good = movement(MovementKind.PAID, Component.FEE, Stage.NON_ACCRUAL, 5)
    journal = postings_columns(joined([good] * 4), nothing(), table).journal
    foreign = journal.copy()
    foreign[2, JC_DEBIT] = rules.chart.index_of["suspense"]
    foreign[5, JC_AMOUNT] += 1
    read = posted_from_columns(np.delete(foreign, 7, axis=0), table)
    assert read.refused.tolist() == [1, 2, 3]
    assert read.posted.account.tolist() == [0]
    assert read.posted.amount_minor.tolist() == [5]


def test_direct_postings_are_passed_over_when_reading_back(rules: PostingRules) -> None:
    """Rows that no movement caused stand for nothing the fold could say."""
    journal = np.zeros((1, JOURNAL_COLUMNS), dtype=np.int64)
    journal[0, JC_KIND] = DirectKind.ALLOWANCE_RAISED
    read = posted_from_columns(journal, rule_table(rules))
    assert read.refused.size == read.posted.account.size == 0


def test_sums_that_could_wrap_stop_the_run() -> None:
    """Amounts near the end of 64 bits are refused before they are added, never wrapped."""
    key = np.zeros((2, 6), dtype=np.int64)
    huge = KeyedAmounts(
        account=np.zeros(2, dtype=np.int64),
        keys=key,
        amount_minor=np.array([2**62, 2**62], dtype=np.int64),
    )
    with pytest.raises(InvariantError, match=r"ledger\.overflow"):
        difference_columns(huge, nothing())
