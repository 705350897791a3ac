"""The mature book: what a lender of three years has lent, to whom and when, drawn from a seed.

Nothing here computes an amount that is owed: contracts are signed, schedules solved and accounts
folded by the rooms below. What is drawn is who borrows, on which day, and how they pay; the same
seed draws the same book, whatever the number of processes that write it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from arrears.kernel.dates import days_of
from arrears.kernel.ids import slot_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Int64Array = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: The first day on which the lender lent, and the last one that is closed.
OPENED_FROM = date(2023, 9, 17)
CLOSED_ON = date(2026, 9, 16)
#: The day of the month on which more is due than on any other.
BUSY_DUE_DAY = 20
#: How many times as much is lent on the last day as on the first.
GROWTH = 16.0
#: Of a hundred accounts; borrowers of a line who have a loan too; loans due on the busy day; daily.
LINES, LINE_BESIDE_LOAN, DUE_ON_BUSY_DAY, DAILY = 12, 30, 20, 25
#: About so many accounts are made at a time.
ACCOUNTS_A_PART = 25_000
#: How borrowers pay is drawn out of so many.
HABITS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A loan as it is offered."""

    product: str
    principal_minor: int
    instalments: int
    share: int  #: of a hundred loans


OFFERS = (
    Offer(product="instalment", principal_minor=2_000_00, instalments=6, share=24),
    Offer(product="instalment", principal_minor=5_000_00, instalments=6, share=20),
    Offer(product="instalment", principal_minor=6_000_00, instalments=9, share=16),
    Offer(product="instalment", principal_minor=5_000_00, instalments=12, share=12),
    Offer(product="instalment", principal_minor=10_000_00, instalments=12, share=8),
    Offer(product="instalment", principal_minor=20_000_00, instalments=12, share=6),
    Offer(product="fee", principal_minor=3_000_00, instalments=6, share=8),
    Offer(product="fee", principal_minor=6_000_00, instalments=12, share=6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOffer:
    """A line as it is offered: its limit, and the days of the month on which it is billed and due."""

    limit_minor: int
    statement_day: int
    due_day: int


LINE_DAYS = ((1, 9), (5, 14), (10, BUSY_DUE_DAY), (18, 27))
LINE_LIMITS = (3_000_00, 5_000_00, 8_000_00, 12_000_00, 20_000_00)
#: Of a hundred lines, by their days.
LINE_SHARES = (25, 20, 35, 20)
LINE_OFFERS = tuple(
    LineOffer(limit_minor=limit_minor, statement_day=bills, due_day=due)
    for bills, due in LINE_DAYS
    for limit_minor in LINE_LIMITS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The accounts of a book, by slot and number; every array has one entry an account."""

    number: Int64Array
    slot: Int64Array
    borrower: Int64Array  #: number of the borrower
    is_line: Mask
    opened_on: Int64Array  #: days since 1970-01-01
    offer: Int64Array  #: position in OFFERS, or in LINE_OFFERS
    is_daily: Mask  #: interest follows what is outstanding
    is_busy: Mask  #: a loan that is due on the busy day of the month
    habit: Int64Array  #: below HABITS
    chance: Int64Array  #: seed of whatever else is drawn for the account

    def __len__(self) -> int:
        """How many accounts."""
        return len(self.number)

    def part(self, chosen: slice | Mask | Int64Array) -> Drawn:
        """Some of the accounts."""
        return Drawn(**{name: getattr(self, name)[chosen] for name in self.__slots__})


def draw(accounts: int, seed: int) -> Drawn:
    """Draw a book.

    Args:
        accounts: Loans and lines together.
        seed: The same number draws the same book.
    """
    chance = np.random.default_rng(seed)
    is_line = chance.integers(0, 100, accounts) < LINES
    number = np.arange(1, accounts + 1, dtype=np.int64)
    beside = is_line & (chance.integers(0, 100, accounts) < LINE_BESIDE_LOAN) & (number > 1)
    borrower = np.where(beside, number - 1, number)
    slots = np.array([slot_of(borrower_id(each)) for each in borrower.tolist()], dtype=np.int64)
    span = days_of(CLOSED_ON) - days_of(OPENED_FROM) + 1
    passed = np.log1p(chance.random(accounts) * (GROWTH - 1)) / np.log(GROWTH)
    of_line = chosen_by(chance, LINE_SHARES, accounts) * len(LINE_LIMITS) + chance.integers(
        0, len(LINE_LIMITS), accounts
    )
    of_loan = chosen_by(chance, [each.share for each in OFFERS], accounts)
    is_fee = np.array([each.product == "fee" for each in OFFERS])
    is_daily = chance.integers(0, 100, accounts) < DAILY
    is_busy = chance.integers(0, 100, accounts) < DUE_ON_BUSY_DAY
    drawn = Drawn(
        number=number,
        slot=slots,
        borrower=borrower,
        is_line=is_line,
        opened_on=days_of(OPENED_FROM) + (passed * span).astype(np.int64),
        offer=np.where(is_line, of_line, of_loan),
        is_daily=is_daily & ~is_line & ~is_fee[of_loan],
        is_busy=is_busy & ~is_line,
        habit=chance.integers(0, HABITS, accounts),
        chance=chance.integers(0, 2**62, accounts),
    )
    return drawn.part(np.lexsort((number, slots)).astype(np.int64))


def chosen_by(chance: np.random.Generator, shares: Sequence[int], many: int) -> Int64Array:
    """Which of several things, each as often as its share."""
    bounds = np.cumsum(shares)
    chosen: Int64Array = np.searchsorted(bounds, chance.integers(0, bounds[-1], many), "right")
    return chosen


def parts_of(drawn: Drawn) -> list[slice]:
    """The book cut into parts, between slots: how it is cut depends on the book alone."""
    wanted = max(1, round(len(drawn) / ACCOUNTS_A_PART))
    near = np.linspace(0, len(drawn), wanted + 1).astype(np.int64)[1:-1]
    ends = np.searchsorted(drawn.slot, drawn.slot[near]) if wanted > 1 else near
    cuts = [0, *np.unique(ends).tolist(), len(drawn)]
    return [slice(begins, ends) for begins, ends in pairwise(cuts) if ends > begins]


def borrower_id(number: int) -> str:
    """The id of a borrower."""
    return f"B-{number:07d}"


def account_ids(drawn: Drawn) -> list[str]:
    """The ids of accounts: of a loan L, of a line H."""
    return [
        f"{'H' if is_line else 'L'}-{number:07d}"
        for number, is_line in zip(drawn.number.tolist(), drawn.is_line.tolist(), strict=True)
    ]


def numbers_of(drawn: Drawn, what: int, most: int, columns: int) -> Int64Array:
    """Numbers from 0 below `most` that depend on the account and the question alone.

    Each account brings its own chance, so that what befalls it is the same in whatever part it is
    made: 64 bits mixed by multiplication and shifts.

    Args:
        drawn: The accounts.
        what: Number of the question.
        most: Above the highest answer.
        columns: How many answers an account.

    Returns:
        int64[n_accounts, columns].
    """
    asked = np.arange(columns, dtype=np.uint64) + np.uint64(what * 1_000 + 1)
    mixed = drawn.chance.astype(np.uint64)[:, None] ^ (asked * np.uint64(0x9E3779B97F4A7C15))
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(factor)
    numbers: Int64Array = ((mixed ^ (mixed >> np.uint64(31))) % np.uint64(most)).astype(np.int64)
    return numbers
