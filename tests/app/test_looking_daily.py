"""An account looked at only on its next action is where it would be if it were closed every day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from arrears import bootstrap
from arrears.app.booking import new_account
from arrears.app.refolding import refold, refold_at_close
from arrears.app.running import is_period_end

if TYPE_CHECKING:
    from arrears.app.ports import AccountChange, StoredAccount
    from arrears.ledger.journal import JournalRow

BEGIN = date(2026, 1, 1)
DAYS = 125
INSTANT = datetime(2026, 1, 1, tzinfo=UTC)
FRAME = bootstrap.frame(compiled=False)
LINE = {
    "kind": "line",
    "terms": {"principal": "5000", "disbursed_on": "2026-01-01", "annual_rate": "0.1825",
              "day_count": "actual/365"},
    "line": {"limit": "5000", "statement_day": 20, "due_day": 9, "minimum_share": "0.1"},
    "penalty": {"daily_rate": "0.0005", "grace_days": 2},
    "cap_annual": "0.24",
    "non_accrual_days": 30,
}  # fmt: skip
LOAN = {
    "terms": {"principal": "3000", "disbursed_on": "2026-01-01", "annual_rate": "0.146",
              "instalments": 3, "day_count": "actual/365"},
    "penalty": {"mode": "replaces", "uplift": "0.5", "grace_days": 2, "materiality": "5.00"},
    "cap_annual": "0.24",
    "non_accrual_days": 30,
}  # fmt: skip
LENT = {"id": "D1", "on": "2026-01-01", "type": "disbursed", "amount": "3000"}

HAPPENINGS = st.lists(
    st.tuples(st.integers(0, DAYS - 1), st.booleans(), st.integers(1, 400)), max_size=8
)


@dataclass
class Kept:
    """One account as a store would keep it."""

    account: StoredAccount
    journal: list[JournalRow] = field(default_factory=list)
    told: set[tuple[str, str]] = field(default_factory=set)
    turned: set[tuple[str, str, str]] = field(default_factory=set)
    looked_at: int = 0

    def write(self, change: AccountChange) -> None:
        """Keep what a refold writes."""
        caches = {
            name: change.caches[name]
            for name in ("basis", "next_action_on", "folded_to", "bucket", "five_class", "bureau",
                         "is_non_accrual")
        }  # fmt: skip
        self.account = replace(
            self.account,
            version=self.account.version + 1,
            events=(*self.account.events, *change.events),
            **caches,  # type: ignore[arg-type]  # caches are what the account keeps of them
        )
        self.journal += change.journal
        self.told |= {(each.kind, each.occasion) for each in change.messages}
        self.turned |= {(str(each.on), each.what, each.to_value) for each in change.transitions}

    def sums(self) -> dict[tuple[object, ...], int]:
        """What stands in the ledger, by value date and account."""
        found: Counter[tuple[object, ...]] = Counter()
        for row in self.journal:
            found[row.value_on, row.debit_account] += row.amount_minor
            found[row.value_on, row.credit_account] -= row.amount_minor
        return {key: amount for key, amount in found.items() if amount}


def live(
    contract: dict[str, Any], happened: dict[date, list[dict[str, str]]], *, daily: bool
) -> Kept:
    """Post what happens, and close each day: always, or only where the account asks for it."""
    first = [] if contract.get("kind") == "line" else [LENT]
    body: dict[str, object] = {"account_id": "A-1", "contract": contract, "events": first}
    kept = Kept(new_account(body, borrower_id="B-1", product="", recorded_at=INSTANT))
    kept.write(refold(kept.account, kept.journal, BEGIN, FRAME))
    for ordinal in range(DAYS):
        day = BEGIN + timedelta(days=ordinal)
        for event in happened.get(day, []):
            kept.account = replace(kept.account, events=(*kept.account.events, event))
            kept.write(refold(kept.account, kept.journal, day, FRAME))
        turn = kept.account.next_action_on
        if daily or is_period_end(day) or (turn is not None and turn <= day):
            kept.looked_at += 1
            kept.write(refold_at_close(kept.account, kept.journal, day, FRAME, lambda: INSTANT))
    return kept


@settings(max_examples=12, deadline=None)
@given(st.booleans(), HAPPENINGS)
def test_looking_on_the_next_action_is_looking_daily(
    is_line: bool,  # noqa: FBT001 - drawn
    drawn: list[tuple[int, bool, int]],
) -> None:
    """Whatever is bought and paid: the same ledger, statements, messages and transitions."""
    happened: dict[date, list[dict[str, str]]] = {}
    for number, (after, pays, yuan) in enumerate(sorted(drawn)):
        day = BEGIN + timedelta(days=after)
        kind = "repaid" if pays or not is_line else "purchased"
        amount = f"{yuan}.00" if is_line else f"{yuan * 3}.00"
        event = {"id": f"E{number}", "on": day.isoformat(), "type": kind, "amount": amount,
                 "recorded_at": INSTANT.isoformat()}  # fmt: skip
        happened.setdefault(day, []).append(event)
    contract = LINE if is_line else LOAN
    asked, daily = (live(contract, happened, daily=each) for each in (False, True))
    assert asked.sums() == daily.sums()
    assert asked.told == daily.told
    assert asked.turned == daily.turned
    assert asked.account.events == daily.account.events
    assert asked.looked_at < daily.looked_at // 2
