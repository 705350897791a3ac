"""Positions: what is outstanding under each row of a schedule, and how each kind of movement moves it.

The table here is what the words of `kernel/movement.py` mean. Posting rules are checked against it
when they are loaded, so a lender's own rules cannot make the ledger and the fold disagree.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from arrears.kernel.movement import (
    MOVEMENT_KEY_COLUMNS,
    MV_AMOUNT,
    MV_IS_VALUATION,
    Component,
    MovementKind,
    Stage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: (contract, instalment, component, kind, value day, stage): the first columns of a movement.
MovementKey = tuple[int, int, int, int, int, int]


class MovementTable(Protocol):
    """Movements as the fold gives them: int64[n, MOVEMENT_COLUMNS], numpy array or memoryview."""

    def tolist(self) -> list[list[int]]:
        """The rows as Python integers."""
        ...


class PositionKey(NamedTuple):
    """Where an outstanding amount stands."""

    contract: int  #: within the account, 0 for the first
    instalment: int  #: row number, 1 for the first; 0: the account itself
    component: Component
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """What one account owes and is owed; zeros are left out, so equal means equal."""

    outstanding_minor: Mapping[PositionKey, int]  #: minor units, owed by the borrower
    credit_minor: int  #: minor units, the customer's credit balance

    def totals_minor(self) -> dict[tuple[Component, Stage], int]:
        """Minor units by component and stage over all contracts and instalments, zeros left out.

        The level at which every amount can be compared: money is lent to a contract as a whole, so
        principal enters under instalment 0 and leaves under the instalments that are paid.
        """
        totals: defaultdict[tuple[Component, Stage], int] = defaultdict(int)
        for key, amount_minor in self.outstanding_minor.items():
            totals[key.component, key.stage] += amount_minor
        return {key: minor for key, minor in totals.items() if minor}


class Effect(NamedTuple):
    """One change that a positive amount makes to what is outstanding."""

    stage: Stage | None  #: None: the stage the movement names
    is_credit: bool  #: True: the customer's credit balance instead of a stage
    sign: int  #: +1 more is owed (or more credit), -1 less


_MORE_HERE = Effect(stage=None, is_credit=False, sign=1)
_LESS_HERE = Effect(stage=None, is_credit=False, sign=-1)
_MORE_CREDIT = Effect(stage=None, is_credit=True, sign=1)
_LESS_CREDIT = Effect(stage=None, is_credit=True, sign=-1)


def _more(stage: Stage) -> Effect:
    """More is owed at a stage that the kind itself fixes."""
    return Effect(stage=stage, is_credit=False, sign=1)


#: What a positive amount of each kind does; a negative one does the opposite.
EFFECTS: Mapping[MovementKind, tuple[Effect, ...]] = {
    MovementKind.DISBURSED: (_MORE_HERE,),
    MovementKind.ACCRUED: (_MORE_HERE,),
    MovementKind.CHARGED: (_MORE_HERE,),
    MovementKind.FELL_DUE: (),
    MovementKind.BECAME_OVERDUE: (_LESS_HERE, _more(Stage.OVERDUE)),
    MovementKind.PAID: (_LESS_HERE,),
    MovementKind.WAIVED: (_LESS_HERE,),
    MovementKind.CAPPED: (_LESS_HERE,),
    MovementKind.PUT_TO_CREDIT: (_MORE_CREDIT,),
    MovementKind.TAKEN_FROM_CREDIT: (_LESS_HERE, _LESS_CREDIT),
    MovementKind.CREDIT_REFUNDED: (_LESS_CREDIT,),
    MovementKind.CHARGED_BACK: (_MORE_HERE,),
    MovementKind.STOPPED_ACCRUAL: (_LESS_HERE, _more(Stage.NON_ACCRUAL)),
    MovementKind.RESUMED_ACCRUAL: (_LESS_HERE, _more(Stage.NORMAL)),
    MovementKind.CHARGED_OFF: (_LESS_HERE, _more(Stage.WRITTEN_OFF)),
    MovementKind.RECOVERED: (_LESS_HERE,),
    MovementKind.MOVED_OUT: (_LESS_HERE,),
    MovementKind.MOVED_IN: (_MORE_HERE,),
    MovementKind.TAKEN_OVER: (_MORE_HERE,),
    MovementKind.MERCHANT_REFUNDED: (_LESS_HERE,),
    MovementKind.DISBURSEMENT_UNDONE: (_LESS_HERE,),
}


def posted_movements(movements: MovementTable) -> Iterator[tuple[MovementKey, int]]:
    """Key and amount of every movement that may be posted: valuations are passed over.

    Yields:
        The movement's key and its amount in minor units, signed, in the table's order; a key may
        come more than once, and its amounts add up.
    """
    for row in movements.tolist():
        if not row[MV_IS_VALUATION]:
            yield _key_of(row), row[MV_AMOUNT]


def _key_of(row: list[int]) -> MovementKey:
    """The first columns of a movement."""
    contract, instalment, component, kind, value_day, stage = row[:MOVEMENT_KEY_COLUMNS]
    return contract, instalment, component, kind, value_day, stage


def positions_of_movements(movements: MovementTable) -> Positions:
    """What the movements say is outstanding, without any account of the ledger.

    Valuations are left out, so the answer equals the fold's state on a posting point and the
    ledger's on every day.

    Args:
        movements: int64[n, MOVEMENT_COLUMNS] of one account.
    """
    outstanding_minor: defaultdict[PositionKey, int] = defaultdict(int)
    credit_minor = 0
    for (contract, instalment, component, kind, _, stage), amount_minor in posted_movements(
        movements
    ):
        for effect in EFFECTS[MovementKind(kind)]:
            if effect.is_credit:
                credit_minor += effect.sign * amount_minor
                continue
            target = Stage(stage) if effect.stage is None else effect.stage
            key = PositionKey(contract, instalment, Component(component), target)
            outstanding_minor[key] += effect.sign * amount_minor
    return Positions(
        outstanding_minor={key: minor for key, minor in outstanding_minor.items() if minor},
        credit_minor=credit_minor,
    )
