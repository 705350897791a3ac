"""Options that end or rest a debt: pay now, freeze the penalty, settle for less, a breathing space, a pause, advice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.hardship.case import Case, below_floor, followed_until, option_of
from arrears.hardship.following import follow, joined, repayments
from arrears.hardship.harm import Course
from arrears.hardship.making_plans import plan_dues
from arrears.hardship.option import Missing, Option, OptionType, Payment
from arrears.hardship.rescheduling import level_terms, monthly_dues, payday_dues, plan_rows
from arrears.hardship.rules import (
    BREATHING_DAYS,
    DISCOUNT,
    FREEZE_MONTHS,
    OBSERVATION,
    OFFER_DAYS,
    PAYDAY_DAYS,
    REVIEW_DAYS,
)
from arrears.kernel.dates import add_months
from arrears.kernel.movement import (
    COMPONENTS,
    COMPOUND,
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Component,
)
from arrears.kernel.rates import PPM
from arrears.servicing.contract import PenaltyMode
from arrears.servicing.layout import EventType
from arrears.servicing.schedule_rows import spread_evenly
from arrears.servicing.state import fold_contract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from arrears.servicing.events import Event

#: What is let go first: what being late has cost, principal last.
LET_GO_IN_ORDER = (PENALTY, COMPOUND, FEE, INTEREST, PRINCIPAL)


def pay_off(case: Case) -> Option | Missing:
    """All that is owed, today: nothing accrues any more."""
    kind = OptionType.PAY_OFF
    payments = [Payment(on=case.on, amount_minor=case.debt.payoff_minor)]
    return option_of(case, kind, paid_today(case, payments))


def paid_today(case: Case, payments: Sequence[Payment]) -> Course:
    """The course of a debt of which nothing is late from today on."""
    return Course(
        payments=payments,
        left_minor=0,
        ends_on=payments[-1].on,
        late_until=case.on,
        observed_until=None,
    )


def pay_arrears(case: Case) -> Option | Missing:
    """What is overdue, today; the rest as signed, of a line all of the bill on its next due date."""
    kind = OptionType.PAY_ARREARS
    debt = case.debt
    if debt.late_minor == 0:
        return case.missing(kind, "nothing_late")
    late = [Payment(on=case.on, amount_minor=debt.late_minor)]
    followed = follow(debt, given=late, first_on=debt.next_on if debt.is_line else None)
    return option_of(case, kind, paid_today(case, followed.payments))


def penalty_freeze(case: Case) -> Option | Missing:
    """What is overdue in parts beside the instalments as signed; until then it bears no penalty."""
    kind, debt = OptionType.PENALTY_FREEZE, case.debt
    lacking = case.rules.lacking(kind, FREEZE_MONTHS, OFFER_DAYS)
    if lacking is not None:
        return lacking
    if debt.late_minor == 0:
        return case.missing(kind, "nothing_late")
    if debt.is_line:
        return case.missing(kind, "of_a_loan_only")
    if debt.contract.penalty.mode is PenaltyMode.NONE:
        return case.missing(kind, "no_penalty")
    refused: Missing | None = None
    for months in range(1, case.rules.whole(FREEZE_MONTHS) + 1):
        made = frozen_for(case, months)
        if isinstance(made, Option):
            return made
        refused = made
    return refused or case.missing(kind, "no_rule", FREEZE_MONTHS)


def frozen_for(case: Case, months: int) -> Option | Missing:
    """A freeze over so many parts, the last of which takes whatever is overdue by then."""
    kind, debt = OptionType.PENALTY_FREEZE, case.debt
    dues = plan_dues(case, months)
    frozen = case.event(kind, 1, EventType.PENALTY_FROZEN, until=dues[-1])
    parts = spread_evenly(debt.late_minor, months, debt.contract.terms.rounding)
    coming: list[Payment] = []
    for due, part in zip(dues[:-1], parts, strict=False):
        signed = [
            Payment(on=row.due_on, amount_minor=sum(row.outstanding_minor))
            for row in debt.billed
            if row.due_on is not None and debt.on < row.due_on <= due
        ]
        before = sum(each.amount_minor for each in coming)
        asked = sum(each.amount_minor for each in signed) + sum(parts[: parts.index(part) + 1])
        coming.append(Payment(on=due, amount_minor=max(0, asked - before)))
    followed = follow(debt, [frozen], first_on=dues[-1], given=joined(coming))
    too_much = below_floor(case, kind, followed.payments)
    if too_much is not None:
        return too_much
    course = Course(
        payments=followed.payments,
        left_minor=0,
        ends_on=followed_until(case, followed),
        late_until=dues[-1],
        observed_until=case.observed_until(kind, dues),
    )
    return option_of(case, kind, course, events=[frozen], names=(FREEZE_MONTHS,))


def settlement(case: Case) -> Option | Missing:
    """Less than is owed, once, by a day; the rest is let go when that has come."""
    kind, debt, rules = OptionType.SETTLEMENT, case.debt, case.rules
    lacking = rules.lacking(kind, DISCOUNT, OFFER_DAYS)
    if lacking is not None:
        return lacking
    if debt.late_minor == 0:
        return case.missing(kind, "nothing_late")
    owed_minor = sum(debt.owed_minor)
    discount_minor = owed_minor * rules.share_ppm(DISCOUNT) // PPM
    if discount_minor == 0:
        return case.missing(kind, "no_discount", DISCOUNT)
    pay_by = case.on + timedelta(days=rules.whole(OFFER_DAYS))
    amount_minor = owed_minor - discount_minor
    means = case.means
    within_reach = means.savings_minor + means.free_on(pay_by)
    if means.is_known and amount_minor > within_reach:
        return case.missing(
            kind, "below_floor", monthly=case.money(amount_minor), free=case.money(within_reach)
        )
    events = standstill(case, pay_by)
    paid = [Payment(on=pay_by, amount_minor=amount_minor)]
    closing = let_go(case, events, paid)
    course = Course(
        payments=paid,
        left_minor=0,
        ends_on=pay_by,
        late_until=pay_by,
        observed_until=None,
    )
    return option_of(
        case, kind, course, events=events, closing_events=closing, names=(DISCOUNT, OFFER_DAYS)
    )


def standstill(case: Case, pay_by: date) -> list[Event]:
    """All that is owed becomes one row due on a day, and nothing accrues until then."""
    kind, debt = OptionType.SETTLEMENT, case.debt
    still = case.event(
        kind, 1, EventType.RATE_CHANGED, rate_ppm=0, until=pay_by + timedelta(days=1)
    )
    rows = plan_rows(
        debt,
        [pay_by],
        level_terms(debt.contract.terms),
        rate_ppm=0,
        ages_until=case.ages_until(kind, [pay_by]) or pay_by + timedelta(days=1),
    )
    return [still, case.event(kind, 2, EventType.REPLANNED, rows=rows)]


def let_go(case: Case, events: Sequence[Event], paid: Sequence[Payment]) -> list[Event]:
    """What the last payment leaves, waived on its day: by the fold, component by component."""
    debt, day = case.debt, paid[-1].on
    state = fold_contract(debt.contract, [*debt.events, *events, *repayments(paid)], day)
    left = [0] * COMPONENTS
    for row in state.rows:
        if row.due_on is not None:
            left = [a + b for a, b in zip(left, row.outstanding_minor, strict=True)]
    return [
        case.event(
            OptionType.SETTLEMENT,
            len(events) + at,
            EventType.WAIVED,
            day,
            component=Component(component).name.lower(),
            amount_minor=left[component],
        )
        for at, component in enumerate(
            [each for each in LET_GO_IN_ORDER if left[each] > 0], start=1
        )
    ]


def breathing_space(case: Case) -> Option | Missing:
    """Where the law of the place has it: nothing is charged or enforced for some days."""
    kind = OptionType.BREATHING_SPACE
    lacking = case.rules.lacking(kind, BREATHING_DAYS)
    if lacking is not None:
        return lacking
    ends_on = case.on + timedelta(days=case.rules.whole(BREATHING_DAYS))
    return resting(case, kind, ends_on, [], names=(BREATHING_DAYS,))


def pause(case: Case, *, is_only_way: bool = True) -> Option | Missing:
    """Nothing until a day of review, or what is free where no instalments can be paid; no penalty meanwhile.

    Args:
        case: Whose debt rests.
        is_only_way: Whether no instalments are open, so that what is free is taken as a token.
    """
    kind, rules = OptionType.PAUSE, case.rules
    lacking = rules.lacking(kind, REVIEW_DAYS)
    if lacking is not None:
        return lacking
    review_on = case.on + timedelta(days=rules.whole(REVIEW_DAYS))
    given = tokens(case, review_on) if is_only_way else []
    return resting(case, kind, review_on, given, names=(REVIEW_DAYS,))


def tokens(case: Case, until: date) -> list[Payment]:
    """What is free each month up to a day, after payday where it is known; never more than is owed."""
    free = case.means.free_minor
    if free == 0:
        return []
    buffer_days = case.rules.whole(PAYDAY_DAYS) if case.rules.has(PAYDAY_DAYS) else 0
    count = 1
    while add_months(case.on, count) < until:
        count += 1
    dues = (
        monthly_dues(add_months(case.on, 1), count)
        if case.payday is None
        else payday_dues(case.payday, buffer_days, after=case.on, count=count)
    )
    left = case.debt.payoff_minor
    paid = []
    for due in dues:
        if due <= until and left > 0:
            paid.append(Payment(on=due, amount_minor=min(left, case.means.free_on(due))))
            left -= paid[-1].amount_minor
    return joined(paid)


def resting(
    case: Case,
    option_type: OptionType,
    ends_on: date,
    given: Sequence[Payment],
    *,
    names: Sequence[str],
) -> Option:
    """An option under which the debt rests until a day: age and penalty stand still."""
    debt = case.debt
    events = [
        case.event(option_type, 1, EventType.PENALTY_FROZEN, until=ends_on),
        case.event(option_type, 2, EventType.PAUSED, until=ends_on),
    ]
    happened = [*debt.events, *events, *repayments(given)]
    state = fold_contract(debt.contract, happened, ends_on)
    course = Course(
        payments=given,
        left_minor=state.payoff_minor - debt.unbilled_minor,
        ends_on=ends_on,
        late_until=ends_on,
        observed_until=case.observed_until(option_type, [ends_on]),
    )
    return option_of(
        case,
        option_type,
        course,
        events=events,
        names=[*names, OBSERVATION],
        review_on=ends_on,
    )


def debt_advice(case: Case) -> Option | Missing:
    """Somebody independent to talk to: always there, and it costs nothing of the debt."""
    return Option(
        type=OptionType.DEBT_ADVICE,
        on=case.on,
        events=(),
        closing_events=(),
        figures=None,
        treatment=case.treatment(OptionType.DEBT_ADVICE),
        grounds=(),
    )
