"""Tapes: rows of another system's file become accounts of the book, each wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from arrears.app.booking import contract_of, new_account, open_day, purpose_of
from arrears.app.refolding import refold
from arrears.app.signing import sign
from arrears.app.tape_card import card_document, card_events
from arrears.app.tape_row import BEYOND, Row, needed, refuse_beyond, whole, whole_up
from arrears.kernel.decimals import read_decimal, shown
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import Currency, format_minor
from arrears.servicing.contract import read_contract
from arrears.servicing.events import event_document
from arrears.servicing.schedule import level_instalment, periods_of

if TYPE_CHECKING:
    from datetime import datetime

    from arrears.app.ports import Document, Store, StoredAccount
    from arrears.app.refolding import Frame
    from arrears.policy.registry import PolicyRegistry

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Neutral columns that go straight into the terms, where they are not empty.
TERM_COLUMNS = ("currency", "annual_rate", "method", "instalments", "every", "unit", "day_count")
#: What a neutral heading must name, and what it may.
NEUTRAL_NEEDED = ("account_id", "borrower_id", "principal", "disbursed_on")
NEUTRAL_OPTIONAL = (
    "product",
    *TERM_COLUMNS,
    "penalty_uplift",
    "penalty_daily_rate",
    "grace_days",
    "cap_annual",
)
TWD = ("TWD", 2)
#: Accounts written at once.
CHUNK = 500
WHOLE_NUMBERS = frozenset({"instalments", "every"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that was not imported, and why."""

    row_number: int  #: 1 for the first row after the heading
    field: str
    value: str
    code: str  #: of the error; the catalogue says what it means


@dataclass(slots=True, kw_only=True)
class TapeReport:
    """What became of a file."""

    rows: int = 0
    accepted: int = 0
    imported: int = 0
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeAccount:
    """One row understood."""

    borrower_id: str
    product: str
    body: Document


Layout = Callable[[Row, int], TapeAccount]


def neutral(row: Row, number: int) -> TapeAccount:
    """The neutral layout: our own names, one loan a row; see docs/reference/tapes.md."""
    del number
    terms: dict[str, object] = {
        "principal": needed(row, "principal"),
        "disbursed_on": needed(row, "disbursed_on"),
    }
    for name in TERM_COLUMNS:
        value = row.get(name, "").strip()
        if value:
            terms[name] = whole(name, value) if name in WHOLE_NUMBERS else value
    contract: Document = {"terms": terms}
    penalty = {
        key: value
        for key, name in (("uplift", "penalty_uplift"), ("daily_rate", "penalty_daily_rate"))
        if (value := row.get(name, "").strip())
    }
    if penalty:
        contract["penalty"] = {
            **penalty,
            "grace_days": whole("grace_days", row.get("grace_days", "") or "0"),
        }
    if cap := row.get("cap_annual", "").strip():
        contract["cap_annual"] = cap
    return account_of(
        needed(row, "account_id"), needed(row, "borrower_id"), row.get("product", ""), contract
    )


def account_of(account_id: str, borrower_id: str, product: str, contract: Document) -> TapeAccount:
    """An account with its disbursement on the day of the terms."""
    terms = contract["terms"]
    if not isinstance(terms, dict):
        raise ArrearsError("tape.wrong_value", where="terms", expected="terms", got=repr(terms))
    first = {
        "id": "D1",
        "on": terms["disbursed_on"],
        "type": "disbursed",
        "amount": terms["principal"],
    }
    body: Document = {"account_id": account_id, "contract": contract, "events": [first]}
    return TapeAccount(borrower_id=borrower_id, product=product, body=body)


def lending_club(row: Row, number: int) -> TapeAccount:
    """The `lending-club` layout: equal instalments by months, each rounded up to the cent.

    A row whose instalment is not ours to the cent is rejected. The tape says what was paid but not
    when, so payments are not imported.

    Raises:
        ArrearsError: `tape.instalment_differs` and the errors of terms.
    """
    month, _, year = needed(row, "issue_month").partition("-")
    if month not in MONTHS:
        raise ArrearsError(
            "tape.wrong_value", where="issue_month", expected="such as Mar-2018", got=repr(month)
        )
    percent = needed(row, "interest_rate")
    contract: Document = {
        "terms": {
            "currency": "USD",
            "principal": needed(row, "loan_amount"),
            "disbursed_on": f"{year}-{MONTHS.index(month) + 1:02d}-01",
            "annual_rate": shifted(percent, 2),
            "method": "equal_instalment",
            "instalments": whole_up(row, "term"),
            "day_count": "equal_periods",
            "rounding": "up",
        },
        "penalty": {"mode": "none"},
    }
    check_instalment(contract, needed(row, "installment"))
    name = f"LC-{number:05d}"
    return account_of(name, f"B-{name}", "lending-club", contract)


def shifted(decimal: str, places: int) -> str:
    """A decimal string divided by a power of ten, exactly."""
    written = read_decimal(decimal)
    if written is None:
        raise ArrearsError(
            "tape.wrong_value", where="interest_rate", expected="a percentage", got=shown(decimal)
        )
    digits, after_point = written
    return format(Decimal(f"{digits}e-{after_point + places}"), "f")


def check_instalment(contract: Document, told: str) -> None:
    """Hold the tape's instalment against ours.

    Raises:
        ArrearsError: `tape.instalment_differs`.
    """
    terms = read_contract(contract).terms
    rates = [period.rate for period in periods_of(terms, terms.instalments)]
    ours = format_minor(level_instalment(terms.principal_minor, rates, terms), terms.currency)
    whole_part, _, part = told.partition(".")
    if ours != f"{whole_part}.{part:0<2}":
        raise ArrearsError("tape.instalment_differs", where="installment", expected=ours, got=told)


def uci_card(row: Row, number: int) -> TapeAccount:
    """The `uci-card` layout: one card a row, its six months as events; see `tape_card`."""
    del number
    name = f"UCI-{whole_up(row, 'ID'):05d}"
    contract = card_document(str(whole_up(row, "LIMIT_BAL")))
    currency = Currency(*TWD)
    body: Document = {
        "account_id": name,
        "contract": contract,
        "events": [event_document(event, currency) for event in card_events(row)],
    }
    return TapeAccount(borrower_id=f"B-{name}", product="uci-card", body=body)


LAYOUTS: dict[str, Layout] = {
    "neutral": neutral,
    "lending-club": lending_club,
    "uci-card": uci_card,
}


def layout_named(name: str) -> Layout:
    """The layout of a name.

    Raises:
        ArrearsError: `tape.unknown_layout`.
    """
    if name not in LAYOUTS:
        raise ArrearsError(
            "tape.unknown_layout", where="--layout", expected=" | ".join(LAYOUTS), got=repr(name)
        )
    return LAYOUTS[name]


def refuse_columns(layout: str, heading: Sequence[str]) -> None:
    """Refuse a neutral file whose heading names a column we do not know, or lacks one we need.

    A rate under a misspelt heading would otherwise be a loan without interest. The public tapes
    carry many columns that we do not read; their layouts refuse none.

    Raises:
        ArrearsError: `tape.unknown_column`, `tape.missing_column`.
    """
    if layout != "neutral":
        return
    for name in heading:
        if name not in (*NEUTRAL_NEEDED, *NEUTRAL_OPTIONAL, BEYOND):
            known = " | ".join(NEUTRAL_NEEDED + NEUTRAL_OPTIONAL)
            raise ArrearsError(
                "tape.unknown_column", where="the heading", expected=known, got=shown(name)
            )
    for name in NEUTRAL_NEEDED:
        if name not in heading:
            raise ArrearsError(
                "tape.missing_column", where="the heading", expected=name, got="nothing"
            )


def read_tape(
    rows: Iterable[Row],
    layout: Layout,
    recorded_at: datetime,
    *,
    registry: PolicyRegistry | None,
    on_row: Callable[[], None],
) -> tuple[list[StoredAccount], TapeReport]:
    """Understand every row of a file; what cannot be is a reject, not an error.

    Args:
        rows: Of the file.
        layout: How a row is read.
        recorded_at: When it is recorded, aware.
        registry: Policy the contracts are held against and come under, as in a booking; None: they
            stand by themselves.
        on_row: Told of each row.

    Returns:
        The accounts of the accepted rows, and the report so far.
    """
    report = TapeReport()
    accounts = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        report.rows = number
        on_row()
        try:
            refuse_beyond(row)
            understood = layout(row, number)
            document = contract_of(understood.body)
            account = new_account(
                understood.body,
                borrower_id=understood.borrower_id,
                product=understood.product,
                recorded_at=recorded_at,
                signed=sign(document, registry, purpose=purpose_of(understood.body)),
            )
            refuse_double(account.account_id, seen)
        except ArrearsError as error:
            report.rejects.append(
                Reject(row_number=number, field=error.where, value=error.got, code=error.code)
            )
            continue
        seen.add(account.account_id)
        accounts.append(account)
    report.accepted = len(accounts)
    return accounts, report


def refuse_double(account_id: str, seen: set[str]) -> None:
    """Refuse an id that stood in the file before.

    Raises:
        ArrearsError: `tape.wrong_value`.
    """
    if account_id in seen:
        raise ArrearsError(
            "tape.wrong_value",
            where="account_id",
            expected="an id that stands once in the file",
            got=account_id,
        )


def import_accounts(
    store: Store,
    accounts: Sequence[StoredAccount],
    recorded_at: datetime,
    frame: Frame,
    *,
    on_account: Callable[[], None],
) -> int:
    """Book accounts read from a tape, all in one transaction; returns how many.

    Args:
        store: Where the books are kept.
        accounts: As `read_tape` understood them.
        recorded_at: When it is recorded, aware.
        frame: Policy, posting rules and the fold.
        on_account: Told of each account.

    Raises:
        ArrearsError: nothing is imported then.
    """
    with store.unit_of_work() as work:
        day = open_day(work, date.min)
        for start in range(0, len(accounts), CHUNK):
            chunk = accounts[start : start + CHUNK]
            work.add_accounts(chunk, recorded_at)
            changes = []
            for account in chunk:
                changes.append(refold(account, [], max(day, account.opened_on), frame))
                on_account()
            work.write(changes)
    return len(accounts)
