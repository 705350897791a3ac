"""A till: a book on a real database, and its doors for money as short as a story needs them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from arrears.app.booking import Command, book
from arrears.app.closing import close_to
from arrears.app.collecting import collect, fail_collection
from arrears.app.parking import retry_parked
from arrears.app.posting import post
from arrears.app.receiving import receive
from arrears.app.refunding import complete_refund
from arrears.app.refunds import list_refunds
from arrears.app.suspense import (
    add_receipt,
    match_receipt,
    open_receipts,
    return_receipt,
    split_over_accounts,
)
from arrears.app.unmatching import unmatch_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.parking import Retried
    from arrears.app.refolding import Frame

RECORDED_AT = datetime(2026, 1, 5, tzinfo=UTC)
DOORS: dict[str, Callable[..., Any]] = {
    "post": post,
    "receive": receive,
    "add": add_receipt,
    "match": match_receipt,
    "split": split_over_accounts,
    "unmatch": unmatch_receipt,
    "return": return_receipt,
    "refund": complete_refund,
    "collect": collect,
    "failed": fail_collection,
}


class Till:
    """A store, the frame, and commands whose key is their body unless one is given."""

    def __init__(self, store: PostgresStore, frame: Frame) -> None:
        self.store = store
        self.frame = frame

    def book(
        self,
        account_id: str,
        borrower_id: str = "B-1",
        penalty: dict[str, str] | None = None,
        *,
        is_lent: bool = True,
        **terms: object,
    ) -> None:
        """Sign, and lend, 1200.00 on 2026-01-05 for three months, at no cost unless told."""
        signed = {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 3, **terms}
        first = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": signed["principal"]}
        contract = {"terms": signed, **({"penalty": penalty} if penalty else {})}
        body = {
            "account_id": account_id,
            "contract": contract,
            "events": [first] if is_lent else [],
        }
        book(
            self.store,
            Command(caller="test", command="book", key=account_id, body=body),
            borrower_id=borrower_id,
            product="",
            recorded_at=RECORDED_AT,
            frame=self.frame,
        )

    def ask(self, door: str, key: str | None = None, **body: object) -> dict[str, Any]:
        """Go through a door."""
        key = key or json.dumps(body, sort_keys=True)
        command = Command(caller="test", command=door, key=key, body=body)
        answer = DOORS[door](self.store, command, recorded_at=RECORDED_AT, frame=self.frame)
        assert isinstance(answer, dict)
        return answer

    def pay(
        self, account_id: str, event_id: str, on: str, amount: str, **more: object
    ) -> dict[str, Any]:
        """Post a repayment; `ref` is the bank's number of the line."""
        body: dict[str, object] = {"account_id": account_id}
        if "ref" in more:
            body["source"] = {"channel": "icbc", "ref": more.pop("ref")}
        if "collection" in more:
            body["collection"] = more.pop("collection")
        event = {"id": event_id, "on": on, "type": "repaid", "amount": amount, **more}
        return self.ask("post", **body, event=event)

    def close(self, to: str) -> None:
        """Close business up to a day."""
        close_to(self.store, date.fromisoformat(to), self.frame, clock=lambda: RECORDED_AT)

    def retry(self) -> Sequence[Retried]:
        """Take parked accounts back in."""
        return retry_parked(self.store, None, self.frame, clock=lambda: RECORDED_AT)

    def in_suspense(self) -> dict[str, Any]:
        """What waits in suspense, by currency."""
        found = open_receipts(self.store)["in_suspense"]
        assert isinstance(found, dict)
        return found

    def refunds(self, *, with_ended: bool = False) -> list[tuple[str, str, str]]:
        """Refund tasks: whose, how much, status."""
        tasks: Any = list_refunds(self.store, with_ended=with_ended)["refunds"]
        return [
            (each["account_id"] or each["receipt_id"], each["amount"], each["status"])
            for each in tasks
        ]

    def ledger(self, account: str, currency: str = "CNY") -> int:
        """What stands on a ledger account: credits less debits, minor units."""
        with self.store.unit_of_work() as work:
            totals = work.totals()
        assert sum(each.debit_minor - each.credit_minor for each in totals.values()) == 0
        found = [
            totals[key] for key in totals if (key.account, key.currency) == (account, currency)
        ]
        return sum(each.credit_minor - each.debit_minor for each in found)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.store.unit_of_work() as work:
            return [tuple(row.values()) for row in work.connection.execute(statement, values)]  # type: ignore[arg-type]  # our own words
