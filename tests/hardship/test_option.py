"""The words of a way out: what is appended on acceptance is what was shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from arrears.hardship.option import accepted_events
from arrears.servicing.events import Event
from arrears.servicing.layout import EventType

SHOWN = datetime(2026, 5, 4, tzinfo=UTC)
ACCEPTED = datetime(2026, 5, 9, 10, 30, tzinfo=UTC)


def test_accepted_events_are_those_shown_under_ids_of_their_own() -> None:
    """Only id and instant differ, so days and amounts that the borrower read are what is recorded."""
    shown = (
        Event(
            event_id="re_plan-1",
            type=EventType.WAIVED,
            value_on=date(2026, 5, 4),
            recorded_at=SHOWN,
            seq=1,
            amount_minor=12_30,
            component="penalty",
        ),
        Event(
            event_id="re_plan-2",
            type=EventType.PENALTY_FROZEN,
            value_on=date(2026, 5, 4),
            recorded_at=SHOWN,
            seq=2,
            until=date(2026, 6, 1),
        ),
    )
    appended = accepted_events(shown, id_prefix="plan/P-7", recorded_at=ACCEPTED)
    assert [each.event_id for each in appended] == ["plan/P-7-1", "plan/P-7-2"]
    assert [
        replace(each, event_id=before.event_id, recorded_at=SHOWN)
        for each, before in zip(appended, shown, strict=True)
    ] == list(shown)
