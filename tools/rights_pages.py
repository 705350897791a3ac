"""Write `docs/rights/*.md`, borrowers' rights by pack and language, from the policy data."""

from __future__ import annotations

from pathlib import Path

from arrears.adapters.policy_files import known_ids, load_registry
from arrears.entrypoints.messages import Language
from arrears.entrypoints.rights import last_reading, packs_of, page_of, rights_of

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rights"
SUFFIX = {Language.ENGLISH: ".md", Language.CHINESE: ".zh.md"}


def pages() -> dict[Path, str]:
    """Every page as it should stand, by its place."""
    registry = load_registry()
    on = last_reading(registry)
    return {
        FOLDER / f"{pack}{SUFFIX[language]}": page_of(
            rights_of(registry, pack, language, on=on), pack, language, on=on
        )
        for pack in packs_of(known_ids())
        for language in Language
    }


def main() -> None:
    """Write every page anew."""
    for place, text in pages().items():
        place.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
