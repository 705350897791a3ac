"""Generated contracts and histories: plausible, with nasty dates and amounts, and shrinking well."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from auditor.auditor import walked
from auditor.calendars import month_later, period_end
from auditor.cash import pay_off
from auditor.model import (
    COMPOUND,
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    STANDINGS,
    USUAL,
    Account,
    Event,
    Order,
    Row,
    Terms,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

    from auditor.book import Book

STARTS = (
    date(2026, 1, 5),
    date(2026, 1, 31),
    date(2023, 11, 30),
    date(2024, 1, 29),
    date(2024, 2, 29),
    date(2025, 12, 31),
    date(2025, 10, 15),
    date(2027, 12, 30),
)
RATES = (0, 1, 36_500, 72_000, 94_822, 180_000, 240_000, 360_000)
AMOUNTS = (1, 99, 10_000, 120_000, 999_999, 50_000_000)
INTERVALS = ((1, "months"), (1, "weeks"), (10, "days"), (1, "days"))
DAY = timedelta(days=1)


def ppm(rate: int) -> Fraction:
    return Fraction(rate, 1_000_000)


@st.composite
def orders(draw: DrawFn) -> tuple[Order, ...]:
    """One order, or a second for a type of event or from an age on."""
    if draw(st.integers(0, 2)) == 0:
        return (USUAL,)
    chosen = []
    for at in range(draw(st.integers(1, 2))):
        parts = draw(st.permutations((PRINCIPAL, INTEREST, FEE, PENALTY, COMPOUND)))
        by_standing = draw(st.booleans())
        slots = (
            tuple((where, each) for where in STANDINGS for each in parts)
            if by_standing
            else tuple((where, each) for each in parts for where in STANDINGS)
        )
        chosen.append(
            Order(
                slots=slots,
                event=draw(st.sampled_from((None, "repaid", "recovered"))) if at else None,
                days_past_due_from=draw(st.sampled_from((0, 1, 30))) if at else 0,
            )
        )
    return tuple(chosen)


@st.composite
def terms_of_contracts(draw: DrawFn, *, is_daily: bool = False, is_line: bool = False) -> Terms:
    """Terms with every mode of penalty, rounding, day count, order and cap."""
    rate = draw(st.sampled_from(RATES))
    mode = draw(st.sampled_from(("replaces", "adds", "none")))
    has_uplift = draw(st.booleans())
    uplift = draw(st.sampled_from((0, 300_000, 500_000)))
    penalty = draw(st.sampled_from(RATES))
    if has_uplift:
        penalty = rate * (uplift + (1_000_000 if mode == "replaces" else 0)) // 1_000_000
    is_penalised = draw(st.booleans())
    every, unit = draw(st.sampled_from(INTERVALS))
    cap = draw(st.sampled_from((None, 360_000, 240_000, 0)))
    return Terms(
        day_count=draw(
            st.sampled_from(
                (
                    "actual/365",
                    "actual/360",
                    "actual/actual",
                    "30/360",
                    "30E/360",
                    "equal_periods",
                )
            )
        ),
        year_split=draw(st.sampled_from(("dec31", "jan1"))),
        leap_year=draw(st.sampled_from(("full", "feb29_period_only"))),
        every=every,
        unit=unit,
        rounding=draw(st.sampled_from(("half_up", "half_even", "down", "up"))),
        is_each_day=draw(st.booleans()),
        is_daily=is_daily,
        is_principal_kept=is_daily and draw(st.booleans()),
        rate=ppm(rate),
        penalty_mode=mode,
        is_interest_penalised=is_penalised,
        penalty_rate=ppm(penalty),
        uplift=ppm(uplift) if has_uplift else None,
        is_compounding=not is_penalised and draw(st.booleans()),
        grace_days=draw(st.sampled_from((0, 0, 1, 3, 10))),
        floor_minor=draw(st.sampled_from((0, 0, 1, 1_000))),
        cap=None if cap is None else ppm(max(cap, rate) if cap else rate),
        is_vertical=draw(st.booleans()),
        surplus=draw(st.sampled_from(("next", "last", "credit"))),
        orders=draw(orders()),
        non_accrual_days=draw(st.sampled_from((None, 5, 30, 90))),
        is_fee_in_full=draw(st.booleans()),
        is_line=is_line,
    )


@st.composite
def signed_rows(
    draw: DrawFn,
    terms: Terms,
    start: date,
    principal: int,
    carried: int = 0,
    contract: int = 0,
    number_first: int = 1,
) -> tuple[Row, ...]:
    """Rows that sum to a principal, with interest near what the rate brings."""
    count = draw(st.integers(1, 6))
    has_fee = draw(st.booleans())
    rows = []
    left, begin = principal, start
    for number in range(1, count + 1):
        due = period_end(begin, terms)
        if terms.unit == "months":
            due = month_later(start, terms.every * number)
        part = left if number == count else left // (count - number + 1)
        interest = int(left * terms.rate * (due - begin).days / 365)
        fee = draw(st.sampled_from((0, 1, 500))) if has_fee else 0
        brought = carried if number == 1 else 0
        rows.append(
            Row(
                number=number_first + number - 1,
                start=begin,
                due=due,
                amounts=(part, interest + brought, fee, 0, 0),
                contract=contract,
                carried=brought,
            )
        )
        left, begin = left - part, due
    return tuple(rows)


class History:
    """A history being written: events so far, and the day it has come to."""

    def __init__(self, terms: Terms, draw: DrawFn, start: date) -> None:
        self.terms = terms
        self.draw = draw
        self.day = start
        self.events: list[Event] = []
        self.is_charged_off = False
        self.seen: tuple[tuple[int, date], Book] | None = None

    def account(self) -> Account:
        """The account as it stands."""
        return Account(terms=self.terms, events=tuple(self.events))

    def book(self) -> Book:
        """The book as it stands today."""
        key = (len(self.events), self.day)
        if self.seen is None or self.seen[0] != key:
            self.seen = (key, walked(self.account(), self.day))
        return self.seen[1]

    def add(self, type: str, **more: object) -> None:  # noqa: A002 - the event's own word
        """Write one event of today; now and then it becomes known later, or comes first."""
        late = self.draw(st.sampled_from((0, 0, 0, 1, 20)))
        known = self.day + late * DAY
        name = f"e{len(self.events):02d}" if self.events else "a00"
        if self.events and self.draw(st.integers(0, 3)) == 3:
            name = f"d{99 - len(self.events):02d}"
        event = Event(
            name=name,
            on=self.day,
            type=type,
            recorded=datetime(known.year, known.month, known.day, 8, tzinfo=UTC),
            **more,  # type: ignore[arg-type]  # fields as named by the callers
        )
        self.events.append(event)

    def amount(self) -> int:
        """An amount that means something today: a row's rest, the pay-off, a fen, anything."""
        choice = self.draw(st.integers(0, 6))
        if choice == 0:
            return self.draw(st.sampled_from(AMOUNTS))
        book = self.book()
        owed = pay_off(book)
        rests = [line.left_in_all for line in book.in_force() if line.left_in_all > 0]
        first = rests[0] if rests else 100
        wanted = {
            1: first,
            2: first // 2,
            3: owed,
            4: owed - 1,
            5: sum(rests[:2]),
            6: first + 1,
        }[choice]
        return max(1, wanted)

    def rows(self, principal: int, interest: int) -> tuple[Row, ...]:
        """Signed rows from today, with numbers no row before them has."""
        first = 1 + 20 * len(self.events)
        terms, principal = self.terms, max(1, principal)
        return self.draw(signed_rows(terms, self.day, principal, interest, number_first=first))

    def later(self) -> date:
        """A day from today on."""
        return self.day + self.draw(st.sampled_from((0, 1, 7, 31, 60))) * DAY

    def step(self) -> None:
        """Go on to a day worth looking at: a due date, the day before or after, or some days on."""
        book = self.book()
        dates = [line.due_on for line in book.in_force() if line.due_on and line.due_on > self.day]
        hop = self.draw(st.sampled_from((0, 1, 2, 5, 31, -1, -2, -3)))
        if hop < 0 and dates:
            self.day = max(self.day, min(dates) + (hop + 2) * DAY)
        else:
            self.day += abs(hop) * DAY


def repay(h: History) -> None:
    h.add("recovered" if h.is_charged_off else "repaid", amount=h.amount())


def waive(h: History) -> None:
    part = h.draw(st.sampled_from(("penalty", "interest", "fee", "compound", "principal")))
    h.add("waived", amount=h.amount(), component=part)


def fee(h: History) -> None:
    until = h.draw(st.sampled_from((None, 0, 20)))
    h.add(
        "fee_charged",
        amount=h.draw(st.sampled_from((1, 500, 5_000))),
        component=h.draw(st.sampled_from(("fee", "penalty"))),
        until=None if until is None else h.day + until * DAY,
    )


def freeze(h: History) -> None:
    h.add("penalty_frozen", until=h.later())


def pause(h: History) -> None:
    h.add("paused", until=h.later())


def rate(h: History) -> None:
    until = h.draw(st.sampled_from((None, 1, 40)))
    h.add(
        "rate_changed",
        rate=ppm(h.draw(st.sampled_from(RATES))),
        until=None if until is None else h.day + until * DAY,
    )


def policy(h: History) -> None:
    part = "penalty_rate"
    if h.terms.cap is not None:
        part = h.draw(st.sampled_from(("penalty_rate", "cap_annual")))
    h.add("policy_applied", component=part, rate=ppm(h.draw(st.sampled_from(RATES))))


def undo(h: History) -> None:
    gone = {event.reverses for event in h.events}
    free = [e.name for e in h.events[1:] if e.reverses is None and e.name not in gone]
    if free:
        h.add("reversed", reverses=h.draw(st.sampled_from(free)))


def charge_back(h: History) -> None:
    h.add("charged_back", amount=h.amount())


def refund(h: History) -> None:
    h.add("refunded", amount=h.amount())


def shop_refund(h: History) -> None:
    h.add("refunded", amount=h.amount(), component="principal")


def charge_off(h: History) -> None:
    h.add("charged_off")
    h.is_charged_off = True


def standing(h: History) -> tuple[int, int, int]:
    """Principal not yet due, interest recognised on it, and all principal, today."""
    book = h.book()
    undue = book.undue()
    interest = sum(line.recognised - line.paid[INTEREST] - line.waived[INTEREST] for line in undue)
    return sum(line.left(PRINCIPAL) for line in undue), max(0, interest), book.principal()


def off(h: History) -> int:
    """What somebody got wrong when the new rows were signed."""
    return h.draw(st.sampled_from((0, 0, 0, 1, -1, 700)))


def replan(h: History) -> None:
    _, interest, principal = standing(h)
    h.add("replanned", rows=h.rows(principal + off(h), interest))


def tranche(h: History) -> None:
    undue, interest, _ = standing(h)
    amount = h.draw(st.sampled_from((1, 50_000)))
    h.add("disbursed", amount=amount, rows=h.rows(undue + amount + off(h), interest))


def rate_with_rows(h: History) -> None:
    undue, interest, _ = standing(h)
    rows = h.rows(undue + off(h), interest)
    h.add("rate_changed", rate=ppm(h.draw(st.sampled_from(RATES))), rows=rows)


def accelerate(h: History) -> None:
    h.add("accelerated", until=h.later())


MONEY: tuple[Callable[[History], None], ...] = (repay,)
SIMPLE: tuple[Callable[[History], None], ...] = (
    repay,
    repay,
    waive,
    fee,
    freeze,
    pause,
    rate,
    undo,
)
RARE: tuple[Callable[[History], None], ...] = (policy, charge_back, refund, shop_refund, charge_off)
ROWS: tuple[Callable[[History], None], ...] = (replan, tranche, rate_with_rows, accelerate)


@st.composite
def loans(
    draw: DrawFn,
    *,
    is_daily: bool = False,
    happens: tuple[Callable[[History], None], ...] = MONEY + SIMPLE + RARE + ROWS,
    events_max: int = 6,
    terms: SearchStrategy[Terms] | None = None,
) -> tuple[Account, date]:
    """A loan with its history, and a day to ask about it."""
    agreed = draw(terms if terms is not None else terms_of_contracts(is_daily=is_daily))
    start = draw(st.sampled_from(STARTS))
    history = History(agreed, draw, start)
    principal = draw(st.sampled_from((120_000, 1, 999_999, 50_000_000)))
    rows = draw(signed_rows(agreed, start, principal))
    history.add("disbursed", amount=principal, rows=rows)
    for _ in range(draw(st.integers(0, events_max))):
        history.step()
        draw(st.sampled_from(happens))(history)
    history.step()
    return history.account(), history.day + draw(st.sampled_from((0, 1, 30, 90))) * DAY
