"""A restructured asset (重组资产) is observed: how good its class can be meanwhile, and until when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from arrears.kernel.dates import add_months, date_of, days_of
from arrears.policy.rules_bands import band_over
from arrears.servicing import layout as c
from arrears.servicing.state import ALL_KNOWN, run_fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from arrears.delinquency.ageing import AgeingRules
    from arrears.servicing.door import AccountColumns
    from arrears.servicing.state import Fold

MONTHS_A_YEAR = 12
#: What an event that changes terms may be called in policy.
REPLANNED, DEFERRED_WHILE_LATE = "replanned", "deferred_while_late"
RATE_CHANGED_WHILE_LATE = "rate_changed_while_late"
#: What may make an observation begin anew.
MISSED, PERSISTS = "missed_payment", "difficulty_persists"
#: Types of events that may restructure; whoever has none of them was never restructured.
MAY_RESTRUCTURE = frozenset({c.EV_REPLANNED, c.EV_RATE_CHANGED})
UNDONE_BY = frozenset({c.EV_REVERSED, c.EV_DISBURSEMENT_FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationRules:
    """What policy says of restructured assets on a day."""

    restructured_by: frozenset[str]  #: which changes of terms restructure
    payment_periods: int  #: met one after the other, at least
    years: int  #: at least
    restarts_on: frozenset[str]
    class_at_least: str  #: while observed
    again_class_at_least: str  #: when restructured again while observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """That an asset is observed on a day."""

    restructured_on: date  #: the last change of terms
    counts_from: date  #: first due date after it, or the day after arrears last stood
    ends_on: date | None  #: if all is paid on time from now on; None: no date can be said yet
    class_at_least: str
    times: int  #: how often it was restructured without having been released


class Look(NamedTuple):
    """How an account stands at the end of a day."""

    day: int  #: days since 1970-01-01
    days_delinquent: int
    is_settled: bool


#: Looks at an account at the end of a day (days since 1970-01-01).
LookAt = Callable[[int], Look]


class Change(NamedTuple):
    """A change of terms that stands, on a day."""

    day: int
    is_rate: bool
    is_bill: bool  #: a line's bill put off, and no instalments


def look_of(account: Sequence[int], day: int) -> Look:
    """A look from the fold's account vector."""
    owes = account[c.A_PRINCIPAL] > 0 or account[c.A_PAYOFF] > 0
    return Look(day, account[c.A_DAYS_DELINQUENT], not owes)


def observation_of(
    columns: AccountColumns,
    as_of: date,
    rules: AgeingRules,
    *,
    known_at: int = ALL_KNOWN,
    fold: Fold | None = None,
) -> Observation | None:
    """Whether an account is observed on a day, and what that means; None: it is not.

    Nothing is stored: all follows from the events and from folds to the days before them.

    Args:
        columns: The account, as it goes into the fold.
        as_of: The day.
        rules: Of the day; where no rule of observation or class was in force, nobody is observed.
        known_at: Microseconds since 1970-01-01 UTC; events recorded later are not read.
        fold: The compiled form; None: the interpreted one.

    Raises:
        InvariantError: `fold.status`.
    """
    events = columns.events.tolist()
    if rules.observation is None or rules.five_class is None or not may_be_restructured(events):
        return None

    def look(day: int) -> Look:
        folded = run_fold(columns, day, known_at, posting=c.NONE, fold=fold)
        return look_of(folded.account.tolist(), day)

    today = days_of(as_of)
    folded = run_fold(columns, today, known_at, posting=c.NONE, fold=fold)
    return Watch(
        rules=rules.observation,
        classes=rules.five_class,
        grace_days=columns.terms[c.T_GRACE_DAYS],
        due_days=due_days_of(folded.columns.rows.tolist(), folded.work.tolist()),
    ).over(standing_events(events, today, known_at), columns.rows.tolist(), look, today)


def may_be_restructured(events: Sequence[Sequence[int]]) -> bool:
    """Whether an account has any event that could be a change of terms."""
    return any(event[c.E_TYPE] in MAY_RESTRUCTURE for event in events)


def standing_events(
    events: Sequence[Sequence[int]], day: int, known_at: int
) -> list[Sequence[int]]:
    """The events up to a day that were known and that nothing has erased, by day."""
    known = [(at, each) for at, each in enumerate(events) if each[c.E_RECORDED] <= known_at]
    erased = {each[c.E_TARGET] for _, each in known if each[c.E_TYPE] in UNDONE_BY}
    return sorted(
        (each for at, each in known if each[c.E_ON] <= day and at not in erased),
        key=lambda each: each[c.E_ON],
    )


def due_days_of(rows: Sequence[Sequence[int]], work: Sequence[Sequence[int]]) -> list[int]:
    """Due dates of the rows that are in force, each once, days since 1970-01-01."""
    return sorted(
        {
            row[c.R_DUE]
            for row, mine in zip(rows, work, strict=True)
            if mine[c.W_STATE] not in (c.ROW_ABSENT, c.ROW_REPLACED) and row[c.R_DUE] < c.NEVER
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An observation that has not ended yet."""

    since: int
    counts_from: int
    at_least: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Follows one account from change to change.

    Arrears end only on the day of an event, so whoever was late at any time between two events is
    late on the eve of the second: it is enough to look at those eves, and at the day asked for.
    """

    rules: ObservationRules
    classes: Mapping[str, int]
    grace_days: int
    due_days: Sequence[int]  #: of the rows in force, rising

    def over(
        self,
        events: Sequence[Sequence[int]],
        rows: Sequence[Sequence[int]],
        look: LookAt,
        today: int,
    ) -> Observation | None:
        """What stands on the day asked for.

        Args:
            events: Those that stand, by day.
            rows: As they entered the fold.
            look: Looks at the account.
            today: The day asked for.
        """
        changes = changes_of(events, rows)
        first = min((each.day for each in changes), default=today + 1)
        running: Running | None = None
        for day in sorted({each[c.E_ON] for each in events if each[c.E_ON] >= first}):
            eve = look(day - 1)
            running = self.seen(running, eve)
            for change in changes:
                if change.day == day and self.counts(change, eve):
                    running = self.begun(running, eve, day)
        if running is None:
            return None
        last = look(today)
        running = self.seen(running, last)
        if running is None:
            return None
        ends = None if last.days_delinquent else self.ends(running)
        return Observation(
            restructured_on=date_of(running.since),
            counts_from=date_of(running.counts_from),
            ends_on=None if ends is None else date_of(ends),
            class_at_least=running.at_least,
            times=running.times,
        )

    def counts(self, change: Change, eve: Look) -> bool:
        """Whether a change of terms restructures, as policy says."""
        is_late = eve.days_delinquent > 0
        if change.is_rate:
            return is_late and RATE_CHANGED_WHILE_LATE in self.rules.restructured_by
        if change.is_bill:
            return is_late and DEFERRED_WHILE_LATE in self.rules.restructured_by
        return REPLANNED in self.rules.restructured_by

    def begun(self, running: Running | None, eve: Look, day: int) -> Running:
        """The observation that a change of terms begins; a bad asset stays bad."""
        at_least = self.worse(self.rules.class_at_least, self.class_of(eve))
        if running is not None:
            at_least = self.worse(at_least, running.at_least, self.rules.again_class_at_least)
        return Running(
            since=day,
            counts_from=next((due for due in self.due_days if due > day), day),
            at_least=at_least,
            times=1 if running is None else running.times + 1,
        )

    def seen(self, running: Running | None, look: Look) -> Running | None:
        """The observation after a look: ended, begun anew by arrears, or as it was."""
        if running is None or look.is_settled:
            return None
        late_since = look.day - look.days_delinquent
        ends = self.ends(running)
        if ends is not None and ends <= late_since:
            return None
        if not look.days_delinquent:
            return running
        restart = running.counts_from
        if PERSISTS in self.rules.restarts_on:
            restart = max(restart, look.day + 1)
        elif MISSED in self.rules.restarts_on:
            restart = max(restart, late_since + 1)
        return replace(
            running,
            counts_from=restart,
            at_least=self.worse(running.at_least, self.class_of(look)),
        )

    def ends(self, running: Running) -> int | None:
        """The first day after the observation, if nothing is missed; None: its rows are not known."""
        later = [due for due in self.due_days if due > running.counts_from]
        if len(later) < self.rules.payment_periods:
            return None
        months = self.rules.years * MONTHS_A_YEAR
        over_on = days_of(add_months(date_of(running.counts_from), months))
        if not self.rules.payment_periods:
            return over_on
        return max(over_on, later[self.rules.payment_periods - 1] + self.grace_days + 1)

    def class_of(self, look: Look) -> str:
        """The class that an age alone would give; "" for the best."""
        return band_over(self.classes, look.days_delinquent, otherwise="")

    def worse(self, *names: str) -> str:
        """The worst of some classes."""
        return worst_class(self.classes, *names)


def worst_class(classes: Mapping[str, int], *names: str) -> str:
    """The worst of some classes; one that the day's bounds do not name is better than all others.

    Args:
        classes: Bounds of the day, from the best class to the worst.
        names: Classes.

    Example:
        >>> worst_class({"special_mention": 0, "substandard": 90}, "normal", "substandard")
        'substandard'
    """
    order = {name: at for at, name in enumerate(classes, start=1)}
    return max(names, key=lambda name: order.get(name, 0))


def changes_of(events: Sequence[Sequence[int]], rows: Sequence[Sequence[int]]) -> list[Change]:
    """Changes of terms among events."""
    return [
        Change(
            day=event[c.E_ON],
            is_rate=event[c.E_TYPE] == c.EV_RATE_CHANGED,
            is_bill=all(
                row[c.R_KIND] != c.KIND_INSTALMENT
                for row in rows[event[c.E_ROW_FIRST] :][: event[c.E_ROW_COUNT]]
            ),
        )
        for event in events
        if event[c.E_TYPE] in MAY_RESTRUCTURE
    ]
