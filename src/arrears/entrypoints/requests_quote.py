"""What `arrears quote` and `arrears apr` read: every field with its description, unit and example."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from arrears.kernel.calendar import BusinessDayConvention
from arrears.kernel.dates import Unit
from arrears.kernel.daycount import DayCount, LeapYear, YearSplit
from arrears.kernel.rounding import MultipleMode, Rounding
from arrears.servicing.annualised_cost import CostMethod, PeriodUnit
from arrears.servicing.terms import (
    BrokenPeriod,
    FeeMode,
    InstalmentBasis,
    Method,
    MonthEnd,
)

#: Amounts and rates as text: digits and a point, nothing scientific, no more than is held exactly.
AMOUNT_PATTERN = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
RATE_PATTERN = r"^-?[0-9]{1,9}(\.[0-9]{1,12})?$"

#: An id as text: something, not too long, no control characters, no space around it.
ID_PATTERN = r"^[^\x00-\x20]([^\x00-\x1f]{0,198}[^\x00-\x20])?$"


class Strict(BaseModel):
    """A document that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def amount_field(description: str, example: str = "1200.00") -> object:
    """A field that holds an amount in units of the currency."""
    return Field(
        description=f"{description}; unit: the contract's currency",
        examples=[example],
        pattern=AMOUNT_PATTERN,
    )


def rate_field(description: str, example: str) -> object:
    """A field that holds a rate."""
    return Field(
        description=f"{description}; unit: 1 = 100 %", examples=[example], pattern=RATE_PATTERN
    )


def number_field(description: str, unit: str, example: int) -> object:
    """A field that holds a whole number."""
    return Field(description=f"{description}; unit: {unit}", examples=[example])


def word_field(description: str, example: str) -> object:
    """A field that holds one of a closed set of words."""
    return Field(description=f"{description}; unit: none", examples=[example])


def id_field(description: str, example: str) -> object:
    """A field that holds an id."""
    return Field(description=f"{description}; unit: none", examples=[example], pattern=ID_PATTERN)


def day_field(description: str, example: str = "2026-01-31") -> object:
    """A field that holds a date."""
    return Field(description=f"{description}; unit: date, ISO 8601", examples=[example])


class CustomRowRequest(Strict):
    """A row written by hand."""

    due_on: Annotated[str, day_field("due date")]
    principal: Annotated[str, amount_field("principal due")] = "0"
    interest: Annotated[
        str | None, amount_field("interest due; computed where left out", "9.50")
    ] = None
    fee: Annotated[str, amount_field("fee due", "2.00")] = "0"


class TrancheRequest(Strict):
    """A later part of the principal."""

    on: Annotated[str, day_field("day it is paid out")]
    amount: Annotated[str, amount_field("amount paid out")]


class TermsRequest(Strict):
    """Terms of one contract, as `arrears quote` reads them."""

    currency: Annotated[str, word_field("ISO 4217 code", "CNY")] = "CNY"
    principal: Annotated[str, amount_field("principal of the first disbursement")]
    disbursed_on: Annotated[str, day_field("day of disbursement", "2026-01-01")]
    annual_rate: Annotated[str, rate_field("contract rate a year", "0.12")] = "0"
    method: Annotated[
        Method, word_field("how principal and cost are spread", "equal_instalment")
    ] = Method.EQUAL_INSTALMENT
    instalments: Annotated[
        int | None, number_field("rows of the schedule; 1 if left out", "rows", 12)
    ] = None
    every: Annotated[int, number_field("interval between due dates", "`unit`", 1)] = 1
    unit: Annotated[Unit, word_field("unit of the interval", "months")] = Unit.MONTHS
    day_count: Annotated[DayCount, word_field("day count convention", "actual/365")] = (
        DayCount.ACTUAL_365
    )
    year_split: Annotated[
        YearSplit, word_field("year of the night of 31 December under actual/actual", "dec31")
    ] = YearSplit.DEC31
    leap_year: Annotated[LeapYear, word_field("which days weigh 1/366", "full")] = LeapYear.FULL
    rounding: Annotated[Rounding, word_field("rounding of every row", "half_up")] = Rounding.HALF_UP
    instalment_multiple_of: Annotated[
        str | None, amount_field("level and flat instalments go to a multiple of this", "1")
    ] = None
    multiple_mode: Annotated[MultipleMode, word_field("which multiple", "nearest")] = (
        MultipleMode.NEAREST
    )
    instalment_basis: Annotated[
        InstalmentBasis, word_field("from which rates a level instalment is solved", "periods")
    ] = InstalmentBasis.PERIODS
    first_due_on: Annotated[str | None, day_field("first due date, if not one interval on")] = None
    month_end: Annotated[
        MonthEnd, word_field("which day of the month due dates keep; months only", "clip")
    ] = MonthEnd.CLIP
    business_day_convention: Annotated[
        BusinessDayConvention,
        word_field(
            "where a due date goes that falls on a rest day of mainland China; amounts stay", "none"
        ),
    ] = BusinessDayConvention.NONE
    broken_period: Annotated[
        BrokenPeriod,
        word_field(
            "where the interest of a first period longer than one interval goes", "first_instalment"
        ),
    ] = BrokenPeriod.FIRST_INSTALMENT
    principal_grace: Annotated[int, number_field("first rows without principal", "rows", 3)] = 0
    interest_grace: Annotated[int, number_field("first rows whose interest waits", "rows", 3)] = 0
    interest_free: Annotated[int, number_field("first rows that cost no interest", "rows", 3)] = 0
    fee_rate: Annotated[str, rate_field("fee, once, of the principal", "0.045")] = "0"
    fee: Annotated[str, amount_field("fee in all, beside the rate", "54.00")] = "0"
    fee_mode: Annotated[FeeMode, word_field("when the fee is due", "spread")] = FeeMode.SPREAD
    instalment_amount: Annotated[
        str | None, amount_field("fixed instalment; the number of rows follows", "140.00")
    ] = None
    down_payment: Annotated[str, rate_field("share due on the day of disbursement", "0.25")] = "0"
    rows: Annotated[
        list[CustomRowRequest] | None,
        Field(
            description="rows of a custom schedule, by due date; unit: rows",
            examples=[[{"due_on": "2026-01-31", "principal": "1200.00", "interest": "9.50"}]],
        ),
    ] = None
    tranches: Annotated[
        list[TrancheRequest] | None,
        Field(
            description="later tranches; unit: tranches",
            examples=[[{"on": "2026-02-15", "amount": "600.00"}]],
        ),
    ] = None

    def document(self) -> dict[str, object]:
        """The fields as given, for `read_terms`."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)


class FlowRequest(Strict):
    """Money on a day."""

    on: Annotated[str, day_field("day of the cash flow")]
    amount: Annotated[str, amount_field("how much")]


class AprRequest(Strict):
    """Cash flows whose annual rate is asked for."""

    method: Annotated[CostMethod, word_field("which formula", "us_actuarial")]
    currency: Annotated[str, word_field("ISO 4217 code", "CNY")] = "CNY"
    advances: Annotated[
        list[FlowRequest],
        Field(
            description="what the borrower receives; unit: cash flows",
            examples=[[{"on": "2026-01-01", "amount": "1000.00"}]],
        ),
    ]
    payments: Annotated[
        list[FlowRequest],
        Field(
            description="what the borrower pays; unit: cash flows",
            examples=[[{"on": "2026-02-01", "amount": "1015.00"}]],
        ),
    ]
    unit: Annotated[PeriodUnit, word_field("unit-period the formula counts in", "months")] = (
        PeriodUnit.MONTHS
    )
    every: Annotated[
        int, Field(description="units a period; unit: `unit`", examples=[1], ge=1, le=366)
    ] = 1
