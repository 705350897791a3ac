"""What samples of errors in a book have in common: acts on a fresh book, one after the other."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from arrears import bootstrap
from arrears.app.booking import Command, book

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RECORDED = datetime(2026, 1, 5, tzinfo=UTC)
#: A loan of 1,200.00 over three months, lent on 2026-01-05; it lacks its `account_id`.
LENT: dict[str, object] = {
    "contract": {"terms": {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 3}},
    "events": [{"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}],
}
lend = partial(book, borrower_id="B-1", product="")


def act_out(acts: Sequence[tuple[Callable[..., object], dict[str, object]]]) -> None:
    """Do one act after the other, each with its body, in a book of the current folder.

    Raises:
        ArrearsError: whichever the sample is of.
    """
    home = Path("home").resolve()
    store, frame = bootstrap.open_embedded(home), bootstrap.frame(compiled=False)
    try:
        for number, (act, body) in enumerate(acts):
            command = Command(caller="sample", command="act", key=str(number), body=body)
            act(store, command, recorded_at=RECORDED, frame=frame)
    finally:
        store.close()
        bootstrap.stop_embedded(home)
