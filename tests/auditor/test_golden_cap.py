"""Golden stories of the cap: each night's room, and the ceiling over the life, by hand.

Unless a story says otherwise: 1,000.00 lent on 2026-01-05, one row due on 2026-02-05, actual/365.
Every number is asked of the auditor and of the fold.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from auditor.model import COMPOUND, FEE, INTEREST, PENALTY, PRINCIPAL, Account, Event, Terms
from auditor.story import (
    DUE_ON,
    PRINCIPAL_FIRST,
    happened,
    lent,
    nights_late,
    order,
    percent,
    row,
    single,
    told,
)


def capped(**more: object) -> Terms:
    """Contract 18 %, penalty 27 %, cap 24 %."""
    terms: dict[str, object] = {
        "rate": percent("18"),
        "penalty_mode": "replaces",
        "penalty_rate": percent("27"),
        "cap": percent("24"),
    }
    return Terms(**{**terms, **more})


@pytest.mark.parametrize("name", ["is_interest_penalised", "is_compounding"])
def test_charges_on_interest_find_no_room_left(name: str) -> None:
    """All overdue at the cap: 240.00 a year on principal fills the room; 2.70 on interest is cut.

    100,000 x 0.24 = 24,000 fen; 1,000 x 0.27 = 270 fen of penalty or compound interest on 10.00.
    """
    answer = told(single(capped(**{name: True}), interest=10_00), nights_late(365))
    assert (answer.lines[0].due[PENALTY], answer.lines[0].due[COMPOUND]) == (240_00, 0)
    assert answer.cut == 2_70


def test_principal_not_overdue_lends_its_room() -> None:
    """Another 1,000.00, due a year and 365 nights later: its 24 % less 18 % lets 2.70 through.

    Room: 200,000 x 0.24 - 100,000 x 0.18 = 30,000 fen a year; charges 24,000 + 270.
    """
    rows = (
        row(1, date(2026, 1, 5), DUE_ON, 1_000_00, 10_00),
        row(2, DUE_ON, date(2029, 2, 5), 1_000_00),
    )
    account = Account(terms=capped(is_interest_penalised=True), events=(lent(*rows),))
    answer = told(account, nights_late(365))
    assert (answer.lines[0].due[PENALTY], answer.cut) == (242_70, 0)


def test_in_adds_the_uplift_has_what_the_contract_leaves() -> None:
    """18 % goes on, and of 9 % uplift 6 % fit under 24 %: 180.00 and 60.00 in a year."""
    terms = capped(penalty_mode="adds", penalty_rate=percent("9"))
    answer = told(single(terms), nights_late(365))
    assert (answer.lines[0].due[INTEREST], answer.lines[0].due[PENALTY]) == (180_00, 60_00)
    assert (answer.cut, answer.limited) == (0, 30_00)


def test_unused_room_is_not_carried_to_another_night() -> None:
    """Frozen for 100 nights and then charged: the nights after have their own room and no more.

    265 nights at 24 % on 1,000.00: 100,000 x 0.24 x 265 / 365 = 17,424.66; of 270 x 265 / 365 = 196.03
    on interest all is cut.
    """
    freeze = happened(DUE_ON, "penalty_frozen", until=nights_late(100))
    answer = told(
        single(capped(is_interest_penalised=True), freeze, interest=10_00), nights_late(365)
    )
    assert (answer.lines[0].due[PENALTY], answer.cut) == (174_25, 196)


def test_a_late_fee_has_one_nights_room() -> None:
    """365,000.00 not overdue, 24 % less 18 %: 60.00 a night. Of a late fee of 100.00 40.00 are cut.

    36,500,000 x 0.06 / 365 = 6,000 fen.
    """
    fee = happened(date(2026, 1, 10), "fee_charged", amount=100_00, component="penalty")
    answer = told(single(capped(), fee, principal=365_000_00), date(2026, 1, 10))
    assert (sum(line.due[PENALTY] for line in answer.lines), answer.cut) == (60_00, 40_00)


def test_an_ordinary_fee_is_tested_over_the_life_alone() -> None:
    """A fee of 50.00 on 1,000.00 for 31 nights: the life's ceiling is 20.38, so 29.62 is credited.

    100,000 x 0.24 x 31 / 365 = 2,038.36, rounded down. Settled on the due date with 1,020.38.
    """
    terms = capped(penalty_mode="none", rate=percent("0"))
    assert told(single(terms, fee=50_00), DUE_ON).payoff == 1_020_38
    done = happened(DUE_ON, "repaid", amount=1_020_38)
    answer = told(single(terms, done, fee=50_00), DUE_ON)
    assert (answer.payoff, answer.credit, answer.credited) == (0, 0, 29_62)
    assert answer.lines[0].due == (1_000_00, 0, 20_38, 0, 0)


def test_without_a_cap_nothing_is_tested() -> None:
    """The same fee without a cap in the contract: 1,050.00."""
    terms = Terms()
    assert told(single(terms, fee=50_00), DUE_ON).payoff == 1_050_00


def two_rows(*events: Event) -> Account:
    """500.00 with a fee of 50.00 due on 2026-02-05, 500.00 due on 2026-03-05; cap 24 %."""
    rows = (
        row(1, date(2026, 1, 5), DUE_ON, 500_00, 0, 50_00),
        row(2, DUE_ON, date(2026, 3, 5), 500_00),
    )
    terms = capped(penalty_mode="none", rate=percent("0"), orders=order(FEE, PRINCIPAL))
    return Account(terms=terms, events=(lent(*rows), *events))


def test_what_was_paid_above_the_ceiling_is_cash() -> None:
    """The fee of 50.00 was paid; a night later the life's ceiling is 20.71: 29.29 comes back.

    100,000 x 0.24 x 31 / 365 + 50,000 x 0.24 / 365 = 2,038.36 + 32.88 = 2,071.23. So 470.71 settles.
    """
    first = happened(DUE_ON, "repaid", amount=550_00)
    day = nights_late(1)
    assert told(two_rows(first), day).payoff == 470_71
    answer = told(two_rows(first, happened(day, "repaid", amount=470_71)), day)
    assert (answer.payoff, answer.credit, answer.credited) == (0, 0, 29_29)
    assert answer.lines[0].paid[FEE] == 20_71


def test_charge_off_tests_the_life_and_keeps_the_rest_owed() -> None:
    """Charged off on the due date instead: the fee is 20.38, and 1,000.00 of principal stays owed."""
    answer = told(two_rows(happened(DUE_ON, "charged_off")), nights_late(90))
    assert (answer.credited, answer.principal, answer.lines[0].due[FEE]) == (29_62, 1_000_00, 20_38)
    assert answer.payoff == 1_020_38


def test_a_backdated_payment_tests_the_life() -> None:
    """Principal paid back early but booked late lowers the ceiling, and the excess is credited.

    A fee of 6.00 joined on 2026-01-06. 900.00 valued 2026-01-06, booked a month later: at that day the
    ceiling is 100,000 x 0.24 / 365 = 65.75 fen; of 600 fen charged 535 are credited.
    """
    day = date(2026, 1, 6)
    late = datetime(2026, 2, 6, tzinfo=UTC)
    terms = capped(penalty_mode="none", rate=percent("0"), orders=PRINCIPAL_FIRST)
    fee = happened(day, "fee_charged", amount=6_00)
    on_time = happened(day, "repaid", amount=900_00)
    backdated = happened(day, "repaid", amount=900_00, recorded=late)
    told_on_time, told_late = (told(single(terms, fee, each), day) for each in (on_time, backdated))
    assert (told_on_time.credited, told_on_time.lines[0].due[FEE]) == (0, 6_00)
    assert (told_late.credited, told_late.lines[0].due[FEE]) == (5_35, 65)
    assert told_late.lines[0].paid[PRINCIPAL] == 900_00


def test_a_lower_cap_by_policy_acts_from_its_day() -> None:
    """The cap falls from 24 % to 12 % after ten nights late: ten nights at 24 %, ten at 12 %.

    100,000 x 0.24 x 10 / 365 = 657.53, x 0.12: 328.77; together 986.30.
    """
    terms = capped(rate=percent("0"), penalty_rate=percent("24"))
    lower = happened(nights_late(10), "policy_applied", component="cap_annual", rate=percent("12"))
    answer = told(single(terms, lower), nights_late(20))
    assert answer.lines[0].due[PENALTY] == 9_86


def test_a_cap_that_begins_later_leaves_what_was_charged_before() -> None:
    """Penalty of 24 % for ten nights without a cap, then a cap of 12 % for ten: 6.58 and 3.29.

    Paying off takes nothing of the 6.58 back: those nights had no ceiling.
    """
    terms = Terms(penalty_mode="replaces", penalty_rate=percent("24"))
    first = happened(nights_late(10), "policy_applied", component="cap_annual", rate=percent("12"))
    answer = told(single(terms, first), nights_late(20))
    assert (answer.lines[0].due[PENALTY], answer.payoff) == (9_86, 1_009_86)


def test_the_ceiling_counts_principal_really_occupied() -> None:
    """Half of the principal is back after ten nights: the ceiling follows it.

    Fee 50.00. 100,000 x 0.24 x 10 / 365 + 50,000 x 0.24 x 21 / 365 = 657.53 + 690.41 = 1,347.94.
    """
    terms = capped(penalty_mode="none", rate=percent("0"), orders=PRINCIPAL_FIRST)
    half = happened(date(2026, 1, 5) + timedelta(days=10), "repaid", amount=500_00)
    assert told(single(terms, half, fee=50_00), DUE_ON).payoff == 500_00 + 13_47
