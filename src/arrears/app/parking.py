"""Parked accounts: those a close could not fold, and how they are taken back in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from arrears.app.appending import lock_account
from arrears.app.booking import open_day
from arrears.app.refolding import refold
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.ports import Store, StoredAccount, Work
    from arrears.app.refolding import Frame
    from arrears.app.running import Clock


@unique
class RetryOutcome(StrEnum):
    """What became of an account that was tried again."""

    TAKEN_BACK = "taken_back"
    STILL_PARKED = "still_parked"
    NOT_PARKED = "not_parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """One account that was tried again."""

    account_id: str
    outcome: RetryOutcome
    cause: str = ""  #: why it is still parked


def retry_parked(
    store: Store, account_id: str | None, frame: Frame, *, clock: Clock
) -> Sequence[Retried]:
    """Try parked accounts again, each in a transaction of its own; twice is once.

    An account that can be folded is posted up to the open business day, and its entry among the
    parked is marked as resolved. The next close makes the statement it missed, and collects.

    Args:
        store: Where the books are kept.
        account_id: Which one; None: all of them.
        frame: Policy, posting rules and the fold.
        clock: Says when an account was taken back.

    Raises:
        ArrearsError: `account.unknown`.
    """
    if account_id is not None:
        names = [account_id]
    else:
        with store.unit_of_work() as work:
            names = [str(each["account_id"]) for each in work.parked()]
    tried = []
    for name in names:
        with store.unit_of_work() as work:
            tried.append(retry_one(work, name, frame, clock))
    return tried


def retry_one(work: Work, account_id: str, frame: Frame, clock: Clock) -> Retried:
    """Try one account again, its row locked until the transaction ends.

    Raises:
        ArrearsError: `account.unknown`.
    """
    account = lock_account(work, account_id)
    if not work.parked(account_id):
        return Retried(account_id=account_id, outcome=RetryOutcome.NOT_PARKED)
    cause = fold_again(work, account, frame)
    if cause:
        return Retried(account_id=account_id, outcome=RetryOutcome.STILL_PARKED, cause=cause)
    work.unpark(account_id, clock())
    return Retried(account_id=account_id, outcome=RetryOutcome.TAKEN_BACK)


def fold_again(work: Work, account: StoredAccount, frame: Frame) -> str:
    """Fold and write an account as of the open day; returns why it cannot be, or nothing."""
    key = (account.slot, account.account_id)
    journal = work.posted([key]).get(account.account_id, [])
    try:
        change = refold(account, journal, open_day(work, account.opened_on), frame)
    except InvariantError as error:
        return str(error)
    except ArrearsError as error:
        return error.render()
    work.write([change])
    return ""
