"""A strategy tried on a book's cases: what it would ask for in the days to come, if nothing is paid.

It says what would be asked of the gate, by arm and channel, and how much of it the counts alone would
refuse. It says nothing of what would be recovered: that is known after a trial, not before.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arrears.recovery.contact import Purpose
from arrears.recovery.strategy import actions_on, assign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arrears.recovery.strategy import Strategy

#: Days over which contacts of any kind are counted together.
WINDOW_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """One borrower in arrears, over all loans."""

    borrower_id: str
    days_past_due: int  #: of the oldest
    owed_minor: int
    stratum: str


@dataclass(slots=True, kw_only=True)
class ArmTrial:
    """What one arm would ask for."""

    borrowers: int = 0
    by_channel: Counter[tuple[str, str]] = field(default_factory=Counter)  #: (channel, purpose)
    busiest_day: int = 0  #: most contacts of the arm on one day
    most_in_window: int = 0  #: most contacts of one borrower within WINDOW_DAYS
    beyond_window: int = 0  #: what the lender's own count of seven days would refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a strategy would ask for over some days."""

    days: int
    outside: int  #: borrowers for whom the strategy has no row on some day
    arms: dict[str, ArmTrial]

    @property
    def contacts(self) -> int:
        """All contacts it would ask for."""
        return sum(sum(arm.by_channel.values()) for arm in self.arms.values())


def try_out(
    strategy: Strategy, cases: Iterable[CaseSeen], days: int, contacts_per_window_max: int
) -> Trial:
    """Let a strategy act for so many days on cases that stand as they do and pay nothing.

    Args:
        strategy: Checked.
        cases: As they stand on the day before the first.
        days: How many days.
        contacts_per_window_max: Contacts of any kind in seven days, as the lender's policy says.
    """
    arms = {arm.arm_id: ArmTrial() for arm in strategy.arms}
    by_id = {arm.arm_id: arm for arm in strategy.arms}
    a_day: dict[str, Counter[int]] = {arm_id: Counter() for arm_id in arms}
    outside = 0
    for case in cases:
        arm_id = assign(strategy, case.borrower_id, case.stratum).arm_id
        seen = arms[arm_id]
        seen.borrowers += 1
        recent: deque[int] = deque()
        is_outside = False
        for day in range(1, days + 1):
            age = case.days_past_due + day
            is_outside |= strategy.row_of(age, case.owed_minor) is None
            while recent and recent[0] <= day - WINDOW_DAYS:
                recent.popleft()
            for action in actions_on(strategy, by_id[arm_id], age, case.owed_minor):
                seen.by_channel[str(action.channel), str(action.purpose)] += 1
                a_day[arm_id][day] += 1
                if action.purpose is Purpose.STATUTORY_NOTICE:
                    continue
                if len(recent) >= contacts_per_window_max:
                    seen.beyond_window += 1
                    continue
                recent.append(day)
                seen.most_in_window = max(seen.most_in_window, len(recent))
        outside += is_outside
    for arm_id, counted in a_day.items():
        arms[arm_id].busiest_day = max(counted.values(), default=0)
    return Trial(days=days, outside=outside, arms=arms)
