"""An account's columns as bytes, as the store keeps them: many laid end to end are a book, unparsed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arrears.servicing import layout as c
from arrears.servicing.door import AccountColumns, columns_of
from arrears.servicing.matrix import shaped, vector_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.servicing.contract import Contract
    from arrears.servicing.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """One account as the fold reads it: int64 of this machine's order, little-endian, row after row."""

    terms: bytes  #: int64[TERM_COLUMNS]; bounds of classes only where the contract brings its own
    orders: bytes  #: int64[n, ORDER_COLUMNS]
    rows: bytes  #: int64[n, ROW_COLUMNS]
    events: bytes  #: int64[n, EVENT_COLUMNS], in the order of writing


def packed_of(contract: Contract, events: Sequence[Event]) -> Packed:
    """Pack one account's records.

    Args:
        contract: As booked, without the bounds of classes that policy adds on a day.
        events: All of the account's, in the order of writing: a later one only adds to the end.
    """
    return packed(columns_of(contract, events))


def packed(columns: AccountColumns) -> Packed:
    """Pack one account's columns."""
    return Packed(
        terms=columns.terms.tobytes(),
        orders=columns.orders.tobytes(),
        rows=columns.rows.tobytes(),
        events=columns.events.tobytes(),
    )


def unpacked(account: Packed, event_ids: Sequence[str] = ()) -> AccountColumns:
    """One account's columns again, in memory of their own.

    Args:
        account: As packed.
        event_ids: By row of the events table; nobody needs them to fold.
    """
    terms = shaped(account.terms, c.TERM_COLUMNS).tolist()[0]
    return AccountColumns(
        terms=vector_of(terms),
        orders=shaped(bytearray(account.orders), c.ORDER_COLUMNS),
        events=shaped(bytearray(account.events), c.EVENT_COLUMNS),
        rows=shaped(bytearray(account.rows), c.ROW_COLUMNS),
        event_ids=tuple(event_ids),
    )


def with_edges(account: AccountColumns, edges_days: Sequence[int]) -> AccountColumns:
    """The columns with the bounds of classes of a day, where the contract brings none of its own."""
    terms = account.terms.tolist()
    if terms[c.T_CLASS_EDGE]:
        return account
    terms[c.T_CLASS_EDGE : c.T_CLASS_EDGE + len(edges_days)] = list(edges_days)
    return replace(account, terms=vector_of(terms))
