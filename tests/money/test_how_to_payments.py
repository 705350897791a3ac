"""The how-to page about files of payments: its story told again, and what is wrong with a whole file."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path

import polars as pl
import pytest

from arrears.adapters.payment_files import read_payments
from arrears.entrypoints.cli.main import run
from arrears.kernel.errors import ArrearsError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "post-many-payments.md"
COMMAND = re.compile(
    r"^\$ (?:echo '(?P<document>.*?)' \| )?arrears (?P<words>[^\n]*)\n(?P<answer>.*?)(?=^\$ |\Z)",
    re.MULTILINE | re.DOTALL,
)
HEADING = "account_id,amount,on,channel,ref"


@pytest.fixture
def command(new_database, tmp_path, monkeypatch, capsys):  # noqa: ANN201 - a function
    """A command in a folder of its own on a new book: its exit code and what it printed."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", new_database.app_url)
    monkeypatch.setenv("ARREARS_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def call(words: str, document: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(document))
        code = run(words.split())
        return code, capsys.readouterr().out

    return call


def test_the_story_is_as_it_is_told(command) -> None:
    """Each command of the page in order, its files as they are shown: the same words, the same report."""
    page = PAGE.read_text("utf-8")
    names = re.findall(r"`(\w+\.csv)`", page)
    files = re.findall(r"^```csv\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for name, text in zip(names, files, strict=True):
        Path(name).write_text(text, encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    story = [found for block in blocks for found in COMMAND.finditer(block)]
    assert len(story) == 6
    for told in story:
        code, printed = command(told["words"], told["document"] or "")
        if told["answer"].strip():
            assert printed == told["answer"]
            assert code == (0 if "rejected 0" in printed else 2)
        else:
            assert code == 0, printed
    with Path("rejected.csv").open(encoding="utf-8", newline="") as file:
        rejects = list(csv.reader(file))
    assert [row[:4] for row in rejects] == [
        ["line", "field", "value", "code"],
        ["5", "account_id", "L-3", "account.unknown"],
        ["6", "amount", "4OO.00", "money.malformed"],
    ]
    assert json.loads(command("payments import late.csv --json")[1]) == {
        "lines": 2, "recorded": 0, "already_recorded": 2, "in_suspense": 0, "rejects": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "tape.unreadable"),
        ("", "tape.missing_column"),
        ("account_id,amount,on,channel\nL-1,1,2026-01-05,icbc\n", "tape.missing_column"),
        (f"{HEADING},colour\nL-1,1,2026-01-05,icbc,1,red\n", "tape.unknown_column"),
        (f"{HEADING},ref\n", "tape.unknown_column"),
        (f'{HEADING}\nL-1,"1,2026-01-05,icbc,1\n', "tape.unreadable"),
        (f"{HEADING}\nL-1,\udcff,2026-01-05,icbc,1\n", "tape.unreadable"),
    ],
)
def test_a_broken_file_is_refused_whole(command, text: str | None, code: str) -> None:
    """No file, no heading, a column that lacks or means nothing, an open quote: one error, nothing done."""
    if text is not None:
        Path("f.csv").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ArrearsError) as caught:
        read_payments(Path("f.csv"))
    assert caught.value.code == code
    assert command("payments import f.csv")[0] == 2


def test_a_parquet_file_reads_as_a_csv_file(tmp_path) -> None:
    """Numbers and days as Parquet types, missing values empty, rows counted from 1; gzip is read too."""
    table = pl.DataFrame(
        {
            "account_id": ["L-1", "L-2"], "amount": ["400.00", None], "channel": ["icbc", "icbc"],
            "on": [pl.date(2026, 2, 5), pl.date(2026, 2, 6)], "ref": [17, 18], "seq": [None, 2],
        },
    ).with_columns(on=pl.Series(["2026-02-05", "2026-02-06"]).str.to_date())  # fmt: skip
    table.write_parquet(tmp_path / "f.parquet")
    rows = read_payments(tmp_path / "f.parquet")
    assert [tuple(row) for row in rows] == [
        (1, "L-1", "400.00", "2026-02-05", "icbc", "17", "", "", "", ""),
        (2, "L-2", "", "2026-02-06", "icbc", "18", "", "", "2", ""),
    ]
