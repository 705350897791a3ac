"""Ids, and the slot a borrower's accounts live in for ever."""

from __future__ import annotations

import hashlib

SLOTS = 4096
#: All slots there are.
EVERY_SLOT = range(SLOTS)


def slot_of(borrower_id: str) -> int:
    """The borrower's slot: the first two bytes of SHA-256 of the id, mod 4096.

    Partitions, workers and folders are ranges of slots, so their number may change without moving
    data; a borrower's accounts are always together.

    Example:
        >>> slot_of("B-0001")
        2623
    """
    return int.from_bytes(hashlib.sha256(borrower_id.encode()).digest()[:2], "big") % SLOTS


def digest_of(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
