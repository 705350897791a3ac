"""Tapes: a real lender's 10,000 loans, and a file with broken lines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arrears import bootstrap
from arrears.app.closing import close_to
from arrears.app.tape import LAYOUTS, import_accounts, read_tape
from arrears.app.tape_card import (
    PAID_IN_FULL,
    REVOLVING,
    card_contract,
    confusion,
    months_overdue,
)
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Callable

if TYPE_CHECKING:
    from arrears.app.ports import StoredAccount
    from arrears.app.tape import TapeReport

DATA = Path(__file__).parents[2].parent / "shared" / "data"
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


def nothing() -> None:
    """No progress bar."""


def read_neutral(path: Path) -> tuple[list[StoredAccount], TapeReport]:
    """Read a file in the neutral layout, its contracts signed under policy."""
    return read_tape(
        bootstrap.tape_rows(path),
        LAYOUTS["neutral"],
        RECORDED,
        registry=bootstrap.signing_registry(),
        on_row=nothing,
    )


def test_ten_thousand_real_loans(new_database) -> None:  # noqa: ANN001 - of conftest
    """Our instalment is the tape's to the cent for at least 99.9 % of the loans; those are booked.

    That lender rounds up; the others are rejects that name the instalment.
    """
    path = DATA / "lending_club" / "loans_full_schema.parquet"
    if not path.exists():
        pytest.skip("../shared/data is absent: no instalment was compared with a real tape")
    rows = bootstrap.tape_rows(path)
    assert sum(int(row["loan_amount"]) for row in rows) == 163_619_225
    accounts, report = read_tape(
        rows, LAYOUTS["lending-club"], RECORDED, registry=None, on_row=nothing
    )
    assert report.rows == 10_000
    assert len(accounts) >= 9_990
    assert {each.field for each in report.rejects} <= {"installment"}
    store, frame = new_database.store(), bootstrap.frame(compiled=False)
    import_accounts(store, accounts, RECORDED, frame, on_account=nothing)
    with store.unit_of_work() as work:
        assert sum(int(str(row["accounts"])) for row in work.statuses()) == len(accounts)


def test_broken_lines_are_told_and_the_rest_imported(new_database, tmp_path: Path) -> None:  # noqa: ANN001 - of conftest
    """Each rejected row is named with field, value and reason; the others are booked together."""
    path = tmp_path / "loans.csv"
    path.write_text(
        "account_id,borrower_id,principal,disbursed_on,annual_rate,instalments,cap_annual\n"
        "L-1,B-1,12000,2026-01-05,0.146,12,0.24\n"
        "L-2,B-2,-5,2026-01-05,0.146,12,0.24\n"
        "L-3,B-3,1000,2026-01-05,0.36,12,0.24\n"
        "L-1,B-4,1000,2026-01-05,0.1,3,0.24\n"
        "L-5,B-5,800,2026-01-06,0.1,3,0.24\n"
        "L-6,B-6,12,000,2026-01-06,0.1,3,0.24\n",
        encoding="utf-8",
    )
    accounts, report = read_neutral(path)
    assert [(each.row_number, each.field) for each in report.rejects] == [
        (2, "terms.principal"),
        (3, "contract.cap_annual"),
        (4, "account_id"),
        (6, "the row"),
    ]
    store = new_database.store()
    frame = bootstrap.frame(compiled=False)
    assert import_accounts(store, accounts, RECORDED, frame, on_account=nothing) == 2
    with store.unit_of_work() as work:
        assert len(work.open_accounts()) == 2


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("account_id,borrower_id,principal,disbursed_on,anual_rate", "tape.unknown_column"),
        ("account_id,borrower_id,disbursed_on,annual_rate,product", "tape.missing_column"),
    ],
)
def test_a_heading_that_is_not_ours_is_refused(
    arrears: Callable[..., tuple[int, str]], tmp_path: Path, heading: str, code: str
) -> None:
    """A misspelt rate is no loan without interest: the file is refused whole, nothing is booked."""
    path = tmp_path / "loans.csv"
    path.write_text(f"{heading}\nL-1,B-1,1200,2026-01-05,0.12\n", encoding="utf-8")
    exit_code, told = arrears("tape", "import", str(path))
    assert exit_code == 2
    assert told.startswith(f"{code}: the heading")
    assert arrears("balance", "--account", "L-1")[1].startswith("account.unknown")


def test_a_loan_of_a_tape_comes_under_the_policy_of_its_day(tmp_path: Path) -> None:
    """A row that names no cap takes that of policy, which it keeps beside it; one above it is rejected."""
    path = tmp_path / "loans.csv"
    path.write_text(
        "account_id,borrower_id,principal,disbursed_on,annual_rate,instalments\n"
        "L-1,B-1,1200,2026-01-05,0.50,12\n"
        "L-2,B-2,1200,2026-01-05,0.146,12\n",
        encoding="utf-8",
    )
    accounts, report = read_neutral(path)
    assert [(each.row_number, each.code) for each in report.rejects] == [
        (1, "contract.rate_above_cap")
    ]
    assert accounts[0].contract["cap_annual"] == "0.24"
    assert accounts[0].policy


def test_thirty_thousand_real_cards() -> None:
    """Every card lives through six statements; how its September compares is reported, not tuned.

    The engine takes a tenth of the bill for the minimum, which the tape's lender does not say; many
    cards that paid less, and that the tape calls revolving, are overdue here. The corner that does
    not hang on the minimum is held: nobody who used no card is months overdue on both sides.
    """
    path = DATA / "taiwan" / "taiwan.csv.gz"
    if not path.exists():
        pytest.skip("../shared/data is absent: no card was compared with a real tape")
    rows = bootstrap.tape_rows(path)
    assert sum(int(row["LIMIT_BAL"].partition(".")[0]) for row in rows) == 5_024_529_680
    found = confusion(rows, on_row=nothing)
    assert sum(found.values()) == 30_000
    assert found[REVOLVING, 0] == 2_767
    assert found[PAID_IN_FULL, -1] == 3_895
    assert sum(count for (one, other), count in found.items() if one >= 3 and other == -2) < 50


def test_thirty_thousand_real_cards_are_booked(new_database) -> None:  # noqa: ANN001 - of conftest
    """All of them are lines in the store, with every statement and payment of the tape; none is left."""
    path = DATA / "taiwan" / "taiwan.csv.gz"
    if not path.exists():
        pytest.skip("../shared/data is absent: no real card was booked")
    rows = bootstrap.tape_rows(path)
    accounts, report = read_tape(rows, LAYOUTS["uci-card"], RECORDED, registry=None, on_row=nothing)
    assert (report.accepted, report.rejects) == (30_000, [])
    store, frame = new_database.store(), bootstrap.frame(compiled=False)
    import_accounts(store, accounts, RECORDED, frame, on_account=nothing)
    with store.unit_of_work() as work:
        assert sum(int(str(row["accounts"])) for row in work.statuses()) == 30_000
        last = accounts[-1]
        assert work.read([(last.slot, last.account_id)])[0].events == last.events


def test_cards_closed_day_by_day_are_where_the_comparison_says(new_database) -> None:  # noqa: ANN001 - of conftest
    """Every 150th real card, booked and closed through six months: its code is the comparison's.

    Also, the close makes no statement of its own where the tape brought that day's.
    """
    path = DATA / "taiwan" / "taiwan.csv.gz"
    if not path.exists():
        pytest.skip("../shared/data is absent: no real card was closed day by day")
    rows = bootstrap.tape_rows(path)[::150]
    accounts, _ = read_tape(rows, LAYOUTS["uci-card"], RECORDED, registry=None, on_row=nothing)
    store, frame = new_database.store(), bootstrap.frame(compiled=False)
    import_accounts(store, accounts, RECORDED, frame, on_account=nothing)
    close_to(store, date(2005, 9, 24), frame, clock=lambda: RECORDED)
    with store.unit_of_work() as work:
        closed = work.read([(each.slot, each.account_id) for each in accounts])
        assert work.parked() == []
    after = {each.account_id: each for each in closed}
    for before, row in zip(accounts, rows, strict=True):
        months = max(0, months_overdue(row, card_contract()))
        assert after[before.account_id].bucket == f"M{months}"
        assert len(after[before.account_id].events) == len(before.events)


def card(**columns: str) -> dict[str, str]:
    """A row of the card tape, some columns of it changed."""
    row = {"ID": "7", "LIMIT_BAL": "50000.0", "PAY_0": "-1"}
    row |= {f"BILL_AMT{at}": "1000.0" for at in range(1, 7)}
    row |= {f"PAY_AMT{at}": "400.0" for at in range(1, 7)}
    return row | columns


@pytest.mark.parametrize(
    ("columns", "code", "field"),
    [
        ({"BILL_AMT1": "abc"}, "tape.wrong_value", "BILL_AMT1"),
        ({"PAY_AMT3": ""}, "tape.missing_value", "PAY_AMT3"),
        ({"PAY_AMT3": "-5"}, "tape.wrong_value", "PAY_AMT3"),
        ({"PAY_AMT2": "1.5"}, "tape.wrong_value", "PAY_AMT2"),
        ({"LIMIT_BAL": "1e9"}, "tape.wrong_value", "LIMIT_BAL"),
        ({"ID": "x"}, "tape.wrong_value", "ID"),
    ],
)
def test_a_broken_card_is_rejected_by_itself(
    columns: dict[str, str], code: str, field: str
) -> None:
    """One broken column: that card is told with row, field and reason, its neighbour is accepted."""
    rows = [card(**{"ID": "1", **columns}), card()]
    accounts, report = read_tape(rows, LAYOUTS["uci-card"], RECORDED, registry=None, on_row=nothing)
    assert [each.account_id for each in accounts] == ["UCI-00007"]
    assert [(each.row_number, each.field, each.code) for each in report.rejects] == [
        (1, field, code)
    ]


def test_a_comparison_leaves_no_card_out() -> None:
    """A broken row stops the comparison and is named: a count without it would be another count."""
    with pytest.raises(ArrearsError) as caught:
        confusion([card(), card(PAY_0="late")], on_row=nothing)
    assert (caught.value.code, caught.value.where) == ("tape.wrong_value", "row 2, PAY_0")


def test_a_bill_below_zero_asks_for_nothing() -> None:
    """A credit on the card is no debt: under negative bills nothing was bought."""
    rows = [card(**{f"BILL_AMT{at}": "-100.0" for at in range(1, 7)})]
    accounts, report = read_tape(rows, LAYOUTS["uci-card"], RECORDED, registry=None, on_row=nothing)
    assert report.rejects == []
    kinds = {event["type"] for event in accounts[0].events}
    assert "purchased" not in kinds


def test_cards_are_booked_as_lines(new_database) -> None:  # noqa: ANN001 - of conftest
    """A card of the tape in the store: a line with purchases, payments and six statements."""
    row = {"ID": "7", "LIMIT_BAL": "50000.0"} | {f"BILL_AMT{at}": "1000" for at in range(1, 7)}
    row |= {f"PAY_AMT{at}": "400" for at in range(1, 7)}
    accounts, report = read_tape(
        [row], LAYOUTS["uci-card"], RECORDED, registry=None, on_row=nothing
    )
    assert report.rejects == []
    store, frame = new_database.store(), bootstrap.frame(compiled=False)
    assert import_accounts(store, accounts, RECORDED, frame, on_account=nothing) == 1
    with store.unit_of_work() as work:
        booked = work.read(work.open_accounts())
    assert [len(each.events) for each in booked] == [6 + 6 + 5]
