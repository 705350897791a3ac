"""Seals on a real database: what is sealed, in which order, and that any change is found and named."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest

from arrears.adapters.postgres.seal_store import PostgresSeals
from arrears.adapters.root_file import AppendedRootFile, read_roots
from arrears.app import sealing
from arrears.kernel.errors import ArrearsError
from arrears.ledger.seals import FindingKind, Limit

if TYPE_CHECKING:
    from pathlib import Path

SEALED_AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def roots(tmp_path: Path) -> AppendedRootFile:
    return AppendedRootFile(tmp_path / "elsewhere" / "roots.jsonl")


def tamper(database, statement: str) -> None:
    """Change a row as nobody may: the superuser, with triggers and foreign keys off."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(statement)


def found(database, known=None) -> list[tuple[FindingKind, int, str]]:
    """What verifying finds: kind, batch, row."""
    verification = sealing.verify(PostgresSeals(database.app_url), known or {})
    return [(each.kind, each.batch, each.row) for each in verification.findings]


def test_everything_is_sealed_once(new_database, filled, roots) -> None:
    """Contracts, events, then journal; again nothing; what came later goes into the next batches of the chain."""
    seals = PostgresSeals(new_database.app_url)
    store = new_database.store()
    filled(store, "A-1")
    assert [(b.number, b.table, b.leaves) for b in sealing.seal(seals, roots, SEALED_AT)] == [
        (1, "account", 1), (2, "event", 1), (3, "journal", 2),
    ]  # fmt: skip
    assert sealing.seal(seals, roots, SEALED_AT) == ()
    filled(store, "A-2", (7,))
    verification = sealing.verify(seals, roots.read())
    assert verification.is_clean
    assert (Limit.NOT_YET_SEALED, 3) in [(u.limit, u.count) for u in verification.unproved]
    assert [(b.number, b.table, b.leaves) for b in sealing.seal(seals, roots, SEALED_AT)] == [
        (4, "account", 1), (5, "event", 1), (6, "journal", 1),
    ]  # fmt: skip
    verification = sealing.verify(seals, roots.read())
    assert (verification.is_clean, verification.batches, verification.rows) == (True, 6, 7)
    assert [u.limit for u in verification.unproved] == [Limit.NOT_WHETHER_TRUE]


def test_many_batches_read_as_they_were_sealed(new_database, filled, roots, monkeypatch) -> None:
    """Batches cut one large transaction anywhere, and each still finds exactly its own rows."""
    monkeypatch.setattr(sealing, "BATCH_ROWS", 3)
    filled(new_database.store(), "A-1", tuple(range(1, 11)))
    made = sealing.seal(PostgresSeals(new_database.app_url), roots, SEALED_AT)
    assert [b.leaves for b in made] == [1, 1, 3, 3, 3, 1]
    assert found(new_database, roots.read()) == []


def test_a_running_transaction_is_waited_for(new_database, filled, roots, change_for) -> None:
    """Rows written while an older transaction still runs are left for later, and none is ever passed over."""
    seals = PostgresSeals(new_database.app_url)
    store, slow = new_database.store(), new_database.store()
    account = filled(store, "A-1")
    sealing.seal(seals, roots, SEALED_AT)
    with slow.unit_of_work() as work:
        work.remember("test", "slow", "K", "d", {})  # it has its number now
        filled(store, "A-2")
        assert sealing.seal(seals, roots, SEALED_AT) == ()
        locked = work.lock("A-1")
        assert work.write([change_for(locked, "late", (9,))]) == []
    made = sealing.seal(seals, roots, SEALED_AT)
    assert [(b.table, b.leaves) for b in made] == [
        ("account", 1), ("event", 1), ("journal", 3),
    ]  # fmt: skip
    assert account.account_id in made[2].first_row, "the older transaction comes first"
    assert found(new_database, roots.read()) == []


CHANGES = [
    ("update journal set amount_minor = amount_minor + 1 where seq = 2", FindingKind.ROW_CHANGED, 3),
    ("update journal set value_on = value_on - 1 where seq = 2", FindingKind.ROW_CHANGED, 3),
    ("update journal set recorded_at = recorded_at - interval '1 microsecond' where seq = 2", FindingKind.ROW_CHANGED, 3),
    ("delete from journal where seq = 2", FindingKind.ROW_MISSING, 3),
    ("""update account set contract = jsonb_set(contract, '{terms,principal}', '"1200.01"')""", FindingKind.ROW_CHANGED, 1),
    ("""update account set policy = '{"parameters": []}'""", FindingKind.ROW_CHANGED, 1),
    ("update account set borrower_id = 'B-2'", FindingKind.ROW_CHANGED, 1),
    ("delete from account", FindingKind.ROW_MISSING, 1),
    ("""update event set body = body || '{"amount": "1.01"}'""", FindingKind.ROW_CHANGED, 2),
    ("update seal_batch set chained_root = sha256('x') where batch = 1", FindingKind.CHAIN_BROKEN, 1),
    ("delete from seal_batch where batch = 1", FindingKind.BATCH_MISSING, 1),
    ("update seal_batch set leaf_hashes = leaf_hashes || leaf_hashes where batch = 2", FindingKind.LEAF_HASHES_DIFFER, 2),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "kind", "batch"), CHANGES)
def test_a_change_is_found_and_its_batch_named(
    new_database, filled, roots, statement, kind, batch
) -> None:
    """Whatever the superuser changes in rows or seals is found, and said of the batch it is in."""
    filled(new_database.store(), "A-1", (5, 6, 7))
    sealing.seal(PostgresSeals(new_database.app_url), roots, SEALED_AT)
    assert found(new_database, roots.read()) == []
    tamper(new_database, statement)
    assert (kind, batch) in [each[:2] for each in found(new_database)]


def test_a_changed_row_is_named(new_database, filled, roots) -> None:
    """The finding says which account, entry and row."""
    filled(new_database.store(), "A-1", (5, 6, 7))
    sealing.seal(PostgresSeals(new_database.app_url), roots, SEALED_AT)
    tamper(new_database, "update journal set amount_minor = 600 where seq = 2")
    assert found(new_database) == [
        (FindingKind.ROW_CHANGED, 3, "account A-1 entry A-1/1 row 2"),
    ]


def test_a_changed_contract_is_named_and_renewed_caches_are_not(
    new_database, filled, roots, change_for
) -> None:
    """One byte of a stored contract names its account; what a refold renews is under no seal."""
    store = new_database.store()
    account = filled(store, "A-1")
    filled(store, "A-2")
    sealing.seal(PostgresSeals(new_database.app_url), roots, SEALED_AT)
    with store.unit_of_work() as work:
        assert work.write([change_for(replace(account, version=2), "2", (1,))]) == []
    assert found(new_database, roots.read()) == []
    tamper(
        new_database,
        """update account set contract = '{"terms": {"principal": "1200.01"}}'
           where account_id = 'A-1'""",
    )
    assert found(new_database) == [(FindingKind.ROW_CHANGED, 1, "account A-1 contract")]


def test_a_changed_policy_snapshot_is_named(new_database, filled, roots) -> None:
    """What contracts were signed under is sealed once, before them, and a changed value is found."""
    store, digest = new_database.store(), "d" * 64
    with store.unit_of_work() as work:
        work.keep_snapshot(digest, {"parameters": [{"id": "cn.price.cap", "value": "24"}]})
        work.keep_snapshot(digest, {})
    filled(store, "A-1")
    made = sealing.seal(PostgresSeals(new_database.app_url), roots, SEALED_AT)
    assert [(b.table, b.leaves) for b in made][:2] == [("policy_snapshot", 1), ("account", 1)]
    assert found(new_database, roots.read()) == []
    tamper(new_database, "update policy_snapshot set body = '{}'")
    assert found(new_database) == [(FindingKind.ROW_CHANGED, 1, f"policy snapshot {digest}")]


def test_a_row_slipped_in_between_is_found(new_database, filled, roots) -> None:
    """A row that the superuser dates into a sealed batch was not there when it was sealed."""
    filled(new_database.store(), "A-1", (5, 6))
    sealing.seal(PostgresSeals(new_database.app_url), roots, SEALED_AT)
    tamper(
        new_database,
        "insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind,"
        " stage, value_on, booked_on, debit_account, credit_account, amount_minor, currency,"
        " policy, written_by, row_number) overriding system value"
        " select slot, account_id, 'forged', 1, contract, instalment, component, kind, stage, value_on,"
        " booked_on, debit_account, credit_account, 1, currency, policy, written_by,"
        " row_number - 100 from journal limit 1",
    )
    assert (FindingKind.ROW_ADDED, 3, "account A-1 entry forged row 1") in found(new_database)


def test_a_chain_rewritten_whole_is_found_only_with_roots_kept_elsewhere(
    new_database, filled, roots, tmp_path
) -> None:
    """Who controls the database can change a row and seal anew; the file kept elsewhere gives it away."""
    seals = PostgresSeals(new_database.app_url)
    filled(new_database.store(), "A-1")
    sealing.seal(seals, roots, SEALED_AT)
    tamper(new_database, "update journal set amount_minor = 1 where seq = 1")
    tamper(new_database, "delete from seal_batch")
    tamper(new_database, "delete from outbox")
    sealing.seal(seals, AppendedRootFile(tmp_path / "another"), SEALED_AT)
    assert found(new_database) == []
    assert [each[:2] for each in found(new_database, roots.read())] == [
        (FindingKind.ROOT_DIFFERS, 3)
    ]


def test_roots_go_to_the_outbox_and_to_the_file(new_database, filled, roots) -> None:
    """Each batch's root stands once in the outbox and once in the file; a lost file is written again."""
    seals = PostgresSeals(new_database.app_url)
    filled(new_database.store(), "A-1")
    made = sealing.seal(seals, roots, SEALED_AT)
    with psycopg.connect(new_database.app_url) as connection:
        told = connection.execute(
            "select body from outbox where kind = 'seal_root' order by occasion"
        )
        assert [row[0]["chained_root"] for row in told] == [b.chained_root.hex() for b in made]
    assert roots.read() == {b.number: b.chained_root for b in made}
    roots.path.unlink()
    assert sealing.seal(seals, roots, SEALED_AT) == ()
    assert roots.read() == {b.number: b.chained_root for b in made}


def test_a_line_cut_off_does_not_spoil_the_file(new_database, filled, roots) -> None:
    """A power cut in the middle of a line: it does not count, and the next seal writes it whole."""
    seals = PostgresSeals(new_database.app_url)
    filled(new_database.store(), "A-1")
    made = sealing.seal(seals, roots, SEALED_AT)
    whole = roots.path.read_bytes()
    roots.path.write_bytes(whole[:-20])
    assert set(roots.read()) == {1, 2}
    sealing.seal(seals, roots, SEALED_AT)
    assert roots.read() == {b.number: b.chained_root for b in made}


@pytest.mark.parametrize(
    "line",
    ["no json", "[]", '{"batch": 1}', '{"batch": 1, "chained_root": "00"}',
     json.dumps({"batch": 1, "chained_root": "11" * 32}) + "\n" + json.dumps({"batch": 1, "chained_root": "22" * 32})],
)  # fmt: skip
def test_a_file_that_holds_no_roots_is_refused(tmp_path: Path, line: str) -> None:
    """A line that is no root, or a second root for one batch, is an error that names the line."""
    (tmp_path / "roots").write_text(line + "\n")
    with pytest.raises(ArrearsError) as caught:
        read_roots(tmp_path / "roots")
    assert caught.value.code == "audit.roots_malformed"
    assert "line " in caught.value.where


def test_a_database_restored_onto_a_younger_server_is_not_sealed(
    new_database, filled, roots
) -> None:
    """Where the count of transactions went back, new rows would be taken for sealed ones: an error."""
    seals = PostgresSeals(new_database.app_url)
    filled(new_database.store(), "A-1")
    sealing.seal(seals, roots, SEALED_AT)
    tamper(new_database, "update seal_batch set last_xact = '999999999' where table_name = 'event'")
    with pytest.raises(ArrearsError) as caught:
        sealing.seal(seals, roots, SEALED_AT)
    assert caught.value.code == "store.restored_below_seals"
