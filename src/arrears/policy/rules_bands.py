"""Bands: which name a count falls under, by bounds that a policy file declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def band_over(bounds: Mapping[str, int], count: int, *, otherwise: str) -> str:
    """The last band whose bound a count exceeds, strictly: at the bound it is not yet reached.

    Args:
        bounds: Name -> the count it begins after; rising, as policy files declare them.
        count: Such as days past due.
        otherwise: The answer below the first bound.

    Example:
        >>> band_over({"M1": 0, "M2": 30}, 30, otherwise="M0")
        'M1'
    """
    name = otherwise
    for candidate, bound in bounds.items():
        if count > bound:
            name = candidate
    return name
