"""Questions asked in plain words: options written out, each with its value beside it, nothing else.

Typer understands more (help, `--until=DAY`, a word too many) and takes a tenth of a second to
arrive. Words that are plain mean the same to both, which a test shows; all others are left to it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from arrears.entrypoints.cli.rendering import render_document

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Question -> its options: whether a value follows.
QUESTIONS: dict[str, dict[str, bool]] = {
    "quote": {"--json": False},
    "apr": {"--json": False},
    "balance": {"--json": False, "--explain": False, "--until": True},
}


def plainly(name: str, words: Sequence[str]) -> dict[str, str | bool] | None:
    """A question's options by name; None where the words are for Typer to read.

    Example:
        >>> plainly("balance", ["--until", "2026-05-01", "--explain"])
        {'until': '2026-05-01', 'explain': True}
    """
    options = QUESTIONS.get(name)
    if options is None:
        return None
    found: dict[str, str | bool] = {}
    left = iter(words)
    for word in left:
        if word not in options:
            return None
        value = next(left, "-") if options[word] else ""
        if value.startswith("-"):
            return None
        found[word.removeprefix("--")] = value if options[word] else True
    found.pop("json", None)
    return found


def answer(name: str, **options: str | bool) -> None:
    """Read one document from standard input, put the question, write the answer.

    Raises:
        ArrearsError: whatever the question's function raises.
    """
    from arrears.entrypoints import asking  # noqa: PLC0415 - help does without it
    from arrears.entrypoints.messages import language_from  # noqa: PLC0415 - as above

    text = sys.stdin.read()
    match name:
        case "quote":
            document = asking.quote(text)
        case "apr":
            document = asking.apr(text)
        case _:
            document = asking.balance(
                text,
                language_from(os.environ),
                until=str(options.get("until", "")),
                explain=options.get("explain") is True,
            )
    sys.stdout.write(render_document(document) + "\n")
