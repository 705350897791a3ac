"""Refolding an account: its events folded to a day, the difference posted, its caches renewed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arrears.app.owing import ageing_rules
from arrears.app.ports import AccountChange, Message, Transition
from arrears.app.running import is_period_end
from arrears.app.statements import is_statement_due, statement_message, statement_of_day
from arrears.delinquency.ageing import next_action_on, standing_of
from arrears.delinquency.observation import observation_of
from arrears.kernel.errors import invariant
from arrears.ledger.postings import Booking, posted_from_journal, postings
from arrears.servicing.contract import read_contract
from arrears.servicing.door import columns_of
from arrears.servicing.events import event_document, read_event
from arrears.servicing.layout import CLASS_EDGES, KIND_REVOLVING, EventType
from arrears.servicing.line import is_billable
from arrears.servicing.packing import packed, with_edges
from arrears.servicing.state import AccountStatus, fold_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from arrears.app.ports import StoredAccount
    from arrears.app.running import Clock
    from arrears.delinquency.ageing import AgeingRules, Standing
    from arrears.delinquency.observation import Observation
    from arrears.ledger.journal import JournalRow
    from arrears.ledger.posting_rules import PostingRules
    from arrears.policy.registry import PolicyRegistry
    from arrears.policy.snapshot import PolicySnapshot
    from arrears.servicing.book import FoldBook
    from arrears.servicing.contract import Contract
    from arrears.servicing.door import AccountColumns
    from arrears.servicing.events import Event
    from arrears.servicing.packing import Packed
    from arrears.servicing.state import AccountState, Fold, RowState

#: More journal rows for one account on one day are taken for a mistake and park it.
ROWS_A_DAY_MAX = 5_000
#: The kind of a message that tells of arrears; what takes it back names it.
OVERDUE_NOTICE = "overdue_notice"
#: Below the bound of every bucket: of M0, and of a day before buckets were in force.
NOT_OVERDUE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every refold of a run shares."""

    snapshot: PolicySnapshot
    rules: PostingRules
    basis: str  #: digest of policy timeline, fold and posting rules
    fold: Fold | None  #: the compiled form, or None for the interpreted one
    fold_book: FoldBook | None = None  #: the same over many accounts; None: one by one
    layout: str = ""  #: digest of what makes columns of documents: those of another are made again
    #: What contracts are signed by, read when the first is; None: they stand by themselves.
    registry: Callable[[], PolicyRegistry] | None = None
    _ageing: dict[date, AgeingRules] = field(default_factory=dict, repr=False, compare=False)

    def ageing_on(self, day: date) -> AgeingRules:
        """The bounds of buckets and classes on a day; resolved once for all accounts."""
        if day not in self._ageing:
            self._ageing[day] = ageing_rules(self.snapshot, day)
        return self._ageing[day]


def read_stored(account: StoredAccount) -> tuple[Contract, tuple[Event, ...]]:
    """The account's records; they were checked when they were written."""
    contract = read_contract(account.contract)
    return contract, tuple(
        read_event(each, contract.terms.currency, where=f"account {account.account_id}")
        for each in account.events
    )


def class_edges_days(rules: AgeingRules) -> tuple[int, ...]:
    """The bounds of the classes in force on a day, for contracts that do not bring their own.

    The fold ends a run of equal nights there, so that what accrued in one class is posted in it.
    """
    edges = tuple(sorted(bound for bound in (rules.five_class or {}).values() if bound > 0))
    invariant(len(edges) <= CLASS_EDGES, "close.too_many_classes", edges=edges)
    return edges


def undone_since(account: StoredAccount, business_on: date) -> date:
    """The first day whose close has not dealt with the account: its next action, if that has come."""
    return min(account.next_action_on or business_on, business_on)


def refold(
    account: StoredAccount, journal: Sequence[JournalRow], business_on: date, frame: Frame
) -> AccountChange:
    """Fold an account to an open business day and say what the store must write.

    The account's next action is that day, if not before: its close makes statements and collects.

    Raises:
        InvariantError: where the fold or a bound says that something is wrong with the account.
        ArrearsError: `ledger.rule_missing` and the like.
    """
    contract, events = read_stored(account)
    columns, kept = columns_on(contract, events, business_on, frame)
    state = fold_columns(columns, events, business_on, posting=1, fold=frame.fold)
    since = undone_since(account, business_on)
    change = change_of(account, state, journal, since, frame, observed(columns, state, frame))
    return replace(change, refundable_minor=refundable_minor(state, events), columns=kept)


def columns_on(
    contract: Contract, events: Sequence[Event], business_on: date, frame: Frame
) -> tuple[AccountColumns, Packed]:
    """An account's columns as they are folded on a day, and as they are kept."""
    columns = columns_of(contract, events)
    edges_days = class_edges_days(frame.ageing_on(business_on))
    return with_edges(columns, edges_days), packed(columns)


def refold_at_close(
    account: StoredAccount,
    journal: Sequence[JournalRow],
    business_on: date,
    frame: Frame,
    clock: Clock,
) -> AccountChange:
    """Fold an account to the day that is being closed, its statement made if one is due.

    Raises:
        InvariantError: as `refold`.
        ArrearsError: as `refold`.
    """
    contract, events = read_stored(account)
    columns, kept = columns_on(contract, events, business_on, frame)
    since, made = undone_since(account, business_on), None
    if contract.line is not None and is_statement_due(events, contract.line, since, business_on):
        state = fold_columns(columns, events, business_on, fold=frame.fold)
        made = statement_of_day(contract, events, state, clock())
    if made is not None:
        events = (*events, made[0])
        columns, kept = columns_on(contract, events, business_on, frame)
    state = fold_columns(columns, events, business_on, posting=1, fold=frame.fold)
    watched = observed(columns, state, frame)
    turn = next_turn(contract, events, state, frame, watched)
    change = change_of(account, state, journal, turn, frame, watched)
    change = replace(change, refundable_minor=refundable_minor(state, events), columns=kept)
    messages = (*change.messages, *collections(state, since))
    if made is None:
        return replace(change, messages=messages)
    event, statement = made
    return replace(
        change,
        events=(event_document(event, contract.terms.currency),),
        messages=(*messages, statement_message(statement, events)),
    )


def refundable_minor(state: AccountState, events: Sequence[Event]) -> int:
    """Credit balance to be paid back, in minor units: all of it, once nothing is owed any more.

    What was paid back on a day still to come is paid back already.
    """
    if state.principal_minor or state.payoff_minor:
        return 0
    erased = {event.reverses for event in events}
    on_its_way_minor = sum(
        event.amount_minor
        for event in events
        if event.type is EventType.REFUNDED
        and event.component is None
        and event.value_on > state.as_of
        and event.event_id not in erased
    )
    return max(0, state.credit_balance_minor - on_its_way_minor)


def observed(columns: AccountColumns, state: AccountState, frame: Frame) -> Observation | None:
    """Whether the account is observed as a restructured asset on the state's day.

    Args:
        columns: As they went into the fold.
        state: What came out.
        frame: Policy and the fold.
    """
    return observation_of(columns, state.as_of, frame.ageing_on(state.as_of), fold=frame.fold)


def next_turn(
    contract: Contract,
    events: Sequence[Event],
    state: AccountState,
    frame: Frame,
    watched: Observation | None,
) -> date | None:
    """The first day after the state's own on which the account is to be folded again."""
    line = contract.line
    turn = next_action_on(
        state,
        frame.ageing_on(state.as_of),
        contract.penalty.grace_days,
        contract.non_accrual_days,
        line.statement_day if line is not None and is_billable(state) else None,
    )
    later = [event.value_on for event in events if event.value_on > state.as_of]
    released = None if watched is None else watched.ends_on
    return min([*later, *(each for each in (turn, released) if each)], default=None)


def change_of(
    account: StoredAccount,
    state: AccountState,
    journal: Sequence[JournalRow],
    turn: date | None,
    frame: Frame,
    watched: Observation | None,
) -> AccountChange:
    """What the store must write of an account folded to a day.

    Raises:
        InvariantError: `close.too_many_rows`.
        ArrearsError: `ledger.*`.
    """
    business_on = state.as_of
    standing = standing_of(state.days_delinquent, frame.ageing_on(business_on), watched)
    entry_id = f"{business_on.isoformat()}/{account.version}"
    rows = postings(
        state.movements,
        posted_from_journal(journal, frame.rules),
        rules=frame.rules,
        booking=Booking(entry_id=entry_id, booked_on=business_on, currency=account.currency),
    )
    invariant(len(rows) <= ROWS_A_DAY_MAX, "close.too_many_rows", account=account.account_id)
    return AccountChange(
        account=account,
        version=account.version,
        caches=caches_of(state, standing, turn, frame),
        journal=rows,
        owed_minor=owed_in_books(state) if is_period_end(business_on) else (),
        transitions=transitions_of(account, state, standing, business_on),
        messages=messages_of(account, state, standing, frame),
        policy_digest=frame.snapshot.digest,
        layout=frame.layout,
    )


def owed_in_books(state: AccountState) -> tuple[int, ...]:
    """What an account owes, minor units by cell, to be held against its journal at a period end."""
    import numpy as np  # noqa: PLC0415 - only the end of a period needs arrays

    from arrears.servicing.in_books import owed_by_cell  # noqa: PLC0415 - as above
    from arrears.servicing.matrix import as_array  # noqa: PLC0415 - as above

    work = as_array(state.tables.work)
    offsets = np.array([0, len(work)], dtype=np.int64)
    owed: list[int] = owed_by_cell(work, offsets, as_array(state.tables.account)[None])[0].tolist()
    return tuple(owed)


def caches_of(
    state: AccountState, standing: Standing, turn: date | None, frame: Frame
) -> dict[str, object]:
    """The stored copies of what the fold says; a test can rebuild them."""
    return {
        "basis": frame.basis,
        "next_action_on": turn,
        "folded_to": state.as_of,
        "bucket": standing.bucket,
        "five_class": standing.five_class,
        "bureau": standing.bureau,
        "status": state.status.value,
        "days_past_due": state.days_past_due,
        "principal_minor": state.principal_minor,
        "payoff_minor": state.payoff_minor,
        "credit_minor": state.credit_balance_minor,
        "is_non_accrual": state.is_non_accrual,
    }


def transitions_of(
    account: StoredAccount, state: AccountState, standing: Standing, business_on: date
) -> tuple[Transition, ...]:
    """What changed since the account was folded last."""
    pairs = (
        ("bucket", account.bucket, standing.bucket),
        ("five_class", account.five_class, standing.five_class),
        ("bureau", account.bureau, standing.bureau),
        (
            "accrual",
            "stopped" if account.is_non_accrual else "accruing",
            "stopped" if state.is_non_accrual else "accruing",
        ),
    )
    return tuple(
        Transition(on=business_on, what=what, from_value=before, to_value=after)
        for what, before, after in pairs
        if before != after
    )


def messages_of(
    account: StoredAccount, state: AccountState, standing: Standing, frame: Frame
) -> tuple[Message, ...]:
    """Notes for the outbox: overdue for longer than was told; who pays some of it is told nothing."""
    bounds = frame.ageing_on(state.as_of).bucket or {}
    if bounds.get(standing.bucket, NOT_OVERDUE) <= bounds.get(account.bucket, NOT_OVERDUE):
        return ()
    return (overdue_notice(standing.bucket, state.days_past_due, state.as_of),)


def overdue_notice(bucket: str, days_past_due: int, on: date) -> Message:
    """The note that an account has entered a later bucket."""
    body: dict[str, object] = {"bucket": bucket, "days_past_due": days_past_due}
    return Message(kind=OVERDUE_NOTICE, occasion=f"{bucket}/{on.isoformat()}", body=body)


def collections(state: AccountState, since: date) -> list[Message]:
    """Instructions to collect what fell due from `since` to the state's day, one a due date.

    Of a statement all is collected; the body says what of it must be paid at least. Days before the
    state's own are among them where the account was parked meanwhile.
    """
    if state.status is not AccountStatus.ACTIVE:
        return []
    due: dict[date, list[RowState]] = {}
    for row in state.rows:
        if row.due_on is not None and row.is_due and since <= row.due_on <= state.as_of:
            due.setdefault(row.due_on, []).append(row)
    messages = []
    for due_on, rows in sorted(due.items()):
        amount_minor = sum(sum(row.outstanding_minor) for row in rows)
        least = [sum(row.outstanding_minor) for row in rows if row.kind != KIND_REVOLVING]
        if amount_minor:
            revolves = len(least) < len(rows)
            messages.append(collection(due_on, amount_minor, sum(least) if revolves else None))
    return messages


def collection(due_on: date, amount_minor: int, minimum_minor: int | None) -> Message:
    """The instruction to collect what falls due on a day; None: there is no minimum apart from it."""
    body: dict[str, object] = {"due_on": due_on.isoformat(), "amount_minor": amount_minor}
    if minimum_minor is not None:
        body["minimum_minor"] = minimum_minor
    return Message(kind="collect_by_standing_order", occasion=due_on.isoformat(), body=body)
