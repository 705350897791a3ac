"""The how-to page about money: its story told again, every answer as it is printed there."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arrears.entrypoints.cli.main import run

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "money-without-a-name.md"
COMMAND = re.compile(
    r"^\$ (?:echo '(?P<document>.*?)' \| )?arrears (?P<words>[^\n]*)\n(?P<answer>.*?)(?=^\$ |\Z)",
    re.MULTILINE | re.DOTALL,
)


def test_the_story_is_as_it_is_told(
    new_database: Any,  # noqa: ANN401 - see tests/conftest.py
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each command of the page in order on a new book: where an answer is shown, it is that one."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", new_database.app_url)
    monkeypatch.setenv("ARREARS_LANG", "en")
    blocks = re.findall(
        r"^```console\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    story = [found for block in blocks for found in COMMAND.finditer(block)]
    assert len(story) > 15
    for told in story:
        monkeypatch.setattr(sys, "stdin", io.StringIO(told["document"] or ""))
        code = run(told["words"].split())
        printed = capsys.readouterr().out
        if told["answer"].strip():
            assert json.loads(printed) == json.loads(told["answer"].replace("\n ", " "))
            assert code == (3 if '"refused"' in printed else 0)
