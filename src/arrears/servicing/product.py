"""Products: versioned data with defaults and bounds; a contract copies all of its product version."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from arrears.kernel.dates import parse_date
from arrears.kernel.errors import ArrearsError
from arrears.policy.parameter import Licence
from arrears.policy.parameter import Product as ProductKind
from arrears.servicing import contract as c
from arrears.servicing.terms import KEYS as TERM_KEYS
from arrears.servicing.terms import count, text

if TYPE_CHECKING:
    from datetime import date

Document = dict[str, object]
Word = TypeVar("Word", bound=StrEnum)

#: The fields a contract may hold, by section; "" is the contract itself.
SECTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "": c.KEYS,
        "terms": TERM_KEYS,
        "penalty": c.PENALTY_KEYS,
        "allocation": c.ALLOCATION_KEYS,
        "line": c.LINE_KEYS,
    }
)
PRODUCT_KEYS = frozenset(
    {"code", "version", "offered_from", "offered_until", "licence", "kind", "contract", "choices"}
)
BOUND_KEYS = frozenset({"least", "most", "one_of"})
VERSION_MAX = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What may be chosen for one field; all None: anything the field itself allows."""

    least: Decimal | None
    most: Decimal | None
    one_of: tuple[object, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One version of a product; it never changes, the next version is another one."""

    code: str
    version: int
    offered_from: date  #: first day on which it may be signed; its values are checked on it
    offered_until: date | None  #: first day on which it no longer may; None: open
    licence: Licence | None  #: of who lends; None: what the lender's own policy says
    kind: ProductKind | None  #: what the law takes it for; None: what the contract's kind says
    contract: Mapping[str, object]  #: the contract document without what is chosen
    choices: Mapping[str, Bounds]  #: path such as "terms.principal" -> what may be chosen there

    @property
    def name(self) -> str:
        """Code and version, as an account names its product: "jiebei@3"."""
        return f"{self.code}@{self.version}"

    def is_offered_on(self, day: date) -> bool:
        """Whether a contract may be signed under it on a day."""
        return self.offered_from <= day and (self.offered_until is None or day < self.offered_until)


def out_of_bounds(where: str, expected: str, got: object, mend: str = "") -> ArrearsError:
    """The error of a choice the product does not leave open."""
    return ArrearsError(
        "contract.term_out_of_bounds", where=where, expected=expected, got=str(got), mend=mend
    )


def an_object(given: object, where: str) -> Mapping[str, object]:
    """An object with names.

    Raises:
        ArrearsError: `terms.wrong_type`.
    """
    if not isinstance(given, Mapping):
        raise ArrearsError("terms.wrong_type", where=where, expected="an object", got=repr(given))
    return given


def as_number(given: object, where: str) -> Decimal:
    """A decimal string or a whole number; exact.

    Raises:
        ArrearsError: `terms.wrong_type`.
    """
    wrong = ArrearsError(
        "terms.wrong_type", where=where, expected="a decimal string", got=repr(given)
    )
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise wrong
    try:
        number = Decimal(given)
    except InvalidOperation:
        raise wrong from None
    if not number.is_finite():
        raise wrong
    return number


def known_path(path: str, where: str) -> tuple[str, str]:
    """Section and field of a path.

    Raises:
        ArrearsError: `terms.unknown_field`.
    """
    section, _, field = path.rpartition(".")
    if field not in SECTIONS.get(section, frozenset()) or path in SECTIONS:
        raise ArrearsError(
            "terms.unknown_field",
            where=f"{where}.{path}",
            expected="the path of a field such as terms.principal",
            got=path,
        )
    return section, field


def read_bounds(given: object, where: str) -> Bounds:
    """Read what may be chosen for one field.

    Raises:
        ArrearsError: `terms.wrong_type`, `terms.unknown_field`, `contract.term_out_of_bounds`.
    """
    document = an_object(given, where)
    c.refuse_unknown(document, BOUND_KEYS, where)
    ends = [
        None if document.get(key) is None else as_number(document[key], f"{where}.{key}")
        for key in ("least", "most")
    ]
    least, most = ends
    words = document.get("one_of")
    if words is not None and (not isinstance(words, list) or not words):
        raise ArrearsError(
            "terms.wrong_type", where=f"{where}.one_of", expected="a list", got=repr(words)
        )
    if least is not None and most is not None and least > most:
        raise out_of_bounds(f"{where}.least", f"at most {most}", least)
    return Bounds(least=least, most=most, one_of=None if words is None else tuple(words))


def read_product(document: Mapping[str, object]) -> Product:
    """Read one product version: {"code", "version", "offered_from", "contract", "choices", ...}.

    Args:
        document: `offered_from` and `offered_until` are its days, the second open where it is left
            out; `licence` and `kind` are words of the policy room, each optional; `contract` is a contract document with what the product fixes or proposes;
            `choices` maps the path of each field a contract may choose to its bounds
            ({"least", "most", "one_of"}, each optional; {}: free).

    Raises:
        ArrearsError: `terms.*` for a document that is no product; `contract.term_out_of_bounds`
            where a default lies outside the product's own bounds; `date.malformed`.
    """
    c.refuse_unknown(document, PRODUCT_KEYS, "product")
    until = document.get("offered_until")
    contract = an_object(document.get("contract", {}), "product.contract")
    for path, _ in fields_of(contract):
        known_path(path, "product.contract")
    choices = {}
    for path, given in an_object(document.get("choices", {}), "product.choices").items():
        known_path(path, "product.choices")
        choices[path] = read_bounds(given, f"product.choices.{path}")
    for path, value in fields_of(contract):
        if path in choices:
            check_choice(path, value, choices[path])
    return Product(
        code=text(document, "code"),
        version=count(document, "version", least=1, most=VERSION_MAX, default=0),
        offered_from=parse_date(text(document, "offered_from"), where="product.offered_from"),
        offered_until=None
        if until is None
        else parse_date(text(document, "offered_until"), where="product.offered_until"),
        licence=word_of(Licence, document, "licence"),
        kind=word_of(ProductKind, document, "kind"),
        contract=MappingProxyType(copy.deepcopy(dict(contract))),
        choices=MappingProxyType(choices),
    )


def word_of(words: type[Word], document: Mapping[str, object], key: str) -> Word | None:
    """One of a closed set of words; None where it is left out.

    Raises:
        ArrearsError: `terms.unknown_choice`.
    """
    given = document.get(key)
    if given is None:
        return None
    if given not in {each.value for each in words}:
        raise ArrearsError(
            "terms.unknown_choice",
            where=f"product.{key}",
            expected=" | ".join(each.value for each in words),
            got=repr(given),
        )
    return words(str(given))


def fields_of(document: Mapping[str, object]) -> list[tuple[str, object]]:
    """Path and value of every field of a contract document, sections opened."""
    found: list[tuple[str, object]] = []
    for key, value in document.items():
        if key in SECTIONS and isinstance(value, Mapping):
            found += [(f"{key}.{field}", each) for field, each in value.items()]
        else:
            found.append((key, value))
    return found


def check_choice(path: str, value: object, bounds: Bounds, mend: str = "") -> None:
    """Refuse a value outside its bounds, saying how to mend that.

    Raises:
        ArrearsError: `contract.term_out_of_bounds`, `terms.wrong_type`.
    """
    where = f"contract.{path}"
    if bounds.one_of is not None and value not in bounds.one_of:
        raise out_of_bounds(where, " | ".join(str(each) for each in bounds.one_of), value, mend)
    if bounds.least is None and bounds.most is None:
        return
    number = as_number(value, where)
    if bounds.least is not None and number < bounds.least:
        raise out_of_bounds(where, f"at least {bounds.least}", value, mend)
    if bounds.most is not None and number > bounds.most:
        raise out_of_bounds(where, f"at most {bounds.most}", value, mend)


def contract_from_product(product: Product, choices: Mapping[str, object]) -> Document:
    """The contract document of a product and what was chosen; nothing of it refers back.

    Args:
        product: One version; all of it is copied, so that a later version changes no contract.
        choices: In the shape of a contract document, only fields the product leaves open.

    Returns:
        A document for `sign_contract`, which holds it against the cap.

    Raises:
        ArrearsError: `contract.term_out_of_bounds` for a choice beyond its bounds or not open,
            `terms.unknown_field`, `terms.wrong_type`.
    """
    made: Document = copy.deepcopy(dict(product.contract))
    mend = f"choose within what {product.name} offers, or book under another product"
    for path, value in fields_of(copy.deepcopy(dict(choices))):
        section, field = known_path(path, "choices")
        if path not in product.choices:
            raise out_of_bounds(
                f"contract.{path}", f"what {product.name} says", f"a choice of {value!r}", mend
            )
        check_choice(path, value, product.choices[path], mend)
        if section:
            made[section] = {**an_object(made.get(section, {}), section), field: value}
        else:
            made[field] = value
    return made
