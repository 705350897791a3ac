"""The clock: the one place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime


def now() -> datetime:
    """The instant, aware, in UTC."""
    return datetime.now(tz=UTC)


def today() -> date:
    """The calendar day in UTC; a business date is asked for, not taken from here."""
    return now().date()


def stopwatch() -> int:
    """Nanoseconds since some instant of its own; never goes back."""
    return time.perf_counter_ns()


def now_ns() -> int:
    """The instant, in nanoseconds since 1970-01-01 UTC."""
    return time.time_ns()
