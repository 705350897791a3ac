"""The chart of accounts: what each account is called, what it is, and whose money it holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cached_property
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError, invariant
from arrears.kernel.movement import Component, Stage
from arrears.ledger.reading import read_fields, read_list, read_text, read_word

if TYPE_CHECKING:
    from collections.abc import Mapping

CHART_MALFORMED = "ledger.chart_malformed"

#: The word for the customer's own money where a stage is asked for.
CREDIT_WORD = "credit"
ANY_WORD = "any"

COMPONENT_WORDS: Mapping[str, Component] = {item.name.lower(): item for item in Component}
STAGE_WORDS: Mapping[str, Stage] = {item.name.lower(): item for item in Stage}


@unique
class AccountType(StrEnum):
    """Where an account stands in the accounts."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"
    MEMO = "memo"  #: outside the balance sheet; paired with other memo accounts only


@unique
class Side(StrEnum):
    """The two sides of an account."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What borrowers owe, or are owed, as it stands on one account."""

    component: Component | None  #: None: any; the journal row says which
    stage: Stage | None  #: None: the customer's credit balance


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccount:
    """One account of the general ledger."""

    code: str  #: stable word, as it stands in journal rows
    name_en: str
    name_zh: str
    type: AccountType
    normal: Side  #: the side it usually stands on
    holds: Holding | None  #: None: no borrower's position, such as income or clearing


@dataclass(frozen=True)
class Chart:
    """All accounts, in the order of the file; the order is also their number in columns."""

    accounts: tuple[LedgerAccount, ...]

    @cached_property
    def index_of(self) -> Mapping[str, int]:
        """Code to position in `accounts`."""
        return {account.code: index for index, account in enumerate(self.accounts)}

    def __contains__(self, code: object) -> bool:
        """Whether an account of that code exists."""
        return code in self.index_of

    def account(self, code: str) -> LedgerAccount:
        """The account of a code that is known to exist.

        Raises:
            InvariantError: `ledger.account_unknown`; loading checks every code that rules name.
        """
        invariant(code in self.index_of, "ledger.account_unknown", account=code)
        return self.accounts[self.index_of[code]]


def parse_chart(document: object, *, where: str) -> Chart:
    """Read a chart of accounts from a plain document, checking every field.

    Args:
        document: A mapping with the one key `accounts`, as the file reader gave it.
        where: The file's name, for messages.

    Raises:
        ArrearsError: `ledger.chart_malformed`, also for a code that stands twice.
    """
    top = read_fields(
        document,
        required=frozenset({"accounts"}),
        optional=frozenset(),
        where=where,
        code=CHART_MALFORMED,
    )
    items = read_list(top["accounts"], where=f"{where}, accounts", code=CHART_MALFORMED)
    accounts = tuple(
        _parse_account(item, where=f"{where}, account {number}")
        for number, item in enumerate(items, start=1)
    )
    twice = [code for code, times in Counter(item.code for item in accounts).items() if times > 1]
    if twice:
        raise ArrearsError(
            CHART_MALFORMED, where=where, expected="each code once", got=", ".join(twice)
        )
    return Chart(accounts)


def _parse_account(document: object, *, where: str) -> LedgerAccount:
    """One account of the file."""
    names = ("code", "name_en", "name_zh", "type", "normal")
    fields = read_fields(
        document,
        required=frozenset(names),
        optional=frozenset({"holds"}),
        where=where,
        code=CHART_MALFORMED,
    )
    text = {
        name: read_text(fields[name], where=f"{where}, field {name}", code=CHART_MALFORMED)
        for name in ("code", "name_en", "name_zh")
    }
    return LedgerAccount(
        code=text["code"],
        name_en=text["name_en"],
        name_zh=text["name_zh"],
        type=read_word(
            fields["type"],
            {item.value: item for item in AccountType},
            where=f"{where}, field type",
            code=CHART_MALFORMED,
        ),
        normal=read_word(
            fields["normal"],
            {item.value: item for item in Side},
            where=f"{where}, field normal",
            code=CHART_MALFORMED,
        ),
        holds=_parse_holding(fields["holds"], where=f"{where}, field holds")
        if "holds" in fields
        else None,
    )


def _parse_holding(document: object, *, where: str) -> Holding:
    """What an account holds: a component or any, and a stage or the credit balance."""
    fields = read_fields(
        document,
        required=frozenset({"component", "stage"}),
        optional=frozenset(),
        where=where,
        code=CHART_MALFORMED,
    )
    component = None
    if fields["component"] != ANY_WORD:
        component = read_word(
            fields["component"], COMPONENT_WORDS, where=f"{where}.component", code=CHART_MALFORMED
        )
    stage = None
    if fields["stage"] != CREDIT_WORD:
        stage = read_word(
            fields["stage"], STAGE_WORDS, where=f"{where}.stage", code=CHART_MALFORMED
        )
    return Holding(component=component, stage=stage)
