"""How the kernel's machine code is made: every function gathered in one library, optimised once.

Numba gives each function a library of its own, optimised with all it calls, so that what is called by
many is optimised many times, and what is called once is not known to be. Here only what Python calls
is optimised; everything below it is private to that one library, and LLVM inlines and forgets it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from llvmlite import binding
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Numba and llvmlite have no types of their own.
Untyped: TypeAlias = Any
ENVIRONMENT = "_ZN08NumbaEnv"  #: how Numba begins the name of a function's environment


class KernelLibrary(JITCodeLibrary):
    """The code of one function and, where Python calls it, of everything below it."""

    called_from_python: tuple[str, ...] = ()

    def _optimize_final_module(self) -> None:
        """Optimise what Python calls, with everything below it; leave the rest as it is."""
        if self.name not in self.called_from_python:
            return
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage != binding.Linkage.external:
                function.linkage = "internal"
        tuning = binding.create_pipeline_tuning_options(speed_level=3)
        tuning.loop_vectorization = (
            False  # a loan has a dozen rows: setting up costs more than it saves
        )
        tuning.slp_vectorization = False
        machine = self._codegen._tm  # noqa: SLF001 - Numba shows its target machine nowhere else
        builder = binding.create_pass_builder(machine, tuning)
        builder.getModulePassManager().run(self._final_module, builder)

    def _finalize_final_module(self) -> None:
        """Make machine code of what Python calls; of the rest nobody asks the address."""
        if self.name in self.called_from_python:
            super()._finalize_final_module()
            return
        alone = environments_of(self._final_module)
        self._codegen._add_module(alone)  # noqa: SLF001 - Numba's only door to its engine
        self._finalized = True


def environments_of(module: Untyped) -> Untyped:
    """A module with the environments of this one alone, which Numba fills in by address."""
    names = [each.name for each in module.global_variables if each.name.startswith(ENVIRONMENT)]
    alone = binding.parse_assembly(
        "\n".join(f'@"{name}" = common global ptr null' for name in names)
    )
    alone.triple = module.triple
    alone.data_layout = module.data_layout
    return alone


@contextmanager
def one_library(called_from_python: tuple[str, ...]) -> Iterator[None]:
    """While it lasts, Numba gathers what it compiles in one library for each function so named."""
    codegen = cpu_target.target_context.codegen()
    kind = type("KernelLibrary", (KernelLibrary,), {"called_from_python": called_from_python})
    with global_compiler_lock:
        before = codegen._library_class  # noqa: SLF001 - Numba has no setting for it
        codegen._library_class = kind  # noqa: SLF001 - Numba has no setting for it
        try:
            yield
        finally:
            codegen._library_class = before  # noqa: SLF001 - Numba has no setting for it
