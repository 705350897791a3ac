"""The gate: may this actor contact this person about this debt, here, in these words, now?

`Allowed` carries the terms of a permit, `Refused` every reason with its source and when to ask again.
The gate asks no clock and no store: the attempt says when it is, `Known` what is known. A permit is
used once, in its window, before anything else happens to the case; `recheck` asks everything again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from arrears.recovery.contact import Purpose
from arrears.recovery.gate_facts import unknowns_of
from arrears.recovery.hours import SECONDS_OF_MINUTE, instant_of, seconds_of
from arrears.recovery.standing import Standing
from arrears.recovery.verdict import Alarm, Allowed, Refused, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from arrears.recovery.gate_rules import GateRules
    from arrears.recovery.known import Attempt, Known
    from arrears.recovery.standing import Line
    from arrears.recovery.verdict import Permit, Verdict

#: How often the search for the next instant looks on; each step leaves one reason behind.
STEPS_MAX = 64


def decide(attempt: Attempt, known: Known, rules: GateRules) -> Verdict:
    """Say whether a contact may be made, and on which terms or why not.

    Args:
        attempt: What somebody wants to do, and when.
        known: Everything known of the debtor, read under the debtor's lock.
        rules: Of the pack, on the debtor's day of the contact.

    Returns:
        `Allowed`, whose terms are to be stored as a permit before anything is sent; or `Refused`
        with all reasons together. `earliest_next_at` is the first instant found at which waiting
        alone would help, if nothing else happens; it is no promise.

    Source:
        Each reason names its parameters; the order of questions is decision 0005.
    """
    if unknowns_of(attempt, known) or known.zone is None:
        return refused(unknowns_of(attempt, known), None, rules)
    return judge(attempt, Standing(known, rules, known.zone))


def judge(attempt: Attempt, standing: Standing) -> Verdict:
    """As `decide`, of a debtor made ready before; the attempt names nothing unknown to it."""
    at = attempt.at
    at_s = seconds_of(at)
    line = standing.line_of(attempt, standing.day_at(at, at_s))
    broken = _broken_by_clock(line, at_s) if line.is_plain else broken_at(line, at_s)
    if broken:
        return _refusal(attempt, standing, at_s, broken)
    return _allowance(line, standing, at, at_s)


def recheck(permit: Permit, known: Known, rules: GateRules, at: datetime) -> Verdict:
    """Ask again at the moment of sending, whether a permit still carries what it was given for.

    Args:
        permit: As stored; its own contact may be among `known.contacts`.
        known: Read again, under the same lock as the sending.
        rules: Of the day of the sending.
        at: The instant of sending.

    Returns:
        As `decide`; `Refused` also where the permit was used, its window is over, or anything
        happened to the case since.
    """
    own = [
        (Rule.PERMIT_USED, permit.is_used),
        (Rule.PERMIT_WINDOW, not permit.terms.from_at <= at < permit.terms.until_at),
        (Rule.PERMIT_DEAD, known.last_event > permit.terms.after_event),
    ]
    others = tuple(each for each in known.contacts if each.permit_id != permit.permit_id)
    verdict = decide(replace(permit.attempt, at=at), replace(known, contacts=others), rules)
    broken = tuple(rule for rule, is_broken in own if is_broken)
    if not broken:
        return verdict
    found = verdict.rules if isinstance(verdict, Refused) else ()
    return refused(broken + found, None, rules)


def refused(
    broken: Iterable[Rule],
    earliest_next_at: datetime | None,
    rules: GateRules,
    alarms: tuple[Alarm, ...] = (),
) -> Refused:
    """A refusal with its reasons, each with the parameters it rests on."""
    reasons = tuple(rules.reasons[rule] for rule in broken)
    return Refused(reasons=reasons, earliest_next_at=earliest_next_at, alarms=alarms)


def broken_at(line: Line, at_s: int) -> tuple[Rule, ...]:
    """Every rule that stands in the way at a second of a line's day."""
    holds = tuple(rule for rule, until_s in line.holds if until_s is None or at_s < until_s)
    is_silent = line.purpose is Purpose.ANSWER and not (
        line.answers is not None and line.answers[0] <= at_s < line.answers[1]
    )
    silent = (Rule.NOTHING_TO_ANSWER,) if is_silent else ()
    return line.broken + silent + holds + _broken_by_clock(line, at_s)


def _broken_by_clock(line: Line, at_s: int) -> tuple[Rule, ...]:
    """The hour and the counts."""
    broken = [
        ceiling.rule
        for ceiling in line.ceilings
        if ceiling.tally.is_full(ceiling.limit, ceiling.days, at_s, line.day.number)
    ]
    if span_at(line, at_s) is None:
        broken.insert(0, Rule.QUIET_HOURS)
    return tuple(broken)


def span_at(line: Line, at_s: int) -> tuple[int, int] | None:
    """The open span of the day that a second lies in."""
    for span in line.spans:
        if span[0] <= at_s < span[1]:
            return span
    return None


def _allowance(line: Line, standing: Standing, at: datetime, at_s: int) -> Allowed:
    """The terms of a permit: no longer than its minutes, the open hours, and the day."""
    rules = standing.rules
    span = span_at(line, at_s)
    ends_s = at_s + rules.permit_minutes * SECONDS_OF_MINUTE
    if span is not None:
        ends_s = min(ends_s, span[1])
    return Allowed(
        from_at=at,
        until_at=instant_of(min(ends_s, line.day.until_s)),
        local_on=line.day.on,
        purpose=line.purpose,
        after_event=standing.known.last_event,
        counters=line.takes_place_in,
        rests_on=rules.rests_on,
        alarms=alarms_of(line),
    )


def alarms_of(line: Line) -> tuple[Alarm, ...]:
    """What somebody should look at."""
    return (Alarm.CALENDAR_PROVISIONAL,) if line.day.is_provisional else ()


def _refusal(attempt: Attempt, standing: Standing, at_s: int, broken: Sequence[Rule]) -> Refused:
    line = standing.line_of(attempt, standing.day_at(attempt.at, at_s))
    next_s = earliest_next(attempt, standing, at_s)
    next_at = None if next_s is None else instant_of(next_s)
    return refused(broken, next_at, standing.rules, alarms_of(line))


def earliest_next(attempt: Attempt, standing: Standing, at_s: int) -> int | None:
    """The first second found from which nothing stands in the way; None if waiting does not help."""
    for _ in range(STEPS_MAX):
        day = standing.day_at(instant_of(at_s), at_s)
        line = standing.line_of(attempt, day)
        broken = broken_at(line, at_s)
        if not broken:
            return at_s
        later = _later(line, standing, at_s, broken)
        if later is None:
            return None
        at_s = max(later, at_s + 1)
    return None


def _later(line: Line, standing: Standing, at_s: int, broken: Sequence[Rule]) -> int | None:
    """The second from which each reason that waiting mends is gone, the last of them."""
    if line.broken or Rule.NOTHING_TO_ANSWER in broken:
        return None
    later = []
    for _, until_s in line.holds:
        if until_s is None:
            return None
        later.append(until_s)
    for ceiling in line.ceilings:
        if ceiling.tally.is_full(ceiling.limit, ceiling.days, at_s, line.day.number):
            if not ceiling.limit:
                return None
            free_s, free_day = ceiling.tally.free_from(ceiling.limit, ceiling.days)
            later.append(max(free_s, day_start(standing, free_day)))
    if Rule.QUIET_HOURS in broken:
        opens = [begin for begin, _ in line.spans if begin > at_s]
        later.append(min(opens, default=line.day.until_s))
    return max(later)


def day_start(standing: Standing, number: int) -> int:
    """The second at which the debtor's day of an ordinal begins."""
    return standing.day_on(date.fromordinal(number)).from_s
