"""The whole book valued from its export: as each account says by itself."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl
import psycopg
import pytest

from arrears import bootstrap
from arrears.app.owing import owing
from arrears.app.refolding import read_stored
from arrears.app.valuing import FIGURES, By, Question, value_export
from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import Component

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arrears.app.valuing import Valuation

#: Before most was lent, on the day of the export, and long after.
DAYS = (date(2026, 2, 10), date(2026, 3, 31), date(2027, 6, 30))


@pytest.fixture(scope="module")
def value(frame) -> Callable[..., Valuation]:
    """Value an export in this process."""

    def valued(
        folder: Path,
        on: date,
        by: By = By.BUCKET,
        *,
        known_at: datetime | None = None,
        to: Path | None = None,
    ) -> Valuation:
        return value_export(
            bootstrap.export_folder(folder),
            str(folder),
            bootstrap.layout(),
            Question(as_of=on, known_at=known_at, ageing=frame.ageing_on(on), by=by),
            bootstrap.value_engine("local"),
            to=None if to is None else bootstrap.valued_folder(to),
        )

    return valued


@pytest.fixture(scope="module")
def folder(book, export, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export."""
    to: Path = tmp_path_factory.mktemp("export")
    export(book[0], to)
    return to


def accounts_in(folder: Path) -> pl.DataFrame:
    """The accounts that were written one by one."""
    return pl.read_parquet(folder / "*.parquet").sort("account_id")


@pytest.mark.parametrize("on", DAYS)
def test_each_account_is_valued_as_it_says_itself(book, frame, folder, value, tmp_path, on) -> None:
    """Figures, ages, bucket, class and status are those of the account folded from its documents."""
    store, _ = book
    value(folder, on, to=tmp_path / "values")
    rows = {row["account_id"]: row for row in accounts_in(tmp_path / "values").to_dicts()}
    with store.unit_of_work() as work:
        keys = work.connection.execute("select slot, account_id from account").fetchall()
        accounts = work.read([(key["slot"], key["account_id"]) for key in keys])
    assert len(rows) == len(accounts) == 25
    for account in accounts:
        told = owing(*read_stored(account), on, frame.snapshot)
        row, state = rows[account.account_id], told.state
        assert row["status"] == state.status.value
        assert (row["bucket"], row["five_class"], row["bureau"]) == (
            told.standing.bucket,
            told.standing.five_class,
            told.standing.bureau,
        )
        assert (row["principal_minor"], row["payoff_minor"], row["credit_minor"]) == (
            state.principal_minor,
            state.payoff_minor,
            state.credit_balance_minor,
        )
        assert row["overdue_minor"] == sum(state.overdue_minor)
        assert row["days_past_due"] == state.days_past_due
        assert row["days_delinquent"] == state.days_delinquent
        assert row["is_non_accrual"] == state.is_non_accrual
        due_minor = sum(
            each.outstanding_minor[Component.INTEREST] for each in state.rows if each.is_due
        )
        assert row["interest_minor"] - row["accrued_interest_minor"] == due_minor


@pytest.mark.parametrize("by", list(By))
def test_groups_add_up_their_accounts(folder, value, tmp_path, by: By) -> None:
    """Whatever the groups, each figure is the sum over the accounts of the group, none left out."""
    valuation = value(folder, DAYS[1], by, to=tmp_path / "values")
    rows = accounts_in(tmp_path / "values").with_columns(none=pl.lit(""))
    group = pl.format("{}", pl.col(by.value).cast(pl.String).str.zfill(4 if by is By.SLOT else 0))
    amounts = [name for name in FIGURES if name.endswith("_minor")]
    summed = rows.group_by("currency", group.alias("group")).agg(
        pl.len().alias("accounts"), *[pl.col(name).sum() for name in amounts]
    )
    wanted = {(row["currency"], row["group"]): row for row in summed.to_dicts()}
    found = {(row["currency"], row["group"]): row for row in valuation.figures()}
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        assert {name: found[key][name] for name in row} == row


def test_the_newest_columns_count_and_what_was_known(book, folder, export, value, tmp_path) -> None:
    """After a second export an account is valued once, by what was posted since.

    Asked what was known before that was recorded, it is valued as if nobody had paid.
    """
    store, made = book
    shutil.copytree(folder, tmp_path / "export")
    before = value(folder, DAYS[1], By.NONE)
    made.clock = lambda: datetime(2026, 4, 1, tzinfo=UTC)
    paid = {"id": "X1", "on": "2026-03-30", "type": "repaid", "amount": "10.00"}
    owes = next(row[0] for row in owing_accounts(store))
    made.post(owes, paid)
    assert export(store, tmp_path / "export").rows("accounts") == 1
    after = value(tmp_path / "export", DAYS[1], By.NONE)
    then = value(tmp_path / "export", DAYS[1], By.NONE, known_at=datetime(2026, 3, 31, tzinfo=UTC))
    assert after.figure("accounts") == before.figure("accounts") == 25
    assert after.figure("payoff_minor") < before.figure("payoff_minor")
    assert then.totals == before.totals


def owing_accounts(store) -> list[tuple[str]]:
    """Accounts that owe more than a little."""
    with store.unit_of_work() as work:
        rows = work.connection.execute(
            "select account_id from account_state where payoff_minor > 5000 order by 1"
        ).fetchall()
    return [(row["account_id"],) for row in rows]


def test_what_cannot_be_read_is_counted_and_not_added(
    database, book, export, value, tmp_path
) -> None:
    """An account whose documents make no sense is told apart; the others are valued."""
    store, _ = book
    name = owing_accounts(store)[0][0]
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            'update account set contract = contract || \'{"kind": "hat"}\' where account_id = %s',
            [name],
        )
        connection.execute("update account_columns set layout = '' where account_id = %s", [name])
        connection.commit()
        export(store, tmp_path / "export")
        connection.execute(
            'update account set contract = contract || \'{"kind": "loan"}\' where account_id = %s',
            [name],
        )
    valuation = value(tmp_path / "export", DAYS[1], By.NONE, to=tmp_path / "values")
    assert (valuation.figure("accounts"), valuation.figure("broken")) == (25, 1)
    rows = accounts_in(tmp_path / "values")
    broken = rows.filter(pl.col("broken") != 0).to_dicts()
    assert [row["account_id"] for row in broken] == [name]
    assert broken[0]["payoff_minor"] is broken[0]["status"] is None
    assert rows["payoff_minor"].sum() == valuation.figure("payoff_minor")


def test_a_file_that_was_cut_off_is_told(folder, value, tmp_path) -> None:
    """A file of another length than its manifest says is refused by name."""
    shutil.copytree(folder, tmp_path / "export")
    path = next((tmp_path / "export" / "columns").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArrearsError) as told:
        value(tmp_path / "export", DAYS[1])
    assert told.value.code == "export.damaged"
    assert told.value.where == str(path.relative_to(tmp_path / "export"))
