"""The basis of an account's stored caches: what they would be computed from again."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from arrears.adapters.compiler import CONSTANT_MODULES, KERNEL_MODULES, source_of

if TYPE_CHECKING:
    from arrears.policy.snapshot import PolicySnapshot

#: Sources beside the kernel's that decide what the fold is given, and what is kept of its answer.
EDGE_MODULES = ("arrears.servicing.door", "arrears.delinquency.ageing", "arrears.app.refolding")
#: Sources that make columns of documents; another of them, and stored columns are made again.
LAYOUT_MODULES = (
    "arrears.kernel.dates",
    "arrears.kernel.daycount",
    "arrears.kernel.decimals",
    "arrears.kernel.money",
    "arrears.kernel.rates",
    "arrears.kernel.rounding",
    "arrears.servicing.contract",
    "arrears.servicing.door",
    "arrears.servicing.events",
    "arrears.servicing.layout",
    "arrears.servicing.packing",
    "arrears.servicing.terms",
)
BASIS_DIGITS = 16


def basis_of(snapshot: PolicySnapshot) -> str:
    """Digest of the policy timeline, the fold, and chart and posting rules.

    A close folds every account again whose basis is another: so a corrected rule reaches the whole
    book, the difference posted in the open period.
    """
    return hashlib.sha256(f"{snapshot.digest} {program_digest()}".encode()).hexdigest()[
        :BASIS_DIGITS
    ]


@cache
def layout_digest() -> str:
    """Digest of what makes columns of documents, as kept beside stored columns."""
    digest = hashlib.sha256()
    for name in LAYOUT_MODULES:
        digest.update(source_of(name).read_bytes())
    return digest.hexdigest()[:BASIS_DIGITS]


@cache
def program_digest() -> str:
    """Digest of the sources of the fold and of what stands at its edges, and of chart and posting rules."""
    digest = hashlib.sha256()
    for name in (*KERNEL_MODULES, *CONSTANT_MODULES, *EDGE_MODULES):
        if not name.startswith("arrears.adapters"):  # how it is compiled changes no amount
            digest.update(source_of(name).read_bytes())
    for path in sorted(
        (resources.files("arrears.ledger") / "data").iterdir(), key=lambda each: each.name
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()
