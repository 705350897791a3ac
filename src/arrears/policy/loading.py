"""From the mapping that a file holds to parameters: every field is there, known and of its type."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from arrears.kernel.errors import ArrearsError
from arrears.policy.parameter import (
    AGREEMENT,
    DEBTOR_AGREEMENT,
    NOTHING,
    Actor,
    Anchor,
    Citation,
    CreditorKind,
    Effect,
    Force,
    Level,
    Licence,
    Parameter,
    Product,
    Ratification,
    Scope,
    Status,
    Step,
    Stricter,
)
from arrears.policy.strictness import UNORDERED
from arrears.policy.value import Unit, ValueType, parse_value

if TYPE_CHECKING:
    from collections.abc import Iterable

Word = TypeVar("Word", bound=StrEnum)

FIELDS = (
    "id", "meaning", "type", "unit", "anchor", "level", "force", "effect", "stricter", "scope",
    "yields_to", "values", "verified_through", "status", "note",
)  # fmt: skip
STEP_FIELDS = (
    "from", "until", "value", "from_is_exact", "title", "locator", "url", "published_on",
    "published_is_exact",
)  # fmt: skip
SCOPE_FIELDS = ("licences", "products", "actors", "creditor_kinds")
RATIFICATION_FIELDS = (
    "id", "value", "person", "text_read", "text_file", "text_sha256", "ratified_on", "expires_on",
)  # fmt: skip

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OPEN = "open"
_ANY = "any"


def is_parameter_id(text: str) -> bool:
    """Whether a text has the form of an id, which is also the form of a file's place."""
    return _ID.fullmatch(text) is not None


def read_parameter(document: object, *, source: str) -> Parameter:
    """Read one parameter from the mapping of its file.

    Args:
        document: What the file holds.
        source: The file, for messages.

    Returns:
        The parameter, its steps in the order of time, none claiming another's day.

    Raises:
        ArrearsError: `policy.missing_field`, `policy.unknown_field`, `policy.malformed`,
            `policy.overlap`, `date.malformed`.
    """
    fields = _fields(document, FIELDS, where=source)
    value_type = _word(ValueType, fields, "type", source)
    unit = _word(Unit, fields, "unit", source)
    steps = _list(fields, "values", source)
    parameter = Parameter(
        id=_text(fields, "id", source),
        meaning=_text(fields, "meaning", source),
        type=value_type,
        unit=unit,
        anchor=_word(Anchor, fields, "anchor", source),
        level=_word(Level, fields, "level", source),
        force=_word(Force, fields, "force", source),
        effect=_word(Effect, fields, "effect", source),
        stricter=_word(Stricter, fields, "stricter", source),
        scope=_scope(fields["scope"], source),
        yields_to=_yields_to(fields, source),
        steps=tuple(
            _step(entry, value_type, unit, f"{source}, value {number}")
            for number, entry in enumerate(steps, start=1)
        ),
        verified_through=_date(fields, "verified_through", source),
        status=_word(Status, fields, "status", source),
        note=_text(fields, "note", source, may_be_empty=True),
    )
    _check_sense(parameter, source)
    _check_order(parameter, source)
    return parameter


def read_ratification(document: object, *, source: str) -> Ratification:
    """Read one ratification: who read which text when, and until when its value is relied on.

    Raises:
        ArrearsError: `policy.missing_field`, `policy.unknown_field`, `policy.malformed`,
            `date.malformed`.
    """
    fields = _fields(document, RATIFICATION_FIELDS, where=source)
    ratification = Ratification(
        parameter_id=_text(fields, "id", source),
        value=_text(fields, "value", source),
        person=_text(fields, "person", source),
        text_read=_text(fields, "text_read", source),
        text_file=_text(fields, "text_file", source),
        text_sha256=_text(fields, "text_sha256", source),
        ratified_on=_date(fields, "ratified_on", source),
        expires_on=_date(fields, "expires_on", source),
    )
    if _SHA256.fullmatch(ratification.text_sha256) is None:
        raise ArrearsError(
            "policy.malformed",
            where=f"{source}, field text_sha256",
            expected="64 hexadecimal digits in lower case",
            got=ratification.text_sha256,
        )
    if ratification.expires_on <= ratification.ratified_on:
        raise ArrearsError(
            "policy.malformed",
            where=f"{source}, field expires_on",
            expected=f"a day after {ratification.ratified_on}",
            got=str(ratification.expires_on),
        )
    return ratification


def check_yields(parameters: Iterable[Parameter]) -> None:
    """Refuse a pack in which something yields to a parameter that is not there.

    Raises:
        ArrearsError: `policy.unknown`.
    """
    parameters = tuple(parameters)
    ids = {parameter.id for parameter in parameters}
    for parameter in parameters:
        for other in parameter.yields_to:
            if other not in {AGREEMENT, DEBTOR_AGREEMENT} and other not in ids:
                raise ArrearsError(
                    "policy.unknown",
                    where=f"{parameter.id}, field yields_to",
                    expected=f"{NOTHING}, {AGREEMENT}, {DEBTOR_AGREEMENT}, or the id of a "
                    "parameter of the pack",
                    got=repr(other),
                )


def _check_sense(parameter: Parameter, source: str) -> None:
    """Fields that must fit each other: the id's form, level and force, direction and type."""
    is_lender_policy = parameter.force is Force.LENDER_POLICY
    is_below_law = parameter.level is not Level.LAW
    has_direction = parameter.stricter is not Stricter.NONE
    checks = (
        (is_parameter_id(parameter.id), "id", "jurisdiction.domain.name", parameter.id),
        (parameter.steps, "values", "at least one value", "none"),
        (
            is_lender_policy == is_below_law,
            "level",
            "lender for lender_policy, law for every other force",
            f"{parameter.level} with {parameter.force}",
        ),
        (
            parameter.level in {Level.LAW, Level.LENDER},
            "level",
            "law or lender; values of products and contracts stand with them",
            str(parameter.level),
        ),
        (
            not (has_direction and parameter.type in UNORDERED),
            "stricter",
            f"none for {parameter.type}, which has no more and less",
            str(parameter.stricter),
        ),
        (
            parameter.note or parameter.status is Status.VERIFIED,
            "note",
            "what is doubtful about an unverified parameter",
            "nothing",
        ),
    )
    for holds, field, expected, got in checks:
        if not holds:
            raise ArrearsError(
                "policy.malformed", where=f"{source}, field {field}", expected=expected, got=got
            )


def _check_order(parameter: Parameter, source: str) -> None:
    """Refuse steps that end before they begin, lie out of order, or claim one day twice."""
    for step in parameter.steps:
        if step.until_on is not None and step.until_on <= step.from_on:
            raise ArrearsError(
                "policy.malformed",
                where=f"{source}, value {step.value.text}, field until",
                expected=f"a day after {step.from_on}",
                got=str(step.until_on),
            )
    for earlier, later in pairwise(parameter.steps):
        if later.from_on < earlier.from_on:
            raise ArrearsError(
                "policy.malformed",
                where=f"{source}, field values",
                expected="values in the order of time",
                got=f"{earlier.from_on} before {later.from_on}",
            )
        if earlier.contains(later.from_on):
            raise ArrearsError(
                "policy.overlap",
                where=source,
                expected=f"{earlier.value.text} to end by {later.from_on}, "
                f"when {later.value.text} begins",
                got=f"until {earlier.until_on or _OPEN}",
            )


def _step(entry: object, value_type: ValueType, unit: Unit, where: str) -> Step:
    fields = _fields(entry, STEP_FIELDS, where=where)
    until_on = None if fields["until"] == _OPEN else _date(fields, "until", where)
    return Step(
        from_on=_date(fields, "from", where),
        until_on=until_on,
        value=parse_value(fields["value"], value_type, unit, where=where),
        citation=Citation(
            title=_text(fields, "title", where),
            locator=_text(fields, "locator", where),
            url=_text(fields, "url", where),
            published_on=_date(fields, "published_on", where),
            published_is_exact=_flag(fields, "published_is_exact", where),
        ),
        from_is_exact=_flag(fields, "from_is_exact", where),
    )


def _scope(entry: object, where: str) -> Scope:
    fields = _fields(entry, SCOPE_FIELDS, where=f"{where}, field scope")
    return Scope(
        licences=_words(Licence, fields, "licences", where),
        products=_words(Product, fields, "products", where),
        actors=_words(Actor, fields, "actors", where),
        creditor_kinds=_words(CreditorKind, fields, "creditor_kinds", where),
    )


def _yields_to(fields: dict[str, object], where: str) -> tuple[str, ...]:
    """What prevails over the parameter; `[none]` is nothing, and stands alone."""
    texts = _each_text(fields, "yields_to", where)
    if not texts or (NOTHING in texts and len(set(texts)) > 1):
        raise ArrearsError(
            "policy.malformed",
            where=f"{where}, field yields_to",
            expected=f"[{NOTHING}], or what prevails",
            got=", ".join(texts) or "an empty list",
        )
    return tuple(text for text in texts if text != NOTHING)


def _fields(document: object, names: tuple[str, ...], *, where: str) -> dict[str, object]:
    """The document as a mapping with exactly these fields."""
    if not isinstance(document, dict):
        raise ArrearsError(
            "policy.malformed",
            where=where,
            expected=f"a mapping with the fields {', '.join(names)}",
            got=type(document).__name__,
        )
    for name in names:
        if name not in document:
            raise ArrearsError(
                "policy.missing_field",
                where=where,
                expected=f"the field {name}",
                got=", ".join(str(key) for key in document),
            )
    for key in document:
        if key not in names:
            raise ArrearsError(
                "policy.unknown_field", where=where, expected=", ".join(names), got=repr(key)
            )
    return document


def _text(fields: dict[str, object], name: str, where: str, *, may_be_empty: bool = False) -> str:
    value = fields[name]
    if not isinstance(value, str) or not (value.strip() or may_be_empty):
        raise ArrearsError(
            "policy.malformed", where=f"{where}, field {name}", expected="a text", got=repr(value)
        )
    return value.strip()


def _list(fields: dict[str, object], name: str, where: str) -> list[object]:
    value = fields[name]
    if not isinstance(value, list):
        raise ArrearsError(
            "policy.malformed", where=f"{where}, field {name}", expected="a list", got=repr(value)
        )
    return value


def _each_text(fields: dict[str, object], name: str, where: str) -> list[str]:
    texts = _list(fields, name, where)
    return [_text({name: text}, name, where) for text in texts]


def _flag(fields: dict[str, object], name: str, where: str) -> bool:
    value = fields[name]
    if not isinstance(value, bool):
        raise ArrearsError(
            "policy.malformed",
            where=f"{where}, field {name}",
            expected="true or false",
            got=repr(value),
        )
    return value


def _date(fields: dict[str, object], name: str, where: str) -> date:
    value = fields[name]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ArrearsError(
        "date.malformed",
        where=f"{where}, field {name}",
        expected="a date such as 2026-07-01, without quotes",
        got=repr(value),
    )


def _word(kind: type[Word], fields: dict[str, object], name: str, where: str) -> Word:
    value = fields[name]
    for member in kind:
        if value == member.value:
            return member
    raise ArrearsError(
        "policy.malformed",
        where=f"{where}, field {name}",
        expected=", ".join(member.value for member in kind),
        got=repr(value),
    )


def _words(kind: type[Word], fields: dict[str, object], name: str, where: str) -> frozenset[Word]:
    """A list of words of one kind; `[any]` is the empty set, which means all."""
    texts = _each_text(fields, name, f"{where}, field scope")
    if texts == [_ANY]:
        return frozenset()
    if not texts:
        raise ArrearsError(
            "policy.malformed",
            where=f"{where}, field scope.{name}",
            expected=f"[{_ANY}], or some of {', '.join(member.value for member in kind)}",
            got="an empty list",
        )
    return frozenset(_word(kind, {name: text}, name, f"{where}, field scope") for text in texts)
