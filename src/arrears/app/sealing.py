"""Sealing the books and verifying the seals: what was written is put under roots that others can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from arrears.ledger.canonical import ACCOUNT_TABLE, EVENT_TABLE, JOURNAL_TABLE, POLICY_TABLE
from arrears.ledger.seals import FIRST_BATCH, seal_batch, verify_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from arrears.ledger.seals import SealBatch, SealedRow, Verification

#: What is sealed, in this order: under which law, what was signed, what happened, what was posted.
SEALED_TABLES = (POLICY_TABLE, ACCOUNT_TABLE, EVENT_TABLE, JOURNAL_TABLE)
#: Rows a batch; its leaf hashes, 32 bytes a row, are one value of the database.
BATCH_ROWS = 20_000


class SealWork(Protocol):
    """One transaction of sealing or verifying."""

    def last_batch(self) -> SealBatch | None:
        """The last batch; nobody else seals until the transaction ends."""

    def open_rows(self, table: str, most: int) -> Sequence[SealedRow]:
        """Rows after the table's last batch that no running transaction can still precede.

        Raises:
            ArrearsError: `store.restored_below_seals` where the server's count of transactions
                stands below the last seal, so that new rows would be taken for sealed ones.
        """

    def add_batch(self, batch: SealBatch, sealed_at: datetime) -> None:
        """Keep a batch of the rows read last from its table, and tell its root to the outbox."""

    def batches(self, after: int = 0) -> Iterator[SealBatch]:
        """All batches above a number, by number, as a stream."""

    def rows_of(self, batch: SealBatch) -> Iterable[SealedRow]:
        """What stands today where a batch was sealed, as a stream."""

    def unsealed_rows(self) -> int:
        """How many rows stand after the last batches."""


class SealStore(Protocol):
    """Where books and seals are kept."""

    def sealing(self) -> AbstractContextManager[SealWork]:
        """A transaction that commits if its block ends, and else leaves nothing."""


class RootFile(Protocol):
    """Roots kept outside the database."""

    def read(self) -> Mapping[int, bytes]:
        """Chained roots by batch number; none where there is no file yet."""

    def append(self, batches: Sequence[SealBatch], sealed_at: datetime) -> None:
        """Add the roots of batches; they are on disk when this returns."""


def seal(store: SealStore, roots: RootFile, sealed_at: datetime) -> tuple[SealBatch, ...]:
    """Seal every row that is ready, and put the roots into the file outside the database.

    The file is written after the commit; roots it lacks because something died between the two
    are added the next time.

    Args:
        store: Books and seals.
        roots: Kept outside the database.
        sealed_at: The instant, aware.

    Returns:
        The batches made now.

    Raises:
        ArrearsError: `store.*`, `audit.roots_malformed`.
    """
    made: list[SealBatch] = []
    with store.sealing() as work:
        previous = work.last_batch()
        for table in SEALED_TABLES:
            while rows := work.open_rows(table, BATCH_ROWS):
                number = FIRST_BATCH if previous is None else previous.number + 1
                previous = seal_batch(rows, number=number, table=table, previous=previous)
                work.add_batch(previous, sealed_at)
                made.append(previous)
    known = roots.read()
    with store.sealing() as work:
        missing = list(work.batches(after=max(known, default=0)))
    if missing:
        roots.append(missing, sealed_at)
    return tuple(made)


def verify(store: SealStore, known_roots: Mapping[int, bytes]) -> Verification:
    """Read every sealed row again and say what is not as it was sealed.

    Args:
        store: Books and seals.
        known_roots: Chained roots by batch number, kept where whoever keeps the database cannot
            write; may be empty, and then the answer says what that leaves open.

    Raises:
        ArrearsError: `store.*`.
    """
    with store.sealing() as work:
        return verify_batches(
            work.batches(), work.rows_of, known_roots, unsealed_rows=work.unsealed_rows()
        )
