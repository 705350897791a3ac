"""`arrears apr`: the annual rate of dated cash flows, from JSON on standard input."""

from __future__ import annotations

import json
import sys

import typer

app = typer.Typer(add_completion=False)


@app.command()
def apr() -> None:
    """Find the annual rate of advances and payments by the method asked for."""
    from arrears.entrypoints.reading import read_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.requests_quote import AprRequest  # noqa: PLC0415 - start-up
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up
    from arrears.kernel.money import currency_of, parse_minor  # noqa: PLC0415 - start-up
    from arrears.servicing.annualised_cost import CashFlow, annual_rate  # noqa: PLC0415 - start-up

    request = read_document(sys.stdin.read(), AprRequest)
    currency = currency_of(request.currency, where="currency")

    def flows(name: str) -> list[CashFlow]:
        return [
            CashFlow(
                parse_date(flow.on, where=f"{name}[{at}].on"),
                parse_minor(flow.amount, currency, where=f"{name}[{at}].amount"),
            )
            for at, flow in enumerate(getattr(request, name), start=1)
        ]

    found = annual_rate(
        request.method, flows("advances"), flows("payments"), request.unit, request.every
    )
    document = {
        "method": request.method.value,
        "annual_rate": str(round(found, 4)),
        "annual_rate_percent": str(round(found * 100, 6)),
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
