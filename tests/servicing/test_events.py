"""Events: each type takes its own fields and no other, and a history must be one account's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import Currency
from arrears.servicing.events import (
    COMMON,
    COMPONENT_NAMES,
    NEEDS_ROWS,
    USES,
    Event,
    check_history,
    event_document,
    read_event,
)
from arrears.servicing.layout import EventType

CNY = Currency("CNY", 2)
ROW = {"seq": 1, "due_on": "2026-06-01", "principal": "100"}
FILLED: dict[str, Any] = {
    "amount": "12.50",
    "rows": [ROW],
    "until": "2026-03-01",
    "rate": "0.1",
    "reverses": "D",
    "contract": 0,
    "totals": {"principal": "100"},
}
COMPONENT = {
    EventType.FEE_CHARGED: "penalty",
    EventType.WAIVED: "compound",
    EventType.REFUNDED: "principal",
    EventType.CONVERTED: "purchase",
    EventType.POLICY_APPLIED: "cap_annual",
}


def full(kind: EventType) -> dict[str, Any]:
    """A document of a type with every field it uses."""
    fields = {key: FILLED[key] for key in sorted(USES[kind] - {"component"})}
    if "component" in USES[kind]:
        fields["component"] = COMPONENT[kind]
    return {
        "id": "E", "on": "2026-02-01", "type": kind.name.lower(), "seq": 3,
        "recorded_at": "2026-02-01T09:30:00.250000+08:00", **fields,
    }  # fmt: skip


def read(document: dict[str, Any]) -> Event:
    """One event in yuan."""
    return read_event(document, CNY, where="event")


def code_of(document: dict[str, Any]) -> str:
    """The code of the error a document is refused with."""
    with pytest.raises(ArrearsError) as error:
        read(document)
    assert error.value.where.startswith("event")
    return error.value.code


@pytest.mark.parametrize("kind", list(EventType))
def test_every_type_takes_its_fields_and_is_stored_as_it_was(kind: EventType) -> None:
    """Each type reads with all its fields, and what is stored reads back as the same event."""
    event = read(full(kind))
    assert event.type is kind
    assert read({**event_document(event, CNY)}) == event


@pytest.mark.parametrize("kind", list(EventType))
def test_no_type_takes_another_types_field(kind: EventType) -> None:
    """A field that a type does not use is refused by name: nothing is passed over in silence."""
    for key in sorted(({*FILLED, "component"} - USES[kind]) | {"colour"}):
        with pytest.raises(ArrearsError) as error:
            read({**full(kind), key: FILLED.get(key, "fee")})
        assert error.value.code == "event.unknown_field"
        assert error.value.where == f"event.{key}"


@pytest.mark.parametrize("kind", list(EventType))
def test_what_a_type_cannot_do_without(kind: EventType) -> None:
    """Without its amount, rows, end, rate or target an event is refused."""
    needed = {"amount", "until", "rate", "reverses"} & USES[kind]
    if kind is EventType.TAKEN_OVER:
        needed.discard("amount")
    if kind in (EventType.RATE_CHANGED, EventType.FEE_CHARGED):
        needed.discard("until")
    needed |= {"rows"} if kind in NEEDS_ROWS else set()
    for key in sorted(needed):
        document = full(kind)
        del document[key]
        assert code_of(document) == "event.refused"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "eaten"}, "event.unknown_type"),
        ({"type": None}, "event.unknown_type"),
        ({"currency": "USD"}, "event.other_currency"),
        ({"amount": "0"}, "event.refused"),
        ({"amount": "-1"}, "money.negative"),
        ({"amount": "1.001"}, "money.malformed"),
        ({"amount": "100000000001"}, "money.absurd"),
        ({"id": ""}, "event.refused"),
        ({"amount": 5}, "event.refused"),
        ({"seq": "first"}, "event.refused"),
        ({"seq": True}, "event.refused"),
        ({"contract": -1}, "event.refused"),
        ({"on": "2026-02-30"}, "date.malformed"),
        ({"recorded_at": "2026-02-01T09:00:00"}, "date.malformed"),
        ({"recorded_at": "yesterday"}, "date.malformed"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], code: str) -> None:
    """A repayment with one thing wrong is refused by that thing's own code, in its own place."""
    assert code_of({**full(EventType.REPAID), **changes}) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"due_on": "2026-01-31"}, "event.refused"),
        ({"colour": "red"}, "event.unknown_field"),
        ({"kind": "quarterly"}, "event.refused"),
        ({"seq": "one"}, "event.refused"),
        ({"paid": "all"}, "event.refused"),
        ({"paid": {"tip": "1"}}, "event.unknown_field"),
        ({"interest": "-1"}, "money.negative"),
    ],
)
def test_rows_that_are_refused(changes: dict[str, Any], code: str) -> None:
    """A signed row due before its event, of an unknown kind, or with a wrong amount."""
    document = full(EventType.REPLANNED)
    assert code_of({**document, "rows": [{**ROW, **changes}]}) == code


def test_rows_are_a_list_of_rows() -> None:
    """Anything else in their place is refused in their place."""
    for rows in ("all", {"seq": 1}, ["one"]):
        assert code_of({**full(EventType.REPLANNED), "rows": rows}) == "event.refused"


def test_a_plan_that_asks_for_nothing_is_refused() -> None:
    """New rows of zeros would make the debt a single row called an adjustment; a waiver says it."""
    for kind in (EventType.REPLANNED, EventType.CONVERTED):
        nothing = [{"seq": 1, "due_on": "2026-03-01", "principal": "0"}]
        assert code_of({**full(kind), "rows": nothing}) == "event.refused"


def test_an_event_may_name_only_components_its_type_knows() -> None:
    """A fee is a fee or a penalty; a shop's refund is principal; interest is neither."""
    for kind in COMPONENT:
        assert code_of({**full(kind), "component": "everything"}) == "event.refused"
    assert code_of({**full(EventType.FEE_CHARGED), "component": "interest"}) == "event.refused"
    for name in COMPONENT_NAMES:
        assert read({**full(EventType.WAIVED), "component": name}).component == name


def test_recorded_at_stands_for_the_value_date_where_it_is_absent() -> None:
    """Without an instant an event was known from the beginning of its value date, in UTC."""
    document = full(EventType.REPAID)
    del document["recorded_at"]
    assert read(document).recorded_at == datetime(2026, 2, 1, tzinfo=UTC)


@given(paid=st.integers(0, 9_000), waived=st.integers(0, 900), told=st.integers(0, 10_000))
def test_a_take_over_reconciles_or_is_refused(paid: int, waived: int, told: int) -> None:
    """Rows due less paid less waived must be the old system's total, to the fen."""

    def yuan(minor: int) -> str:
        return f"{minor // 100}.{minor % 100:02d}"

    row = {**ROW, "paid": {"principal": yuan(paid)}, "waived": {"principal": yuan(waived)}}
    document = {**full(EventType.TAKEN_OVER), "rows": [row], "totals": {"principal": yuan(told)}}
    if 10_000 - paid - waived == told:
        assert read(document).rows[0].paid_minor[0] == paid
    else:
        assert code_of(document) == "event.totals_differ"
    exact = {**document, "totals": {"principal": yuan(10_000 - paid - waived)}}
    assert read(exact).rows[0].waived_minor[0] == waived


def history(*documents: dict[str, Any]) -> list[Event]:
    """Events with ids of their own unless they bring one."""
    return [read({"id": f"E{at}", **each}) for at, each in enumerate(documents)]


LENT = {"id": "D", "on": "2026-01-10", "type": "disbursed", "amount": "100"}
PAID = {"id": "P", "on": "2026-01-20", "type": "repaid", "amount": "1"}
UNDONE = {"id": "R", "on": "2026-01-25", "type": "reversed", "reverses": "P"}


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([LENT, LENT], "event.duplicate_id"),
        ([PAID], "event.before_opening"),
        ([LENT, {**PAID, "on": "2026-01-09"}], "event.before_opening"),
        ([LENT, UNDONE], "event.unknown_target"),
        ([LENT, PAID, UNDONE, {**UNDONE, "id": "R2"}], "event.unknown_target"),
        ([LENT, PAID, UNDONE, {**UNDONE, "id": "R2", "reverses": "R"}], "event.unknown_target"),
        ([LENT, PAID, {**UNDONE, "type": "disbursement_failed"}], "event.unknown_target"),
        (
            [LENT, {"on": "2026-03-01", "type": "taken_over", "rows": [ROW]}, PAID],
            "event.before_opening",
        ),
    ],
)
def test_a_history_that_cannot_be(documents: list[dict[str, Any]], code: str) -> None:
    """Two events of one id, cash before the loan or the cut-over, a reversal of nothing or of twice."""
    with pytest.raises(ArrearsError) as error:
        check_history(history(*documents))
    assert error.value.code == code


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [LENT, PAID, UNDONE],
        [PAID, UNDONE, LENT],
        [LENT, {"on": "2026-01-11", "type": "disbursement_failed", "reverses": "D"}, PAID],
        [{"on": "2026-01-11", "type": "taken_over", "rows": [ROW]}, PAID],
        [{"on": "2026-01-11", "type": "purchased", "amount": "3"}, PAID],
    ],
)
def test_a_history_that_can_be(documents: list[dict[str, Any]]) -> None:
    """Any order of arrival; cash after a failed disbursement; accounts that begin in other ways."""
    check_history(history(*documents))


def test_the_common_fields_are_no_types_own() -> None:
    """A field is either common to all events or one type's own, never both."""
    assert all(not (fields & COMMON) for fields in USES.values())
    assert set(USES) == set(EventType)
    assert read(LENT).value_on == date(2026, 1, 10)
