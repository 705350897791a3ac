"""Policy files: a lender's own directory beside the pack; what is broken in it is named."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from arrears.adapters.policy_files import load_registry
from arrears.kernel.errors import ArrearsError
from arrears.policy import PolicyRegistry, Purpose, Status

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 1)
CAP = "cn.price.licensed_all_in_cap"
BUCKETS = "cn.classification.bucket_over"


def pack_text(parameter_id: str) -> str:
    *folders, name = parameter_id.split(".")
    return files("arrears.policy").joinpath("data", *folders, f"{name}.yaml").read_text("utf-8")


def write(directory: Path, parameter_id: str, text: str) -> None:
    *folders, name = parameter_id.split(".")
    place = directory.joinpath(*folders, f"{name}.yaml")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def as_lender(text: str, old: str, new: str) -> str:
    text = text.replace("level: law", "level: lender").replace(
        "force: judicial", "force: lender_policy"
    )
    assert old in text
    return text.replace(old, new)


def value(registry: PolicyRegistry, parameter_id: str) -> str:
    return registry.resolve(parameter_id, on=DAY, known_on=DAY, purpose=Purpose.BOOKING).value.text


@pytest.mark.parametrize("ids", [None, (CAP,)])
def test_a_lenders_stricter_cap_stands_in_front(
    tmp_path: Path, ids: tuple[str, ...] | None
) -> None:
    """Whether all is read or one parameter alone, the lender's own 20 % is the answer."""
    write(tmp_path, CAP, as_lender(pack_text(CAP), '"24"', '"20"'))
    assert value(load_registry(ids, tmp_path), CAP) == "20"
    assert value(load_registry(ids), CAP) == "24"


def test_a_lenders_laxer_cap_is_refused(tmp_path: Path) -> None:
    """36 % over a law of 24 % never loads."""
    write(tmp_path, CAP, as_lender(pack_text(CAP), '"24"', '"36"'))
    with pytest.raises(ArrearsError) as caught:
        load_registry((CAP,), tmp_path)
    assert caught.value.code == "policy.laxer"


def test_a_lender_replaces_the_packs_own_defaults(tmp_path: Path) -> None:
    """Buckets are no law: the lender's file at the same level takes the default's place."""
    write(tmp_path, BUCKETS, pack_text(BUCKETS).replace("M6=150 M6+=180", "M6+=150"))
    assert value(load_registry(None, tmp_path), BUCKETS).endswith("M5=120 M6+=150")


def test_a_lender_adds_what_the_pack_lacks(tmp_path: Path) -> None:
    """A parameter of the lender's own, under an id the pack does not have."""
    own = pack_text(BUCKETS).replace(BUCKETS, "cn.lender.queue_over")
    write(tmp_path, "cn.lender.queue_over", own)
    registry = load_registry(None, tmp_path)
    assert "cn.lender.queue_over" in registry.ids
    assert set(registry.ids) > set(load_registry().ids)


LPR = "cn.price.lpr_1y"
MONTH_AFTER = """\
    until: 2026-01-20
    value: "3.0"
    from_is_exact: true
    title: "LPR"
    locator: "1Y"
    url: "none"
    published_on: 2025-12-22
    published_is_exact: true
  - from: 2026-01-20
    until: open
    value: "2.95"
    from_is_exact: true
    title: "LPR"
    locator: "1Y"
    url: "none"
    published_on: 2026-01-20
    published_is_exact: true
verified_through: 2026-11-24
"""


def completed(begin: str) -> str:
    """The pack's LPR, its open value ended and another put after it, for a test."""
    text = pack_text(LPR)
    head, _, tail = text.partition("    until: open\n")
    rest = tail.partition("verified_through: 2025-12-31\n")[2]
    return head.replace("2025-12-31", begin) + MONTH_AFTER + rest


def test_a_lender_completes_a_series_of_the_pack(tmp_path: Path) -> None:
    """An earlier start, an end and a further LPR: the pack's day keeps its value, later days have one."""
    write(tmp_path, LPR, completed("2025-12-22"))
    registry = load_registry((LPR,), tmp_path)
    assert value(registry, LPR) == "2.95"
    day = date(2025, 12, 31)
    on_pack_day = registry.resolve(LPR, on=day, known_on=day, purpose=Purpose.BOOKING)
    assert on_pack_day.value.text == "3.0"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (completed("2026-01-01"), "policy.rewritten"),
        (completed("2025-12-31").replace('"3.0"', '"3.1"'), "policy.rewritten"),
        (completed("2025-12-31").replace('"3.85"', '"3.8"'), "policy.rewritten"),
        (completed("2025-12-31").replace("anchor: contract", "anchor: event"), "policy.malformed"),
    ],
)
def test_a_lender_rewrites_nothing_of_the_pack(tmp_path: Path, text: str, code: str) -> None:
    """A later start, another value, another anchor under the name of law: refused."""
    write(tmp_path, LPR, text)
    with pytest.raises(ArrearsError) as caught:
        load_registry((LPR,), tmp_path)
    assert caught.value.code == code


def ratify(directory: Path, name: str, value: str, *, until: str = "2027-01-01") -> Path:
    """Write the lender's word for one value, beside the text that was read; answer where it lies."""
    text = directory / "texts" / "notice.txt"
    text.parent.mkdir(exist_ok=True)
    text.write_text("art. 3: ...", encoding="utf-8")
    (directory / "ratifications.yaml").write_text(
        f"- id: {name}\n  value: {value}\n  person: a lawyer, general counsel\n"
        "  text_read: the notice, art. 3\n  text_file: texts/notice.txt\n"
        f"  text_sha256: {hashlib.sha256(text.read_bytes()).hexdigest()}\n"
        f"  ratified_on: 2026-01-01\n  expires_on: {until}\n",
        encoding="utf-8",
    )
    return text


def test_a_ratification_in_the_directory_is_read(tmp_path: Path) -> None:
    """The lender's word lifts the mark from an unverified permission until it expires."""
    name = "cn.penalty.compound_rate_on_unpaid_interest"
    ratify(tmp_path, name, "penalty_rate")

    def needs(registry: PolicyRegistry) -> bool:
        return registry.resolve(
            name, on=DAY, known_on=DAY, purpose=Purpose.BOOKING
        ).needs_ratification

    assert needs(load_registry((name,)))
    assert not needs(load_registry((name,), tmp_path))


def test_a_ratified_value_stays_unverified(tmp_path: Path) -> None:
    """Ratified by this lender is another mark than verified; expired, it is refused again."""
    name = "cn.penalty.compound_rate_on_unpaid_interest"
    ratify(tmp_path, name, "penalty_rate", until=str(DAY))
    registry = load_registry((name,), tmp_path)
    eve, day = (
        registry.resolve(name, on=on, known_on=on, purpose=Purpose.BOOKING)
        for on in (DAY - timedelta(days=1), DAY)
    )
    assert (eve.status, day.status) == (Status.UNVERIFIED, Status.UNVERIFIED)
    assert eve.ratification is not None
    assert eve.ratification.person == "a lawyer, general counsel"
    assert (eve.needs_ratification, day.needs_ratification) == (False, True)
    assert day.ratification is None


def test_another_value_is_not_ratified(tmp_path: Path) -> None:
    """Who read a text that says something else has not ratified what the pack says."""
    name = "cn.penalty.compound_rate_on_unpaid_interest"
    ratify(tmp_path, name, "contract_rate")
    registry = load_registry((name,), tmp_path)
    assert registry.resolve(name, on=DAY, known_on=DAY, purpose=Purpose.BOOKING).needs_ratification


@pytest.mark.parametrize("change", ["rewritten", "removed"])
def test_a_text_that_changed_ratifies_nothing(tmp_path: Path, change: str) -> None:
    """The hash is of the text that was read: another text, or none, is refused when loaded."""
    name = "cn.penalty.compound_rate_on_unpaid_interest"
    text = ratify(tmp_path, name, "penalty_rate")
    if change == "rewritten":
        text.write_text("art. 3: something else", encoding="utf-8")
    else:
        text.unlink()
    with pytest.raises(ArrearsError) as caught:
        load_registry((name,), tmp_path)
    assert caught.value.code == "policy.text_changed"


def test_a_ratified_text_lies_in_the_directory(tmp_path: Path) -> None:
    """A path that leads out of the lender's directory is not followed."""
    name = "cn.penalty.compound_rate_on_unpaid_interest"
    own = tmp_path / "own"
    own.mkdir()
    text = ratify(own, name, "penalty_rate")
    text.rename(tmp_path / "notice.txt")
    listed = own / "ratifications.yaml"
    listed.write_text(listed.read_text("utf-8").replace("texts/", "../"), encoding="utf-8")
    with pytest.raises(ArrearsError) as caught:
        load_registry((name,), own)
    assert caught.value.code == "policy.text_changed"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("id: [", "policy.malformed"),
        ("", "policy.malformed"),
        ("id: !!python/object:os.system {}", "policy.malformed"),
        (pack_text(CAP), "policy.malformed"),
        (pack_text(BUCKETS).replace("2026-11-24", "2026-13-24"), "policy.malformed"),
        (pack_text(BUCKETS) + "status: verified\n", "policy.malformed"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, code: str) -> None:
    """No YAML, nothing, code in disguise, another id, no date, a field twice: the message says which file."""
    write(tmp_path, BUCKETS, text)
    with pytest.raises(ArrearsError) as caught:
        load_registry(None, tmp_path)
    assert caught.value.code == code
    assert "cn/classification/bucket_over.yaml" in caught.value.where


def test_ratifications_are_a_list(tmp_path: Path) -> None:
    """One ratification without its dash is refused by name."""
    (tmp_path / "ratifications.yaml").write_text("id: x\n", encoding="utf-8")
    with pytest.raises(ArrearsError) as caught:
        load_registry(None, tmp_path)
    assert caught.value.where == f"{tmp_path}, ratifications.yaml"


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A slip in the path must not silently mean: no policy of the lender's own."""
    with pytest.raises(ArrearsError) as caught:
        load_registry(None, tmp_path / "nowhere")
    assert caught.value.code == "policy.malformed"


@pytest.mark.parametrize("name", ["cn.price.nothing", "../../secret", "cn/price/lpr_1y", ""])
def test_an_id_without_a_file_is_unknown(name: str) -> None:
    """An id is never a path: nothing outside the pack is opened."""
    with pytest.raises(ArrearsError) as caught:
        load_registry((name,))
    assert caught.value.code == "policy.unknown"
