"""What an option does to the borrower, in figures, and the order of harm that options are shown in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.hardship.option import Figures, OptionType
from arrears.hardship.rescheduling import months_until
from arrears.kernel.rates import PPM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from arrears.hardship.affordability import Affordability
    from arrears.hardship.option import Option, Payment

    #: A day -> what may be asked for in its month, minor units.
    FreeOn = Callable[[date], int]

#: Where options do equal harm, the one that asks least of anybody comes first.
TYPES_IN_ORDER = tuple(OptionType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a debt goes on if an option is kept."""

    payments: Sequence[Payment]
    left_minor: int  #: still owed on the day of review; 0: nothing remains
    ends_on: date  #: the last payment, or the review
    late_until: date  #: from then on nothing is overdue
    observed_until: date | None  #: end of a restructured asset's observation


def by_month(payments: Iterable[Payment]) -> Mapping[tuple[int, int], tuple[date, int]]:
    """Calendar month -> its last payment's day, and all that is paid in it."""
    sums: dict[tuple[int, int], tuple[date, int]] = {}
    for each in payments:
        month = (each.on.year, each.on.month)
        before_minor = sums[month][1] if month in sums else 0
        sums[month] = (each.on, before_minor + each.amount_minor)
    return sums


def months_below_floor(course: Course, free_on: FreeOn, savings_minor: int) -> int:
    """In how many months what is paid exceeds what is free; savings are used up first.

    What is left on a day of review counts as due then, for it is not solved.
    """
    below = 0
    for day, asked_minor in by_month(course.payments).values():
        lacking_minor = max(0, asked_minor - free_on(day))
        used_minor = min(savings_minor, lacking_minor)
        savings_minor -= used_minor
        below += lacking_minor > used_minor
    if course.left_minor > savings_minor + free_on(course.ends_on):
        below += 1
    return below


def fits_floor(payments: Sequence[Payment], free_on: FreeOn) -> bool:
    """Whether no month asks for more than is free, savings left alone: what instalments must hold."""
    return all(asked <= free_on(day) for day, asked in by_month(payments).values())


def monthly_minor(payments: Sequence[Payment]) -> int:
    """The most that is paid in one calendar month."""
    return max((asked for _, asked in by_month(payments).values()), default=0)


def figures_of(
    course: Course, means: Affordability, free_on: FreeOn, *, on: date, baseline_minor: int
) -> Figures:
    """The figures of an option.

    Args:
        course: What the fold said, followed to its end.
        means: What was told.
        free_on: What may be asked for in the month of a day.
        on: The day the option is worked out for.
        baseline_minor: What going on costs if nothing is paid until the next due date.

    Rounding:
        The share of free income is rounded up.
    """
    monthly = monthly_minor(course.payments)
    free = means.free_minor
    total = sum(each.amount_minor for each in course.payments)
    adverse_until = max(course.late_until, course.observed_until or course.late_until)
    return Figures(
        payments=tuple(course.payments),
        monthly_minor=monthly,
        share_of_free_ppm=-(-monthly * PPM // free) if free > 0 else None,
        total_minor=total,
        left_minor=course.left_minor,
        saves_minor=baseline_minor - total - course.left_minor,
        ends_on=course.ends_on,
        months_below_floor=months_below_floor(course, free_on, means.savings_minor),
        months_adverse=months_until(on, adverse_until),
        months=months_until(on, course.ends_on),
    )


def harm_of(option: Option) -> tuple[int, int, int, int, int, int]:
    """What options are ordered by, the least harm first; advice, which has no figures, last.

    Months below the floor, total cost, months in adverse status, length; so what cuts the cost comes
    before what merely stretches it.
    """
    place = TYPES_IN_ORDER.index(option.type)
    figures = option.figures
    if figures is None:
        return (1, 0, 0, 0, 0, place)
    return (
        0,
        figures.months_below_floor,
        figures.total_minor + figures.left_minor,
        figures.months_adverse,
        figures.months,
        place,
    )


def in_order(options: Iterable[Option]) -> tuple[Option, ...]:
    """Options by the harm they do to the borrower."""
    return tuple(sorted(options, key=harm_of))
