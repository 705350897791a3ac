"""What the application's role cannot do, what even the owner cannot, and which roles are refused."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import psycopg
import pytest

from arrears.adapters.postgres.connection import check_role
from arrears.kernel.errors import ArrearsError

APPEND_ONLY = (
    "account", "event", "journal", "posting_policy", "transition", "outbox", "idempotency", "receipt", "receipt_resolution",
    "run", "run_start", "run_slot", "run_attempt", "run_stop", "period", "period_part", "seal_batch", "product", "policy_snapshot",
    "borrower", "source_reference",
    "refund_task", "refund_task_end", "collection", "collection_end",
    "address_closed", "case_event", "permit", "dispatch", "contact_outcome", "contact_refusal", "contact_breach",
    "case_change",
)  # fmt: skip
#: The others: what the application may renew there, and what the owner is refused all the same.
WORK: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "account_state": (
        {
            "basis", "bucket", "bureau", "credit_minor", "days_past_due", "five_class", "folded_to",
            "is_non_accrual", "next_action_on", "payoff_minor", "principal_minor", "status", "version",
        },
        ("delete from account_state", "truncate account_state"),
    ),
    "account_columns": (
        {"layout", "terms", "orders", "rows", "events"},
        ("delete from account_columns", "truncate account_columns"),
    ),
    "parked": (
        {"resolved_at"},
        ("update parked set cause = ''", "delete from parked", "truncate parked"),
    ),
    "recovery_case": (
        {
            "anchor_on", "bucket", "closed_for", "closed_on", "not_before", "reason", "taken_by",
            "taken_until",
        },
        ("delete from recovery_case", "truncate recovery_case cascade"),
    ),
    "case_account": ({"left_on"}, ("delete from case_account", "truncate case_account")),
    "outbox_delivery": ({"attempts", "delivered_at", "last_error"}, ()),
    "borrower_salt": (set(), ()),  # erased whole, so that a commitment means nothing; never renewed
    "migration": (set(), ()),
    "suppression_key": (set(), ()),  # nobody but the function that uses it may read it
    "person": (
        {"name", "time_zone", "document_ref", "expires_on", "erased_at"},
        ("delete from person", "truncate person cascade"),
    ),
    "contact_point": (
        {"value", "has_consent", "consent_ref", "erased_at"},
        ("delete from contact_point", "truncate contact_point cascade"),
    ),
    "agreed_hours": (
        {"revoked_at"},
        ("delete from agreed_hours", "truncate agreed_hours cascade"),
    ),
    "hold": (
        {"until_at", "lifted_at", "lifted_by", "lifted_because"},
        ("delete from hold", "truncate hold cascade"),
    ),
    "placement": (
        {"recalled_at", "suspended_at", "suspended_because"},
        ("delete from placement", "truncate placement cascade"),
    ),
    "message": (
        {"subject", "body", "erased_at"},
        ("delete from message", "truncate message cascade"),
    ),
    "incident": (
        {"answered_at", "answered_by"},
        ("delete from incident", "truncate incident cascade"),
    ),
}  # fmt: skip
DENIED = psycopg.errors.InsufficientPrivilege
REFUSED = psycopg.errors.RestrictViolation


def fails(url: str, *statements: str) -> psycopg.Error | None:
    """The error of the last statement; those before it pass. None where it passes too."""
    *before, last = statements
    with psycopg.connect(url) as connection:
        for statement in before:
            connection.execute(statement)
        try:
            connection.execute(last)
        except psycopg.Error as error:
            return error
        finally:
            connection.rollback()
    return None


def a_column(url: str, table: str) -> str:
    """Some column of a table."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 limit 1",
            [table],
        ).fetchone()
    assert row
    return str(row[0])


@pytest.fixture(scope="module")
def book(database):  # noqa: ANN201 - see tests/conftest.py
    """A database with rows in it, so that row triggers have something to refuse."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            "insert into account (slot, account_id, borrower_id, product, currency, contract, opened_on)"
            " values (1, 'A-1', 'B-1', 'cash', 'CNY', '{}', '2026-01-05')"
        )
        connection.execute(
            "insert into event (slot, account_id, event_id, type, value_on, recorded_at, effective_seq,"
            " body, channel, source_ref) values (1, 'A-1', 'E-1', 'repaid', '2026-02-05',"
            " '2026-02-05T00:00Z', 1, '{}', 'bank', 'T-1')"
        )
        connection.execute("insert into posting_policy (digest) values ('')")
        connection.execute(
            "insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind,"
            " stage, value_on, booked_on, debit_account, credit_account, amount_minor, currency,"
            " policy) values (1, 'A-1', 'A-1/1', 1, 0, 1, 0, 6, 0, '2026-02-05', '2026-02-05',"
            " 'clearing', 'loans_normal', 100, 'CNY', 1)"
        )
    return database


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("words", ["update {0} set {1} = {1}", "delete from {0}", "truncate {0}"])
@pytest.mark.parametrize("before", [(), ("reset role",), ("grant all on journal to arrears_app",)])
def test_the_application_changes_no_record(book, table, words, before) -> None:
    """UPDATE, DELETE and TRUNCATE are denied on every append-only table, also after RESET ROLE and a GRANT to itself."""
    statement = words.format(table, a_column(book.superuser_url, table))
    assert isinstance(fails(book.app_url, *before, statement), DENIED)


@pytest.mark.parametrize(
    "statement",
    [
        "set role arrears_owner",
        "set session authorization arrears_owner",
        "alter table journal disable trigger all",
        "alter table journal disable trigger append_only",
        "drop trigger append_only on journal",
        "drop table journal cascade",
        "drop function refuse_change() cascade",
        "create or replace function refuse_change() returns trigger language sql as 'select null'",
        "alter table journal owner to arrears_app",
        "alter role arrears_app superuser",
        "create table journal_of_my_own (a integer)",
        "set session_replication_role = replica",
        "update migration set checksum = ''",
        "update account set contract = '{}'",
        "update account set borrower_id = 'B-2'",
        "delete from account",
        "insert into journal (written_by) values ('1')",
        "insert into event (row_number) overriding system value values (1)",
        "insert into account (written_by) values ('1')",
        "insert into policy_snapshot (row_number) overriding system value values (1)",
        "update account set policy = '{}'",
    ],
)
def test_the_application_finds_no_way_round(book, statement) -> None:
    """Becoming another, disarming a trigger, dropping, granting, choosing a row's place: all denied."""
    assert isinstance(fails(book.app_url, statement), (DENIED, psycopg.errors.DuplicateFunction))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_triggers_refuse_the_owner_to_empty_a_table(book, table) -> None:
    """TRUNCATE is refused on every append-only table, even as the owner and as the superuser."""
    for url in (book.owner_url, book.superuser_url):
        assert isinstance(fails(url, f"truncate {table} cascade"), REFUSED)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("words", ["update {0} set {1} = {1}", "delete from {0}"])
def test_triggers_refuse_the_owner(book, table, words) -> None:
    """UPDATE and DELETE are refused on every append-only table, even as owner and as superuser."""
    statement = words.format(table, a_column(book.superuser_url, table))
    for url in (book.owner_url, book.superuser_url):
        assert isinstance(fails(url, statement), REFUSED)


@pytest.mark.parametrize("table", WORK)
def test_facts_beside_the_work_stay_whoever_asks(book, table) -> None:
    """Where something may be renewed, the application renews that alone, and the owner no fact."""
    renewed, refused = WORK[table]
    with psycopg.connect(book.superuser_url) as connection:
        columns = connection.execute(
            "select attname from pg_attribute"
            " where attrelid = %(table)s::regclass and attnum > 0 and not attisdropped"
            " and has_column_privilege('arrears_app', attrelid, attnum, 'update')",
            {"table": table},
        ).fetchall()
    assert {name for (name,) in columns} == renewed
    for statement in refused:
        assert isinstance(fails(book.app_url, statement), DENIED)
        for url in (book.owner_url, book.superuser_url):
            assert isinstance(fails(url, statement), REFUSED)


def test_no_table_is_forgotten_here(book) -> None:
    """Every table is either only added to, or among those of which this file says what may change."""
    with psycopg.connect(book.superuser_url) as connection:
        rows = connection.execute(
            "select relname from pg_class where relkind in ('r', 'p')"
            " and relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert {name for (name,) in rows} == {*APPEND_ONLY, *WORK}


@pytest.mark.parametrize("role", ["arrears_owner", "postgres"])
def test_a_role_that_could_rewrite_the_books_is_refused(database, role) -> None:
    """As owner or superuser the application does not even begin; as itself it does."""
    with pytest.raises(ArrearsError) as caught:
        check_role(database.url(role))
    assert caught.value.code == "store.role_too_strong"
    assert role in caught.value.got
    check_role(database.app_url)


def test_a_member_of_the_owner_is_refused(new_database) -> None:
    """A role that owns nothing but may SET ROLE to the owner is as strong as the owner."""
    with psycopg.connect(new_database.superuser_url) as connection:
        connection.execute("create role sly login")
        connection.execute("grant arrears_owner to sly")
        connection.execute("grant select on migration to sly")
    with pytest.raises(ArrearsError) as caught:
        check_role(new_database.url("sly"))
    assert caught.value.code == "store.role_too_strong"


@pytest.mark.parametrize(
    ("amount_minor", "credit"), [(0, "loans_normal"), (-1, "loans_normal"), (1, "clearing")]
)
def test_the_database_itself_refuses_an_unbalanced_row(book, amount_minor, credit) -> None:
    """No amount of nothing, none below nothing, and no account against itself."""
    statement = (
        "insert into journal (slot, account_id, entry_id, seq, contract, instalment, component, kind,"  # noqa: S608 - our own words
        " stage, value_on, booked_on, debit_account, credit_account, amount_minor, currency,"
        f" policy) values (1, 'A-1', 'A-1/2', 1, 0, 1, 0, 6, 0, '2026-02-05', '2026-02-05',"
        f" 'clearing', '{credit}', {amount_minor}, 'CNY', 1)"
    )
    assert isinstance(fails(book.app_url, statement), psycopg.errors.CheckViolation)


def test_the_reader_reads_and_does_nothing_else(book) -> None:
    """The reader sees the journal, writes nothing, and never sees a salt."""
    assert fails(book.url("arrears_reader"), "select * from journal") is None
    assert isinstance(fails(book.url("arrears_reader"), "select * from borrower_salt"), DENIED)
    assert isinstance(fails(book.url("arrears_reader"), "insert into run default values"), DENIED)
