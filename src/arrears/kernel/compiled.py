"""`compiled`: the mark of a function written in the array subset; it registers and imports nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

#: Module name -> names of its marked functions, in the order of definition.
MARKED: dict[str, list[str]] = {}


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Mark a function of the array subset: int64 arrays and integers in and out, no objects.

    The function itself stays as it is and runs interpreted. `adapters.compiler` loads a second copy
    of the marked modules in which every marked function is jitted; neither copy calls the other.
    """
    MARKED.setdefault(function.__module__, []).append(function.__qualname__)
    return function
