"""Corrections: what was told of an account and turns out otherwise is taken back, once an occasion."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from arrears.app.ports import Message
from arrears.app.refolding import NOT_OVERDUE, OVERDUE_NOTICE
from arrears.delinquency.ageing import standing_of
from arrears.servicing.state import fold_balances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.ports import Document
    from arrears.app.refolding import Frame
    from arrears.servicing.door import AccountColumns


def reaches_back_to(event: Document, events: Sequence[Document]) -> date:
    """The first day an event changes: its own, or that of the event it erases."""
    named = [each for each in events if each["id"] == event.get("reverses")]
    return min(date.fromisoformat(str(each["on"])) for each in (event, *named))


def corrections(
    columns: AccountColumns, occasions: Sequence[str], since: date, frame: Frame
) -> tuple[Message, ...]:
    """What contradicts notices of arrears that were sent.

    Args:
        columns: The account's, with all its events, the new one too.
        occasions: Of the account's notices: "M2/2026-03-06", the bucket told and the day.
        since: Notices of days before it stand.
        frame: Policy and the fold.

    Returns:
        A correction for each notice that told of a later bucket than the account was in, as it is
        known now; under the notice's own occasion, so that the store keeps one of each.
    """
    found = []
    for occasion in occasions:
        told, _, written_on = occasion.partition("/")
        day = date.fromisoformat(written_on)
        if day < since:
            continue
        rules = frame.ageing_on(day)
        state = fold_balances(columns, day, fold=frame.fold)
        standing = standing_of(state.days_delinquent, rules)
        bounds = rules.bucket or {}
        if bounds.get(standing.bucket, NOT_OVERDUE) < bounds.get(told, NOT_OVERDUE):
            body: Document = {
                "corrects": OVERDUE_NOTICE,
                "told": told,
                "bucket": standing.bucket,
                "days_past_due": state.days_past_due,
                "on": written_on,
            }
            found.append(Message(kind="correction", occasion=occasion, body=body))
    return tuple(found)
