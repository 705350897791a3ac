"""Golden stories of penalty and compound interest, each computed by hand in its docstring.

Unless a story says otherwise: 1,000.00 lent on 2026-01-05, one row due on 2026-02-05, actual/365.
Every number is asked of the auditor and of the fold.
"""

from __future__ import annotations

from datetime import date

import pytest

from auditor.model import COMPOUND, INTEREST, PENALTY, PRINCIPAL, Account, Terms
from auditor.story import (
    DUE_ON,
    PRINCIPAL_FIRST,
    happened,
    lent,
    nights_late,
    percent,
    row,
    single,
    told,
)

HUNDRED_A_NIGHT = percent("36.5")  # of 1,000.00, actual/365: 1.00


def test_a_bill_paid_five_days_late_costs_five_nights() -> None:
    """Published example: 500.00 unpaid, 0.05 % a day, five days: 1.25.

    0.05 % x 365 = 18.25 % a year. 50,000 fen x 0.1825 / 365 = 25 fen a night, x 5 = 125 fen.
    """
    terms = Terms(penalty_mode="replaces", penalty_rate=percent("18.25"))
    account = single(terms, principal=500_00)
    assert told(account, DUE_ON).lines[0].due[PENALTY] == 0
    assert told(account, nights_late(1)).lines[0].due[PENALTY] == 25
    assert told(account, nights_late(5)).lines[0].due[PENALTY] == 125


@pytest.mark.parametrize(("uplift", "fen"), [("50", 180_00), ("30", 156_00)])
def test_the_uplift_of_a_penalty_rate(uplift: str, fen: int) -> None:
    """Contract 14.6 %, 10,000.00 overdue for 30 days: with 50 % more 180.00, with 30 % more 156.00.

    14.6 % x 1.5 = 21.9 %: 1,000,000 x 0.219 / 365 = 600 fen a night.
    14.6 % x 1.3 = 18.98 %: 520 fen a night.
    """
    share = percent(uplift)
    rate = percent("14.6")
    terms = Terms(rate=rate, penalty_mode="replaces", uplift=share, penalty_rate=rate * (1 + share))
    assert told(single(terms, principal=10_000_00), nights_late(30)).lines[0].due[PENALTY] == fen


def test_the_penalty_rate_stops_at_the_cap() -> None:
    """Contract 18 % and half of it more is 27 %; under a cap of 24 % it is 24 %, and nothing is cut.

    1,000,000 x 0.24 x 30 / 365 = 19,726.03 fen. The room of each night is the same 24 %.
    """
    terms = Terms(
        rate=percent("18"),
        penalty_mode="replaces",
        penalty_rate=percent("27"),
        cap=percent("24"),
    )
    answer = told(single(terms, principal=10_000_00), nights_late(30))
    assert (answer.lines[0].due[PENALTY], answer.cut) == (197_26, 0)


def test_grace_only_delays_the_charge() -> None:
    """Three days of grace: nothing on day 3; on day 4 all four nights, counted from the due date."""
    terms = Terms(penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT, grace_days=3)
    third, fourth = (told(single(terms), nights_late(days)) for days in (3, 4))
    assert (third.lines[0].due[PENALTY], third.days_past_due, third.days_delinquent) == (0, 3, 0)
    assert (fourth.lines[0].due[PENALTY], fourth.days_delinquent) == (4_00, 4)


def test_paid_within_grace_is_never_charged() -> None:
    """The row is paid on the third day of three: what gathered is forgotten, 30 days later too."""
    terms = Terms(penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT, grace_days=3)
    account = single(terms, happened(nights_late(3), "repaid", amount=1_000_00))
    answer = told(account, nights_late(30))
    assert (answer.lines[0].due[PENALTY], answer.payoff, answer.credit) == (0, 0, 0)


def test_what_is_within_the_floor_bears_nothing() -> None:
    """A floor of 10.00: 10.00 unpaid is not delinquent and costs nothing; 10.01 is and does.

    1,001 fen x 0.365 / 365 = 1.001 fen a night: 10 after ten nights.
    """
    terms = Terms(penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT, floor_minor=10_00)
    within = told(single(terms, principal=10_00), nights_late(10))
    above = told(single(terms, principal=10_01), nights_late(10))
    assert (within.days_past_due, within.days_delinquent, within.overdue[PENALTY]) == (10, 0, 0)
    assert (above.days_past_due, above.days_delinquent, above.overdue[PENALTY]) == (10, 10, 10)


def test_frozen_nights_are_left_out() -> None:
    """Frozen from the second night to the sixth day: nights 2, 3, 4, 5 are free; ten less four is six."""
    terms = Terms(penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT)
    freeze = happened(nights_late(2), "penalty_frozen", until=nights_late(6))
    answer = told(single(terms, freeze), nights_late(10))
    assert (answer.lines[0].due[PENALTY], answer.days_delinquent) == (6_00, 10)


def test_paused_days_do_not_age_and_do_cost() -> None:
    """The same days paused instead: the age is ten less four, the penalty all ten nights."""
    terms = Terms(penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT)
    pause = happened(nights_late(2), "paused", until=nights_late(6))
    answer = told(single(terms, pause), nights_late(10))
    assert (answer.lines[0].due[PENALTY], answer.days_past_due, answer.days_delinquent) == (
        10_00,
        10,
        6,
    )


def test_adds_lets_contract_interest_go_on() -> None:
    """12 % contract interest goes on and 6 % is added: ten nights cost 3.29 and 1.64.

    100,000 x 0.12 x 10 / 365 = 328.77; 100,000 x 0.06 x 10 / 365 = 164.38.
    """
    terms = Terms(rate=percent("12"), penalty_mode="adds", penalty_rate=percent("6"))
    line = told(single(terms), nights_late(10)).lines[0]
    assert (line.due[INTEREST], line.due[PENALTY]) == (3_29, 1_64)


def test_replaces_stops_contract_interest() -> None:
    """The same contract under `replaces`: no interest after the due date, only the penalty."""
    terms = Terms(rate=percent("12"), penalty_mode="replaces", penalty_rate=percent("6"))
    line = told(single(terms), nights_late(10)).lines[0]
    assert (line.due[INTEREST], line.due[PENALTY]) == (0, 1_64)


def test_unpaid_interest_bears_penalty_or_compound_interest() -> None:
    """10.00 of unpaid interest bears 1 fen a night beside principal's 1.00, in either component."""
    penalised = Terms(
        penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT, is_interest_penalised=True
    )
    compounding = Terms(penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT, is_compounding=True)
    one, other = (
        told(single(terms, interest=10_00), nights_late(30)).lines[0].due
        for terms in (penalised, compounding)
    )
    assert (one[PENALTY], one[COMPOUND]) == (30_30, 0)
    assert (other[PENALTY], other[COMPOUND]) == (30_00, 30)


def test_interest_of_after_the_due_date_bears_nothing() -> None:
    """`adds` at 36.5 %, compounding at 36.5 %: the interest that goes on is not compounded.

    Signed interest 10.00: 30 fen of compound interest in 30 nights, though interest grows by 30.00.
    """
    terms = Terms(
        rate=HUNDRED_A_NIGHT,
        penalty_mode="adds",
        penalty_rate=HUNDRED_A_NIGHT,
        is_compounding=True,
    )
    line = told(single(terms, interest=10_00), nights_late(30)).lines[0]
    assert (line.due[INTEREST], line.due[PENALTY], line.due[COMPOUND]) == (40_00, 30_00, 30)


def test_rounding_each_night_or_once() -> None:
    """200.00 at 27 %: 14.79 fen a night. Ten nights: 148 fen at once, 150 where each is rounded."""
    at_once = Terms(penalty_mode="replaces", penalty_rate=percent("27"))
    nightly = Terms(penalty_mode="replaces", penalty_rate=percent("27"), is_each_day=True)
    assert told(single(at_once, principal=200_00), nights_late(10)).lines[0].due[PENALTY] == 148
    assert told(single(nightly, principal=200_00), nights_late(10)).lines[0].due[PENALTY] == 150


def test_part_of_the_principal_paid_late() -> None:
    """500.00 principal paid on the fifth day: five nights at 1.00, then five at 0.50: 7.50."""
    terms = Terms(penalty_mode="replaces", penalty_rate=HUNDRED_A_NIGHT, orders=PRINCIPAL_FIRST)
    account = single(terms, happened(nights_late(5), "repaid", amount=500_00))
    line = told(account, nights_late(10)).lines[0]
    assert (line.due[PENALTY], line.paid[PRINCIPAL]) == (7_50, 500_00)


def test_thirty_day_months_weigh_what_the_calendar_lacks() -> None:
    """30/360: the night of 28 February weighs three days, that of 30 March none.

    3,600.00 at 36 %: 360 fen a 360th. Due on 2026-02-28, on 1 March 3 x 360; on 30 March 32 x 360;
    on 31 March the same.
    """
    terms = Terms(day_count="30/360", penalty_mode="replaces", penalty_rate=percent("36"))
    only = row(1, date(2026, 1, 28), date(2026, 2, 28), 3_600_00)
    account = Account(terms=terms, events=(lent(only),))
    days = (date(2026, 3, 1), date(2026, 3, 30), date(2026, 3, 31))
    got = [told(account, day).lines[0].due[PENALTY] for day in days]
    assert got == [3 * 360, 32 * 360, 32 * 360]


@pytest.mark.parametrize(("split", "fen"), [("dec31", 36_50), ("jan1", 36_60)])
def test_the_night_between_a_common_and_a_leap_year(split: str, fen: int) -> None:
    """Due on 2027-12-31: that night is a 366th of 2028 under `dec31`, a 365th of 2027 under `jan1`.

    133,590.00 x 10 % = 1,335,900 fen a year; / 366 = 3,650, / 365 = 3,660.
    """
    terms = Terms(
        day_count="actual/actual",
        year_split=split,
        penalty_mode="replaces",
        penalty_rate=percent("10"),
    )
    only = row(1, date(2027, 11, 30), date(2027, 12, 31), 133_590_00)
    account = Account(terms=terms, events=(lent(only),))
    assert told(account, date(2028, 1, 1)).lines[0].due[PENALTY] == fen


def test_the_doubled_interest_of_a_judgment() -> None:
    """0.0175 % a day on 100,000.00 of unpaid judgment money, 30 days: 525.00.

    0.0175 % x 360 = 6.3 % on actual/360: 10,000,000 x 0.063 / 360 = 1,750 fen a night.
    """
    terms = Terms(day_count="actual/360", penalty_mode="replaces", penalty_rate=percent("6.3"))
    assert told(single(terms, principal=100_000_00), nights_late(30)).overdue[PENALTY] == 525_00
