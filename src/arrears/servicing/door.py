"""The door of the fold: records become int64 columns here; past it there are no objects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel.dates import days_of, step
from arrears.kernel.daycount import (
    BANKING_YEAR_DAYS,
    LEAP_YEAR_DAYS,
    YEAR_DAYS,
    DayCount,
    LeapYear,
    YearSplit,
    period_fraction,
)
from arrears.kernel.errors import invariant
from arrears.kernel.movement import COMPONENTS, Component
from arrears.kernel.rounding import Rounding, round_fraction
from arrears.servicing import layout as c
from arrears.servicing.contract import (
    Accrual,
    Contract,
    Direction,
    EarlyFee,
    Keep,
    Kind,
    PenaltyBase,
    PenaltyMode,
    RoundingInterval,
    Surplus,
    derived_penalty_ppm,
    order_columns,
)
from arrears.servicing.events import Event, EventRow
from arrears.servicing.layout import EventType
from arrears.servicing.matrix import matrix_of, vector_of
from arrears.servicing.schedule import Instalment, solve_schedule
from arrears.servicing.terms import Tranche

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.servicing.matrix import Matrix, Vector
    from arrears.servicing.terms import Terms

SPARE_CHARGE = frozenset({EventType.FEE_CHARGED, EventType.CHARGED_BACK, EventType.REFUNDED})
MICROSECONDS = 1_000_000
DAY_SECONDS = 86_400
ROW_KINDS = {
    "instalment": c.KIND_INSTALMENT,
    "minimum": c.KIND_MINIMUM,
    "revolving": c.KIND_REVOLVING,
}
DAY_COUNTS = {
    DayCount.THIRTY_360: (c.DAY_COUNT_30E_360, BANKING_YEAR_DAYS),
    DayCount.THIRTY_E_360: (c.DAY_COUNT_30E_360, BANKING_YEAR_DAYS),
    DayCount.ACTUAL_360: (c.DAY_COUNT_ACTUAL_360, BANKING_YEAR_DAYS),
    DayCount.ACTUAL_365: (c.DAY_COUNT_ACTUAL_365, YEAR_DAYS),
    DayCount.ACTUAL_ACTUAL: (c.DAY_COUNT_ACTUAL_ACTUAL, YEAR_DAYS * LEAP_YEAR_DAYS),
    DayCount.EQUAL_PERIODS: (c.DAY_COUNT_EQUAL_PERIODS, c.EQUAL_PERIODS_BASIS),
}
ROUNDINGS = {
    Rounding.HALF_UP: c.ROUND_HALF_UP,
    Rounding.HALF_EVEN: c.ROUND_HALF_EVEN,
    Rounding.DOWN: c.ROUND_DOWN,
    Rounding.UP: c.ROUND_UP,
}
PENALTIES = {
    PenaltyMode.NONE: c.PENALTY_NONE,
    PenaltyMode.REPLACES: c.PENALTY_REPLACES,
    PenaltyMode.ADDS: c.PENALTY_ADDS,
}
SURPLUSES = {
    Surplus.NEXT: c.SURPLUS_NEXT,
    Surplus.LAST: c.SURPLUS_LAST,
    Surplus.CREDIT: c.SURPLUS_CREDIT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountColumns:
    """One account as the fold reads it."""

    terms: Vector  #: int64[TERM_COLUMNS]
    orders: Matrix
    events: Matrix
    rows: Matrix
    event_ids: tuple[str, ...]  #: index of an event -> its id


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware instant, exact."""
    invariant(instant.tzinfo is not None, "door.naive_instant", instant=str(instant))
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * DAY_SECONDS + since.seconds) * MICROSECONDS + since.microseconds


def terms_vector(contract: Contract) -> list[int]:
    """The terms as the fold reads them; the rest are 0."""
    terms, penalty = contract.terms, contract.penalty
    code, basis = DAY_COUNTS[terms.day_count]
    vector = [0] * c.TERM_COLUMNS
    vector[c.T_DAY_COUNT] = code
    vector[c.T_DAY_BASIS] = basis
    vector[c.T_YEAR_SPLIT] = 1 if terms.year_split is YearSplit.DEC31 else 0
    vector[c.T_ROUNDING] = ROUNDINGS[terms.rounding]
    vector[c.T_ROUNDING_INTERVAL] = (
        1 if contract.rounding_interval is RoundingInterval.EACH_DAY else 0
    )
    vector[c.T_ACCRUAL] = 1 if contract.accrual is Accrual.DAILY else 0
    vector[c.T_KEEP] = 1 if contract.keep is Keep.PRINCIPAL else 0
    vector[c.T_RATE] = terms.annual_rate_ppm
    vector[c.T_PENALTY_MODE] = PENALTIES[penalty.mode]
    vector[c.T_PENALTY_BASE] = 1 if penalty.base is PenaltyBase.PRINCIPAL_AND_INTEREST else 0
    vector[c.T_PENALTY_RATE] = penalty.rate_ppm
    vector[c.T_COMPOUND_RATE] = penalty.rate_ppm if penalty.compound else c.NONE
    vector[c.T_GRACE_DAYS] = penalty.grace_days
    vector[c.T_MATERIALITY] = penalty.materiality_minor
    vector[c.T_CAP] = c.NONE if contract.cap_annual_ppm is None else contract.cap_annual_ppm
    vector[c.T_DIRECTION] = 1 if contract.direction is Direction.VERTICAL else 0
    vector[c.T_SURPLUS] = SURPLUSES[contract.surplus]
    vector[c.T_ORDER_COUNT] = len(contract.orders)
    vector[c.T_NON_ACCRUAL_DAYS] = contract.non_accrual_days or c.NONE
    vector[c.T_EARLY_FEE] = 1 if contract.early_fee is EarlyFee.IN_FULL else 0
    for at, edge in enumerate(contract.class_edges_days):
        vector[c.T_CLASS_EDGE + at] = edge
    if contract.line is not None:
        vector[c.T_STATEMENT_DAY] = contract.line.statement_day
        vector[c.T_DUE_DAY] = contract.line.due_day
        vector[c.T_MINIMUM_SHARE] = contract.line.minimum_share_ppm
        vector[c.T_MINIMUM_FLOOR] = contract.line.minimum_floor_minor
    return vector


def orders_table(contract: Contract) -> list[list[int]]:
    """The orders of allocation as the fold reads them."""
    table = []
    for order in contract.orders:
        slots = list(order.slots[: c.ORDER_SLOTS])
        slots += [c.NONE] * (c.ORDER_SLOTS - len(slots))
        table.append([*order_columns(order), *slots])
    return table


def period_weight(terms: Terms, start: date, due: date) -> tuple[int, int]:
    """A period's whole weight and the days it is spread over, where it is not the calendar's."""
    spreads = terms.day_count in (
        DayCount.THIRTY_360,
        DayCount.THIRTY_E_360,
        DayCount.EQUAL_PERIODS,
    )
    of_leap_day = (
        terms.day_count is DayCount.ACTUAL_ACTUAL and terms.leap_year is LeapYear.FEB29_PERIOD_ONLY
    )
    days = (due - start).days
    if days <= 0 or not (spreads or of_leap_day):
        return 0, 0
    is_regular = step(start, terms.every, terms.unit, 1) == due
    every, unit = (terms.every, terms.unit)
    if not is_regular:
        every, unit = days, type(terms.unit).DAYS
    fraction = period_fraction(
        start, due, every, unit, terms.day_count, terms.year_split, terms.leap_year
    )
    weight = fraction * DAY_COUNTS[terms.day_count][1]
    invariant(weight.denominator == 1, "door.weight_not_whole", weight=str(weight))
    return int(weight), days


def signed_row(terms: Terms, row: EventRow, start: date) -> list[int]:
    """One signed row as the fold reads it."""
    weight, days = period_weight(terms, start, row.due_on)
    since = row.overdue_since or row.due_on
    return [
        row.contract,
        row.number,
        ROW_KINDS[row.kind],
        days_of(start),
        days_of(row.due_on),
        *row.amounts_minor,
        row.carried_minor,
        weight,
        days,
        days_of(since),
    ]


def blank_row(kind: int) -> list[int]:
    """A spare row; the fold fills it in."""
    row = [0] * c.ROW_COLUMNS
    row[c.R_KIND] = kind
    return row


def opening_row(signed: list[int], kind: int, amounts_minor: Sequence[int]) -> list[int]:
    """What the row before it had paid or waived in the old system."""
    row = list(signed)
    row[c.R_KIND] = kind
    row[c.R_PRINCIPAL : c.R_PRINCIPAL + COMPONENTS] = list(amounts_minor)
    return row


def rows_of_instalments(rows: Sequence[Instalment]) -> tuple[EventRow, ...]:
    """Solved rows as an event carries them."""
    nothing = (0,) * COMPONENTS
    return tuple(
        EventRow(
            contract=0,
            number=row.number,
            kind="instalment",
            from_on=row.from_on,
            due_on=row.due_on,
            amounts_minor=(row.principal_minor, row.interest_minor, row.fee_minor, 0, 0),
            carried_minor=0,
            paid_minor=nothing,
            waived_minor=nothing,
            overdue_since=None,
        )
        for row in rows
    )


def rows_of_event(contract: Contract, event: Event, *, is_opened: bool) -> list[list[int]]:
    """All rows an event owns: signed, openings, and the spare one its type needs."""
    table: list[list[int]] = []
    start = event.value_on
    for row in event.rows:
        begins = row.from_on or start
        signed = signed_row(contract.terms, row, min(begins, row.due_on))
        table.append(signed)
        if any(row.paid_minor):
            table.append(opening_row(signed, c.KIND_OPENING_PAID, row.paid_minor))
        if any(row.waived_minor):
            table.append(opening_row(signed, c.KIND_OPENING_WAIVED, row.waived_minor))
        start = row.due_on
    replaces = event.type in (EventType.REPLANNED, EventType.RATE_CHANGED) or (
        event.type is EventType.DISBURSED and is_opened
    )
    if replaces and event.rows:
        table.append(blank_row(c.KIND_ADJUSTMENT))
    if event.type in SPARE_CHARGE:
        table.append(blank_row(c.KIND_CHARGE))
    if event.type is EventType.ACCELERATED:
        table.append(blank_row(c.KIND_ACCELERATED))
    return table


def component_code(event: Event) -> int:
    """The component an event names, as its type numbers it."""
    if event.component is None:
        return c.NONE
    special = {
        "cap_annual": c.POLICY_CAP,
        "penalty_rate": c.POLICY_PENALTY_RATE,
        "statement": c.CONVERT_STATEMENT,
        "purchase": c.CONVERT_PURCHASE,
    }
    if event.component in special:
        return special[event.component]
    return int(Component[event.component.upper()])


def penalty_after(contract: Contract, event: Event) -> int:
    """The penalty rate a changed contract rate brings with it; NONE where none is derived."""
    penalty = contract.penalty
    if event.type is not EventType.RATE_CHANGED or event.rate_ppm is None:
        return c.NONE
    if penalty.uplift_ppm is None:
        return c.NONE
    return derived_penalty_ppm(penalty.mode, event.rate_ppm, penalty.uplift_ppm)


def event_vector(
    event: Event, tie: int, *, target: int = c.NONE, penalty_ppm: int = c.NONE
) -> list[int]:
    """One event as the fold reads it, its rows apart.

    Args:
        event: Any.
        tie: Rank of its id among the account's.
        target: Place of the event it erases.
        penalty_ppm: The penalty rate it brings with it.
    """
    vector = [c.NONE] * c.EVENT_COLUMNS
    vector[c.E_ON] = days_of(event.value_on)
    vector[c.E_TYPE] = int(event.type)
    vector[c.E_SEQ] = event.seq
    vector[c.E_TIE] = tie
    vector[c.E_RECORDED] = microseconds(event.recorded_at)
    vector[c.E_AMOUNT] = event.amount_minor
    vector[c.E_COMPONENT] = component_code(event)
    vector[c.E_UNTIL] = c.NONE if event.until is None else days_of(event.until)
    vector[c.E_RATE] = c.NONE if event.rate_ppm is None else event.rate_ppm
    vector[c.E_PENALTY_RATE] = penalty_ppm
    vector[c.E_CONTRACT] = c.NONE if event.contract is None else event.contract
    vector[c.E_TARGET] = target
    # A statement belongs to the close of its own day, whenever that close runs.
    is_late = event.recorded_at.date() > event.value_on
    is_backdated = is_late and event.type is not EventType.STATEMENT_CLOSED
    vector[c.E_IS_BACKDATED] = 1 if is_backdated else 0
    return vector


def with_rows(contract: Contract, event: Event, before: Sequence[Event] = ()) -> Event:
    """A disbursement that brings no rows brings those of the terms, for its own amount and day.

    Args:
        contract: As booked.
        event: Any; only a disbursement without rows changes.
        before: The account's other events, with their rows. Where a disbursement stands among them
            that was not erased, this one is a later tranche: rows due after its day are solved
            again over what is lent by then, as the plan goes; what was paid early or late since
            shows as an adjustment.
    """
    if event.type is not EventType.DISBURSED or event.rows:
        return event
    erased = {each.reverses for each in before}
    earlier = sorted(
        (
            each
            for each in before
            if each.type is EventType.DISBURSED
            and each.event_id not in erased
            and place_of(each) < place_of(event)
        ),
        key=place_of,
    )
    if earlier:
        return replace(event, rows=rows_of_tranche(contract, event, earlier))
    terms = replace(
        contract.terms, principal_minor=event.amount_minor, disbursed_on=event.value_on, tranches=()
    )
    return replace(event, rows=rows_of_instalments(solve_schedule(terms)))


def rows_of_tranche(
    contract: Contract, event: Event, earlier: Sequence[Event]
) -> tuple[EventRow, ...]:
    """Rows due after a later tranche's day; the running one carries the interest it had gathered.

    Raises:
        ArrearsError: `contract.tranche_after_last_due`.
    """
    first = earlier[0]
    lent = [*earlier[1:], event]
    terms = replace(
        contract.terms,
        principal_minor=first.amount_minor,
        disbursed_on=first.value_on,
        tranches=tuple(Tranche(on=each.value_on, amount_minor=each.amount_minor) for each in lent),
    )
    rows = [
        row
        for row in rows_of_instalments(solve_schedule(terms))
        if row.due_on > event.value_on and row.from_on is not None
    ]
    running = next((row for row in earlier[-1].rows if row.due_on == rows[0].due_on), None)
    if running is None or running.from_on is None or running.from_on >= event.value_on:
        return tuple(rows)
    nights = Fraction(
        (event.value_on - running.from_on).days, (running.due_on - running.from_on).days
    )
    new_minor = running.amounts_minor[Component.INTEREST] - running.carried_minor
    gathered_minor = running.carried_minor + round_fraction(new_minor * nights, terms.rounding)
    rows[0] = replace(rows[0], from_on=event.value_on, carried_minor=gathered_minor)
    return tuple(rows)


def place_of(event: Event) -> tuple[date, int, int, str]:
    """Where an event stands in the order of the fold."""
    return event.value_on, int(event.type), event.seq, event.event_id


def with_all_rows(contract: Contract, events: Sequence[Event]) -> list[Event]:
    """All events, each disbursement without rows solved in the order of their value dates."""
    solved = {event.event_id: event for event in events}
    bare = [each for each in events if each.type is EventType.DISBURSED and not each.rows]
    for event in sorted(bare, key=place_of):
        solved[event.event_id] = with_rows(contract, event, tuple(solved.values()))
    return list(solved.values())


def columns_of(contract: Contract, events: Sequence[Event]) -> AccountColumns:
    """Turn one account's records into columns.

    Args:
        contract: As booked.
        events: All of the account's events, any order; checked by `check_history`.

    Returns:
        Columns for `fold_account`; index of an event in `event_ids` = its row in `events`.
    """
    events = with_all_rows(contract, events)
    ranks = {name: at for at, name in enumerate(sorted(event.event_id for event in events))}
    places = {event.event_id: at for at, event in enumerate(events)}
    rows: list[list[int]] = []
    if contract.kind is Kind.LINE:
        unbilled = blank_row(c.KIND_UNBILLED)
        unbilled[c.R_DUE] = unbilled[c.R_AGEING_FROM] = c.NEVER
        rows.append(unbilled)
    table = []
    opened = min(
        (
            place_of(each)
            for each in events
            if each.type in (EventType.DISBURSED, EventType.TAKEN_OVER)
        ),
        default=None,
    )
    for event in events:
        target = c.NONE if event.reverses is None else places[event.reverses]
        penalty_ppm = penalty_after(contract, event)
        vector = event_vector(event, ranks[event.event_id], target=target, penalty_ppm=penalty_ppm)
        is_later = opened is not None and place_of(event) > opened
        owned = rows_of_event(contract, event, is_opened=is_later)
        vector[c.E_ROW_FIRST] = len(rows)
        vector[c.E_ROW_COUNT] = len(owned)
        rows += owned
        table.append(vector)
    return AccountColumns(
        terms=vector_of(terms_vector(contract)),
        orders=matrix_of(orders_table(contract), c.ORDER_COLUMNS),
        events=matrix_of(table, c.EVENT_COLUMNS),
        rows=matrix_of(rows, c.ROW_COLUMNS),
        event_ids=tuple(event.event_id for event in events),
    )
