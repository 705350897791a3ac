"""The contract: terms, penalty, allocation and cap; everything an account needs, copied at booking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, unique
from fractions import Fraction
from typing import TYPE_CHECKING

from arrears.kernel.daycount import BANKING_YEAR_DAYS, YEAR_DAYS, DayCount
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor, parse_minor
from arrears.kernel.movement import COMPONENTS, Component
from arrears.kernel.rates import (
    PPM,
    RATE_ANNUAL_PPM_MAX,
    format_rate,
    multiplied_ppm,
    parse_rate,
    parse_rate_ppm,
)
from arrears.servicing.annualised_cost import CostMethod, PeriodUnit, annual_rate, flows_of
from arrears.servicing.layout import CLASS_EDGES, NONE, EventType
from arrears.servicing.schedule import solve_schedule
from arrears.servicing.terms import Terms, choice, count, listed, read_terms, text

if TYPE_CHECKING:
    from arrears.kernel.calendar import HolidayCalendar

#: Base x rate stays below it, so that the fold's sums cannot overflow.
NIGHT_PPM_MAX = 4 * 10**18
DAYS_MAX = 3650
DAILY_RATE_EXPECTED = 'a decimal string such as "0.0005", up to 1,000 % a year'


@unique
class Kind(StrEnum):
    """A loan, or a revolving line with all contracts under it."""

    LOAN = "loan"
    LINE = "line"


@unique
class Accrual(StrEnum):
    """Whether interest is as signed, or follows what is outstanding day by day."""

    SCHEDULED = "scheduled"
    DAILY = "daily"


@unique
class Keep(StrEnum):
    """What stays when daily interest differs from the signed row."""

    INSTALMENT = "instalment"
    PRINCIPAL = "principal"


@unique
class RoundingInterval(StrEnum):
    """Whether default charges are rounded as a running sum or night by night."""

    CUMULATIVE = "cumulative"
    EACH_DAY = "each_day"


@unique
class PenaltyMode(StrEnum):
    """How overdue principal is charged."""

    NONE = "none"
    REPLACES = "replaces"  #: the penalty rate instead of the contract rate
    ADDS = "adds"  #: the uplift on top of the contract rate


@unique
class PenaltyBase(StrEnum):
    """What bears the penalty rate."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_INTEREST = "principal_and_interest"


@unique
class Direction(StrEnum):
    """Row by row, or component by component."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@unique
class Surplus(StrEnum):
    """Where cash beyond what is due goes."""

    NEXT = "next"
    LAST = "last"
    CREDIT = "credit"


@unique
class EarlyFee(StrEnum):
    """What becomes of a spread fee when the debt ends early."""

    FOR_ACTUAL_PERIOD = "for_actual_period"
    IN_FULL = "in_full"


#: Costs, interest, principal (Civil Code of the PRC, art. 561), for whatever is past due, due or
#: in advance.
DEFAULT_ORDER = (
    Component.FEE,
    Component.INTEREST,
    Component.PENALTY,
    Component.COMPOUND,
    Component.PRINCIPAL,
)
STANDINGS = ("past_due", "due", "in_advance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of allocation and when it applies."""

    event: EventType | None  #: None: any
    days_past_due_from: int
    slots: tuple[int, ...]  #: standing x COMPONENTS + component, first met first


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyTerms:
    """What being late costs."""

    mode: PenaltyMode
    base: PenaltyBase
    uplift_ppm: int | None  #: share of the contract rate; None where a rate of its own is agreed
    rate_ppm: int  #: a year: the whole rate in `replaces`, the uplift alone in `adds`
    compound: bool  #: unpaid interest bears the penalty rate as compound interest
    grace_days: int
    materiality_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    """What makes a line revolve."""

    limit_minor: int
    statement_day: int  #: day of the month
    due_day: int  #: day of the month, chosen by the borrower from those on offer
    minimum_share_ppm: int  #: of the principal billed
    minimum_floor_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All that an account needs to know of what was agreed."""

    kind: Kind
    terms: Terms
    accrual: Accrual
    keep: Keep
    rounding_interval: RoundingInterval
    penalty: PenaltyTerms
    direction: Direction
    surplus: Surplus
    orders: tuple[Order, ...]
    cap_annual_ppm: int | None
    cap_method: CostMethod
    non_accrual_days: int | None
    early_fee: EarlyFee
    class_edges_days: tuple[
        int, ...
    ]  #: days delinquent above which the class changes; a posting point
    line: LineTerms | None  #: None: a loan


KEYS = frozenset(
    {"kind", "terms", "accrual", "keep", "rounding_interval", "penalty", "allocation"}
    | {"cap_annual", "cap_method", "non_accrual_days", "early_fee", "line", "class_edges"}
)
PENALTY_KEYS = frozenset(
    {"mode", "base", "uplift", "daily_rate", "annual_rate", "compound", "grace_days", "materiality"}
)
ALLOCATION_KEYS = frozenset({"direction", "order", "surplus"})


def section(
    document: Mapping[str, object], key: str, known: frozenset[str]
) -> Mapping[str, object]:
    """Read an object and refuse keys it does not know.

    Raises:
        ArrearsError: `terms.wrong_type`, `terms.unknown_field`.
    """
    given = document.get(key, {})
    if not isinstance(given, Mapping):
        raise ArrearsError("terms.wrong_type", where=key, expected="an object", got=repr(given))
    refuse_unknown(given, known, key)
    return given


def refuse_unknown(document: Mapping[str, object], known: frozenset[str], where: str) -> None:
    """Refuse keys that are not known here.

    Raises:
        ArrearsError: `terms.unknown_field`.
    """
    for key in sorted(set(document) - known):
        raise ArrearsError(
            "terms.unknown_field",
            where=f"{where}.{key}",
            expected=", ".join(sorted(known)),
            got=str(key),
        )


def derived_penalty_ppm(mode: PenaltyMode, contract_ppm: int, uplift_ppm: int) -> int:
    """The penalty rate an uplift makes, rounded down to whole ppm.

    Source: PBOC Yinfa [2003] 251 art. 3: the contract rate raised by the uplift.
    """
    factor = Fraction(uplift_ppm, PPM)
    return multiplied_ppm(contract_ppm, factor + 1 if mode is PenaltyMode.REPLACES else factor)


def year_days(terms: Terms) -> int:
    """Days a daily rate is taken times to make a year: the contract's own basis."""
    banking = {DayCount.ACTUAL_360, DayCount.THIRTY_360, DayCount.THIRTY_E_360}
    return BANKING_YEAR_DAYS if terms.day_count in banking else YEAR_DAYS


def read_daily_rate(given: str, terms: Terms) -> int:
    """A rate a day as ppm a year, rounded down.

    Raises:
        ArrearsError: `rate.malformed`, also above 1,000 % a year.
    """
    exact = parse_rate(given, where="penalty.daily_rate", expected=DAILY_RATE_EXPECTED)
    rate_ppm = int(exact * year_days(terms) * PPM // 1)
    if rate_ppm > RATE_ANNUAL_PPM_MAX:
        raise ArrearsError(
            "rate.malformed",
            where="penalty.daily_rate",
            expected=DAILY_RATE_EXPECTED,
            got=f"{given}, {format_rate(rate_ppm)} a year",
        )
    return rate_ppm


def check_one_rate(given: Mapping[str, object]) -> None:
    """A penalty says its rate once: a second one would be left aside unheard.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`.
    """
    said = [key for key in ("uplift", "daily_rate", "annual_rate") if key in given]
    for key in said[1:]:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where=f"penalty.{key}",
            expected=f"nothing beside {said[0]}",
            got=repr(given[key]),
        )


def read_penalty(document: Mapping[str, object], terms: Terms) -> PenaltyTerms:
    """Read what being late costs.

    Raises:
        ArrearsError: `contract.charges_conflict` for interest that would bear penalty and compound;
            `contract.term_out_of_bounds` for two rates.
    """
    given = section(document, "penalty", PENALTY_KEYS)
    check_one_rate(given)
    mode = choice(PenaltyMode, given, "mode", PenaltyMode.REPLACES if given else PenaltyMode.NONE)
    base = choice(PenaltyBase, given, "base", PenaltyBase.PRINCIPAL)
    compound = given.get("compound", False)
    if not isinstance(compound, bool):
        raise ArrearsError(
            "terms.wrong_type", where="penalty.compound", expected="a boolean", got=repr(compound)
        )
    if compound and base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        raise ArrearsError(
            "contract.charges_conflict",
            where="penalty",
            expected="unpaid interest bears either the penalty rate or compound interest",
            got="both",
        )
    uplift = None
    if "daily_rate" in given:
        rate = read_daily_rate(text(given, "daily_rate"), terms)
    elif "annual_rate" in given:
        rate = parse_rate_ppm(text(given, "annual_rate"), where="penalty.annual_rate")
    else:
        uplift = parse_rate_ppm(text(given, "uplift", "0"), where="penalty.uplift")
        rate = derived_penalty_ppm(mode, terms.annual_rate_ppm, uplift)
    return PenaltyTerms(
        mode=mode,
        base=base,
        uplift_ppm=uplift,
        rate_ppm=rate,
        compound=compound,
        grace_days=count(given, "grace_days", least=0, most=DAYS_MAX, default=0),
        materiality_minor=parse_minor(
            text(given, "materiality", "0"), terms.currency, where="penalty.materiality"
        ),
    )


LINE_KEYS = frozenset(
    {"limit", "statement_day", "due_day", "due_days_offered", "minimum_share", "minimum_floor"}
)
MONTH_DAYS_MAX = 31


def read_line(document: Mapping[str, object], terms: Terms) -> LineTerms:
    """Read what makes a line revolve; the due day must be one of those on offer.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`.
    """
    given = section(document, "line", LINE_KEYS)
    due_day = count(given, "due_day", least=1, most=MONTH_DAYS_MAX, default=10)
    offered = given.get("due_days_offered", [due_day])
    if not isinstance(offered, list) or due_day not in offered:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where="contract.line.due_day",
            expected=f"one of {offered}",
            got=str(due_day),
        )

    def money(key: str, default: str) -> int:
        return parse_minor(text(given, key, default), terms.currency, where=f"line.{key}")

    return LineTerms(
        limit_minor=money("limit", format_minor(terms.principal_minor, terms.currency)),
        statement_day=count(given, "statement_day", least=1, most=MONTH_DAYS_MAX, default=1),
        due_day=due_day,
        minimum_share_ppm=parse_rate_ppm(
            text(given, "minimum_share", "0.1"), where="line.minimum_share"
        ),
        minimum_floor_minor=money("minimum_floor", "0"),
    )


def read_slots(words: Sequence[object]) -> tuple[int, ...]:
    """Slots from words: "fee" stands for all three standings, "past_due.fee" for one.

    Raises:
        ArrearsError: `contract.unknown_component`.
    """
    slots: list[int] = []
    for standing, name in enumerate(STANDINGS):
        for word in words:
            where, _, part = str(word).rpartition(".")
            if where not in ("", *STANDINGS) or part.upper() not in Component.__members__:
                raise ArrearsError(
                    "contract.unknown_component",
                    where="allocation.order",
                    expected="principal, interest, fee, penalty, compound, or past_due.fee and so on",
                    got=repr(word),
                )
            if where in ("", name):
                slots.append(standing * COMPONENTS + Component[part.upper()])
    return tuple(slots)


def explicit_slots(words: Sequence[object]) -> tuple[int, ...]:
    """Slots in the order written, where every word names its standing."""
    if all("." in str(word) for word in words):
        named = [str(word).rpartition(".") for word in words]
        read_slots(words)
        return tuple(
            STANDINGS.index(where) * COMPONENTS + Component[part.upper()]
            for where, _, part in named
        )
    return read_slots(words)


def words_of(given: object) -> list[object]:
    """A list, whatever is in it.

    Raises:
        ArrearsError: `terms.wrong_type`.
    """
    if not isinstance(given, list):
        raise ArrearsError(
            "terms.wrong_type", where="allocation.order", expected="a list", got=repr(given)
        )
    return given


def read_order_event(given: object) -> EventType | None:
    """The event type an order applies to; None: any.

    Raises:
        ArrearsError: `terms.unknown_choice`.
    """
    if given is None:
        return None
    if str(given).upper() not in EventType.__members__:
        raise ArrearsError(
            "terms.unknown_choice",
            where="allocation.order.event",
            expected=", ".join(each.name.lower() for each in EventType),
            got=repr(given),
        )
    return EventType[str(given).upper()]


def read_orders(given: Mapping[str, object], *, compounds: bool) -> tuple[Order, ...]:
    """Read one order, or several with the event type and age they apply to.

    Args:
        given: The allocation's document.
        compounds: Whether compound interest is charged; only then must an order name it.

    Raises:
        ArrearsError: `contract.order_incomplete` where an order leaves a component out.
    """
    words = words_of(given.get("order", [each.name.lower() for each in DEFAULT_ORDER]))
    if words and isinstance(words[0], Mapping):
        orders = tuple(
            Order(
                event=read_order_event(each.get("event")),
                days_past_due_from=count(
                    each, "days_past_due_from", least=0, most=DAYS_MAX, default=0
                ),
                slots=explicit_slots(words_of(each.get("order", []))),
            )
            for each in listed(given, "order")
        )
    else:
        orders = (Order(event=None, days_past_due_from=0, slots=explicit_slots(words)),)
    for order in orders:
        missing = set(range(len(STANDINGS) * COMPONENTS)) - set(order.slots)
        lacking = sorted({Component(slot % COMPONENTS).name.lower() for slot in missing})
        if lacking and (compounds or lacking != ["compound"]):
            raise ArrearsError(
                "contract.order_incomplete",
                where="allocation.order",
                expected="every component of what is past due, due and in advance",
                got=f"without {', '.join(lacking)}",
            )
    return orders


def read_class_edges(given: object) -> tuple[int, ...]:
    """Days delinquent above which the class changes, rising; at most `CLASS_EDGES` of them.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`.
    """
    edges = given if isinstance(given, list) else [given]
    fits = all(isinstance(each, int) and 0 < each <= DAYS_MAX for each in edges)
    if not fits or len(edges) > CLASS_EDGES or sorted(set(edges)) != edges:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where="contract.class_edges",
            expected=f"up to {CLASS_EDGES} rising numbers of days from 1 to {DAYS_MAX}",
            got=repr(given),
        )
    return tuple(edges)


def sign_contract(
    document: Mapping[str, object], calendar: HolidayCalendar | None = None
) -> Contract:
    """Read a contract document and hold it against the cap: test (a), once, at booking.

    Args:
        document: As `read_contract` takes it.
        calendar: As `read_contract` takes it.

    Raises:
        ArrearsError: of terms, and `contract.*`.
    """
    contract = read_contract(document, calendar)
    check_contract(contract)
    return contract


def read_contract(
    document: Mapping[str, object], calendar: HolidayCalendar | None = None
) -> Contract:
    """Read a contract document, as `arrears balance` takes it; the cap is checked by signing.

    Args:
        document: Keys of `KEYS`; amounts and rates as text.
        calendar: Whose workdays the terms' `business_day_convention` asks.

    Raises:
        ArrearsError: of terms, and `contract.*`.
    """
    refuse_unknown(document, KEYS, "contract")
    given_terms = document.get("terms", {})
    if not isinstance(given_terms, Mapping):
        raise ArrearsError(
            "terms.wrong_type", where="contract.terms", expected="an object", got=repr(given_terms)
        )
    terms = read_terms(given_terms, calendar)
    allocation = section(document, "allocation", ALLOCATION_KEYS)
    cap = document.get("cap_annual")
    stop = document.get("non_accrual_days")
    penalty = read_penalty(document, terms)
    kind = choice(Kind, document, "kind", Kind.LOAN)
    if "line" in document and kind is not Kind.LINE:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where="contract.line",
            expected=f"nothing under {kind.value}",
            got=repr(document["line"]),
        )
    return Contract(
        kind=kind,
        terms=terms,
        accrual=choice(Accrual, document, "accrual", Accrual.SCHEDULED),
        keep=choice(Keep, document, "keep", Keep.INSTALMENT),
        rounding_interval=choice(
            RoundingInterval, document, "rounding_interval", RoundingInterval.CUMULATIVE
        ),
        penalty=penalty,
        direction=choice(Direction, allocation, "direction", Direction.HORIZONTAL),
        surplus=choice(Surplus, allocation, "surplus", Surplus.NEXT),
        orders=read_orders(allocation, compounds=penalty.compound),
        cap_annual_ppm=None if cap is None else parse_rate_ppm(str(cap), where="cap_annual"),
        cap_method=choice(CostMethod, document, "cap_method", CostMethod.IRR_NOMINAL),
        non_accrual_days=None
        if stop is None
        else count(document, "non_accrual_days", least=1, most=DAYS_MAX, default=1),
        early_fee=choice(EarlyFee, document, "early_fee", EarlyFee.FOR_ACTUAL_PERIOD),
        class_edges_days=read_class_edges(document.get("class_edges", [])),
        line=read_line(document, terms) if kind is Kind.LINE else None,
    )


def check_contract(contract: Contract) -> None:
    """Test (a) of the cap, and the fold's bounds.

    Raises:
        ArrearsError: `contract.rate_above_cap`, `contract.term_out_of_bounds`.
    """
    check_size(contract)
    check_cost(contract)


def check_size(contract: Contract) -> None:
    """The fold's bounds: a night's charge fits its numbers.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`.
    """
    terms = contract.terms
    highest = max(terms.annual_rate_ppm, contract.penalty.rate_ppm, contract.cap_annual_ppm or 0)
    if terms.principal_minor * max(1, highest) > NIGHT_PPM_MAX:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where="terms.principal",
            expected=f"principal x rate below {NIGHT_PPM_MAX} minor units x ppm",
            got=format_minor(terms.principal_minor, terms.currency),
        )


def check_cost(contract: Contract) -> None:
    """Test (a) of the cap: what the contract costs by its own method is no more than its cap.

    Raises:
        ArrearsError: `contract.rate_above_cap`.
    """
    terms, cap = contract.terms, contract.cap_annual_ppm
    if cap is None:
        return
    cost = Fraction(terms.annual_rate_ppm, PPM)
    if contract.kind is Kind.LOAN:
        advances, payments = flows_of(terms, solve_schedule(terms))
        unit = PeriodUnit[terms.unit.name]
        rate = annual_rate(contract.cap_method, advances, payments, unit, terms.every)
        cost = Fraction(rate).limit_denominator(10**8)
    if cost > Fraction(cap, PPM):
        raise ArrearsError(
            "contract.rate_above_cap",
            where="contract.cap_annual",
            expected=f"an annualised cost ({contract.cap_method.value}) up to {format_rate(cap)}",
            got=str(round(Decimal(cost.numerator) / Decimal(cost.denominator), 6)),
        )


def order_columns(order: Order) -> tuple[int, int]:
    """The event type and age an order applies to, as the columns say it."""
    return (NONE if order.event is None else int(order.event), order.days_past_due_from)
