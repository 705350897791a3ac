"""Booking on a real PostgreSQL: what was signed and under which policy is kept, and stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from arrears import bootstrap
from arrears.app.booking import Command, book
from arrears.app.closing import close_to
from arrears.kernel.errors import ArrearsError
from arrears.policy.signing import SIGNING_IDS, digest_of_document

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.ports import Document
    from arrears.app.refolding import Frame

    Database = Any  #: of conftest

RECORDED = datetime(2026, 1, 5, tzinfo=UTC)
TERMS: dict[str, object] = {
    "principal": "1200", "disbursed_on": "2026-01-05", "annual_rate": "0.146", "instalments": 3,
}  # fmt: skip
FIRST: dict[str, object] = {"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
#: A lender's own cap of 12 % in front of the law's.
LOWERED_CAP = """
id: cn.price.licensed_all_in_cap
meaning: Our own cap.
type: rate
unit: percent_per_year
anchor: contract
level: lender
force: lender_policy
effect: restriction
stricter: lower
scope:
  licences: [bank, consumer_finance_company, auto_finance_company, micro_lender, local_financial_body]
  products: [any]
  actors: [lender]
  creditor_kinds: [any]
yields_to: [none]
values:
  - from: 2020-01-01
    until: open
    value: "12"
    from_is_exact: true
    title: "Our pricing policy"
    locator: "item 1"
    url: "none"
    published_on: 2020-01-01
    published_is_exact: true
verified_through: 2026-11-24
status: verified
note: ""
"""


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Policy, posting rules and the interpreted fold."""
    return bootstrap.frame(compiled=False)


def booked(
    store: PostgresStore,
    frame: Frame,
    account_id: str,
    contract: dict[str, object],
    first: dict[str, object] | None = None,
) -> Document:
    """The answer to a booking."""
    body: dict[str, object] = {
        "account_id": account_id, "contract": contract, "events": [first or FIRST],
    }  # fmt: skip
    return book(
        store,
        Command(caller="test", command="book", key=account_id, body=body),
        borrower_id="B-1",
        product="",
        recorded_at=RECORDED,
        frame=frame,
    )


def test_a_contract_is_kept_with_the_policy_it_was_signed_under(
    new_database: Database, frame: Frame
) -> None:
    """The stored contract is complete, names its snapshot, and two contracts keep one of it."""
    store = new_database.store()
    answer = booked(store, frame, "L-1", {"terms": TERMS})
    booked(store, frame, "L-2", {"terms": TERMS})
    with store.unit_of_work() as work:
        account = work.lock("L-1")
        assert account
        snapshot = work.snapshot(str(account.policy["snapshot"]))
        kept = work.connection.execute("select count(*) as number from policy_snapshot").fetchone()
    assert account.contract["cap_annual"] == "0.24"
    assert account.policy == answer["policy"]
    assert snapshot
    assert digest_of_document(snapshot) == account.policy["snapshot"]
    assert kept == {"number": 1}


def test_later_edits_of_policy_never_change_a_contract(
    new_database: Database, frame: Frame, tmp_path: Path
) -> None:
    """A lender that lowers its cap signs new contracts under it; the old one is closed as it was."""
    store = new_database.store()
    booked(store, frame, "L-1", {"terms": TERMS})
    stricter = tmp_path / "cn" / "price"
    stricter.mkdir(parents=True)
    (stricter / "licensed_all_in_cap.yaml").write_text(LOWERED_CAP, encoding="utf-8")
    edited = bootstrap.policy_registry(SIGNING_IDS, lender_directory=tmp_path)
    later = replace(frame, registry=lambda: edited)
    with pytest.raises(ArrearsError) as refused:
        booked(store, later, "L-2", {"terms": TERMS})
    assert refused.value.code == "contract.rate_above_cap"
    with store.unit_of_work() as work:
        before = work.lock("L-1")
    close_to(store, date(2026, 2, 10), later, clock=lambda: RECORDED)
    with store.unit_of_work() as work:
        after = work.lock("L-1")
        assert work.lock("L-2") is None
    assert before
    assert after
    assert (after.contract, after.policy) == (before.contract, before.policy)


@pytest.mark.parametrize(
    ("contract", "code"),
    [
        ({"terms": {**TERMS, "annual_rate": "0.25"}}, "contract.rate_above_cap"),
        ({"terms": TERMS, "cap_annual": "0.36"}, "policy.laxer"),
        ({"terms": TERMS, "penalty": {"uplift": "0.51"}}, "policy.laxer"),
        ({"terms": {**TERMS, "disbursed_on": "2026-11-25"}}, "policy.stale"),
    ],
)
def test_what_policy_refuses_leaves_nothing(
    new_database: Database, frame: Frame, contract: dict[str, object], code: str
) -> None:
    """A contract above the cap or the uplift, or newer than anybody read, is refused whole."""
    store = new_database.store()
    with pytest.raises(ArrearsError) as refused:
        booked(store, frame, "L-1", contract)
    assert refused.value.code == code
    with store.unit_of_work() as work:
        assert work.lock("L-1") is None
        assert work.remembered("test", "book", "L-1") is None


TAKEN: dict[str, object] = {
    "id": "T1", "on": "2026-11-30", "type": "taken_over",
    "rows": [
        {"due_on": "2026-11-05", "from_on": "2026-10-05", "principal": "400", "interest": "12"},
        {"due_on": "2026-12-05", "from_on": "2026-11-05", "principal": "400", "interest": "6"},
    ],
    "totals": {"principal": "800", "interest": "18"},
}  # fmt: skip


def test_a_contract_taken_over_is_not_judged_again_and_its_cap_binds(
    new_database: Database, frame: Frame
) -> None:
    """Signed elsewhere at 30 %, newer than the last reading: taken over, with the cap of its day carried on."""
    store = new_database.store()
    terms = {**TERMS, "annual_rate": "0.30", "disbursed_on": "2026-11-25"}
    with pytest.raises(ArrearsError) as refused:
        booked(store, frame, "L-1", {"terms": terms})
    assert refused.value.code == "policy.stale"
    booked(store, frame, "L-1", {"terms": terms}, TAKEN)
    with store.unit_of_work() as work:
        account = work.lock("L-1")
        assert account
        snapshot = work.snapshot(str(account.policy["snapshot"]))
    assert account.contract["cap_annual"] == "0.24"
    assert snapshot
    parameters = snapshot["parameters"]
    assert isinstance(parameters, list)
    assert all(each["assumed"] for each in parameters), "carried past the last reading, and marked"
    with pytest.raises(ArrearsError) as refused:
        booked(store, frame, "L-2", {"terms": terms, "cap_annual": "0.36"}, TAKEN)
    assert refused.value.code == "policy.laxer"
