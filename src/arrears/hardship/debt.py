"""The debt that ways out are looked for: what is owed of it by component, what is late, what is to come."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.kernel.dates import add_months
from arrears.kernel.movement import COMPONENTS, FEE, INTEREST, Component
from arrears.servicing import layout as c
from arrears.servicing.contract import Kind
from arrears.servicing.state import AccountStatus, fold_contract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.servicing.contract import Contract
    from arrears.servicing.events import Event
    from arrears.servicing.state import AccountState, RowState


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """One account on the day its ways out are asked for."""

    contract: Contract
    events: tuple[Event, ...]
    on: date
    state: AccountState
    owed_minor: tuple[int, ...]  #: by component: what a re-plan moves; fees with those to come

    @property
    def is_line(self) -> bool:
        """Whether it is a revolving line."""
        return self.contract.kind is Kind.LINE

    @property
    def is_open(self) -> bool:
        """Whether anything is owed; what was written off the books is."""
        owes = self.state.status in (AccountStatus.ACTIVE, AccountStatus.CHARGED_OFF)
        return owes and self.payoff_minor > 0

    @property
    def is_charged_off(self) -> bool:
        """Whether the books have given it up; it is owed all the same."""
        return self.state.status is AccountStatus.CHARGED_OFF

    @property
    def rate_ppm(self) -> int:
        """The contract rate in force for good, parts per million a year."""
        account = self.state.tables.account
        is_temporary = account[c.A_RATE_UNTIL] != c.NONE
        return int(account[c.A_RATE_AFTER if is_temporary else c.A_RATE])

    @property
    def billed(self) -> list[RowState]:
        """Rows with a due date that ask for something, by due date."""
        return [
            row for row in self.state.rows if row.due_on is not None and any(row.outstanding_minor)
        ]

    @property
    def late(self) -> list[RowState]:
        """Rows whose due date has passed."""
        return [row for row in self.billed if is_late(row, self.on)]

    @property
    def late_minor(self) -> int:
        """What is overdue in all."""
        return sum(sum(row.outstanding_minor) for row in self.late)

    @property
    def late_since(self) -> date | None:
        """The due date first missed, of what is overdue now."""
        return min((row.due_on for row in self.late if row.due_on), default=None)

    @property
    def dues_to_come(self) -> list[date]:
        """Due dates after the day, ascending."""
        return sorted({row.due_on for row in self.billed if row.due_on and row.due_on > self.on})

    @property
    def next_on(self) -> date:
        """The next due date; of a debt that has none a month on."""
        return next(iter(self.dues_to_come), add_months(self.on, 1))

    @property
    def unbilled_minor(self) -> int:
        """Purchases of a line that no statement has billed: no way out touches them."""
        return sum(sum(row.outstanding_minor) for row in self.state.rows if row.due_on is None)

    @property
    def payoff_minor(self) -> int:
        """What would settle all that is billed today."""
        return self.state.payoff_minor - self.unbilled_minor

    @property
    def signed_monthly_minor(self) -> int:
        """The most that the rows to come ask for in one calendar month."""
        by_month: dict[tuple[int, int], int] = defaultdict(int)
        for row in self.billed:
            if row.due_on and row.due_on > self.on:
                by_month[row.due_on.year, row.due_on.month] += sum(row.outstanding_minor)
        return max(by_month.values(), default=0)

    @property
    def next_number(self) -> int:
        """One above every row number of contract 0 so far."""
        rows = [row for event in self.events for row in event.rows if row.contract == 0]
        kept = [number for contract, number in self.state.row_kinds if contract == 0]
        return max([row.number for row in rows] + kept, default=0) + 1


def is_late(row: RowState, on: date) -> bool:
    """Whether a row that must be paid was not, and its due date has passed."""
    return row.due_on is not None and row.due_on < on and row.kind != c.KIND_REVOLVING


def debt_on(contract: Contract, events: Sequence[Event], on: date) -> Debt:
    """Fold an account to the day.

    Raises:
        InvariantError: `fold.status`.
    """
    state = fold_contract(contract, events, on)
    return Debt(
        contract=contract,
        events=tuple(events),
        on=on,
        state=state,
        owed_minor=owed_by_component(state),
    )


def owed_by_component(state: AccountState) -> tuple[int, ...]:
    """What stands on the billed rows in force: interest as far as accrued, fees as signed.

    The fold moves exactly this when rows are replaced (`servicing/replacing`); purchases that are
    not billed yet stay where they are.
    """
    rows, work = state.tables.columns.rows.tolist(), state.tables.work.tolist()
    owed = [0] * COMPONENTS
    for row, mine in zip(rows, work, strict=True):
        if mine[c.W_STATE] not in (c.ROW_OPEN, c.ROW_SETTLED_EARLY) or (
            row[c.R_KIND] == c.KIND_UNBILLED
        ):
            continue
        for component in Component:
            asked = mine[c.W_DUE + component]
            if component == INTEREST and not mine[c.W_IS_DUE]:
                asked = mine[c.W_ACCRUED]
            if component == FEE and not mine[c.W_IS_DUE]:
                asked = max(asked, mine[c.W_FEE_CHARGED])
            left = asked - mine[c.W_PAID + component] - mine[c.W_WAIVED + component]
            owed[component] += max(0, left)
    return tuple(owed)
