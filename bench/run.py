"""Runs the benchmarks: prints a table, writes build/bench.json, fails if a bar is not held."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import fold_million
import one_loan
import posting

from arrears.adapters.compiler import compile_kernel


def main() -> int:
    """Run all; 1 if any bar is missed."""
    kernel = compile_kernel()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    rows = fold_million.measure(kernel) + one_loan.measure(kernel) + posting.measure()
    for row in rows:
        mark = "holds " if row["holds"] else "MISSED"
        print(f"{mark}  {row['value']!s:>8}  {row['bar']!s:<36}  {row['name']}")
        print(f"                  {row['detail']}")
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row["holds"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
