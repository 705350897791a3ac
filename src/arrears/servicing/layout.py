"""The columns of the fold: what each number in the terms, events, rows, work and account tables is.

All tables are int64. Dates are days since 1970-01-01, money is minor units, rates are ppm a year.
`NONE` (-1) stands where a value is absent. Records become these columns in `door`.
"""

from __future__ import annotations

from enum import IntEnum, unique

NONE = -1
#: A due date that never comes: of what a line has not billed yet.
NEVER = 2_000_000

# --- terms: one vector per account ---
T_DAY_COUNT = 0
T_DAY_BASIS = 1  #: denominator of a day's weight: 360, 365, 365 x 366 or 341,640 (equal periods)
T_YEAR_SPLIT = (
    2  #: 1: the night of 31 December belongs to the new year (dec31); 0: to the old (jan1)
)
T_ROUNDING = 3
T_ROUNDING_INTERVAL = 4  #: 0 cumulative, 1 each day
T_ACCRUAL = 5  #: 0 scheduled, 1 daily
T_KEEP = 6  #: under daily: 0 the instalment stays, 1 the principal stays
T_RATE = 7  #: contract rate, also the line's
T_PENALTY_MODE = 8
T_PENALTY_BASE = 9  #: 0 principal, 1 principal and interest
T_PENALTY_RATE = 10  #: whole rate in `replaces`, the uplift alone in `adds`
T_COMPOUND_RATE = 11  #: NONE: unpaid interest does not compound
T_GRACE_DAYS = 12
T_MATERIALITY = 13  #: minor units; overdue amounts up to it count as none
T_CAP = 14  #: all-in cap, NONE: no cap
T_DIRECTION = 15  #: 0 horizontal, 1 vertical
T_SURPLUS = 16  #: 0 next, 1 last, 2 credit balance
T_ORDER_FIRST = 17  #: first of this account's rows in the table of orders
T_ORDER_COUNT = 18
T_NON_ACCRUAL_DAYS = 19  #: days delinquent from which interest leaves income; NONE: never
T_EARLY_FEE = 20  #: on early settlement: 0 fee for the actual period, 1 in full
T_CLASS_EDGE = 21  #: first of CLASS_EDGES: days delinquent above which the class changes; 0: none
CLASS_EDGES = 4
#: Of a line; the fold does not read them, whoever makes statements does. 0 in a loan.
T_STATEMENT_DAY = 25  #: day of the month
T_DUE_DAY = 26  #: day of the month
T_MINIMUM_SHARE = 27  #: ppm of the principal billed
T_MINIMUM_FLOOR = 28  #: minor units
TERM_COLUMNS = 29

DAY_COUNT_30E_360 = 0
DAY_COUNT_ACTUAL_360 = 1
DAY_COUNT_ACTUAL_365 = 2
DAY_COUNT_ACTUAL_ACTUAL = 3
DAY_COUNT_EQUAL_PERIODS = 4

#: Basis of equal periods: a month is 1/12, a week 1/52, a day 1/365 of it, all whole.
EQUAL_PERIODS_BASIS = 341_640
EQUAL_PERIODS_DAY = 936

ROUND_HALF_UP = 0
ROUND_HALF_EVEN = 1
ROUND_DOWN = 2
ROUND_UP = 3

PENALTY_NONE = 0
PENALTY_REPLACES = 1
PENALTY_ADDS = 2

SURPLUS_NEXT = 0
SURPLUS_LAST = 1
SURPLUS_CREDIT = 2

# --- orders of allocation: one row each, the last that matches applies ---
O_EVENT_TYPE = 0  #: an EventType, NONE: any
O_DAYS_FROM = 1  #: days past due from which it applies
O_SLOT = 2  #: first of ORDER_SLOTS slots: standing x COMPONENTS + component, NONE: end
ORDER_SLOTS = 15
ORDER_COLUMNS = O_SLOT + ORDER_SLOTS

STANDING_PAST_DUE = 0
STANDING_DUE = 1
STANDING_IN_ADVANCE = 2

# --- rows as signed: one row each, in the order of their events ---
R_CONTRACT = 0
R_NUMBER = 1  #: within the contract, 1 for the first
R_KIND = 2
R_FROM = 3  #: first day of the interest period
R_DUE = 4
R_PRINCIPAL = 5
R_INTEREST = 6
R_FEE = 7
R_PENALTY = 8  #: carried into the row (re-plan, take-over)
R_COMPOUND = 9  #: carried into the row
R_CARRIED = 10  #: part of R_INTEREST that was already owed when the row was signed
R_WEIGHT = 11  #: the whole period's weight over T_DAY_BASIS, where R_PERIOD_DAYS > 0
R_PERIOD_DAYS = 12  #: calendar days the weight is spread over; 0: by the calendar's own weights
R_AGEING_FROM = 13  #: date the age counts from, if unpaid (the due date, or what was taken over)
ROW_COLUMNS = 14

KIND_INSTALMENT = 0
KIND_MINIMUM = 1  #: of a statement: falls overdue
KIND_REVOLVING = 2  #: of a statement: never overdue, earns the line's rate from its due date
KIND_UNBILLED = 3  #: what a line has not billed yet; first row of a line
KIND_CHARGE = 4  #: spare: a charge, chargeback or refund debt after the last row
KIND_ADJUSTMENT = 5  #: spare: what a later-arriving event changed before a re-plan
KIND_ACCELERATED = 6  #: spare: all that was called in
KIND_OPENING_PAID = 7  #: of the row before it: paid in the old system
KIND_OPENING_WAIVED = 8  #: of the row before it: waived in the old system

# --- events: one row each, any order ---
E_ON = 0
E_TYPE = 1  #: an EventType, which is also its rank within a day
E_SEQ = 2  #: effective sequence from the source
E_TIE = 3  #: rank of the event id among the account's ids
E_RECORDED = 4  #: microseconds since 1970-01-01 UTC
E_AMOUNT = 5
E_COMPONENT = 6
E_UNTIL = 7
E_RATE = 8
E_PENALTY_RATE = 9  #: derived from E_RATE when the event was booked
E_CONTRACT = 10  #: designated contract, NONE: the account's own order
E_TARGET = 11  #: index of the event this one erases (reversed, disbursement_failed)
E_ROW_FIRST = 12
E_ROW_COUNT = 13
E_IS_BACKDATED = 14  #: 1: recorded on a business date after its value date
EVENT_COLUMNS = 15

# --- event types; the number is the rank within a day ---
EV_TAKEN_OVER = 0
EV_DISBURSED = 1
EV_PURCHASED = 2
EV_RATE_CHANGED = 3
EV_POLICY_APPLIED = 4
EV_PENALTY_FROZEN = 5
EV_PAUSED = 6
EV_FEE_CHARGED = 7
EV_REPAID = 8
EV_RECOVERED = 9
EV_REFUNDED = 10
EV_WAIVED = 11
EV_CHARGED_BACK = 12
EV_CONVERTED = 13
EV_STATEMENT_CLOSED = 14
EV_REPLANNED = 15
EV_ACCELERATED = 16
EV_CHARGED_OFF = 17
EV_REVERSED = 18
EV_DISBURSEMENT_FAILED = 19
EV_CANCELLED = 20  #: only where nothing stands disbursed: the fold passes over it


@unique
class EventType(IntEnum):
    """What can happen to an account; closed. The number orders events of one day."""

    TAKEN_OVER = EV_TAKEN_OVER
    DISBURSED = EV_DISBURSED
    PURCHASED = EV_PURCHASED
    RATE_CHANGED = EV_RATE_CHANGED
    POLICY_APPLIED = EV_POLICY_APPLIED
    PENALTY_FROZEN = EV_PENALTY_FROZEN
    PAUSED = EV_PAUSED
    FEE_CHARGED = EV_FEE_CHARGED
    REPAID = EV_REPAID
    RECOVERED = EV_RECOVERED
    REFUNDED = EV_REFUNDED
    WAIVED = EV_WAIVED
    CHARGED_BACK = EV_CHARGED_BACK
    CONVERTED = EV_CONVERTED
    STATEMENT_CLOSED = EV_STATEMENT_CLOSED
    REPLANNED = EV_REPLANNED
    ACCELERATED = EV_ACCELERATED
    CHARGED_OFF = EV_CHARGED_OFF
    REVERSED = EV_REVERSED
    DISBURSEMENT_FAILED = EV_DISBURSEMENT_FAILED
    CANCELLED = EV_CANCELLED


#: E_COMPONENT of policy_applied and converted, beside the components.
POLICY_CAP = 0
POLICY_PENALTY_RATE = 1
CONVERT_STATEMENT = 0
CONVERT_PURCHASE = 1

# --- work: one row per row as signed, what the fold knows of it ---
W_DUE = 0  #: first of COMPONENTS: what the row asks for
W_PAID = 5  #: first of COMPONENTS
W_WAIVED = 10  #: first of COMPONENTS
W_STATE = 15  #: 0 not entered, 1 open, 2 settled before its due date, 3 replaced
W_IS_DUE = 16  #: 1: the due date has come
W_IS_OVERDUE = 17  #: 1: its principal stands in the overdue account
W_IS_CHARGEABLE = 18  #: 1: grace has passed, penalty is charged from the due date
W_ACCRUED = 19  #: interest of W_DUE recognised so far
W_EXTRA = 20  #: added to the instalment after signing (chargeback), minor units
W_SETTLED_ON = 21  #: day the row's last fen was paid; NONE: open
W_INTEREST = 22  #: whole, remainder, posted: interest of this row's own period
W_ON_PRINCIPAL = 25  #: whole, remainder, posted: penalty on principal
W_ON_INTEREST = 28  #: whole, remainder, posted: penalty on unpaid interest
W_COMPOUNDED = 31  #: whole, remainder, posted: compound interest
W_NIGHT_ON_PRINCIPAL = 34  #: this night's charge, minor units x ppm, before the day's weight
W_NIGHT_ON_INTEREST = 35
W_NIGHT_COMPOUNDED = 36
W_LATE_INTEREST = 37  #: interest recognised on the row after its due date; it bears nothing
W_FEE_CHARGED = 38  #: fee of W_DUE recognised so far
W_INTEREST_CREDITED = 39  #: interest credited, or carried in and not standing; not recognised again
WORK_COLUMNS = 40

ROW_ABSENT = 0
ROW_OPEN = 1
ROW_SETTLED_EARLY = 2
ROW_REPLACED = 3

# --- account: one vector, the fold's own memory and the state it answers with ---
A_DAY = 0
A_STATUS = 1
A_ACTIVE = 2  #: entries of `index`: rows in force by due date
A_FALLEN = 3  #: how many of them have fallen due
A_FIRST = 4  #: none before this entry is open
A_PRINCIPAL = 5  #: outstanding, all rows
A_CREDIT = 6  #: customer credit balance
A_RATE = 7
A_PENALTY_RATE = 8
A_COMPOUND_RATE = 9
A_CAP = 10
A_RATE_UNTIL = 11
A_RATE_AFTER = 12
A_FROZEN_UNTIL = 13
A_IS_NON_ACCRUAL = 14
A_IS_CHARGED_OFF = 15
A_IS_OPENED = 16
A_PAUSES = 17  #: number of pauses so far
A_CUT = 18  #: whole, remainder: what the daily cap took off
A_CREDITED = 20  #: what the life cap (c) credited
A_OCCUPIED = 21  #: principal x weight of every night since the cap last changed
A_CEILING = 22  #: whole minor units all charges may come to for the nights before that
A_CHARGES = 23  #: interest, fee, penalty, compound recognised so far, less waived and credited
A_MOVEMENTS = 24  #: movement rows so far
A_DAYS_PAST_DUE = 25
A_DAYS_DELINQUENT = 26
A_OLDEST_DUE = 27  #: oldest unpaid due date, NONE: nothing past due
A_PAYOFF = 28
A_OVERDUE = 29  #: first of COMPONENTS: overdue by component
A_NEXT_DUE = 34  #: next due date after as_of, NONE: none
A_EVENT = 35  #: event being applied, NONE: time alone
A_REVIEW = 36  #: 1: a later-arriving event raised what a signed re-plan had settled
A_SETTLED_ON = 37  #: day the account's last fen was paid, NONE: open
A_IS_VALUATION = 38
A_ADVANCED = 39  #: charges paid before they were earned, ever: bounds how small a pay-off can be
A_PERIOD_ENDS = 40  #: in: NONE: state alone, no movements; 0: movements; 1: also at month ends
A_CEILING_REST = 41  #: what A_CEILING leaves of its exact sum, over T_DAY_BASIS x PPM
A_LIMITED = 42  #: whole, remainder: what the penalty rate above the cap would have brought
ACCOUNT_COLUMNS = 44

# --- status: 0, or the first invariant that broke ---
STATUS_OK = 0
STATUS_ROWS_DO_NOT_SUM = 2  #: a signed schedule does not sum to the principal it repays
STATUS_NEGATIVE = 3  #: an outstanding amount fell below zero
STATUS_CASH_LOST = 4
STATUS_NO_SPARE_ROW = 6
