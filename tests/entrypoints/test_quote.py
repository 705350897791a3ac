"""`arrears quote`, `apr` and `schema` from the outside: answers, refusals, and what the schema promises."""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema
import pytest

from arrears.entrypoints.cli.main import run
from arrears.entrypoints.requests_quote import AprRequest, TermsRequest
from arrears.servicing.terms import KEYS

TERMS = {"principal": "1200", "disbursed_on": "2026-01-01", "annual_rate": "0.12"}
FLOWS = {
    "method": "us_actuarial",
    "advances": [{"on": "1978-01-10", "amount": "5000"}],
    "payments": [
        {"on": f"{1978 + (1 + at) // 12}-{(1 + at) % 12 + 1:02d}-10", "amount": "230"}
        for at in range(24)
    ],
}


class Door:
    """The command line, asked in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def said(self, text: str, *words: str) -> dict[str, Any]:
        """The answer to text on standard input."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(text))
        assert run(list(words)) == 0
        answer: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return answer

    def ask(self, document: object, *words: str) -> dict[str, Any]:
        """The answer to a document."""
        return self.said(json.dumps(document), *words)

    def refused(self, text: str, *words: str) -> dict[str, str]:
        """The error, of which nothing stands on standard output."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(text))
        assert run([*words, "--json"]) == 2
        shown = self._capsys.readouterr()
        assert not shown.out
        error: dict[str, str] = json.loads(shown.err)
        return error


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Door:
    """The command line, in English whatever the machine's language."""
    monkeypatch.setenv("ARREARS_LANG", "en")
    return Door(monkeypatch, capsys)


def test_a_quote(door: Door) -> None:
    """Six fee instalments of 200.00 + 9.00: rows, totals, and 15.27 % where 9 % is advertised."""
    answer = door.ask(
        {
            "principal": "1200",
            "disbursed_on": "2026-01-01",
            "method": "fee_instalment",
            "fee_rate": "0.045",
            "instalments": 6,
        },
        "quote",
    )
    assert answer["rows"][0] == {
        "seq": 1,
        "due_on": "2026-02-01",
        "principal": "200.00",
        "interest": "0.00",
        "fee": "9.00",
        "total": "209.00",
        "balance": "1000.00",
    }
    assert answer["totals"] == {
        "principal": "1200.00",
        "interest": "0.00",
        "fee": "54.00",
        "total": "1254.00",
    }
    assert answer["annualised_cost"]["irr_nominal"] == "0.1527"
    assert answer["currency"] == "CNY"


@pytest.mark.parametrize(("currency", "principal"), [("JPY", "1200"), ("KWD", "1200.005")])
def test_amounts_have_the_currency_s_decimals(door: Door, currency: str, principal: str) -> None:
    """Yen have none and fils three, in every amount of the answer."""
    answer = door.ask({**TERMS, "currency": currency, "principal": principal}, "quote")
    assert answer["totals"]["principal"] == principal


def test_due_dates_on_holidays(door: Door) -> None:
    """Dates move off the Chinese holidays, and those no notice covers yet are named."""
    answer = door.ask(
        {
            **TERMS,
            "disbursed_on": "2026-09-01",
            "instalments": 5,
            "business_day_convention": "following",
        },
        "quote",
    )
    assert answer["rows"][0]["due_on"] == "2026-10-08"
    assert answer["provisional_due_dates"] == [
        row["due_on"] for row in answer["rows"] if row["due_on"] > "2026-12-31"
    ]


def test_a_rate_that_means_nothing_is_null(door: Door) -> None:
    """One fen lent for a day at a fee of ten fen has no annual rate worth printing."""
    answer = door.ask(
        {"principal": "0.01", "disbursed_on": "2026-01-01", "unit": "days", "fee": "0.10"}, "quote"
    )
    assert answer["annualised_cost"]["eu"] is None


def test_an_annual_rate(door: Door) -> None:
    """Appendix J (c)(1)(i): 5,000.00 repaid by 24 monthly 230.00 costs 9.69 %."""
    answer = door.ask(FLOWS, "apr")
    assert answer["annual_rate"] == "0.0969"
    assert answer["annual_rate_percent"] == "9.685708"


@pytest.mark.parametrize(
    ("given", "code", "where"),
    [
        ({"apr": "0.1"}, "document.unknown_field", "apr"),
        ({"instalments": "12"}, "document.wrong_type", "instalments"),
        ({"instalments": True}, "document.wrong_type", "instalments"),
        ({"instalments": 12.0}, "document.wrong_type", "instalments"),
        ({"annual_rate": 0.12}, "document.wrong_type", "annual_rate"),
        ({"annual_rate": "12%"}, "rate.malformed", "annual_rate"),
        ({"principal": "1e3"}, "money.malformed", "principal"),
        ({"principal": "1e1000000"}, "money.malformed", "principal"),
        ({"principal": "1.00000000000000000000000000001"}, "money.malformed", "principal"),
        ({"principal": "-5"}, "money.negative", "terms.principal"),
        ({"day_count": "act/act"}, "document.wrong_type", "day_count"),
        ({"tranches": [{"on": "2026-02-01"}]}, "document.missing_field", "tranches[1].amount"),
        (
            {"first_due_on": "2025-12-31"},
            "contract.due_before_disbursement",
            "terms.first_due_on",
        ),
    ],
)
def test_a_quote_that_is_refused(
    door: Door, given: dict[str, object], code: str, where: str
) -> None:
    """Bad input: one error on standard error that names the field, nothing on standard output."""
    error = door.refused(json.dumps({**TERMS, **given}), "quote")
    assert (error["code"], error["where"]) == (code, where)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "document.not_json"),
        ("{} {}", "document.not_json"),
        ("[" * 100_000, "document.not_json"),
        ('{"instalments": ' + "9" * 5000 + "}", "document.not_json"),
        ('{"principal": "\\ud800"}', "document.not_json"),
        ('{"principal": "1", "principal": "2"}', "document.duplicate_field"),
        ("[]", "document.wrong_type"),
        ("{}", "document.missing_field"),
    ],
)
def test_what_is_no_document(door: Door, text: str, code: str) -> None:
    """Text that is no single JSON object of plausible size is refused before any field is looked at."""
    assert door.refused(text, "quote")["code"] == code


@pytest.mark.parametrize(
    "given",
    [
        {"advances": []},
        {"payments": []},
        {"payments": [{"on": "1977-01-01", "amount": "1"}]},
        {"payments": [{"on": "1978-02-10", "amount": "4999.99"}]},
    ],
)
def test_flows_without_a_rate(door: Door, given: dict[str, object]) -> None:
    """Nothing lent, nothing repaid, repaid before it is lent, or less than was lent: no rate."""
    assert door.refused(json.dumps({**FLOWS, **given}), "apr")["code"] == "apr.no_rate"


@pytest.mark.parametrize("name", ["quote", "apr", "balance"])
def test_every_field_is_explained(door: Door, name: str) -> None:
    """Each schema is valid 2020-12, refuses unknown fields, and says unit and example of each field."""
    schema = door.said("", "schema", name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    objects = [schema, *schema.get("$defs", {}).values()]
    for described in objects:
        if described.get("type") != "object" or "properties" not in described:
            continue
        assert described["additionalProperties"] is False, described["title"]
        for field, spec in described["properties"].items():
            assert "unit: " in spec.get("description", ""), (described["title"], field)
            assert spec.get("examples"), (described["title"], field)


@pytest.mark.parametrize(("model", "name"), [(TermsRequest, "quote"), (AprRequest, "apr")])
def test_examples_are_accepted_by_their_schema(door: Door, model: type, name: str) -> None:
    """What the schema shows as an example is itself valid."""
    schema = door.said("", "schema", name)
    for field, spec in schema["properties"].items():
        of_field = {**spec, "$defs": schema.get("$defs", {})}
        for example in spec["examples"]:
            jsonschema.validate(example, of_field, jsonschema.Draft202012Validator)
        assert field in model.model_fields


def test_the_schema_knows_what_terms_know() -> None:
    """The document of the command and the terms of a contract have the same fields."""
    assert set(TermsRequest.model_fields) == KEYS


def test_an_unknown_schema(door: Door) -> None:
    """Another name is refused with those there are."""
    assert door.refused("", "schema", "loan")["code"] == "cli.unknown_schema"
