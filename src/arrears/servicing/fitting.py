"""Whether events fit their contract: what neither of them alone can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import format_minor
from arrears.kernel.movement import Component
from arrears.kernel.rates import format_rate
from arrears.servicing.contract import NIGHT_PPM_MAX, Contract, Kind, derived_penalty_ppm
from arrears.servicing.events import Event, check_history, refused
from arrears.servicing.layout import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_A_LINE = frozenset({EventType.PURCHASED, EventType.STATEMENT_CLOSED, EventType.CONVERTED})
#: What may raise the principal by its own amount; rows of others only move what is there.
RAISES_PRINCIPAL = frozenset(
    {EventType.DISBURSED, EventType.PURCHASED, EventType.CHARGED_BACK, EventType.REFUNDED}
)


def check_account(contract: Contract, events: Sequence[Event]) -> None:
    """Refuse events that cannot be this contract's.

    Raises:
        ArrearsError: as `check_history`; `event.refused` for an event of a line on a loan;
            `contract.rows_do_not_sum`; `contract.rate_above_cap` for a new rate above it;
            `contract.term_out_of_bounds` where the fold's 64 bits would not hold.
    """
    check_history(events)
    for event in events:
        if event.type in OF_A_LINE and contract.kind is Kind.LOAN:
            raise refused(
                f"event {event.event_id}, type", "an event of a loan", event.type.name.lower()
            )
    check_first_rows(contract, events)
    check_rates(contract, events)
    check_bounds(contract, events)


def check_first_rows(contract: Contract, events: Sequence[Event]) -> None:
    """The rows of a first disbursement repay exactly what was lent.

    Raises:
        ArrearsError: `contract.rows_do_not_sum`.
    """
    erased = {event.reverses for event in events}
    lent = [each for each in events if each.type is EventType.DISBURSED]
    standing = [each for each in lent if each.event_id not in erased]
    if not standing:
        return
    first = min(standing, key=lambda each: (each.value_on, each.seq, each.event_id))
    total = sum(row.amounts_minor[Component.PRINCIPAL] for row in first.rows)
    if first.rows and total != first.amount_minor:
        raise ArrearsError(
            "contract.rows_do_not_sum",
            where=f"event {first.event_id}, rows",
            expected=format_minor(first.amount_minor, contract.terms.currency),
            got=format_minor(total, contract.terms.currency),
        )


def check_rates(contract: Contract, events: Sequence[Event]) -> None:
    """A changed rate stays within the contract's cap.

    Raises:
        ArrearsError: `contract.rate_above_cap`.
    """
    cap = contract.cap_annual_ppm
    for event in events:
        if event.type is not EventType.RATE_CHANGED or cap is None or event.rate_ppm is None:
            continue
        if event.rate_ppm > cap:
            raise ArrearsError(
                "contract.rate_above_cap",
                where=f"event {event.event_id}, rate",
                expected=f"a rate up to {format_rate(cap)}",
                got=format_rate(event.rate_ppm),
            )


def check_bounds(contract: Contract, events: Sequence[Event]) -> None:
    """All that may be owed at once, times the highest rate there may be, fits the fold's numbers.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`.
    """
    penalty = contract.penalty
    rates = [contract.terms.annual_rate_ppm, penalty.rate_ppm, contract.cap_annual_ppm or 0, 1]
    for event in events:
        if event.rate_ppm is not None:
            rates.append(event.rate_ppm)
            if penalty.uplift_ppm is not None:
                rates.append(derived_penalty_ppm(penalty.mode, event.rate_ppm, penalty.uplift_ppm))
    owed = sum(each.amount_minor for each in events if each.type in RAISES_PRINCIPAL)
    owed += sum(
        sum(row.amounts_minor)
        for each in events
        if each.type in (EventType.TAKEN_OVER, EventType.REPLANNED)
        for row in each.rows
    )
    if owed * max(rates) > NIGHT_PPM_MAX:
        raise ArrearsError(
            "contract.term_out_of_bounds",
            where="events",
            expected=f"principal x rate below {NIGHT_PPM_MAX} minor units x ppm",
            got=f"{owed} minor units x {max(rates)} ppm",
        )
