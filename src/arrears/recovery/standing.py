"""One debtor made ready for the gate: everything that does not change from one attempt to the next.

Days become spans of seconds, contacts become sorted counts, and each way to contact somebody becomes
a `Line` whose facts are asked once a day. What is left for each attempt is a few comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from arrears.recovery.contact import HoldKind, Outcome, Purpose, Role
from arrears.recovery.counting import COUNTER, EMPTY, key_of, tallies_of
from arrears.recovery.gate_facts import WHEN_HELD, broken_facts, case_of
from arrears.recovery.gate_rules import RULE_OF_HOLD
from arrears.recovery.hours import (
    MINUTES_OF_DAY,
    SECONDS_OF_DAY,
    LocalDay,
    day_begins,
    open_minutes,
    seconds_up,
    span_of,
)

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from arrears.recovery.contact import Hold
    from arrears.recovery.counting import Key, Tally
    from arrears.recovery.gate_facts import Case
    from arrears.recovery.gate_rules import GateRules
    from arrears.recovery.known import Attempt, Known
    from arrears.recovery.verdict import Rule

#: An attempt without its instant.
Way = tuple[object, ...]


class Ceiling(NamedTuple):
    """One counter that stops a line, with what it has counted so far."""

    rule: Rule
    limit: int
    days: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Line:
    """One way to contact somebody on one day: its facts, and what the hour and the counts decide."""

    day: LocalDay
    purpose: Purpose
    broken: tuple[Rule, ...]  #: facts that stand in the way
    spans: tuple[tuple[int, int], ...]  #: seconds in which it may be
    holds: tuple[tuple[Rule, int | None], ...]  #: second until which; None: until it is lifted
    ceilings: tuple[Ceiling, ...]
    takes_place_in: tuple[Rule, ...]
    answers: tuple[int, int] | None  #: from and until when there is something to answer
    is_plain: bool  #: only the hour and the counts are left to ask


class Standing:
    """What the gate has worked out of one debtor under the rules of one day."""

    __slots__ = ("_day", "_lines", "_tallies", "known", "rules", "zone")

    def __init__(self, known: Known, rules: GateRules, zone: tzinfo) -> None:
        self.known = known
        self.rules = rules
        self.zone = zone
        self._day: LocalDay | None = None
        self._lines: dict[Way, Line] = {}
        limited = [limit.rule for limit in rules.limits]
        self._tallies: dict[Key, Tally] = tallies_of(
            known.contacts, rules.counters_count, limited, zone
        )

    def day_at(self, at: datetime, at_s: int) -> LocalDay:
        """The debtor's own day at an instant."""
        day = self._day
        if day is None or not day.from_s <= at_s < day.until_s:
            day = self._day = self.day_on(at.astimezone(self.zone).date())
        return day

    def day_on(self, on: date) -> LocalDay:
        """A day of the debtor's calendar."""
        told = self.known.calendar.ask(on)
        return LocalDay(
            on=on,
            number=on.toordinal(),
            from_s=day_begins(on, self.zone),
            until_s=day_begins(on + timedelta(days=1), self.zone),
            is_rest_day=not told.is_workday,
            is_provisional=told.is_provisional,
        )

    def line_of(self, attempt: Attempt, day: LocalDay) -> Line:
        """The line an attempt takes on a day; only attempts that name nothing unknown have one."""
        way = (
            day.number,
            attempt.purpose,
            attempt.channel,
            attempt.actor_id,
            attempt.person_id,
            attempt.address_id,
            attempt.debt_id,
            attempt.template_id,
            attempt.persons,
        )
        line = self._lines.get(way)
        if line is None:
            line = self._lines[way] = self._made(case_of(attempt, self.known, self.rules, day))
        return line

    def _made(self, case: Case) -> Line:
        minutes = open_minutes(
            self.rules, self.known.agreed_hours, case.day, case.purpose, case.actor.kind
        )
        broken, holds = broken_facts(case), tuple(self._holds(case))
        is_answer = case.purpose is Purpose.ANSWER
        return Line(
            day=case.day,
            purpose=case.purpose,
            broken=broken,
            spans=tuple(self._span(case.day, begin, end) for begin, end in minutes),
            holds=holds,
            ceilings=self._ceilings(case),
            takes_place_in=self._places(case),
            answers=self._answerable(case) if is_answer else None,
            is_plain=not (broken or holds or is_answer),
        )

    def _span(self, day: LocalDay, begin: int, end: int) -> tuple[int, int]:
        if (begin, end) == (0, MINUTES_OF_DAY):
            return day.from_s, day.until_s
        return span_of(day.on, begin, end, self.zone)

    def _holds(self, case: Case) -> list[tuple[Rule, int | None]]:
        return [
            (RULE_OF_HOLD[hold.kind], self._held_until(hold))
            for hold in self.known.holds
            if case.purpose in self.rules.holds_stop[hold.kind]
            and hold.channel in {None, case.attempt.channel}
            and hold.debt_id in {None, case.debt.debt_id}
            and not self._is_past(hold, case)
        ]

    def _is_past(self, hold: Hold, case: Case) -> bool:
        """Whether a hold leaves this person alone: who acts for the debtor, who is asked for them."""
        if hold.kind is HoldKind.REPRESENTED:
            return case.person.role is Role.REPRESENTATIVE
        is_asked_for = WHEN_HELD.get(hold.kind) in self.rules.contact_person_when
        return case.person.role is Role.UNRELATED and is_asked_for

    def _held_until(self, hold: Hold) -> int | None:
        days = self.rules.breathing_space_days
        if hold.until_at is not None:
            return seconds_up(hold.until_at)
        if hold.kind is HoldKind.BREATHING_SPACE and days is not None:
            return seconds_up(hold.since_at) + days * SECONDS_OF_DAY
        return None

    def _ceilings(self, case: Case) -> tuple[Ceiling, ...]:
        if case.purpose not in self.rules.counters_stop:
            return ()
        return tuple(
            Ceiling(each.rule, each.limit, each.days, self._tally(each.rule, case.attempt))
            for each in self.rules.limits
            if case.attempt.channel in COUNTER[each.rule].channels and case.actor.kind in each.binds
        )

    def _tally(self, rule: Rule, attempt: Attempt) -> Tally:
        key = key_of(
            rule,
            address_id=attempt.address_id,
            person_id=attempt.person_id,
            debt_id=attempt.debt_id,
        )
        return self._tallies.get(key, EMPTY)

    def _places(self, case: Case) -> tuple[Rule, ...]:
        if case.purpose not in self.rules.counters_count:
            return ()
        return tuple(
            each.rule
            for each in self.rules.limits
            if case.attempt.channel in COUNTER[each.rule].channels
        )

    def _answerable(self, case: Case) -> tuple[int, int] | None:
        """From and until when the last thing said at an address may be answered; once."""
        asked = [
            each.at
            for each in self.known.inbound
            if (each.person_id, each.address_id, each.channel)
            == (case.person.person_id, case.address.address_id, case.attempt.channel)
        ]
        if not asked:
            return None
        last = max(asked)
        is_answered = any(
            contact.purpose is Purpose.ANSWER
            and contact.address_id == case.address.address_id
            and contact.outcome not in {Outcome.NOT_MADE, Outcome.NOT_CONNECTED}
            and contact.at >= last
            for contact in self.known.contacts
        )
        from_s = seconds_up(last)
        return None if is_answered else (from_s, from_s + self.rules.answer_days * SECONDS_OF_DAY)
