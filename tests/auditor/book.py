"""The auditor's memory: rows in force, rates, credit, and what can be asked of them on a day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.calendars import rounded
from auditor.model import COMPOUND, FEE, INTEREST, NOTHING, PENALTY, PRINCIPAL, Line, Row

if TYPE_CHECKING:
    from auditor.model import Order, Terms

CHARGES = (INTEREST, FEE, PENALTY, COMPOUND)
FAR = date.max


class Book:
    """All that is known of one account after some event of some day."""

    def __init__(self, terms: Terms, day: date) -> None:
        self.terms = terms
        self.day = day
        self.lines: list[Line] = []
        self.credit = 0
        self.rate = self.rate_after = terms.rate
        self.rate_until: date | None = None
        self.penalty_rate = self.penalty_rate_after = terms.penalty_rate
        self.cap = terms.cap
        self.is_compounding = terms.is_compounding
        self.freezes: list[tuple[date, date]] = []
        self.pauses: list[tuple[date, date]] = []
        self.cut = Fraction(0)
        self.limited = Fraction(0)
        self.credited = 0
        self.charges_before = 0  #: recognised in another system, over nights nobody here has seen
        self.freed = 0  #: cash that was paid for what will not come
        self.ceiling = Fraction(0)
        self.late_fees_tonight = 0
        self.is_non_accrual = False
        self.is_charged_off = False
        self.is_opened = False
        self.needs_review = False
        if terms.is_line:
            nowhere = Row(number=0, start=day, due=FAR, amounts=NOTHING, kind="unbilled")
            self.lines.append(Line(row=nowhere, kind="unbilled", due_on=None, due=[0] * 5))

    # --- rows ---

    def in_force(self) -> list[Line]:
        """Rows that ask for something or may yet, oldest due date first."""
        lines = [line for line in self.lines if not line.is_replaced]
        return sorted(lines, key=lambda line: line.due_on or FAR)

    def undue(self) -> list[Line]:
        """Rows whose due date has not come, what is unbilled aside."""
        return [line for line in self.in_force() if not line.is_due and line.due_on]

    def unbilled(self) -> Line:
        """What a line has not billed yet."""
        return next(line for line in self.lines if line.kind == "unbilled")

    def standing(self, line: Line) -> str:
        """Past due, due, or in advance."""
        if line.due_on is None or line.due_on > self.day:
            return "in_advance"
        if line.kind == "revolving" or line.due_on == self.day:
            return "due"
        return "past_due"

    def past_due(self) -> list[Line]:
        """Rows past due with anything unpaid."""
        return [
            line
            for line in self.in_force()
            if self.standing(line) == "past_due" and line.left_in_all > 0
        ]

    def fallen(self) -> list[Line]:
        """Rows that bear default charges if unpaid: fallen due, not revolving."""
        return [line for line in self.in_force() if line.is_due and line.kind != "revolving"]

    def principal(self) -> int:
        """Outstanding principal, all rows."""
        return sum(line.left(PRINCIPAL) for line in self.in_force())

    def is_above_floor(self, lines: list[Line]) -> bool:
        """Whether principal, interest and fee of some rows exceed the materiality floor."""
        unpaid = sum(line.left(each) for line in lines for each in (PRINCIPAL, INTEREST, FEE))
        return unpaid > self.terms.floor_minor

    # --- daily mode ---

    def asks_in_all(self, line: Line) -> int:
        """The instalment: what the row was signed for, and what was added since."""
        return line.row.amounts[PRINCIPAL] + line.row.amounts[INTEREST] + line.extra

    def is_last(self, line: Line) -> bool:
        """Whether a row not yet due is the last one open: it asks for all that remains."""
        return self.last_open() is line

    def signed_open(self) -> list[Line]:
        """Signed rows not yet due and not settled early."""
        return [
            line
            for line in self.undue()
            if not line.is_final and line.kind in ("instalment", "accelerated")
        ]

    def last_open(self) -> Line | None:
        """The last of them."""
        return next(reversed(self.signed_open()), None)

    def move_principal(self, line: Line, wanted: int) -> None:
        """Let a row ask for other principal; the last rows take the difference."""
        last = self.last_open()
        more = wanted - line.due[PRINCIPAL]
        if last is None or last is line:
            return
        if more < 0:
            last.due[PRINCIPAL] -= more
            line.due[PRINCIPAL] += more
        for each in reversed(self.signed_open()):
            if each is line or more <= 0:
                continue
            taken = min(more, each.left(PRINCIPAL))
            each.due[PRINCIPAL] -= taken
            line.due[PRINCIPAL] += taken
            more -= taken

    def principal_in_advance(self, line: Line) -> int:
        """How much principal a row not yet due takes in daily mode."""
        is_whole = line.kind != "instalment" or line.is_final or self.is_last(line)
        if is_whole or self.terms.is_principal_kept:
            return line.left(PRINCIPAL)
        wanted = self.asks_in_all(line) - line.recognised
        most = sum(each.left(PRINCIPAL) for each in self.signed_open())
        return max(0, min(wanted - line.paid[PRINCIPAL] - line.waived[PRINCIPAL], most))

    def in_advance(self, line: Line, component: int) -> int:
        """How much of a component a row not yet due takes."""
        if self.terms.is_daily and line.kind != "unbilled":
            if component == INTEREST:
                return line.recognised - line.paid[INTEREST] - line.waived[INTEREST]
            if component == PRINCIPAL:
                return self.principal_in_advance(line)
        return line.left(component)

    # --- recognition ---

    def interest_of_period(self, line: Line) -> int:
        """Scheduled interest recognised on a row so far."""
        nights = (line.row.due - line.row.start).days
        gone = min(max((self.day - line.row.start).days, 0), nights)
        carried = line.carried
        new = line.due[INTEREST] + line.interest_credited - carried
        if nights <= 0:
            return carried - line.interest_credited
        so_far = carried + rounded(Fraction(new * gone, nights), self.terms.rounding)
        return so_far - line.interest_credited

    def fee_so_far(self, line: Line) -> int:
        """The fee an early settlement asks of a row: for the actual period, or in full."""
        if line.is_due or line.is_closed or line.is_replaced:
            return line.due[FEE]
        if self.terms.is_fee_in_full:
            return line.due[FEE]
        spread = line.due[FEE] - line.fee_recognised
        nights = (line.row.due - line.row.start).days
        gone = min(max((self.day - line.row.start).days, 0), nights)
        if nights <= 0:
            return line.fee_recognised
        earned = rounded(Fraction(spread * gone, nights), self.terms.rounding)
        return line.fee_recognised + earned

    def recognised(self, line: Line, component: int) -> int:
        """What of a row's component has been recognised so far."""
        if line.is_due or line.is_closed or line.is_replaced:
            return line.due[component]
        if component == INTEREST:
            return line.recognised
        if component == FEE:
            return line.fee_recognised
        return line.due[component]

    def charges(self) -> int:
        """Interest, fee, penalty and compound recognised here so far and not waived."""
        recognised = sum(
            self.recognised(line, each) - line.waived[each]
            for line in self.lines
            for each in CHARGES
        )
        return recognised - self.charges_before

    # --- age ---

    def oldest(self) -> date | None:
        """The oldest ageing date of what is past due."""
        dates = [line.ageing_from for line in self.past_due() if line.ageing_from]
        return min(dates, default=None)

    def days_past_due(self) -> int:
        """Days since the oldest ageing date; 0 if nothing is past due."""
        oldest = self.oldest()
        return 0 if oldest is None else (self.day - oldest).days

    def days_delinquent(self) -> int:
        """Days past due less pauses; 0 within grace or the floor."""
        oldest = self.oldest()
        days = self.days_past_due()
        if oldest is None or days <= self.terms.grace_days:
            return 0
        if not self.is_above_floor(self.past_due()):
            return 0
        paused = {
            day
            for start, end in self.pauses
            for day in range(
                max(start, oldest).toordinal(),
                min(end, self.day).toordinal(),
            )
        }
        return days - len(paused)

    def note_non_accrual(self) -> None:
        """Charges leave the balance sheet when long delinquent, until nothing is overdue."""
        threshold = self.terms.non_accrual_days
        if threshold is None or self.is_charged_off:
            return
        if self.is_non_accrual and not self.past_due():
            self.is_non_accrual = False
        elif self.days_delinquent() >= threshold:
            self.is_non_accrual = True

    def order_for(self, event_type: str | None) -> Order:
        """The last order that matches the event type and the age."""
        age = self.days_past_due()
        return [
            order
            for order in self.terms.orders
            if order.event in (None, event_type) and order.days_past_due_from <= age
        ][-1]

    def is_frozen(self) -> bool:
        """Whether the night of this day bears no penalty."""
        return any(start <= self.day < end for start, end in self.freezes)
