"""The auditor's own words: terms, rows, events and the answer, as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction

PRINCIPAL, INTEREST, FEE, PENALTY, COMPOUND = range(5)
COMPONENTS = ("principal", "interest", "fee", "penalty", "compound")
STANDINGS = ("past_due", "due", "in_advance")
NOTHING = (0, 0, 0, 0, 0)

#: Order of events within a day, the rule book's closed table.
RANKS = (
    "taken_over",
    "disbursed",
    "purchased",
    "rate_changed",
    "policy_applied",
    "penalty_frozen",
    "paused",
    "fee_charged",
    "repaid",
    "recovered",
    "refunded",
    "waived",
    "charged_back",
    "converted",
    "statement_closed",
    "replanned",
    "accelerated",
    "charged_off",
    "reversed",
    "disbursement_failed",
)

Slot = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order of allocation: when it applies and which (standing, component) it meets first."""

    slots: tuple[Slot, ...]
    event: str | None = None
    days_past_due_from: int = 0


#: Fee, interest, penalty, compound, principal, within past due, then due, then in advance.
USUAL = Order(
    slots=tuple(
        (standing, each)
        for standing in STANDINGS
        for each in (FEE, INTEREST, PENALTY, COMPOUND, PRINCIPAL)
    )
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was agreed. Rates are exact shares a year, whole parts per million."""

    day_count: str = "actual/365"
    year_split: str = "dec31"
    leap_year: str = "full"
    every: int = 1
    unit: str = "months"
    rounding: str = "half_up"
    is_each_day: bool = False  #: default charges are rounded night by night
    is_daily: bool = False  #: interest follows the outstanding principal
    is_principal_kept: bool = False  #: in daily mode the row's principal stays, not its total
    rate: Fraction = Fraction(0)
    penalty_mode: str = "none"  #: none | replaces | adds
    is_interest_penalised: bool = False
    penalty_rate: Fraction = Fraction(0)  #: whole in `replaces`, the uplift alone in `adds`
    uplift: Fraction | None = None  #: where the penalty rate follows the contract rate
    is_compounding: bool = False
    grace_days: int = 0
    floor_minor: int = 0
    cap: Fraction | None = None
    is_vertical: bool = False
    surplus: str = "next"  #: next | last | credit
    orders: tuple[Order, ...] = (USUAL,)
    non_accrual_days: int | None = None
    is_fee_in_full: bool = False
    is_line: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One signed row an event brings."""

    number: int
    start: date
    due: date
    amounts: tuple[int, ...]  #: by component, minor units
    contract: int = 0
    kind: str = "instalment"  #: instalment | minimum | revolving
    carried: int = 0  #: part of the interest already owed when the row was signed
    paid: tuple[int, ...] = NOTHING  #: in the old system
    waived: tuple[int, ...] = NOTHING
    overdue_since: date | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened."""

    name: str
    on: date
    type: str
    seq: int = 0
    recorded: datetime | None = None  #: None: on its value date
    amount: int = 0
    component: str | None = None
    contract: int | None = None
    until: date | None = None
    rate: Fraction | None = None
    reverses: str | None = None
    rows: tuple[Row, ...] = ()

    @property
    def recorded_at(self) -> datetime:
        """The instant it became known."""
        return self.recorded or datetime(self.on.year, self.on.month, self.on.day, tzinfo=UTC)

    @property
    def is_backdated(self) -> bool:
        """Whether it became known on a later business date than its own."""
        return self.recorded_at.date() > self.on


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account: what was agreed, and what happened in any order."""

    terms: Terms
    events: tuple[Event, ...]


@dataclass(kw_only=True)
class Sum:
    """An exact running sum and how much of it was recognised in whole minor units."""

    exact: Fraction = Fraction(0)
    recognised: int = 0


@dataclass(kw_only=True, eq=False)
class Line:
    """A row in force or once in force, and all the auditor knows of it."""

    row: Row
    kind: str
    due_on: date | None  #: None: not billed yet
    due: list[int]
    paid: list[int] = field(default_factory=lambda: [0] * 5)
    waived: list[int] = field(default_factory=lambda: [0] * 5)
    ageing_from: date | None = None
    is_due: bool = False
    is_replaced: bool = False
    is_final: bool = False  #: its interest is fixed: nothing more is recognised on it
    is_closed: bool = False  #: by a settlement or charge-off: its fee is fixed too
    is_settled_early: bool = False
    is_chargeable: bool = False
    is_free_of_penalty: bool = False  #: an adjustment bears none
    recognised: int = 0  #: interest of the own period recognised so far
    carried: int = 0  #: interest that was owed before the row was signed
    fee_joined: int = 0  #: charged by events, at once
    fee_carried: int = 0  #: owed before the row was signed
    interest_credited: int = 0  #: by the cap over the life; what is signed goes on being recognised
    late_interest: int = 0  #: interest recognised after the due date; it bears nothing
    extra: int = 0  #: added to the instalment after signing
    own_interest: Sum = field(default_factory=Sum)
    on_principal: Sum = field(default_factory=Sum)
    on_interest: Sum = field(default_factory=Sum)
    compounded: Sum = field(default_factory=Sum)

    def left(self, component: int) -> int:
        """What of a component is still asked for."""
        return self.due[component] - self.paid[component] - self.waived[component]

    @property
    def fee_recognised(self) -> int:
        """Fee that was charged before the row's due date."""
        return self.fee_joined + self.fee_carried

    @property
    def left_in_all(self) -> int:
        """What is still asked for, all components."""
        return sum(self.left(each) for each in range(5))


@dataclass(frozen=True, kw_only=True)
class LineAudit:
    """One row on the day asked for; amounts by component."""

    contract: int
    number: int
    kind: str
    due_on: date | None
    is_due: bool
    due: tuple[int, ...]
    paid: tuple[int, ...]
    waived: tuple[int, ...]
    recognised: int  #: interest recognised so far
    is_as_signed: bool  #: the row asks for the interest it was signed with


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The second opinion on one account on one day."""

    lines: tuple[LineAudit, ...]
    principal: int
    credit: int
    payoff: int
    days_past_due: int
    days_delinquent: int
    overdue: tuple[int, ...]
    cut: int
    limited: int
    credited: int
    is_non_accrual: bool
    is_charged_off: bool
    is_opened: bool
    needs_review: bool
