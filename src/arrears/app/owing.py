"""What an account owes: a contract and events as documents in, the state or its steps out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.delinquency.ageing import AgeingRules, Standing, next_action_on, standing_of
from arrears.policy.registry import Purpose
from arrears.servicing.contract import Contract, sign_contract
from arrears.servicing.events import Event, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.layout import NONE
from arrears.servicing.state import AccountState, fold_contract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from arrears.kernel.calendar import HolidayCalendar
    from arrears.policy.snapshot import PolicySnapshot
    from arrears.servicing.state import Fold

BUCKETS = "cn.classification.bucket_over"
CLASSES = "cn.classification.dpd_over"
BUREAU = "cn.bureau.status_by_dpd"
AGEING_IDS = (BUCKETS, CLASSES, BUREAU)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """An account on a day, with what its age means."""

    contract: Contract
    state: AccountState
    standing: Standing


def ageing_rules(snapshot: PolicySnapshot, day: date) -> AgeingRules:
    """The bounds in force on a day; None where no rule was: a loan of 2008 is asked about too.

    Raises:
        ArrearsError: `policy.unknown`, `policy.overlap`.
    """

    def bounds(parameter_id: str) -> Mapping[str, int] | None:
        in_force = snapshot.registry.is_in_force(
            parameter_id, on=day, known_on=day, purpose=Purpose.SERVICING
        )
        return snapshot.value_on(parameter_id, day).as_named_integers() if in_force else None

    changes = {each for name in AGEING_IDS for each in snapshot.change_days(name)}
    return AgeingRules(
        bucket=bounds(BUCKETS),
        five_class=bounds(CLASSES),
        bureau=bounds(BUREAU),
        changes_on=tuple(sorted(changes)),
    )


def assumed_on(snapshot: PolicySnapshot, day: date) -> tuple[str, ...]:
    """Ids of the bounds that are carried forward on a day, for nobody has read their source since."""
    registry = snapshot.registry
    in_force = [
        each
        for each in AGEING_IDS
        if registry.is_in_force(each, on=day, known_on=day, purpose=Purpose.SERVICING)
    ]
    return tuple(each for each in in_force if snapshot.resolved_on(each, day).assumed)


def read_account(
    contract_document: Mapping[str, object],
    event_documents: Sequence[Mapping[str, object]],
    calendar: HolidayCalendar | None = None,
) -> tuple[Contract, tuple[Event, ...]]:
    """Read and check an account's contract and events.

    Args:
        contract_document: As `read_contract` takes it.
        event_documents: As `read_event` takes them, in any order.
        calendar: Whose workdays due dates move to, where the terms say so.

    Raises:
        ArrearsError: of terms, contracts and events.
    """
    contract = sign_contract(contract_document, calendar)
    events = tuple(
        read_event(each, contract.terms.currency, where=f"events[{at}]")
        for at, each in enumerate(event_documents, start=1)
    )
    check_account(contract, events)
    return contract, events


def owing(
    contract: Contract,
    events: Sequence[Event],
    as_of: date,
    snapshot: PolicySnapshot,
    *,
    known_at: datetime | None = None,
    posting: int = NONE,
    fold: Fold | None = None,
) -> Owing:
    """What the account owes on a day and how it stands.

    Raises:
        InvariantError: `fold.status`.
    """
    state = fold_contract(contract, events, as_of, known_at, posting=posting, fold=fold)
    return Owing(
        contract=contract,
        state=state,
        standing=standing_of(state.days_delinquent, ageing_rules(snapshot, as_of)),
    )


def steps_until(
    contract: Contract,
    events: Sequence[Event],
    as_of: date,
    until: date,
    snapshot: PolicySnapshot,
    known_at: datetime | None = None,
) -> list[Owing]:
    """The days from `as_of` to `until` on which something changes if nothing more happens.

    It is the fold run forward: each step is what the fold will say on that day.
    """
    steps: list[Owing] = []
    day = as_of
    while day < until:
        now = owing(contract, events, day, snapshot, known_at=known_at)
        steps.append(now)
        turn = next_action_on(
            now.state,
            ageing_rules(snapshot, day),
            contract.penalty.grace_days,
            contract.non_accrual_days,
        )
        later = [event.value_on for event in events if event.value_on > day]
        day = min([until, *([turn] if turn else []), *later])
    steps.append(owing(contract, events, until, snapshot, known_at=known_at))
    return steps
