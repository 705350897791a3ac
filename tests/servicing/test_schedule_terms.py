"""What terms may say, and what single terms do to a schedule, with numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from arrears.adapters.holidays import ChineseCalendar
from arrears.kernel.errors import ArrearsError
from arrears.servicing.schedule import solve_remaining, solve_schedule
from arrears.servicing.terms import read_terms

if TYPE_CHECKING:
    from arrears.servicing.schedule import Instalment

BASE: dict[str, object] = {
    "principal": "1200.00",
    "disbursed_on": "2026-01-31",
    "annual_rate": "0.12",
    "instalments": 12,
    "day_count": "30/360",
}


def rows_of(**more: object) -> tuple[Instalment, ...]:
    """The schedule of the base terms with some of them changed."""
    return solve_schedule(read_terms({**BASE, **more}))


@pytest.mark.parametrize(
    ("more", "code", "where"),
    [
        ({"apr": "0.1"}, "terms.unknown_field", "terms.apr"),
        ({"principal": "0"}, "contract.term_out_of_bounds", "terms.principal"),
        ({"principal": "-1"}, "money.negative", "terms.principal"),
        ({"principal": "10000000000000"}, "money.absurd", "terms.principal"),
        ({"principal": 1200}, "terms.wrong_type", "terms.principal"),
        ({"currency": "XXX"}, "money.unknown_currency", "terms.currency"),
        ({"annual_rate": "11"}, "rate.malformed", "terms.annual_rate"),
        ({"annual_rate": "0.0000001"}, "rate.too_fine", "terms.annual_rate"),
        ({"instalments": 0}, "contract.term_out_of_bounds", "terms.instalments"),
        ({"instalments": True}, "contract.term_out_of_bounds", "terms.instalments"),
        ({"instalments": 601}, "contract.term_out_of_bounds", "terms.instalments"),
        ({"every": 366, "instalments": 9}, "contract.term_out_of_bounds", "terms.instalments"),
        ({"every": 0}, "contract.term_out_of_bounds", "terms.every"),
        ({"unit": "years"}, "terms.unknown_choice", "terms.unit"),
        ({"day_count": "act/act"}, "terms.unknown_choice", "terms.day_count"),
        ({"disbursed_on": "31.01.2026"}, "date.malformed", "terms.disbursed_on"),
        ({"disbursed_on": "2026-W05-6"}, "date.malformed", "terms.disbursed_on"),
        ({"disbursed_on": "2226-01-31"}, "date.out_of_range", "terms.disbursed_on"),
        (
            {"first_due_on": "2026-01-31"},
            "contract.due_before_disbursement",
            "terms.first_due_on",
        ),
        ({"principal_grace": 12}, "contract.term_out_of_bounds", "terms.principal_grace"),
        ({"interest_grace": 12}, "contract.term_out_of_bounds", "terms.interest_grace"),
        ({"interest_free": 13}, "contract.term_out_of_bounds", "terms.interest_free"),
        ({"down_payment": "1"}, "contract.term_out_of_bounds", "terms.down_payment"),
        (
            {"instalment_multiple_of": "0"},
            "contract.term_out_of_bounds",
            "terms.instalment_multiple_of",
        ),
        ({"instalment_amount": "110"}, "contract.term_out_of_bounds", "terms.instalments"),
        (
            {"method": "bullet", "principal_grace": 2},
            "contract.term_out_of_bounds",
            "terms.principal_grace",
        ),
        (
            {"method": "flat", "instalment_amount": "110"},
            "contract.term_out_of_bounds",
            "terms.instalment_amount",
        ),
        (
            {"rows": [{"due_on": "2026-03-01", "principal": "1200"}]},
            "contract.term_out_of_bounds",
            "terms.rows",
        ),
        (
            {"tranches": [{"on": "2026-01-30", "amount": "1"}]},
            "contract.term_out_of_bounds",
            "terms.tranches",
        ),
        (
            {"tranches": [{"on": "2026-02-15", "amount": "0"}]},
            "contract.term_out_of_bounds",
            "terms.tranches",
        ),
        (
            {"tranches": [{"on": "2026-02-15", "amount": "99999999999"}]},
            "money.absurd",
            "terms.tranches",
        ),
        (
            {"unit": "weeks", "month_end": "last_day"},
            "contract.term_out_of_bounds",
            "terms.month_end",
        ),
        (
            {"business_day_convention": "following"},
            "terms.no_calendar",
            "terms.business_day_convention",
        ),
    ],
)
def test_terms_that_are_refused(more: dict[str, object], code: str, where: str) -> None:
    """Each contradiction has one error that names the field; nothing is silently left aside."""
    with pytest.raises(ArrearsError) as refused:
        read_terms({**BASE, **more})
    assert (refused.value.code, refused.value.where) == (code, where)


@pytest.mark.parametrize(
    ("rows", "code", "where"),
    [
        ([("2026-03-01", "1000")], "contract.rows_do_not_sum", "terms.rows"),
        (
            [("2026-03-01", "600"), ("2026-03-01", "600")],
            "contract.term_out_of_bounds",
            "terms.rows[2].due_on",
        ),
        ([("2026-01-31", "1200")], "contract.due_before_disbursement", "terms.rows[1].due_on"),
    ],
)
def test_rows_by_hand_that_are_refused(rows: list[tuple[str, str]], code: str, where: str) -> None:
    """Rows by hand ascend, begin after disbursement, and repay what is lent."""
    document = {key: value for key, value in BASE.items() if key != "instalments"}
    document |= {
        "method": "custom",
        "rows": [{"due_on": due, "principal": principal} for due, principal in rows],
    }
    with pytest.raises(ArrearsError) as refused:
        read_terms(document)
    assert (refused.value.code, refused.value.where) == (code, where)


def test_due_days_keep_the_day_they_began_with() -> None:
    """31 January, 28 February, 31 March: a short month clips its own row and no later one."""
    assert [row.due_on for row in rows_of(instalments=3)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_last_day_of_every_month() -> None:
    """Begun on 28 February, `last_day` makes 31 March of what `clip` leaves at the 28th."""
    given = {"disbursed_on": "2026-01-28", "first_due_on": "2026-02-28", "instalments": 2}
    assert rows_of(**given)[1].due_on == date(2026, 3, 28)
    assert rows_of(**given, month_end="last_day")[1].due_on == date(2026, 3, 31)


def test_months_of_thirty_days_whatever_their_length() -> None:
    """Under 30/360 the clipped February bears the same 1 % as any month: 12.00 on 1200.00."""
    rows = rows_of(method="interest_only")
    assert {row.interest_minor for row in rows} == {12_00}


def test_a_fee_instalment() -> None:
    """1200.00 over six months at a fee of 4.5 % once: six rows of 200.00 and 9.00."""
    rows = rows_of(method="fee_instalment", annual_rate="0", instalments=6, fee_rate="0.045")
    assert {(row.principal_minor, row.interest_minor, row.fee_minor) for row in rows} == {
        (200_00, 0, 9_00)
    }


def test_a_fee_up_front() -> None:
    """The same fee up front is a row of its own on the day of disbursement."""
    first, *others = rows_of(method="fee_instalment", fee_rate="0.045", fee_mode="up_front")
    assert (first.due_on, first.fee_minor, first.balance_minor) == (
        date(2026, 1, 31),
        54_00,
        1200_00,
    )
    assert not any(row.fee_minor for row in others)


def test_all_due_at_once_is_refused() -> None:
    """A fee up front that eats what is paid out leaves nothing lent."""
    with pytest.raises(ArrearsError) as refused:
        rows_of(fee="1200", fee_mode="up_front")
    assert (refused.value.code, refused.value.where) == (
        "contract.term_out_of_bounds",
        "terms.fee",
    )


def test_two_tranches_within_one_period() -> None:
    """Each tranche bears interest from its own day, also when both fall into one period.

    1200.00 from 31 January, 600.00 from 10 February, 600.00 from 20 February, 36.5 % on 365 days:
    28 days x 1.20 + 18 days x 0.60 + 8 days x 0.60 = 33.60 + 10.80 + 4.80 = 49.20.
    """
    tranches = [{"on": "2026-02-20", "amount": "600"}, {"on": "2026-02-10", "amount": "600"}]
    given = {"annual_rate": "0.365", "day_count": "actual/365", "tranches": tranches}
    first, second, *_ = rows_of(method="interest_only", **given)
    assert first.interest_minor == 49_20
    assert second.interest_minor == 31 * 2_40  # the whole 2400.00 for March
    bullet = rows_of(method="bullet", **{**given, "instalments": 2})
    assert [row.interest_minor for row in bullet] == [49_20 + 31 * 2_40]


def test_a_tranche_of_a_flat_loan_costs_its_own_flat_rate() -> None:
    """A second 1200.00 from the first due date on adds 12.00 a row to the 12.00 there were."""
    first, *others = rows_of(method="flat", tranches=[{"on": "2026-02-28", "amount": "1200"}])
    assert first.interest_minor == 12_00
    assert {row.interest_minor for row in others} == {24_00}


def test_grace_is_counted_from_the_first_row_of_all() -> None:
    """A tranche in the third month does not begin the two months' principal grace anew."""
    rows = rows_of(principal_grace=2, tranches=[{"on": "2026-04-15", "amount": "100"}])
    assert [row.principal_minor > 0 for row in rows[:4]] == [False, False, True, True]


@pytest.mark.parametrize(
    ("broken_period", "interest", "rows"),
    [
        ("first_instalment", 45 * 1_20, 2),
        ("none", 31 * 1_20, 2),
        ("spread", 31 * 1_20 + 14 * 60, 2),
        ("upfront", 14 * 1_20, 3),
    ],
)
def test_a_long_first_period(broken_period: str, interest: int, rows: int) -> None:
    """Of 45 days to 17 March, 14 lie before the month: borne at once, by all rows, or not at all."""
    solved = rows_of(
        method="interest_only",
        annual_rate="0.365",
        day_count="actual/365",
        disbursed_on="2026-02-14",
        first_due_on="2026-03-31",
        instalments=2,
        broken_period=broken_period,
    )
    # One month before 31 March is 28 February; from there the regular period has 31 days.
    assert len(solved) == rows
    assert solved[0].interest_minor == interest


@pytest.mark.parametrize("broken_period", ["first_instalment", "none", "spread", "upfront"])
def test_a_short_first_period_bears_its_days(broken_period: str) -> None:
    """Ten days to the first due date cost ten days, whatever a long one would have cost."""
    rows = rows_of(
        method="interest_only",
        annual_rate="0.365",
        day_count="actual/365",
        first_due_on="2026-02-10",
        broken_period=broken_period,
    )
    assert (len(rows), rows[0].interest_minor) == (12, 10 * 1_20)


def test_due_dates_leave_the_spring_festival() -> None:
    """Due on 17 February 2026 the row moves to the 24th; what it asks is the contractual month's."""
    document = {**BASE, "disbursed_on": "2026-01-17", "day_count": "actual/365"}
    stays = solve_schedule(read_terms(document))
    moves = solve_schedule(
        read_terms({**document, "business_day_convention": "following"}, ChineseCalendar())
    )
    assert moves[0].due_on == date(2026, 2, 24)
    assert moves[1].from_on == moves[0].due_on
    assert [row.total_minor for row in moves] == [row.total_minor for row in stays]
    assert not moves[0].is_provisional
    assert moves[-1].is_provisional  # January 2027: no notice for that year yet


def test_two_rows_cannot_share_a_workday() -> None:
    """Daily rows over a weekend would fall on one Monday: refused, not merged."""
    document = {**BASE, "unit": "days", "business_day_convention": "following"}
    with pytest.raises(ArrearsError) as refused:
        solve_schedule(read_terms(document, ChineseCalendar()))
    assert refused.value.where == "terms.business_day_convention"


def test_a_fixed_instalment_that_never_repays() -> None:
    """12.00 a month is what 1200.00 cost at 12 %: the balance never falls."""
    document = {key: value for key, value in BASE.items() if key != "instalments"}
    with pytest.raises(ArrearsError) as refused:
        solve_schedule(read_terms({**document, "instalment_amount": "12"}))
    assert refused.value.code == "contract.never_repaid"
    assert len(solve_schedule(read_terms({**document, "instalment_amount": "1212"}))) == 1


def test_what_is_left_solves_to_the_rows_it_was() -> None:
    """Solved anew from any row on at the same rate, the rows of equal principal are those signed."""
    terms = read_terms({**BASE, "method": "equal_principal"})
    rows = solve_schedule(terms)
    for done in (1, 5, 11):
        left = solve_remaining(
            rows[done - 1].balance_minor,
            rows[done].from_on,
            [row.due_on for row in rows[done:]],
            terms.annual_rate_ppm,
            terms,
        )
        assert [replace(row, number=row.number + done) for row in left] == list(rows[done:])


def test_a_rate_that_changed_changes_interest_alone() -> None:
    """At half the rate the remaining interest of equal principal halves."""
    terms = read_terms({**BASE, "method": "equal_principal"})
    rows = solve_schedule(terms)
    left = solve_remaining(
        rows[5].balance_minor, rows[6].from_on, [row.due_on for row in rows[6:]], 60_000, terms
    )
    assert [row.interest_minor * 2 for row in left] == [row.interest_minor for row in rows[6:]]
