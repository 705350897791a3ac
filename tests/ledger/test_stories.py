"""Whole lives of a loan, as movements, to the trial balance they leave."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from arrears.kernel.movement import MOVEMENT_COLUMNS, Component, MovementKind, Stage
from arrears.ledger.positions import positions_of_movements
from arrears.ledger.posting_rules import DirectKind, PostingRules
from arrears.ledger.postings import EPOCH, Booking, direct_posting, postings
from arrears.ledger.trial_balance import sub_ledger_balances, trial_balance

if TYPE_CHECKING:
    from arrears.ledger.journal import JournalRow

Table = npt.NDArray[np.int64]
Row = tuple[str, int, MovementKind, Component, Stage, int]

PRINCIPAL, INTEREST, PENALTY = Component.PRINCIPAL, Component.INTEREST, Component.PENALTY
NORMAL, OVERDUE = Stage.NORMAL, Stage.OVERDUE
NON_ACCRUAL, WRITTEN_OFF = Stage.NON_ACCRUAL, Stage.WRITTEN_OFF
Kind = MovementKind


def table_of(rows: list[Row]) -> Table:
    table = np.zeros((len(rows), MOVEMENT_COLUMNS), dtype=np.int64)
    for at, (day, instalment, kind, component, stage, amount_minor) in enumerate(rows):
        value_day = (date.fromisoformat(day) - EPOCH).days
        table[at, :7] = (0, instalment, component, kind, value_day, stage, amount_minor)
    return table


def booking(entry_id: str = "E-1") -> Booking:
    return Booking(entry_id=entry_id, booked_on=date(2026, 12, 31), currency="CNY")


def balances(
    rows: list[JournalRow] | tuple[JournalRow, ...], rules: PostingRules
) -> dict[str, int]:
    return {
        line.account.code: line.shown_minor
        for line in trial_balance(rows, rules.chart).lines
        if line.balance_minor
    }


def test_from_disbursement_to_recovery(rules: PostingRules) -> None:
    """A loan that is never paid, written off, and partly recovered leaves exactly this.

    2026-01-05  lend 1000.00 over one period
    2026-02-05  interest 10.00 accrued and due, unpaid
    2026-02-06  principal is overdue
    2026-03-05  penalty 14.00
    2026-05-06  non-accrual: 24.00 of charges leave income
    2026-06-05  penalty 15.00, off the balance sheet
    2026-07-05  pay 5.00 of penalty: income only now
    2026-08-05  allowance of 1000.00 raised, loan written off
    2026-09-05  recover 300.00 of principal
    """
    table = table_of(
        [
            ("2026-01-05", 0, Kind.DISBURSED, PRINCIPAL, NORMAL, 1000_00),
            ("2026-02-05", 1, Kind.ACCRUED, INTEREST, NORMAL, 10_00),
            ("2026-02-05", 1, Kind.FELL_DUE, PRINCIPAL, NORMAL, 1000_00),
            ("2026-02-06", 0, Kind.BECAME_OVERDUE, PRINCIPAL, NORMAL, 1000_00),
            ("2026-03-05", 1, Kind.ACCRUED, PENALTY, NORMAL, 14_00),
            ("2026-05-06", 1, Kind.STOPPED_ACCRUAL, INTEREST, NORMAL, 10_00),
            ("2026-05-06", 1, Kind.STOPPED_ACCRUAL, PENALTY, NORMAL, 14_00),
            ("2026-06-05", 1, Kind.ACCRUED, PENALTY, NON_ACCRUAL, 15_00),
            ("2026-07-05", 1, Kind.PAID, PENALTY, NON_ACCRUAL, 5_00),
            ("2026-08-05", 0, Kind.CHARGED_OFF, PRINCIPAL, OVERDUE, 1000_00),
            ("2026-08-05", 1, Kind.CHARGED_OFF, INTEREST, NON_ACCRUAL, 10_00),
            ("2026-08-05", 1, Kind.CHARGED_OFF, PENALTY, NON_ACCRUAL, 24_00),
            ("2026-09-05", 0, Kind.RECOVERED, PRINCIPAL, WRITTEN_OFF, 300_00),
        ]
    )
    rows = list(postings(table, {}, rules=rules, booking=booking()))
    rows.append(
        direct_posting(
            DirectKind.ALLOWANCE_RAISED,
            1000_00,
            value_on=date(2026, 8, 5),
            rules=rules,
            booking=booking("E-2"),
        )
    )
    assert balances(rows, rules) == {
        "clearing": -1000_00 + 5_00 + 300_00,
        "penalty_income": 5_00,
        "recovery_income": 300_00,
        "impairment_loss": 1000_00,
        "written_off_assets": 734_00,
        "written_off_contra": 734_00,
    }
    assert sub_ledger_balances(rows, rules.chart).totals_minor() == {
        (PRINCIPAL, WRITTEN_OFF): 700_00,
        (INTEREST, WRITTEN_OFF): 10_00,
        (PENALTY, WRITTEN_OFF): 24_00,
    }
    assert sub_ledger_balances(rows, rules.chart) == positions_of_movements(table)


def test_a_cap_on_what_was_already_paid_becomes_credit(rules: PostingRules) -> None:
    """Interest paid and then found above the cap: income falls, the cash moves to the credit balance.

    The cash is the same cash: paid goes down by 8.00 and credit up by 8.00, clearing stays.

    2026-03-01  interest 30.00 accrued, 30.00 paid
    2026-06-01  8.00 of it is above the cap, and is refunded on 2026-06-10
    """
    before = [
        ("2026-03-01", 1, Kind.ACCRUED, INTEREST, NORMAL, 30_00),
        ("2026-03-01", 1, Kind.PAID, INTEREST, NORMAL, 30_00),
        ("2026-06-01", 1, Kind.CAPPED, INTEREST, NORMAL, 8_00),
        ("2026-06-01", 1, Kind.PAID, INTEREST, NORMAL, -8_00),
        ("2026-06-01", 0, Kind.PUT_TO_CREDIT, PRINCIPAL, NORMAL, 8_00),
    ]
    rows = postings(table_of(before), {}, rules=rules, booking=booking())
    assert balances(rows, rules) == {
        "clearing": 30_00,
        "customer_credit": 8_00,
        "interest_income": 30_00,
        "charges_capped": 8_00,
    }
    assert sub_ledger_balances(rows, rules.chart).credit_minor == 8_00
    refund: Row = ("2026-06-10", 0, Kind.CREDIT_REFUNDED, PRINCIPAL, NORMAL, 8_00)
    rows = postings(table_of([*before, refund]), {}, rules=rules, booking=booking())
    assert balances(rows, rules)["clearing"] == 22_00
    assert sub_ledger_balances(rows, rules.chart) == positions_of_movements(table_of([]))


def test_a_replan_that_makes_interest_principal_earns_it(rules: PostingRules) -> None:
    """Charges off the balance sheet become income when they enter the new rows as principal.

    Both sides meet on the clearing account of replaced rows, which ends at zero.
    """
    rows = postings(
        table_of(
            [
                ("2026-01-05", 0, Kind.DISBURSED, PRINCIPAL, NORMAL, 1000_00),
                ("2026-02-06", 0, Kind.BECAME_OVERDUE, PRINCIPAL, NORMAL, 1000_00),
                ("2026-05-06", 1, Kind.ACCRUED, INTEREST, NON_ACCRUAL, 24_00),
                ("2026-06-01", 0, Kind.MOVED_OUT, PRINCIPAL, OVERDUE, 1000_00),
                ("2026-06-01", 1, Kind.MOVED_OUT, INTEREST, NON_ACCRUAL, 24_00),
                ("2026-06-01", 2, Kind.MOVED_IN, PRINCIPAL, NORMAL, 1024_00),
            ]
        ),
        {},
        rules=rules,
        booking=booking(),
    )
    assert balances(rows, rules) == {
        "clearing": -1000_00,
        "loans_normal": 1024_00,
        "interest_income": 24_00,
    }


def test_a_book_taken_over_stands_against_its_clearing_account(rules: PostingRules) -> None:
    """Opening amounts on the balance sheet wait for the old ledger's; off it they need no partner."""
    rows = postings(
        table_of(
            [
                ("2026-01-01", 1, Kind.TAKEN_OVER, PRINCIPAL, OVERDUE, 900_00),
                ("2026-01-01", 1, Kind.TAKEN_OVER, INTEREST, NORMAL, 12_00),
                ("2026-01-01", 1, Kind.TAKEN_OVER, PENALTY, NON_ACCRUAL, 40_00),
            ]
        ),
        {},
        rules=rules,
        booking=booking(),
    )
    assert balances(rows, rules) == {
        "takeover_clearing": 912_00,
        "loans_overdue": 900_00,
        "interest_receivable": 12_00,
        "off_balance_charges": 40_00,
        "off_balance_contra": 40_00,
    }


def test_a_loan_that_never_arrived_leaves_nothing(rules: PostingRules) -> None:
    """Undone, a disbursement and the interest on it leave every account at zero."""
    rows = postings(
        table_of(
            [
                ("2026-01-05", 0, Kind.DISBURSED, PRINCIPAL, NORMAL, 1000_00),
                ("2026-01-09", 1, Kind.ACCRUED, INTEREST, NORMAL, 1_20),
                ("2026-01-09", 0, Kind.DISBURSEMENT_UNDONE, PRINCIPAL, NORMAL, 1000_00),
                ("2026-01-09", 1, Kind.DISBURSEMENT_UNDONE, INTEREST, NORMAL, 1_20),
            ]
        ),
        {},
        rules=rules,
        booking=booking(),
    )
    assert balances(rows, rules) == {}
