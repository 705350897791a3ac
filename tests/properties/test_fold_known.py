"""Where the fold is known to be wrong: each story fails today, and fails the suite once it is mended.

A mended story loses its mark, and its exception in `test_fold_conservation` goes with it.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from arrears.kernel import movement as m
from arrears.kernel.errors import InvariantError
from arrears.ledger.positions import positions_of_movements
from arrears.servicing import layout as c
from auditor.auditor import audit
from auditor.model import Account, Event, Terms
from auditor.story import DUE_ON, LENT_ON, happened, lent, nights_late, percent, row, single
from auditor.translation import folded

SECOND = date(2026, 3, 5)


def outstanding(account: Account, day: date) -> tuple[int, int]:
    """Principal and charges outstanding as the movements say it."""
    found = positions_of_movements(folded(account, day, posting=0).moves).outstanding_minor
    principal = sum(minor for key, minor in found.items() if key.component == m.PRINCIPAL)
    return principal, sum(found.values()) - principal


@pytest.mark.xfail(strict=True, reason="a tranche is lent and moved in, and moved out nowhere")
def test_a_tranche_is_lent_once() -> None:
    """1,000.00 and a tranche of 500.00: the movements say 1,500.00 is outstanding, not 2,000.00."""
    day = date(2026, 1, 20)
    rows = (row(1, day, date(2026, 2, 20), 1_500_00),)
    account = single(Terms(), happened(day, "disbursed", amount=500_00, rows=rows))
    assert int(folded(account, day).account[c.A_PRINCIPAL]) == 1_500_00
    assert outstanding(account, day) == (1_500_00, 0)


@pytest.mark.xfail(strict=True, reason="the fee of a row settled early is paid and never charged")
def test_a_fee_paid_with_a_row_settled_early_was_charged() -> None:
    """Daily interest at 0 %: 505.00 settles the first row before its due date, 5.00 of it its fee.

    After the due date 500.00 of principal is outstanding and no charge; movements must not say -5.00.
    """
    rows = (row(1, LENT_ON, DUE_ON, 500_00, 0, 5_00), row(2, DUE_ON, SECOND, 500_00))
    paid = happened(date(2026, 1, 10), "repaid", amount=505_00)
    account = Account(terms=Terms(is_daily=True), events=(lent(*rows), paid))
    assert outstanding(account, DUE_ON + timedelta(days=1)) == (500_00, 0)


@pytest.mark.xfail(
    strict=True, reason="signed interest falls due after charge-off without accruing"
)
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


@pytest.mark.xfail(
    strict=True,
    raises=InvariantError,
    reason="the pay-off counts charges of replaced rows that the settlement then cannot credit",
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
