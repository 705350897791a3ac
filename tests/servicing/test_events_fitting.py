"""Events and their contract together: what neither of them alone can tell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.errors import ArrearsError
from arrears.servicing.contract import NIGHT_PPM_MAX, Contract, read_contract
from arrears.servicing.events import Event, read_event
from arrears.servicing.fitting import check_account

LENT = {"id": "D", "on": "2026-01-01", "type": "disbursed", "amount": "10000"}
ROWS = [
    {"due_on": "2026-02-01", "principal": "4000"},
    {"due_on": "2026-03-01", "principal": "6000"},
]


def loan(**changes: object) -> Contract:
    """A loan of 10,000.00 at 14.6 % under a cap of 24 %."""
    terms = {"principal": "10000", "disbursed_on": "2026-01-01", "annual_rate": "0.146",
             "method": "equal_instalment", "instalments": 3}  # fmt: skip
    return read_contract(
        {"terms": terms, "penalty": {"uplift": "0.5"}, "cap_annual": "0.24", **changes}
    )


def history(*documents: dict[str, Any]) -> list[Event]:
    """Events with ids of their own unless they bring one."""
    yuan = loan().terms.currency
    return [
        read_event({"id": f"E{at}", **each}, yuan, where="event")
        for at, each in enumerate(documents)
    ]


def code_of(contract: Contract, *documents: dict[str, Any]) -> str:
    """The code a history is refused with."""
    with pytest.raises(ArrearsError) as error:
        check_account(contract, history(*documents))
    return error.value.code


@pytest.mark.parametrize(
    "event",
    [
        {"type": "purchased", "amount": "5"},
        {"type": "statement_closed", "rows": ROWS},
        {"type": "converted", "rows": ROWS},
    ],
)
def test_a_loan_has_no_events_of_a_line(event: dict[str, Any]) -> None:
    """A purchase, a statement or a conversion on a loan is refused; on a line it is taken."""
    on = {"on": "2026-01-20", **event}
    assert code_of(loan(), LENT, on) == "event.refused"
    check_account(loan(kind="line"), history({**LENT, "type": "purchased"}, on))


@given(st.integers(1, 20_000))
def test_signed_rows_repay_what_was_lent(yuan: int) -> None:
    """Rows of a first disbursement sum to its amount or are refused; a failed one does not count."""
    lent = {**LENT, "amount": str(yuan), "rows": ROWS}
    if yuan == 10_000:
        check_account(loan(), history(lent))
    else:
        assert code_of(loan(), lent) == "contract.rows_do_not_sum"
        failed = {"on": "2026-01-02", "type": "disbursement_failed", "reverses": "D"}
        check_account(loan(), history(lent, failed))


@given(st.integers(1, 600_000))
def test_a_changed_rate_stays_within_the_cap(ppm: int) -> None:
    """Up to 24 % a new rate is taken, above it is refused; without a cap any is."""
    changed = {"on": "2026-01-20", "type": "rate_changed", "rate": f"{ppm / 1_000_000:.6f}"}
    if ppm <= 240_000:
        check_account(loan(), history(LENT, changed))
    else:
        assert code_of(loan(), LENT, changed) == "contract.rate_above_cap"
        check_account(loan(cap_annual=None), history(LENT, changed))


@given(st.integers(1, 10**13), st.sampled_from(["charged_back", "refunded", "repaid"]))
def test_what_may_be_owed_fits_the_folds_numbers(minor: int, kind: str) -> None:
    """Amounts that raise principal are bounded with the highest rate; cash that comes in is not."""
    more = {"on": "2026-01-20", "type": kind, "amount": f"{minor // 100}.{minor % 100:02d}"}
    changed = {"on": "2026-01-20", "type": "rate_changed", "rate": "2"}
    highest = 3_000_000
    contract = loan(cap_annual=None)
    if kind == "repaid" or (minor + 10_000_00) * highest <= NIGHT_PPM_MAX:
        check_account(contract, history(LENT, more, changed))
    else:
        assert code_of(contract, LENT, more, changed) == "contract.term_out_of_bounds"


@pytest.mark.parametrize(
    "row",
    [
        {"paid": {"principal": "4000.01"}},
        {"paid": {"principal": "3000"}, "waived": {"principal": "1000.01"}},
        {"interest": "5", "carried": "5.01"},
        {"paid": {"fee": "0.01"}},
    ],
)
def test_a_row_is_not_paid_more_than_it_asks_for(row: dict[str, Any]) -> None:
    """A row taken over as paid or waived beyond what it asks for, or carrying more than it bears."""
    with pytest.raises(ArrearsError) as error:
        history({"on": "2026-01-20", "type": "taken_over", "rows": [{**ROWS[0], **row}]})
    assert error.value.code == "event.refused"


def test_rows_have_numbers_of_their_own() -> None:
    """Two rows of one contract under one number would be one key in the ledger: refused."""
    rows = [{**each, "seq": 1} for each in ROWS]
    with pytest.raises(ArrearsError) as error:
        history({**LENT, "rows": rows})
    assert error.value.code == "event.refused"
    apart = [{**each, "seq": 1, "contract": at} for at, each in enumerate(ROWS)]
    assert len(history({**LENT, "rows": apart})[0].rows) == 2
