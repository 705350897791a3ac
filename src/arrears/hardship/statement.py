"""What somebody tells of their money: income, spending, debts, payday, household, what happened.

Everything may be left out; whoever tells nothing keeps the ways out that need no figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, cast

from arrears.kernel.dates import parse_date
from arrears.kernel.money import parse_minor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arrears.kernel.money import Currency


@unique
class IncomeKind(StrEnum):
    """Where money comes from."""

    WAGES = "wages"
    BENEFITS = "benefits"
    PENSION = "pension"
    BUSINESS = "business"
    OTHER = "other"


@unique
class SpendingKind(StrEnum):
    """What money goes to; the order is that of need."""

    RENT = "rent"
    UTILITIES = "utilities"
    FOOD = "food"
    MEDICINE = "medicine"
    TRANSPORT = "transport"
    DEPENDANTS = "dependants"  #: children, and others who live on this income
    OTHER = "other"  #: not counted as essential


ESSENTIAL = tuple(kind for kind in SpendingKind if kind is not SpendingKind.OTHER)


@unique
class Cause(StrEnum):
    """What happened."""

    JOB_LOST = "job_lost"
    INCOME_FELL = "income_fell"
    ILLNESS = "illness"
    BIRTH = "birth"
    BEREAVEMENT = "bereavement"
    SEPARATION = "separation"
    DISASTER = "disaster"
    OTHER_DEBTS = "other_debts"
    OTHER = "other"
    NOT_SAID = "not_said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One monthly amount as it was told."""

    kind: str
    amount_minor: int  #: a month
    evidence: str  #: what shows it; "": the person's word, which counts as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An income that will be another one; it counts only with evidence."""

    from_on: date
    income_minor: int  #: a month, all of it
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One person's money, by the month, in the currency of the debt."""

    income: tuple[Told, ...] | None  #: None: not said
    spending: tuple[Told, ...]
    other_debts: tuple[Told, ...]  #: what other lenders ask for a month
    savings_minor: int  #: what could be paid at once without borrowing
    payday: int | None  #: day of the month; None: irregular, or not said
    adults: int
    dependants: int
    expected: Expected | None
    cause: Cause
    happened_on: date | None

    @property
    def rests_on_evidence(self) -> bool:
        """Whether everything that counts is shown by something."""
        told = [*(self.income or ()), *self.spending, *self.other_debts]
        return bool(told) and all(each.evidence for each in told)


def read_statement(given: Mapping[str, object], currency: Currency) -> Statement:
    """Read a statement; its form was checked at the edge.

    Args:
        given: As the schema `options` describes it.
        currency: Of the debt: all amounts are in it.

    Raises:
        ArrearsError: `money.*`, `date.*`.
    """
    household = _section(given, "household")
    happened = _section(given, "happened")
    expected = _section(given, "expected")
    on = happened.get("on")
    return Statement(
        income=_told(given, "income", currency) if "income" in given else None,
        spending=_told(given, "spending", currency),
        other_debts=_told(given, "other_debts", currency),
        savings_minor=parse_minor(str(given.get("savings", "0")), currency, where="savings"),
        payday=cast("int | None", given.get("payday")),
        adults=cast("int", household.get("adults", 1)),
        dependants=cast("int", household.get("dependants", 0)),
        expected=Expected(
            from_on=parse_date(str(expected["from_on"]), where="expected.from_on"),
            income_minor=parse_minor(str(expected["income"]), currency, where="expected.income"),
            evidence=str(expected.get("evidence", "")),
        )
        if expected
        else None,
        cause=Cause(str(happened.get("what", Cause.NOT_SAID))),
        happened_on=None if on is None else parse_date(str(on), where="happened.on"),
    )


def _section(given: Mapping[str, object], name: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", given.get(name, {}))


def _told(given: Mapping[str, object], name: str, currency: Currency) -> tuple[Told, ...]:
    entries = cast("list[Mapping[str, object]]", given.get(name, []))
    return tuple(
        Told(
            kind=str(entry.get("kind", SpendingKind.OTHER)),
            amount_minor=parse_minor(str(entry["amount"]), currency, where=f"{name}[{at}].amount"),
            evidence=str(entry.get("evidence", "")),
        )
        for at, entry in enumerate(entries, start=1)
    )
