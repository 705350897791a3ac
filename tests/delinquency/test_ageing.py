"""Ages in days against the official thresholds: the day before, the day of, the day after."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from arrears import bootstrap
from arrears.app.owing import AGEING_IDS, ageing_rules
from arrears.delinquency.ageing import standing_of
from arrears.policy.snapshot import take_snapshot

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors" / "regulation.json"


@pytest.mark.parametrize(
    ("name", "field", "attribute"),
    [("dpd_class", "class", "five_class"), ("pbc_status_map", "status", "bureau")],
)
def test_official_thresholds(name: str, field: str, attribute: str) -> None:
    """Five-class and bureau digit at every bound of the vectors, each exceeded strictly."""
    if not VECTORS.exists():
        pytest.skip("../shared/vectors is absent: no threshold was compared with the vectors")
    known = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    vector = next(each for each in known if each["id"] == name)
    rules = ageing_rules(take_snapshot(bootstrap.policy_registry(AGEING_IDS)), date(2026, 6, 1))
    found = [getattr(standing_of(days, rules), attribute) for days in vector["inputs"]["dpd"]]
    assert found == vector["expected"][field]


@pytest.mark.parametrize(
    ("days", "bucket"), [(0, "M0"), (1, "M1"), (30, "M1"), (31, "M2"), (180, "M6"), (181, "M6+")]
)
def test_buckets_of_thirty_days(days: int, bucket: str) -> None:
    """Day 30 is still M1, day 31 is M2."""
    rules = ageing_rules(take_snapshot(bootstrap.policy_registry(AGEING_IDS)), date(2026, 6, 1))
    assert standing_of(days, rules).bucket == bucket
