"""One receipt over several debts, as Civil Code 560 orders them."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from arrears.servicing.across_debts import Debt, split_receipt


def debt(name: str, due: int, payoff: int, burden: int, day: int) -> Debt:
    """A debt due on a day of March."""
    return Debt(
        account_id=name,
        due_minor=due,
        payoff_minor=payoff,
        burden_ppm=burden,
        due_on=date(2026, 3, day),
    )


def test_the_order_of_the_civil_code() -> None:
    """Due before undue, then the heavier burden, then the earlier due date, then pro rata."""
    debts = [
        debt("undue", 0, 900, 300_000, 20),
        debt("light", 100, 500, 100_000, 1),
        debt("heavy", 100, 500, 200_000, 9),
        debt("twin", 100, 500, 200_000, 9),
    ]
    assert split_receipt(150, debts) == {"heavy": 75, "twin": 75}
    assert split_receipt(250, debts) == {"heavy": 100, "twin": 100, "light": 50}
    assert split_receipt(400, debts) == {"heavy": 100, "twin": 100, "light": 100, "undue": 100}


def test_the_payer_decides_first() -> None:
    """A designated account is served up to its pay-off before the law's order begins."""
    debts = [debt("a", 100, 500, 200_000, 1), debt("b", 0, 300, 100_000, 20)]
    assert split_receipt(350, debts, ["b"]) == {"b": 300, "a": 50}


@given(
    st.integers(1, 10_000),
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(1, 900), st.integers(0, 3), st.integers(1, 28)),
        min_size=1,
        max_size=5,
    ),
)
def test_no_fen_is_lost(cash: int, made: list[tuple[int, int, int, int]]) -> None:
    """The parts sum to the cash; no debt gets more than its pay-off unless all are settled."""
    debts = [
        debt(f"d{at}", min(due, payoff), payoff, burden, day)
        for at, (due, payoff, burden, day) in enumerate(made)
    ]
    parts = split_receipt(cash, debts)
    assert sum(parts.values()) == cash
    owed = {each.account_id: each.payoff_minor for each in debts}
    if cash <= sum(owed.values()):
        assert all(part <= owed[name] for name, part in parts.items())
