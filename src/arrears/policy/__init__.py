"""Dated, cited parameters: what the law and the lender said, on a date, as known on a date.

What always holds:

- Resolving gives exactly one value, or an error that says why not; never None, never "the latest".
- A text published later changes no answer about what was known before.
- Nothing new is booked or decided on a source that nobody has read up to the day.
- A lender, product or contract is never laxer than what stands above it.
- No number of law stands in code: rules read parameters by name.
"""

from arrears.policy.parameter import (
    AGREEMENT,
    DEBTOR_AGREEMENT,
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
from arrears.policy.registry import PolicyRegistry, Purpose, Resolved, build_registry
from arrears.policy.snapshot import PolicySnapshot, take_snapshot
from arrears.policy.value import Unit, Value, ValueType

__all__ = [
    "AGREEMENT",
    "DEBTOR_AGREEMENT",
    "Actor",
    "Anchor",
    "Citation",
    "CreditorKind",
    "Effect",
    "Force",
    "Level",
    "Licence",
    "Parameter",
    "PolicyRegistry",
    "PolicySnapshot",
    "Product",
    "Purpose",
    "Ratification",
    "Resolved",
    "Scope",
    "Status",
    "Step",
    "Stricter",
    "Unit",
    "Value",
    "ValueType",
    "build_registry",
    "take_snapshot",
]
