"""How many examples a property gets: few and always the same, or many and new (`long`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


def steady(examples: int) -> settings:
    """Settings of a property of the fold.

    Args:
        examples: How many in everyday runs, the same every time: what is rare is hunted for with
            HYPOTHESIS_PROFILE=long, which tries twenty times as many, other ones each time.
    """
    return settings(
        max_examples=examples * (20 if IS_LONG else 1),
        deadline=None,
        derandomize=not IS_LONG,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
