"""Postings are differences: nothing is posted twice, nothing is left, and order does not matter."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError, InvariantError
from arrears.kernel.movement import MOVEMENT_COLUMNS, Component, MovementKind, Stage
from arrears.ledger.journal import JournalRow
from arrears.ledger.positions import positions_of_movements
from arrears.ledger.posting_rules import DirectKind, PostingRules
from arrears.ledger.postings import (
    EPOCH,
    Booking,
    difference,
    direct_posting,
    posted_from_journal,
    postings,
)
from arrears.ledger.trial_balance import (
    sub_ledger_balances,
    trial_balance,
    trial_balances_by_booking_period,
    trial_balances_by_value_date,
)

Table = npt.NDArray[np.int64]
Tables = st.SearchStrategy[Table]


def booking(number: int = 1, *, month: int = 1) -> Booking:
    return Booking(entry_id=f"E-{number}", booked_on=date(2026, month, 31), currency="CNY")


def movements(*rows: tuple[MovementKind, Component, Stage, int]) -> Table:
    table = np.zeros((len(rows), MOVEMENT_COLUMNS), dtype=np.int64)
    for at, (kind, component, stage, amount_minor) in enumerate(rows):
        table[at, :7] = (0, 1, component, kind, 20_000, stage, amount_minor)
    return table


def as_text(rows: tuple[JournalRow, ...]) -> list[str]:
    return [
        f"{row.seq} {row.value_on} {row.debit_account} <- {row.credit_account} {row.amount_minor}"
        for row in rows
    ]


@given(data=st.data())
def test_the_ledger_sums_to_zero(
    data: st.DataObject, rules: PostingRules, movement_tables: Tables
) -> None:
    """Whatever the movements, debits equal credits, on the balance sheet and off it, and each month.

    A trial balance that does not add up raises; so does a row without a positive amount.
    """
    rows = postings(data.draw(movement_tables), {}, rules=rules, booking=booking())
    assert sum(line.balance_minor for line in trial_balance(rows, rules.chart).lines) == 0
    assert all(row.amount_minor > 0 for row in rows)


@given(data=st.data())
def test_read_back_there_is_nothing_left_to_post(
    data: st.DataObject, rules: PostingRules, movement_tables: Tables
) -> None:
    """What was posted, read back from the journal and taken off, leaves no difference."""
    now = data.draw(movement_tables)
    rows = postings(now, {}, rules=rules, booking=booking())
    posted = posted_from_journal(rows, rules)
    assert difference(now, posted, rules) == []
    assert postings(now, posted, rules=rules, booking=booking()) == ()


@given(data=st.data())
def test_the_order_of_movements_does_not_matter(
    data: st.DataObject, rules: PostingRules, movement_tables: Tables
) -> None:
    """Shuffled, and as a memoryview instead of an array, the same movements give the same rows."""
    now = data.draw(movement_tables)
    order = data.draw(st.permutations(range(len(now))))
    shuffled = np.ascontiguousarray(now[list(order)])
    expected = postings(now, {}, rules=rules, booking=booking())
    assert postings(shuffled, {}, rules=rules, booking=booking()) == expected
    assert postings(memoryview(shuffled), {}, rules=rules, booking=booking()) == expected


@given(data=st.data())
def test_many_folds_end_where_one_replay_ends(
    data: st.DataObject, rules: PostingRules, movement_tables: Tables
) -> None:
    """By value date the journal of any history of refolds equals a fresh replay of the last fold.

    Each fold may contradict all before it, as after a backdated payment. By booking month the sums
    may differ, for they say when it was known; over all months they are equal again.
    """
    folds = data.draw(st.lists(movement_tables, min_size=1, max_size=4))
    journal: list[JournalRow] = []
    for month, now in enumerate(folds, start=1):
        posted = posted_from_journal(journal, rules)
        journal.extend(
            postings(now, posted, rules=rules, booking=booking(month, month=month * 2 - 1))
        )
    fresh = postings(folds[-1], {}, rules=rules, booking=booking())
    assert balances_by_value_date(journal, rules) == balances_by_value_date(fresh, rules)
    by_month = trial_balances_by_booking_period(journal, rules.chart)
    for account in rules.chart.accounts:
        summed = sum(month.balance_minor(account.code, "CNY") for month in by_month.values())
        assert summed == trial_balance(fresh, rules.chart).balance_minor(account.code, "CNY")


def balances_by_value_date(
    rows: list[JournalRow] | tuple[JournalRow, ...], rules: PostingRules
) -> dict[tuple[date, str], int]:
    return {
        (day, line.account.code): line.balance_minor
        for day, balance in trial_balances_by_value_date(rows, rules.chart).items()
        for line in balance.lines
        if line.balance_minor
    }


@given(data=st.data())
def test_the_journal_and_the_movements_agree_on_what_is_owed(
    data: st.DataObject, rules: PostingRules, movement_tables: Tables
) -> None:
    """Per contract, instalment, component and stage: the accounts hold what the movements mean.

    One side reads account codes only, the other never sees an account.
    """
    now = data.draw(movement_tables)
    rows = postings(now, {}, rules=rules, booking=booking())
    assert sub_ledger_balances(rows, rules.chart) == positions_of_movements(now)


def test_less_than_before_swaps_debit_and_credit(rules: PostingRules) -> None:
    """A refold that says less posts the difference the other way round, never a negative amount."""
    accrued = (MovementKind.ACCRUED, Component.INTEREST, Stage.NORMAL)
    first = postings(movements((*accrued, 1237)), {}, rules=rules, booking=booking())
    posted = posted_from_journal(first, rules)
    second = postings(movements((*accrued, 1200)), posted, rules=rules, booking=booking(2))
    assert as_text(first) == ["1 2024-10-04 interest_receivable <- interest_income 1237"]
    assert as_text(second) == ["1 2024-10-04 interest_income <- interest_receivable 37"]
    assert posted_from_journal((*first, *second), rules) == {(0, 1, 1, 2, 20_000, 0): 1200}


def test_what_is_gone_from_the_fold_is_taken_back(rules: PostingRules) -> None:
    """A movement that the fold no longer makes is undone to zero, both of its pairs."""
    paid = movements((MovementKind.PAID, Component.INTEREST, Stage.NON_ACCRUAL, 500))
    first = postings(paid, {}, rules=rules, booking=booking())
    second = postings(
        movements(), posted_from_journal(first, rules), rules=rules, booking=booking(2)
    )
    assert as_text(first) == [
        "1 2024-10-04 clearing <- interest_income 500",
        "2 2024-10-04 off_balance_contra <- off_balance_charges 500",
    ]
    assert as_text(second) == [
        "1 2024-10-04 interest_income <- clearing 500",
        "2 2024-10-04 off_balance_charges <- off_balance_contra 500",
    ]
    assert posted_from_journal((*first, *second), rules) == {}


def test_falling_due_and_valuations_post_nothing(rules: PostingRules) -> None:
    """A due date changes no balance, and what is valued since the last posting point stays out."""
    now = movements(
        (MovementKind.FELL_DUE, Component.PRINCIPAL, Stage.NORMAL, 100),
        (MovementKind.ACCRUED, Component.PENALTY, Stage.NORMAL, 7),
    )
    now[1, -1] = 1
    assert difference(now, {}, rules) == []


def test_an_impossible_movement_is_an_error_that_names_it(rules: PostingRules) -> None:
    """Interest that is lent parks the account: the message says what, and why it cannot be."""
    now = movements((MovementKind.DISBURSED, Component.INTEREST, Stage.NORMAL, 100))
    with pytest.raises(ArrearsError) as caught:
        difference(now, {}, rules)
    assert caught.value.code == "ledger.rule_missing"
    assert "disbursed interest normal (declared impossible: only principal" in caught.value.got


def test_rows_of_other_rules_are_not_read_back(rules: PostingRules) -> None:
    """A row whose accounts its rule does not name, or half a pair, is found, not guessed at."""
    paid = movements((MovementKind.PAID, Component.FEE, Stage.NON_ACCRUAL, 500))
    cash, memo = postings(paid, {}, rules=rules, booking=booking())
    with pytest.raises(ArrearsError, match="clearing against fee_income or off_balance_contra"):
        posted_from_journal([with_accounts(cash, "clearing", "fee_receivable"), memo], rules)
    with pytest.raises(ArrearsError, match="the same amount on every pair"):
        posted_from_journal([cash], rules)


def with_accounts(row: JournalRow, debit: str, credit: str) -> JournalRow:
    fields = {name: getattr(row, name) for name in row.__slots__}
    return JournalRow(**{**fields, "debit_account": debit, "credit_account": credit})


def test_a_receipt_without_a_name_leaves_suspense_when_it_is_matched(rules: PostingRules) -> None:
    """Received, then found to be a repayment: suspense ends at zero, clearing holds the cash once.

    2026-03-02  500.00 comes in without a name
    2026-03-09  it is matched; the loan's own movement is `paid` on 2026-03-02
    """
    received_on = date(2026, 3, 2)
    rows = [
        direct_posting(kind, 500_00, value_on=received_on, rules=rules, booking=booking(number))
        for number, kind in enumerate(
            (DirectKind.RECEIPT_UNIDENTIFIED, DirectKind.RECEIPT_MATCHED), start=1
        )
    ]
    paid = movements((MovementKind.PAID, Component.PRINCIPAL, Stage.NORMAL, 500_00))
    paid[0, 4] = (received_on - EPOCH).days
    rows.extend(postings(paid, {}, rules=rules, booking=booking(3)))
    balance = trial_balance(rows, rules.chart)
    assert balance.balance_minor("suspense", "CNY") == 0
    assert balance.balance_minor("clearing", "CNY") == 500_00
    assert {row.value_on for row in rows} == {received_on}
    assert posted_from_journal(rows, rules) == {(0, 1, 0, 6, (received_on - EPOCH).days, 0): 500_00}


def test_an_unbalanced_row_cannot_be_made() -> None:
    """No amount at or below zero, no account against itself, no number before the first."""
    fields = {
        "entry_id": "E-1",
        "seq": 1,
        "debit_account": "clearing",
        "credit_account": "suspense",
        "amount_minor": 1,
        "currency": "CNY",
        "value_on": EPOCH,
        "booked_on": EPOCH,
        "contract": 0,
        "instalment": 0,
        "component": 0,
        "kind": 101,
        "stage": 0,
    }
    for wrong in (
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"credit_account": "clearing"},
        {"seq": 0},
    ):
        with pytest.raises(InvariantError, match="ledger"):
            JournalRow(**{**fields, **wrong})


def test_money_is_kept_apart_by_currency(rules: PostingRules) -> None:
    """Two currencies have two trial balances, each zero; amounts of the two are never added."""
    paid = movements((MovementKind.PAID, Component.FEE, Stage.NORMAL, 10))
    yuan = postings(paid, {}, rules=rules, booking=booking())
    dollars = postings(
        paid,
        {},
        rules=rules,
        booking=Booking(entry_id="E-2", booked_on=date(2026, 1, 31), currency="USD"),
    )
    balance = trial_balance((*yuan, *dollars), rules.chart)
    assert [(line.currency, line.account.code, line.shown_minor) for line in balance.lines] == [
        ("CNY", "clearing", 10),
        ("CNY", "fee_receivable", -10),
        ("USD", "clearing", 10),
        ("USD", "fee_receivable", -10),
    ]
