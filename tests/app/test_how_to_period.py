"""The how-to page about ending a period: its story told again, every answer as it is printed there."""

# ruff: noqa: ANN001 - fixtures are typed where they are made

from __future__ import annotations

import json
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "end-a-period.md"
COMMAND = re.compile(
    r"^\$ (?:echo '(?P<document>.*?)' \| )?arrears (?P<words>[^\n]*)\n(?P<answer>.*?)(?=^\$ |\Z)",
    re.MULTILINE | re.DOTALL,
)
COMMANDS = 6


def test_the_story_is_as_it_is_told(arrears) -> None:
    """Each command of the page in order on a new book: where an answer is shown, it is that one."""
    page = PAGE.read_text("utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    story = [found for block in blocks for found in COMMAND.finditer(block)]
    assert len(story) == COMMANDS
    for told in story:
        words = told["words"].split()
        if words[0] == "close":
            words.append("--interpreted")
        document = json.loads(told["document"]) if told["document"] else None
        code, printed = arrears(*words, stdin=document)
        assert code == 0, printed
        if told["answer"].strip():
            assert printed == told["answer"]
