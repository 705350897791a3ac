"""What happens to an account: one closed set of event types, each with the fields it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import Currency, format_minor, parse_minor
from arrears.kernel.movement import Component
from arrears.kernel.rates import format_rate, parse_rate_ppm
from arrears.servicing.layout import EventType

COMMON = frozenset({"id", "on", "seq", "type", "recorded_at", "currency"})
#: The fields each type uses beside the common ones; any other is refused.
USES: dict[EventType, frozenset[str]] = {
    EventType.TAKEN_OVER: frozenset({"rows", "amount", "totals"}),
    EventType.DISBURSED: frozenset({"amount", "rows"}),
    EventType.PURCHASED: frozenset({"amount"}),
    EventType.RATE_CHANGED: frozenset({"rate", "until", "rows"}),
    EventType.POLICY_APPLIED: frozenset({"component", "rate"}),
    EventType.PENALTY_FROZEN: frozenset({"until"}),
    EventType.PAUSED: frozenset({"until"}),
    EventType.FEE_CHARGED: frozenset({"amount", "component", "until", "contract"}),
    EventType.REPAID: frozenset({"amount", "contract"}),
    EventType.RECOVERED: frozenset({"amount", "contract"}),
    EventType.REFUNDED: frozenset({"amount", "component", "contract"}),
    EventType.WAIVED: frozenset({"amount", "component", "contract"}),
    EventType.CHARGED_BACK: frozenset({"amount"}),
    EventType.CONVERTED: frozenset({"component", "rows"}),
    EventType.STATEMENT_CLOSED: frozenset({"rows"}),
    EventType.REPLANNED: frozenset({"rows", "contract"}),
    EventType.ACCELERATED: frozenset({"until"}),
    EventType.CHARGED_OFF: frozenset(),
    EventType.REVERSED: frozenset({"reverses"}),
    EventType.DISBURSEMENT_FAILED: frozenset({"reverses"}),
    EventType.CANCELLED: frozenset(),
}
NEEDS_AMOUNT = frozenset(
    kind for kind, keys in USES.items() if "amount" in keys and kind is not EventType.TAKEN_OVER
)
NEEDS_ROWS = frozenset(
    {
        EventType.TAKEN_OVER,
        EventType.CONVERTED,
        EventType.STATEMENT_CLOSED,
        EventType.REPLANNED,
    }
)
ROW_KEYS = frozenset(
    {"contract", "seq", "from_on", "due_on", "principal", "interest", "fee", "penalty", "compound"}
    | {"carried", "kind", "paid", "waived", "overdue_since"}
)
#: Of a place in an order, a contract or a row; the columns hold 64 bits.
WHOLE_MAX = 2**53
COMPONENT_NAMES = tuple(each.name.lower() for each in Component)
NOTHING = (0,) * len(COMPONENT_NAMES)
#: The components an event of a type may name.
MAY_NAME: dict[EventType, tuple[str, ...]] = {
    EventType.FEE_CHARGED: ("fee", "penalty"),
    EventType.WAIVED: COMPONENT_NAMES,
    EventType.REFUNDED: ("principal",),
    EventType.CONVERTED: ("statement", "purchase"),
    EventType.POLICY_APPLIED: ("cap_annual", "penalty_rate"),
}
#: What such an event names where it says nothing; None: nothing.
NAMES_ELSE = {
    EventType.FEE_CHARGED: "fee",
    EventType.CONVERTED: "statement",
    EventType.REFUNDED: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One signed row an event brings."""

    contract: int  #: 0 for the first of the account
    number: int
    kind: str  #: instalment | minimum | revolving
    from_on: date | None  #: None: the due date of the row before it
    due_on: date
    amounts_minor: tuple[int, ...]  #: by component
    carried_minor: int  #: part of the interest already owed when the row was signed
    paid_minor: tuple[int, ...]  #: by component, in the old system
    waived_minor: tuple[int, ...]
    overdue_since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, append-only."""

    event_id: str
    type: EventType
    value_on: date
    recorded_at: datetime  #: aware
    seq: int  #: effective sequence from the source
    amount_minor: int = 0
    component: str | None = None
    contract: int | None = None
    until: date | None = None
    rate_ppm: int | None = None
    reverses: str | None = None
    rows: tuple[EventRow, ...] = ()


def refused(where: str, expected: str, got: str) -> ArrearsError:
    """The error of an event that cannot be."""
    return ArrearsError("event.refused", where=where, expected=expected, got=got)


def whole(given: Mapping[str, object], key: str, default: int, where: str) -> int:
    """A whole number from 0 up to `WHOLE_MAX`: a place in an order, a contract, a row.

    Raises:
        ArrearsError: `event.refused`.
    """
    value = given.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= WHOLE_MAX:
        raise refused(f"{where}.{key}", f"a whole number from 0 to {WHOLE_MAX}", repr(value))
    return value


def required(given: Mapping[str, object], key: str, where: str) -> str:
    """Text that must stand in an event.

    Raises:
        ArrearsError: `event.refused`.
    """
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise refused(f"{where}.{key}", "text", "nothing" if value is None else repr(value))
    return value


def rows_given(given: Mapping[str, object], where: str) -> list[Mapping[str, object]]:
    """The rows an event brings, as documents.

    Raises:
        ArrearsError: `event.refused`.
    """
    rows = given.get("rows") or []
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise refused(f"{where}.rows", "a list of rows", repr(rows)[:80])
    return rows


def read_instant(given: object, value_on: date, *, where: str) -> datetime:
    """An aware instant; absent, the end of the value date in UTC.

    Raises:
        ArrearsError: `date.malformed`.
    """
    if given is None:
        return datetime(value_on.year, value_on.month, value_on.day, tzinfo=UTC)
    try:
        instant = datetime.fromisoformat(str(given))
    except ValueError:
        instant = datetime.min  # noqa: DTZ901 - naive, refused below
    if instant.tzinfo is None:
        raise ArrearsError(
            "date.malformed",
            where=where,
            expected="an instant with its offset, such as 2026-01-31T09:00:00+08:00",
            got=repr(given),
        )
    return instant


def read_amounts(given: object, currency: Currency, *, where: str) -> tuple[int, ...]:
    """Amounts by component from an object with component names."""
    if given is not None and not isinstance(given, Mapping):
        raise refused(where, "an object of amounts by component", repr(given))
    named: Mapping[str, object] = given or {}
    for key in sorted(set(named) - set(COMPONENT_NAMES)):
        raise ArrearsError(
            "event.unknown_field",
            where=f"{where}.{key}",
            expected=", ".join(COMPONENT_NAMES),
            got=key,
        )
    if not named:
        return NOTHING
    return tuple(
        parse_minor(str(named[name]), currency, where=f"{where}.{name}") if name in named else 0
        for name in COMPONENT_NAMES
    )


def read_row(given: Mapping[str, object], at: int, currency: Currency, *, where: str) -> EventRow:
    """Read one signed row.

    Raises:
        ArrearsError: `event.unknown_field` and the errors of money and dates.
    """
    for key in sorted(set(given) - ROW_KEYS):
        raise ArrearsError(
            "event.unknown_field",
            where=f"{where}.{key}",
            expected=", ".join(sorted(ROW_KEYS)),
            got=key,
        )
    own = {name: given[name] for name in COMPONENT_NAMES if name in given}
    start, since = given.get("from_on"), given.get("overdue_since")
    kind = given.get("kind", "instalment")
    if kind not in {"instalment", "minimum", "revolving"}:
        raise refused(f"{where}.kind", "instalment, minimum or revolving", repr(kind))
    return EventRow(
        contract=whole(given, "contract", 0, where),
        number=whole(given, "seq", at, where),
        kind=str(kind),
        from_on=None if start is None else parse_date(str(start), where=f"{where}.from_on"),
        due_on=parse_date(required(given, "due_on", where), where=f"{where}.due_on"),
        amounts_minor=read_amounts(own, currency, where=where),
        carried_minor=parse_minor(
            str(given.get("carried", "0")), currency, where=f"{where}.carried"
        ),
        paid_minor=read_amounts(given.get("paid"), currency, where=f"{where}.paid"),
        waived_minor=read_amounts(given.get("waived"), currency, where=f"{where}.waived"),
        overdue_since=None
        if since is None
        else parse_date(str(since), where=f"{where}.overdue_since"),
    )


def read_type(given: Mapping[str, object], where: str) -> EventType:
    """The event's type.

    Raises:
        ArrearsError: `event.unknown_type`.
    """
    name = str(given.get("type"))
    if name.upper() not in EventType.__members__:
        raise ArrearsError(
            "event.unknown_type",
            where=f"{where}.type",
            expected=", ".join(each.name.lower() for each in EventType),
            got=repr(given.get("type")),
        )
    return EventType[name.upper()]


def read_component(given: Mapping[str, object], kind: EventType, where: str) -> str | None:
    """The component an event names, among those its type may name.

    Raises:
        ArrearsError: `event.refused`.
    """
    if kind not in MAY_NAME:
        return None
    named = given.get("component", NAMES_ELSE.get(kind, ""))
    if named is None:
        return None
    if named not in MAY_NAME[kind]:
        expected = " | ".join(MAY_NAME[kind])
        raise refused(f"{where}.component", expected, repr(given.get("component")))
    return str(named)


def read_event(given: Mapping[str, object], currency: Currency, *, where: str) -> Event:
    """Read one event; a key its type does not use is refused.

    Raises:
        ArrearsError: `event.*`, and the errors of money, rates and dates.
    """
    kind = read_type(given, where)
    for key in sorted(given.keys() - COMMON - USES[kind]):
        raise ArrearsError(
            "event.unknown_field",
            where=f"{where}.{key}",
            expected=f"for {kind.name.lower()}: {', '.join(sorted(COMMON | USES[kind]))}",
            got=key,
        )
    if given.get("currency", currency.code) != currency.code:
        raise ArrearsError(
            "event.other_currency",
            where=f"{where}.currency",
            expected=currency.code,
            got=repr(given.get("currency")),
        )
    value_on = parse_date(required(given, "on", where), where=f"{where}.on")
    amount = 0
    if "amount" in given or kind in NEEDS_AMOUNT:
        amount = parse_minor(required(given, "amount", where), currency, where=f"{where}.amount")
    if kind in NEEDS_AMOUNT and amount == 0:
        raise refused(f"{where}.amount", "an amount above 0", "0")
    until, rate = given.get("until"), given.get("rate")
    event = Event(
        event_id=required(given, "id", where),
        type=kind,
        value_on=value_on,
        recorded_at=read_instant(given.get("recorded_at"), value_on, where=f"{where}.recorded_at"),
        seq=whole(given, "seq", 0, where),
        amount_minor=amount,
        component=read_component(given, kind, where),
        contract=None if given.get("contract") is None else whole(given, "contract", 0, where),
        until=None if until is None else parse_date(str(until), where=f"{where}.until"),
        rate_ppm=None if rate is None else parse_rate_ppm(str(rate), where=f"{where}.rate"),
        reverses=None if given.get("reverses") is None else str(given.get("reverses")),
        rows=tuple(
            read_row(row, at, currency, where=f"{where}.rows[{at}]")
            for at, row in enumerate(rows_given(given, where), start=1)
        ),
    )
    check_event(event, where)
    if kind is EventType.TAKEN_OVER:
        check_totals(event, given.get("totals"), currency, where)
    return event


def check_event(event: Event, where: str) -> None:
    """Refuse an event that lacks what its type needs.

    Raises:
        ArrearsError: `event.refused`.
    """
    kind = event.type
    if kind in NEEDS_ROWS and not event.rows:
        raise refused(f"{where}.rows", "signed rows", "none")
    asked_minor = sum(sum(row.amounts_minor) for row in event.rows)
    if kind in (EventType.REPLANNED, EventType.CONVERTED) and asked_minor == 0:
        raise refused(f"{where}.rows", "rows that ask for something", "only zeros")
    needs_until = kind in (EventType.PENALTY_FROZEN, EventType.PAUSED, EventType.ACCELERATED)
    if needs_until and (event.until is None or event.until < event.value_on):
        raise refused(f"{where}.until", f"a day from {event.value_on} on", str(event.until))
    if kind in (EventType.RATE_CHANGED, EventType.POLICY_APPLIED) and event.rate_ppm is None:
        raise refused(f"{where}.rate", "a rate", "none")
    if kind in (EventType.REVERSED, EventType.DISBURSEMENT_FAILED) and not event.reverses:
        raise refused(f"{where}.reverses", "the id of an event", "none")
    for row in event.rows:
        if kind is not EventType.TAKEN_OVER and row.due_on < event.value_on:
            raise refused(f"{where}.rows", f"due dates from {event.value_on} on", str(row.due_on))
        check_row(row, f"{where}.rows, row {row.number}")
    places = [(row.contract, row.number) for row in event.rows]
    if len(set(places)) != len(places):
        raise refused(f"{where}.rows", "rows with numbers of their own", "the same number twice")


def check_row(row: EventRow, where: str) -> None:
    """Refuse a row that was paid more than it asks for, or carries more than it bears.

    Raises:
        ArrearsError: `event.refused`.
    """
    asked = zip(row.amounts_minor, row.paid_minor, row.waived_minor, strict=True)
    for name, (due, paid, waived) in zip(COMPONENT_NAMES, asked, strict=True):
        if paid + waived > due:
            raise refused(
                f"{where}, {name}", f"at most {due} minor units paid and waived", str(paid + waived)
            )
    if row.carried_minor > row.amounts_minor[Component.INTEREST]:
        raise refused(
            f"{where}, carried", "at most the row's interest", f"{row.carried_minor} minor units"
        )


def check_totals(event: Event, totals: object, currency: Currency, where: str) -> None:
    """Hold the rows of a take-over against the old system's totals outstanding.

    Raises:
        ArrearsError: `event.totals_differ`.
    """
    if totals is None:
        return
    told = read_amounts(totals, currency, where=f"{where}.totals")
    for at, name in enumerate(COMPONENT_NAMES):
        found = sum(
            row.amounts_minor[at] - row.paid_minor[at] - row.waived_minor[at] for row in event.rows
        )
        if found != told[at]:
            raise ArrearsError(
                "event.totals_differ",
                where=f"{where}.totals.{name}",
                expected=f"{format_minor(told[at], currency)} outstanding, as the old system says",
                got=format_minor(found, currency),
            )


OPENING = (
    EventType.DISBURSED,
    EventType.PURCHASED,
    EventType.TAKEN_OVER,
    EventType.STATEMENT_CLOSED,
)
NEVER_LENT = frozenset({EventType.DISBURSEMENT_FAILED, EventType.CANCELLED})


def check_history(events: Sequence[Event]) -> None:
    """Refuse a list of events that cannot be one account's.

    Raises:
        ArrearsError: `event.duplicate_id`, `event.unknown_target`, `event.before_opening`,
            `event.refused` for a cancellation of what was lent, or a tranche after a take-over that
            brings no rows: nobody here knows the plan it would be solved over.
    """
    by_id = {event.event_id: event for event in events}
    if len(by_id) != len(events):
        ids = [event.event_id for event in events]
        double = next(each for each in ids if ids.count(each) > 1)
        raise ArrearsError(
            "event.duplicate_id", where=f"event {double}", expected="ids that differ", got=double
        )
    erased: set[str] = set()
    # What was never lent, or never arrived, takes money all the same: it is kept for its payer.
    never_lent = any(event.type in NEVER_LENT for event in events)
    for event in events:
        if event.reverses is None:
            continue
        target = by_id.get(event.reverses)
        is_failure = event.type is EventType.DISBURSEMENT_FAILED
        fits = target is not None and target.reverses is None and event.reverses not in erased
        if not fits or (
            is_failure and target is not None and target.type is not EventType.DISBURSED
        ):
            raise ArrearsError(
                "event.unknown_target",
                where=f"event {event.event_id}, field reverses",
                expected="an event of this account not yet reversed"
                + (", a disbursement" if is_failure else ""),
                got=repr(event.reverses),
            )
        erased.add(event.reverses)
    opened = min((e.value_on for e in events if e.type in OPENING), default=None)
    taken = max((e.value_on for e in events if e.type is EventType.TAKEN_OVER), default=None)
    for event in events:
        late = opened is None or event.value_on < opened
        late = late and event.type is not EventType.CANCELLED
        if (late and not never_lent and event.reverses is None) or (
            taken and event.value_on < taken
        ):
            raise ArrearsError(
                "event.before_opening",
                where=f"event {event.event_id}",
                expected=f"a value date from {taken or opened or 'a disbursement'} on",
                got=str(event.value_on),
            )
        if taken and event.type is EventType.DISBURSED and not event.rows:
            raise refused(
                f"event {event.event_id}.rows", "the rows signed with the tranche", "none"
            )
    check_cancelled([event for event in events if event.event_id not in erased])


def check_cancelled(standing: Sequence[Event]) -> None:
    """Refuse to cancel a contract under which something was lent, or to lend under a cancelled one.

    Args:
        standing: The account's events without those that were erased.

    Raises:
        ArrearsError: `event.refused`.
    """
    cancelled = [each for each in standing if each.type is EventType.CANCELLED]
    opened = [each for each in standing if each.type in OPENING]
    if cancelled and opened:
        raise refused(
            f"event {cancelled[0].event_id}, type",
            "a cancellation where nothing stands lent; after money went out, disbursement_failed",
            f"event {opened[0].event_id}, {opened[0].type.name.lower()} on {opened[0].value_on}",
        )


def row_document(row: EventRow, currency: Currency) -> dict[str, object]:
    """One signed row as it is stored; reads back as it was."""
    amounts = {
        name: format_minor(row.amounts_minor[at], currency)
        for at, name in enumerate(COMPONENT_NAMES)
        if row.amounts_minor[at]
    }
    document: dict[str, object] = {
        "contract": row.contract,
        "seq": row.number,
        "kind": row.kind,
        "due_on": row.due_on.isoformat(),
        "carried": format_minor(row.carried_minor, currency),
        **amounts,
    }
    if row.from_on is not None:
        document["from_on"] = row.from_on.isoformat()
    if row.overdue_since is not None:
        document["overdue_since"] = row.overdue_since.isoformat()
    for key, held in (("paid", row.paid_minor), ("waived", row.waived_minor)):
        if any(held):
            document[key] = {
                name: format_minor(held[at], currency) for at, name in enumerate(COMPONENT_NAMES)
            }
    return document


def event_document(event: Event, currency: Currency) -> dict[str, object]:
    """An event as it is stored; `read_event` reads it back as it was."""
    document: dict[str, object] = {
        "id": event.event_id,
        "on": event.value_on.isoformat(),
        "seq": event.seq,
        "type": event.type.name.lower(),
        "recorded_at": event.recorded_at.isoformat(),
    }
    if "amount" in USES[event.type] and event.amount_minor:
        document["amount"] = format_minor(event.amount_minor, currency)
    optional: dict[str, object] = {
        "component": event.component,
        "contract": event.contract,
        "reverses": event.reverses,
        "until": None if event.until is None else event.until.isoformat(),
        "rate": None if event.rate_ppm is None else format_rate(event.rate_ppm),
    }
    document.update({key: value for key, value in optional.items() if value is not None})
    if event.rows:
        document["rows"] = [row_document(row, currency) for row in event.rows]
    return document
