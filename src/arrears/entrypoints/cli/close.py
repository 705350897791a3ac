"""`arrears close`: close business day by day up to a date, resumable, each day once."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.app.running import STUCK_AFTER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.app.closing import Closed
    from arrears.entrypoints.messages import Language

app = typer.Typer(add_completion=False)

EngineName = Annotated[str, typer.Option(help="Who folds: local, or spark for those of a cluster.")]


@app.command()
def close(
    to: Annotated[str, typer.Option(help="The last day to close.")],
    *,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
    interpreted: Annotated[
        bool, typer.Option("--interpreted", help="Do not compile the fold.")
    ] = False,
    processes: Annotated[
        int, typer.Option(help="How many fold at once; 0: as many as there are cores.", min=0)
    ] = 0,
    engine: EngineName = "local",
    stuck_after: Annotated[
        int,
        typer.Option(
            help="Take over from another close that has not moved for so many seconds.", min=1
        ),
    ] = STUCK_AFTER_SECONDS,
) -> None:
    """Close every calendar day after the last closed one, holidays included."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.closing import close_to  # noqa: PLC0415 - start-up
    from arrears.app.owing import assumed_on  # noqa: PLC0415 - start-up
    from arrears.app.watching import Watchers  # noqa: PLC0415 - start-up
    from arrears.entrypoints.cli.progress import ClosingBar  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up

    until = parse_date(to, where="--to")
    language = language_from(os.environ)
    if bootstrap.lacks_exporters():
        sys.stderr.write(message("close.no_exporters", language) + "\n")
    frame = bootstrap.frame(compiled=not interpreted)
    with (
        closing(bootstrap.open_store()) as store,
        bootstrap.engine(store, frame, name=engine, processes=processes) as closer,
        bootstrap.watchers() as told,
        ClosingBar(
            language, bootstrap.stopwatch, is_shown=not json_ and sys.stderr.isatty()
        ) as bar,
    ):
        done = close_to(
            store,
            until,
            frame,
            clock=bootstrap.now,
            engine=closer,
            watcher=Watchers([bar, *told]),
            stuck_after_seconds=stuck_after,
        )
    assumed = assumed_on(frame.snapshot, until) if done.days else ()
    sys.stdout.write(as_json(done, assumed) if json_ else in_words(done, assumed, language))


def as_json(done: Closed, assumed: Sequence[str]) -> str:
    """What was closed, as a program reads it."""
    import json  # noqa: PLC0415 - start-up

    days = [{"day": day.isoformat(), **counts.document()} for day, counts in done.days]
    document = {
        "outcome": outcome_of(done),
        "run_id": done.run_id,
        "days": days,
        "assumed": list(assumed),
    }
    return json.dumps(document, indent=2) + "\n"


def in_words(done: Closed, assumed: Sequence[str], language: Language) -> str:
    """What was closed, a line a day on which something turned."""
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    lines = [
        message("close.day", language, day=day, **counts.document())
        for day, counts in done.days
        if any(counts.document().values())
    ]
    key = f"close.{outcome_of(done)}"
    lines.append(message(key, language, run_id=done.run_id, days=len(done.days)))
    if any(counts.parked for _, counts in done.days):
        lines.append(message("close.parked", language))
    if assumed:
        lines.append(message("close.assumed", language, ids=" ".join(assumed)))
    return "".join(f"{line}\n" for line in lines)


def outcome_of(done: Closed) -> str:
    """The word for it."""
    return "already_closed" if done.already_closed else "closed"
