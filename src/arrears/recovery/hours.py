"""Hours: on which instants of the debtor's own day a purpose may be pursued.

The day and its hours are turned into spans of seconds since the epoch once a day, so that no rule
asks a time zone again. Where a clock shows an hour twice or leaves one out, the span is the shorter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from arrears.recovery.gate_rules import MINUTES_OF_HOUR, minute_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from arrears.recovery.contact import ActorKind, AgreedHours, Purpose
    from arrears.recovery.gate_rules import GateRules, QuietHours

MINUTES_OF_DAY = 24 * MINUTES_OF_HOUR
SECONDS_OF_MINUTE = 60
SECONDS_OF_DAY = MINUTES_OF_DAY * SECONDS_OF_MINUTE
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def seconds_of(at: datetime) -> int:
    """Whole seconds since the epoch, downwards."""
    since = at - EPOCH
    return since.days * SECONDS_OF_DAY + since.seconds


def seconds_up(at: datetime) -> int:
    """Whole seconds since the epoch, upwards."""
    return -seconds_of(EPOCH - (at - EPOCH))


def instant_of(seconds: int) -> datetime:
    """The aware instant, UTC, of seconds since the epoch."""
    return EPOCH + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One day of the debtor's calendar, with the instants at which it begins and ends."""

    on: date
    number: int  #: ordinal
    from_s: int
    until_s: int
    is_rest_day: bool
    is_provisional: bool


def span_of(on: date, begin: int, end: int, zone: tzinfo) -> tuple[int, int]:
    """Seconds between two minutes of a local day, half-open; empty where the clock skips them.

    Where the clock shows a bound twice, or never, a span begins at the later and ends at the
    earlier of both readings.
    """
    return max(_readings(on, begin, zone)), min(_readings(on, end, zone))


def day_begins(on: date, zone: tzinfo) -> int:
    """Seconds at which a local day begins: at the first of two midnights."""
    return seconds_of(datetime(on.year, on.month, on.day, tzinfo=zone))


def _readings(on: date, minute: int, zone: tzinfo) -> tuple[int, int]:
    if minute == MINUTES_OF_DAY:
        ends = day_begins(on + timedelta(days=1), zone)
        return ends, ends
    hour, minute = divmod(minute, MINUTES_OF_HOUR)
    clock = datetime(on.year, on.month, on.day, hour, minute, tzinfo=zone)
    return seconds_of(clock), seconds_of(clock.replace(fold=1))


def open_minutes(
    rules: GateRules,
    agreed: Sequence[AgreedHours],
    day: LocalDay,
    purpose: Purpose,
    kind: ActorKind,
) -> tuple[tuple[int, int], ...]:
    """The minutes of a local day on which an actor may pursue a purpose, in order.

    Hours the debtor asked for, and has not taken back, stand in place of every quiet hour that
    yields to them. A day of a year whose calendar is not published counts as a rest day.
    """
    if purpose not in rules.quiet_hours_stop:
        return ((0, MINUTES_OF_DAY),)
    asked = [
        each
        for each in agreed
        if each.asked_on <= day.on < each.ends_on and each.revoked_at is None
    ]
    quiet: Iterable[QuietHours] = rules.quiet_hours
    if day.is_rest_day or day.is_provisional:
        quiet = (*rules.quiet_hours, *rules.quiet_hours_rest_days)
    open_to = [(0, MINUTES_OF_DAY)]
    for each in quiet:
        if kind in each.binds and not (asked and each.yields):
            open_to = _shared(open_to, _turned(each.until_minute, each.from_minute))
    if asked:
        last = max(asked, key=lambda each: each.asked_on)
        window = _turned(minute_of(last.from_time), minute_of(last.until_time))
        open_to = _shared(open_to, window)
    return tuple(open_to)


def _turned(begin: int, end: int) -> list[tuple[int, int]]:
    """From one clock time until another, cut at midnight where it passes it."""
    if begin < end:
        return [(begin, end)]
    return [(low, high) for low, high in ((0, end), (begin, MINUTES_OF_DAY)) if low < high]


def _shared(
    ours: Sequence[tuple[int, int]], theirs: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    cuts = [(max(low, begin), min(high, end)) for low, high in ours for begin, end in theirs]
    return [(low, high) for low, high in cuts if low < high]
