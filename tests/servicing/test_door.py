"""The door: each record becomes the columns the fold expects, and many accounts fold as one does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrears.kernel.arithmetic import night_weight
from arrears.kernel.dates import days_of, parse_date
from arrears.kernel.daycount import DayCount, YearSplit
from arrears.servicing import layout as c
from arrears.servicing.book import book_of, fold_all
from arrears.servicing.contract import Contract, read_contract
from arrears.servicing.door import DAY_COUNTS, columns_of, period_weight, with_rows
from arrears.servicing.events import Event, check_history, read_event
from arrears.servicing.fold_book import fold_book
from arrears.servicing.matrix import as_array
from arrears.servicing.state import ALL_KNOWN, fold_contract, run_fold, state_of

if TYPE_CHECKING:
    from arrears.servicing.tables import Array

LENT = {"id": "D", "on": "2026-01-01", "type": "disbursed", "amount": "1200.00"}


def contract(**changes: object) -> Contract:
    """A loan of 1,200.00 in three monthly instalments at 12 %."""
    given_: Any = changes
    terms = {
        "principal": "1200",
        "disbursed_on": "2026-01-01",
        "annual_rate": "0.12",
        "method": "equal_principal",
        "instalments": 3,
        "day_count": "30E/360",
        **given_.pop("terms", {}),
    }
    return read_contract({"terms": terms, "penalty": {"uplift": "0.5"}, **given_})


def events_of(agreed: Contract, *documents: dict[str, Any]) -> list[Event]:
    """Events as the door takes them."""
    made = [
        read_event({"id": f"E{at}", **each}, agreed.terms.currency, where=f"event {at}")
        for at, each in enumerate(documents)
    ]
    check_history(made)
    return made


@dataclass
class Seen:
    """Columns as numpy arrays, to be cut in every way."""

    terms: Array
    orders: Array
    events: Array
    rows: Array
    event_ids: tuple[str, ...]


def columns(agreed: Contract, *documents: dict[str, Any]) -> Seen:
    """The columns of a history."""
    made = columns_of(agreed, events_of(agreed, *documents))
    arrays = [as_array(each) for each in (made.terms, made.orders, made.events, made.rows)]
    return Seen(*arrays, event_ids=made.event_ids)


def kinds(found: Seen, event: int) -> list[int]:
    """The kinds of the rows an event owns."""
    first, count = found.events[event, [c.E_ROW_FIRST, c.E_ROW_COUNT]].tolist()
    return list(found.rows[first : first + count, c.R_KIND].tolist())


def test_terms_in_their_columns() -> None:
    """Every term stands where the layout says: modes as codes, derived rates as whole ppm."""
    agreed = contract(
        accrual="daily",
        keep="principal",
        rounding_interval="each_day",
        penalty={"mode": "adds", "base": "principal_and_interest", "uplift": "0.3", "grace_days": 3,
                 "materiality": "5.00"},
        allocation={"direction": "vertical", "surplus": "last"},
        cap_annual="0.24",
        non_accrual_days=90,
        early_fee="in_full",
        class_edges=[90, 270, 360],
    )  # fmt: skip
    terms = columns(agreed, LENT).terms
    expected = {
        c.T_DAY_COUNT: c.DAY_COUNT_30E_360, c.T_DAY_BASIS: 360, c.T_YEAR_SPLIT: 1,
        c.T_ROUNDING: c.ROUND_HALF_UP, c.T_ROUNDING_INTERVAL: 1, c.T_ACCRUAL: 1, c.T_KEEP: 1,
        c.T_RATE: 120_000, c.T_PENALTY_MODE: c.PENALTY_ADDS, c.T_PENALTY_BASE: 1,
        c.T_PENALTY_RATE: 36_000, c.T_COMPOUND_RATE: c.NONE, c.T_GRACE_DAYS: 3, c.T_MATERIALITY: 500,
        c.T_CAP: 240_000, c.T_DIRECTION: 1, c.T_SURPLUS: c.SURPLUS_LAST, c.T_ORDER_FIRST: 0,
        c.T_ORDER_COUNT: 1, c.T_NON_ACCRUAL_DAYS: 90, c.T_EARLY_FEE: 1,
    }  # fmt: skip
    assert {at: int(terms[at]) for at in expected} == expected
    edges = terms[c.T_CLASS_EDGE : c.T_CLASS_EDGE + c.CLASS_EDGES].tolist()
    assert edges == [90, 270, 360, 0]


def test_the_default_order_is_costs_interest_principal_in_every_standing() -> None:
    """Civil Code 561: fee, interest, penalty, compound, principal; past due, then due, then ahead."""
    orders = columns(contract(), LENT).orders
    slots = [standing * 5 + part for standing in range(3) for part in (2, 1, 3, 4, 0)]
    assert orders.tolist() == [[c.NONE, 0, *slots]]


def test_a_disbursement_owns_its_solved_rows() -> None:
    """Three rows of 400.00 with interest of 12, 8 and 4; periods follow one another."""
    found = columns(contract(), LENT)
    days = [days_of(date(2026, month, 1)) for month in (1, 2, 3, 4)]
    assert kinds(found, 0) == [c.KIND_INSTALMENT] * 3
    assert found.rows[:, c.R_FROM].tolist() == days[:3]
    assert found.rows[:, c.R_DUE].tolist() == found.rows[:, c.R_AGEING_FROM].tolist() == days[1:]
    assert found.rows[:, c.R_PRINCIPAL].tolist() == [400_00] * 3
    assert found.rows[:, c.R_INTEREST].tolist() == [12_00, 8_00, 4_00]
    assert found.rows[:, c.R_WEIGHT].tolist() == [30, 30, 30]
    assert found.rows[:, c.R_PERIOD_DAYS].tolist() == [31, 28, 31]


PLAN = [{"due_on": "2026-06-01", "principal": "1200"}]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"type": "fee_charged", "amount": "5"}, [c.KIND_CHARGE]),
        ({"type": "charged_back", "amount": "5"}, [c.KIND_CHARGE]),
        ({"type": "refunded", "amount": "5"}, [c.KIND_CHARGE]),
        ({"type": "accelerated", "until": "2026-02-10"}, [c.KIND_ACCELERATED]),
        ({"type": "replanned", "rows": PLAN}, [c.KIND_INSTALMENT, c.KIND_ADJUSTMENT]),
        ({"type": "rate_changed", "rate": "0.1", "rows": PLAN}, [c.KIND_INSTALMENT, c.KIND_ADJUSTMENT]),
        ({"type": "rate_changed", "rate": "0.1"}, []),
        ({"type": "disbursed", "amount": "5", "rows": PLAN}, [c.KIND_INSTALMENT, c.KIND_ADJUSTMENT]),
        ({"type": "repaid", "amount": "5"}, []),
        ({"type": "waived", "amount": "5", "component": "penalty"}, []),
    ],
)  # fmt: skip
def test_spare_rows(event: dict[str, Any], expected: list[int]) -> None:
    """Whatever may need a row of its own brings an empty one, in the order the fold looks for it."""
    found = columns(contract(), LENT, {"on": "2026-02-03", **event})
    assert kinds(found, 1) == expected
    spare = found.rows[found.rows[:, c.R_KIND] >= c.KIND_CHARGE]
    assert not spare[:, c.R_PRINCIPAL : c.R_CARRIED + 1].any()


def test_a_line_begins_with_what_is_not_billed() -> None:
    """Row 0 of a line is unbilled and never due; a statement brings minimum, then revolving."""
    agreed = contract(kind="line", line={"limit": "5000"})
    rows = [
        {"due_on": "2026-02-10", "principal": "30", "kind": "minimum"},
        {"due_on": "2026-02-10", "principal": "270", "kind": "revolving", "seq": 2},
    ]
    bought = {"on": "2026-01-05", "type": "purchased", "amount": "300"}
    found = columns(agreed, bought, {"on": "2026-02-01", "type": "statement_closed", "rows": rows})
    assert found.rows[0, [c.R_KIND, c.R_DUE, c.R_NUMBER]].tolist() == [c.KIND_UNBILLED, c.NEVER, 0]
    assert kinds(found, 1) == [c.KIND_MINIMUM, c.KIND_REVOLVING]


def test_taken_over_rows_carry_what_the_old_system_saw() -> None:
    """Each row is followed by what was paid and waived on it, and ages from overdue-since."""
    row = {"due_on": "2026-01-31", "principal": "1200", "interest": "12", "overdue_since": "2026-01-10",
           "paid": {"interest": "12"}, "waived": {"principal": "1"}}  # fmt: skip
    found = columns(contract(), {"on": "2026-02-20", "type": "taken_over", "rows": [row]})
    assert kinds(found, 0) == [c.KIND_INSTALMENT, c.KIND_OPENING_PAID, c.KIND_OPENING_WAIVED]
    assert found.rows[0, c.R_AGEING_FROM] == days_of(date(2026, 1, 10))
    assert found.rows[1, c.R_PRINCIPAL : c.R_PRINCIPAL + 5].tolist() == [0, 12_00, 0, 0, 0]
    assert found.rows[2, c.R_PRINCIPAL : c.R_PRINCIPAL + 5].tolist() == [1_00, 0, 0, 0, 0]


def test_events_in_their_columns() -> None:
    """Day, rank, instant in microseconds, tie by id, target by place, backdated by recorded-at."""
    late = {"id": "B", "on": "2026-01-20", "type": "repaid", "amount": "7.50", "seq": 4,
            "recorded_at": "2026-02-01T08:00:00.000001+08:00"}  # fmt: skip
    undone = {"id": "A", "on": "2026-02-02", "type": "reversed", "reverses": "B"}
    found = columns(contract(), LENT, late, undone)
    assert found.event_ids == ("D", "B", "A")
    assert found.events[:, c.E_TYPE].tolist() == [c.EV_DISBURSED, c.EV_REPAID, c.EV_REVERSED]
    assert found.events[:, c.E_TIE].tolist() == [2, 1, 0]
    assert found.events[:, c.E_TARGET].tolist() == [c.NONE, c.NONE, 1]
    assert found.events[:, c.E_IS_BACKDATED].tolist() == [0, 1, 0]
    assert found.events[1, [c.E_AMOUNT, c.E_SEQ]].tolist() == [750, 4]
    assert found.events[1, c.E_RECORDED] == 1_769_904_000_000_001


def test_a_changed_rate_brings_its_penalty_rate() -> None:
    """10 % raised by a half is 15 %; where a penalty rate of its own was agreed, it stays."""
    changed = {"on": "2026-02-03", "type": "rate_changed", "rate": "0.10"}
    assert columns(contract(), LENT, changed).events[1, c.E_PENALTY_RATE] == 150_000
    fixed = contract(penalty={"annual_rate": "0.18"})
    assert columns(fixed, LENT, changed).events[1, c.E_PENALTY_RATE] == c.NONE


@given(
    count=st.sampled_from(list(DayCount)),
    split=st.sampled_from(list(YearSplit)),
    start=st.dates(date(2019, 1, 1), date(2029, 1, 1)),
    days=st.integers(1, 400),
)
def test_a_period_weighs_its_nights_or_is_spread(
    count: DayCount, split: YearSplit, start: date, days: int
) -> None:
    """Where no weight of its own is given, the nights' weights are used; else it is whole, above 0."""
    agreed = contract(terms={"day_count": count.value, "year_split": split.value})
    due = date.fromordinal(start.toordinal() + days)
    weight, spread = period_weight(agreed.terms, start, due)
    code, basis = DAY_COUNTS[count]
    nights = night_weight(days_of(start), days_of(due), code, 1 if split is YearSplit.DEC31 else 0)
    if spread == 0:
        assert weight == 0
        assert abs(Fraction(nights, basis) - Fraction(days, 365)) < Fraction(
            days, 5_000
        ) + Fraction(1, 300)
    else:
        assert spread == days
        assert weight >= 0


def test_a_later_tranche_is_solved_over_what_is_lent_by_then() -> None:
    """1,200 and on 2026-02-15 another 600: nothing is lost, nothing is to be reviewed.

    2026-03-01  second row: interest on 800 for the month and on 600 for the rest of it
    """
    agreed = contract(terms={"day_count": "actual/365"})
    more = {"id": "D2", "on": "2026-02-15", "type": "disbursed", "amount": "600"}
    paid = {"on": "2026-02-01", "type": "repaid", "amount": "412.23"}
    events = events_of(agreed, LENT, paid, more)
    state = fold_contract(agreed, events, parse_date("2026-03-01", where="day"))
    running = [row for row in state.rows if row.due_on == date(2026, 3, 1)]
    assert state.principal_minor == 1_400_00
    assert sum(row.due_minor[1] for row in running) == 1013  # 800 x 28 + 600 x 14 days at 12 %
    assert not state.needs_review
    assert sum(sum(row.outstanding_minor[:1]) for row in state.rows) == 1_400_00


def test_a_tranche_after_a_failed_one_is_the_first() -> None:
    """A disbursement that failed does not count: the next one is solved as a loan of its own."""
    agreed = contract()
    failed = {"id": "F", "on": "2026-01-02", "type": "disbursement_failed", "reverses": "D"}
    again = {"id": "D2", "on": "2026-01-05", "type": "disbursed", "amount": "1200"}
    events = events_of(agreed, LENT, failed, again)
    rows = with_rows(agreed, events[2], events[:2]).rows
    assert sum(row.amounts_minor[0] for row in rows) == 1_200_00
    assert fold_contract(agreed, events, date(2026, 3, 1)).principal_minor == 1_200_00


PAYMENT = st.tuples(st.integers(0, 120), st.integers(1, 900_00))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.lists(PAYMENT, max_size=4)), min_size=1, max_size=4),
    st.sampled_from([c.NONE, 0, 1]),
)
def test_a_book_folds_as_its_accounts_do(
    accounts: list[tuple[bool, list[tuple[int, int]]]], posting: int
) -> None:
    """Every table of every account is the same, alone or in a book with others, and stays so."""
    singles = []
    for daily, payments in accounts:
        agreed = contract(
            accrual="daily" if daily else "scheduled",
            allocation={"direction": "vertical" if daily else "horizontal"},
        )
        paid = [
            {"on": str(date.fromordinal(date(2026, 1, 1).toordinal() + day)), "type": "repaid",
             "amount": f"{minor // 100}.{minor % 100:02d}", "seq": at}
            for at, (day, minor) in enumerate(payments)
        ]  # fmt: skip
        singles.append(columns_of(agreed, events_of(agreed, LENT, *paid)))
    as_of = days_of(date(2026, 4, 20))
    book = book_of(singles)
    for _ in range(2):
        folded = fold_all(book, as_of, ALL_KNOWN, posting=posting, fold_book=fold_book)
        assert folded.failed() == ()
        for at, single in enumerate(singles):
            alone = run_fold(single, as_of, ALL_KNOWN, posting=posting)
            mine = folded.account(at)
            assert mine.work.tolist() == alone.work.tolist()
            assert mine.account.tolist() == alone.account.tolist()
            assert mine.moves.tolist() == alone.moves.tolist()
            assert state_of(mine, date(2026, 4, 20)).rows == state_of(alone, date(2026, 4, 20)).rows


def test_an_empty_book_is_a_book() -> None:
    """No account: no failure, nothing to read."""
    folded = fold_all(book_of([]), 0, ALL_KNOWN, posting=0, fold_book=fold_book)
    assert len(folded.book) == 0
    assert folded.failed() == ()
