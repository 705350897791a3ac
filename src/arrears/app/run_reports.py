"""What is told of a run afterwards, or while it goes: phases, counts, rate, who did it, what stopped it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from arrears.app.ports import Document, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run; times are of its last attempt, for nobody works between two."""

    run_id: str
    business_on: date
    phase: str  #: open or closed
    started_at: datetime
    finished_at: datetime | None
    accounts: int  #: about how many are to be folded
    done: int  #: how many were, those parked among them
    ranges: int
    ranges_done: int
    seconds: int  #: of the last attempt, so far; whole seconds, at least 1
    rate: int  #: accounts a second in the last attempt, rounded down
    counts: Mapping[str, int]
    milliseconds: Mapping[str, int]  #: by phase, added up over processes
    attempts: Sequence[Mapping[str, Any]]
    stops: Sequence[Mapping[str, Any]]

    def document(self) -> Document:
        """The report as a program reads it."""
        return {name: getattr(self, name) for name in self.__slots__}


def report_runs(work: Work, run_id: str | None, *, last: int, now: datetime) -> list[RunReport]:
    """Runs, the latest first.

    Args:
        work: Where they are kept.
        run_id: Which one; None: the last ones.
        last: How many.
        now: An open run's time goes on until then.

    Raises:
        ArrearsError: `run.unknown`.
    """
    found = [report_of(row, now) for row in work.runs(run_id, last=last)]
    if run_id is not None and not found:
        raise ArrearsError(
            "run.unknown", where="arrears runs", expected="a run that was begun", got=repr(run_id)
        )
    return found


def report_of(row: Document, now: datetime) -> RunReport:
    """A row of the view `run_progress`, with what follows from it."""
    fields = cast("dict[str, Any]", row)
    counts = fields["counts"]
    spent = (fields["finished_at"] or now) - fields["last_began_at"]
    seconds = max(1, round(spent.total_seconds()))
    return RunReport(
        **{name: fields[name] for name in RunReport.__slots__ if name in fields},
        done=counts.get("accounts", 0) + counts.get("parked", 0),
        seconds=seconds,
        rate=fields["done_lately"] // seconds,
    )
