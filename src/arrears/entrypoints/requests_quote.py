"""What `arrears quote` and `arrears apr` read: every field with its description, unit and example."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from arrears.kernel.dates import Unit
from arrears.kernel.daycount import DayCount, LeapYear, YearSplit
from arrears.kernel.rounding import MultipleMode, Rounding
from arrears.servicing.annualised_cost import CostMethod, PeriodUnit
from arrears.servicing.terms import BrokenPeriod, FeeMode, Method


class Strict(BaseModel):
    """A document that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def amount(description: str, example: str = "1200.00") -> object:
    """A field that holds an amount in units of the currency."""
    return Field(description=f"{description}; unit: the contract's currency", examples=[example])


def rate(description: str, example: str) -> object:
    """A field that holds a rate."""
    return Field(description=f"{description}; unit: 1 = 100 %", examples=[example])


def number(description: str, unit: str, example: int) -> object:
    """A field that holds a whole number."""
    return Field(description=f"{description}; unit: {unit}", examples=[example])


def word(description: str, example: str) -> object:
    """A field that holds one of a closed set of words."""
    return Field(description=f"{description}; unit: none", examples=[example])


def day(description: str, example: str = "2026-01-31") -> object:
    """A field that holds a date."""
    return Field(description=f"{description}; unit: date, ISO 8601", examples=[example])


class CustomRowRequest(Strict):
    """A row written by hand."""

    due_on: Annotated[str, day("due date")]
    principal: Annotated[str, amount("principal due")] = "0"
    interest: Annotated[str | None, amount("interest due; computed where left out", "9.50")] = None
    fee: Annotated[str, amount("fee due", "2.00")] = "0"


class TrancheRequest(Strict):
    """A later part of the principal."""

    on: Annotated[str, day("day it is paid out")]
    amount: Annotated[str, amount("amount paid out")]


class TermsRequest(Strict):
    """Terms of one contract, as `arrears quote` reads them."""

    currency: Annotated[str, word("ISO 4217 code", "CNY")] = "CNY"
    principal: Annotated[str, amount("principal of the first disbursement")]
    disbursed_on: Annotated[str, day("day of disbursement", "2026-01-01")]
    annual_rate: Annotated[str, rate("contract rate a year", "0.12")] = "0"
    method: Annotated[Method, word("how principal and cost are spread", "equal_instalment")] = (
        Method.EQUAL_INSTALMENT
    )
    instalments: Annotated[int | None, number("rows of the schedule", "rows", 12)] = None
    every: Annotated[int, number("interval between due dates", "`unit`", 1)] = 1
    unit: Annotated[Unit, word("unit of the interval", "months")] = Unit.MONTHS
    day_count: Annotated[DayCount, word("day count convention", "actual/365")] = DayCount.ACTUAL_365
    year_split: Annotated[
        YearSplit, word("year of the night of 31 December under actual/actual", "dec31")
    ] = YearSplit.DEC31
    leap_year: Annotated[LeapYear, word("which days weigh 1/366", "full")] = LeapYear.FULL
    rounding: Annotated[Rounding, word("rounding of every row", "half_up")] = Rounding.HALF_UP
    instalment_multiple_of: Annotated[
        str | None, amount("the instalment goes to a multiple of this", "1")
    ] = None
    multiple_mode: Annotated[MultipleMode, word("which multiple", "nearest")] = MultipleMode.NEAREST
    first_due_on: Annotated[str | None, day("first due date, if not one interval on")] = None
    broken_period: Annotated[
        BrokenPeriod, word("where a broken first period's interest goes", "first_instalment")
    ] = BrokenPeriod.FIRST_INSTALMENT
    principal_grace: Annotated[int, number("first rows without principal", "rows", 3)] = 0
    interest_grace: Annotated[int, number("first rows whose interest waits", "rows", 3)] = 0
    interest_free: Annotated[int, number("first rows that cost no interest", "rows", 3)] = 0
    fee_rate: Annotated[str, rate("fee, once, of the principal", "0.045")] = "0"
    fee: Annotated[str, amount("fee in all, beside the rate", "54.00")] = "0"
    fee_mode: Annotated[FeeMode, word("when the fee is due", "spread")] = FeeMode.SPREAD
    instalment_amount: Annotated[
        str | None, amount("fixed instalment; the number of rows follows", "140.00")
    ] = None
    down_payment: Annotated[str, rate("share due on the day of disbursement", "0.25")] = "0"
    rows: Annotated[
        list[CustomRowRequest] | None,
        Field(description="rows of a custom schedule; unit: rows", examples=[[]]),
    ] = None
    tranches: Annotated[
        list[TrancheRequest] | None,
        Field(description="later tranches; unit: tranches", examples=[[]]),
    ] = None

    def document(self) -> dict[str, object]:
        """The fields as given, for `read_terms`."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)


class FlowRequest(Strict):
    """Money on a day."""

    on: Annotated[str, day("day of the cash flow")]
    amount: Annotated[str, amount("how much")]


class AprRequest(Strict):
    """Cash flows whose annual rate is asked for."""

    method: Annotated[CostMethod, word("which formula", "us_actuarial")]
    currency: Annotated[str, word("ISO 4217 code", "CNY")] = "CNY"
    advances: Annotated[
        list[FlowRequest],
        Field(description="what the borrower receives; unit: cash flows", examples=[[]]),
    ]
    payments: Annotated[
        list[FlowRequest],
        Field(description="what the borrower pays; unit: cash flows", examples=[[]]),
    ]
    unit: Annotated[PeriodUnit, word("unit-period the formula counts in", "months")] = (
        PeriodUnit.MONTHS
    )
    every: Annotated[
        int, Field(description="units a period; unit: `unit`", examples=[1], ge=1, le=366)
    ] = 1


#: What `arrears schema NAME` knows from this file.
Schema = Literal["quote", "apr", "balance"]
