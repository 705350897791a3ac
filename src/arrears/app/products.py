"""Products: versions are added after a trial against the law of their day, listed, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.app.signing import policy_on
from arrears.kernel.errors import ArrearsError
from arrears.servicing.contract import Kind
from arrears.servicing.offering import check_offer
from arrears.servicing.product import read_product

if TYPE_CHECKING:
    from datetime import date, datetime

    from arrears.app.booking import Command
    from arrears.app.ports import Document, Store, Work
    from arrears.app.refolding import Frame
    from arrears.policy.registry import PolicyRegistry
    from arrears.policy.signing import SigningPolicy
    from arrears.servicing.product import Product


def add_product(store: Store, command: Command, *, recorded_at: datetime, frame: Frame) -> Document:
    """Add a version of a product, once what it offers was signed on trial.

    Adding it again, the same to the letter, changes nothing; it needs no key.

    Args:
        store: Where the books are kept.
        command: body = a product document, as `read_product` takes it.
        recorded_at: Not kept: a product's days are its own.
        frame: Policy.

    Returns:
        {"product", "outcome": "added" | "already_there", "tried", "signed", "uplift", "policy"}.

    Raises:
        ArrearsError: `policy.laxer` and `contract.rate_above_cap` where the product offers what
            the law of its first day forbids; `policy.stale`, `product.version_taken`, of terms.
    """
    del recorded_at
    product = read_product(command.body)
    policy = policy_of(product, None if frame.registry is None else frame.registry())
    offer = check_offer(product, policy)
    with store.unit_of_work() as work:
        is_new = work.add_product(product.code, product.version, command.body)
    return {
        "product": product.name,
        "outcome": "added" if is_new else "already_there",
        "tried": offer.tried,
        "signed": len(offer.signed),
        "uplift": sorted({str(each.policy.get("uplift")) for each in offer.signed} - {"None"}),
        "policy": sorted({each.under.digest for each in offer.signed if each.under is not None}),
    }


def policy_of(product: Product, registry: PolicyRegistry | None) -> SigningPolicy | None:
    """The policy of a product's first day; None where no pack rules its contracts."""
    terms = product.contract.get("terms")
    currency = terms.get("currency", "CNY") if isinstance(terms, dict) else "CNY"
    return policy_on(
        product.offered_from,
        registry,
        currency=str(currency),
        is_line=product.contract.get("kind") == Kind.LINE.value,
        licence=product.licence,
        kind=product.kind,
    )


def list_products(store: Store) -> Document:
    """Every version of every product: its name, days, lender and what may be chosen."""
    with store.unit_of_work() as work:
        found = work.products()
    return {
        "products": [
            {
                "product": f"{code}@{version}",
                "offered_from": body["offered_from"],
                "offered_until": body.get("offered_until"),
                "licence": body.get("licence"),
                "choices": sorted(read_product(body).choices),
            }
            for code, version, body in found
        ]
    }


def show_product(store: Store, code: str, version: int | None = None) -> Document:
    """A version of a product as it was added, the latest where none is named.

    Raises:
        ArrearsError: `product.unknown`.
    """
    with store.unit_of_work() as work:
        found = work.product(code, version)
    if found is None:
        raise unknown(code, version)
    return found[1]


def product_for(work: Work, code: str, version: int | None, day: date) -> Product:
    """The version of a product under which a contract is signed on a day.

    Args:
        work: The transaction.
        code: Of the product.
        version: The one asked for; None: the latest that is offered on the day.
        day: On which the contract is signed.

    Raises:
        ArrearsError: `product.unknown`, `product.not_offered`.
    """
    versions = [read_product(body) for _, _, body in work.products(code)]
    asked = [each for each in versions if version in (None, each.version)]
    if not asked:
        raise unknown(code, version)
    offered = [each for each in asked if each.is_offered_on(day)]
    if not offered:
        days = "; ".join(
            f"{each.name} from {each.offered_from} until {each.offered_until or 'open'}"
            for each in asked
        )
        raise ArrearsError(
            "product.not_offered", where=f"product {code}", expected=days, got=str(day)
        )
    return offered[-1]


def unknown(code: str, version: int | None) -> ArrearsError:
    """The error of a product that is not there."""
    return ArrearsError(
        "product.unknown",
        where="product",
        expected="a product that arrears product list shows",
        got=code if version is None else f"{code}@{version}",
    )
