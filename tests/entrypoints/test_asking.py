"""Questions without a book: the quick ways, past the models and past Typer, lead where the slow ones do."""

from __future__ import annotations

import copy
import importlib.util
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from arrears.entrypoints.asking import balance
from arrears.entrypoints.cli.apr import app as apr_app
from arrears.entrypoints.cli.balance import app as balance_app
from arrears.entrypoints.cli.plain import QUESTIONS, plainly
from arrears.entrypoints.cli.quote import app as quote_app
from arrears.entrypoints.cli.rendering import render_document
from arrears.entrypoints.messages import Language
from arrears.entrypoints.reading import read_fields
from arrears.entrypoints.schema_files import MODELS, fits, model_of, path_of
from arrears.kernel.errors import ArrearsError

ROOT = Path(__file__).resolve().parents[2]
TERMS = {
    "principal": "1200", "disbursed_on": "2026-01-01", "annual_rate": "0.12", "method": "custom",
    "unit": "months", "every": 1, "down_payment": "0.25",
    "rows": [{"due_on": "2026-01-31", "principal": "1200.00", "interest": "9.50"}],
    "tranches": [{"on": "2026-02-15", "amount": "600.00"}],
}  # fmt: skip
#: Documents that say nearly all that can be said.
WHOLE: dict[str, dict[str, Any]] = {
    "quote": TERMS,
    "apr": {
        "method": "us_actuarial", "every": 2, "unit": "weeks",
        "advances": [{"on": "1978-01-10", "amount": "5000"}],
        "payments": [{"on": "1978-02-10", "amount": "230"}],
    },
    "balance": {
        "contract": {
            "terms": TERMS, "kind": "line", "accrual": "daily", "keep": "principal",
            "penalty": {"mode": "adds", "daily_rate": "0.0005", "compound": True, "grace_days": 3},
            "allocation": {"direction": "vertical", "surplus": "last", "order": [
                {"order": ["fee", "interest"], "days_past_due_from": 90, "event": "repaid"}]},
            "line": {"limit": "5000", "due_days_offered": [8, 9]},
        },
        "events": [
            {"id": "T1", "on": "2026-01-01", "type": "taken_over", "totals": {"fee": "2.00"},
             "rows": [{"due_on": "2026-02-01", "principal": "10", "paid": {"principal": "1"}}]},
            {"id": "P1", "on": "2026-02-01", "seq": 2, "type": "repaid", "amount": "100.00"},
        ],
        "as_of": "2026-03-01",
    },
    "post": {
        "account_id": "L-1", "source": {"channel": "icbc", "ref": "T-1"}, "collection": "C-1",
        "event": {"id": "P1", "on": "2026-02-01", "seq": 2, "type": "repaid", "amount": "100.00"},
    },
    "receive": {
        "receipt_id": "R-1", "borrower_id": "B-1", "amount": "12.30", "on": "2026-02-01",
        "currency": "CNY", "designated": ["L-1"], "hint": "May",
        "source": {"channel": "icbc", "ref": "T-1"},
    },
    "receipts-split": {
        "receipt_id": "R-1", "parts": [{"account_id": "L-1", "amount": "12.30"}],
        "borrower_id": "B-1", "designated": ["L-1", "L-2"],
    },
    "refunds-done": {
        "task_id": "refund/L-1/2", "on": "2026-02-01", "source": {"channel": "icbc", "ref": "T-1"},
    },
    "collect": {
        "request_id": "C-1", "account_id": "L-1", "amount": "12.30", "on": "2026-02-01",
    },
}  # fmt: skip
LENT = {"id": "D1", "on": "2026-01-01", "seq": 1, "type": "disbursed", "amount": "10000"}
LIVED: dict[str, Any] = {
    "principal": "10000", "disbursed_on": "2026-01-01", "annual_rate": "0.146", "instalments": 3,
}  # fmt: skip
#: Accounts that truly lived, to be spoiled: a loan in trouble, a line, one taken over.
ACCOUNTS: list[dict[str, Any]] = [
    {
        "contract": {
            "terms": LIVED, "accrual": "daily", "cap_annual": "0.24", "non_accrual_days": 90,
            "penalty": {"mode": "replaces", "uplift": "0.5", "grace_days": 3, "materiality": "5"},
            "allocation": {"direction": "vertical", "surplus": "last"},
        },
        "events": [
            LENT,
            {"id": "P1", "on": "2026-02-10", "seq": 2, "type": "repaid", "amount": "1000"},
            {"id": "W1", "on": "2026-03-10", "seq": 3, "type": "waived", "amount": "10",
             "component": "penalty"},
            {"id": "R1", "on": "2026-03-11", "seq": 4, "type": "rate_changed", "rate": "0.1",
             "until": "2026-04-01"},
            {"id": "X1", "on": "2026-03-12", "seq": 5, "type": "reversed", "reverses": "P1"},
            {"id": "F1", "on": "2026-03-12", "seq": 6, "type": "fee_charged", "amount": "3",
             "until": "2026-04-01"},
        ],
        "as_of": "2026-05-10",
    },
    {
        "contract": {
            "kind": "line", "line": {"limit": "10000", "statement_day": 1, "due_day": 10},
            "terms": {**LIVED, "annual_rate": "0.1825"},
        },
        "events": [
            {"id": "B1", "on": "2026-01-05", "seq": 1, "type": "purchased", "amount": "500"},
            {"id": "S1", "on": "2026-02-01", "seq": 2, "type": "statement_closed", "rows": [
                {"seq": 1, "kind": "minimum", "due_on": "2026-02-10", "principal": "50"},
                {"seq": 2, "kind": "revolving", "due_on": "2026-02-10", "principal": "450"}]},
            {"id": "P1", "on": "2026-02-10", "seq": 3, "type": "repaid", "amount": "100"},
            {"id": "C1", "on": "2026-02-15", "seq": 4, "type": "converted", "rows": [
                {"contract": 1, "due_on": "2026-03-10", "principal": "100", "interest": "2"}]},
        ],
        "as_of": "2026-05-01",
    },
    {
        "contract": {"terms": LIVED, "penalty": {"mode": "adds", "uplift": "0.5", "compound": True}},
        "events": [
            {"id": "T1", "on": "2026-01-01", "seq": 1, "type": "taken_over", "rows": [
                {"due_on": "2025-12-01", "principal": "100", "interest": "2",
                 "paid": {"principal": "10", "interest": "2"}, "overdue_since": "2025-12-01"}]},
            {"id": "A1", "on": "2026-03-01", "seq": 2, "type": "accelerated", "until": "2026-04-01"},
            {"id": "O1", "on": "2026-04-10", "seq": 3, "type": "charged_off"},
            {"id": "V1", "on": "2026-04-12", "seq": 4, "type": "recovered", "amount": "30"},
        ],
        "as_of": "2026-05-01",
    },
]  # fmt: skip
#: What a hand or a program may write where something else belongs.
WRONG = st.one_of(
    st.sampled_from([True, 0, -1, 12, 10**30, 1.0, "", "x", "12.30", "0.12", "-1", "1e5", "12.30\n",
                     "2026-01-01", "repaid", "adds", "\ud800", [], ["fee"], {}, {"x": "1"}]),
    st.none(),
)  # fmt: skip
#: The same kinds of values, but such as could be meant: other days, amounts, rates, types, words.
OTHER = st.sampled_from(
    ["2025-12-31", "2026-02-28", "2026-03-01", "2026-06-30", "2199-12-31", "0", "0.01", "10", "5000",
     "100000000000", "0.000001", "0.36", "9.99", 0, 1, 2, 12, 90, "P1", "D1", "T1", "fee", "principal",
     "statement", "cap_annual", "repaid", "disbursed", "refunded", "charged_back", "charged_off",
     "recovered", "paused", "penalty_frozen", "policy_applied", "disbursement_failed", "cancelled",
     "none", "adds", "daily", "credit", "weeks", "flat", "bullet", "30/360", "actual/actual"]
)  # fmt: skip
APPS = {"quote": quote_app, "apr": apr_app, "balance": balance_app}
WORDS = ["--json", "--explain", "--until", "2026-05-01", "--until=2026-05-01", "--help", "-h",
         "--", "--exp", "x", "", "--json=1", "--until2026"]  # fmt: skip


def places_in(value: object) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *places_in(value[key])]
    return found


@st.composite
def spoiled(
    draw: st.DrawFn, whole: dict[str, Any], wrong: st.SearchStrategy[Any] = WRONG
) -> dict[str, Any]:
    """A whole document with up to three things in it spoiled, added or taken away."""
    document = copy.deepcopy(whole)
    for _ in range(draw(st.integers(0, 3))):
        places = places_in(document)
        if not places:
            break
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        how = draw(st.sampled_from(["spoil", "remove", "add"]))
        if how == "remove" and isinstance(holder, dict):
            del holder[key]
        elif how == "add" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["fee", "colour", "seq", "unit"]))] = copy.deepcopy(
                draw(wrong)
            )
        else:
            holder[key] = copy.deepcopy(draw(wrong))
    return document


def as_the_model_reads(name: str, text: str) -> dict[str, Any] | None:
    """The fields given, as the model takes them; None where it refuses the document."""
    try:
        model = model_of(name).model_validate_json(text, strict=True)
    except ValidationError:
        return None
    return model.model_dump(mode="json", exclude_unset=True, exclude_none=True)


@pytest.mark.parametrize("name", MODELS)
def test_the_schema_files_are_current(name: str) -> None:
    """What is kept is what the models say; `make docs` writes it."""
    spec = importlib.util.spec_from_file_location("schema_files", ROOT / "tools/schema_files.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert path_of(name).read_text(encoding="utf-8") == tool.page(name), "run make docs"


@pytest.mark.parametrize("name", MODELS)
def test_every_example_is_one(name: str) -> None:
    """What a schema shows for a field is valid there, and shows something: no empty object or list."""
    kept = json.loads(path_of(name).read_text(encoding="utf-8"))
    for node in (kept, *kept.get("$defs", {}).values()):
        for field, told in node.get("properties", {}).items():
            for example in told["examples"]:
                assert example not in ({}, []), (node["title"], field)
                of_field = {**told, "$defs": kept.get("$defs", {})}
                jsonschema.validate(example, of_field, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_document_needs_no_model(name: str) -> None:
    """The quick look takes what is right; were it to doubt it, every reader would wait."""
    assert fits(WHOLE[name], name)


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
def test_the_quick_look_says_what_the_model_says(name: str, data: st.DataObject) -> None:
    """Spoil a document anywhere: read quickly or by the model, it is taken, or refused, alike."""
    document = data.draw(spoiled(WHOLE[name]))
    text = json.dumps(document)
    expected = as_the_model_reads(name, text)
    try:
        got: dict[str, Any] | None = read_fields(text, name)
    except ArrearsError:
        got = None
    assert got == expected
    has_null = any(holder[key] is None for holder, key in places_in(document))
    if not has_null and "\\ud" not in text:
        assert fits(document, name) == (expected is not None)


@pytest.mark.parametrize("at", range(len(ACCOUNTS)))
@given(data=st.data())
def test_no_document_ends_in_a_bug(at: int, data: st.DataObject) -> None:
    """Change a lived account anywhere, sensibly or not: it is answered, explained, or refused."""
    document = data.draw(spoiled(ACCOUNTS[at], st.one_of(OTHER, WRONG)))
    with suppress(ArrearsError):
        answer = balance(json.dumps(document), Language.CHINESE, until="2026-09-01", explain=True)
        assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize("at", range(len(ACCOUNTS)))
def test_the_accounts_that_are_spoiled_are_sound(at: int) -> None:
    """Unspoiled they are answered; were they not, the test before would prove nothing."""
    answer = balance(json.dumps(ACCOUNTS[at]), Language.ENGLISH, explain=True)
    assert answer["movements"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a"\\\n{}[],:还'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(document=st.dictionaries(st.text(max_size=5), JSON))
def test_an_answer_reads_back(document: dict[str, Any]) -> None:
    """Laid out for people, an answer is still the same JSON, an object of a list on each line."""
    text = render_document(document)
    assert json.loads(text) == document
    listed = [
        value
        for value in document.values()
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
    ]
    lines = 2 + len(document) + sum(len(value) + 1 for value in listed)
    assert len(text.split("\n")) == (lines if document else 3)


@pytest.mark.parametrize("name", QUESTIONS)
@given(words=st.lists(st.sampled_from(WORDS), max_size=4))
def test_plain_words_mean_the_same_to_typer(name: str, words: list[str]) -> None:
    """Where words are plain, Typer reads the same options from them; what is not plain is its own."""
    options = plainly(name, words)
    if options is None:
        return
    known = [word for word in words if name == "balance" or word != "--json"]
    context = typer.main.get_command(APPS[name]).make_context("arrears", known)
    read = {key: value for key, value in context.params.items() if value and key != "json_"}
    assert read == {key: value for key, value in options.items() if value}


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--until", "2026-05-01", "--explain"], {"until": "2026-05-01", "explain": True}),
        (["--json"], {}),
        (["--until"], None),
        (["--until", "--explain"], None),
        (["--help"], None),
    ],
)
def test_which_words_are_plain(words: list[str], options: dict[str, object] | None) -> None:
    """Options written out are; help, a value that is missing, and anything unknown are not."""
    assert plainly("balance", words) == options
    assert plainly("policy", words) is None


@pytest.mark.parametrize(
    ("event_id", "code"),
    [
        ("", "document.wrong_type"),
        (" P1", "document.wrong_type"),
        ("P1 ", "document.wrong_type"),
        ("P\n1", "document.wrong_type"),
        ("P" * 201, "document.wrong_type"),
        ("P\x001", "document.not_json"),
        ("P\ud8001", "document.not_json"),
    ],
)
def test_an_id_is_text_that_can_be_kept_and_found_again(event_id: str, code: str) -> None:
    """No empty id, none that looks like another, none that no database keeps; each a clear error."""
    document = copy.deepcopy(ACCOUNTS[0])
    document["events"][1]["id"] = event_id
    with pytest.raises(ArrearsError) as caught:
        read_fields(json.dumps(document), "balance")
    assert caught.value.code == code


@pytest.mark.parametrize("event_id", ["P", "还款 1", "P😀", "pay/2026-01-05#1", "P" * 200])
def test_an_id_may_be_any_words(event_id: str) -> None:
    """Whatever a source calls its things, with spaces between words and in any script."""
    document = copy.deepcopy(ACCOUNTS[0])
    document["events"][1]["id"] = event_id
    assert read_fields(json.dumps(document), "balance")["events"][1]["id"] == event_id
    assert fits(document, "balance")
