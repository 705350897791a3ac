"""Paying: a plain payment by the short way, its account held, looked at and written in two exchanges."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from arrears.app.booking import answered
from arrears.app.correcting import corrections
from arrears.app.ports import PaymentAsked
from arrears.app.refolding import (
    OVERDUE_NOTICE,
    change_of,
    class_edges_days,
    observed,
    undone_since,
)
from arrears.kernel.dates import days_of, parse_date
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import currency_of, format_minor
from arrears.kernel.movement import MOVEMENT_COLUMNS, MV_ON
from arrears.servicing.events import event_document, read_event
from arrears.servicing.matrix import matrix_of
from arrears.servicing.packing import packed, unpacked, with_edges
from arrears.servicing.paying import refund_on_its_way_minor, with_payment
from arrears.servicing.state import AccountStatus, fold_balances

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.booking import Command
    from arrears.app.ports import AccountChange, Document, Held, Payment, Store, StoredAccount
    from arrears.app.refolding import Frame
    from arrears.servicing.door import AccountColumns
    from arrears.servicing.matrix import Matrix
    from arrears.servicing.state import AccountState

#: What has no schedule that money could meet; such accounts are read whole.
NEVER_LENT = frozenset({AccountStatus.NEVER_DISBURSED.value, AccountStatus.CANCELLED.value})


def pay(
    store: Store,
    command: Command,
    source: tuple[str, str],
    *,
    recorded_at: datetime,
    frame: Frame,
) -> Document | None:
    """Post a payment from the account's packed columns, without reading what was signed.

    Args:
        store: Where the books are kept.
        command: As `post` takes it; its event is of type `repaid`.
        source: Channel and number of the line it came by.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.

    Returns:
        The answer of `post`. None, and nothing is written, where more is to be done than this way
        knows: the line was taken before, the account is parked, money is to be paid back, or the
        columns were packed by another program.

    Raises:
        ArrearsError: as `post`.
    """
    asked = asked_of(command, source, frame)
    with store.payment(asked) as payment:
        held = payment.held
        if held.before is not None:
            return answered(command, held.before)
        if held.account is None:
            raise ArrearsError(
                "account.unknown",
                where="account_id",
                expected="an account of the book",
                got=asked.account_id,
            )
        columns = plain_columns(held, held.account, frame)
        if columns is None:
            return None
        return paid(payment, held.account, columns, command, recorded_at=recorded_at, frame=frame)


def asked_of(command: Command, source: tuple[str, str], frame: Frame) -> PaymentAsked:
    """What is to be looked up.

    Raises:
        ArrearsError: `date.*` for the day of the payment.
    """
    event = command.body["event"]
    given = event if isinstance(event, dict) else {}
    return PaymentAsked(
        caller=command.caller,
        command=command.command,
        key=command.key,
        account_id=str(command.body["account_id"]),
        channel=source[0],
        source_ref=source[1],
        value_on=parse_date(str(given.get("on")), where="event.on"),
        basis=frame.basis,
        policy_digest=frame.snapshot.digest,
        notice=OVERDUE_NOTICE,
    )


def plain_columns(held: Held, account: StoredAccount, frame: Frame) -> AccountColumns | None:
    """The account's columns, where it can be paid to from them alone."""
    folded_to, business_on = account.folded_to, open_day_of(held, account)
    if folded_to is None or folded_to > business_on:
        return None
    # Other bounds of classes than those it was folded under change what was posted before.
    before, now = (class_edges_days(frame.ageing_on(day)) for day in (folded_to, business_on))
    is_plain = (
        before == now
        and held.is_claimed
        and held.knows_policy
        and held.layout == frame.layout
        and held.status not in NEVER_LENT
        and not held.has_refund_task
    )
    return unpacked(held.columns, held.event_ids) if is_plain and held.columns else None


def paid(
    payment: Payment,
    account: StoredAccount,
    columns: AccountColumns,
    command: Command,
    *,
    recorded_at: datetime,
    frame: Frame,
) -> Document | None:
    """Append the payment, fold, and write; None where money is then to be paid back.

    Raises:
        ArrearsError: of events.
    """
    given = command.body["event"]
    currency = currency_of(account.currency, where="currency")
    written = {**given, "recorded_at": recorded_at.isoformat()} if isinstance(given, dict) else {}
    event = read_event(written, currency, where="event")
    held = payment.held
    columns = with_payment(columns, event)
    business_on = open_day_of(held, account)
    change, state = refolded(held, account, columns, business_on, frame)
    if change.refundable_minor:
        return None
    if event.value_on < business_on and held.occasions:
        taken_back = corrections(columns, held.occasions, event.value_on, frame)
        change = replace(change, messages=(*change.messages, *taken_back))
    if event.value_on > business_on:
        state = fold_balances(columns, event.value_on, fold=frame.fold)
    answer: Document = {
        "account_id": account.account_id,
        "event_id": event.event_id,
        "outcome": "recorded",
        "journal_rows": len(change.journal),
        "payoff": format_minor(state.payoff_minor, currency),
        "credit_balance": format_minor(state.credit_balance_minor, currency),
    }
    payment.record(change, event_document(event, currency), recorded_at, answer, command.digest)
    return answer


def open_day_of(held: Held, account: StoredAccount) -> date:
    """The business day that is open, or the day the account was opened, if that is later."""
    if held.last_closed_on is None:
        return account.opened_on
    return max(account.opened_on, held.last_closed_on + timedelta(days=1))


def refolded(
    held: Held, account: StoredAccount, columns: AccountColumns, business_on: date, frame: Frame
) -> tuple[AccountChange, AccountState]:
    """Fold to the open day and say what the store must write, comparing what may have changed.

    An event changes nothing that lies before its own day, so movements and journal are compared
    from there on.

    Raises:
        InvariantError: where the fold or a bound says that something is wrong with the account.
        ArrearsError: `ledger.*`.
    """
    edges_days = class_edges_days(frame.ageing_on(business_on))
    state = fold_balances(with_edges(columns, edges_days), business_on, posting=1, fold=frame.fold)
    change = change_of(
        account,
        replace(state, movements=movements_from(held.posted_from, state)),
        held.posted,
        undone_since(account, business_on),
        frame,
        observed(columns, state, frame),
    )
    refundable_minor = 0
    if not state.principal_minor and not state.payoff_minor:
        on_its_way_minor = refund_on_its_way_minor(columns, days_of(business_on))
        refundable_minor = max(0, state.credit_balance_minor - on_its_way_minor)
    change = replace(change, columns=packed(columns), refundable_minor=refundable_minor)
    return change, state


def movements_from(first: date | None, state: AccountState) -> Matrix:
    """The movements under days from one on; None: all of them."""
    if first is None:
        return state.movements
    day = days_of(first)
    return matrix_of(
        [row for row in state.movements.tolist() if row[MV_ON] >= day], MOVEMENT_COLUMNS
    )
