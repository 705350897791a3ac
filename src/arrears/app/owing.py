"""What an account owes: a contract and events as documents in, the state or its steps out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.delinquency.ageing import AgeingRules, Standing, next_action_on, standing_of
from arrears.delinquency.observation import ObservationRules, observation_of
from arrears.policy.registry import Purpose
from arrears.servicing.contract import Contract, sign_contract
from arrears.servicing.door import columns_of, microseconds
from arrears.servicing.events import Event, read_event
from arrears.servicing.fitting import check_account
from arrears.servicing.layout import NONE
from arrears.servicing.state import ALL_KNOWN, AccountState, fold_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from arrears.delinquency.observation import Observation
    from arrears.kernel.calendar import HolidayCalendar
    from arrears.policy.snapshot import PolicySnapshot
    from arrears.servicing.state import Fold

BUCKETS = "cn.classification.bucket_over"
CLASSES = "cn.classification.dpd_over"
BUREAU = "cn.bureau.status_by_dpd"
RESTRUCTURED_BY = "cn.classification.restructured_by"
OBSERVED_FOR = "cn.classification.restructured_observation"
OBSERVED_ANEW = "cn.classification.restructured_observation_restarts_on"
OBSERVED_CLASS = "cn.classification.restructured_class_at_least"
OBSERVED_AGAIN_CLASS = "cn.classification.restructured_again_class_at_least"
OBSERVATION_IDS = (
    RESTRUCTURED_BY, OBSERVED_FOR, OBSERVED_ANEW, OBSERVED_CLASS, OBSERVED_AGAIN_CLASS,
)  # fmt: skip
AGEING_IDS = (BUCKETS, CLASSES, BUREAU, *OBSERVATION_IDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """An account on a day, with what its age means."""

    contract: Contract
    state: AccountState
    standing: Standing
    observed: Observation | None  #: as a restructured asset; None: it is not


def ageing_rules(snapshot: PolicySnapshot, day: date) -> AgeingRules:
    """The bounds in force on a day; None where no rule was: a loan of 2008 is asked about too.

    Raises:
        ArrearsError: `policy.unknown`, `policy.overlap`.
    """

    def bounds(parameter_id: str) -> Mapping[str, int] | None:
        in_force = is_in_force(snapshot, parameter_id, day)
        return snapshot.value_on(parameter_id, day).as_named_integers() if in_force else None

    changes = {each for name in AGEING_IDS for each in snapshot.change_days(name)}
    return AgeingRules(
        bucket=bounds(BUCKETS),
        five_class=bounds(CLASSES),
        bureau=bounds(BUREAU),
        changes_on=tuple(sorted(changes)),
        observation=observation_rules(snapshot, day),
    )


def is_in_force(snapshot: PolicySnapshot, parameter_id: str, day: date) -> bool:
    """Whether a parameter had a value on a day, as known then."""
    return snapshot.registry.is_in_force(
        parameter_id, on=day, known_on=day, purpose=Purpose.SERVICING
    )


def observation_rules(snapshot: PolicySnapshot, day: date) -> ObservationRules | None:
    """What policy says of restructured assets on a day; None: no rule was in force.

    Raises:
        ArrearsError: `policy.unknown`, `policy.overlap`.
    """
    if not all(is_in_force(snapshot, each, day) for each in OBSERVATION_IDS):
        return None
    least = snapshot.value_on(OBSERVED_FOR, day).as_named_integers()
    return ObservationRules(
        restructured_by=frozenset(snapshot.value_on(RESTRUCTURED_BY, day).as_words()),
        payment_periods=least["payment_periods"],
        years=least["years"],
        restarts_on=frozenset(snapshot.value_on(OBSERVED_ANEW, day).as_words()),
        class_at_least=snapshot.value_on(OBSERVED_CLASS, day).as_choice(),
        again_class_at_least=snapshot.value_on(OBSERVED_AGAIN_CLASS, day).as_choice(),
    )


def assumed_on(snapshot: PolicySnapshot, day: date) -> tuple[str, ...]:
    """Ids of the bounds that are carried forward on a day, for nobody has read their source since."""
    in_force = [each for each in AGEING_IDS if is_in_force(snapshot, each, day)]
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
    columns = columns_of(contract, events)
    state = fold_columns(columns, events, as_of, known_at, posting=posting, fold=fold)
    rules = ageing_rules(snapshot, as_of)
    known = ALL_KNOWN if known_at is None else microseconds(known_at)
    observed = observation_of(columns, as_of, rules, known_at=known, fold=fold)
    return Owing(
        contract=contract,
        state=state,
        standing=standing_of(state.days_delinquent, rules, observed),
        observed=observed,
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
        released = now.observed.ends_on if now.observed else None
        day = min([until, *(each for each in (turn, released) if each), *later])
    steps.append(owing(contract, events, until, snapshot, known_at=known_at))
    return steps
