"""The page on exports: its queries run, and its tables are those that are written."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest

from arrears.app.exporting import SCHEMA, TABLES
from arrears.entrypoints.cli.main import run

if TYPE_CHECKING:
    from arrears.app.exporting import Exported

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = DOCS / "how-to"
PAGE = (DOCS / "reference" / "export.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
PROGRAM = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]


@pytest.fixture(scope="module")
def folder(book, export, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export."""
    to: Path = tmp_path_factory.mktemp("export")
    done: Exported = export(book[0], to)
    assert done.files
    return to


def test_the_queries_run(book, folder: Path) -> None:
    """The first counts the active accounts, the second sums to zero, the program finds every repayment."""
    store, _ = book
    by_bucket, balance = (
        duckdb.sql(each.replace("DIR", str(folder))).fetchall() for each in QUERIES
    )
    with store.unit_of_work() as work:
        told: dict[str, Any] = {each["status"]: each["accounts"] for each in work.statuses()}
    assert sum(row[2] for row in by_bucket) == told["active"]
    assert len(balance) > 3
    assert sum(row[2] for row in balance) == 0
    found: dict[str, Any] = {}
    exec(PROGRAM.replace("DIR", str(folder)), found)  # noqa: S102 - the page's own program
    assert found["late"]["len"].sum() > 0


def test_the_commands_of_valuing_run(folder: Path, tmp_path: Path, capsys) -> None:
    """Each command of the page on valuing is taken, and each column of what it writes is told there."""
    page = (HOW_TO / "value-the-book.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ arrears (value .*)$", page, re.MULTILINE)
    here = [line for line in commands if "spark" not in line]
    assert len(here) == 3
    for line in here:
        words = line.replace("/data/export", str(folder)).replace("/data/values", f"{tmp_path}/v")
        assert run(shlex.split(words)) == 0
        assert capsys.readouterr().out
    written = pq.read_schema(next(tmp_path.rglob("*.parquet"))).names
    told = {*re.findall(r"`(\w+)`", page), "slot", "account_id", "currency"}
    assert set(written) <= told


def test_every_column_is_told(folder: Path) -> None:
    """Each column of each table stands under the table's heading, and the manifest's fields under its own."""
    parts = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
    for table in TABLES:
        path = next((folder / table).rglob("*.parquet"))
        assert set(pq.read_schema(path).names) <= set(re.findall(r"`(\w+)`", parts[table])), table
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == SCHEMA
    fields = {*manifest, *manifest["exports"][0], *manifest["files"][0]}
    assert fields <= set(re.findall(r"`(\w+)`", parts["manifest.json"]))
