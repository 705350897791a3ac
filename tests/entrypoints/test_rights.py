"""Borrowers' rights: complete, current, in both languages; no standard reads as statute."""

from __future__ import annotations

import hashlib
import json
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from arrears.adapters.policy_files import load_registry
from arrears.entrypoints.cli.main import run
from arrears.entrypoints.messages import Language
from arrears.entrypoints.rights import last_reading, packs_of, rights_of, wordings
from arrears.policy import Effect, Level

if TYPE_CHECKING:
    from arrears.policy import PolicyRegistry

ROOT = Path(__file__).resolve().parents[2]
#: Domains in which every restriction of law is somebody's right.
OF_PEOPLE = {"collections", "hardship", "bureau", "privacy", "decision", "contract"}
NO_LAW = {"recommended_standard", "self_discipline", "guidance", "lender_policy"}
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def registry() -> PolicyRegistry:
    return load_registry()


def test_pages_are_current() -> None:
    """What stands in docs/rights is what the policy data says today, in both languages."""
    for place, text in runpy.run_path(str(ROOT / "tools" / "rights_pages.py"))["pages"]().items():
        assert place.read_text("utf-8") == text, f"make docs writes {place.name} anew"


def test_every_restriction_of_law_is_on_the_page(registry: PolicyRegistry) -> None:
    """Nothing that protects somebody who owes is left out, and nothing is named that is not there."""
    named = {name for rules in wordings().values() for name in rules}
    rights = {
        name
        for name in registry.ids
        if name.split(".")[1] in OF_PEOPLE
        and registry.parameter(name).level is Level.LAW
        and registry.parameter(name).effect is Effect.RESTRICTION
    }
    assert not rights - named
    assert named <= set(registry.ids)


def test_words_were_written_for_the_value_of_the_pack(registry: PolicyRegistry) -> None:
    """A sentence that says a value itself keeps that value; a changed value shows here."""
    for rules in wordings().values():
        for name, wording in rules.items():
            said = all("{value}" in wording[each.value] for each in Language)  # type: ignore[literal-required] - the languages are the fields
            assert said or wording["of"] == registry.levels(name)[0].steps[-1].value.text, name


@pytest.mark.parametrize("language", Language)
def test_what_is_no_law_says_so(registry: PolicyRegistry, language: Language) -> None:
    """A recommended standard, self-discipline, guidance and the lender's policy are named as no law."""
    words = {Language.ENGLISH: "no law", Language.CHINESE: "不是法律"}[language]
    on = last_reading(registry)
    for pack in packs_of(registry.ids):
        for right in rights_of(registry, pack, language, on=on):
            assert (words in right.force) == (right.resolved.force.value in NO_LAW)


def ask(capsys: Capture, *words: str) -> dict[str, Any]:
    assert run(["rights", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {each["id"]: each for each in found["rights"]}


def test_the_command_prints_force_and_status(capsys: Capture) -> None:
    """A sentence, and beneath it the kind of text, whether it was read, and where it stands."""
    assert run(["rights", "uk"]) == 0
    told = capsys.readouterr().out
    assert (
        "- A breathing space gives you up to 60 days.\n    law (statute) · not verified · " in told
    )


def test_a_day_before_a_text_does_not_have_it(capsys: Capture) -> None:
    """Asked for the day before the national standard, its hours are not a right; the code is."""
    before, after = (ask(capsys, "--on", day) for day in ("2025-02-27", "2025-02-28"))
    assert "cn.collections.quiet_hours" not in before
    assert "cn.collections.quiet_hours" in after
    assert "cn.bureau.negative_retention" in before


def test_a_lenders_own_promise_is_told(tmp_path: Path, capsys: Capture) -> None:
    """Two contacts a week instead of three, and visits: one is said in numbers, one as it now is."""
    for name, old, new in (
        ("contacts_per_7_days_max", "3", "2"),
        ("visits_allowed", "false", "true"),
    ):
        text = ROOT.joinpath("src/arrears/policy/data/cn/collections", f"{name}.yaml")
        own = tmp_path / "cn" / "collections" / f"{name}.yaml"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(text.read_text("utf-8").replace(f'"{old}"', f'"{new}"'), encoding="utf-8")
    told = ask(capsys, "--directory", str(tmp_path))
    assert "at most 2 times in seven days" in told["cn.collections.contacts_per_7_days_max"]["says"]
    assert "Nobody visits" not in told["cn.collections.visits_allowed"]["says"]


def test_ratified_is_shown_as_ratified(tmp_path: Path, capsys: Capture) -> None:
    """This lender read a text: the line says so until it expires, and never says verified."""
    (tmp_path / "standard.txt").write_text("...", encoding="utf-8")
    digest = hashlib.sha256(b"...").hexdigest()
    (tmp_path / "ratifications.yaml").write_text(
        "- id: cn.collections.notification_calls_per_day\n  value: '3'\n  person: Li Wei, counsel\n"
        f"  text_read: GB/T 45251-2025\n  text_file: standard.txt\n  text_sha256: {digest}\n"
        "  ratified_on: 2026-06-01\n  expires_on: 2026-12-01\n",
        encoding="utf-8",
    )
    name = "cn.collections.notification_calls_per_day"
    assert run(["rights", "--directory", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "not verified; ratified by this lender until 2026-12-01" in told
    after = ask(capsys, "--directory", str(tmp_path), "--on", "2026-12-01")[name]
    assert (after["ratified_until"], after["status"]) == (None, "unverified")


def test_an_unknown_pack_is_refused(capsys: Capture) -> None:
    """One message that names the packs there are."""
    assert run(["rights", "fr", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["expected"] == "cn, uk, us"
