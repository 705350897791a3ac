"""What is signed: the terms of one contract, read once, checked, and never ambient afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, TypeVar

from arrears.kernel.dates import Unit, parse_date
from arrears.kernel.daycount import DayCount, LeapYear, YearSplit
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import Currency, currency_of, format_minor, parse_minor
from arrears.kernel.rates import parse_rate_ppm
from arrears.kernel.rounding import MultipleMode, Rounding

if TYPE_CHECKING:
    from datetime import date

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


@unique
class BrokenPeriod(StrEnum):
    """Where the interest of a first period of another length goes."""

    FIRST_INSTALMENT = "first_instalment"  #: the first row bears its actual period
    SPREAD = "spread"  #: what it differs by is spread evenly over all rows
    UPFRONT = "upfront"  #: what it differs by is due on the day of disbursement


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
    first_due_on: date | None  #: None: one interval after disbursement
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
        "first_due_on",
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
    given = document.get(key, default.value)
    if given not in {each.value for each in kind}:
        raise ArrearsError(
            "terms.unknown_choice",
            where=f"terms.{key}",
            expected=" | ".join(each.value for each in kind),
            got=repr(given),
        )
    return kind(str(given))


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


def read_custom_rows(document: Mapping[str, object], currency: Currency) -> tuple[CustomRow, ...]:
    """Read rows written by hand."""
    rows = []
    for at, row in enumerate(listed(document, "rows"), start=1):
        where = f"terms.rows[{at}]"
        interest = row.get("interest")
        rows.append(
            CustomRow(
                due_on=parse_date(text(row, "due_on"), where=f"{where}.due_on"),
                principal_minor=parse_minor(
                    text(row, "principal", "0"), currency, where=f"{where}.principal"
                ),
                interest_minor=None
                if interest is None
                else parse_minor(str(interest), currency, where=f"{where}.interest"),
                fee_minor=parse_minor(text(row, "fee", "0"), currency, where=f"{where}.fee"),
            )
        )
    return tuple(rows)


def read_tranches(document: Mapping[str, object], currency: Currency) -> tuple[Tranche, ...]:
    """Read later tranches."""
    return tuple(
        Tranche(
            on=parse_date(text(each, "on"), where=f"terms.tranches[{at}].on"),
            amount_minor=parse_minor(
                text(each, "amount"), currency, where=f"terms.tranches[{at}].amount"
            ),
        )
        for at, each in enumerate(listed(document, "tranches"), start=1)
    )


def read_terms(document: Mapping[str, object]) -> Terms:
    """Read a terms document, as `arrears quote` takes it.

    Raises:
        ArrearsError: `terms.unknown_field`, `terms.missing`, `terms.wrong_type`,
            `terms.unknown_choice`, `contract.term_out_of_bounds`, `contract.due_before_disbursement`
            and the errors of money, rates and dates.
    """
    unknown = sorted(set(document) - KEYS)
    if unknown:
        raise ArrearsError(
            "terms.unknown_field",
            where=f"terms.{unknown[0]}",
            expected=", ".join(sorted(KEYS)),
            got=unknown[0],
        )
    currency = currency_of(text(document, "currency", "CNY"), where="terms.currency")

    def money(key: str, default: str | None = None) -> int:
        return parse_minor(text(document, key, default), currency, where=f"terms.{key}")

    def rate(key: str, default: str | None = None) -> int:
        return parse_rate_ppm(text(document, key, default), where=f"terms.{key}")

    first_due = document.get("first_due_on")
    rows = read_custom_rows(document, currency)
    method = choice(Method, document, "method", Method.EQUAL_INSTALMENT)
    multiple = document.get("instalment_multiple_of")
    terms = Terms(
        currency=currency,
        principal_minor=money("principal"),
        disbursed_on=parse_date(text(document, "disbursed_on"), where="terms.disbursed_on"),
        annual_rate_ppm=rate("annual_rate", "0"),
        method=method,
        instalments=count(
            document, "instalments", least=1, most=INSTALMENTS_MAX, default=max(1, len(rows))
        ),
        every=count(document, "every", least=1, most=EVERY_MAX, default=1),
        unit=choice(Unit, document, "unit", Unit.MONTHS),
        day_count=choice(DayCount, document, "day_count", DayCount.ACTUAL_365),
        year_split=choice(YearSplit, document, "year_split", YearSplit.DEC31),
        leap_year=choice(LeapYear, document, "leap_year", LeapYear.FULL),
        rounding=choice(Rounding, document, "rounding", Rounding.HALF_UP),
        instalment_multiple_minor=max(1, money("instalment_multiple_of")) if multiple else 1,
        multiple_mode=choice(MultipleMode, document, "multiple_mode", MultipleMode.NEAREST),
        first_due_on=None
        if first_due is None
        else parse_date(str(first_due), where="terms.first_due_on"),
        broken_period=choice(
            BrokenPeriod, document, "broken_period", BrokenPeriod.FIRST_INSTALMENT
        ),
        principal_grace=count(
            document, "principal_grace", least=0, most=INSTALMENTS_MAX, default=0
        ),
        interest_grace=count(document, "interest_grace", least=0, most=INSTALMENTS_MAX, default=0),
        interest_free=count(document, "interest_free", least=0, most=INSTALMENTS_MAX, default=0),
        fee_rate_ppm=rate("fee_rate", "0"),
        fee_minor=money("fee", "0"),
        fee_mode=choice(FeeMode, document, "fee_mode", FeeMode.SPREAD),
        instalment_minor=money("instalment_amount", "0"),
        down_payment_ppm=rate("down_payment", "0"),
        rows=rows,
        tranches=read_tranches(document, currency),
    )
    check_terms(terms)
    return terms


def check_terms(terms: Terms) -> None:
    """Refuse terms that contradict themselves.

    Raises:
        ArrearsError: `contract.due_before_disbursement`, `contract.term_out_of_bounds`,
            `contract.rows_do_not_sum`.
    """
    if terms.principal_minor == 0:
        raise ArrearsError(
            "contract.term_out_of_bounds", where="terms.principal", expected="above 0", got="0"
        )
    dates = [row.due_on for row in terms.rows]
    if terms.first_due_on is not None:
        dates.append(terms.first_due_on)
    for day in dates:
        if day <= terms.disbursed_on:
            raise ArrearsError(
                "contract.due_before_disbursement",
                where="terms",
                expected=f"due dates after {terms.disbursed_on}",
                got=str(day),
            )
    if max(terms.principal_grace, terms.interest_grace) >= terms.instalments > 1:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where="terms.principal_grace",
            expected=f"less than the {terms.instalments} instalments",
            got=str(max(terms.principal_grace, terms.interest_grace)),
        )
    total = sum(row.principal_minor for row in terms.rows)
    if terms.method is Method.CUSTOM and total != terms.principal_minor:
        raise ArrearsError(
            "contract.rows_do_not_sum",
            where="terms.rows",
            expected=format_minor(terms.principal_minor, terms.currency),
            got=format_minor(total, terms.currency),
        )
