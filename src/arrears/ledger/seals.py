"""Seals: batches of rows under Merkle roots, chained by root; what was changed afterwards, and where.

A seal proves that rows are as they were when they were sealed. It does not prove that they were true,
and against someone who controls the whole database it proves nothing without roots kept elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum, unique
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from arrears.kernel.errors import invariant
from arrears.ledger.canonical import canonical_row
from arrears.ledger.merkle import leaf_hash, merkle_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

#: Hashed before a batch's header: neither a leaf nor a node can pass for a link of the chain.
CHAIN_PREFIX = b"\x02"
#: Stands where the first batch has no batch before it.
CHAIN_START = bytes(32)
FIRST_BATCH = 1
SEAL_TABLE = "seal_batch"

_HASH_BYTES = 32


class SealedRow(NamedTuple):
    """One row of a batch: what people call it, and what is hashed."""

    row_id: str  #: as in "E-17 row 2"; for the report only
    content: bytes  #: canonical bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealBatch:
    """One sealed batch of consecutive rows of one table."""

    number: int  #: 1 for the first; one numbering over all tables
    table: str
    leaves: int  #: rows in the batch, >= 1
    first_row: str  #: row id of the first row
    last_row: str  #: row id of the last row
    root: bytes  #: Merkle root over the rows
    chained_root: (
        bytes  #: over this header and the chained root before it; the one to keep elsewhere
    )
    leaf_hashes: bytes = b""  #: 32 bytes a row, to name the row that changed; empty: not kept


@unique
class FindingKind(StrEnum):
    """What can be wrong; the value is the key of its message."""

    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    ROW_ADDED = "row_added"
    CONTENT_DIFFERS = "content_differs"  #: and no leaf hashes say which row
    LEAF_HASHES_DIFFER = "leaf_hashes_differ"
    CHAIN_BROKEN = "chain_broken"
    BATCH_MISSING = "batch_missing"
    ROOT_DIFFERS = "root_differs"


@unique
class Limit(StrEnum):
    """What the check could not prove; the value is the key of its message."""

    NO_ROOTS_ELSEWHERE = "no_roots_elsewhere"
    ROOTS_END_EARLY = "roots_end_early"
    NOT_YET_SEALED = "not_yet_sealed"
    NOT_WHETHER_TRUE = "not_whether_true"


_FINDING_WORDS: Mapping[FindingKind, str] = {
    FindingKind.ROW_CHANGED: "{row} is not what was sealed",
    FindingKind.ROW_MISSING: "a sealed row is gone: {row}",
    FindingKind.ROW_ADDED: "{row} was not there when the batch was sealed",
    FindingKind.CONTENT_DIFFERS: "its rows are not what was sealed; which of {row} cannot be told, "
    "for no usable leaf hashes were kept",
    FindingKind.LEAF_HASHES_DIFFER: "the leaf hashes kept for it do not give its root",
    FindingKind.CHAIN_BROKEN: "its header does not continue the chain: the header, or the chained "
    "root before it, was changed",
    FindingKind.BATCH_MISSING: "the batch is not there{row}",
    FindingKind.ROOT_DIFFERS: "its chained root is not the one kept elsewhere",
}

_LIMIT_WORDS: Mapping[Limit, str] = {
    Limit.NO_ROOTS_ELSEWHERE: "No roots kept elsewhere were given. This finds accidents and changes "
    "by people without full control of the database. Whoever controls it could have rewritten rows, "
    "roots and chain together, or cut off the latest batches, and this check would not see it.",
    Limit.ROOTS_END_EARLY: "The roots kept elsewhere end at batch {count}. Later batches agree with "
    "each other, but whoever controls the database could have rewritten or cut off those.",
    Limit.NOT_YET_SEALED: "{count} rows are not sealed yet; nothing is proved about them.",
    Limit.NOT_WHETHER_TRUE: "A seal proves that rows are as they were when they were sealed, not that "
    "they were true.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, in one batch."""

    kind: FindingKind
    batch: int
    table: str  #: empty where the batch itself is missing
    row: str  #: which row or rows; empty where the batch as a whole is meant

    def words(self) -> str:
        """The finding as a sentence, in English; other languages key on `kind`."""
        told = _FINDING_WORDS[self.kind].format(row=self.row)
        return f"batch {self.batch}{f' ({self.table})' if self.table else ''}: {told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproved:
    """One thing the check cannot prove."""

    limit: Limit
    count: int  #: the batch or the number of rows that the sentence names; 0 where it names none

    def words(self) -> str:
        """The limit in English; other languages key on `limit`."""
        return _LIMIT_WORDS[self.limit].format(count=self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome: what is wrong, how much was looked at, and what could not be proved."""

    findings: tuple[Finding, ...]
    batches: int
    rows: int
    unproved: tuple[Unproved, ...]  #: never empty

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def seal_batch(
    rows: Iterable[SealedRow], *, number: int, table: str, previous: SealBatch | None
) -> SealBatch:
    """Seal rows as the next batch of the chain.

    Args:
        rows: In the order in which they will be read again; at least one.
        number: One above the previous batch's, 1 for the first.
        table: Where the rows are stored.
        previous: The batch before, of whatever table; None for the first.

    Returns:
        The batch with its leaf hashes. Its `chained_root` is worth keeping outside the database.

    Raises:
        InvariantError: `seals.empty_batch`, `seals.number`.
    """
    expected = FIRST_BATCH if previous is None else previous.number + 1
    invariant(number == expected, "seals.number", number=number, expected=expected)
    ids: list[str] = []
    hashes: list[bytes] = []
    for row in rows:
        ids.append(row.row_id)
        hashes.append(leaf_hash(row.content))
    invariant(bool(ids), "seals.empty_batch", number=number)
    unlinked = SealBatch(
        number=number,
        table=table,
        leaves=len(ids),
        first_row=ids[0],
        last_row=ids[-1],
        root=merkle_root(hashes),
        chained_root=b"",
        leaf_hashes=b"".join(hashes),
    )
    previous_root = CHAIN_START if previous is None else previous.chained_root
    return replace(unlinked, chained_root=_link(unlinked, previous_root))


def verify_batches(
    batches: Iterable[SealBatch],
    rows_of: Callable[[SealBatch], Iterable[SealedRow]],
    known_roots: Mapping[int, bytes],
    *,
    unsealed_rows: int = 0,
) -> Verification:
    """Check every batch against its rows, the chain, and roots kept elsewhere.

    Args:
        batches: As stored, by number, ascending.
        rows_of: The rows stored for a batch today, in sealing order; read one batch at a time.
        known_roots: Chained roots by batch number, kept where whoever keeps the database cannot
            write; may be empty.
        unsealed_rows: How many rows stand after the last batch.

    Returns:
        Findings by batch, and in words what they cannot prove.
    """
    findings: list[Finding] = []
    last = 0
    rows_read = 0
    batches_read = 0
    previous_root: bytes | None = CHAIN_START
    for batch in batches:
        findings.extend(_missing(last + 1, batch.number))
        if batch.number <= last:
            findings.append(_found(FindingKind.CHAIN_BROKEN, batch))
        if batch.number != last + 1:
            previous_root = None  # unknown: what stands between is gone, and has been told
        findings.extend(_check_header(batch, previous_root, known_roots))
        rows = [(row.row_id, leaf_hash(row.content)) for row in rows_of(batch)]
        findings.extend(_check_rows(batch, rows))
        last, previous_root = batch.number, batch.chained_root
        rows_read += len(rows)
        batches_read += 1
    last_known = max(known_roots, default=0)
    findings.extend(_missing(last + 1, last_known + 1))
    return Verification(
        findings=tuple(findings),
        batches=batches_read,
        rows=rows_read,
        unproved=tuple(_unproved(last, last_known, unsealed_rows)),
    )


def _link(batch: SealBatch, previous_root: bytes) -> bytes:
    """The chained root: over the batch's header and the chained root before it."""
    header = {
        "number": batch.number,
        "table": batch.table,
        "leaves": batch.leaves,
        "first_row": batch.first_row,
        "last_row": batch.last_row,
        "root": batch.root.hex(),
        "previous": previous_root.hex(),
    }
    return sha256(CHAIN_PREFIX + canonical_row(SEAL_TABLE, header)).digest()


def _missing(first: int, end: int) -> Iterator[Finding]:
    """The batches from `first` up to but not including `end`, if any, as one finding."""
    if first < end:
        more = f", nor any up to batch {end - 1}" if end - first > 1 else ""
        yield Finding(kind=FindingKind.BATCH_MISSING, batch=first, table="", row=more)


def _found(kind: FindingKind, batch: SealBatch, row: str = "") -> Finding:
    """A finding in a batch that is there."""
    return Finding(kind=kind, batch=batch.number, table=batch.table, row=row)


def _check_header(
    batch: SealBatch, previous_root: bytes | None, known_roots: Mapping[int, bytes]
) -> Iterator[Finding]:
    """The batch's header against the chain and the roots kept elsewhere."""
    if previous_root is not None and _link(batch, previous_root) != batch.chained_root:
        yield _found(FindingKind.CHAIN_BROKEN, batch)
    if known_roots.get(batch.number, batch.chained_root) != batch.chained_root:
        yield _found(FindingKind.ROOT_DIFFERS, batch)


def _check_rows(batch: SealBatch, rows: Sequence[tuple[str, bytes]]) -> Iterator[Finding]:
    """The batch's rows against its root; with leaf hashes, row by row."""
    sealed = [
        batch.leaf_hashes[start : start + _HASH_BYTES]
        for start in range(0, len(batch.leaf_hashes), _HASH_BYTES)
    ]
    is_usable = bool(sealed) and merkle_root(sealed) == batch.root
    if sealed and not is_usable:
        yield _found(FindingKind.LEAF_HASHES_DIFFER, batch)
    present = [hashed for _, hashed in rows]
    if present and merkle_root(present) == batch.root:
        return
    if not is_usable:
        told = f"{batch.first_row} to {batch.last_row} ({batch.leaves} sealed, {len(rows)} there)"
        yield _found(FindingKind.CONTENT_DIFFERS, batch, told)
        return
    matcher = SequenceMatcher(a=sealed, b=present, autojunk=False)
    for tag, sealed_from, sealed_until, from_, until in matcher.get_opcodes():
        if tag == "equal":
            continue
        # Within one stretch the first rows are taken as changed, the rest as gone or added.
        changed = min(sealed_until - sealed_from, until - from_)
        for index in range(from_, from_ + changed):
            yield _found(FindingKind.ROW_CHANGED, batch, rows[index][0])
        for position in range(sealed_from + changed, sealed_until):
            before = rows[from_ + changed - 1][0] if from_ + changed else "the start"
            after = rows[until][0] if until < len(rows) else "the end"
            told = f"row {position + 1} of {batch.leaves}, between {before} and {after}"
            yield _found(FindingKind.ROW_MISSING, batch, told)
        for index in range(from_ + changed, until):
            yield _found(FindingKind.ROW_ADDED, batch, rows[index][0])


def _unproved(last: int, last_known: int, unsealed_rows: int) -> Iterator[Unproved]:
    """What this check leaves open."""
    if last_known == 0:
        yield Unproved(limit=Limit.NO_ROOTS_ELSEWHERE, count=0)
    elif last_known < last:
        yield Unproved(limit=Limit.ROOTS_END_EARLY, count=last_known)
    if unsealed_rows:
        yield Unproved(limit=Limit.NOT_YET_SEALED, count=unsealed_rows)
    yield Unproved(limit=Limit.NOT_WHETHER_TRUE, count=0)
