"""Writes `src/arrears/entrypoints/schemas/*.json` from the models; run by `make docs`."""

from __future__ import annotations

import json

from arrears.entrypoints.schema_files import MODELS, path_of, schema_from_model


def page(name: str) -> str:
    """The file of one schema, as it should stand."""
    return json.dumps(schema_from_model(name), ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write every schema anew."""
    for name in MODELS:
        path_of(name).write_text(page(name), encoding="utf-8")


if __name__ == "__main__":
    main()
