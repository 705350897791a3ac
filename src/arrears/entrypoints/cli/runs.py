"""`arrears runs`: which days were closed, how fast, by whom, and how far an open one has come."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arrears.app.run_reports import RunReport
    from arrears.entrypoints.messages import Language

app = typer.Typer(add_completion=False)
LAST = 30
#: In the order in which a range goes through them.
PHASES = ("read", "fold", "write", "reconcile")


@app.command()
def runs(
    run: Annotated[str, typer.Argument(help="A run's id; the last ones where left out.")] = "",
    *,
    last: Annotated[int, typer.Option(help="How many.", min=1)] = LAST,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
) -> None:
    """Tell of runs, the latest first; of one alone, with its phases, attempts and stops."""
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.run_reports import report_runs  # noqa: PLC0415 - start-up
    from arrears.entrypoints.messages import language_from, message  # noqa: PLC0415 - start-up

    with closing(bootstrap.open_store()) as store, store.unit_of_work() as work:
        reports = report_runs(work, run or None, last=last, now=bootstrap.now())
    if json_:
        documents = [each.document() for each in reports]
        sys.stdout.write(json.dumps(documents, ensure_ascii=False, indent=2, default=str) + "\n")
        return
    language = language_from(os.environ)
    if not reports:
        sys.stdout.write(message("runs.none", language) + "\n")
    for report in reports:
        sys.stdout.write(line_of(report, language) + "\n")
        if run:
            sys.stdout.writelines(f"  {line}\n" for line in details_of(report, language))


def line_of(report: RunReport, language: Language) -> str:
    """A run in one line."""
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    told = message(
        f"runs.{report.phase}",
        language,
        run_id=report.run_id,
        done=f"{report.done:,}",
        accounts=f"{report.accounts:,}",
        seconds=report.seconds,
        rate=f"{report.rate:,}",
        parked=report.counts.get("parked", 0),
    )
    if any(each["taken_over_from"] for each in report.attempts):
        told += message("runs.taken_over", language)
    bounds = sorted({each["bound"] for each in report.stops})
    if bounds:
        told += message("runs.stopped_by", language, bounds=" ".join(bounds))
    return told


def details_of(report: RunReport, language: Language) -> Iterator[str]:
    """What else is known of a run, line by line."""
    from arrears.entrypoints.messages import message  # noqa: PLC0415 - start-up

    counts = {**report.counts}
    names = ("entries", "rows", "transitions", "statements", "messages", "parked", "refolded")
    yield message("runs.counts", language, **{name: counts.get(name, 0) for name in names})
    yield message("runs.ranges", language, done=report.ranges_done, ranges=report.ranges)
    for phase in PHASES:
        if phase in report.milliseconds:
            spent = f"{report.milliseconds[phase]:,}"
            yield message(f"runs.phase_{phase}", language, milliseconds=spent)
    for each in report.attempts:
        key = "runs.attempt_taken_over" if each["taken_over_from"] else "runs.attempt"
        yield message(
            key,
            language,
            at=str(each["began_at"])[:19].replace("T", " "),
            process=each["process"] or "-",
            processes=each["processes"],
            engine=each["engine"],
            basis=each["basis"],
            other=each["taken_over_from"],
        )
    for each in report.stops:
        yield message(
            "runs.stop",
            language,
            at=str(each["stopped_at"])[:19].replace("T", " "),
            bound=each["bound"],
            found=each["found"],
        )
