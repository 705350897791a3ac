"""`arrears rights [PACK]`: what somebody who owes may count on, and how far, in plain words."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arrears.entrypoints.rights import Right

app = typer.Typer(add_completion=False)
PACK = "cn"
Directory = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        envvar="ARREARS_POLICY_DIRECTORY",
        help="The lender's own policy, laid out like the pack.",
    ),
]


@app.command()
def rights(
    pack: Annotated[str, typer.Argument(help="cn, us or uk.")] = PACK,
    *,
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="The day; else the last day of reading.")
    ] = "",
    directory: Directory = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Print each rule in plain words, its force and status beside it: a standard is no statute."""
    from arrears.bootstrap import policy_registry  # noqa: PLC0415 - start-up
    from arrears.entrypoints import rights as asked  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from  # noqa: PLC0415 - start-up
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up
    from arrears.kernel.errors import ArrearsError  # noqa: PLC0415 - start-up

    registry, language = policy_registry(lender_directory=directory), language_from(os.environ)
    packs = asked.packs_of(registry.ids)
    if pack not in packs:
        raise ArrearsError(
            "cli.usage",
            where="arrears rights, argument PACK",
            expected=", ".join(packs),
            got=repr(pack),
        )
    day = (
        parse_date(on, where="arrears rights, option --on") if on else asked.last_reading(registry)
    )
    found = asked.rights_of(registry, pack, language, on=day)
    if json_:
        told = {"pack": pack, "on": day.isoformat(), "rights": [document_of(x) for x in found]}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return
    lines = asked.lines_of(found, pack, language, on=day)
    sys.stdout.write("\n".join(lines) + "\n")


def document_of(right: Right) -> dict[str, object]:
    """A right for a program: the words a reader gets, and the marks as the pack has them."""
    resolved = right.resolved
    return {
        "topic": right.topic,
        "id": right.parameter_id,
        "says": right.says,
        "value": resolved.value.text,
        "unit": resolved.value.unit.value,
        "force": resolved.force.value,
        "status": resolved.status.value,
        "ratified_until": None
        if resolved.ratification is None
        else resolved.ratification.expires_on.isoformat(),
        "needs_ratification": resolved.needs_ratification,
        "source": {
            "title": resolved.citation.title,
            "locator": resolved.citation.locator,
            "url": resolved.citation.url,
        },
    }
