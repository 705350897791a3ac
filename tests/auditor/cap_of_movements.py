"""Tests (b) and (c) of the cap, added up again in fractions from the movements of a loan alone.

Which principal stood on which night, and what of it had fallen due, is read from the movements; so is
every charge, night by night. Of the contract only the cap, the contract rate and the day count are
asked, for no movement tells those of a night that bore nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel import movement as m
from auditor.calendars import night_weight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.model import Terms

EPOCH = date(1970, 1, 1)
RowKey = tuple[int, int]
#: Kinds that put principal on a row or a loan, and kinds that take it off.
MORE = (m.DISBURSED, m.CHARGED_BACK, m.TAKEN_OVER, m.MOVED_IN)
LESS = (
    m.PAID,
    m.TAKEN_FROM_CREDIT,
    m.RECOVERED,
    m.WAIVED,
    m.MERCHANT_REFUNDED,
    m.MOVED_OUT,
    m.DISBURSEMENT_UNDONE,
)


@dataclass(frozen=True)
class Breach:
    """A test of the cap that failed."""

    test: str
    on: date
    charged: Fraction
    allowed: Fraction


@dataclass
class Nights:
    """What stood and what was charged, night by night."""

    principal: dict[int, int] = field(default_factory=lambda: defaultdict(int))  #: changes by day
    fallen: dict[tuple[RowKey, int], int] = field(default_factory=lambda: defaultdict(int))
    charged: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    #: Charges of runs that were cut, on their last night: how they lie within it, no movement tells.
    pooled: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    unsure: dict[int, int] = field(
        default_factory=lambda: defaultdict(int)
    )  #: fen of rounding there
    late_fees: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def fallen_on(self, key: RowKey, night: int) -> int:
        """Principal of a row that had fallen due and was unpaid after the day's events."""
        return sum(
            change for (row, day), change in self.fallen.items() if row == key and day <= night
        )

    def all_fallen(self) -> dict[int, int]:
        """Changes of the principal fallen due, all rows, by day."""
        total: dict[int, int] = defaultdict(int)
        for (_, day), change in self.fallen.items():
            total[day] += change
        return total


def day_of(number: int) -> date:
    """The date so many days after 1970-01-01."""
    return EPOCH + timedelta(days=number)


def follow_principal(movements: Sequence[Sequence[int]], nights: Nights) -> None:
    """Changes of outstanding principal, and of that on rows fallen due.

    A debt that is owed again joins a row due today, or is a row of its own due at once: that one becomes
    overdue without a due date having come.
    """
    told = {(row[m.MV_CONTRACT], row[m.MV_INSTALMENT], row[m.MV_KIND]) for row in movements}
    on_row: dict[RowKey, int] = defaultdict(int)
    fell_on: dict[RowKey, int] = {}
    for row in movements:
        if row[m.MV_COMPONENT] != m.PRINCIPAL:
            continue
        key = (row[m.MV_CONTRACT], row[m.MV_INSTALMENT])
        kind, on, amount = row[m.MV_KIND], row[m.MV_ON], row[m.MV_AMOUNT]
        change = 0
        if kind in MORE:
            nights.principal[on] += amount
            is_alone = (*key, m.BECAME_OVERDUE) in told and (*key, m.FELL_DUE) not in told
            if kind == m.CHARGED_BACK and (is_alone or fell_on.get(key) == on):
                change = amount
        elif kind in LESS:
            nights.principal[on] -= amount
            change = -min(amount, on_row[key])
        elif kind == m.FELL_DUE:
            fell_on[key] = on
            change = amount
        on_row[key] += change
        nights.fallen[key, on] += change


def spread_charges(movements: Sequence[Sequence[int]], nights: Nights, terms: Terms) -> None:
    """Every run of penalty or compound interest, over its nights by their weights, unrounded.

    A run tells base and rate, and its cumulative exact sum: what it adds is that less the sum of its
    stream before. A run too small for a minor unit is not told at all, and what it gathered comes with
    the next; so where both agree to a fen it is base by rate, and where they do not a night was cut.
    """
    before: dict[tuple[int, ...], Fraction] = defaultdict(Fraction)
    taken: set[tuple[int, ...]] = set()
    for row in movements:
        component, days = row[m.MV_COMPONENT], row[m.MV_DAYS]
        if row[m.MV_KIND] == m.CHARGED and component == m.PENALTY:
            nights.late_fees[row[m.MV_ON]] += row[m.MV_AMOUNT]
        if row[m.MV_KIND] != m.ACCRUED or component not in (m.PENALTY, m.COMPOUND) or days == 0:
            continue
        key = (row[m.MV_CONTRACT], row[m.MV_INSTALMENT])
        first = row[m.MV_FROM]
        weights = {at: night_weight(day_of(at), terms) for at in range(first, first + days)}
        whole = sum(weights.values(), Fraction(0))
        most = row[m.MV_BASE] * Fraction(row[m.MV_RATE], 1_000_000) * whole
        is_on_principal = row[m.MV_BASE] == nights.fallen_on(key, first)
        stream = (*key, component, int(is_on_principal and (*key, component, first) not in taken))
        taken.add((*key, component, first))
        exact = row[m.MV_WHOLE] + Fraction(row[m.MV_REMAINDER], row[m.MV_DENOMINATOR])
        added, before[stream] = exact - before[stream], exact
        if terms.is_each_day or abs(added - most) >= 1:
            nights.pooled[first + days - 1] += min(added, most)
            nights.unsure[first + days - 1] += days if terms.is_each_day else 1
            continue
        for at, weight in weights.items():
            nights.charged[at] += most * (weight / whole if whole else Fraction(0))


def running(changes: dict[int, int], first: int, last: int) -> list[int]:
    """Daily balances from daily changes."""
    total, out = 0, []
    for day in range(first, last + 1):
        total += changes.get(day, 0)
        out.append(total)
    return out


def charges_to_date(movements: Sequence[Sequence[int]]) -> int:
    """All charges recognised, less what was waived and what the cap credited."""
    sign = {m.ACCRUED: 1, m.CHARGED: 1, m.WAIVED: -1, m.CAPPED: -1}
    return sum(
        sign.get(row[m.MV_KIND], 0) * row[m.MV_AMOUNT]
        for row in movements
        if row[m.MV_COMPONENT] != m.PRINCIPAL
    )


def audit_cap(
    movements: Sequence[Sequence[int]],
    terms: Terms,
    *,
    cap_on: Callable[[date], Fraction],
    rate_on: Callable[[date], Fraction],
    as_of: date,
    is_settled: bool,
) -> list[Breach]:
    """Every night whose default charges exceed its room, and the life, if it was settled or charged off.

    Where a night was cut, or every night is rounded by itself, movements tell whole runs, to a fen: all
    charges up to a night must then fit into the room of all nights up to it.

    Args:
        movements: Rows of a loan's movements, valuations among them, in the order of the fold.
        terms: Day count, year split and penalty mode.
        cap_on: The cap of a night.
        rate_on: The contract rate of a night.
        as_of: The day up to which they reach; its own night is not part of it.
        is_settled: Whether test (c) is due on that day.
    """
    nights = Nights()
    follow_principal(movements, nights)
    spread_charges(movements, nights, terms)
    first, last = min(nights.principal, default=0), (as_of - EPOCH).days
    balances = running(nights.principal, first, last)
    fallen = running(nights.all_fallen(), first, last)
    breaches, ceiling, rooms, so_far = [], Fraction(0), Fraction(0), Fraction(0)
    for at, day in enumerate(day_of(number) for number in range(first, last + 1)):
        number = first + at
        weight = night_weight(day, terms)
        bearing = balances[at] - (0 if terms.penalty_mode == "adds" else fallen[at])
        room = max(Fraction(0), balances[at] * cap_on(day) - bearing * rate_on(day)) * weight
        charged = nights.charged[number] + nights.late_fees[number]
        rooms += room + nights.unsure[number]
        so_far += charged + nights.pooled[number]
        if charged > room:
            breaches.append(Breach("b", day, charged, room))
        elif nights.pooled[number] and so_far > rooms:
            breaches.append(Breach("b", day, so_far, rooms))
        if day < as_of:
            ceiling += balances[at] * cap_on(day) * weight
    total = charges_to_date(movements)
    if is_settled and total > ceiling // 1:
        breaches.append(Breach("c", as_of, Fraction(total), Fraction(ceiling // 1)))
    return breaches


__all__ = ["Breach", "audit_cap"]
