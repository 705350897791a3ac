"""Accruals told as one: nothing is lost, and only what goes on unchanged is joined."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from arrears.kernel.movement import MovementKind
from arrears.servicing.contract import read_contract
from arrears.servicing.events import read_event
from arrears.servicing.explanation import joined, movements_of
from arrears.servicing.state import fold_contract

CONTRACT = {
    "terms": {
        "principal": "3000",
        "disbursed_on": "2026-01-05",
        "annual_rate": "0.18",
        "instalments": 3,
    },
    "penalty": {"mode": "replaces", "uplift": "0.5", "grace_days": 3},
}
EVENTS = (
    {"id": "D", "on": "2026-01-05", "type": "disbursed", "amount": "3000"},
    {"id": "P", "on": "2026-03-20", "type": "repaid", "amount": "400"},
)


def test_joined_accruals_sum_to_the_same_and_touch() -> None:
    """Sums by row and component stay; of two neighbours with one base and rate, none is left."""
    contract = read_contract(CONTRACT)
    currency = contract.terms.currency
    events = [read_event(dict(each), currency, where="event") for each in EVENTS]
    state = fold_contract(contract, events, date(2026, 7, 15), posting=1)
    all_of_them = movements_of(state)
    told = joined(all_of_them)
    assert len(told) < len(all_of_them)
    sums: list[dict[tuple[object, ...], int]] = []
    for movements in (all_of_them, told):
        by_row: dict[tuple[object, ...], int] = defaultdict(int)
        for each in movements:
            by_row[each.contract, each.instalment, each.component, each.kind] += each.amount_minor
        sums.append(by_row)
    assert sums[0] == sums[1]
    rated = [each for each in told if each.kind is MovementKind.ACCRUED and each.rate_ppm]
    ends = {(each.instalment, each.component, each.base_minor, each.on) for each in rated}
    starts = {(each.instalment, each.component, each.base_minor, each.from_on) for each in rated}
    assert rated
    assert not ends & starts
