"""Postings: what the fold says now, less what was posted before under the same key, as journal rows.

Nothing else is ever posted. A backdated payment, a reversal, a late correction: each changes what
the fold says, and the difference is booked in the open period with its own value date.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from arrears.kernel.errors import ArrearsError, invariant
from arrears.kernel.movement import Component, Stage
from arrears.ledger.journal import NO_CONTRACT, NO_INSTALMENT, JournalRow
from arrears.ledger.positions import posted_movements
from arrears.ledger.posting_rules import DirectKind, Pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from arrears.ledger.positions import MovementKey, MovementTable
    from arrears.ledger.posting_rules import PostingRules

#: Day 0 of every value date in a movement.
EPOCH = date(1970, 1, 1)

_DIRECT_KINDS = frozenset(int(kind) for kind in DirectKind)


class Change(NamedTuple):
    """What is still to be posted under one key."""

    key: MovementKey
    amount_minor: int  #: minor units, signed, never 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What every row of one entry shares."""

    entry_id: str
    booked_on: date
    currency: str  #: ISO 4217


def difference(
    now: MovementTable, posted: Mapping[MovementKey, int], rules: PostingRules
) -> list[Change]:
    """What the fold says now, less what was posted: the only thing there is to post.

    Args:
        now: int64[n, MOVEMENT_COLUMNS] of one account, in any order; rows under one key add up,
            valuations are passed over.
        posted: Minor units by key, signed, as `posted_from_journal` reads them.
        rules: Say which kinds are posted at all.

    Returns:
        The changes that are not zero, by key in ascending order.

    Raises:
        ArrearsError: `ledger.rule_missing`.
    """
    open_minor: defaultdict[MovementKey, int] = defaultdict(int)
    for key, amount_minor in posted_movements(now):
        open_minor[key] += amount_minor
    for key, amount_minor in posted.items():
        open_minor[key] -= amount_minor
    return [
        Change(key, amount_minor)
        for key, amount_minor in sorted(open_minor.items())
        if amount_minor and _pairs(rules, key)
    ]


def postings(
    now: MovementTable,
    posted: Mapping[MovementKey, int],
    *,
    rules: PostingRules,
    booking: Booking,
) -> tuple[JournalRow, ...]:
    """The rows of one entry that bring the journal to what the fold says now.

    Args:
        now: int64[n, MOVEMENT_COLUMNS] of one account, in any order.
        posted: Minor units by key, signed, as `posted_from_journal` reads them.
        rules: The posting rules in force.
        booking: Entry, day and currency of the rows.

    Returns:
        The rows, numbered from 1, by key and within a key in the order of the rule's pairs; empty
        where nothing changed. Whole minor units throughout: nothing is rounded here.

    Raises:
        ArrearsError: `ledger.rule_missing`; nothing of the account is posted, it is to be parked.
    """
    rows: list[JournalRow] = []
    for key, amount_minor in difference(now, posted, rules):
        for pair in _pairs(rules, key):
            rows.append(_row(key, pair, amount_minor, seq=len(rows) + 1, booking=booking))
    return tuple(rows)


def direct_posting(
    kind: DirectKind,
    amount_minor: int,
    *,
    value_on: date,
    rules: PostingRules,
    booking: Booking,
) -> JournalRow:
    """The row of a posting that no movement causes, such as a receipt without a name.

    Args:
        kind: What happened.
        amount_minor: Minor units, not 0; a negative amount takes an earlier one back.
        value_on: The day the amount counts from: for a receipt, the day the money came in.
        rules: The posting rules in force.
        booking: Entry, day and currency.

    Raises:
        InvariantError: `ledger.amount_not_positive` where the amount is 0.
    """
    key = (
        NO_CONTRACT,
        NO_INSTALMENT,
        int(Component.PRINCIPAL),
        int(kind),
        (value_on - EPOCH).days,
        int(Stage.NORMAL),
    )
    return _row(key, rules.direct[kind], amount_minor, seq=1, booking=booking)


def posted_from_journal(rows: Iterable[JournalRow], rules: PostingRules) -> dict[MovementKey, int]:
    """What was posted under each key, read back from the journal: the inverse of `postings`.

    Args:
        rows: Every row of one account, in any order.
        rules: The rules the rows were booked under.

    Returns:
        Minor units by key, signed, zeros left out. Rows that no movement caused are passed over.

    Raises:
        ArrearsError: `ledger.journal_foreign`: a row's accounts are not those of its rule, or the
            rows of a rule's several pairs do not carry the same amount.
    """
    seen: defaultdict[MovementKey, list[int]] = defaultdict(list)
    for row in rows:
        if row.kind in _DIRECT_KINDS:
            continue
        key = _key(row)
        pairs = _pairs(rules, key)
        amounts = seen[key] or [0] * len(pairs)
        seen[key] = amounts
        index, sign = _place(row, pairs)
        amounts[index] += sign * row.amount_minor
    posted: dict[MovementKey, int] = {}
    for key, amounts in seen.items():
        if len(set(amounts)) > 1:
            raise ArrearsError(
                "ledger.journal_foreign",
                where=f"journal rows of key {key}",
                expected="the same amount on every pair of the rule",
                got=", ".join(str(amount_minor) for amount_minor in amounts),
            )
        if amounts[0]:
            posted[key] = amounts[0]
    return posted


def _pairs(rules: PostingRules, key: MovementKey) -> tuple[Pair, ...]:
    """The pairs of the rule that answers a key."""
    _, _, component, kind, _, stage = key
    return rules.pairs(kind, component, stage)


def _place(row: JournalRow, pairs: Sequence[Pair]) -> tuple[int, int]:
    """Which pair of its rule a row stands on, and with which sign."""
    for index, pair in enumerate(pairs):
        if (row.debit_account, row.credit_account) == pair:
            return index, 1
        if (row.credit_account, row.debit_account) == pair:
            return index, -1
    raise ArrearsError(
        "ledger.journal_foreign",
        where=f"entry {row.entry_id}, row {row.seq}",
        expected=" or ".join(f"{pair.debit} against {pair.credit}" for pair in pairs)
        or "no row, for this kind is not posted",
        got=f"{row.debit_account} against {row.credit_account}",
    )


def _key(row: JournalRow) -> MovementKey:
    """The movement's key, from the columns of a row."""
    value_day = (row.value_on - EPOCH).days
    return row.contract, row.instalment, row.component, row.kind, value_day, row.stage


def _row(
    key: MovementKey, pair: Pair, amount_minor: int, *, seq: int, booking: Booking
) -> JournalRow:
    """One row; a negative amount becomes a positive one the other way round."""
    invariant(amount_minor != 0, "ledger.amount_not_positive", entry=booking.entry_id, key=key)
    contract, instalment, component, kind, value_day, stage = key
    debit, credit = pair if amount_minor > 0 else (pair.credit, pair.debit)
    return JournalRow(
        entry_id=booking.entry_id,
        seq=seq,
        debit_account=debit,
        credit_account=credit,
        amount_minor=abs(amount_minor),
        currency=booking.currency,
        value_on=EPOCH + timedelta(days=value_day),
        booked_on=booking.booked_on,
        contract=contract,
        instalment=instalment,
        component=component,
        kind=kind,
        stage=stage,
    )
