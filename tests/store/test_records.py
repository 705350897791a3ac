"""Products that never change, persons who can be forgotten, and money without a name."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import psycopg
import pytest

from arrears.app.ports import Receipt, Resolution, ResolutionKind
from arrears.kernel.errors import ArrearsError

RECORDED_AT = datetime(2026, 2, 5, 12, 0, tzinfo=UTC)
SALT = bytes(range(32))


def receipt_of(receipt_id: str, source_ref: str = "T-1", amount_minor: int = 100_00) -> Receipt:
    return Receipt(
        receipt_id=receipt_id,
        channel="bank",
        source_ref=source_ref,
        amount_minor=amount_minor,
        currency="CNY",
        value_on=date(2026, 2, 3),
        hint="rent?",
    )


def part(kind: ResolutionKind, amount_minor: int) -> Resolution:
    if kind is ResolutionKind.RETURNED:
        return Resolution(kind=kind, amount_minor=amount_minor)
    return Resolution(kind=kind, amount_minor=amount_minor, account_id="A-1", event_id="E-1")


def test_a_version_of_a_product_never_changes(new_database) -> None:
    """The same version twice is once, another body is an error, the latest is found without asking."""
    store = new_database.store()
    with store.unit_of_work() as work:
        assert work.add_product("cash", 1, {"rate_max": "0.24"})
        assert not work.add_product("cash", 1, {"rate_max": "0.24"})
        assert work.add_product("cash", 2, {"rate_max": "0.20"})
        assert work.product("cash") == (2, {"rate_max": "0.20"})
        assert work.product("cash", 1) == (1, {"rate_max": "0.24"})
        assert work.product("card") is None
    with pytest.raises(ArrearsError) as caught, store.unit_of_work() as work:
        work.add_product("cash", 1, {"rate_max": "0.36"})
    assert caught.value.code == "product.version_taken"


def test_a_person_can_be_recognised_and_forgotten(new_database) -> None:
    """The papers are nowhere; with the salt they are recognised, without it nobody can say."""
    with new_database.store().unit_of_work() as work:
        assert work.is_person("B-1", b"110101199003070000") is None
        assert work.commit_to("B-1", b"110101199003070000", SALT)
        assert not work.commit_to("B-1", b"somebody else", SALT)
        assert work.is_person("B-1", b"110101199003070000") is True
        assert work.is_person("B-1", b"110101199003070001") is False
        assert work.forget("B-1")
        assert not work.forget("B-1")
        assert work.is_person("B-1", b"110101199003070000") is None
    with psycopg.connect(new_database.superuser_url) as connection:
        stored = str(connection.execute("select * from borrower").fetchall())
    assert "1101" not in stored


def test_a_receipt_waits_until_all_of_it_has_a_name(new_database) -> None:
    """Split, matched and returned in parts: what is left is what came less what was resolved."""
    with new_database.store().unit_of_work() as work:
        assert work.add_receipt(receipt_of("R-1"), RECORDED_AT)
        assert work.open_receipts() == [(receipt_of("R-1"), 100_00)]
        work.resolve("R-1", part(ResolutionKind.SPLIT, 60_00), RECORDED_AT)
        work.resolve("R-1", part(ResolutionKind.SPLIT, 30_00), RECORDED_AT)
        assert work.open_receipts() == [(receipt_of("R-1"), 10_00)]
        work.resolve("R-1", part(ResolutionKind.RETURNED, 10_00), RECORDED_AT)
        assert work.open_receipts() == []
        found = work.lock_receipt("R-1")
        assert work.lock_receipt("R-2") is None
    assert found
    assert [(each.kind.value, each.amount_minor) for each in found[1]] == [
        ("split", 60_00), ("split", 30_00), ("returned", 10_00),
    ]  # fmt: skip


def test_a_receipt_is_never_given_away_twice(new_database) -> None:
    """One fen more than came in is an error, and what was resolved before in the transaction stays."""
    with new_database.store().unit_of_work() as work:
        work.add_receipt(receipt_of("R-1"), RECORDED_AT)
        work.resolve("R-1", part(ResolutionKind.MATCHED, 60_00), RECORDED_AT)
        with pytest.raises(ArrearsError) as caught:
            work.resolve("R-1", part(ResolutionKind.MATCHED, 40_01), RECORDED_AT)
        assert caught.value.code == "receipt.overspent"
        assert work.open_receipts() == [(receipt_of("R-1"), 40_00)]


def test_two_who_resolve_at_once_do_not_overspend(new_database) -> None:
    """Two connections each give away the whole receipt, without locking first: one succeeds."""
    with new_database.store().unit_of_work() as work:
        work.add_receipt(receipt_of("R-1"), RECORDED_AT)

    def give(_: int) -> str:
        try:
            with new_database.store().unit_of_work() as work:
                work.lock_receipt("R-1")
                work.resolve("R-1", part(ResolutionKind.MATCHED, 100_00), RECORDED_AT)
        except ArrearsError as error:
            return error.code
        return "given"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(give, range(2))) == ["given", "receipt.overspent"]


def test_a_line_is_money_once_with_or_without_a_name(new_database, filled) -> None:
    """A line recorded as a receipt is no payment of its own later, and the other way round."""
    store = new_database.store()
    filled(store, "A-1")
    event = {"id": "E-9", "type": "repaid", "on": "2026-02-03", "seq": 1, "amount": "1.00"}
    with store.unit_of_work() as work:
        account = work.lock("A-1")
        assert work.add_receipt(receipt_of("R-1", "T-1"), RECORDED_AT)
        assert not work.add_receipt(receipt_of("R-2", "T-1"), RECORDED_AT)
        assert not work.add_event(account, event, RECORDED_AT, source=("bank", "T-1"))
        assert work.add_event(account, event, RECORDED_AT, source=("bank", "T-2"))
        assert not work.add_receipt(receipt_of("R-3", "T-2"), RECORDED_AT)
