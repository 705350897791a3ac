"""What `arrears book` and `arrears product add` read: accounts to be booked, products to be offered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from arrears.entrypoints.requests_balance import (
    CONTRACT,
    EVENTS,
    TERMS,
    ContractRequest,
    EventRequest,
)
from arrears.entrypoints.requests_quote import (
    Strict,
    TermsRequest,
    amount_field,
    day_field,
    id_field,
    number_field,
    word_field,
)


class PartOfTermsRequest(TermsRequest):
    """Terms of which some are left to somebody else."""

    principal: Annotated[str | None, amount_field("principal of the first disbursement")] = None  # type: ignore[assignment]  # a part may leave out what the whole must have
    disbursed_on: Annotated[str | None, day_field("day of disbursement", "2026-01-01")] = None  # type: ignore[assignment]  # as above


class PartOfContractRequest(ContractRequest):
    """A contract of which some is left to a product, to the borrower or to policy."""

    terms: Annotated[
        PartOfTermsRequest | None, Field(description="terms; unit: see there", examples=[TERMS])
    ] = None  # type: ignore[assignment]  # as above


class BoundsRequest(Strict):
    """What may be chosen; nothing: whatever the field itself allows."""

    least: Annotated[
        str | int | None,
        Field(description="no less; unit: of the field", examples=["500", 3]),
    ] = None
    most: Annotated[
        str | int | None,
        Field(description="no more; unit: of the field", examples=["200000", 12]),
    ] = None
    one_of: Annotated[
        list[str | int] | None,
        Field(description="these alone; unit: of the field", examples=[[3, 6, 12]]),
    ] = None


class ProductRequest(Strict):
    """One version of a product; it never changes, the next version is another one."""

    code: Annotated[str, word_field("what the product is called by", "jiebei")]
    version: Annotated[int, number_field("1 for the first", "none", 1)]
    offered_from: Annotated[
        str, day_field("first day on which it may be signed; its values are checked on it")
    ]
    offered_until: Annotated[
        str | None, day_field("first day on which it may no longer be signed; none: open")
    ] = None
    licence: Annotated[
        Literal[
            "bank",
            "consumer_finance_company",
            "auto_finance_company",
            "micro_lender",
            "local_financial_body",
            "private_lender",
        ]
        | None,
        word_field("what its lender is; else as the lender's policy says", "micro_lender"),
    ] = None
    kind: Annotated[
        Literal["instalment_loan", "revolving_line", "credit_card"] | None,
        word_field("what the law takes it for; else as the contract's kind", "revolving_line"),
    ] = None
    contract: Annotated[
        PartOfContractRequest,
        Field(
            description="what the product fixes or proposes; unit: see there", examples=[CONTRACT]
        ),
    ]
    choices: Annotated[
        dict[str, BoundsRequest],
        Field(
            description="path of each field that is chosen -> its bounds; unit: see there",
            examples=[{"terms.principal": {"least": "500", "most": "200000"}}],
        ),
    ]


class BookRequest(Strict):
    """An account to be booked: a whole contract, or what was chosen under a product."""

    account_id: Annotated[str, id_field("the account's id", "L-0001")]
    borrower_id: Annotated[str, id_field("whose account it is", "B-0001")]
    product: Annotated[
        str | None, word_field("code of the product; none: the contract is whole", "jiebei")
    ] = None
    version: Annotated[
        int | None,
        number_field("of the product; the latest offered on the day if left out", "none", 1),
    ] = None
    contract: Annotated[
        PartOfContractRequest,
        Field(
            description="what was agreed, or chosen under the product; unit: see there",
            examples=[CONTRACT],
        ),
    ]
    events: Annotated[
        list[EventRequest] | None,
        Field(
            description="its first events; none: not disbursed yet; unit: events", examples=[EVENTS]
        ),
    ] = None
