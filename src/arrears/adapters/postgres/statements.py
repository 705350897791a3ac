"""SQL in named files: `-- name: x` begins statement x."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import LiteralString


@cache
def statements(file_name: str) -> dict[str, LiteralString]:
    """Every statement of a file by its name; files of the package are as good as literals."""
    text = (files("arrears.adapters.postgres") / "sql" / file_name).read_text(encoding="utf-8")
    found: dict[str, LiteralString] = {}
    for block in text.split("-- name: ")[1:]:
        name, _, body = block.partition("\n")
        found[name.strip()] = body.strip()
    return found
