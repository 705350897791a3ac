"""What the doors for money read: events to post, receipts with and without a name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from arrears.entrypoints.requests_balance import EVENTS, EventRequest
from arrears.entrypoints.requests_quote import Strict, amount_field, day_field, id_field, word_field


class SourceRequest(Strict):
    """The line of a bank or channel that money came by; the same line is money once."""

    channel: Annotated[str, id_field("bank or channel", "icbc")]
    ref: Annotated[str, id_field("the channel's own number of the line", "2026020500017")]


class PostRequest(Strict):
    """Something that happened to an account."""

    account_id: Annotated[str, id_field("the account's id", "L-0001")]
    event: Annotated[
        EventRequest, Field(description="what happened; unit: see there", examples=[EVENTS[-1]])
    ]
    source: Annotated[
        SourceRequest | None,
        Field(
            description="the line it came by; the event's id if left out; unit: see there",
            examples=[{"channel": "icbc", "ref": "2026020500017"}],
        ),
    ] = None
    collection: Annotated[
        str | None, id_field("the request to collect that a payment answers", "C-1")
    ] = None


class ReceiptRequest(Strict):
    """Money that came in, and nobody knows for whom."""

    receipt_id: Annotated[str, id_field("our own id of the receipt", "R-1")]
    amount: Annotated[str, amount_field("how much", "100.00")]
    on: Annotated[str, day_field("the day it came, and counts from once it is matched")]
    currency: Annotated[str, word_field("ISO 4217 code", "CNY")] = "CNY"
    source: Annotated[
        SourceRequest | None,
        Field(
            description="the line it came by; the receipt's id if left out; unit: see there",
            examples=[{"channel": "icbc", "ref": "2026020500017"}],
        ),
    ] = None
    hint: Annotated[
        str, word_field("what the payer wrote, without personal data", "loan of May")
    ] = ""


def designated_field() -> object:
    """A field that lists the accounts the payer named."""
    return Field(
        description="accounts the payer named, first served first; unit: ids", examples=[["L-1"]]
    )


class ReceiveRequest(ReceiptRequest):
    """A receipt that names a borrower but no loan."""

    borrower_id: Annotated[str, id_field("who paid", "B-0001")]
    designated: Annotated[list[str] | None, designated_field()] = None


class MatchRequest(Strict):
    """The account that a receipt in suspense was meant for."""

    receipt_id: Annotated[str, id_field("the receipt", "R-1")]
    account_id: Annotated[str, id_field("the account", "L-0001")]
    amount: Annotated[
        str | None, amount_field("how much of it; all that is left if left out", "60.00")
    ] = None


class UnmatchRequest(Strict):
    """The account that a receipt was given to by mistake."""

    receipt_id: Annotated[str, id_field("the receipt", "R-1")]
    account_id: Annotated[str, id_field("the account that gives back all it was given", "L-0001")]


class PartRequest(Strict):
    """A part of a receipt."""

    account_id: Annotated[str, id_field("the account", "L-0001")]
    amount: Annotated[str, amount_field("how much of the receipt", "60.00")]


class SplitRequest(Strict):
    """Several accounts, or the borrower, that a receipt in suspense was meant for."""

    receipt_id: Annotated[str, id_field("the receipt", "R-1")]
    parts: Annotated[
        list[PartRequest] | None,
        Field(
            description="accounts, each once, and what each is given; unit: see there",
            examples=[[{"account_id": "L-1", "amount": "60.00"}]],
        ),
    ] = None
    borrower_id: Annotated[
        str | None,
        id_field("instead of parts: what is left, over all accounts of a borrower", "B-0001"),
    ] = None
    designated: Annotated[list[str] | None, designated_field()] = None


class ReturnRequest(Strict):
    """A receipt in suspense that goes back to where it came from."""

    receipt_id: Annotated[str, id_field("the receipt", "R-1")]
    amount: Annotated[
        str | None, amount_field("how much of it; all that is left if left out", "40.00")
    ] = None


class RefundRequest(Strict):
    """A refund task that was paid out."""

    task_id: Annotated[str, id_field("the task", "refund/L-0001/7")]
    on: Annotated[str, day_field("the day the money left")]
    source: Annotated[
        SourceRequest | None,
        Field(
            description="the line it left by; unit: see there",
            examples=[{"channel": "icbc", "ref": "2026021200003"}],
        ),
    ] = None


class CollectRequest(Strict):
    """Money to be drawn from a borrower's bank."""

    request_id: Annotated[str, id_field("our own id of the request", "C-1")]
    account_id: Annotated[str, id_field("the account it is for", "L-0001")]
    amount: Annotated[
        str | None, amount_field("how much; the pay-off, as far as it is left, if left out")
    ] = None
    on: Annotated[str | None, day_field("day of drawing; the open business day if left out")] = None


class CollectionFailedRequest(Strict):
    """A request to collect on which the bank drew nothing."""

    request_id: Annotated[str, id_field("the request", "C-1")]
