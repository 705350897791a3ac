"""Under which policy a contract is signed: which pack, which lender, what kind of product, which day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.policy.parameter import Product as ProductKind
from arrears.policy.registry import Purpose
from arrears.policy.rules import Case
from arrears.policy.signing import PACK_OF_CURRENCY, lenders_licence, signing_policy
from arrears.servicing.contract import Kind, read_contract
from arrears.servicing.signing import sign_under

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arrears.policy.parameter import Licence
    from arrears.policy.registry import PolicyRegistry
    from arrears.policy.signing import SigningPolicy
    from arrears.servicing.signing import Signed


def policy_on(
    day: date,
    registry: PolicyRegistry | None,
    *,
    currency: str,
    is_line: bool,
    licence: Licence | None = None,
    kind: ProductKind | None = None,
    purpose: Purpose = Purpose.BOOKING,
) -> SigningPolicy | None:
    """The policy that contracts are signed under on a day; None where no pack rules them.

    Only what was known on the day counts: what is published later acts through an event of its
    own, never through the contract.

    Args:
        day: On which it is signed.
        registry: Holds `SIGNING_IDS`; None: contracts stand by themselves.
        currency: Code, by which the pack is found.
        is_line: Whether it is a revolving line.
        licence: The lender's; None: what the lender's own policy says.
        kind: Of product; None: an instalment loan, or a revolving line.
        purpose: A booking needs sources that were read up to the day.

    Raises:
        ArrearsError: `policy.stale`, `policy.not_in_force`, `policy.malformed`.
    """
    if registry is None or currency not in PACK_OF_CURRENCY:
        return None
    usual = ProductKind.REVOLVING_LINE if is_line else ProductKind.INSTALMENT_LOAN
    case = Case(
        licence=licence or lenders_licence(registry, day, purpose),
        product=kind or usual,
        contract_on=day,
        known_on=day,
        purpose=purpose,
    )
    return signing_policy(registry, case)


def sign(
    document: Mapping[str, object],
    registry: PolicyRegistry | None,
    *,
    licence: Licence | None = None,
    kind: ProductKind | None = None,
    purpose: Purpose = Purpose.BOOKING,
) -> Signed:
    """Sign a whole contract under the policy of its day, which is its day of disbursement.

    Raises:
        ArrearsError: as `policy_on` and `sign_under`.
    """
    contract = read_contract(document)
    policy = policy_on(
        contract.terms.disbursed_on,
        registry,
        currency=contract.terms.currency.code,
        is_line=contract.kind is Kind.LINE,
        licence=licence,
        kind=kind,
        purpose=purpose,
    )
    return sign_under(document, policy)
