"""What is signed: the terms of one contract, read once, checked, and never ambient afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from arrears.kernel.calendar import BusinessDayConvention
from arrears.kernel.dates import DATE_LAST, Unit, parse_date, steps_within
from arrears.kernel.daycount import DayCount, LeapYear, YearSplit
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import (
    AMOUNT_MINOR_MAX,
    Currency,
    currency_of,
    format_minor,
    parse_minor,
)
from arrears.kernel.rates import PPM, format_rate, parse_rate_ppm
from arrears.kernel.rounding import MultipleMode, Rounding

if TYPE_CHECKING:
    from datetime import date

    from arrears.kernel.calendar import HolidayCalendar

INSTALMENTS_MAX = 600
EVERY_MAX = 366

Choice = TypeVar("Choice", bound=StrEnum)


@unique
class Method(StrEnum):
    """How principal and cost are spread over the rows."""

    EQUAL_INSTALMENT = "equal_instalment"  #: 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  #: 等额本金
    INTEREST_ONLY = "interest_only"  #: 先息后本
    BULLET = "bullet"  #: 到期还本付息
    FLAT = "flat"
    FEE_INSTALMENT = "fee_instalment"  #: 分期手续费
    CUSTOM = "custom"


#: Methods whose first rows may go without principal; the others place it by themselves.
WITH_PRINCIPAL_GRACE = frozenset(
    {Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.FEE_INSTALMENT, Method.FLAT}
)


@unique
class BrokenPeriod(StrEnum):
    """Where the interest of a first period longer than one interval goes.

    A shorter first period bears its actual days, whatever stands here.
    """

    NONE = "none"  #: days beyond one interval cost nothing
    FIRST_INSTALMENT = "first_instalment"  #: the first row bears its actual period
    SPREAD = "spread"  #: interest of the days beyond one interval is spread evenly over all rows
    UPFRONT = "upfront"  #: that interest is due on the day of disbursement


@unique
class MonthEnd(StrEnum):
    """Which day of the month due dates keep."""

    CLIP = "clip"  #: the first one's day, or the last of a month too short for it
    LAST_DAY = "last_day"  #: the last day of every month


@unique
class InstalmentBasis(StrEnum):
    """From which rates a level instalment is solved; the rows' interest always follows the day count."""

    PERIODS = "periods"  #: those the rows bear; what rounding leaves is spread again
    EQUAL_PERIODS = "equal_periods"  #: one rate for all (annual / 12 a month); the last row absorbs


@unique
class FeeMode(StrEnum):
    """When a fee is due."""

    SPREAD = "spread"  #: evenly, with every row
    UP_FRONT = "up_front"  #: on the day of disbursement


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRow:
    """A row written by hand; interest is computed where it is not given."""

    due_on: date
    principal_minor: int
    interest_minor: int | None
    fee_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranche:
    """A later part of the principal."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of one contract; every choice is here, none is a habit of the code."""

    currency: Currency
    principal_minor: int  #: of the first disbursement
    disbursed_on: date
    annual_rate_ppm: int
    method: Method
    instalments: int
    every: int
    unit: Unit
    day_count: DayCount
    year_split: YearSplit
    leap_year: LeapYear
    rounding: Rounding
    instalment_multiple_minor: int  #: 1: none
    multiple_mode: MultipleMode
    instalment_basis: InstalmentBasis
    first_due_on: date | None  #: None: one interval after disbursement
    month_end: MonthEnd
    business_day_convention: BusinessDayConvention  #: moves due dates, never what is owed
    calendar: HolidayCalendar | None  #: the workdays it asks; None only where it asks nothing
    broken_period: BrokenPeriod
    principal_grace: int  #: first rows without principal
    interest_grace: int  #: first rows whose interest is due with the row after them
    interest_free: int  #: first rows that cost no interest
    fee_rate_ppm: int  #: of the principal, once
    fee_minor: int  #: in all, beside the rate
    fee_mode: FeeMode
    instalment_minor: int  #: fixed instalment, the number of rows follows; 0: solved
    down_payment_ppm: int  #: share of the principal due on the day of disbursement
    rows: tuple[CustomRow, ...]
    tranches: tuple[Tranche, ...]


#: Keys of a terms document; anything else is refused.
KEYS = frozenset(
    {
        "currency",
        "principal",
        "disbursed_on",
        "annual_rate",
        "method",
        "instalments",
        "every",
        "unit",
        "day_count",
        "year_split",
        "leap_year",
        "rounding",
        "instalment_multiple_of",
        "multiple_mode",
        "instalment_basis",
        "first_due_on",
        "month_end",
        "business_day_convention",
        "broken_period",
        "principal_grace",
        "interest_grace",
        "interest_free",
        "fee_rate",
        "fee",
        "fee_mode",
        "instalment_amount",
        "down_payment",
        "rows",
        "tranches",
    }
)


def choice(kind: type[Choice], document: Mapping[str, object], key: str, default: Choice) -> Choice:
    """Read one of a closed set of words.

    Raises:
        ArrearsError: `terms.unknown_choice`.
    """
    if key not in document:
        return default
    given = document[key]
    try:
        return kind(str(given))
    except ValueError:
        raise ArrearsError(
            "terms.unknown_choice",
            where=f"terms.{key}",
            expected=" | ".join(each.value for each in kind),
            got=repr(given),
        ) from None


def count(document: Mapping[str, object], key: str, *, least: int, most: int, default: int) -> int:
    """Read a whole number within bounds.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`.
    """
    given = document.get(key, default)
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where=f"terms.{key}",
            expected=f"a whole number from {least} to {most}",
            got=repr(given),
        )
    return given


def text(document: Mapping[str, object], key: str, default: str | None = None) -> str:
    """Read text that must be there.

    Raises:
        ArrearsError: `terms.missing`, `terms.wrong_type`.
    """
    given = document.get(key, default)
    if given is None:
        raise ArrearsError("terms.missing", where=f"terms.{key}", expected="a value", got="nothing")
    if not isinstance(given, str):
        raise ArrearsError(
            "terms.wrong_type", where=f"terms.{key}", expected="text", got=repr(given)
        )
    return given


def listed(document: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """Read a list of objects, empty where absent.

    Raises:
        ArrearsError: `terms.wrong_type`.
    """
    given = document.get(key, [])
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise ArrearsError(
            "terms.wrong_type", where=f"terms.{key}", expected="a list of objects", got=repr(given)
        )
    return given


def money(
    document: Mapping[str, object], key: str, currency: Currency, where: str, default: str = ""
) -> int:
    """Read an amount that must be there, or takes a default.

    Raises:
        ArrearsError: `terms.missing`, `terms.wrong_type`, `money.*`.
    """
    return parse_minor(text(document, key, default or None), currency, where=f"{where}.{key}")


def positive(document: Mapping[str, object], key: str, currency: Currency) -> int | None:
    """Read an amount above 0 that may be left out.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`, `terms.wrong_type`, `money.*`.
    """
    if document.get(key) is None:
        return None
    amount_minor = money(document, key, currency, "terms")
    if amount_minor == 0:
        raise out_of_bounds(key, "above 0", text(document, key))
    return amount_minor


def out_of_bounds(key: str, expected: str, got: object) -> ArrearsError:
    """The error of terms that say what no contract can."""
    return ArrearsError(
        "contract.term_out_of_bounds", where=f"terms.{key}", expected=expected, got=str(got)
    )


def read_custom_rows(document: Mapping[str, object], currency: Currency) -> tuple[CustomRow, ...]:
    """Read rows written by hand."""
    rows = []
    for at, row in enumerate(listed(document, "rows"), start=1):
        where = f"terms.rows[{at}]"
        rows.append(
            CustomRow(
                due_on=parse_date(text(row, "due_on"), where=f"{where}.due_on"),
                principal_minor=money(row, "principal", currency, where, "0"),
                interest_minor=None
                if row.get("interest") is None
                else money(row, "interest", currency, where),
                fee_minor=money(row, "fee", currency, where, "0"),
            )
        )
    return tuple(rows)


def read_tranches(document: Mapping[str, object], currency: Currency) -> tuple[Tranche, ...]:
    """Read later tranches, in the order of their days."""
    tranches = [
        Tranche(
            on=parse_date(text(each, "on"), where=f"terms.tranches[{at}].on"),
            amount_minor=money(each, "amount", currency, f"terms.tranches[{at}]"),
        )
        for at, each in enumerate(listed(document, "tranches"), start=1)
    ]
    return tuple(sorted(tranches, key=lambda tranche: tranche.on))


def refuse_unknown_terms(document: Mapping[str, object]) -> None:
    """Refuse a key that no terms have.

    Raises:
        ArrearsError: `terms.unknown_field`.
    """
    unknown = sorted(set(document) - KEYS)
    if unknown:
        raise ArrearsError(
            "terms.unknown_field",
            where=f"terms.{unknown[0]}",
            expected=", ".join(sorted(KEYS)),
            got=unknown[0],
        )


def read_terms(document: Mapping[str, object], calendar: HolidayCalendar | None = None) -> Terms:
    """Read a terms document, as `arrears quote` takes it and as the contract of a balance holds it.

    Args:
        document: Keys of `KEYS`; amounts and rates as text, counts as whole numbers.
        calendar: Whose workdays `business_day_convention` asks.

    Returns:
        Terms that contradict neither themselves nor what can be counted.

    Raises:
        ArrearsError: `terms.unknown_field`, `terms.missing`, `terms.wrong_type`,
            `terms.unknown_choice`, `terms.no_calendar`, `contract.term_out_of_bounds`,
            `contract.due_before_disbursement`, `contract.rows_do_not_sum`, and the errors of
            money, rates and dates.
    """
    refuse_unknown_terms(document)
    currency = currency_of(text(document, "currency", "CNY"), where="terms.currency")
    rows = read_custom_rows(document, currency)

    def rate(key: str) -> int:
        return parse_rate_ppm(text(document, key, "0"), where=f"terms.{key}")

    def whole(key: str, least: int, most: int, default: int) -> int:
        return count(document, key, least=least, most=most, default=default)

    terms = Terms(
        currency=currency,
        principal_minor=money(document, "principal", currency, "terms"),
        disbursed_on=parse_date(text(document, "disbursed_on"), where="terms.disbursed_on"),
        annual_rate_ppm=rate("annual_rate"),
        method=choice(Method, document, "method", Method.EQUAL_INSTALMENT),
        instalments=whole("instalments", 1, INSTALMENTS_MAX, max(1, len(rows))),
        every=whole("every", 1, EVERY_MAX, 1),
        unit=choice(Unit, document, "unit", Unit.MONTHS),
        day_count=choice(DayCount, document, "day_count", DayCount.ACTUAL_365),
        year_split=choice(YearSplit, document, "year_split", YearSplit.DEC31),
        leap_year=choice(LeapYear, document, "leap_year", LeapYear.FULL),
        rounding=choice(Rounding, document, "rounding", Rounding.HALF_UP),
        instalment_multiple_minor=positive(document, "instalment_multiple_of", currency) or 1,
        multiple_mode=choice(MultipleMode, document, "multiple_mode", MultipleMode.NEAREST),
        instalment_basis=choice(
            InstalmentBasis, document, "instalment_basis", InstalmentBasis.PERIODS
        ),
        first_due_on=None
        if document.get("first_due_on") is None
        else parse_date(text(document, "first_due_on"), where="terms.first_due_on"),
        month_end=choice(MonthEnd, document, "month_end", MonthEnd.CLIP),
        business_day_convention=choice(
            BusinessDayConvention, document, "business_day_convention", BusinessDayConvention.NONE
        ),
        calendar=calendar,
        broken_period=choice(
            BrokenPeriod, document, "broken_period", BrokenPeriod.FIRST_INSTALMENT
        ),
        principal_grace=whole("principal_grace", 0, INSTALMENTS_MAX, 0),
        interest_grace=whole("interest_grace", 0, INSTALMENTS_MAX, 0),
        interest_free=whole("interest_free", 0, INSTALMENTS_MAX, 0),
        fee_rate_ppm=rate("fee_rate"),
        fee_minor=money(document, "fee", currency, "terms", "0"),
        fee_mode=choice(FeeMode, document, "fee_mode", FeeMode.SPREAD),
        instalment_minor=positive(document, "instalment_amount", currency) or 0,
        down_payment_ppm=rate("down_payment"),
        rows=rows,
        tranches=read_tranches(document, currency),
    )
    check_terms(terms, is_count_given=document.get("instalments") is not None)
    return terms


def check_terms(terms: Terms, *, is_count_given: bool) -> None:
    """Refuse terms that contradict themselves, or say what their method would not hear.

    Args:
        terms: As read.
        is_count_given: Whether the document itself says how many instalments there are.

    Raises:
        ArrearsError: `contract.due_before_disbursement`, `contract.term_out_of_bounds`,
            `contract.rows_do_not_sum`, `terms.no_calendar`, `money.absurd`.
    """
    check_amounts(terms)
    check_dates(terms)
    check_method(terms, is_count_given=is_count_given)
    if terms.method is Method.CUSTOM:
        check_rows(terms, is_count_given=is_count_given)


def check_amounts(terms: Terms) -> None:
    """Refuse nothing lent, everything paid down at once, and more than can be held."""
    if terms.principal_minor == 0:
        raise out_of_bounds("principal", "above 0", 0)
    if terms.down_payment_ppm >= PPM:
        raise out_of_bounds("down_payment", "below 1", format_rate(terms.down_payment_ppm))
    if any(tranche.amount_minor == 0 for tranche in terms.tranches):
        raise out_of_bounds("tranches", "amounts above 0", 0)
    lent_minor = terms.principal_minor + sum(each.amount_minor for each in terms.tranches)
    if lent_minor > AMOUNT_MINOR_MAX:
        raise ArrearsError(
            "money.absurd",
            where="terms.tranches",
            expected=f"in all at most {format_minor(AMOUNT_MINOR_MAX, terms.currency)}",
            got=format_minor(lent_minor, terms.currency),
        )


def check_dates(terms: Terms) -> None:
    """Refuse due dates before the money, dates beyond what is counted, a move without a calendar."""
    dues = {"first_due_on": terms.first_due_on} if terms.first_due_on else {}
    dues |= {f"rows[{at}].due_on": row.due_on for at, row in enumerate(terms.rows, start=1)}
    for key, day in dues.items():
        if day <= terms.disbursed_on:
            raise ArrearsError(
                "contract.due_before_disbursement",
                where=f"terms.{key}",
                expected=f"due dates after {terms.disbursed_on}",
                got=str(day),
            )
    if terms.tranches and terms.tranches[0].on < terms.disbursed_on:
        raise out_of_bounds("tranches", f"on or after {terms.disbursed_on}", terms.tranches[0].on)
    steps = steps_within(terms.first_due_on or terms.disbursed_on, terms.every, terms.unit)
    most = steps + (1 if terms.first_due_on else 0)
    if terms.instalments > most:
        raise out_of_bounds(
            "instalments", f"at most {most}, to end by {DATE_LAST}", terms.instalments
        )
    if terms.month_end is MonthEnd.LAST_DAY and terms.unit is not Unit.MONTHS:
        raise out_of_bounds("month_end", "clip, unless unit is months", terms.month_end.value)
    if terms.business_day_convention is not BusinessDayConvention.NONE and terms.calendar is None:
        raise ArrearsError(
            "terms.no_calendar",
            where="terms.business_day_convention",
            expected="none",
            got=terms.business_day_convention.value,
        )


def check_method(terms: Terms, *, is_count_given: bool) -> None:
    """Refuse what the method would silently leave aside."""
    method = terms.method
    for key, given, methods in (
        ("principal_grace", terms.principal_grace, WITH_PRINCIPAL_GRACE),
        (
            "interest_grace",
            terms.interest_grace,
            frozenset(Method) - {Method.BULLET, Method.CUSTOM},
        ),
        ("interest_free", terms.interest_free, frozenset(Method) - {Method.CUSTOM}),
        ("instalment_amount", terms.instalment_minor, frozenset({Method.EQUAL_INSTALMENT})),
        ("tranches", len(terms.tranches), frozenset(Method) - {Method.CUSTOM}),
        ("rows", len(terms.rows), frozenset({Method.CUSTOM})),
    ):
        if given and method not in methods:
            raise out_of_bounds(key, f"nothing under {method.value}", given)
    if terms.instalment_minor:
        for key, given in (
            ("instalments", terms.instalments if is_count_given else 0),
            ("principal_grace", terms.principal_grace),
            ("interest_grace", terms.interest_grace),
            ("tranches", len(terms.tranches)),
        ):
            if given:
                raise out_of_bounds(key, "nothing beside instalment_amount", given)
        return
    for key, given, most in (
        ("principal_grace", terms.principal_grace, terms.instalments - 1),
        ("interest_grace", terms.interest_grace, terms.instalments - 1),
        ("interest_free", terms.interest_free, terms.instalments),
    ):
        if given > most:
            raise out_of_bounds(key, f"at most {most} of {terms.instalments} instalments", given)


def check_rows(terms: Terms, *, is_count_given: bool) -> None:
    """Refuse rows by hand that are out of order, too few, or do not add up."""
    total_minor = sum(row.principal_minor for row in terms.rows)
    if total_minor != terms.principal_minor:
        raise ArrearsError(
            "contract.rows_do_not_sum",
            where="terms.rows",
            expected=format_minor(terms.principal_minor, terms.currency),
            got=format_minor(total_minor, terms.currency),
        )
    if is_count_given and terms.instalments != len(terms.rows):
        raise out_of_bounds("instalments", f"{len(terms.rows)}, as rows are", terms.instalments)
    for at, (one, other) in enumerate(pairwise(terms.rows), start=2):
        if other.due_on <= one.due_on:
            raise out_of_bounds(f"rows[{at}].due_on", f"after {one.due_on}", other.due_on)
    if terms.first_due_on is not None:
        raise out_of_bounds("first_due_on", "nothing under custom", terms.first_due_on)
    if terms.business_day_convention is not BusinessDayConvention.NONE:
        raise out_of_bounds(
            "business_day_convention", "none under custom", terms.business_day_convention.value
        )
