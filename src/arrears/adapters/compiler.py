"""The fold compiled: a second copy of the kernel modules, every marked function jitted by Numba.

Both copies live in one process and neither calls the other. Numba's cache does not notice a change
in another file, so its directory is named by the digest of all kernel sources, Numba and the CPU.
The compiled copy finds another `Tables`, that of `compiled_tables`, and becomes one `compiled_library`.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import platform
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from arrears.kernel import compiled as mark
from arrears.servicing import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.machinery import ModuleSpec

#: Numba and llvmlite have no types of their own.
Untyped: TypeAlias = Any
#: The kernel modules, those below first. A test holds this list against the marks.
KERNEL_MODULES = (
    "arrears.kernel.arithmetic",
    "arrears.servicing.recording",
    "arrears.servicing.standing",
    "arrears.servicing.cap",
    "arrears.servicing.accrual",
    "arrears.servicing.allocation",
    "arrears.servicing.replacing",
    "arrears.servicing.line_rows",
    "arrears.servicing.applying",
    "arrears.servicing.fold",
    "arrears.servicing.fold_book",
)
#: Sources that the compiled code depends on beside them: constants, and how it is compiled.
CONSTANT_MODULES = (
    "arrears.adapters.compiled_library",
    "arrears.adapters.compiled_tables",
    "arrears.kernel.movement",
    "arrears.kernel.rates",
    "arrears.servicing.layout",
    "arrears.servicing.tables",
)
CALLED_FROM_PYTHON = ("fold_account", "fold_book", "offsets_of_movements")
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class CompiledKernel:
    """The compiled form: call it with numpy int64 arrays."""

    fold_account: Callable[..., int]
    fold_book: Callable[..., int]
    offsets_of_movements: Callable[..., int]
    digest: str  #: of sources, Numba version and CPU


def kernel_digest() -> str:
    """SHA-256 over all kernel sources, the Numba version and the CPU, 16 hex digits."""
    numba: Untyped = importlib.import_module("numba")
    binding: Untyped = importlib.import_module("llvmlite.binding")

    digest = hashlib.sha256()
    for name in KERNEL_MODULES + CONSTANT_MODULES:
        digest.update(source_of(name).read_bytes())
    told = (
        numba.__version__,
        platform.machine(),
        binding.get_host_cpu_name(),
        sys.version,
    )
    digest.update(repr((*told, os.environ.get("NUMBA_BOUNDSCHECK", ""))).encode())
    return digest.hexdigest()[:16]


def source_of(name: str) -> Path:
    """The file a module was loaded from."""
    path = importlib.import_module(name).__file__
    if path is None:
        raise ImportError(name)
    return Path(path)


@contextmanager
def stand_in(modules: dict[str, ModuleType]) -> Iterator[None]:
    """Let imports find other modules under the same names, for a while."""
    before = {name: sys.modules[name] for name in modules if name in sys.modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(before)


def compile_kernel(cache_home: Path | None = None) -> CompiledKernel:
    """Load the compiled copy of the kernel; functions compile on first call or load from cache.

    Args:
        cache_home: Folder for compiled code, None: `$XDG_CACHE_HOME/arrears` or `~/.cache/arrears`.

    Returns:
        The compiled form of the fold.
    """
    numba: Untyped = importlib.import_module("numba")

    home = cache_home or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "arrears"
    digest = kernel_digest()
    with _LOCK:
        numba.config.CACHE_DIR = str(home / f"kernel-{digest}")
        jitting = ModuleType(mark.__name__)
        jitting.__dict__["compiled"] = jit_by_name
        copies: dict[str, ModuleType] = {mark.__name__: jitting, tables.__name__: lean_tables()}
        for name in KERNEL_MODULES:
            copies[name] = load_copy(name, copies)
    top = copies["arrears.servicing.fold"]
    book = copies["arrears.servicing.fold_book"]
    return CompiledKernel(
        fold_account=top.fold_account,
        fold_book=book.fold_book,
        offsets_of_movements=book.offsets_of_movements,
        digest=digest,
    )


def lean_tables() -> ModuleType:
    """The module of the tables with `Tables` as the compiled form sees them."""
    copy = ModuleType(tables.__name__)
    copy.__dict__.update(tables.__dict__)
    lean = importlib.import_module("arrears.adapters.compiled_tables")
    copy.__dict__["Tables"] = lean.bundle_tables
    return copy


def jit_by_name(function: Callable[..., Untyped]) -> Untyped:
    """Jit one marked function; only what Python calls gets a wrapper and a place in the cache."""
    numba: Untyped = importlib.import_module("numba")

    if function.__name__ in CALLED_FROM_PYTHON:
        return compile_as_one(numba.njit(cache=True, error_model="numpy", _nrt=False)(function))
    inner = numba.njit(
        error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False
    )
    return take_any_integer(inner(function))


def compile_as_one(dispatcher: Untyped) -> Untyped:
    """Let what Python calls compile into one library with everything below it."""
    library: Untyped = importlib.import_module("arrears.adapters.compiled_library")

    compile_alone = dispatcher.compile

    def compile_with_all_below(argument_types: Untyped) -> Untyped:
        with library.one_library(CALLED_FROM_PYTHON):
            return compile_alone(argument_types)

    dispatcher.compile = compile_with_all_below
    return dispatcher


def take_any_integer(dispatcher: Untyped) -> Untyped:
    """Let a jitted function compile once for integers, not once for every literal it is given."""
    types: Untyped = importlib.import_module("numba.core.types")

    template_of = dispatcher.get_call_template

    def get_call_template(args: Untyped, kws: Untyped) -> Untyped:
        return template_of(tuple(types.unliteral(each) for each in args), kws)

    dispatcher.get_call_template = get_call_template
    return dispatcher


def load_copy(name: str, copies: dict[str, ModuleType]) -> ModuleType:
    """Execute a module's source again, its kernel imports finding the copies made before it."""
    original: Untyped = importlib.import_module(name)
    spec: ModuleSpec = original.__spec__
    copy = ModuleType(name)
    copy.__file__ = original.__file__
    copy.__package__ = original.__package__
    code = compile(source_of(name).read_text(encoding="utf-8"), str(original.__file__), "exec")
    with stand_in({**copies, name: copy}):
        exec(code, copy.__dict__)  # noqa: S102 - our own source, a second time
    copy.__spec__ = spec
    return copy
