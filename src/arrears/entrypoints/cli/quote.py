"""`arrears quote`: the schedule and its annualised cost, from terms as JSON on standard input."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from decimal import Decimal

app = typer.Typer(add_completion=False)


def as_rate(value: Decimal | None) -> str | None:
    """An annual rate with four decimals, 1 = 100 %, as rates are disclosed; null where none is."""
    return None if value is None else str(round(value, 4))


@app.command()
def quote() -> None:
    """Solve the schedule of terms given as JSON; prints rows, totals and annualised cost.

    Due dates that rest on holidays not published yet are listed as `provisional_due_dates`.
    """
    from arrears.entrypoints.reading import calendar_for, read_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.requests_quote import TermsRequest  # noqa: PLC0415 - start-up
    from arrears.kernel.money import format_minor  # noqa: PLC0415 - start-up
    from arrears.servicing.annualised_cost import annualised_cost  # noqa: PLC0415 - start-up
    from arrears.servicing.schedule import solve_schedule  # noqa: PLC0415 - start-up
    from arrears.servicing.terms import read_terms  # noqa: PLC0415 - start-up

    document = read_document(sys.stdin.read(), TermsRequest).document()
    terms = read_terms(document, calendar_for(document))
    rows = solve_schedule(terms)

    def money(amount_minor: int) -> str:
        return format_minor(amount_minor, terms.currency)

    answer: dict[str, object] = {
        "rows": [
            {
                "seq": row.number,
                "due_on": row.due_on.isoformat(),
                "principal": money(row.principal_minor),
                "interest": money(row.interest_minor),
                "fee": money(row.fee_minor),
                "total": money(row.total_minor),
                "balance": money(row.balance_minor),
            }
            for row in rows
        ],
        "totals": {
            "principal": money(sum(row.principal_minor for row in rows)),
            "interest": money(sum(row.interest_minor for row in rows)),
            "fee": money(sum(row.fee_minor for row in rows)),
            "total": money(sum(row.total_minor for row in rows)),
        },
        "annualised_cost": {
            method.value: as_rate(value) for method, value in annualised_cost(terms, rows).items()
        },
        "currency": terms.currency.code,
    }
    provisional = [row.due_on.isoformat() for row in rows if row.is_provisional]
    if provisional:
        answer["provisional_due_dates"] = provisional
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
