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

    from arrears.policy.parameter import Licence
    from arrears.policy.registry import PolicyRegistry
    from arrears.policy.signing import SigningPolicy
    from arrears.servicing.contract import Contract
    from arrears.servicing.signing import Signed


def policy_for(
    contract: Contract,
    registry: PolicyRegistry | None,
    *,
    licence: Licence | None = None,
    kind: ProductKind | None = None,
    purpose: Purpose = Purpose.BOOKING,
) -> SigningPolicy | None:
    """The policy of the day on which a contract was signed; None where no pack rules it.

    A contract is signed on its day of disbursement, and only what was known then counts: what is
    published later acts through an event of its own, never through the contract.

    Args:
        contract: As agreed.
        registry: Holds `SIGNING_IDS`; None: contracts stand by themselves.
        licence: The lender's; None: what the lender's own policy says.
        kind: Of product; None: what the contract's kind says.
        purpose: A booking needs sources that were read up to the day.

    Raises:
        ArrearsError: `policy.stale`, `policy.not_in_force`, `policy.malformed`.
    """
    if registry is None or contract.terms.currency.code not in PACK_OF_CURRENCY:
        return None
    day = contract.terms.disbursed_on
    is_line = contract.kind is Kind.LINE
    case = Case(
        licence=licence or lenders_licence(registry, day, purpose),
        product=kind or (ProductKind.REVOLVING_LINE if is_line else ProductKind.INSTALMENT_LOAN),
        contract_on=day,
        known_on=day,
        purpose=purpose,
    )
    return signing_policy(registry, case)


def sign(document: Mapping[str, object], registry: PolicyRegistry | None) -> Signed:
    """Sign a whole contract under the policy of its day.

    Raises:
        ArrearsError: as `policy_for` and `sign_under`.
    """
    return sign_under(document, policy_for(read_contract(document), registry))
