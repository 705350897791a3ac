"""One more payment at the end of an account's columns: checked and appended without its documents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arrears.kernel.dates import date_of, days_of
from arrears.kernel.errors import ArrearsError
from arrears.servicing import layout as c
from arrears.servicing.door import event_vector
from arrears.servicing.events import NEVER_LENT, OPENING
from arrears.servicing.layout import EventType
from arrears.servicing.matrix import matrix_of

if TYPE_CHECKING:
    from arrears.servicing.door import AccountColumns
    from arrears.servicing.events import Event


def with_payment(columns: AccountColumns, event: Event) -> AccountColumns:
    """The columns as `columns_of` makes them of the account's events and one more payment.

    A payment brings no rows and no terms, and erases nothing; so all that changes is one line of
    the events table, and the rank of its id among the account's.

    Args:
        columns: The account's, with the ids of its events; none of the events is this one.
        event: Of type `repaid`, read but not yet held against the account.

    Raises:
        ArrearsError: `event.duplicate_id`, `event.before_opening`: what `check_account` would say.
    """
    check_payment(columns, event)
    event_ids = (*columns.event_ids, event.event_id)
    ranks = {name: at for at, name in enumerate(sorted(event_ids))}
    added = event_vector(event, ranks[event.event_id])
    added[c.E_ROW_FIRST], added[c.E_ROW_COUNT] = len(columns.rows), 0
    table = [*columns.events.tolist(), added]
    for vector, event_id in zip(table, event_ids, strict=True):
        vector[c.E_TIE] = ranks[event_id]
    return replace(columns, events=matrix_of(table, c.EVENT_COLUMNS), event_ids=event_ids)


def check_payment(columns: AccountColumns, event: Event) -> None:
    """Refuse a payment that cannot be this account's.

    Raises:
        ArrearsError: `event.duplicate_id`, `event.before_opening`.
    """
    if event.event_id in columns.event_ids:
        raise ArrearsError(
            "event.duplicate_id",
            where=f"event {event.event_id}",
            expected="ids that differ",
            got=event.event_id,
        )
    days: dict[int, list[int]] = {}
    for vector in columns.events.tolist():
        days.setdefault(vector[c.E_TYPE], []).append(vector[c.E_ON])
    opened = min((day for kind in OPENING for day in days.get(kind, [])), default=None)
    taken = max(days.get(EventType.TAKEN_OVER, []), default=None)
    value_day = days_of(event.value_on)
    is_early = opened is None or value_day < opened
    # What was never lent, or never arrived, takes money all the same: it is kept for its payer.
    is_early = is_early and not any(kind in days for kind in NEVER_LENT)
    if not is_early and (taken is None or value_day >= taken):
        return
    first = taken if taken is not None else opened
    raise ArrearsError(
        "event.before_opening",
        where=f"event {event.event_id}",
        expected=f"a value date from {'a disbursement' if first is None else date_of(first)} on",
        got=str(event.value_on),
    )


def refund_on_its_way_minor(columns: AccountColumns, day: int) -> int:
    """What is paid back on days after one, in minor units: credit balance that is given away already.

    Args:
        columns: The account's.
        day: Days since 1970-01-01.
    """
    events = columns.events.tolist()
    erased = {vector[c.E_TARGET] for vector in events}
    return sum(
        vector[c.E_AMOUNT]
        for at, vector in enumerate(events)
        if vector[c.E_TYPE] == c.EV_REFUNDED
        and vector[c.E_COMPONENT] == c.NONE
        and vector[c.E_ON] > day
        and at not in erased
    )
