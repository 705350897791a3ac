"""`arrears balance` from the outside: the answer's shape, its projection, its sentences, its bounds."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from arrears.entrypoints.cli.main import run

DOCUMENT: dict[str, Any] = {
    "contract": {
        "terms": {"principal": "10000", "disbursed_on": "2026-01-01", "annual_rate": "0.146",
                  "method": "equal_instalment", "instalments": 3, "day_count": "actual/365"},
        "penalty": {"mode": "replaces", "uplift": "0.5", "grace_days": 3},
        "cap_annual": "0.24",
    },
    "events": [
        {"id": "D1", "on": "2026-01-01", "seq": 1, "type": "disbursed", "amount": "10000"},
        {"id": "P1", "on": "2026-02-10", "seq": 2, "type": "repaid", "amount": "1000",
         "recorded_at": "2026-02-20T00:00:00+08:00"},
    ],
    "as_of": "2026-03-10",
}  # fmt: skip
#: What must never be loaded by a command on one account.
HEAVY = ("numba", "llvmlite", "numpy", "polars", "pandas", "psycopg", "pydantic", "rich", "typer")


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's language, these tests read English unless they say so."""
    monkeypatch.setenv("ARREARS_LANG", "en")


class Door:
    """The command, asked in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def ask(self, document: dict[str, Any], *words: str) -> dict[str, Any]:
        """The answer to a document that has one."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(document)))
        assert run(["balance", *words]) == 0
        answer: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return answer

    def refused(self, document: dict[str, Any], *words: str) -> dict[str, str]:
        """The error of a document that has none."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(document)))
        assert run(["balance", "--json", *words]) != 0
        shown = self._capsys.readouterr()
        assert not shown.out
        error: dict[str, str] = json.loads(shown.err)
        return error


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Door:
    """Asks the command in this process."""
    return Door(monkeypatch, capsys)


def test_due_dates_of_a_balance_avoid_rest_days_as_quoted(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under a business-day convention the account's rows fall due on the days the quote promised."""
    terms = {**DOCUMENT["contract"]["terms"], "business_day_convention": "following"}
    document = {**DOCUMENT, "contract": {**DOCUMENT["contract"], "terms": terms}}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(terms)))
    assert run(["quote"]) == 0
    quoted = [row["due_on"] for row in json.loads(capsys.readouterr().out)["rows"]]
    owed = [row["due_on"] for row in door.ask(document)["instalments"]]
    unmoved = [row["due_on"] for row in door.ask(DOCUMENT)["instalments"]]
    assert owed == quoted == ["2026-02-02", "2026-03-02", "2026-04-01"]
    assert unmoved == ["2026-02-01", "2026-03-01", "2026-04-01"]


def test_the_answer_has_what_was_promised(door: Door) -> None:
    """Every field of the interface is there, and the amounts of an instalment agree."""
    answer = door.ask(DOCUMENT)
    assert {"instalments", "days_past_due", "days_delinquent", "bucket", "class", "credit_balance",
            "payoff", "cap_removed"} <= set(answer)  # fmt: skip
    first = answer["instalments"][0]
    assert (first["seq"], first["due_on"]) == (1, "2026-02-01")
    assert first["interest"] == {
        "due": "124.00",
        "paid": "124.00",
        "waived": "0.00",
        "outstanding": "0.00",
    }
    assert (answer["days_past_due"], answer["bucket"], answer["class"]) == (
        37,
        "M2",
        "special_mention",
    )
    assert "movements" not in answer


def test_what_was_not_known_is_not_read(door: Door) -> None:
    """The payment of the 10th was recorded on the 20th: asked as known on the 15th, it is not there."""
    known = {**DOCUMENT, "as_of": "2026-02-15", "known_at": "2026-02-15T00:00:00+08:00"}
    assert door.ask(known)["instalments"][0]["interest"]["paid"] == "0.00"
    later = {**known, "known_at": "2026-02-20T00:00:00+08:00"}
    assert door.ask(later)["instalments"][0]["interest"]["paid"] == "124.00"


def test_a_projection_is_the_same_fold_run_forward(door: Door) -> None:
    """Each step is what the command says on that day, buckets rise, and the last step is the day asked."""
    projection = door.ask(DOCUMENT, "--until", "2026-07-15")["projection"]
    days = [step["as_of"] for step in projection]
    assert days[0] == "2026-03-10"
    assert days[-1] == "2026-07-15"
    assert days == sorted(set(days))
    for step in projection[:: len(projection) // 3]:
        assert door.ask({**DOCUMENT, "as_of": step["as_of"]}) == step
    assert [step["bucket"] for step in projection] == sorted(step["bucket"] for step in projection)
    assert projection[-1]["bucket"] == "M6"


def test_an_explanation_says_how_each_amount_came_about(door: Door) -> None:
    """The penalty: base, rate, days, the exact sum and the text behind it; four nights of grace at once."""
    movements = door.ask(DOCUMENT, "--explain")["movements"]
    penalty = next(each for each in movements if each["component"] == "penalty")
    wanted = {"on": "2026-02-05", "kind": "accrued", "instalment": 1, "amount": "7.90",
              "base": "3289.66", "rate": "0.219", "from": "2026-02-01", "days": 4,
              "unrounded": "7.89518400", "unrounded_exact": "493449/62500", "rounded": "7.90",
              "event": None, "valued_only": False}  # fmt: skip
    assert {key: penalty[key] for key in wanted} == wanted
    citation = penalty["citations"][0]
    assert citation["parameter"] == "cn.penalty.overdue_uplift"
    assert citation["on"] == "2026-01-01"
    assert citation["in_force"]
    assert "3289.66 x 21.9 % a year for 4 days from 2026-02-01" in penalty["sentence"]
    paid = [each for each in movements if each["kind"] == "paid"]
    assert {each["event"] for each in paid} == {"P1"}


def test_a_rate_that_is_the_cap_names_the_cap(door: Door) -> None:
    """Under a cap of 20 % the penalty of 21.9 % is 20 %: both the uplift and the cap are named."""
    capped = {**DOCUMENT, "contract": {**DOCUMENT["contract"], "cap_annual": "0.2"}}
    movements = door.ask(capped, "--explain")["movements"]
    penalty = next(each for each in movements if each["component"] == "penalty")
    assert penalty["rate"] == "0.2"
    assert [each["parameter"] for each in penalty["citations"]] == [
        "cn.penalty.overdue_uplift",
        "cn.price.licensed_all_in_cap",
    ]


def test_it_explains_in_chinese(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ARREARS_LANG=zh`: every sentence is Chinese, the fields stay as they are."""
    monkeypatch.setenv("ARREARS_LANG", "zh")
    movements = door.ask(DOCUMENT, "--explain")["movements"]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in each["sentence"]) for each in movements)
    assert movements[0]["kind"] == "disbursed"


def test_a_loan_older_than_the_rules_is_explained_too(door: Door) -> None:
    """In 2005 the texts were not in force: that is said in their place, the amounts are the same."""
    then = json.loads(json.dumps(DOCUMENT).replace("2026-", "2005-"))
    answer = door.ask(then, "--explain", "--until", "2005-04-01")
    assert (answer["class"], answer["bureau"], answer["bucket"]) == (None, None, "M2")
    cited = [each for movement in answer["movements"] for each in movement["citations"]]
    assert {
        "parameter": "cn.allocation.within_debt",
        "on": "2005-02-10",
        "in_force": False,
    } in cited
    assert answer["payoff"] == door.ask(DOCUMENT)["payoff"]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("as_of", "2026-02-30", "date.malformed"),
        ("as_of", None, "document.wrong_type"),
        ("known_at", "2026-02-15T00:00:00", "date.malformed"),
        ("colour", "red", "document.unknown_field"),
        (
            "events",
            [{"id": "P", "on": "2026-02-01", "type": "repaid", "amount": "1"}],
            "event.before_opening",
        ),
    ],
)
def test_what_cannot_be_is_one_clear_error(door: Door, path: str, value: object, code: str) -> None:
    """A day that is none, an instant without offset, an unknown field, cash before the loan."""
    assert door.refused({**DOCUMENT, path: value})["code"] == code


def test_a_projection_ends_after_it_begins(door: Door) -> None:
    """A day before the one asked for is refused, not answered with something else."""
    assert door.refused(DOCUMENT, "--until", "2026-03-09")["code"] == "cli.usage"


def test_nothing_heavy_is_loaded() -> None:
    """Numba, arrays, frames, the driver, the models and Typer stay outside a question on one account."""
    program = (
        "import sys, arrears.entrypoints.cli.main as door\n"
        "code = door.run(['balance', '--explain', '--until', '2026-05-01'])\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(loaded, file=sys.stderr)\n"
        "sys.exit(code or len(loaded))"
    )
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-c", program],
        input=json.dumps(DOCUMENT),
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
