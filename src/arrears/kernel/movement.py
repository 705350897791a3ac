"""The movement: one amount that accrued, fell due, was paid or moved, under a stable key.

A movement is a row of int64. Its key is the first five columns; two folds of the same account
are compared key by key, and the difference is what the ledger posts.
"""

from __future__ import annotations

from enum import IntEnum, unique

# --- components, the columns of every amount table ---
PRINCIPAL = 0
INTEREST = 1
FEE = 2
PENALTY = 3
COMPOUND = 4
COMPONENTS = 5

# --- columns of a movement ---
MV_CONTRACT = 0  #: key: contract within the account, 0 for the first
MV_INSTALMENT = 1  #: key: row number within the contract, 1 for the first; 0: the account itself
MV_COMPONENT = 2  #: key: a Component
MV_KIND = 3  #: key: a MovementKind
MV_ON = 4  #: key: value date, days since 1970-01-01
MV_STAGE = 5  #: key: a Stage, where the amount stood when it moved
MV_AMOUNT = 6  #: minor units, signed: accruals may be corrected downwards
MV_BASE = 7  #: minor units the rate was applied to; 0 where none was
MV_RATE = 8  #: ppm a year; 0 where none
MV_FROM = 9  #: first day of the run of equal days, days since 1970-01-01
MV_DAYS = 10  #: calendar days in the run
MV_WHOLE = 11  #: cumulative under this key's accrual, whole minor units, before rounding
MV_REMAINDER = 12  #: and the remainder over MV_DENOMINATOR
MV_DENOMINATOR = 13
MV_REASON = 14  #: a Reason: the term or parameter behind the amount
MV_EVENT = 15  #: index of the event that caused it in the account's event list; -1: time alone
MV_IS_VALUATION = 16  #: 1: accrued since the last posting point, valued but not yet posted
MOVEMENT_COLUMNS = 17
MOVEMENT_KEY_COLUMNS = 6


@unique
class Component(IntEnum):
    """What an amount is: the columns of every table of amounts."""

    PRINCIPAL = PRINCIPAL
    INTEREST = INTEREST
    FEE = FEE
    PENALTY = PENALTY  #: penalty interest (罚息) and late fees
    COMPOUND = COMPOUND  #: compound interest (复利)


# --- kinds ---
DISBURSED = 1
ACCRUED = 2
CHARGED = 3
FELL_DUE = 4
BECAME_OVERDUE = 5
PAID = 6
WAIVED = 7
CAPPED = 8
PUT_TO_CREDIT = 9
TAKEN_FROM_CREDIT = 10
CREDIT_REFUNDED = 11
CHARGED_BACK = 12
STOPPED_ACCRUAL = 13
RESUMED_ACCRUAL = 14
CHARGED_OFF = 15
RECOVERED = 16
MOVED_OUT = 17
MOVED_IN = 18
TAKEN_OVER = 19
MERCHANT_REFUNDED = 20
DISBURSEMENT_UNDONE = 21


@unique
class MovementKind(IntEnum):
    """How an amount moved. The posting rules name every (kind, component, stage) that can occur."""

    DISBURSED = DISBURSED  #: principal went out (a loan, a tranche, a purchase)
    ACCRUED = ACCRUED  #: interest, penalty or compound interest arose by the passing of days
    CHARGED = CHARGED  #: a fee or late fee arose at once
    FELL_DUE = FELL_DUE  #: an amount reached its due date; changes no balance
    BECAME_OVERDUE = BECAME_OVERDUE  #: principal unpaid after its due date: stage normal -> overdue
    PAID = PAID  #: cash met a component
    WAIVED = WAIVED  #: the lender let a component go
    CAPPED = CAPPED  #: charges above the cap credited back (test (c)); base holds the ceiling
    PUT_TO_CREDIT = PUT_TO_CREDIT  #: cash beyond what is owed became the customer's credit balance
    TAKEN_FROM_CREDIT = TAKEN_FROM_CREDIT  #: credit balance met a component
    CREDIT_REFUNDED = CREDIT_REFUNDED  #: credit balance paid out
    CHARGED_BACK = CHARGED_BACK  #: an earlier payment was taken back by the payer's bank
    STOPPED_ACCRUAL = STOPPED_ACCRUAL  #: unpaid charge left the balance sheet (non-accrual)
    RESUMED_ACCRUAL = RESUMED_ACCRUAL  #: and came back
    CHARGED_OFF = CHARGED_OFF  #: written off the books; still owed
    RECOVERED = RECOVERED  #: cash after charge-off
    MOVED_OUT = MOVED_OUT  #: left a row that was replaced (re-plan, conversion, roll, acceleration)
    MOVED_IN = MOVED_IN  #: entered the row that replaced it
    TAKEN_OVER = TAKEN_OVER  #: opening amount from another system
    MERCHANT_REFUNDED = MERCHANT_REFUNDED  #: the shop gave the money back
    DISBURSEMENT_UNDONE = DISBURSEMENT_UNDONE  #: the money never arrived; as if never lent


# --- stages ---
NORMAL = 0
OVERDUE = 1
NON_ACCRUAL = 2
WRITTEN_OFF = 3


@unique
class Stage(IntEnum):
    """Where in the books an amount stands."""

    NORMAL = NORMAL
    OVERDUE = OVERDUE  #: principal only
    NON_ACCRUAL = NON_ACCRUAL  #: charges only: owed, kept off the balance sheet
    WRITTEN_OFF = WRITTEN_OFF  #: owed, in the memorandum accounts


# --- reasons ---
REASON_EVENT = 0
REASON_SCHEDULE = 1
REASON_CONTRACT_RATE = 2
REASON_PENALTY_RATE = 3
REASON_COMPOUND_RATE = 4
REASON_LINE_RATE = 5
REASON_CAP_DAILY = 6
REASON_CAP_LIFE = 7
REASON_ALLOCATION = 8
REASON_NON_ACCRUAL = 9
REASON_SURPLUS = 10
REASON_EARLY_SETTLEMENT = 11
REASON_ADJUSTMENT = 12


@unique
class Reason(IntEnum):
    """The term or parameter behind an amount; the explanation looks up its citation."""

    EVENT = REASON_EVENT  #: the event itself
    SCHEDULE = REASON_SCHEDULE  #: the signed schedule row
    CONTRACT_RATE = REASON_CONTRACT_RATE
    PENALTY_RATE = REASON_PENALTY_RATE
    COMPOUND_RATE = REASON_COMPOUND_RATE
    LINE_RATE = REASON_LINE_RATE  #: the revolving line's daily rate
    CAP_DAILY = REASON_CAP_DAILY
    CAP_LIFE = REASON_CAP_LIFE
    ALLOCATION = REASON_ALLOCATION
    NON_ACCRUAL = REASON_NON_ACCRUAL
    SURPLUS = REASON_SURPLUS
    EARLY_SETTLEMENT = REASON_EARLY_SETTLEMENT  #: interest for the actual period (Civil Code 677)
    ADJUSTMENT = REASON_ADJUSTMENT  #: what a later-arriving event changed before a re-plan
