"""Products on a real PostgreSQL: added within the law, found by day, copied whole into contracts."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from arrears import bootstrap
from arrears.app.booking import Command, book_request
from arrears.app.posting import post
from arrears.app.products import add_product, list_products, show_product
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arrears.adapters.postgres.store import PostgresStore
    from arrears.app.ports import Document, StoredAccount
    from arrears.app.refolding import Frame

    Database = Any  #: of conftest
    Ask = Callable[..., Document]

RECORDED = datetime(2026, 1, 5, tzinfo=UTC)
JIEBEI: dict[str, Any] = {
    "code": "jiebei",
    "version": 1,
    "offered_from": "2026-01-01",
    "licence": "micro_lender",
    "contract": {
        "terms": {"annual_rate": "0.146", "method": "equal_instalment"},
        "penalty": {"uplift": "0.5", "grace_days": 3},
    },
    "choices": {
        "terms.principal": {"least": "500", "most": "200000"},
        "terms.instalments": {"one_of": [3, 6, 12]},
        "terms.disbursed_on": {},
    },
}


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Policy, posting rules and the interpreted fold."""
    return bootstrap.frame(compiled=False)


@pytest.fixture
def store(new_database: Database) -> PostgresStore:
    """An empty book."""
    made: PostgresStore = new_database.store()
    return made


@pytest.fixture
def ask(store: PostgresStore, frame: Frame) -> Ask:
    """Put a use case its body."""

    def put(use_case: Callable[..., Document], body: Document) -> Document:
        command = Command(caller="test", command=use_case.__name__, key=str(body), body=body)
        return use_case(store, command, recorded_at=RECORDED, frame=frame)

    return put


def version(number: int, offered_from: str, **terms: object) -> Document:
    """Another version of the product."""
    made = copy.deepcopy(JIEBEI)
    made |= {"version": number, "offered_from": offered_from}
    made["contract"]["terms"] |= terms
    return made


def request(account_id: str, on: str = "2026-02-05", **more: object) -> Document:
    """A booking of 1,200 over three months under the product."""
    terms = {"principal": "1200", "disbursed_on": on, "instalments": 3}
    return {
        "account_id": account_id, "borrower_id": "B-1", "product": "jiebei",
        "contract": {"terms": terms}, **more,
    }  # fmt: skip


def stored(store: PostgresStore, account_id: str) -> StoredAccount:
    """The account as it is kept."""
    with store.unit_of_work() as work:
        found = work.lock(account_id)
    assert found
    return found


def code_of(ask: Ask, use_case: Callable[..., Document], body: Document) -> str:
    """The code of the error a body is refused with."""
    with pytest.raises(ArrearsError) as refused:
        ask(use_case, body)
    return refused.value.code


def test_a_version_is_added_once_and_never_changed(store: PostgresStore, ask: Ask) -> None:
    """Added, there already, refused with another body; listed and shown as it was added."""
    assert ask(add_product, JIEBEI)["outcome"] == "added"
    assert ask(add_product, JIEBEI)["outcome"] == "already_there"
    assert code_of(ask, add_product, version(1, "2026-01-01", annual_rate="0.1")) == (
        "product.version_taken"
    )
    ask(add_product, version(2, "2026-03-01", annual_rate="0.1"))
    listed: Any = list_products(store)["products"]
    assert [each["product"] for each in listed] == ["jiebei@1", "jiebei@2"]
    assert show_product(store, "jiebei", 1) == JIEBEI
    assert show_product(store, "jiebei")["version"] == 2
    with pytest.raises(ArrearsError) as refused:
        show_product(store, "jiebei", 3)
    assert (refused.value.code, refused.value.got) == ("product.unknown", "jiebei@3")


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"annual_rate": "0.25"}, "contract.rate_above_cap"),
        ({"fee_rate": "0.08"}, "contract.rate_above_cap"),
        ({"annual_rate": "0.05", "colour": "red"}, "terms.unknown_field"),
    ],
)
def test_what_the_law_forbids_is_not_offered(
    store: PostgresStore, ask: Ask, terms: dict[str, object], code: str
) -> None:
    """A rate, or a rate and a fee together, above the cap: refused, and nothing is listed."""
    assert code_of(ask, add_product, version(1, "2026-01-01", **terms)) == code
    assert list_products(store) == {"products": []}


def test_a_product_newer_than_the_last_reading_is_not_added(ask: Ask) -> None:
    """Nobody has read the law of its first day, so nothing can be said of it."""
    assert code_of(ask, add_product, version(1, "2026-11-25")) == "policy.stale"


def test_a_contract_copies_the_version_offered_on_its_day(store: PostgresStore, ask: Ask) -> None:
    """By its day, or the version it names; all of it stands in the contract, and later ones change nothing."""
    ask(add_product, JIEBEI)
    ask(book_request, request("L-1"))
    before = stored(store, "L-1")
    ask(add_product, version(2, "2026-03-01", annual_rate="0.1"))
    ask(book_request, request("L-2"))
    ask(book_request, request("L-3", "2026-03-01"))
    ask(book_request, request("L-4", "2026-03-01", version=1))
    kept = {name: stored(store, name) for name in ("L-1", "L-2", "L-3", "L-4")}
    assert {name: each.product for name, each in kept.items()} == {
        "L-1": "jiebei@1", "L-2": "jiebei@1", "L-3": "jiebei@2", "L-4": "jiebei@1",
    }  # fmt: skip
    assert kept["L-1"] == before
    terms: Any = kept["L-3"].contract["terms"]
    assert terms == {
        "annual_rate": "0.1", "method": "equal_instalment",
        "principal": "1200", "disbursed_on": "2026-03-01", "instalments": 3,
    }  # fmt: skip
    assert kept["L-3"].contract["penalty"] == JIEBEI["contract"]["penalty"]
    assert kept["L-3"].contract["cap_annual"] == "0.24", "policy fills what the product leaves open"
    with store.unit_of_work() as work:
        snapshot: Any = work.snapshot(str(before.policy["snapshot"]))
    assert snapshot["licence"] == "micro_lender", "the lender is the product's"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"contract": {"terms": {"principal": "499.99", "disbursed_on": "2026-02-05", "instalments": 3}}}, "contract.term_out_of_bounds"),
        ({"contract": {"terms": {"principal": "1200", "disbursed_on": "2026-02-05", "instalments": 4}}}, "contract.term_out_of_bounds"),
        ({"contract": {"terms": {"principal": "1200", "disbursed_on": "2026-02-05", "annual_rate": "0.1"}}}, "contract.term_out_of_bounds"),
        ({"contract": {"terms": {"principal": "1200", "instalments": 3}}}, "terms.missing"),
        ({"product": "huabei"}, "product.unknown"),
        ({"version": 2}, "product.unknown"),
        ({"contract": {"terms": {"principal": "1200", "disbursed_on": "2025-12-31", "instalments": 3}}}, "product.not_offered"),
    ],
)  # fmt: skip
def test_what_a_product_does_not_offer_is_refused(
    store: PostgresStore, ask: Ask, changes: dict[str, Any], code: str
) -> None:
    """Out of bounds, not open to choice, of no product or of another day: one error, nothing written."""
    ask(add_product, JIEBEI)
    assert code_of(ask, book_request, {**request("L-1"), **changes}) == code
    with store.unit_of_work() as work:
        assert work.lock("L-1") is None


def test_a_contract_is_booked_before_its_money_goes_out(store: PostgresStore, ask: Ask) -> None:
    """Never disbursed until it is; cancelled, it is no more, and lends nothing.

    2026-02-05  two booked without an event: never disbursed
    2026-02-05  one is disbursed, the other cancelled, and lending under that is refused
    2026-02-05  the money of the first never arrived: as if never lent
    """
    ask(add_product, JIEBEI)
    for account_id in ("L-1", "L-2"):
        ask(book_request, request(account_id))
    assert counted(store) == {"never_disbursed": 2}
    lent = {"id": "D1", "on": "2026-02-05", "type": "disbursed", "amount": "1200"}
    ask(post, {"account_id": "L-1", "event": lent})
    ask(post, {"account_id": "L-2", "event": {"id": "C", "on": "2026-02-05", "type": "cancelled"}})
    assert counted(store) == {"active": 1, "cancelled": 1}
    assert code_of(ask, post, {"account_id": "L-2", "event": lent}) == "event.refused"
    failed = {"id": "F", "on": "2026-02-05", "type": "disbursement_failed", "reverses": "D1"}
    ask(post, {"account_id": "L-1", "event": failed})
    assert counted(store) == {"cancelled": 1, "never_disbursed": 1}
    with store.unit_of_work() as work:
        totals = work.totals()
    assert all(each.debit_minor == each.credit_minor for each in totals.values()), (
        "as if never made"
    )


def counted(store: PostgresStore) -> dict[object, object]:
    """Accounts by what has become of them."""
    with store.unit_of_work() as work:
        return {each["status"]: each["accounts"] for each in work.statuses()}


def test_a_version_of_no_product_is_refused(ask: Ask) -> None:
    """A version names one of a product; without the product it names nothing, and is not passed over."""
    whole = {key: value for key, value in request("L-1", version=1).items() if key != "product"}
    assert code_of(ask, book_request, whole) == "document.missing_field"


def test_from_a_product_to_its_seals_by_commands(
    arrears: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added, listed, shown, booked under, explained, sealed and verified: each by its command."""
    assert arrears("product", "add", stdin=JIEBEI)[0] == 0
    assert json.loads(arrears("product", "list")[1])["products"][0]["product"] == "jiebei@1"
    assert json.loads(arrears("product", "show", "jiebei")[1]) == JIEBEI
    dearer = version(2, "2026-02-01", annual_rate="0.25")
    code, told = arrears("product", "add", "--json", stdin=dearer)
    assert (code, json.loads(told)["code"]) == (3, "contract.rate_above_cap")
    first = {"id": "D1", "on": "2026-02-05", "type": "disbursed", "amount": "1200"}
    assert arrears("book", stdin=request("L-1", events=[first]))[0] == 0
    asked = ("balance", "--account", "L-1", "--as-of", "2026-04-01", "--explain")
    answer = json.loads(arrears(*asked)[1])
    assert (answer["product"], answer["policy"]["licence"]) == ("jiebei@1", "micro_lender")
    monkeypatch.setenv("ARREARS_HOME", str(tmp_path))
    assert arrears("audit", "seal")[0] == 0
    assert arrears("audit", "verify")[0] == 0
