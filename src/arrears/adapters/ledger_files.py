"""Reading the chart of accounts and the posting rules: the package's own, or a lender's."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from arrears.kernel.errors import ArrearsError
from arrears.ledger.chart import CHART_MALFORMED, parse_chart
from arrears.ledger.posting_rules import RULES_MALFORMED, parse_posting_rules

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from arrears.ledger.posting_rules import PostingRules

CHART_FILE = "chart_of_accounts.yaml"
RULES_FILE = "posting_rules.yaml"

# The C reader is some ten times as fast; it is missing where libyaml was, and reads the same.
_Reader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _OnceReader(_Reader):  # type: ignore[misc, valid-type]  # chosen above, when it is known
    """A reader that refuses a name standing twice in one mapping; YAML would keep the last."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - the library's own
    ) -> dict[Hashable, object]:
        """The mapping, each name once."""
        names = [self.construct_object(name, deep=deep) for name, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} stands twice in one mapping", node.start_mark
                )
        mapping: dict[Hashable, object] = super().construct_mapping(node, deep=deep)
        return mapping


@cache
def load_posting_rules() -> PostingRules:
    """The package's own chart and rules, checked; read once in a process.

    Raises:
        ArrearsError: `ledger.chart_malformed`, `ledger.rules_malformed`.
    """
    data = resources.files("arrears.ledger") / "data"
    return _parsed(
        (data / CHART_FILE).read_text(encoding="utf-8"),
        (data / RULES_FILE).read_text(encoding="utf-8"),
    )


def load_posting_rules_from(directory: Path) -> PostingRules:
    """A lender's own chart and rules, under the same file names, checked in the same way.

    Raises:
        ArrearsError: `ledger.chart_malformed`, `ledger.rules_malformed`; also where a file cannot
            be read.
    """
    texts = []
    for name, code in ((CHART_FILE, CHART_MALFORMED), (RULES_FILE, RULES_MALFORMED)):
        path = directory / name
        try:
            texts.append(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as cause:
            raise ArrearsError(
                code, where=str(path), expected="a readable UTF-8 file", got=str(cause)
            ) from cause
    return _parsed(*texts)


def _parsed(chart_text: str, rules_text: str) -> PostingRules:
    """Both texts as checked rules."""
    chart = parse_chart(_document(chart_text, CHART_FILE, CHART_MALFORMED), where=CHART_FILE)
    rules = _document(rules_text, RULES_FILE, RULES_MALFORMED)
    return parse_posting_rules(rules, chart, where=RULES_FILE)


def _document(text: str, name: str, code: str) -> object:
    """One YAML text as plain lists, mappings and words."""
    try:
        return yaml.load(text, Loader=_OnceReader)  # noqa: S506 - a safe loader, made stricter
    except yaml.YAMLError as cause:
        raise ArrearsError(code, where=name, expected="YAML", got=str(cause)) from cause
