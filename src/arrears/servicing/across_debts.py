"""One receipt over several debts: agreed or designated first, then as Civil Code 560 says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """One debt of a borrower on the day money comes in."""

    account_id: str
    due_minor: int  #: due or past due today
    payoff_minor: int  #: what would settle it today, >= due_minor
    burden_ppm: int  #: what a year of it costs: the penalty rate if overdue, else the contract rate
    due_on: date  #: oldest unpaid due date, or the next one


def share_pro_rata(cash_minor: int, wanted_minor: Sequence[int]) -> list[int]:
    """Split cash in proportion, whole minor units, what is left over to the first that can take it.

    Example:
        >>> share_pro_rata(100, [100, 100, 100])
        [34, 33, 33]
    """
    total = sum(wanted_minor)
    if cash_minor >= total:
        return list(wanted_minor)
    parts = [cash_minor * wanted // total for wanted in wanted_minor]
    left = cash_minor - sum(parts)
    for at, wanted in enumerate(wanted_minor):
        extra = min(left, wanted - parts[at])
        parts[at] += extra
        left -= extra
    return parts


def meet(
    cash_minor: int, debts: Sequence[Debt], wanted_minor: dict[str, int], parts: dict[str, int]
) -> int:
    """Meet debts in order, those of the same burden and due date pro rata; returns what is left."""
    ranked = sorted(debts, key=lambda debt: (-debt.burden_ppm, debt.due_on, debt.account_id))
    at = 0
    while at < len(ranked) and cash_minor > 0:
        first = ranked[at]
        equal = [
            debt
            for debt in ranked[at:]
            if (debt.burden_ppm, debt.due_on) == (first.burden_ppm, first.due_on)
        ]
        shares = share_pro_rata(cash_minor, [wanted_minor[debt.account_id] for debt in equal])
        for debt, share in zip(equal, shares, strict=True):
            parts[debt.account_id] = parts.get(debt.account_id, 0) + share
        cash_minor -= sum(shares)
        at += len(equal)
    return cash_minor


def split_receipt(
    cash_minor: int, debts: Sequence[Debt], designated: Sequence[str] = ()
) -> dict[str, int]:
    """Split a receipt over a borrower's debts.

    Args:
        cash_minor: Received, minor units, > 0.
        debts: All debts of the borrower, at least one; unsecured alike, so that "least secured"
            decides nothing.
        designated: Accounts the payer named, first served first, up to their pay-off.

    Returns:
        Minor units by account id, zeros left out; their sum is the cash. What no debt takes goes to
        the first designated, else to the debt first in line, as credit balance.

    Source:
        Civil Code of the PRC, art. 560: agreement, designation; then what is due first, the least
        secured, the heaviest burden, the earliest due, pro rata.
    """
    parts: dict[str, int] = {}
    left = cash_minor
    for name in designated:
        debt = next(each for each in debts if each.account_id == name)
        part = min(left, debt.payoff_minor)
        parts[name] = parts.get(name, 0) + part
        left -= part
    due = {
        each.account_id: max(0, each.due_minor - parts.get(each.account_id, 0)) for each in debts
    }
    left = meet(left, [each for each in debts if due[each.account_id]], due, parts)
    rest = {each.account_id: each.payoff_minor - parts.get(each.account_id, 0) for each in debts}
    left = meet(left, [each for each in debts if rest[each.account_id] > 0], rest, parts)
    if left:
        home = next(iter(designated), min(debts, key=lambda each: each.due_on).account_id)
        parts[home] = parts.get(home, 0) + left
    return {name: part for name, part in parts.items() if part}
