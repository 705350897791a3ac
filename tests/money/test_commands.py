"""The doors for money by command line: JSON in, JSON out, one message where something is wrong."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from arrears.entrypoints.cli.main import run
from arrears.entrypoints.schema_files import MODELS, schema

if TYPE_CHECKING:
    from collections.abc import Callable

    Says = Callable[..., tuple[int, Any]]

LOAN = {
    "account_id": "L-1",
    "borrower_id": "B-1",
    "contract": {"terms": {"principal": "1200", "disbursed_on": "2026-01-05", "instalments": 3}},
    "events": [{"id": "D1", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}],
}


@pytest.fixture
def says(
    new_database: Any,  # noqa: ANN401 - see tests/conftest.py
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Says:
    """Run a command on a new book: (words, document) -> (exit code, answer or error)."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", new_database.app_url)
    monkeypatch.setenv("ARREARS_LANG", "en")

    def call(words: str, document: object = None) -> tuple[int, Any]:
        text = "" if document is None else json.dumps(document)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        code = run([*words.split(), "--json"])
        captured = capsys.readouterr()
        return code, json.loads(captured.out or captured.err)

    return call


def test_money_without_a_name_by_command(says: Says) -> None:
    """Taken in, listed, matched, split, returned and sent back; the list is empty in the end."""
    says("book", LOAN)
    says("book", {**LOAN, "account_id": "L-2"})
    says("close --to 2026-02-10")
    line = {"channel": "icbc", "ref": "2026020300017"}
    came = {"receipt_id": "R-1", "amount": "500.00", "on": "2026-02-03", "source": line}
    assert says("receipts add", came)[1]["in_suspense"] == "500.00"
    code, listed = says("receipts list")
    assert (code, listed["in_suspense"]) == (0, {"CNY": "500.00"})
    assert listed["receipts"][0]["source"] == line
    matched = says("receipts match", {"receipt_id": "R-1", "account_id": "L-1", "amount": "400.00"})
    assert matched[1]["parts"] == {"L-1": "400.00"}
    parts = [{"account_id": "L-2", "amount": "60.00"}, {"account_id": "L-1", "amount": "0.50"}]
    assert (
        says("receipts split", {"receipt_id": "R-1", "parts": parts})[1]["in_suspense"] == "39.50"
    )
    returned = says("receipts return", {"receipt_id": "R-1"})[1]
    assert (returned["returned"], returned["in_suspense"]) == ("39.50", "0.00")
    became = says("receipts show R-1")[1]["became"]
    assert [(each["part"], each["kind"], each["account_id"]) for each in became] == [
        (1, "matched", "L-1"),
        (2, "split", "L-2"),
        (3, "split", "L-1"),
        (4, "returned", None),
    ]
    (task,) = says("refunds list")[1]["refunds"]
    assert (task["receipt_id"], task["amount"], task["status"]) == ("R-1", "39.50", "open")
    done = {"task_id": task["task_id"], "on": "2026-02-11"}
    assert says("refunds done", done)[1]["outcome"] == "done"
    assert says("refunds list")[1] == {"refunds": []}
    assert says("refunds list --all")[1]["refunds"][0]["status"] == "done"
    assert says("receipts list")[1] == {"receipts": [], "in_suspense": {}}


def test_a_request_that_is_refused_says_what_is_left(
    says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3 and a sentence in the reader's language; the same request again is the same answer."""
    says("book", LOAN)
    says("close --to 2026-01-19")
    assert says("collect", {"request_id": "C-1", "account_id": "L-1", "amount": "900.00"})[0] == 0
    asked = {"request_id": "C-2", "account_id": "L-1", "amount": "300.01"}
    code, answer = says("collect", asked)
    assert (code, answer["outcome"], answer["left"]) == (3, "refused", "300.00")
    assert answer["sentence"].startswith(
        "Refused: 300.01 was asked for, and what is left is 300.00"
    )
    monkeypatch.setenv("ARREARS_LANG", "zh")
    assert "剩余应还为 300.00" in says("collect", asked)[1]["sentence"]
    assert [each["request_id"] for each in says("collect list")[1]["collections"]] == ["C-1"]
    assert says("collect failed", {"request_id": "C-1"})[1]["outcome"] == "failed"
    assert says("collect list")[1] == {"collections": []}
    assert says("collect list --all")[1]["collections"][0]["status"] == "failed"


def test_a_line_by_command_is_one_payment(says: Says) -> None:
    """`post` takes the bank's line, `receive` a borrower: the line is money once."""
    says("book", LOAN)
    line = {"channel": "icbc", "ref": "T-1"}
    event = {"id": "P1", "on": "2026-02-05", "type": "repaid", "amount": "400.00"}
    posted = says("post", {"account_id": "L-1", "event": event, "source": line})
    assert (posted[0], posted[1]["outcome"]) == (0, "recorded")
    received = {"receipt_id": "R-1", "borrower_id": "B-1", "amount": "400.00", "on": "2026-02-05"}
    code, answer = says("receive", {**received, "source": line})
    assert (code, answer["outcome"]) == (0, "already_recorded")
    assert answer["recorded_as"] == {"account_id": "L-1", "event_id": "P1", "amount": "400.00"}


@pytest.mark.parametrize(
    ("words", "document", "error"),
    [
        ("receipts add", {"receipt_id": "R-1", "amount": 5, "on": "2026-02-03"}, "wrong_type"),
        ("receipts add", {"receipt_id": "R-1", "amount": "-5", "on": "2026-02-03"}, "negative"),
        ("receipts add", {"receipt_id": "R-1", "amount": "5.001", "on": "2026-02-03"}, "malformed"),
        ("receipts add", {"receipt_id": "R-1", "amount": "0", "on": "2026-02-03"}, "wrong_type"),
        ("receipts add", {"receipt_id": "R-1", "amount": "5", "on": "yesterday"}, "malformed"),
        (
            "receipts add",
            {
                "receipt_id": "R-1",
                "amount": "5",
                "on": "2026-02-03",
                "source": {"channel": "icbc", "ref": ""},
            },
            "wrong_type",
        ),
        ("receipts match", {"receipt_id": "R-1"}, "missing_field"),
        ("receipts split", {"receipt_id": "R-1", "part": []}, "unknown_field"),
        ("collect", {"request_id": "C-1", "account_id": "L-9"}, "unknown"),
        ("refunds done", {"task_id": "x", "on": "2026-02-03"}, "unknown"),
    ],
)
def test_bad_input_is_one_error_object(
    says: Says, words: str, document: object, error: str
) -> None:
    """Wrong kinds, amounts, days, fields and names: a code, an exit code above 0, nothing kept."""
    code, told = says(words, document)
    assert code in {2, 3}
    assert told["code"].endswith(f".{error}")
    assert says("receipts list")[1]["receipts"] == []


@pytest.mark.parametrize("name", MODELS)
def test_every_field_is_explained(name: str) -> None:
    """`arrears schema NAME`: each field has a description with its unit, and an example."""
    kept = schema(name)
    nodes = [kept, *kept.get("$defs", {}).values()]
    fields = [field for node in nodes for field in node.get("properties", {}).items()]
    unexplained = [
        at
        for at, told in fields
        if "unit" not in told.get("description", "") or "examples" not in told
    ]
    assert not unexplained
