"""Posting rules: for each kind of movement the accounts it debits and credits, checked as a whole.

The rules are data. What they must obey is code: every combination that the kernel's words allow is
answered once, memo accounts are paired with memo accounts, and what a rule does to the accounts that
hold borrowers' positions is exactly what `positions.EFFECTS` says the kind does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum, unique
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from arrears.kernel.errors import ArrearsError
from arrears.kernel.movement import Component, MovementKind, Stage
from arrears.ledger.chart import ANY_WORD, COMPONENT_WORDS, STAGE_WORDS, AccountType, Chart
from arrears.ledger.positions import EFFECTS
from arrears.ledger.reading import read_fields, read_list, read_text, read_word

if TYPE_CHECKING:
    from collections.abc import Mapping

    Member = TypeVar("Member", bound=IntEnum)

RULES_MALFORMED = "ledger.rules_malformed"

KIND_WORDS: Mapping[str, MovementKind] = {item.name.lower(): item for item in MovementKind}

#: How many combinations a message names before it says how many more there are.
NAMED_IN_MESSAGE = 5


@unique
class DirectKind(IntEnum):
    """Postings that no movement of a loan causes; numbered away from `MovementKind`."""

    RECEIPT_UNIDENTIFIED = 101  #: cash came in and nobody knows for whom
    RECEIPT_MATCHED = 102  #: it now belongs to an account, whose movements post it again as paid
    RECEIPT_RETURN_DECIDED = 103  #: it will be sent back
    RECEIPT_RETURNED = 104  #: it was sent back
    ALLOWANCE_RAISED = 105  #: expected losses were provided for


DIRECT_WORDS: Mapping[str, DirectKind] = {item.name.lower(): item for item in DirectKind}


class Pair(NamedTuple):
    """One debit and one credit of the same amount."""

    debit: str
    credit: str


class RuleKey(NamedTuple):
    """What decides how a movement is posted."""

    kind: MovementKind
    component: Component
    stage: Stage

    def __str__(self) -> str:
        """The three words, as they stand in the file."""
        return " ".join(part.name.lower() for part in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRules:
    """Every combination answered: posted by pairs, posted not at all, or declared impossible."""

    chart: Chart
    pairs_of: Mapping[RuleKey, tuple[Pair, ...]]  #: empty: the movement changes no balance
    impossible: Mapping[RuleKey, str]  #: and why it cannot occur
    direct: Mapping[DirectKind, Pair]

    def pairs(self, kind: int, component: int, stage: int) -> tuple[Pair, ...]:
        """The pairs of one movement; empty where nothing is posted.

        Raises:
            ArrearsError: `ledger.rule_missing`: the combination is declared impossible or is none
                of the kernel's words; the account is to be parked.
        """
        # Enums are integers: a plain triple finds its rule without being made into enums first.
        found = self.pairs_of.get((kind, component, stage))  # type: ignore[call-overload]  # equal by value
        if found is None:
            raise self._missing(kind, component, stage)
        answer: tuple[Pair, ...] = found
        return answer

    def primary_pairs(self) -> tuple[tuple[RuleKey, Pair], ...]:
        """The pair by which a posted amount is read back, for each rule that posts.

        A journal row with these accounts stands for +amount under its key, one with the two
        swapped for -amount; rows of further pairs repeat the same amount elsewhere.
        """
        return tuple((key, pairs[0]) for key, pairs in self.pairs_of.items() if pairs)

    def _missing(self, kind: int, component: int, stage: int) -> ArrearsError:
        """The error for a movement that has no rule."""
        key = f"kind {kind}, component {component}, stage {stage}"
        for known, why in self.impossible.items():
            if known == (kind, component, stage):
                key = f"{known} (declared impossible: {why})"
        return ArrearsError(
            "ledger.rule_missing",
            where="posting rules",
            expected="a movement that the rules can post",
            got=key,
        )


def parse_posting_rules(document: object, chart: Chart, *, where: str) -> PostingRules:
    """Read posting rules from a plain document and check them against each other and the chart.

    Args:
        document: A mapping with `rules`, `impossible` and `direct`, as the file reader gave it.
        chart: Whose accounts the rules may name.
        where: The file's name, for messages.

    Raises:
        ArrearsError: `ledger.rules_malformed`: a field is wrong, an account is unknown, a
            combination is answered twice or never, or a rule does not do what its kind means.
    """
    top = read_fields(
        document,
        required=frozenset({"rules", "impossible", "direct"}),
        optional=frozenset(),
        where=where,
        code=RULES_MALFORMED,
    )
    pairs_of: dict[RuleKey, tuple[Pair, ...]] = {}
    impossible: dict[RuleKey, str] = {}
    answered: Counter[RuleKey] = Counter()
    for number, item in enumerate(_listed(top, "rules", where), start=1):
        keys, pairs = _parse_rule(item, chart, where=f"{where}, rule {number}")
        answered.update(keys)
        pairs_of.update(dict.fromkeys(keys, pairs))
    for number, item in enumerate(_listed(top, "impossible", where), start=1):
        keys, why = _parse_impossible(item, where=f"{where}, impossible {number}")
        answered.update(keys)
        impossible.update(dict.fromkeys(keys, why))
    _check_coverage(answered, where)
    for key, pairs in pairs_of.items():
        _check_effect(key, pairs, chart, where)
    return PostingRules(
        chart=chart,
        pairs_of=pairs_of,
        impossible=impossible,
        direct=_parse_direct(_listed(top, "direct", where), chart, where),
    )


def _listed(top: dict[str, object], name: str, where: str) -> list[object]:
    """One of the three lists of the file."""
    return read_list(top[name], where=f"{where}, {name}", code=RULES_MALFORMED)


def _parse_rule(
    document: object, chart: Chart, *, where: str
) -> tuple[list[RuleKey], tuple[Pair, ...]]:
    """One rule: the combinations it answers, and its pairs."""
    fields = read_fields(
        document,
        required=frozenset({"kind", "component", "stage"}),
        optional=frozenset({"pairs", "no_posting"}),
        where=where,
        code=RULES_MALFORMED,
    )
    keys = _parse_keys(fields, where)
    posts = "pairs" in fields
    if posts == ("no_posting" in fields) or fields.get("no_posting", True) is not True:
        raise ArrearsError(
            RULES_MALFORMED,
            where=where,
            expected="either pairs or no_posting: true",
            got=repr(document),
        )
    if not posts:
        return keys, ()
    listed = read_list(fields["pairs"], where=f"{where}, field pairs", code=RULES_MALFORMED)
    pairs = tuple(_parse_pair(item, chart, where=f"{where}, field pairs") for item in listed)
    # A pair that came twice, or once each way, could not be told apart when the journal is read.
    if len({frozenset(pair) for pair in pairs}) != len(pairs):
        raise ArrearsError(
            RULES_MALFORMED,
            where=where,
            expected="pairs of different accounts",
            got=repr(fields["pairs"]),
        )
    return keys, pairs


def _parse_impossible(document: object, *, where: str) -> tuple[list[RuleKey], str]:
    """Combinations that cannot occur, and why."""
    fields = read_fields(
        document,
        required=frozenset({"kind", "component", "stage", "why"}),
        optional=frozenset(),
        where=where,
        code=RULES_MALFORMED,
    )
    why = read_text(fields["why"], where=f"{where}, field why", code=RULES_MALFORMED)
    return _parse_keys(fields, where), why


def _parse_direct(documents: list[object], chart: Chart, where: str) -> dict[DirectKind, Pair]:
    """The postings that no movement causes; each exactly once, and none on a borrower's position."""
    direct: dict[DirectKind, Pair] = {}
    for number, document in enumerate(documents, start=1):
        place = f"{where}, direct {number}"
        fields = read_fields(
            document,
            required=frozenset({"kind", "pair"}),
            optional=frozenset(),
            where=place,
            code=RULES_MALFORMED,
        )
        kind = read_word(
            fields["kind"], DIRECT_WORDS, where=f"{place}, field kind", code=RULES_MALFORMED
        )
        pair = _parse_pair(fields["pair"], chart, where=f"{place}, field pair")
        if kind in direct or any(chart.account(code).holds for code in pair):
            raise ArrearsError(
                RULES_MALFORMED,
                where=place,
                expected="each kind once, on accounts that hold no borrower's position",
                got=repr(document),
            )
        direct[kind] = pair
    missing = [word for word, kind in DIRECT_WORDS.items() if kind not in direct]
    if missing:
        raise ArrearsError(
            RULES_MALFORMED,
            where=f"{where}, direct",
            expected="every direct kind",
            got=f"none for {', '.join(missing)}",
        )
    return direct


def _parse_keys(fields: dict[str, object], where: str) -> list[RuleKey]:
    """Every combination that the words kind, component and stage of one item stand for."""
    kinds = _parse_words(fields["kind"], KIND_WORDS, f"{where}, field kind")
    components = _parse_words(fields["component"], COMPONENT_WORDS, f"{where}, field component")
    stages = _parse_words(fields["stage"], STAGE_WORDS, f"{where}, field stage")
    return [RuleKey(*parts) for parts in product(kinds, components, stages)]


def _parse_words(document: object, words: Mapping[str, Member], where: str) -> list[Member]:
    """One word, a list of words, or `any`."""
    if document == ANY_WORD:
        return list(words.values())
    items = document if isinstance(document, list) else [document]
    return [read_word(item, words, where=where, code=RULES_MALFORMED) for item in items]


def _parse_pair(document: object, chart: Chart, *, where: str) -> Pair:
    """`[debit, credit]`: two different accounts, both on the balance sheet or both off it."""
    match document:
        case [str(debit), str(credit)] if debit in chart and credit in chart:
            memos = [chart.account(code).type is AccountType.MEMO for code in (debit, credit)]
            if debit != credit and memos[0] == memos[1]:
                return Pair(debit, credit)
    raise ArrearsError(
        RULES_MALFORMED,
        where=where,
        expected="[debit, credit], two different accounts of the chart, both memo or neither",
        got=repr(document),
    )


def _check_coverage(answered: Counter[RuleKey], where: str) -> None:
    """Every combination of the kernel's words is answered exactly once."""
    everything = (RuleKey(*parts) for parts in product(MovementKind, Component, Stage))
    never = [str(key) for key in everything if not answered[key]]
    twice = [str(key) for key, times in answered.items() if times > 1]
    for names, told in ((never, "never"), (twice, "more than once")):
        if names:
            more = f" and {len(names) - NAMED_IN_MESSAGE} more" if names[NAMED_IN_MESSAGE:] else ""
            raise ArrearsError(
                RULES_MALFORMED,
                where=where,
                expected="each kind, component and stage answered once",
                got=f"{told}: {', '.join(names[:NAMED_IN_MESSAGE])}{more}",
            )


def _check_effect(key: RuleKey, pairs: tuple[Pair, ...], chart: Chart, where: str) -> None:
    """A rule moves the accounts that hold positions exactly as its kind moves positions."""
    expected: Counter[Stage | None] = Counter()
    for effect in EFFECTS[key.kind]:
        target = None if effect.is_credit else (effect.stage or key.stage)
        if effect.stage is not None:
            target = effect.stage
        expected[target] += effect.sign
    got: Counter[Stage | None] = Counter()
    for pair in pairs:
        for code, sign in ((pair.debit, 1), (pair.credit, -1)):
            holds = chart.account(code).holds
            if holds is None:
                continue
            if holds.component not in (None, key.component):
                raise ArrearsError(
                    RULES_MALFORMED,
                    where=f"{where}, {key}",
                    expected="accounts that hold this component",
                    got=code,
                )
            # The credit balance is owed to the customer: a credit there is more of it.
            got[holds.stage] += -sign if holds.stage is None else sign
    if {part: sign for part, sign in got.items() if sign} != dict(expected):
        raise ArrearsError(
            RULES_MALFORMED,
            where=f"{where}, {key}",
            expected=f"the positions to change by {_told(expected)}",
            got=_told(got),
        )


def _told(changes: Counter[Stage | None]) -> str:
    """Changes of positions in words, as in "normal -1, overdue +1"."""
    return (
        ", ".join(
            f"{'credit' if stage is None else stage.name.lower()} {sign:+d}"
            for stage, sign in changes.items()
            if sign
        )
        or "nothing"
    )
