"""The compiled fold: the same answers as the interpreted one, within bounds, and never a stale one."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from arrears.adapters.compiler import CALLED_FROM_PYTHON, KERNEL_MODULES
from arrears.kernel.compiled import MARKED

ROOT = Path(__file__).resolve().parents[2]

COMPARE = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import fold_million, mix
from arrears.adapters.compiler import compile_kernel
kernel = compile_kernel(Path(sys.argv[2]))
book = mix.make(400, seed=7)
accounts = fold_million.folded(book, kernel, mix.AS_OF)
wrong = [loan for loan in range(400) if fold_million.interpreted(book, loan, mix.AS_OF) != accounts[loan].tolist()]
print(kernel.digest, len(wrong), int(accounts.sum()))
"""

BEYOND = """
book.events[0, mix.c.E_ROW_FIRST] = -1
try:
    fold_million.folded(book, kernel, mix.AS_OF)
except IndexError as error:
    print(error)
"""


def compare(source: Path, cache: Path, *, bounds: bool) -> list[str]:
    """Fold 400 loans both ways in a process of its own: digest, how many differ, a sum of all.

    Where bounds are checked, one loan is then given a row number below the first: what is said of it comes last.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "NUMBA_BOUNDSCHECK": "1" if bounds else "0",
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            COMPARE + (BEYOND if bounds else ""),
            str(ROOT / "bench"),
            str(cache),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_compiled_equals_interpreted_within_bounds(tmp_path: Path) -> None:
    """400 loans of every kind agree with every index checked, and a negative one is refused."""
    told = compare(ROOT / "src", tmp_path / "cache", bounds=True)
    assert told[1] == "0"
    assert told[3:] == ["outside", "the", "table", "rows"]


def test_compiled_equals_interpreted_and_a_changed_source_is_noticed(tmp_path: Path) -> None:
    """400 loans of every kind agree as they are run for a book; after an edit below the fold they still do.

    Numba's cache does not see a change in another file. The second run has another source below it, the same
    cache folder and the same fold: it must answer as its own interpreted form does, not as before.
    """
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src" / "arrears", source / "arrears")
    first = compare(source, tmp_path / "cache", bounds=False)
    assert first[1] == "0"
    below = source / "arrears" / "kernel" / "arithmetic.py"
    text = below.read_text(encoding="utf-8")
    edited = text.replace("return whole + 1 if twice >= denominator else whole", "return whole")
    assert edited != text
    below.write_text(edited, encoding="utf-8")
    second = compare(source, tmp_path / "cache", bounds=False)
    assert second[1] == "0"
    assert second[0] != first[0]
    assert second[2] != first[2]


def test_every_marked_function_is_in_the_compiled_copy() -> None:
    """The list of kernel modules is that of the modules with marked functions."""
    for name in KERNEL_MODULES:
        importlib.import_module(name)
    marked = {name for name in MARKED if name.startswith("arrears.")}
    assert marked == set(KERNEL_MODULES)
    names = [name for module in KERNEL_MODULES for name in MARKED[module]]
    assert set(CALLED_FROM_PYTHON) <= set(names)
