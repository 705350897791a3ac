"""The chart and the rules: every combination answered once, and each rule means what its kind means."""

from __future__ import annotations

import copy
from itertools import product
from pathlib import Path

import pytest
import yaml

from arrears.adapters.ledger_files import (
    CHART_FILE,
    RULES_FILE,
    load_posting_rules,
    load_posting_rules_from,
)
from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import Component, MovementKind, Stage
from arrears.ledger.chart import parse_chart
from arrears.ledger.posting_rules import DirectKind, PostingRules, RuleKey, parse_posting_rules

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "arrears" / "ledger" / "data"
GOLDEN = HERE / "goldens" / "entries.txt"

Document = dict[str, list[dict[str, object]]]


@pytest.fixture
def chart_document() -> Document:
    """A fresh copy of the chart as plain data, to be broken."""
    return copy.deepcopy(yaml.safe_load((DATA / CHART_FILE).read_text(encoding="utf-8")))


@pytest.fixture
def rules_document() -> Document:
    """A fresh copy of the rules as plain data, to be broken."""
    return copy.deepcopy(yaml.safe_load((DATA / RULES_FILE).read_text(encoding="utf-8")))


def entries_as_text(rules: PostingRules) -> str:
    lines = ["# What a positive amount posts: debit <- credit. Kinds, components, stages in order."]
    for kind in MovementKind:
        lines.append(f"{kind.name.lower()}")
        for component, stage in product(Component, Stage):
            pairs = rules.pairs_of.get(RuleKey(kind, component, stage))
            if pairs is not None:
                told = "; ".join(f"{pair.debit} <- {pair.credit}" for pair in pairs) or "nothing"
                lines.append(f"  {component.name.lower()} {stage.name.lower()}: {told}")
    lines.extend(
        f"{kind.name.lower()}\n  {rules.direct[kind].debit} <- {rules.direct[kind].credit}"
        for kind in DirectKind
    )
    return "\n".join(lines) + "\n"


def test_the_entries_are_the_golden_ones(rules: PostingRules) -> None:
    """Every entry of every kind, spelled out; a change of the rules must be read here too."""
    assert entries_as_text(rules) == GOLDEN.read_text(encoding="utf-8")


def test_every_combination_is_answered_once(rules: PostingRules) -> None:
    """All kinds x components x stages are either posted, not posted, or impossible with a reason."""
    everything = {RuleKey(*parts) for parts in product(MovementKind, Component, Stage)}
    assert rules.pairs_of.keys() | rules.impossible.keys() == everything
    assert not rules.pairs_of.keys() & rules.impossible.keys()
    assert all(rules.impossible.values())


def test_only_falling_due_posts_nothing(rules: PostingRules) -> None:
    """The due date is the one thing that changes no balance."""
    silent = {key.kind for key, pairs in rules.pairs_of.items() if not pairs}
    assert silent == {MovementKind.FELL_DUE}


def test_every_account_is_used_and_named_in_both_languages(rules: PostingRules) -> None:
    """No account stands in the chart that nothing posts to; each has a name in en and in zh."""
    pairs = [pair for several in rules.pairs_of.values() for pair in several]
    used = {code for pair in (*pairs, *rules.direct.values()) for code in pair}
    assert used == {account.code for account in rules.chart.accounts}
    for account in rules.chart.accounts:
        assert account.name_en.isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in account.name_zh)


def test_each_position_has_one_account(rules: PostingRules) -> None:
    """No two accounts hold the same component and stage, so the sub-ledger has one answer."""
    held = [
        (component, account.holds.stage)
        for account in rules.chart.accounts
        if account.holds
        for component in Component
        if account.holds.component in (None, component)
    ]
    assert len(held) == len(set(held))


def test_primary_pairs_tell_the_sign_of_any_row(rules: PostingRules) -> None:
    """A store may read posted amounts back by a join: one pair a rule that posts."""
    primary = dict(rules.primary_pairs())
    assert primary.keys() == {key for key, pairs in rules.pairs_of.items() if pairs}
    paid = primary[RuleKey(MovementKind.PAID, Component.INTEREST, Stage.NON_ACCRUAL)]
    assert paid == ("clearing", "interest_income")


def break_rule(document: Document, kind: str, /, **fields: object) -> None:
    found = next(item for item in document["rules"] if item["kind"] == kind)
    found.update(fields)


RULE_DEFECTS = {
    "an account that is not there": (
        lambda rules: break_rule(rules, "disbursed", pairs=[["loans_normal", "cash"]]),
        "two different accounts of the chart",
    ),
    "an account against itself": (
        lambda rules: break_rule(rules, "disbursed", pairs=[["clearing", "clearing"]]),
        "two different accounts",
    ),
    "a memo account against income": (
        lambda rules: break_rule(rules, "accrued", pairs=[["off_balance_charges", "fee_income"]]),
        "both memo or neither",
    ),
    "the two sides exchanged": (
        lambda rules: break_rule(rules, "disbursed", pairs=[["clearing", "loans_normal"]]),
        "the positions to change by normal \\+1, got normal -1",
    ),
    "another component's account": (
        lambda rules: break_rule(rules, "accrued", pairs=[["fee_receivable", "interest_income"]]),
        "accounts that hold this component, got fee_receivable",
    ),
    "a pair and its mirror": (
        lambda rules: break_rule(
            rules, "disbursed", pairs=[["loans_normal", "clearing"], ["clearing", "loans_normal"]]
        ),
        "pairs of different accounts",
    ),
    "a posting for what posts nothing": (
        lambda rules: break_rule(rules, "fell_due", pairs=[["clearing", "suspense"]]),
        "either pairs or no_posting",
    ),
    "no posting for what changes a balance": (
        lambda rules: rules["rules"][0].update(no_posting=True) or rules["rules"][0].pop("pairs"),
        "got nothing",
    ),
    "a combination never answered": (
        lambda rules: rules["rules"].pop(0),
        "never: disbursed principal normal",
    ),
    "a combination answered twice": (
        lambda rules: rules["rules"].append(rules["rules"][0]),
        "more than once: disbursed principal normal",
    ),
    "a kind that is no word": (
        lambda rules: break_rule(rules, "disbursed", kind="lent"),
        "field kind",
    ),
    "an unknown field": (
        lambda rules: break_rule(rules, "disbursed", note="x"),
        "unknown note",
    ),
    "no reason why": (
        lambda rules: rules["impossible"][0].update(why=" "),
        "field why",
    ),
    "a direct kind left out": (
        lambda rules: rules["direct"].pop(),
        "none for allowance_raised",
    ),
    "a direct posting on a borrower's position": (
        lambda rules: rules["direct"][0].update(pair=["clearing", "loans_normal"]),
        "hold no borrower's position",
    ),
    "no rules": (lambda rules: rules.update(rules=[]), "at least one item"),
}


@pytest.mark.parametrize("defect", RULE_DEFECTS)
def test_defective_rules_are_refused(
    defect: str, rules: PostingRules, rules_document: Document
) -> None:
    """Each defect that would make ledger and fold disagree is found when the rules are loaded."""
    damage, told = RULE_DEFECTS[defect]
    damage(rules_document)
    with pytest.raises(ArrearsError, match=told) as caught:
        parse_posting_rules(rules_document, rules.chart, where=RULES_FILE)
    assert caught.value.code == "ledger.rules_malformed"
    assert caught.value.where.startswith(RULES_FILE)


CHART_DEFECTS = {
    "a code twice": (
        lambda chart: chart["accounts"].append(chart["accounts"][0]),
        "each code once, got clearing",
    ),
    "no Chinese name": (lambda chart: chart["accounts"][0].pop("name_zh"), "no name_zh"),
    "an unknown type": (lambda chart: chart["accounts"][0].update(type="cash"), "field type"),
    "an unknown side": (lambda chart: chart["accounts"][0].update(normal="left"), "field normal"),
    "a blank code": (lambda chart: chart["accounts"][0].update(code=""), "field code"),
    "a holding without a stage": (
        lambda chart: chart["accounts"][0].update(holds={"component": "any"}),
        "no stage",
    ),
    "a holding of an unknown component": (
        lambda chart: chart["accounts"][0].update(holds={"component": "x", "stage": "normal"}),
        "principal, interest, fee, penalty, compound",
    ),
    "an account that is no mapping": (
        lambda chart: chart["accounts"].append("cash"),
        "expected  a mapping",
    ),
}


@pytest.mark.parametrize("defect", CHART_DEFECTS)
def test_a_defective_chart_is_refused(defect: str, chart_document: Document) -> None:
    """Each field of each account is checked, and the message says which account and field."""
    damage, told = CHART_DEFECTS[defect]
    damage(chart_document)
    with pytest.raises(ArrearsError, match=told) as caught:
        parse_chart(chart_document, where=CHART_FILE)
    assert caught.value.code == "ledger.chart_malformed"


def test_a_lenders_own_files_are_read_and_checked_alike(tmp_path: Path) -> None:
    """The shipped files copied elsewhere give the shipped rules; missing or broken ones are named."""
    for name in (CHART_FILE, RULES_FILE):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    own = load_posting_rules_from(tmp_path)
    assert own.pairs_of == load_posting_rules().pairs_of
    chart = tmp_path / CHART_FILE
    text = chart.read_text(encoding="utf-8")
    for broken, told in (
        (text.replace("name_en: Clearing", "code: twice, name_en: Clearing", 1), "stands twice"),
        ("accounts: [", "expected  YAML"),
    ):
        chart.write_text(broken, encoding="utf-8")
        with pytest.raises(ArrearsError, match=told):
            load_posting_rules_from(tmp_path)
    chart.unlink()
    with pytest.raises(ArrearsError, match="a readable UTF-8 file"):
        load_posting_rules_from(tmp_path)
