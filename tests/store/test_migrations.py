"""Migrations: each once, in order, with its check; the schema is what they make and nothing else."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from arrears.adapters.postgres import migrating
from arrears.adapters.postgres.connection import check_role
from arrears.kernel.errors import ArrearsError, InvariantError

GOLDEN = Path(__file__).with_name("schema.txt")
#: Everything a database says about our tables: columns, constraints, indexes, triggers, functions, rights.
DESCRIBE = """
select 'table ' || c.relname || ' of ' || pg_get_userbyid(c.relowner)
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
union all
select 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
       || case when attnotnull then ' not null' else '' end
       || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
from pg_attribute a left join pg_attrdef d on (adrelid, adnum) = (attrelid, attnum)
where attrelid in (select oid from pg_class
                   where relnamespace = 'public'::regnamespace and relkind = 'r')
  and attnum > 0 and not attisdropped
union all
select 'constraint ' || conrelid::regclass || '.' || conname || ' ' || pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
union all
select 'index ' || indexdef from pg_indexes where schemaname = 'public'
union all
select 'trigger ' || pg_get_triggerdef(oid) || ' ' || tgenabled::text from pg_trigger where not tgisinternal
union all
select 'right of ' || grantee || ' on ' || table_name || ': '
       || string_agg(privilege_type, ', ' order by privilege_type)
from information_schema.role_table_grants
where table_schema = 'public' and grantee <> 'arrears_owner' group by grantee, table_name
union all
select 'right of ' || grantee || ' on ' || table_name || ' (' || privilege_type || '): '
       || string_agg(column_name, ', ' order by column_name)
from information_schema.column_privileges p
where table_schema = 'public' and grantee <> 'arrears_owner' and privilege_type in ('INSERT', 'UPDATE')
  and not exists (select from information_schema.role_table_grants t
                  where (t.grantee, t.table_name, t.privilege_type)
                        = (p.grantee, p.table_name, p.privilege_type))
group by grantee, table_name, privilege_type
union all
select 'function ' || p.oid::regprocedure || case when prosecdef then ' as its owner ' else ' ' end
       || md5(prosrc)
from pg_proc p where pronamespace = 'public'::regnamespace
order by 1
"""


def described(url: str) -> str:
    """The schema as text, sorted."""
    with psycopg.connect(url) as connection:
        return "".join(f"{row[0]}\n" for row in connection.execute(DESCRIBE))


def test_the_schema_is_what_the_migrations_make(bare_database) -> None:
    """All migrations, one after another, give exactly the schema kept in `schema.txt`.

    `ARREARS_WRITE_GOLDENS=1` writes it anew, to be read before it is kept.
    """
    names = [name for name, _, _ in migrating.migrations()]
    for name in names:
        assert migrating.migrate(bare_database.owner_url, up_to=name) == [name]
    found = described(bare_database.superuser_url)
    if os.environ.get("ARREARS_WRITE_GOLDENS"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_names_say_the_order() -> None:
    """Migrations are numbered without a gap, and every one ends with a check."""
    for number, (name, text, _) in enumerate(migrating.migrations(), start=1):
        assert name.startswith(f"{number:04}_")
        assert "\n-- check: " in text


def test_applied_migrations_are_not_applied_again(new_database) -> None:
    """On a migrated database there is nothing left to do."""
    assert migrating.migrate(new_database.owner_url) == []


def test_two_migrate_at_once_and_each_is_applied_once(bare_database) -> None:
    """Two at the same time: the second waits, and between them everything is applied once."""
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(migrating.migrate, [bare_database.owner_url] * 2))
    assert sorted(both[0] + both[1]) == [name for name, _, _ in migrating.migrations()]


def test_an_applied_migration_that_was_edited_is_an_error(new_database) -> None:
    """A checksum that differs is told to whoever migrates and to whoever opens the store."""
    with psycopg.connect(new_database.owner_url) as connection:
        connection.execute("update migration set checksum = 'edited' where name like '0001%'")
    for attempt, url in (
        (migrating.migrate, new_database.owner_url),
        (check_role, new_database.app_url),
    ):
        with pytest.raises(ArrearsError) as caught:
            attempt(url)
        assert caught.value.code == "store.migration_changed"


def test_a_database_without_all_migrations_is_not_opened(bare_database) -> None:
    """A schema older than the code is `store.schema_behind`, naming the first one missing."""
    first, second = [name for name, _, _ in migrating.migrations()][:2]
    migrating.migrate(bare_database.owner_url, up_to=first)
    with pytest.raises(ArrearsError) as caught:
        check_role(bare_database.app_url)
    assert caught.value.code == "store.schema_behind"
    assert second in caught.value.expected


def test_a_migration_that_fails_its_check_leaves_nothing(
    bare_database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Check and change are one transaction: what does not hold is not there, nor noted."""
    bad = "create table half (a integer);\n-- check: it cannot hold\nselect 1 / 0;"
    monkeypatch.setattr(migrating, "migrations", lambda: [("0001_bad.sql", bad, "x")])
    with pytest.raises(InvariantError, match=r"store\.refused"):
        migrating.migrate(bare_database.owner_url)
    with psycopg.connect(bare_database.owner_url) as connection:
        assert connection.execute("select to_regclass('half')").fetchone() == (None,)
        assert connection.execute("select * from migration").fetchall() == []
