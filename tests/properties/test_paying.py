"""A payment appended to packed columns is the payment read with all documents, or refused as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.servicing.door import columns_of
from arrears.servicing.events import Event
from arrears.servicing.fitting import check_account
from arrears.servicing.layout import EventType
from arrears.servicing.packing import packed, packed_of, unpacked
from arrears.servicing.paying import refund_on_its_way_minor, with_payment
from auditor.profiles import steady
from auditor.strategies import MONEY, RARE, ROWS, SIMPLE, loans
from auditor.strategies_line import revolving_lines
from auditor.strategies_opening import taken_over
from auditor.translation import contract_of, event_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arrears.servicing.contract import Contract
    from auditor.model import Account

EVENTS = MONEY + SIMPLE + RARE + ROWS
every_account = st.one_of(
    loans(happens=EVENTS), loans(is_daily=True, happens=EVENTS), revolving_lines(), taken_over()
)


def history_of(account: Account) -> tuple[Contract, list[Event]]:
    """The account as the program reads it."""
    return contract_of(account.terms), [event_of(each, account.terms) for each in account.events]


def refusal(asked: Callable[[], object]) -> str:
    """The error's code and fields, or nothing."""
    try:
        asked()
    except ArrearsError as error:
        return error.render()
    return ""


def appended(contract: Contract, events: Sequence[Event], event: Event) -> bytes:
    """The events table with the payment appended to what was packed."""
    ids = [each.event_id for each in events]
    before = unpacked(packed_of(contract, events), ids)
    return packed(with_payment(before, event)).events


@steady(80)
@given(every_account, st.data())
def test_a_payment_is_appended_as_it_is_read(
    case: tuple[Account, date], data: st.DataObject
) -> None:
    """Whatever its day, id and place in order: the same table as from all documents, or refused alike.

    Ids come before, between and after those there are, and one that is taken.
    """
    contract, events = history_of(case[0])
    assume(not refusal(lambda: check_account(contract, events)))  # what is stored was checked
    days = [each.value_on for each in events]
    name = data.draw(st.sampled_from(["", "M", "~", "中", *(each.event_id for each in events)]))
    event = Event(
        event_id=name or " ",
        type=EventType.REPAID,
        value_on=data.draw(st.dates(date.fromordinal(min(days).toordinal() - 9), max(days))),
        recorded_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
        seq=data.draw(st.integers(0, 2)),
        amount_minor=data.draw(st.integers(1, 10**9)),
    )
    known = refusal(lambda: check_account(contract, [*events, event]))
    assert refusal(lambda: appended(contract, events, event)) == known
    if not known:
        assert appended(contract, events, event) == packed_of(contract, [*events, event]).events


@steady(40)
@given(every_account, st.data())
def test_what_is_paid_back_on_days_to_come_is_read_from_columns(
    case: tuple[Account, date], data: st.DataObject
) -> None:
    """Refunds of the credit balance after a day, less those erased: the sum over records."""
    contract, events = history_of(case[0])
    if not events:
        return
    day = data.draw(st.sampled_from([each.value_on for each in events]))
    refund = replace(
        events[-1], event_id="R", type=EventType.REFUNDED, amount_minor=7, component=None, rows=(),
        reverses=None, value_on=day,
    )  # fmt: skip
    erased = {each.reverses for each in events}
    every = [*events, refund] if data.draw(st.booleans()) else events
    wanted = sum(
        each.amount_minor
        for each in every
        if each.type is EventType.REFUNDED
        and each.component is None
        and each.value_on.toordinal() > day.toordinal() - 1
        and each.event_id not in erased
    )
    columns = columns_of(contract, every)
    assert refund_on_its_way_minor(columns, (day - date(1970, 1, 1)).days - 1) == wanted
