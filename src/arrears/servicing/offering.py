"""Offering: a product's dearest and cheapest contracts are signed on trial before it is offered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product as every_combination
from typing import TYPE_CHECKING

from arrears.kernel.errors import ArrearsError
from arrears.servicing.product import Bounds, Document, Product, contract_from_product, fields_of
from arrears.servicing.signing import put, sign_under

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from arrears.policy.signing import SigningPolicy
    from arrears.servicing.signing import Signed

#: What price depends on; of any other choice one value is tried.
PRICED = frozenset({"terms", "penalty"})
#: Fields that hold whole numbers, not decimal strings.
WHOLE = frozenset(
    {"instalments", "every", "principal_grace", "interest_grace", "interest_free", "grace_days"}
    | {"non_accrual_days", "statement_day", "due_day"}
)
#: Lent on trial where a product bounds the principal on no side: rates do not depend on it.
TRIAL_PRINCIPAL = "10000"
#: Of these a product is refused; any other error only says that two choices do not go together.
BY_LAW = frozenset({"policy.laxer", "policy.not_ratified", "contract.rate_above_cap"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What trying a product out has shown."""

    tried: int  #: combinations of the ends of what may be chosen
    signed: tuple[Signed, ...]  #: those that go together; all within the law


def check_offer(product: Product, policy: SigningPolicy | None) -> Offer:
    """Sign every combination of the ends of a product's choices on its first day.

    What costs most lies at an end: a rate, fee or uplift at its most, a term at its least or most.
    A choice without bounds is not tried, but each contract is checked when it is booked.

    Args:
        product: One version.
        policy: Of the product's first day; None: no pack rules it.

    Raises:
        ArrearsError: `policy.laxer`, `contract.rate_above_cap`, naming the product and what was
            chosen; whatever kept the first from being signed, where none could be.
    """
    tried = 0
    signed: list[Signed] = []
    failed: ArrearsError | None = None
    for choices in trials(product):
        tried += 1
        try:
            signed.append(sign_under(contract_from_product(product, choices), policy))
        except ArrearsError as error:
            if error.code in BY_LAW:
                raise refused(product, choices, error) from error
            failed = failed or error
    if failed is not None and not signed:
        raise failed
    return Offer(tried=tried, signed=tuple(signed))


def trials(product: Product) -> Iterator[Document]:
    """Choices at the ends of their bounds, in every combination."""
    ends = {path: ends_of(path, product) for path in product.choices}
    paths = [path for path, values in ends.items() if values]
    for values in every_combination(*(ends[path] for path in paths)):
        choices: Document = {}
        for path, value in zip(paths, values, strict=True):
            put(choices, path, value)
        yield choices


def ends_of(path: str, product: Product) -> list[object]:
    """The values of one choice that are tried; none where nothing bounds it."""
    bounds = product.choices[path]
    if path == "terms.disbursed_on":
        return [product.offered_from.isoformat()]
    section, _, field = path.rpartition(".")
    values = bounded_ends(bounds, is_whole=field in WHOLE)
    if not values and path == "terms.principal":
        return [TRIAL_PRINCIPAL]
    return values if section in PRICED or path == "cap_annual" else values[:1]


def bounded_ends(bounds: Bounds, *, is_whole: bool) -> list[object]:
    """The least and the most, or the words on offer; of numbers on offer the least and the most."""
    if bounds.one_of is not None:
        numbers = [each for each in bounds.one_of if isinstance(each, int)]
        if len(numbers) < len(bounds.one_of):
            return list(bounds.one_of)
        return [*sorted({min(numbers), max(numbers)})]
    found: list[Decimal] = [each for each in (bounds.least, bounds.most) if each is not None]
    return [int(each) if is_whole else format(each, "f") for each in dict.fromkeys(found)]


def refused(product: Product, choices: Mapping[str, object], error: ArrearsError) -> ArrearsError:
    """The same error, said of the product: under which choices it comes about."""
    chosen = ", ".join(f"{path} {value}" for path, value in fields_of(choices))
    return ArrearsError(
        error.code,
        where=f"product {product.name}, {error.where}",
        expected=error.expected,
        got=f"{error.got} with {chosen}" if chosen else error.got,
        mend="narrow what the product offers",
    )
