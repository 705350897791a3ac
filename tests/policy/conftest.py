"""Fixtures of the policy room: the pack, and documents to bend in one place at a time."""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from arrears.adapters.policy_files import load_registry
from arrears.policy.loading import read_parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from arrears.policy import Parameter, PolicyRegistry

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "regulation.json"

# The example of the house style: two values with a gap of a month between them.
EXAMPLE: dict[str, Any] = {
    "id": "cn.pricing.all_in_rate_annual_max",
    "meaning": "An example.",
    "type": "rate",
    "unit": "percent_per_year",
    "anchor": "contract",
    "level": "law",
    "force": "statute",
    "effect": "restriction",
    "stricter": "lower",
    "scope": {
        "licences": ["any"],
        "products": ["any"],
        "actors": ["lender"],
        "creditor_kinds": ["any"],
    },
    "yields_to": ["none"],
    "values": [
        {
            "from": date(2026, 7, 1),
            "until": date(2026, 10, 1),
            "value": "12.34",
            "from_is_exact": True,
            "title": "First text",
            "locator": "art. 5",
            "url": "https://example.org/1",
            "published_on": date(2026, 6, 26),
            "published_is_exact": True,
        },
        {
            "from": date(2026, 11, 1),
            "until": "open",
            "value": "11.11",
            "from_is_exact": True,
            "title": "Second text",
            "locator": "art. 5",
            "url": "https://example.org/2",
            "published_on": date(2026, 10, 20),
            "published_is_exact": True,
        },
    ],
    "verified_through": date(2026, 11, 30),
    "status": "unverified",
    "note": "An example.",
}


@pytest.fixture(scope="session")
def pack() -> PolicyRegistry:
    return load_registry()


@pytest.fixture
def document() -> dict[str, Any]:
    """A fresh copy of the example, to be bent."""
    return copy.deepcopy(EXAMPLE)


@pytest.fixture(scope="session")
def example_with() -> Callable[..., Parameter]:
    """The example as a parameter, with some fields replaced."""

    def build(**fields: object) -> Parameter:
        return read_parameter({**copy.deepcopy(EXAMPLE), **fields}, source="example.yaml")

    return build


@pytest.fixture(scope="session")
def one_step() -> Callable[..., dict[str, Any]]:
    """A step of the example, with some fields replaced."""

    def build(**fields: object) -> dict[str, Any]:
        step = copy.deepcopy(EXAMPLE["values"][0])
        return {**step, **{name.rstrip("_"): value for name, value in fields.items()}}

    return build


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """The worked numbers of regulation, by id."""
    if not VECTORS.is_file():
        pytest.skip("the folder ../shared/vectors is absent: its worked numbers are not checked")
    entries = json.loads(VECTORS.read_text("utf-8"))["vectors"]
    return {entry["id"]: entry for entry in entries}
