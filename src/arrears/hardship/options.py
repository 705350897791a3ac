"""Every way out of a debt, side by side: what is open in the order of harm, what is missing and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.hardship.affordability import assess
from arrears.hardship.case import case_of
from arrears.hardship.harm import in_order
from arrears.hardship.making_plans import (
    deferral,
    extension,
    interest_only,
    payday,
    re_plan,
    write_down,
)
from arrears.hardship.making_relief import (
    breathing_space,
    debt_advice,
    pause,
    pay_arrears,
    pay_off,
    penalty_freeze,
    settlement,
)
from arrears.hardship.option import Missing, Option, OptionType
from arrears.hardship.rules import BUFFER, LIVING_REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from arrears.hardship.affordability import Affordability
    from arrears.hardship.case import Case
    from arrears.hardship.debt import Debt
    from arrears.hardship.option import Ground
    from arrears.hardship.rules import HelpLine, Rules
    from arrears.hardship.statement import Statement

#: How each type is made; a pause, which depends on whether another way is open, apart.
MAKERS: Mapping[OptionType, Callable[[Case], Option | Missing]] = {
    OptionType.PAY_OFF: pay_off,
    OptionType.PAY_ARREARS: pay_arrears,
    OptionType.PAYDAY: payday,
    OptionType.DEFERRAL: deferral,
    OptionType.EXTENSION: extension,
    OptionType.INTEREST_ONLY: interest_only,
    OptionType.RE_PLAN: re_plan,
    OptionType.PENALTY_FREEZE: penalty_freeze,
    OptionType.WRITE_DOWN: write_down,
    OptionType.SETTLEMENT: settlement,
    OptionType.BREATHING_SPACE: breathing_space,
    OptionType.DEBT_ADVICE: debt_advice,
}
#: What is open for a debt that was written off: it has no schedule any more, and is still owed.
OF_CHARGED_OFF = frozenset({OptionType.PAY_OFF, OptionType.PAUSE})
#: Ways out that ask for instalments: never below the floor.
INSTALMENTS = frozenset(
    {
        OptionType.PAYDAY,
        OptionType.DEFERRAL,
        OptionType.EXTENSION,
        OptionType.INTEREST_ONLY,
        OptionType.RE_PLAN,
        OptionType.PENALTY_FREEZE,
        OptionType.WRITE_DOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOut:
    """The answer to "what can I do?"; `options` is never empty."""

    debt: Debt
    means: Affordability
    options: tuple[Option, ...]  #: the least harm first
    missing: tuple[Missing, ...]  #: what is not open now, each with its reason
    help_lines: tuple[HelpLine, ...]  #: those that have a source
    grounds: tuple[Ground, ...]  #: of the floor

    def option(self, option_type: OptionType) -> Option | None:
        """The option of a type, where it is open."""
        return next((each for each in self.options if each.type is option_type), None)


def ways_out(debt: Debt, statement: Statement, rules: Rules, *, bucket: str) -> WaysOut:
    """Every option that the rules and the lender's policy allow, and why the others are missing.

    Args:
        debt: The account on the day.
        statement: What the person tells of their money; nothing of it is needed for the basic ways.
        rules: Of the day.
        bucket: The age the debt stands in, for what the lender recovers otherwise.

    Returns:
        At least debt advice; for whoever owes something also a pause.

    Raises:
        InvariantError: `fold.status`.
    """
    buffer_ppm = rules.share_ppm(BUFFER) if rules.has(BUFFER) else 0
    means = assess(statement, buffer_ppm=buffer_ppm, reference=rules.reference())
    case = case_of(debt, means, statement.payday, rules, bucket)
    made = [answer(case, each) for each in MAKERS]
    has_plan = any(isinstance(each, Option) and each.type in INSTALMENTS for each in made)
    made.append(
        pause(case, is_only_way=not has_plan)
        if debt.is_open
        else case.missing(OptionType.PAUSE, "nothing_owed")
    )
    return WaysOut(
        debt=debt,
        means=means,
        options=in_order(each for each in made if isinstance(each, Option)),
        missing=tuple(each for each in made if isinstance(each, Missing)),
        help_lines=rules.help_lines,
        grounds=rules.grounds(BUFFER, LIVING_REFERENCE),
    )


def answer(case: Case, option_type: OptionType) -> Option | Missing:
    """One type of option: open, or missing because nothing is owed, it is written off, or as its maker says."""
    if option_type is OptionType.DEBT_ADVICE:
        return debt_advice(case)
    if not case.debt.is_open:
        return case.missing(option_type, "nothing_owed")
    if case.debt.is_charged_off and option_type not in OF_CHARGED_OFF:
        return case.missing(option_type, "charged_off")
    return MAKERS[option_type](case)
