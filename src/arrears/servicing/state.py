"""The answer of the fold as records: what each row asks for, was paid, waived, and still owes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from arrears.kernel.dates import date_of, days_of
from arrears.kernel.errors import invariant
from arrears.kernel.movement import (
    COMPONENTS,
    FEE,
    INTEREST,
    MOVEMENT_COLUMNS,
    PRINCIPAL,
    Component,
)
from arrears.servicing import layout as c
from arrears.servicing.door import AccountColumns, columns_of, microseconds
from arrears.servicing.fold import fold_account
from arrears.servicing.matrix import INTEGER_BYTES, as_array, blank, copied, shaped, zeros
from arrears.servicing.projection import projected_rows

if TYPE_CHECKING:
    from arrears.servicing.contract import Contract
    from arrears.servicing.events import Event
    from arrears.servicing.matrix import Matrix, Vector

#: Movements for which there is room at first, for each row and event: enough for most accounts.
MOVEMENTS_A_RECORD = 16
#: Later than any event.
ALL_KNOWN = 2**62

Fold = Callable[..., int]
#: Contract and number of a row; its KIND_... and due date, None while it is not billed.
RowKey = tuple[int, int]
RowKind = tuple[int, date | None]


@unique
class AccountStatus(StrEnum):
    """What has become of the account."""

    NEVER_DISBURSED = "never_disbursed"  #: not yet, or the money never arrived
    CANCELLED = "cancelled"  #: signed, nothing lent, and nothing will be
    ACTIVE = "active"
    SETTLED = "settled"
    CHARGED_OFF = "charged_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowState:
    """One row in force; amounts by component, minor units."""

    contract: int
    number: int
    kind: int
    due_on: date | None  #: None: not billed yet
    due_minor: tuple[int, ...]
    paid_minor: tuple[int, ...]
    waived_minor: tuple[int, ...]
    is_due: bool

    @property
    def outstanding_minor(self) -> tuple[int, ...]:
        """What is still asked for, by component."""
        return tuple(
            due - paid - waived
            for due, paid, waived in zip(
                self.due_minor, self.paid_minor, self.waived_minor, strict=True
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """One account on one day."""

    as_of: date
    status: AccountStatus
    rows: tuple[RowState, ...]
    principal_minor: int
    credit_balance_minor: int
    payoff_minor: int
    days_past_due: int
    days_delinquent: int
    overdue_minor: tuple[int, ...]  #: by component
    cut_minor: int  #: what the daily cap took off
    limited_minor: int  #: what the penalty rate above the cap would have brought, rounded down
    credited_minor: int  #: what the cap over the life credited
    is_non_accrual: bool
    needs_review: bool
    may_begin_to_age: bool  #: past grace, of age 0: a pause will end, or interest pass the floor
    next_due_on: date | None
    timers: tuple[date, ...]  #: ends of freezes and of temporary rates still to come
    movements: Matrix  #: int64[n, MOVEMENT_COLUMNS]
    event_ids: tuple[str, ...]
    row_kinds: Mapping[RowKey, RowKind]  #: of every row that ever entered
    tables: Folded = field(repr=False, compare=False)  #: what all this was read from


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The tables after a fold."""

    columns: AccountColumns
    work: Matrix
    account: Vector
    moves: Matrix


def run_fold(
    columns: AccountColumns,
    as_of: int,
    known_at: int,
    *,
    posting: int,
    fold: Fold | None = None,
) -> Folded:
    """Run the fold with room for as many movements as an account has; again where they are more.

    Args:
        columns: The account.
        as_of: Days since 1970-01-01.
        known_at: Microseconds since 1970-01-01 UTC.
        posting: NONE: state alone; 0: movements; 1: movements, also at month ends.
        fold: The compiled form; None: the interpreted one.
    """
    room = MOVEMENTS_A_RECORD * (len(columns.rows) + len(columns.events))
    folded = fold_once(columns, as_of, known_at, posting, 0 if posting == c.NONE else room, fold)
    wanted = int(folded.account[c.A_MOVEMENTS])
    if wanted > len(folded.moves):
        folded = fold_once(columns, as_of, known_at, posting, wanted, fold)
    held = MOVEMENT_COLUMNS * INTEGER_BYTES * wanted
    folded = replace(folded, moves=shaped(folded.moves.tobytes()[:held], MOVEMENT_COLUMNS))
    status = int(folded.account[c.A_STATUS])
    invariant(status == c.STATUS_OK, "fold.status", status=status, as_of=str(date_of(as_of)))
    return folded


def fold_once(
    columns: AccountColumns, as_of: int, known_at: int, posting: int, room: int, fold: Fold | None
) -> Folded:
    """One run with room for so many movements."""
    rows = copied(columns.rows, c.ROW_COLUMNS)
    account = zeros(c.ACCOUNT_COLUMNS)
    account[c.A_PERIOD_ENDS] = posting
    work = blank(len(rows), c.WORK_COLUMNS)
    moves = blank(room, MOVEMENT_COLUMNS)
    given = (columns.terms, columns.orders, columns.events, rows)
    kept = (zeros(len(rows)), zeros(len(columns.events)), work, account, moves)
    if fold is None:
        run: Fold = fold_account
        run(*given, as_of, known_at, *kept)
    else:
        tables = [as_array(each) for each in given]
        fold(*tables, as_of, known_at, *[as_array(each) for each in kept])
    return Folded(columns=replace(columns, rows=rows), work=work, account=account, moves=moves)


def fold_contract(
    contract: Contract,
    events: Sequence[Event],
    as_of: date,
    known_at: datetime | None = None,
    *,
    posting: int = c.NONE,
    fold: Fold | None = None,
) -> AccountState:
    """What an account owes on a day: past, today or future.

    Args:
        contract: As booked.
        events: All its events, in any order.
        as_of: The day asked for.
        known_at: Events recorded later are not read; None: all are.
        posting: NONE: no movements; 0: movements; 1: also at month ends, as the ledger posts them.
        fold: The compiled form of the fold; None: the interpreted one.

    Returns:
        The state; rows not yet due are shown as they will be if all is paid on time from now on.

    Raises:
        InvariantError: `fold.status`, where the account breaks an invariant of the fold.
    """
    columns = columns_of(contract, events)
    return fold_columns(columns, events, as_of, known_at, posting=posting, fold=fold)


def fold_columns(
    columns: AccountColumns,
    events: Sequence[Event],
    as_of: date,
    known_at: datetime | None = None,
    *,
    posting: int = c.NONE,
    fold: Fold | None = None,
) -> AccountState:
    """As `fold_contract`, of columns made before from the contract and these events.

    Raises:
        InvariantError: `fold.status`.
    """
    instant = ALL_KNOWN if known_at is None else microseconds(known_at)
    folded = run_fold(columns, days_of(as_of), instant, posting=posting, fold=fold)
    state = state_of(folded, as_of)
    if state.status is AccountStatus.NEVER_DISBURSED and is_cancelled(events, as_of, instant):
        return replace(state, status=AccountStatus.CANCELLED)
    return state


def is_cancelled(events: Sequence[Event], as_of: date, known_at: int) -> bool:
    """Whether a cancellation stands on a day, as known at an instant (microseconds)."""
    known = [each for each in events if microseconds(each.recorded_at) <= known_at]
    erased = {each.reverses for each in known}
    return any(
        each.type is c.EventType.CANCELLED
        and each.value_on <= as_of
        and each.event_id not in erased
        for each in known
    )


def fold_balances(
    columns: AccountColumns, as_of: date, *, posting: int = c.NONE, fold: Fold | None = None
) -> AccountState:
    """As `fold_columns`, of an account to which something was lent, and without its rows.

    Raises:
        InvariantError: `fold.status`.
    """
    folded = run_fold(columns, days_of(as_of), ALL_KNOWN, posting=posting, fold=fold)
    return state_of(folded, as_of, with_rows=False)


def state_of(folded: Folded, as_of: date, *, with_rows: bool = True) -> AccountState:
    """Read the tables back into records; the rows, which cost most of the reading, where asked for."""
    account = folded.account.tolist()
    overdue = account[c.A_OVERDUE : c.A_OVERDUE + COMPONENTS]
    next_due = account[c.A_NEXT_DUE]
    return AccountState(
        as_of=as_of,
        status=status_of(account),
        rows=tuple(row_states(folded)) if with_rows else (),
        principal_minor=account[c.A_PRINCIPAL],
        credit_balance_minor=account[c.A_CREDIT],
        payoff_minor=account[c.A_PAYOFF],
        days_past_due=account[c.A_DAYS_PAST_DUE],
        days_delinquent=account[c.A_DAYS_DELINQUENT],
        overdue_minor=tuple(overdue),
        cut_minor=account[c.A_CUT],
        limited_minor=account[c.A_LIMITED],
        credited_minor=account[c.A_CREDITED],
        is_non_accrual=account[c.A_IS_NON_ACCRUAL] == 1,
        needs_review=account[c.A_REVIEW] == 1,
        may_begin_to_age=may_begin_to_age(account, folded.columns.terms.tolist()),
        next_due_on=None if next_due == c.NONE else date_of(next_due),
        timers=tuple(
            date_of(day)
            for day in (account[c.A_FROZEN_UNTIL], account[c.A_RATE_UNTIL])
            if day > account[c.A_DAY]
        ),
        movements=folded.moves,
        event_ids=folded.columns.event_ids,
        row_kinds=kinds_of_rows(folded) if with_rows else {},
        tables=folded,
    )


def kinds_of_rows(folded: Folded) -> dict[RowKey, RowKind]:
    """What each row that ever entered is, and when it is due; where a number came twice, the later."""
    rows, work = folded.columns.rows.tolist(), folded.work.tolist()
    return {
        (row[c.R_CONTRACT], row[c.R_NUMBER]): (row[c.R_KIND], due_on_of(row))
        for row, mine in zip(rows, work, strict=True)
        if mine[c.W_STATE] != c.ROW_ABSENT
    }


def due_on_of(row: Sequence[int]) -> date | None:
    """A row's due date; None: not billed yet."""
    return None if row[c.R_DUE] >= c.NEVER else date_of(row[c.R_DUE])


def may_begin_to_age(account: Sequence[int], terms: Sequence[int]) -> bool:
    """Whether an age of 0 past grace may end by time alone: paused, or under a floor it outgrows."""
    held = account[c.A_DAYS_PAST_DUE] > terms[c.T_GRACE_DAYS] and account[c.A_DAYS_DELINQUENT] == 0
    overdue = sum(account[c.A_OVERDUE + each] for each in (PRINCIPAL, INTEREST, FEE))
    is_under_floor = overdue <= terms[c.T_MATERIALITY]
    grows = terms[c.T_PENALTY_MODE] != c.PENALTY_REPLACES and account[c.A_IS_CHARGED_OFF] == 0
    return held and (grows or not is_under_floor)


def status_of(account: Sequence[int]) -> AccountStatus:
    """What has become of the account."""
    if account[c.A_IS_OPENED] == 0:
        return AccountStatus.NEVER_DISBURSED
    if account[c.A_IS_CHARGED_OFF] == 1:
        return AccountStatus.CHARGED_OFF
    owes = account[c.A_PRINCIPAL] > 0 or account[c.A_PAYOFF] > 0
    return AccountStatus.ACTIVE if owes else AccountStatus.SETTLED


def row_states(folded: Folded) -> list[RowState]:
    """Rows that were in force, by due date; replaced ones where something was paid on them."""
    rows, due = folded.columns.rows.tolist(), projected_rows(folded)
    work = folded.work.tolist()
    states = []
    for at, row in enumerate(rows):
        mine = work[at]
        paid = tuple(mine[c.W_PAID : c.W_PAID + COMPONENTS])
        waived = tuple(mine[c.W_WAIVED : c.W_WAIVED + COMPONENTS])
        gone = mine[c.W_STATE] == c.ROW_REPLACED and not any(paid) and not any(waived)
        if mine[c.W_STATE] == c.ROW_ABSENT or gone:
            continue
        states.append(
            RowState(
                contract=row[c.R_CONTRACT],
                number=row[c.R_NUMBER],
                kind=row[c.R_KIND],
                due_on=due_on_of(row),
                due_minor=due[at],
                paid_minor=paid,
                waived_minor=waived,
                is_due=mine[c.W_IS_DUE] == 1,
            )
        )
    return sorted(states, key=lambda each: (each.due_on or date.max, each.contract, each.number))


def outstanding_minor(state: AccountState) -> dict[Component, int]:
    """Outstanding of the whole account by component."""
    return {
        component: sum(row.outstanding_minor[component] for row in state.rows)
        for component in Component
    }
