"""Cases: why one is worked on next, and in which order; what a close found stands in the store."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Reason(StrEnum):
    """Why a case is worked on, the most urgent first: who asked for us waits for nobody else."""

    ASKED_FOR_US = "asked_for_us"  #: wants to be called, or said that it cannot be paid
    PROMISE_BROKEN = "promise_broken"
    NEVER_SPOKEN = "never_spoken"  #: nobody has spoken with the borrower in this case yet
    SPOKEN_BEFORE = "spoken_before"  #: the time that was left to the borrower has passed


#: In which order cases are worked on; among equals the oldest unpaid due date first.
ORDER = tuple(reason.value for reason in Reason)
