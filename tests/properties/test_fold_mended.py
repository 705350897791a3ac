"""Faults the auditor once found in the fold, each as a small story, so that none comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from arrears.kernel import movement as m
from arrears.ledger.positions import positions_of_movements
from arrears.servicing import layout as c
from auditor.auditor import audit
from auditor.model import COMPOUND, FEE, INTEREST, PENALTY, PRINCIPAL, Account, Event, Terms
from auditor.story import DUE_ON, LENT_ON, happened, lent, nights_late, order, percent, row, single
from auditor.translation import folded

SECOND = date(2026, 3, 5)


def outstanding(account: Account, day: date) -> tuple[int, int]:
    """Principal and charges outstanding as the movements say it."""
    found = positions_of_movements(folded(account, day, posting=0).moves).outstanding_minor
    principal = sum(minor for key, minor in found.items() if key.component == m.PRINCIPAL)
    return principal, sum(found.values()) - principal


def test_a_tranche_is_lent_once() -> None:
    """1,000.00 and a tranche of 500.00: the movements say 1,500.00 is outstanding, not 2,000.00."""
    day = date(2026, 1, 20)
    rows = (row(1, day, date(2026, 2, 20), 1_500_00),)
    account = single(Terms(), happened(day, "disbursed", amount=500_00, rows=rows))
    assert int(folded(account, day).account[c.A_PRINCIPAL]) == 1_500_00
    assert outstanding(account, day) == (1_500_00, 0)


def test_a_fee_paid_with_a_row_settled_early_was_charged() -> None:
    """Daily interest at 0 %: 505.00 settles the first row before its due date, 5.00 of it its fee.

    After the due date 500.00 of principal is outstanding and no charge; movements must not say -5.00.
    """
    rows = (row(1, LENT_ON, DUE_ON, 500_00, 0, 5_00), row(2, DUE_ON, SECOND, 500_00))
    paid = happened(date(2026, 1, 10), "repaid", amount=505_00)
    account = Account(terms=Terms(is_daily=True), events=(lent(*rows), paid))
    assert outstanding(account, DUE_ON + timedelta(days=1)) == (500_00, 0)


def test_rows_signed_after_a_charge_off_owe_what_moved() -> None:
    """Charged off, then re-planned to 1,000.00 and 10.00 of interest: what is asked, movements explain.

    Charge-off stops every accrual. The rows ask for the 10.00 all the same, and no movement says why.
    """
    day, due = nights_late(11), nights_late(41)
    plan = happened(day, "replanned", rows=(row(1, day, due, 1_000_00, 10_00),))
    account = single(Terms(), happened(nights_late(10), "charged_off"), plan)
    tables = folded(account, due, posting=0)
    asked = sum(mine[c.W_DUE + m.INTEREST] for mine in tables.work.tolist())
    assert outstanding(account, due) == (1_000_00, asked)


def replanned_under_a_cap() -> tuple[Event, ...]:
    """Interest paid ahead on a row that a re-plan replaces, under a cap that is the contract rate."""
    day = date(2026, 1, 7)
    return (
        lent(row(1, LENT_ON, DUE_ON, 600_00, 3_72), row(2, DUE_ON, SECOND, 600_00, 1_68)),
        happened(LENT_ON, "repaid", amount=603_72),
        happened(day, "replanned", rows=(row(1, day, date(2026, 2, 7), 600_00, 1_86),)),
    )


def test_the_pay_off_quoted_settles_after_a_replan_under_a_cap() -> None:
    """Whatever the pay-off quoted is, paying it settles; today the account ends in a broken invariant.

    Charges by 2026-01-08 are 24 + 6 fen, the ceiling 60,000 x 0.0365 x 3 / 365 = 18 fen. The excess of
    12 fen is in the quote, but only 6 of it stand on the row in force.
    """
    terms = Terms(rate=percent("3.65"), cap=percent("3.65"))
    events = replanned_under_a_cap()
    day = date(2026, 1, 8)
    amount = audit(Account(terms=terms, events=events), day).payoff
    done = happened(day, "repaid", amount=amount)
    tables = folded(Account(terms=terms, events=(*events, done)), day)
    assert int(tables.account[c.A_PAYOFF]) == 0


def test_a_row_whose_interest_outgrows_its_instalment_can_be_settled() -> None:
    """Two rows, the first of 0.00: its first night's interest rounds up to a fen. 0.99 settles the loan.

    0.01 of principal and 0.01 of interest are owed, so 0.97 is credit balance.
    """
    terms = Terms(is_daily=True, rounding="up", rate=percent("0.0001"))
    rows = (row(1, LENT_ON, DUE_ON), row(2, DUE_ON, SECOND, 1))
    paid = happened(LENT_ON + timedelta(days=1), "repaid", amount=99)
    account = Account(terms=terms, events=(lent(*rows), paid))
    assert int(folded(account, paid.on).account[c.A_CREDIT]) == 97


def test_a_loan_paid_down_early_with_a_fee_can_be_settled() -> None:
    """Three rows, the second with a fee of 5.00; most is paid on the second day, then what is quoted.

    1,500.00 at 3.65 %: 15 fen a night. 1,450.00 settle the first two rows early, the fee with them. Of
    the fee nothing was earned by then: 1,500.15 - 1,450.00 = 50.15 settles the loan and leaves no credit.
    """
    terms = Terms(is_daily=True, rate=percent("3.65"))
    rows = (
        row(1, LENT_ON, DUE_ON, 500_00, 4_65),
        row(2, DUE_ON, SECOND, 500_00, 2_80, 5_00),
        row(3, SECOND, date(2026, 4, 5), 500_00, 1_55),
    )
    day = LENT_ON + timedelta(days=1)
    events = (lent(*rows), happened(day, "repaid", amount=1_450_00))
    quoted = int(folded(Account(terms=terms, events=events), day).account[c.A_PAYOFF])
    rest = replace(happened(day, "repaid", amount=quoted), name="z rest", seq=1)
    told = folded(Account(terms=terms, events=(*events, rest)), day).account
    assert (quoted, int(told[c.A_PAYOFF]), int(told[c.A_CREDIT])) == (50_15, 0, 0)


def test_an_instalment_paid_to_the_fen_is_closed_whatever_the_order() -> None:
    """Daily interest 1.00 a night; 505.00 on the fifth day is all the first row's instalment.

    Its interest is 5.00 and stays so. What the second day after bears, 0.50 a night, is the next row's:
    on day ten 2.50. It is so with principal last in the order, and must be with anything after it.
    """
    rows = (row(1, LENT_ON, DUE_ON, 500_00, 5_00), row(2, DUE_ON, SECOND, 500_00, 14_00))
    paid = happened(LENT_ON + timedelta(days=5), "repaid", amount=505_00)
    found = []
    for parts in ((FEE, PENALTY, COMPOUND, INTEREST, PRINCIPAL), (INTEREST, PRINCIPAL)):
        terms = Terms(is_daily=True, rate=percent("36.5"), orders=order(*parts))
        tables = folded(
            Account(terms=terms, events=(lent(*rows), paid)), LENT_ON + timedelta(days=10)
        )
        found.append([mine[c.W_ACCRUED] for mine in tables.work.tolist()][:2])
    assert found == [[5_00, 2_50], [5_00, 2_50]]


def test_a_tranche_after_a_take_over_is_lent() -> None:
    """500.00 stood at the take-over, 200.00 are lent five days later: 700.00 are owed by the new row."""
    day = LENT_ON + timedelta(days=5)
    taken = Event(name="a", on=LENT_ON, type="taken_over", rows=(row(1, LENT_ON, DUE_ON, 500_00),))
    lent_more = happened(day, "disbursed", amount=200_00, rows=(row(2, day, DUE_ON, 700_00),))
    told = folded(Account(terms=Terms(), events=(taken, lent_more)), DUE_ON).account
    assert (int(told[c.A_STATUS]), int(told[c.A_PRINCIPAL])) == (0, 700_00)


def test_a_fee_known_late_is_capped_after_a_charge_off_too() -> None:
    """A cap of 0 leaves no room for 0.31 of fee; that it became known after the charge-off changes nothing."""
    on = LENT_ON + timedelta(days=1)
    fee = happened(on, "fee_charged", amount=31, component="fee")
    late = replace(fee, recorded=fee.recorded_at + timedelta(days=3))
    account = single(Terms(cap=percent("0")), happened(LENT_ON, "charged_off"), late)
    day = LENT_ON + timedelta(days=5)
    told = audit(account, day).credited, int(folded(account, day).account[c.A_CREDITED])
    assert told == (31, 31)
