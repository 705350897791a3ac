"""Roots outside the database: one line of JSON a batch, appended and forced to disk."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from arrears.ledger.seals import SealBatch

_ROOT_BYTES = 32


class AppendedRootFile:
    """A file of roots. Copy it to where whoever keeps the database cannot write; that copy proves."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[int, bytes]:
        """Chained roots by batch number; none where there is no file yet."""
        return read_roots(self.path) if self.path.exists() else {}

    def append(self, batches: Sequence[SealBatch], sealed_at: datetime) -> None:
        """Add the roots of batches, and wait for the disk."""
        lines = "".join(_line(batch, sealed_at) for batch in batches)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)  # a line cut off when something died
            file.write(lines.encode("ascii"))
            file.flush()
            os.fsync(file.fileno())


def read_roots(path: Path) -> dict[int, bytes]:
    """Chained roots by batch number, as `AppendedRootFile` writes them.

    A last line without its end is one that was never finished, and does not count.

    Raises:
        ArrearsError: `audit.roots_malformed`, naming the line.
    """
    found: dict[int, bytes] = {}
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    for number, line in enumerate(whole.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
            batch, root = int(document["batch"]), bytes.fromhex(document["chained_root"])
        except (ValueError, KeyError, TypeError):
            raise _malformed(path, number, line) from None
        if len(root) != _ROOT_BYTES or found.get(batch, root) != root:
            raise _malformed(path, number, line)
        found[batch] = root
    return found


def _line(batch: SealBatch, sealed_at: datetime) -> str:
    """One batch as a line."""
    document = {
        "batch": batch.number,
        "table": batch.table,
        "leaves": batch.leaves,
        "chained_root": batch.chained_root.hex(),
        "sealed_at": sealed_at.isoformat(),
    }
    return json.dumps(document) + "\n"


def _malformed(path: Path, number: int, line: str) -> ArrearsError:
    """The error of a line that is not a root, or names another root for the same batch."""
    return ArrearsError(
        "audit.roots_malformed",
        where=f"{path.name}, line {number}",
        expected='a line such as {"batch": 1, "chained_root": "64 hexadecimal digits"}, once a batch',
        got=line[:80],
    )
