"""What an option brings the lender, against leaving things as they are; it decides only who must approve.

Nothing is discounted: sums of money, so that anybody can add them up again. The shares are assumptions
of the lender, a parameter of its policy, and are called so wherever they are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.hardship.option import LenderValue
from arrears.hardship.rules import PRESENT_PATH, REDEFAULT_PAID, REDEFAULT_RATES
from arrears.kernel.movement import COMPONENTS, INTEREST, Component
from arrears.kernel.rates import PPM
from arrears.servicing.layout import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.hardship.harm import Course
    from arrears.hardship.rules import Rules
    from arrears.servicing.events import Event

PERCENT = 100


def lender_value(
    course: Course,
    events: Sequence[Event],
    rules: Rules,
    *,
    owed_minor: int,
    bucket: str,
    rate_given_up_minor: int,
) -> LenderValue | None:
    """Receipts of an option at each rate of re-default, and of the present path.

    Who keeps the option pays all of it. Who breaks it has paid a share of it, and of the rest the lender
    recovers what it recovers of such a debt anyway.

    Args:
        course: The option, kept.
        events: All it appends, for what they waive.
        rules: With the lender's assumptions.
        owed_minor: What would settle the debt today.
        bucket: The age it stands in, M0 and so on.
        rate_given_up_minor: Interest that a lower rate will not bring.

    Returns:
        None where the lender has no such assumptions.

    Rounding:
        Down to whole minor units, once for each figure.
    """
    if not rules.has(PRESENT_PATH, REDEFAULT_PAID, REDEFAULT_RATES):
        return None
    recovered = rules.named(PRESENT_PATH)
    recovery = recovered.get(bucket, min(recovered.values()))
    forgone = [0] * COMPONENTS
    forgone[INTEREST] += rate_given_up_minor
    for event in events:
        if event.type is EventType.WAIVED and event.component is not None:
            forgone[Component[event.component.upper()]] += event.amount_minor
    paid_minor = sum(each.amount_minor for each in course.payments)
    kept_minor = paid_minor * PERCENT + course.left_minor * recovery
    before_minor = paid_minor * rules.share_ppm(REDEFAULT_PAID) * PERCENT // PPM
    rest_minor = max(0, owed_minor * PERCENT - before_minor)
    broken_minor = before_minor + rest_minor * recovery // PERCENT
    expected = {
        rate: (kept_minor * (PERCENT - rate) + broken_minor * rate) // (PERCENT * PERCENT)
        for rate in sorted(map(int, rules.words(REDEFAULT_RATES)))
    }
    present_minor = owed_minor * recovery // PERCENT
    return LenderValue(
        forgone_minor={component: forgone[component] for component in Component},
        present_path_minor=present_minor,
        expected_minor=expected,
        is_above_present_path=all(each >= present_minor for each in expected.values()),
    )
