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
    SECONDS_OF_MINUTE,
    LocalDay,
    day_begins,
    open_minutes,
    seconds_up,
    span_of,
)
from arrears.recovery.verdict import Alarm

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from arrears.recovery.contact import Hold
    from arrears.recovery.counting import Key, Tally
    from arrears.recovery.gate_facts import Case
    from arrears.recovery.gate_rules import GateRules, Limit
    from arrears.recovery.known import Attempt, Known
    from arrears.recovery.verdict import Rule

PROVISIONAL = (Alarm.CALENDAR_PROVISIONAL,)
#: Seconds before and after every instant.
NEVER, FOREVER = -(2**62), 2**62
#: An attempt without its instant.
Way = tuple[object, ...]


class Stop(NamedTuple):
    """Something that waiting mends: a hold that ends, a counter that is full."""

    rule: Rule
    until_s: int  #: second from which it no longer stops; FOREVER: not by waiting


@dataclass(frozen=True, slots=True)
class Line:
    """One way to contact somebody on one day: its facts, and when hours, holds and counts let it."""

    day: LocalDay
    purpose: Purpose
    broken: tuple[Rule, ...]  #: facts that stand in the way
    stops: tuple[Stop, ...]
    free_from: int  #: second from which no stop is left
    spans: tuple[tuple[int, int], ...]  #: seconds in which it may be
    answers: tuple[int, int] | None  #: from and until when there is something to answer
    takes_place_in: tuple[Rule, ...]
    alarms: tuple[Alarm, ...]
    is_plain: bool  #: only stops and hours are left to ask


class Standing:
    """What the gate has worked out of one debtor under the rules of one day."""

    __slots__ = ("_day", "_lines", "_tallies", "known", "permit_lasts", "permit_s", "rules", "zone")

    def __init__(self, known: Known, rules: GateRules, zone: tzinfo) -> None:
        self.known = known
        self.rules = rules
        self.zone = zone
        self.permit_lasts = timedelta(minutes=rules.permit_minutes)
        self.permit_s = rules.permit_minutes * SECONDS_OF_MINUTE
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
        broken = broken_facts(case)
        stops = (*self._holds(case), *self._ceilings(case))
        minutes = open_minutes(
            self.rules, self.known.agreed_hours, case.day, case.purpose, case.actor.kind
        )
        is_answer = case.purpose is Purpose.ANSWER
        return Line(
            day=case.day,
            purpose=case.purpose,
            broken=broken,
            stops=stops,
            free_from=max((stop.until_s for stop in stops), default=NEVER),
            spans=tuple(self._span(case.day, begin, end) for begin, end in minutes),
            answers=self._answerable(case) if is_answer else None,
            takes_place_in=self._places(case),
            alarms=PROVISIONAL if case.day.is_provisional else (),
            is_plain=not (broken or is_answer),
        )

    def _span(self, day: LocalDay, begin: int, end: int) -> tuple[int, int]:
        if (begin, end) == (0, MINUTES_OF_DAY):
            return day.from_s, day.until_s
        return span_of(day.on, begin, end, self.zone)

    def _holds(self, case: Case) -> list[Stop]:
        return [
            Stop(RULE_OF_HOLD[hold.kind], self._held_until(hold))
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

    def _held_until(self, hold: Hold) -> int:
        days = self.rules.breathing_space_days
        if hold.until_at is not None:
            return seconds_up(hold.until_at)
        if hold.kind is HoldKind.BREATHING_SPACE and days is not None:
            return seconds_up(hold.since_at) + days * SECONDS_OF_DAY
        return FOREVER

    def _ceilings(self, case: Case) -> list[Stop]:
        if case.purpose not in self.rules.counters_stop:
            return []
        return [
            Stop(each.rule, until_s)
            for each in self.rules.limits
            if case.attempt.channel in COUNTER[each.rule].channels
            and case.actor.kind in each.binds
            and (until_s := self._full_until(each, case)) is not None
        ]

    def _full_until(self, each: Limit, case: Case) -> int | None:
        """The second until which a counter is full: by days while its days last, else by hours."""
        if each.limit == 0:
            return FOREVER
        full = self._tally(each.rule, case.attempt).full_until(each.limit, each.days)
        if full is None:
            return None
        until_s, until_day = full
        if until_day <= case.day.number:
            return until_s
        return max(until_s, day_begins(date.fromordinal(until_day), self.zone))

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
