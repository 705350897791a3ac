"""The gate: may this actor contact this person about this debt, here, in these words, now?

`Allowed` carries the terms of a permit, `Refused` every reason with its source and when to ask again.
The gate asks no clock and no store: the attempt says when it is, `Known` what is known. A permit is
used once, in its window, before anything else happens to the case; `recheck` asks everything again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.recovery.contact import Purpose
from arrears.recovery.gate_facts import unknowns_of
from arrears.recovery.hours import instant_of, seconds_of
from arrears.recovery.standing import FOREVER, Standing
from arrears.recovery.verdict import Allowed, Refused, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from arrears.recovery.gate_rules import GateRules
    from arrears.recovery.known import Attempt, Known
    from arrears.recovery.standing import Line
    from arrears.recovery.verdict import Alarm, Permit, Verdict

#: How many days the search for the next instant looks at.
DAYS_MAX = 64


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
    if line.is_plain and at_s >= line.free_from:
        for begins_s, ends_s in line.spans:
            if begins_s <= at_s < ends_s:
                return _allowance(line, standing, at, ends_s - at_s)
    broken = broken_at(line, at_s)
    if broken:
        return _refusal(attempt, standing, line, at_s)
    return _allowance(line, standing, at, line.day.until_s - at_s)


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
    silent = () if is_answerable(line, at_s) else (Rule.NOTHING_TO_ANSWER,)
    stops = dict.fromkeys(stop.rule for stop in line.stops if at_s < stop.until_s)
    quiet = () if is_open(line, at_s) else (Rule.QUIET_HOURS,)
    return (*line.broken, *silent, *stops, *quiet)


def is_answerable(line: Line, at_s: int) -> bool:
    """Whether a line is no answer, or there is something to answer."""
    if line.purpose is not Purpose.ANSWER:
        return True
    return line.answers is not None and line.answers[0] <= at_s < line.answers[1]


def is_open(line: Line, at_s: int) -> bool:
    """Whether a second lies in the open hours of a line's day."""
    return any(begins_s <= at_s < ends_s for begins_s, ends_s in line.spans)


def _allowance(line: Line, standing: Standing, at: datetime, left_s: int) -> Allowed:
    """The terms of a permit: no longer than its minutes, the open hours, and the day."""
    lasts = standing.permit_lasts if left_s >= standing.permit_s else timedelta(seconds=left_s)
    return Allowed(
        at,
        at + lasts,
        line.day.on,
        line.purpose,
        standing.known.last_event,
        line.takes_place_in,
        standing.rules.rests_on,
        line.alarms,
    )


def _refusal(attempt: Attempt, standing: Standing, line: Line, at_s: int) -> Refused:
    next_s = earliest_next(attempt, standing, line, at_s)
    next_at = None if next_s is None else instant_of(next_s)
    return refused(broken_at(line, at_s), next_at, standing.rules, line.alarms)


def earliest_next(attempt: Attempt, standing: Standing, line: Line, at_s: int) -> int | None:
    """The first second found from which nothing stands in the way; None if waiting does not help."""
    for _ in range(DAYS_MAX):
        if line.broken or line.free_from == FOREVER or not is_answerable(line, at_s):
            return None
        at_s = max(at_s, line.free_from)
        if at_s < line.day.until_s:
            opens = [max(at_s, begins_s) for begins_s, ends_s in line.spans if at_s < ends_s]
            if opens:
                return min(opens)
            at_s = line.day.until_s
        line = standing.line_of(attempt, standing.day_at(instant_of(at_s), at_s))
    return None
