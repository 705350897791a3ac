"""Golden stories of what else happens to a loan, event by event, computed by hand.

Unless a story says otherwise: 1,000.00 lent on 2026-01-05, one row due on 2026-02-05, actual/365,
penalty 36.5 % in place of interest: 1.00 a night. Every number is asked of the auditor and the fold.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from auditor.auditor import audit
from auditor.model import COMPOUND, FEE, INTEREST, PENALTY, PRINCIPAL, Account, Event, Terms
from auditor.story import (
    DUE_ON,
    LENT_ON,
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

HUNDRED = Terms(penalty_mode="replaces", penalty_rate=percent("36.5"))


def daily(*events: Event, **more: object) -> Account:
    """One row, 36.5 % a year by the day: 1.00 a night on 1,000.00."""
    terms = Terms(is_daily=True, rate=percent("36.5"), **more)
    return single(terms, *events)


def test_a_waiver_takes_no_more_than_there_is() -> None:
    """5.00 of penalty after five nights; a waiver of 7.00 takes 5.00, and the nights after count."""
    waiver = happened(nights_late(5), "waived", amount=7_00, component="penalty")
    line = told(single(HUNDRED, waiver), nights_late(8)).lines[0]
    assert (line.due[PENALTY], line.waived[PENALTY]) == (8_00, 5_00)


def test_a_reversed_payment_was_never_made() -> None:
    """Paid on the due date, reversed ten days later: the whole penalty, as if nobody had paid."""
    paid = happened(DUE_ON, "repaid", amount=1_000_00)
    undone = happened(nights_late(10), "reversed", reverses=paid.name)
    before = told(single(HUNDRED, paid), nights_late(20))
    after = told(single(HUNDRED, paid, undone), nights_late(20))
    assert (before.payoff, after.payoff) == (0, 1_020_00)
    assert after == told(single(HUNDRED), nights_late(20))


def test_a_reversal_is_not_known_before_it_is_recorded() -> None:
    """Asked with what was known on day 5, the payment stands; with what is known later, it does not."""
    paid = happened(DUE_ON, "repaid", amount=1_000_00)
    undone = happened(nights_late(10), "reversed", reverses=paid.name)
    account = single(HUNDRED, paid, undone)
    early = datetime(2026, 2, 10, 23, tzinfo=UTC)
    assert audit(account, nights_late(5), early).payoff == 0
    assert audit(account, nights_late(5)).payoff == 1_005_00


def test_a_chargeback_is_owed_again_from_its_own_day() -> None:
    """600.00 taken back on day 10 stands by itself, due that day: 6.00 of penalty ten nights later."""
    paid = happened(DUE_ON, "repaid", amount=1_000_00)
    back = happened(nights_late(10), "charged_back", amount=600_00)
    answer = told(single(HUNDRED, paid, back), nights_late(20))
    assert (answer.principal, answer.payoff, answer.days_past_due) == (600_00, 606_00, 10)


def test_acceleration_gives_one_due_date() -> None:
    """Two rows of 100.00 not yet due are called for 2026-03-10; ten nights later 20 fen each ten.

    20,000 fen x 0.365 / 365 = 20 fen a night. The interest signed for the second row is never asked.
    """
    rows = (
        row(1, LENT_ON, date(2026, 4, 5), 100_00),
        row(2, date(2026, 4, 5), date(2026, 5, 5), 100_00, 9_00),
    )
    call = happened(date(2026, 3, 1), "accelerated", until=date(2026, 3, 10))
    account = Account(terms=HUNDRED, events=(lent(*rows), call))
    assert told(account, date(2026, 3, 10)).days_past_due == 0
    answer = told(account, date(2026, 3, 20))
    assert (answer.principal, answer.payoff, answer.days_past_due) == (200_00, 202_00, 10)


def test_charge_off_stops_the_clock_and_keeps_the_debt() -> None:
    """Charged off on day 10: 10.00 of penalty a year later too; 1,010.00 recovered settles it."""
    off = happened(nights_late(10), "charged_off")
    answer = told(single(HUNDRED, off), nights_late(365))
    assert (answer.payoff, answer.is_charged_off) == (1_010_00, True)
    back = happened(nights_late(365), "recovered", amount=1_010_00)
    assert told(single(HUNDRED, off, back), nights_late(366)).payoff == 0


def test_a_fee_joins_the_next_row() -> None:
    """A fee of 5.00 with the due date of 2026-01-20 is asked with the row of 2026-02-05."""
    fee = happened(date(2026, 1, 10), "fee_charged", amount=5_00, until=date(2026, 1, 20))
    answer = told(single(HUNDRED, fee), DUE_ON)
    assert [(line.due_on, line.due[FEE]) for line in answer.lines] == [(DUE_ON, 5_00)]


def test_a_fee_after_all_rows_stands_alone() -> None:
    """A fee of 5.00 on day 10 late, for day 20: a row of its own, which ages and bears no penalty.

    1,010.00 on day 10 meets what is past due; the fee is in advance and stays.
    """
    fee = happened(nights_late(10), "fee_charged", amount=5_00, until=nights_late(20))
    paid = happened(nights_late(10), "repaid", amount=1_010_00)
    answer = told(single(HUNDRED, paid, fee), nights_late(30))
    alone = next(line for line in answer.lines if line.kind == "charge")
    assert (alone.due_on, alone.due) == (nights_late(20), (0, 0, 5_00, 0, 0))
    assert (answer.overdue, answer.days_past_due) == ((0, 0, 5_00, 0, 0), 10)


def test_credit_paid_out_beyond_what_there_is_is_owed_again() -> None:
    """30.00 of credit; 50.00 refunded: 20.00 is owed from that day."""
    over = happened(DUE_ON, "repaid", amount=1_030_00)
    out = happened(nights_late(1), "refunded", amount=50_00)
    assert told(single(HUNDRED, over), nights_late(1)).credit == 30_00
    answer = told(single(HUNDRED, over, out), nights_late(1))
    assert (answer.credit, answer.principal, answer.payoff) == (0, 20_00, 20_00)


def test_the_shop_gives_principal_back() -> None:
    """400.00 given back by the shop on day 10 late: 600.00 stay, 0.60 a night from then."""
    back = happened(nights_late(10), "refunded", amount=400_00, component="principal")
    answer = told(single(HUNDRED, back), nights_late(20))
    assert (answer.principal, answer.lines[0].due[PENALTY]) == (600_00, 16_00)


def test_daily_interest_follows_a_rate_changed_for_a_while() -> None:
    """31 nights: ten at 1.00, ten at half of it, eleven at 1.00 again: 26.00."""
    half = happened(
        LENT_ON + timedelta(days=10),
        "rate_changed",
        rate=percent("18.25"),
        until=LENT_ON + timedelta(days=20),
    )
    assert told(daily(half), DUE_ON).lines[0].due[INTEREST] == 26_00


def test_a_derived_penalty_rate_follows_the_contract_rate() -> None:
    """Half above the contract: 36.5 % gives 54.75 %; at 18.25 % from day 10 on, half as much.

    100,000 x 0.5475 / 365 = 150 fen a night for ten nights, then 75: 22.50 after twenty.
    """
    terms = Terms(
        rate=percent("36.5"),
        penalty_mode="replaces",
        uplift=percent("50"),
        penalty_rate=percent("54.75"),
    )
    lower = happened(nights_late(10), "rate_changed", rate=percent("18.25"))
    assert told(single(terms, lower), nights_late(20)).lines[0].due[PENALTY] == 22_50


def test_principal_paid_early_costs_no_interest_after() -> None:
    """Daily interest: 500.00 back after ten nights: 10.00, then 21 nights at half: 20.50."""
    early = happened(LENT_ON + timedelta(days=10), "repaid", amount=500_00)
    assert told(daily(early, orders=PRINCIPAL_FIRST), DUE_ON).lines[0].due[INTEREST] == 20_50


def test_the_instalment_stays_and_the_last_row_absorbs() -> None:
    """Two rows asking 510.00 and 510.00: early principal cuts interest, not the first instalment.

    100.00 of principal comes back on the first day: 900.00 bears 0.90 a night, 27.90 by 2026-02-05.
    The first row goes on asking 510.00, of which 100.00 came: its principal is 510.00 - 27.90 = 482.10.
    The last row asks for what remains: 517.90.
    """
    rows = (
        row(1, LENT_ON, DUE_ON, 480_00, 30_00),
        row(2, DUE_ON, date(2026, 3, 5), 520_00, 20_00),
    )
    terms = Terms(is_daily=True, rate=percent("36.5"), orders=PRINCIPAL_FIRST)
    early = happened(LENT_ON, "repaid", amount=100_00)
    answer = told(Account(terms=terms, events=(lent(*rows), early)), DUE_ON)
    first, last = answer.lines
    assert first.due[:2] == (482_10, 27_90)
    assert first.paid[PRINCIPAL] == 100_00
    assert last.due[PRINCIPAL] == 517_90


def test_money_that_never_arrived_was_never_owed() -> None:
    """The transfer failed: nothing is owed, and 20.00 repaid meanwhile is credit balance."""
    paid = happened(date(2026, 1, 10), "repaid", amount=20_00)
    failed = happened(date(2026, 1, 12), "disbursement_failed", reverses="lent")
    answer = told(single(HUNDRED, paid, failed), DUE_ON)
    assert (answer.principal, answer.payoff, answer.credit) == (0, 0, 20_00)


def test_taken_over_with_its_age() -> None:
    """From another system on day 40 late: 300.00 of 1,000.00 paid there, overdue since the due date.

    700.00 bears 0.70 a night from the day we have it; its age counts from the old due date.
    """
    day = nights_late(40)
    old = row(1, LENT_ON, DUE_ON, 1_000_00, paid=(300_00, 0, 0, 0, 0), overdue_since=DUE_ON)
    account = Account(terms=HUNDRED, events=(happened(day, "taken_over", rows=(old,)),))
    first, later = told(account, day), told(account, nights_late(50))
    assert (first.days_past_due, first.overdue[:4]) == (40, (700_00, 0, 0, 0))
    assert (later.days_past_due, later.overdue[:4]) == (50, (700_00, 0, 0, 7_00))


@pytest.mark.parametrize(
    ("stood", "new", "adjustment"),
    [(1_000_00, 1_000_00, 0), (700_00, 700_00, 0), (1_300_00, 1_000_00, 300_00)],
)
def test_what_a_replan_got_wrong_is_one_adjustment(stood: int, new: int, adjustment: int) -> None:
    """Re-planned on day 10 to one row of 1,000.00, where other principal stood than was thought.

    Less lowers the new row. 300.00 more stand in a row `adjustment` due with the last, with a review;
    it bears no penalty: ten nights after, only 1,000.00 has borne 10.00.
    """
    day, due = nights_late(10), nights_late(40)
    plan = happened(day, "replanned", rows=(row(1, day, due, 1_000_00),))
    frozen = happened(DUE_ON, "penalty_frozen", until=due)
    answer = told(single(HUNDRED, frozen, plan, principal=stood), due + timedelta(days=10))
    rows = {line.kind: line for line in answer.lines if line.due_on == due}
    assert rows["instalment"].due[PRINCIPAL] == new
    assert rows["instalment"].due[PENALTY] == new // 100
    extra = rows.get("adjustment")
    assert (extra.due if extra else (0, 0, 0, 0, 0)) == (adjustment, 0, 0, 0, 0)
    assert answer.needs_review == (adjustment > 0)


def test_charges_go_over_to_the_new_plan() -> None:
    """Day 10: 1,000.00 and 10.00 of penalty move to a row due on day 40, where nothing is late yet."""
    day, due = nights_late(10), nights_late(40)
    new = row(1, day, due, 1_000_00, 0, 0, 10_00)
    answer = told(single(HUNDRED, happened(day, "replanned", rows=(new,))), nights_late(41))
    line = next(each for each in answer.lines if each.due_on == due)
    assert line.due == (1_000_00, 0, 0, 11_00, 0)
    assert (answer.days_past_due, answer.needs_review) == (1, False)


def test_a_later_tranche_makes_new_rows() -> None:
    """500.00 more on 2026-01-20: 1,500.00 and the 15 nights' interest go to the new row.

    Signed interest 31.00 of 31 nights: 15.00 by then, carried into the new row beside 10.00 of its own.
    """
    day, due = date(2026, 1, 20), date(2026, 2, 20)
    new = row(1, day, due, 1_500_00, 25_00, carried=15_00)
    more = happened(day, "disbursed", amount=500_00, rows=(new,))
    answer = told(single(HUNDRED, more, interest=31_00), due)
    assert (answer.principal, answer.payoff, answer.needs_review) == (1_500_00, 1_525_00, False)


def test_interest_carried_that_did_not_stand_is_not_recognised_later() -> None:
    """The new row says it carries 20.00 where 15.00 stood: the 5.00 are gone, on no night charged.

    Of its own 31.00 of 31 nights ten days bring 10.00: 1,500.00 + 15.00 + 10.00, and 46.00 when due.
    """
    day, due = date(2026, 1, 20), date(2026, 2, 20)
    new = row(1, day, due, 1_500_00, 51_00, carried=20_00)
    more = happened(day, "disbursed", amount=500_00, rows=(new,))
    account = single(HUNDRED, more, interest=31_00)
    assert told(account, date(2026, 1, 30)).payoff == 1_525_00
    assert told(account, due).payoff == 1_546_00


def test_non_accrual_begins_at_its_threshold_and_ends_when_nothing_is_overdue() -> None:
    """Threshold 90: not on day 89, from day 90 on, and no longer once all that is overdue is paid."""
    terms = Terms(penalty_mode="replaces", penalty_rate=percent("36.5"), non_accrual_days=90)
    assert not told(single(terms), nights_late(89)).is_non_accrual
    assert told(single(terms), nights_late(90)).is_non_accrual
    paid = happened(nights_late(95), "repaid", amount=1_095_00)
    assert not told(single(terms, paid), nights_late(96)).is_non_accrual


def test_a_policy_may_change_the_penalty_rate_from_a_day() -> None:
    """36.5 % for ten nights, 18.25 % for ten: 10.00 and 5.00."""
    event = happened(
        nights_late(10), "policy_applied", component="penalty_rate", rate=percent("18.25")
    )
    assert told(single(HUNDRED, event), nights_late(20)).lines[0].due[PENALTY] == 15_00


def test_compound_interest_is_waived_by_itself() -> None:
    """30 nights on 10.00 of unpaid interest: 30 fen compound; waiving 20 leaves 10 beside the rest."""
    terms = Terms(penalty_mode="replaces", penalty_rate=percent("36.5"), is_compounding=True)
    waiver = happened(nights_late(30), "waived", amount=20, component="compound")
    answer = told(single(terms, waiver, interest=10_00), nights_late(30))
    assert answer.overdue == (1_000_00, 10_00, 0, 30_00, 10)


def test_paying_interest_first_ends_its_charge() -> None:
    """Interest 10.00 paid on day 10: 10 fen of compound interest, and no more on day 30."""
    terms = Terms(
        penalty_mode="replaces",
        penalty_rate=percent("36.5"),
        is_compounding=True,
        orders=order(INTEREST, PRINCIPAL),
    )
    paid = happened(nights_late(10), "repaid", amount=10_00)
    assert told(single(terms, paid, interest=10_00), nights_late(30)).overdue[COMPOUND] == 10
