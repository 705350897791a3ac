"""What `arrears line` reads: a bill to be spread over instalments, a bill to be put off."""

from __future__ import annotations

from typing import Annotated, Literal

from arrears.entrypoints.requests_quote import (
    Strict,
    amount_field,
    day_field,
    id_field,
    number_field,
    rate_field,
    word_field,
)


class DeferRequest(Strict):
    """A bill to be put off by a month."""

    account_id: Annotated[str, id_field("the line's id", "H-0001")]
    event_id: Annotated[str, id_field("our own id of what was agreed", "V-1")]
    on: Annotated[str, day_field("day of the agreement, the due date at the latest")]


class ConvertRequest(Strict):
    """A bill, or purchases not billed yet, to be paid in instalments."""

    account_id: Annotated[str, id_field("the line's id", "H-0001")]
    event_id: Annotated[str, id_field("our own id of what was agreed", "V-1")]
    on: Annotated[str, day_field("day of the agreement")]
    what: Annotated[
        Literal["statement", "purchase"],
        word_field("the bill, or what is not billed yet", "statement"),
    ] = "statement"
    amount: Annotated[str | None, amount_field("how much; all there is if left out")] = None
    instalments: Annotated[int, number_field("how many", "instalments", 3)]
    fee_rate: Annotated[str, rate_field("of the amount, once", "0.025")] = "0"
    first_due_on: Annotated[
        str | None, day_field("first due date; that of the next statement if left out")
    ] = None
