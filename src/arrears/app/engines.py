"""Engines: who closes the ranges of a run, what an engine promises, and a fold that is compiled."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

from arrears.app.portfolio import demo_loan
from arrears.kernel.dates import days_of
from arrears.servicing.book import book_of, fold_all
from arrears.servicing.contract import read_contract
from arrears.servicing.door import columns_of
from arrears.servicing.events import read_event
from arrears.servicing.state import ALL_KNOWN, fold_contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arrears.app.refolding import Frame
    from arrears.app.running import RangeDone, RangeTask


class Engine(Protocol):
    """Closes ranges, each in a transaction of its own, in whatever order and however many at once."""

    @property
    def name(self) -> str:
        """What a run says of who closed it."""

    @property
    def processes(self) -> int:
        """How many ranges it closes at once."""

    def close_ranges(self, tasks: Iterable[RangeTask]) -> Iterator[RangeDone]:
        """Close the ranges and say of each that it is done, as they end.

        A task is asked for when somebody is free to do it, and after what is done was told: so it
        knows what was counted before it. Left before its end, an engine gives up what is under way.

        Raises:
            ArrearsError: of the first range that failed, such as `close.too_many_parked`; ranges
                under way are given up and leave nothing. `engine.process_ended`.
            InvariantError: as raised by a range.
        """


def warm_up(frame: Frame) -> None:
    """Fold one loan, so that the fold is compiled before what must not wait for it begins."""
    begin, end = date(2026, 1, 1), date(2026, 8, 31)
    loan = demo_loan(1, begin)
    contract = read_contract(loan.contract)
    given = {
        "id": "D",
        "on": loan.opened_on.isoformat(),
        "type": "disbursed",
        "amount": loan.amount,
    }
    event = read_event(given, contract.terms.currency, where="event")
    fold_contract(contract, [event], end, posting=1, fold=frame.fold)
    if frame.fold_book is not None:
        book = book_of([columns_of(contract, [event])])
        fold_all(book, days_of(end), ALL_KNOWN, posting=1, fold_book=frame.fold_book)
