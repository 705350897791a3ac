"""Bootstrap: the one place where what the house needs meets what does it; factories, no logic.

Imports stand inside the functions, so that a command loads only what it asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from arrears.policy.registry import PolicyRegistry


def policy_registry(
    parameter_ids: Iterable[str] | None = None, *, lender_directory: Path | None = None
) -> PolicyRegistry:
    """The policy pack with a lender's own files in front of it; only the ids asked for, or all.

    Raises:
        ArrearsError: `policy.*`, `date.malformed`, each naming the file.
    """
    from arrears.adapters.policy_files import load_registry  # noqa: PLC0415 - start-up

    return load_registry(parameter_ids, lender_directory)
