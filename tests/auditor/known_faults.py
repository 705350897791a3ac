"""Histories on which the fold is known to be wrong; `tests/properties/test_fold_known.py` has a story of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.auditor import walked
from auditor.model import FEE

if TYPE_CHECKING:
    from datetime import date

    from auditor.model import Account


def has_rows_after_charge_off(account: Account) -> bool:
    """Whether rows were signed after a charge-off: their interest falls due without accruing."""
    off = min((each.on for each in account.events if each.type == "charged_off"), default=None)
    return off is not None and any(each.rows and each.on >= off for each in account.events[1:])


def has_fee_on_daily_rows(account: Account) -> bool:
    """Whether a row that may be settled early has a fee: paid with it, the fee is not charged."""
    return account.terms.is_daily and any(
        row.amounts[FEE] for each in account.events for row in each.rows
    )


def has_replaced_rows_under_a_cap(account: Account) -> bool:
    """Whether rows were replaced under a cap: what was paid on them is quoted and not credited."""
    return account.terms.cap is not None and any(
        each.rows or each.type == "accelerated" for each in account.events[1:]
    )


def has_interest_beyond_an_instalment(account: Account, day: date) -> bool:
    """Whether, in daily mode, a row's interest outgrew its instalment: cash is lost at pay-off."""
    book = walked(account, day)
    lines = [line for line in book.lines if line.kind == "instalment"]
    return book.terms.is_daily and any(line.recognised > book.asks_in_all(line) for line in lines)


def is_sound(case: tuple[Account, date]) -> bool:
    """Whether none of these is so."""
    account, day = case
    return not (
        has_rows_after_charge_off(account)
        or has_fee_on_daily_rows(account)
        or has_replaced_rows_under_a_cap(account)
        or has_interest_beyond_an_instalment(account, day)
    )
