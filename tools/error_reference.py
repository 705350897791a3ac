"""Write `docs/reference/errors.md` from the catalogue and the samples that provoke each code."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from arrears.kernel.error_catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "errors" / "samples"
PAGE = ROOT / "docs" / "reference" / "errors.md"

HEAD = """\
# Errors

Written by `make docs` from `src/arrears/kernel/error_catalogue.py` and `tests/errors/samples`; each
sample is run by a test, and its message is compared word for word.

An error is one message on standard error, or with `--json` one JSON object with the fields `code`,
`what`, `where`, `expected`, `got` and `mend`. Codes are stable, their texts may be bettered.

| exit code | what it means |
|---|---|
| 0 | done |
| 2 | the input is bad |
| 3 | the state of the book, or the law, refuses it |
| 4 | the machine: a file, a database, a disk |
| 70 | a bug; `ARREARS_TRACEBACK=1` shows where |
| 130 · 141 | interrupted · whoever read the output has gone |
"""


def page() -> str:
    """The whole page, blocks and codes in the order of the alphabet."""
    blocks = [HEAD]
    for block, codes in groupby(sorted(CATALOGUE), key=lambda code: code.partition(".")[0]):
        blocks.append(f"\n## {block}\n")
        blocks.extend(entry_of(code) for code in codes)
    return "".join(blocks)


def entry_of(code: str) -> str:
    """One code: what it means, how to mend it, and the sample where there is one."""
    entry = CATALOGUE[code]
    text = (
        f"\n### {code}\n\n{entry.what} To mend it: {entry.mend}. "
        f"(exit {entry.exit_code} · http {entry.http_status})\n"
    )
    return text + sample_of(code)


def sample_of(code: str) -> str:
    """What provokes the code and what is said then; empty where no sample is kept yet."""
    folder = SAMPLES / code
    if not (folder / "expected").is_file():
        return ""
    shown = []
    if (folder / "command").is_file():
        commands = (folder / "command").read_text(encoding="utf-8").splitlines()
        reads = " < stdin" if (folder / "stdin").is_file() else ""
        shown = [f"$ {line}" for line in commands[:-1]] + [f"$ {commands[-1]}{reads}"]
    told = (folder / "expected").read_text(encoding="utf-8").rstrip("\n")
    return "\n```text\n" + "\n".join([*shown, told]) + "\n```\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
