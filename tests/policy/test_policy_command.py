"""`arrears policy`: value, source and status as a reader and as a program get them."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from arrears.entrypoints.cli.main import run
from arrears.entrypoints.messages import Language, messages_of
from arrears.entrypoints.policy_words import meanings
from arrears.policy import (
    Actor,
    Anchor,
    CreditorKind,
    Effect,
    Force,
    Level,
    Licence,
    Product,
    Status,
    Unit,
)

if TYPE_CHECKING:
    from arrears.policy import PolicyRegistry

CAP = "cn.price.licensed_all_in_cap"
Capture = pytest.CaptureFixture[str]

SHOWN = """\
cn.penalty.overdue_uplift
  What is added to the contract's rate on overdue loans (罚息), as a share of that rate.

  value        30 to 50 % of the contract's rate
  asked for    2026-11-01, as known on 2026-11-01
  in force     from 2004-01-01, no end known
  status       UNVERIFIED: no text that it rests on was read
  read up to   2026-11-24
  source       PBOC Notice Yinfa [2003] No. 251 on loan interest rates (银发[2003]251号)
               art. 3
               https://lwstw.com/
               published 2003-12-31 at the latest
  force        regulator_rule (set by: law; a restriction)
  scope        licences: any; products: any; actors: lender; creditors: any
  anchor       the contract date of the case selects the value
  yields to    nothing
  note         Second-hand: quoted from a report; the text itself was not read. Quoted word for
               word. Whether a lender may charge less than the lower end is not settled.
"""


def test_list_shows_every_parameter_and_its_status(pack: PolicyRegistry, capsys: Capture) -> None:
    """One line each, with the mark that says how far it may be trusted."""
    assert run(["policy", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line.split()[1] for line in lines[1 : len(pack.ids) + 1]}
    assert rows == {name: pack.parameter(name).status.value for name in pack.ids}
    assert f"{len(pack.ids)} parameters, 43 verified." in lines


def test_list_as_json_is_whole(pack: PolicyRegistry, capsys: Capture) -> None:
    """A program gets every field of every file, values as text, dates as ISO 8601."""
    assert run(["policy", "list", "--json"]) == 0
    parameters = json.loads(capsys.readouterr().out)["parameters"]
    assert [one["id"] for one in parameters] == list(pack.ids)
    cap = next(one for one in parameters if one["id"] == CAP)
    assert cap["values"][0]["value"] == "24"
    assert cap["values"][0]["source"]["locator"] == "item 2"
    assert date.fromisoformat(cap["verified_through"]) == date(2026, 11, 24)


def test_show_reads_well(capsys: Capture) -> None:
    """The golden page of one parameter, as it stands in the docs."""
    assert run(["policy", "show", "cn.penalty.overdue_uplift", "--on", "2026-11-01"]) == 0
    assert capsys.readouterr().out == SHOWN


def test_show_as_json(capsys: Capture) -> None:
    """Value, unit, status, force, source and both dates of the question."""
    words = ["policy", "show", CAP, "--on", "2026-11-01", "--known-on", "2026-10-01", "--json"]
    assert run(words) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["value"], shown["unit"], shown["status"], shown["force"]) == (
        "24",
        "percent_per_year",
        "unverified",
        "judicial",
    )
    assert (shown["on"], shown["known_on"]) == ("2026-11-01", "2026-10-01")
    assert shown["source"]["published_on"] == "2017-12-31"


def test_show_marks_what_is_carried_and_what_waits(capsys: Capture) -> None:
    """Carried past the last reading: ASSUMED; an unverified permission: RATIFY."""
    name = "cn.penalty.compound_rate_on_unpaid_interest"
    assert run(["policy", "show", name, "--on", "2027-01-01", "--for", "close"]) == 0
    shown = capsys.readouterr().out
    assert "ASSUMED" in shown
    assert "RATIFY" in shown


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ([CAP, "--on", "2026-11-25"], "policy.stale", 3),
        ([CAP, "--on", "2017-12-30"], "policy.not_in_force", 3),
        ([CAP, "--on", "2018-06-01", "--known-on", "2017-12-30"], "policy.not_in_force", 3),
        (["cn.price.nothing", "--on", "2026-11-01"], "policy.unknown", 2),
        ([CAP, "--on", "2026-11-31"], "date.malformed", 2),
        ([CAP, "--on", "20261101"], "date.malformed", 2),
        ([CAP, "--on", "2026-11-01", "--for", "fun"], "cli.usage", 2),
        ([CAP, "--on", "2026-11-01", "--directory", "nowhere"], "policy.malformed", 2),
    ],
)
def test_show_refuses_with_one_clear_error(
    capsys: Capture, words: list[str], code: str, exit_code: int
) -> None:
    """Stale, not in force, unknown, no date: a code, what was expected, how to mend; no answer."""
    assert run(["policy", "show", *words, "--json"]) == exit_code
    told = capsys.readouterr()
    assert told.out == ""
    assert json.loads(told.err)["code"] == code


SHOWN_IN_CHINESE = """\
cn.penalty.overdue_uplift
  贷款逾期时，在合同利率上加收多少罚息（占该利率的比例）。

  值           合同利率的 30 至 50 %
  所问日期     2026-11-01（以 2026-11-01 所知为准）
  有效期       自 2004-01-01 起，未定终止日
  核实情况     未核实：所依据的条文都没有读过
  核对至       2026-11-24
  出处         PBOC Notice Yinfa [2003] No. 251 on loan interest rates (银发[2003]251号)
               art. 3
               https://lwstw.com/
               不晚于 2003-12-31 公布
  效力         监管规定（由法规规定；属于限制）
  适用范围     机构：不限；产品：不限；主体：出借人；债权人：不限
  选值日期     按合同日期选值
  让位于       无
  备注         Second-hand: quoted from a report; the text itself was not read. Quoted word for
               word. Whether a lender may charge less than the lower end is not settled.
"""


def test_show_reads_well_in_chinese(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page in Chinese, its columns straight; titles and notes stay as their file has them."""
    monkeypatch.setenv("ARREARS_LANG", "zh")
    assert run(["policy", "show", "cn.penalty.overdue_uplift", "--on", "2026-11-01"]) == 0
    assert capsys.readouterr().out == SHOWN_IN_CHINESE


def test_every_parameter_is_told_in_chinese(pack: PolicyRegistry) -> None:
    """The pack and the Chinese of its meanings have the same ids."""
    assert set(meanings()) == set(pack.ids)


@pytest.mark.parametrize("language", Language)
def test_every_word_of_a_file_has_its_label(language: Language) -> None:
    """Whatever force, level, effect, anchor, unit, status or scope a file names, a reader is told."""
    kept = messages_of(language)
    kinds = {"force": Force, "level": Level, "effect": Effect, "anchor": Anchor, "unit": Unit,
             "status": Status, "mark": Status}  # fmt: skip
    words = {f"policy.{name}.{each.value}" for name, kind in kinds.items() for each in kind}
    words |= {
        f"policy.word.{each.value}"
        for kind in (Licence, Product, Actor, CreditorKind)
        for each in kind
    }
    assert words <= set(kept)
