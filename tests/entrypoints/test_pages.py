"""The README and the page on explaining a balance: what they say a command answers, it answers."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from arrears.entrypoints.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs" / "how-to" / "explain-a-balance.md").read_text(encoding="utf-8")
LATE, STATE, MOVEMENT = re.findall(r"```json\n(.*?)```", HOW_TO, re.DOTALL)
LOAN = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)[0]
TERMS = re.findall(r"echo '(\{.*?\})' \| arrears quote", TEXT)[0]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # noqa: ANN201 - a function
    """Put a question to the command line, in English."""
    monkeypatch.setenv("ARREARS_LANG", "en")

    def answer(text: str, *words: str) -> dict[str, Any]:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        assert run(list(words)) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return answer


def is_part(shown: object, whole: object) -> bool:
    """Whether all that is shown stands in the whole; what a page leaves out does not matter."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(name in whole and is_part(each, whole[name]) for name, each in shown.items())
    if isinstance(shown, list) and isinstance(whole, list):
        return len(shown) == len(whole) and all(map(is_part, shown, whole))
    return shown == whole


def test_the_quote_is_what_is_said(ask) -> None:  # noqa: ANN001 - see the fixture
    """First row, all interest and the three rates of the first example."""
    answer = ask(TERMS, "quote")
    first = answer["rows"][0]
    said = re.sub(r"\s+", " ", TEXT)
    assert f"the first due on {first['due_on']} with {first['principal']} of principal" in said
    assert f"{first['interest']} of interest, {answer['totals']['interest']} of interest" in said
    assert json.dumps(answer["annualised_cost"]) in said


def test_the_explanation_is_what_is_said(ask) -> None:  # noqa: ANN001 - see the fixture
    """Age, bucket, class, pay-off and every sentence shown."""
    answer = ask(LOAN, "balance", "--explain")
    head = f"says: {answer['days_past_due']} days past due, bucket {answer['bucket']}, class"
    assert head in TEXT
    assert f"`{answer['class']}`, pay-off {answer['payoff']}" in TEXT
    shown = re.findall(r"^\d{4}-\d{2}-\d{2}: .*$", TEXT, re.MULTILINE)
    assert shown
    assert not set(shown) - {movement["sentence"] for movement in answer["movements"]}


def test_the_projection_is_what_is_said(ask) -> None:  # noqa: ANN001 - see the fixture
    """Each row of the table is a step of the projection."""
    steps = ask(LOAN, "balance", "--until", "2026-08-01")["projection"]
    names = ("as_of", "days_past_due", "bucket", "class", "payoff")
    rows = {"| " + " | ".join(str(step[name]) for name in names) + " |" for step in steps}
    shown = re.findall(r"^\| \d{4}-\d{2}-\d{2} \|.*$", TEXT, re.MULTILINE)
    assert shown
    assert not set(shown) - rows


def test_the_late_account_is_what_is_said(ask) -> None:  # noqa: ANN001 - see the fixture
    """The page on explaining: state, one movement in full, and every row of its projection."""
    answer = ask(LATE, "balance", "--explain", "--until", "2026-06-01")
    assert is_part(json.loads(f"{{{STATE}}}"), answer)
    assert any(is_part(json.loads(MOVEMENT), each) for each in answer["movements"])
    names = ("as_of", "days_past_due", "bucket", "class", "payoff")
    rows = {
        "| " + " | ".join(str(step[name]) for name in names) + " |" for step in answer["projection"]
    }
    shown = re.findall(r"^\| \d{4}-\d{2}-\d{2} \|.*$", HOW_TO, re.MULTILINE)
    assert shown
    assert not set(shown) - rows


def test_the_sentence_is_chinese_where_it_is_said(ask, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN001 - see the fixture
    """The Chinese sentence on the page is one of the account's own."""
    monkeypatch.setenv("ARREARS_LANG", "zh")
    answer = ask(LATE, "balance", "--explain")
    assert any(each["sentence"] in HOW_TO for each in answer["movements"])
