"""Which accounts of many are observed after a restructuring; the same answers as `observation` gives one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arrears.delinquency.observation import (
    MAY_RESTRUCTURE,
    Watch,
    due_days_of,
    look_of,
    standing_events,
)
from arrears.servicing import layout as c
from arrears.servicing.book import fold_all, selected
from arrears.servicing.state import ALL_KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrears.delinquency.ageing import AgeingRules
    from arrears.delinquency.ageing_columnar import Bands
    from arrears.delinquency.observation import Look, Observation
    from arrears.servicing.book import Book, FoldBook
    from arrears.servicing.tables import Array


def observations_of(
    book: Book, day: int, rules: AgeingRules, fold_book: FoldBook, known_at: int = ALL_KNOWN
) -> Mapping[int, Observation]:
    """The observed accounts of a book on a day, by position; few ever had their terms changed.

    An account that breaks an invariant of the fold is left out: it is parked.

    Args:
        book: The accounts.
        day: Days since 1970-01-01.
        rules: Of the day.
        fold_book: The compiled form, or the interpreted one.
        known_at: Microseconds since 1970-01-01 UTC; events recorded later are not read.
    """
    if rules.observation is None or rules.five_class is None:
        return {}
    may = np.isin(book.events[:, c.E_TYPE], list(MAY_RESTRUCTURE))
    account = np.repeat(np.arange(len(book)), np.diff(book.event_offsets))
    found: dict[int, Observation] = {}
    for at in np.unique(account[may]).tolist():
        one = selected(book, np.array([at]))
        observed = observation_of_one(one, day, rules, fold_book, known_at)
        if observed is not None:
            found[at] = observed
    return found


def observation_of_one(
    one: Book, day: int, rules: AgeingRules, fold_book: FoldBook, known_at: int
) -> Observation | None:
    """As `observation.observation_of`, of a book with one account; None also where it breaks."""
    if rules.observation is None or rules.five_class is None:
        return None
    now = fold_all(one, day, known_at, posting=c.NONE, fold_book=fold_book)
    if now.failed():
        return None

    def look(on: int) -> Look:
        then = fold_all(one, on, known_at, posting=c.NONE, fold_book=fold_book)
        return look_of(then.accounts[0].tolist(), on)

    watch = Watch(
        rules=rules.observation,
        classes=rules.five_class,
        grace_days=int(one.terms[0, c.T_GRACE_DAYS]),
        due_days=due_days_of(now.rows.tolist(), now.work.tolist()),
    )
    events = standing_events(one.events.tolist(), day, known_at)
    return watch.over(events, one.rows.tolist(), look, day)


def classes_of(
    classes: Bands, days_delinquent: Array, observed: Mapping[int, Observation]
) -> Array:
    """The position of each account's class on its scale: by age, and no better than observed."""
    places = classes.of(days_delinquent)
    for at, each in observed.items():
        if each.class_at_least in classes.names:
            places[at] = max(int(places[at]), classes.names.index(each.class_at_least))
    return places
