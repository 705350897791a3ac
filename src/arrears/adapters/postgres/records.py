"""Products, commitments to persons and money without a name, in PostgreSQL."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from arrears.adapters.postgres.statements import statements
from arrears.app.ports import Receipt, Resolution, ResolutionKind
from arrears.kernel.errors import ArrearsError, invariant
from arrears.kernel.ids import slot_of
from arrears.ledger.journal import JournalRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from arrears.adapters.postgres.session import Connection
    from arrears.app.ports import Document

SALT_BYTES = 32


class PostgresRecords:
    """Part of a transaction; see `app.ports.Records` for what each method promises."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def _record(self, name: str, **values: object) -> list[dict[str, Any]]:
        """Run a named statement and fetch its rows, none where it has none."""
        cursor = self.connection.execute(statements("records.sql")[name], values)
        return [] if cursor.description is None else cursor.fetchall()

    def add_product(self, code: str, version: int, body: Document) -> bool:
        """Add a version of a product; False where it is there already.

        Raises:
            ArrearsError: `product.version_taken`.
        """
        if self._record("add_product", code=code, version=version, body=Jsonb(body)):
            return True
        stored = self.product(code, version)
        if stored is None or stored[1] != body:
            raise ArrearsError(
                "product.version_taken",
                where=f"product {code}, version {version}",
                expected="the body it has, or a new version",
                got="another body",
            )
        return False

    def product(self, code: str, version: int | None = None) -> tuple[int, Document] | None:
        """A version of a product, the latest where none is named."""
        rows = self._record("product", code=code, version=version)
        return (rows[0]["version"], rows[0]["body"]) if rows else None

    def products(self, code: str | None = None) -> list[tuple[str, int, Document]]:
        """Every version of a product, or of all; by code and version."""
        return [
            (row["code"], row["version"], row["body"])
            for row in self._record("products", code=code)
        ]

    def keep_snapshot(self, digest: str, body: Document) -> None:
        """Keep the policy that contracts are signed under, once under its digest."""
        self._record("keep_snapshot", digest=digest, body=Jsonb(body))

    def snapshot(self, digest: str) -> Document | None:
        """The policy kept under a digest."""
        rows = self._record("snapshot", digest=digest)
        return rows[0]["body"] if rows else None

    def commit_to(self, borrower_id: str, papers: bytes, salt: bytes) -> bool:
        """Keep a salted hash of who a borrower is; False where there is one."""
        invariant(len(salt) == SALT_BYTES, "borrower.salt_length", length=len(salt))
        return bool(
            self._record(
                "commit_to",
                slot=slot_of(borrower_id),
                borrower_id=borrower_id,
                commitment=commitment_of(papers, salt),
                salt=salt,
            )
        )

    def is_person(self, borrower_id: str, papers: bytes) -> bool | None:
        """Whether these papers were committed to; None once the salt is erased, or if never."""
        rows = self._record("commitment", slot=slot_of(borrower_id), borrower_id=borrower_id)
        if not rows:
            return None
        return hmac.compare_digest(
            bytes(rows[0]["commitment"]), commitment_of(papers, bytes(rows[0]["salt"]))
        )

    def forget(self, borrower_id: str) -> bool:
        """Erase the salt; False where there was none."""
        return bool(self._record("forget", slot=slot_of(borrower_id), borrower_id=borrower_id))

    def add_receipt(self, receipt: Receipt, recorded_at: datetime) -> bool:
        """Keep money without a name; False where its line is recorded already."""
        values = {name: getattr(receipt, name) for name in Receipt.__slots__}
        return bool(self._record("add_receipt", **values, recorded_at=recorded_at))

    def lock_receipt(self, receipt_id: str) -> tuple[Receipt, tuple[Resolution, ...]] | None:
        """A receipt and what became of it, held until the transaction ends."""
        self._record("take_receipt", receipt_id=receipt_id)
        rows = self._record("receipt", receipt_id=receipt_id)
        if not rows:
            return None
        parts = self._record("resolutions", receipt_id=receipt_id)
        return Receipt(**rows[0]), tuple(resolution_of(part) for part in parts)

    def resolve(self, receipt_id: str, resolution: Resolution, recorded_at: datetime) -> None:
        """Say what became of a part of a receipt.

        Raises:
            ArrearsError: `receipt.overspent`.
        """
        try:
            with self.connection.transaction():
                self._record(
                    "resolve",
                    receipt_id=receipt_id,
                    kind=resolution.kind.value,
                    amount_minor=resolution.amount_minor,
                    account_id=resolution.account_id,
                    event_id=resolution.event_id,
                    recorded_at=recorded_at,
                )
        except psycopg.errors.CheckViolation as error:
            if error.diag.constraint_name != "receipt_resolution_within_receipt":
                raise
            raise ArrearsError(
                "receipt.overspent",
                where=f"receipt {receipt_id}",
                expected="parts that are together no more than the receipt",
                got=f"a part of {resolution.amount_minor} minor units",
            ) from error

    def open_receipts(self) -> list[tuple[Receipt, int]]:
        """Receipts with something left in suspense, and how much."""
        return [
            (Receipt(**{name: row[name] for name in Receipt.__slots__}), row["left_minor"])
            for row in self._record("open_receipts")
        ]

    def taken_by(self, channel: str, source_ref: str) -> Document | None:
        """What a line was recorded as; None where nobody recorded it."""
        rows = self._record("taken_by", channel=channel, source_ref=source_ref)
        return {name: value for name, value in rows[0].items() if value} if rows else None

    def book_beside(self, rows: Sequence[JournalRow], policy_digest: str) -> None:
        """Append journal rows that belong to no account."""
        for row in rows:
            values = {name: getattr(row, name) for name in JournalRow.__slots__}
            self._record("book_beside", **values, policy=self.policy_number(policy_digest))

    def policy_number(self, digest: str) -> int:
        """The number under which journal rows name a policy, given when it is first named."""
        rows = self._record("policy_number", digest=digest)
        if not rows:
            self._record("add_policy", digest=digest)
            rows = self._record("policy_number", digest=digest)
        number: int = rows[0]["policy"]
        return number


def commitment_of(papers: bytes, salt: bytes) -> bytes:
    """A hash that says nothing about the papers to whoever lacks the salt."""
    return hmac.new(salt, papers, hashlib.sha256).digest()


def resolution_of(row: Mapping[str, Any]) -> Resolution:
    """A stored part as a record."""
    return Resolution(
        kind=ResolutionKind(row["kind"]),
        amount_minor=row["amount_minor"],
        account_id=row["account_id"],
        event_id=row["event_id"],
    )
