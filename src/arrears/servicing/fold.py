"""The fold: state and movements of one account from its events, written once, in the array subset."""

from __future__ import annotations

from arrears.kernel.arithmetic import month_end_after
from arrears.kernel.compiled import compiled
from arrears.kernel.movement import COMPONENTS
from arrears.servicing.accrual import accrue, recognise
from arrears.servicing.allocation import apply_credit, payoff
from arrears.servicing.applying import apply_event, resume_accrual, stop_accrual
from arrears.servicing.layout import (
    A_ACTIVE,
    A_CAP,
    A_COMPOUND_RATE,
    A_CREDIT,
    A_DAY,
    A_DAYS_DELINQUENT,
    A_DAYS_PAST_DUE,
    A_EVENT,
    A_FALLEN,
    A_FIRST,
    A_FROZEN_UNTIL,
    A_IS_CHARGED_OFF,
    A_IS_NON_ACCRUAL,
    A_IS_VALUATION,
    A_NEXT_DUE,
    A_OLDEST_DUE,
    A_OVERDUE,
    A_PAYOFF,
    A_PENALTY_RATE,
    A_PERIOD_ENDS,
    A_PRINCIPAL,
    A_RATE,
    A_RATE_AFTER,
    A_RATE_UNTIL,
    A_SETTLED_ON,
    A_STATUS,
    ACCOUNT_COLUMNS,
    CLASS_EDGES,
    E_ON,
    E_RECORDED,
    E_SEQ,
    E_TARGET,
    E_TIE,
    E_TYPE,
    EV_DISBURSEMENT_FAILED,
    EV_REVERSED,
    KIND_UNBILLED,
    NEVER,
    NONE,
    R_DUE,
    R_KIND,
    ROW_ABSENT,
    STATUS_CASH_LOST,
    STATUS_NEGATIVE,
    STATUS_OK,
    T_CAP,
    T_CLASS_EDGE,
    T_COMPOUND_RATE,
    T_GRACE_DAYS,
    T_NON_ACCRUAL_DAYS,
    T_PENALTY_RATE,
    T_RATE,
    W_IS_DUE,
    W_STATE,
)
from arrears.servicing.standing import (
    days_delinquent,
    enter_row,
    fall_due_today,
    has_arrears,
    is_past_due,
    is_unpaid,
    mark_overdue,
    oldest_unpaid,
    outstanding,
    pass_settled_rows,
    paused_days,
)
from arrears.servicing.tables import Column, Table, Tables

SEGMENT_DAYS_MAX = 366


@compiled
def comes_before(events: Table, one: int, other: int) -> bool:
    """Whether an event precedes another: value date, rank of type, effective sequence, id."""
    for column in (E_ON, E_TYPE, E_SEQ):
        if events[one, column] != events[other, column]:
            return events[one, column] < events[other, column]
    return events[one, E_TIE] < events[other, E_TIE]


@compiled
def queue_events(t: Tables, as_of: int, known_at: int) -> int:
    """Fill the queue with the events that count, in order; returns how many.

    Each place is first the mark of the event of that number: 1 where one known by then erases it.
    The queue never grows past the event it takes in, so a mark stands until it is read.
    """
    count = t.events.shape[0]
    for event in range(count):
        t.queue[event] = 0
    for event in range(count):
        kind = t.events[event, E_TYPE]
        if (
            kind in (EV_REVERSED, EV_DISBURSEMENT_FAILED)
            and t.events[event, E_RECORDED] <= known_at
        ):
            t.queue[t.events[event, E_TARGET]] = 1
    queued = 0
    for event in range(count):
        if t.queue[event] == 0:
            queued = insert_event(t, event, queued, as_of, known_at)
    for at in range(queued, count):
        t.queue[at] = NONE
    return queued


@compiled
def insert_event(t: Tables, event: int, queued: int, as_of: int, known_at: int) -> int:
    """Insert one event into the queue's order if it counts; returns the new length."""
    kind = t.events[event, E_TYPE]
    if kind in (EV_REVERSED, EV_DISBURSEMENT_FAILED):
        return queued
    if t.events[event, E_ON] > as_of or t.events[event, E_RECORDED] > known_at:
        return queued
    at = queued
    while at > 0 and comes_before(t.events, event, t.queue[at - 1]):
        t.queue[at] = t.queue[at - 1]
        at -= 1
    t.queue[at] = event
    return queued + 1


@compiled
def begin(t: Tables) -> None:
    """Set the account to its terms, owing nothing; a line's unbilled row is in force at once."""
    period_ends = t.account[A_PERIOD_ENDS]
    for column in range(ACCOUNT_COLUMNS):
        t.account[column] = 0
    t.account[A_PERIOD_ENDS] = period_ends
    t.account[A_RATE] = t.terms[T_RATE]
    t.account[A_PENALTY_RATE] = t.terms[T_PENALTY_RATE]
    t.account[A_COMPOUND_RATE] = max(0, t.terms[T_COMPOUND_RATE])
    t.account[A_CAP] = t.terms[T_CAP]
    t.account[A_RATE_UNTIL] = NONE
    t.account[A_FROZEN_UNTIL] = NONE
    t.account[A_EVENT] = NONE
    t.account[A_SETTLED_ON] = NONE
    for row in range(t.rows.shape[0]):
        t.work[row, W_STATE] = ROW_ABSENT
    if t.rows.shape[0] > 0 and t.rows[0, R_KIND] == KIND_UNBILLED:
        t.account[A_DAY] = NONE
        enter_row(t, 0)


@compiled
def earlier(one: int, other: int, today: int) -> int:
    """The earlier of two days, the second only if it is after today."""
    return other if today < other < one else one


@compiled
def next_timer(t: Tables, horizon: int) -> int:
    """The next day after today on which time alone changes something, at most `horizon`."""
    today = t.account[A_DAY]
    day = min(horizon, today + SEGMENT_DAYS_MAX)
    if t.account[A_FALLEN] < t.account[A_ACTIVE]:
        day = earlier(day, t.rows[t.in_force[t.account[A_FALLEN]], R_DUE], today)
    day = earlier(day, t.account[A_RATE_UNTIL], today)
    if t.account[A_FIRST] < t.account[A_FALLEN]:
        day = next_overdue_timer(t, day)
    if t.account[A_PERIOD_ENDS] == 1 and may_accrue(t):
        day = earlier(day, month_end_after(today), today)
    return day


@compiled
def may_accrue(t: Tables) -> bool:
    """Whether nights may still bring anything: on principal, on unpaid charges, or as it was signed."""
    if t.account[A_PRINCIPAL] > 0 or t.account[A_FIRST] < t.account[A_FALLEN]:
        return True
    at = t.account[A_FALLEN]
    return at < t.account[A_ACTIVE] and t.rows[t.in_force[at], R_DUE] < NEVER


@compiled
def next_overdue_timer(t: Tables, day: int) -> int:
    """The next day on which overdue, grace, freeze, class or non-accrual turns, at most `day`."""
    today = t.account[A_DAY]
    day = earlier(day, t.account[A_FROZEN_UNTIL], today)
    unpaid = 0
    for at in range(t.account[A_FIRST], t.account[A_FALLEN]):
        row = t.in_force[at]
        due = t.rows[row, R_DUE]
        if today - due <= t.terms[T_GRACE_DAYS] and is_unpaid(t, row):
            if t.account[A_PERIOD_ENDS] != NONE:
                day = earlier(day, due + 1, today)
            day = earlier(day, due + t.terms[T_GRACE_DAYS] + 1, today)
        unpaid += 1
    waits = t.terms[T_NON_ACCRUAL_DAYS] > 0 and t.account[A_IS_NON_ACCRUAL] == 0
    if unpaid == 0 or not (waits or t.terms[T_CLASS_EDGE] > 0):
        return day
    oldest = oldest_unpaid(t)
    if oldest == NONE:
        return day
    counted = oldest + paused_days(t, oldest, today)
    if waits:
        day = earlier(day, counted + t.terms[T_NON_ACCRUAL_DAYS], today)
    for edge in range(CLASS_EDGES):
        if t.terms[T_CLASS_EDGE + edge] > 0:
            day = earlier(day, counted + t.terms[T_CLASS_EDGE + edge] + 1, today)
    return day


@compiled
def turn_rates(t: Tables) -> None:
    """Let a rate that was changed until today go back."""
    if t.account[A_RATE_UNTIL] != NONE and t.account[A_RATE_UNTIL] <= t.account[A_DAY]:
        t.account[A_RATE] = t.account[A_RATE_AFTER]
        t.account[A_RATE_UNTIL] = NONE


@compiled
def check_accrual(t: Tables) -> None:
    """Begin or end non-accrual where the age says so."""
    if t.terms[T_NON_ACCRUAL_DAYS] <= 0 or t.account[A_IS_CHARGED_OFF] == 1:
        return
    if t.account[A_IS_NON_ACCRUAL] == 1:
        if not has_arrears(t):
            resume_accrual(t)
    elif t.account[A_FIRST] < t.account[A_FALLEN]:
        oldest = oldest_unpaid(t)
        if oldest == NONE or t.account[A_DAY] - oldest < t.terms[T_NON_ACCRUAL_DAYS]:
            return
        if days_delinquent(t, oldest) >= t.terms[T_NON_ACCRUAL_DAYS]:
            stop_accrual(t)


@compiled
def move_to(t: Tables, day: int, is_valuation: int) -> None:
    """Let the nights until `day` pass: gather, recognise, let fall due what is due."""
    start = t.account[A_DAY]
    accrue(t, start, day)
    t.account[A_DAY] = day
    t.account[A_EVENT] = NONE
    t.account[A_IS_VALUATION] = is_valuation
    recognise(t, start)
    t.account[A_IS_VALUATION] = 0
    turn_rates(t)
    fall_due_today(t)
    mark_overdue(t)
    check_accrual(t)


@compiled
def end_of_day(t: Tables) -> None:
    """After a day's events: credit balance meets what is due, settled rows are passed."""
    if t.account[A_CREDIT] > 0:
        t.account[A_EVENT] = NONE
        apply_credit(t)
    if t.account[A_IS_NON_ACCRUAL] == 1:
        check_accrual(t)
    pass_settled_rows(t)


@compiled
def answer(t: Tables) -> None:
    """Fill in what is asked of the state: ages, overdue by component, pay-off, next due date."""
    oldest = oldest_unpaid(t)
    t.account[A_OLDEST_DUE] = oldest
    t.account[A_DAYS_PAST_DUE] = 0 if oldest == NONE else t.account[A_DAY] - oldest
    t.account[A_DAYS_DELINQUENT] = days_delinquent(t, oldest)
    t.account[A_PAYOFF] = payoff(t)
    t.account[A_NEXT_DUE] = NONE
    for at in range(t.account[A_FIRST], t.account[A_ACTIVE]):
        row = t.in_force[at]
        overdue = is_past_due(t, row)
        for component in range(COMPONENTS):
            left = outstanding(t, row, component)
            if left < 0 and t.account[A_STATUS] == STATUS_OK:
                t.account[A_STATUS] = STATUS_NEGATIVE
            if overdue:
                t.account[A_OVERDUE + component] += left
        is_coming = t.work[row, W_IS_DUE] == 0 and t.rows[row, R_DUE] < NEVER
        if is_coming and t.account[A_NEXT_DUE] == NONE and is_unpaid(t, row):
            t.account[A_NEXT_DUE] = t.rows[row, R_DUE]
    if t.account[A_CREDIT] < 0 or t.account[A_PRINCIPAL] < 0:
        t.account[A_STATUS] = STATUS_CASH_LOST


@compiled
def run(t: Tables, queued: int, as_of: int) -> None:
    """Walk from the first event to `as_of`, breakpoint by breakpoint."""
    at = 0
    t.account[A_DAY] = t.events[t.queue[0], E_ON]
    while t.account[A_STATUS] == STATUS_OK:
        today = t.account[A_DAY]
        before = at
        while at < queued and t.events[t.queue[at], E_ON] == today:
            t.account[A_EVENT] = t.queue[at]
            apply_event(t, t.queue[at])
            at += 1
        if at > before or t.account[A_CREDIT] > 0:
            end_of_day(t)
        if today == as_of:
            return
        horizon = as_of
        if at < queued:
            horizon = t.events[t.queue[at], E_ON]
        day = next_timer(t, horizon)
        is_last = at >= queued and day == as_of and next_timer(t, as_of + 1) != as_of
        move_to(t, day, 1 if is_last else 0)


@compiled
def fold_account(
    terms: Column,
    orders: Table,
    events: Table,
    rows: Table,
    as_of: int,
    known_at: int,
    index: Column,
    queue: Column,
    work: Table,
    account: Column,
    moves: Table,
) -> int:
    """Fold one account to a date; see `docs/rooms/servicing.md` for the rules.

    Args:
        terms: int64[TERM_COLUMNS].
        orders: int64[n_orders, ORDER_COLUMNS].
        events: int64[n_events, EVENT_COLUMNS], any order.
        rows: int64[n_rows, ROW_COLUMNS]; spare rows are filled in.
        as_of: Days since 1970-01-01; past, today or future.
        known_at: Microseconds since 1970-01-01 UTC; later-recorded events are not read.
        index: int64[n_rows], working space.
        queue: int64[n_events], working space.
        work: int64[n_rows, WORK_COLUMNS]; afterwards, what each row asks for, was paid and waived.
        account: int64[ACCOUNT_COLUMNS]; in: A_PERIOD_ENDS; out: the state.
        moves: int64[capacity, MOVEMENT_COLUMNS]; account[A_MOVEMENTS] says how many there were.

    Returns:
        0, or the code of the first invariant that broke (`layout`, STATUS_...). Never raises.
    """
    t = Tables(terms, orders, events, rows, index, queue, work, account, moves)
    begin(t)
    queued = queue_events(t, as_of, known_at)
    if queued == 0:
        t.account[A_DAY] = as_of
    else:
        run(t, queued, as_of)
    answer(t)
    return t.account[A_STATUS]
