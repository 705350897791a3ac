"""What is reported of an account for a month (征信): its status, 60 months of it, and what was due and paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from arrears.delinquency.ageing import standing_of
from arrears.delinquency.observation import observation_of, standing_events
from arrears.kernel.dates import add_months, date_of, days_of, last_of_month
from arrears.kernel.movement import FEE, INTEREST, PRINCIPAL
from arrears.servicing import layout as c
from arrears.servicing.state import (
    ALL_KNOWN,
    AccountState,
    AccountStatus,
    RowKey,
    run_fold,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arrears.delinquency.ageing import AgeingRules
    from arrears.servicing.door import AccountColumns
    from arrears.servicing.state import Fold, Folded

#: Of the layout: how many months a status string tells of.
MONTHS_TOLD = 60
MONTHS_A_YEAR = 12
#: What was let go of these makes a settlement one for less; penalties let go do not.
CONTRACTED = (PRINCIPAL, INTEREST, FEE)
OPENS = frozenset({c.EV_DISBURSED, c.EV_PURCHASED, c.EV_TAKEN_OVER, c.EV_STATEMENT_CLOSED})
CASH = frozenset({c.EV_REPAID, c.EV_RECOVERED})

RulesOn = Callable[[date], "AgeingRules"]


@unique
class Code(StrEnum):
    """Words of the status string beside the digits of arrears; tables of the layout, unverified.

    A (bill date moved), D (a guarantor paid) and Z (settled with assets) are never said: no event
    of an account tells of them.
    """

    NORMAL = "N"
    PAID_LATE = "M"  #: after the due date, before the month's end
    NOTHING_DUE = "*"
    UNKNOWN = "#"
    NOT_OPENED = "/"
    BAD_DEBT = "B"  #: written off, and still owed
    SETTLED = "C"
    ENDED_OTHERWISE = "G"  #: for less than was owed


@unique
class Special(StrEnum):
    """Special transactions; codes of an older layout."""

    EXTENSION = "1"
    PAID_AHEAD_IN_PART = "4"
    PAID_AHEAD_IN_FULL = "5"
    OTHER = "9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Arrears without a break."""

    since_on: date  #: the due date that was first missed
    ended_on: date | None  #: the day on which nothing was late any more; None: it goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That the borrower was told that something negative will be reported."""

    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyRecord:
    """An account at the end of a month; amounts in minor units."""

    as_of: date  #: last day of the month
    opened_on: date
    code: str
    status: str  #: `MONTHS_TOLD` words, the month's own last; settled months before it end it
    balance_minor: int  #: all that is owed
    principal_minor: int
    due_minor: int  #: overdue from before, and what fell due in the month
    paid_minor: int  #: cash of the month
    overdue_minor: int
    months_overdue: int  #: due dates that were not met
    days_overdue: int
    five_class: str
    special: tuple[tuple[Special, int], ...]  #: with the change of the end in months
    let_go_minor: int  #: principal, interest and fees let go, once settled: settled for less
    spell: Spell | None  #: the arrears the month ends in

    @property
    def is_negative(self) -> bool:
        """Whether it tells of arrears, of bad debt or of a settlement for less."""
        return self.code.isdigit() or self.code in (Code.BAD_DEBT, Code.ENDED_OTHERWISE)


def may_report(spell: Spell | None, notices: Sequence[Notice], notice_days: int, on: date) -> bool:
    """Whether arrears may be reported on a day: told of while they ran, and the days to answer over.

    Args:
        spell: The arrears; None: a record that is negative without any, which a notice must precede.
        notices: All that the borrower was given.
        notice_days: Days to pay or to dispute.
        on: The day of reporting.
    """
    return any(
        each.given_on + timedelta(days=notice_days) <= on
        and (
            spell is None
            or (
                spell.since_on < each.given_on
                and (spell.ended_on is None or each.given_on < spell.ended_on)
            )
        )
        for each in notices
    )


def deleted_from(ended_on: date, years: int) -> date:
    """The day from which the bureau no longer keeps what was bad; the years begin with its end."""
    return add_months(ended_on, years * MONTHS_A_YEAR)


@dataclass(slots=True, kw_only=True)
class Record:
    """One account's months, each fold made once.

    Nothing is stored: every word follows from the events that were known at an instant.
    """

    columns: AccountColumns
    rules_on: RulesOn
    known_at: int = ALL_KNOWN  #: microseconds since 1970-01-01 UTC; later events are not read
    fold: Fold | None = None  #: the compiled form; None: the interpreted one
    _folded: dict[int, Folded] = field(default_factory=dict, repr=False)
    _states: dict[date, AccountState] = field(default_factory=dict, repr=False)

    def folded(self, day: int) -> Folded:
        """The account folded to a day; days since 1970-01-01."""
        if day not in self._folded:
            self._folded[day] = run_fold(
                self.columns, day, self.known_at, posting=c.NONE, fold=self.fold
            )
        return self._folded[day]

    def state(self, day: date) -> AccountState:
        """The account on a day."""
        if day not in self._states:
            self._states[day] = state_of(self.folded(days_of(day)), day)
        return self._states[day]

    def days_late(self, day: int) -> int:
        """Days delinquent at the end of a day."""
        return self.folded(day).account[c.A_DAYS_DELINQUENT]

    def events(self, until: date) -> list[Sequence[int]]:
        """The events that stand on a day."""
        return standing_events(self.columns.events.tolist(), days_of(until), self.known_at)

    def opened_on(self, until: date) -> date | None:
        """The day something was first lent; None: nothing was."""
        days = [each[c.E_ON] for each in self.events(until) if each[c.E_TYPE] in OPENS]
        return date_of(min(days)) if days else None

    def spells(self, until: date) -> list[Spell]:
        """Arrears so far, oldest first.

        They end only on the day of an event, so it is enough to look at the eves of events.
        """
        opened_on = self.opened_on(until)
        if opened_on is None:
            return []
        opened, last = days_of(opened_on), days_of(until)
        eves = {each[c.E_ON] - 1 for each in self.events(until)}
        found: list[Spell] = []
        since: int | None = None
        before = opened
        for day in sorted({each for each in eves if each >= opened} | {last}):
            late = self.days_late(day)
            if late and since is None:
                since = day - late
            elif not late and since is not None:
                found.append(Spell(since_on=date_of(since), ended_on=date_of(before + 1)))
                since = None
            elif late and since is not None and day - late > before:
                found.append(Spell(since_on=date_of(since), ended_on=date_of(before + 1)))
                since = day - late
            before = day
        if since is not None:
            found.append(Spell(since_on=date_of(since), ended_on=None))
        return found

    def code(self, month_end: date, spells: Sequence[Spell]) -> str:
        """The word of one month.

        Args:
            month_end: Its last day.
            spells: Arrears up to that day or a later one.
        """
        opened_on = self.opened_on(month_end)
        if opened_on is None:
            return Code.NOT_OPENED
        state, begins_on = self.state(month_end), month_end.replace(day=1)
        if state.status is AccountStatus.SETTLED and not self.is_line():
            return Code.ENDED_OTHERWISE if let_go_minor(state) else Code.SETTLED
        if state.status is AccountStatus.CHARGED_OFF:
            return Code.BAD_DEBT
        if state.days_delinquent:
            digit = standing_of(state.days_delinquent, self.rules_on(month_end)).bureau
            return digit if digit.isdigit() else Code.UNKNOWN
        if any(
            each.since_on < month_end and (each.ended_on or date.max) > begins_on
            and (each.ended_on or date.max) <= month_end
            for each in spells
        ):  # fmt: skip
            return Code.PAID_LATE
        is_due = any(row.due_on and begins_on <= row.due_on <= month_end for row in state.rows)
        return Code.NORMAL if is_due else Code.NOTHING_DUE

    def is_line(self) -> bool:
        """Whether it is a revolving line, which owes nothing now and then without being closed."""
        return self.columns.terms[c.T_STATEMENT_DAY] > 0

    def of_month(
        self, month_end: date, unreported: Callable[[Spell], bool] | None = None
    ) -> MonthlyRecord | None:
        """The record of a month; None: there is none, before it was opened and after it was settled.

        Args:
            month_end: The last day of the month.
            unreported: Whether arrears of earlier months may not be told, because nobody was told of
                them in time: such a month is unknown in the string, and never a false normal.

        Raises:
            InvariantError: `fold.status`.
        """
        opened_on = self.opened_on(month_end)
        begins_on = month_end.replace(day=1)
        eve = begins_on - timedelta(days=1)
        if opened_on is None:
            return None
        was_open = opened_on <= eve
        spells = self.spells(month_end)
        if was_open and self.code(eve, spells) in (Code.SETTLED, Code.ENDED_OTHERWISE):
            return None
        state = self.state(month_end)
        code = self.code(month_end, spells)
        before = self.state(eve) if was_open else None
        return MonthlyRecord(
            as_of=month_end,
            opened_on=opened_on,
            code=code,
            status=self.status(month_end, opened_on, spells, unreported),
            balance_minor=state.payoff_minor,
            principal_minor=state.principal_minor,
            due_minor=(sum(before.overdue_minor) if before else 0)
            + sum(
                sum(row.due_minor)
                for row in state.rows
                if row.due_on and begins_on <= row.due_on <= month_end
            ),
            paid_minor=sum(
                each[c.E_AMOUNT]
                for each in self.events(month_end)
                if each[c.E_TYPE] in CASH and each[c.E_ON] >= days_of(begins_on)
            ),
            overdue_minor=sum(state.overdue_minor) if state.days_delinquent else 0,
            months_overdue=unmet(state) if state.days_delinquent else 0,
            days_overdue=state.days_delinquent,
            five_class=self.five_class(state),
            special=self.special(state, before),
            let_go_minor=let_go_minor(state) if state.status is AccountStatus.SETTLED else 0,
            spell=spells[-1] if spells and spells[-1].ended_on is None else None,
        )

    def five_class(self, state: AccountState) -> str:
        """The class on the state's day, observation included."""
        rules = self.rules_on(state.as_of)
        watched = observation_of(
            self.columns, state.as_of, rules, known_at=self.known_at, fold=self.fold
        )
        return standing_of(state.days_delinquent, rules, watched).five_class

    def status(
        self,
        month_end: date,
        opened_on: date,
        spells: Sequence[Spell],
        unreported: Callable[[Spell], bool] | None,
    ) -> str:
        """The words of the months up to one, oldest first."""
        words = []
        for back in range(MONTHS_TOLD - 1, -1, -1):
            end = last_of_month(add_months(month_end.replace(day=1), -back))
            if end < opened_on:
                words.append(str(Code.NOT_OPENED))
                continue
            word = self.code(end, spells)
            untold = unreported is not None and end < month_end and any(
                unreported(each)
                for each in spells
                if each.since_on < end and (each.ended_on is None or each.ended_on > end)
            )  # fmt: skip
            words.append(str(Code.UNKNOWN if untold else word))
        return "".join(words)

    def special(
        self, state: AccountState, before: AccountState | None
    ) -> tuple[tuple[Special, int], ...]:
        """Special transactions of the month."""
        if before is None:
            return ()
        found: list[tuple[Special, int]] = []
        moved = months_between(last_due_on(before), last_due_on(state))
        first = days_of(state.as_of.replace(day=1))
        month = [each for each in self.events(state.as_of) if each[c.E_ON] >= first]
        if any(each[c.E_TYPE] == c.EV_REPLANNED for each in month):
            found.append((Special.EXTENSION if moved > 0 else Special.OTHER, moved))
        ends_on = last_due_on(before)
        if state.status is AccountStatus.SETTLED and not self.is_line():
            if let_go_minor(state):
                found.append((Special.OTHER, 0))
            elif ends_on and ends_on > state.as_of:
                found.append((Special.PAID_AHEAD_IN_FULL, -months_between(state.as_of, ends_on)))
        elif any(
            ahead > paid_ahead(before).get(key, 0) for key, ahead in paid_ahead(state).items()
        ):
            found.append((Special.PAID_AHEAD_IN_PART, 0))
        return tuple(found)


def let_go_minor(state: AccountState) -> int:
    """Principal, interest and fees that were waived, minor units."""
    return sum(row.waived_minor[each] for row in state.rows for each in CONTRACTED)


def unmet(state: AccountState) -> int:
    """How many due dates are over and were not met."""
    return len(
        {
            row.due_on
            for row in state.rows
            if row.due_on and row.due_on < state.as_of and any(row.outstanding_minor)
        }
    )


def last_due_on(state: AccountState) -> date | None:
    """The last due date that asks for something."""
    return max(
        (row.due_on for row in state.rows if row.due_on and any(row.due_minor)), default=None
    )


def paid_ahead(state: AccountState) -> Mapping[RowKey, int]:
    """Principal paid on instalments that are not due yet, minor units by row."""
    return {
        (row.contract, row.number): row.paid_minor[PRINCIPAL]
        for row in state.rows
        if row.kind == c.KIND_INSTALMENT and not row.is_due
    }


def months_between(first: date | None, last: date | None) -> int:
    """Calendar months from one day's month to another's; 0 where a day is missing."""
    if first is None or last is None:
        return 0
    return (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month
