"""Hours and counts: the debtor's own day, agreed hours, rest days, the three counters and the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from scene import (
    NOON,
    SHANGHAI,
    attempt,
    call,
    contact,
    known,
    local,
    rules,
    with_limits,
)

from arrears.kernel.calendar import DayAnswer
from arrears.recovery.contact import AgreedHours, Channel, Outcome, Purpose
from arrears.recovery.gate import decide
from arrears.recovery.hours import day_begins, instant_of, span_of
from arrears.recovery.verdict import Alarm, Allowed, Refused, Rule

BERLIN = ZoneInfo("Europe/Berlin")
HAVANA = ZoneInfo("America/Havana")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class NobodyKnows:
    """A calendar of a year that is not published yet."""

    def ask(self, day: date) -> DayAnswer:
        """Every day is a rest day, provisionally."""
        return DayAnswer(is_workday=day.weekday() < 0, is_provisional=True)


def why(asked: object, given: object, by: object = None) -> tuple[Rule, ...]:
    """The rules that stand in the way."""
    verdict = decide(asked, given, by or rules())
    return verdict.rules if isinstance(verdict, Refused) else ()


def agreed(begin: str, end: str, **changes: object) -> AgreedHours:
    """Hours the debtor asked for this year."""
    made = AgreedHours(
        from_time=time.fromisoformat(begin),
        until_time=time.fromisoformat(end),
        asked_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1),
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("07:59:59", False), ("08:00:00", True), ("21:59:59", True), ("22:00:00", False)],
)
def test_quiet_hours_are_those_of_the_debtors_clock(clock: str, is_open: bool) -> None:  # noqa: FBT001 - a column
    """To the second, wherever the lender is; what is refused is open again at eight."""
    for zone in (SHANGHAI, BERLIN, LOS_ANGELES):
        asked = call(at=local(f"2026-11-24 {clock}", zone))
        verdict = decide(asked, known(zone=zone), rules())
        assert isinstance(verdict, Allowed) is is_open
        if isinstance(verdict, Refused):
            assert verdict.rules == (Rule.QUIET_HOURS,)
            day = "2026-11-24" if clock < "08" else "2026-11-25"
            assert verdict.earliest_next_at == local(f"{day} 08:00", zone)


def test_a_permit_ends_when_the_hours_do() -> None:
    """At a quarter to ten it has fifteen minutes."""
    verdict = decide(call(at=local("2026-11-24 21:45")), known(), rules())
    assert isinstance(verdict, Allowed)
    assert verdict.until_at == local("2026-11-24 22:00")


def test_agreed_hours_stand_in_place_of_quiet_ones() -> None:
    """Only what the debtor asked for, until it ends or is taken back, over midnight too."""
    night = known(agreed_hours=(agreed("20:00", "23:30"),))
    assert why(call(at=local("2026-11-24 23:00")), night) == ()
    assert why(call(at=local("2026-11-24 12:00")), night) == (Rule.QUIET_HOURS,)
    late = known(agreed_hours=(agreed("23:00", "01:00"),))
    assert why(call(at=local("2026-11-25 00:30")), late) == ()
    for gone in (
        agreed("20:00", "23:30", ends_on=date(2026, 11, 24)),
        agreed("20:00", "23:30", revoked_at=NOON),
        agreed("20:00", "23:30", asked_on=date(2026, 11, 25)),
    ):
        asked = call(at=local("2026-11-24 23:00"))
        assert why(asked, known(agreed_hours=(gone,))) == (Rule.QUIET_HOURS,)


def test_hours_that_yield_to_nobody_hold_beside_agreed_ones() -> None:
    """Where the pack's hours do not yield, agreed ones can only be narrower."""
    strict = rules(quiet_hours=(replace(rules().quiet_hours[0], yields=False),))
    given = known(agreed_hours=(agreed("20:00", "23:30"),))
    assert why(call(at=local("2026-11-24 21:00")), given, strict) == ()
    assert why(call(at=local("2026-11-24 23:00")), given, strict) == (Rule.QUIET_HOURS,)


def test_rest_days_have_hours_of_their_own_and_an_unknown_year_is_all_rest() -> None:
    """On a Saturday, and on every day nobody has published: ten to eight, with an alarm for the latter."""
    saturday = local("2026-11-28 09:00")
    assert why(call(at=saturday), known()) == (Rule.QUIET_HOURS,)
    assert why(call(at=saturday + timedelta(hours=1)), known()) == ()
    given = known(calendar=NobodyKnows())
    early = decide(call(at=local("2031-03-12 09:00")), given, rules())
    assert isinstance(early, Refused)
    assert early.rules[-1:] == (Rule.QUIET_HOURS,)
    assert early.alarms == (Alarm.CALENDAR_PROVISIONAL,)
    noon = decide(call(), given, rules())
    assert isinstance(noon, Allowed)
    assert noon.alarms == (Alarm.CALENDAR_PROVISIONAL,)


def test_a_clock_that_is_put_forward_leaves_the_hour_out() -> None:
    """On the last Sunday of March 2026 in Berlin two o'clock is three: no span in between."""
    on = date(2026, 3, 29)
    begins, ends = span_of(on, 120, 180, BERLIN)
    assert begins >= ends
    assert day_begins(on + DAY, BERLIN) - day_begins(on, BERLIN) == 23 * 3600
    given = known(zone=BERLIN, agreed_hours=(agreed("01:30", "02:30"),))
    for minutes in range(0, 240, 5):
        at = datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=minutes)
        shown = at.astimezone(BERLIN).time()
        is_inside = time(1, 30) <= shown < time(2, 30)
        if why(call(at=at), given) == ():
            assert is_inside


def test_a_clock_that_is_put_back_shows_an_hour_twice() -> None:
    """On the last Sunday of October the span is the shorter reading, and no day is lost."""
    on = date(2026, 10, 25)
    begins, ends = span_of(on, 60, 150, BERLIN)
    assert instant_of(ends) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert begins < ends
    assert day_begins(on + DAY, BERLIN) - day_begins(on, BERLIN) == 25 * 3600
    early = contact(datetime(2026, 10, 24, 22, 5, tzinfo=UTC), address_id="phone-2")
    given = known(zone=BERLIN, contacts=(early,), agreed_hours=(agreed("00:00", "23:59"),))
    late = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    assert late - early.at > DAY
    once = with_limits(rules(), interactive_calls=1)
    assert why(call(at=late), given, once) == (Rule.INTERACTIVE_CALLS,)


def test_a_day_that_has_no_midnight_begins_when_it_begins() -> None:
    """In Havana the eighth of March 2026 begins at one o'clock."""
    begins = instant_of(day_begins(date(2026, 3, 8), HAVANA))
    assert begins.astimezone(HAVANA).isoformat() == "2026-03-08T01:00:00-04:00"


@pytest.mark.parametrize(
    ("channel", "outcome", "limit", "rule"),
    [
        (Channel.INTERACTIVE_CALL, Outcome.EFFECTIVE, 3, Rule.INTERACTIVE_CALLS),
        (Channel.NOTIFICATION_CALL, Outcome.CONNECTED, 3, Rule.NOTIFICATION_CALLS),
        (Channel.INTERACTIVE_CALL, Outcome.NOT_CONNECTED, 6, Rule.FAILED_ATTEMPTS),
        (Channel.SMS, Outcome.CONNECTED, 1, Rule.MESSAGES),
    ],
)
def test_each_counter_counts_its_own_and_is_full_at_its_limit(
    channel: Channel, outcome: Outcome, limit: int, rule: Rule
) -> None:
    """One more than fits is refused, over lender and agency together; one fewer is not."""
    by = with_limits(rules(), contacts=99)
    made = [
        contact(
            NOON - timedelta(minutes=10 + number),
            outcome,
            channel=channel,
            actor_id="agency" if number % 2 else "staff",
            permit_id=str(number),
        )
        for number in range(limit)
    ]
    asked = attempt(channel=channel)
    assert why(asked, known(contacts=tuple(made[1:])), by) == ()
    assert why(asked, known(contacts=tuple(made)), by) == (rule,)
    silent = [replace(each, outcome=None, until_at=each.at + timedelta(minutes=5)) for each in made]
    assert rule in why(asked, known(contacts=tuple(silent)), by)
    unmade = [replace(each, outcome=Outcome.NOT_MADE) for each in made]
    assert why(asked, known(contacts=tuple(unmade)), by) == ()


def test_failed_attempts_are_of_a_number() -> None:
    """Six at one number leave another number free."""
    made = tuple(
        contact(NOON - timedelta(minutes=number + 1), Outcome.NOT_CONNECTED, permit_id=str(number))
        for number in range(6)
    )
    assert why(call(), known(contacts=made)) == (Rule.FAILED_ATTEMPTS,)
    assert why(call(address_id="phone-2"), known(contacts=made)) == ()


def test_any_day_and_any_24_hours() -> None:
    """A message of yesterday evening still counts this morning; the day after, at the same minute, not."""
    sent = contact(local("2026-11-23 20:00"), Outcome.CONNECTED, channel=Channel.SMS)
    given = known(contacts=(sent,))
    verdict = decide(attempt(at=local("2026-11-24 09:00")), given, rules())
    assert isinstance(verdict, Refused)
    assert verdict.rules == (Rule.MESSAGES,)
    assert verdict.earliest_next_at == local("2026-11-24 20:00")
    assert why(attempt(at=local("2026-11-24 20:00")), given) == ()


def test_a_window_without_an_outcome_counts_until_its_end() -> None:
    """It may have been used in its last second: so much later is there room again."""
    sent = contact(local("2026-11-23 09:00"), None, channel=Channel.SMS)
    given = known(contacts=(sent,))
    assert why(attempt(at=local("2026-11-24 09:29")), given) == (Rule.MESSAGES,)
    assert why(attempt(at=local("2026-11-24 09:30")), given) == ()


def test_three_contacts_in_seven_days() -> None:
    """The fourth waits until the first is seven days old, by hours and by days."""
    made = tuple(
        contact(NOON - days * DAY, Outcome.CONNECTED, permit_id=str(days)) for days in (2, 4, 6)
    )
    verdict = decide(attempt(), known(contacts=made), rules())
    assert isinstance(verdict, Refused)
    assert verdict.rules == (Rule.CONTACTS,)
    assert verdict.earliest_next_at == NOON + DAY


def test_who_moves_keeps_what_was_counted() -> None:
    """A day told in Shanghai is still that day in Los Angeles, where it is not over."""
    there = contact(
        datetime(2026, 11, 24, 0, 5, tzinfo=UTC),
        Outcome.CONNECTED,
        channel=Channel.SMS,
        local_on=date(2026, 11, 24),
    )
    at = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    assert at.astimezone(LOS_ANGELES).date() == date(2026, 11, 24)
    given = known(zone=LOS_ANGELES, contacts=(there,))
    assert why(attempt(at=at), given) == (Rule.MESSAGES,)
    assert why(attempt(at=at), replace(given, contacts=(replace(there, local_on=None),))) == ()


def test_notices_take_a_place_and_are_not_stopped_by_counts() -> None:
    """What must be told is told; what collects waits for it."""
    told = contact(
        NOON - timedelta(hours=1),
        Outcome.CONNECTED,
        channel=Channel.EMAIL,
        purpose=Purpose.STATUTORY_NOTICE,
    )
    given = known(contacts=(told,))
    assert why(attempt(), given) == (Rule.MESSAGES,)
    assert why(attempt(purpose=Purpose.STATUTORY_NOTICE, template_id="notice"), given) == ()


def test_a_limit_of_none_is_never() -> None:
    """Nothing waits for room that there never is."""
    verdict = decide(attempt(), known(), with_limits(rules(), messages=0))
    assert isinstance(verdict, Refused)
    assert verdict.rules == (Rule.MESSAGES,)
    assert verdict.earliest_next_at is None
