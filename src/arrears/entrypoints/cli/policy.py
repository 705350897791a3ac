"""`arrears policy list | show`: what the law and the lender say, on a date, with its source."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.entrypoints.messages import language_from
from arrears.entrypoints.policy_words import latest, list_lines, show_lines

if TYPE_CHECKING:
    from datetime import date

    from arrears.policy.parameter import Citation, Step
    from arrears.policy.registry import PolicyRegistry, Purpose, Resolved

app = typer.Typer(
    help="What the law and the lender say, on a date, with its source.", no_args_is_help=True
)

Directory = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        envvar="ARREARS_POLICY_DIRECTORY",
        help="The lender's own policy, laid out like the pack.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of words.")]


@app.command("list")
def list_parameters(
    directory: Directory = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List every parameter: its id, its latest value, its status and force."""
    registry = _registry(None, directory)
    if as_json:
        parameters = [_parameter_document(registry, name) for name in registry.ids]
        typer.echo(json.dumps({"parameters": parameters}, ensure_ascii=False, indent=2))
        return
    for line in list_lines(registry, language_from(os.environ)):
        typer.echo(line)


@app.command("show")
def show_parameter(
    parameter_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` prints it.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The day in question.")],
    known_on: Annotated[
        str | None,
        typer.Option(
            "--known-on", metavar="DATE", help="Texts published later are not seen; else as --on."
        ),
    ] = None,
    purpose: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="PURPOSE",
            help="booking, decision, servicing, close or projection; the last three carry a value "
            "past the day its source was read up to, and say so.",
        ),
    ] = "booking",
    directory: Directory = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show the value of one parameter on a day, as known on a day, and where it comes from."""
    from arrears.policy.registry import Purpose  # noqa: PLC0415 - start-up

    day = _date(on, "--on")
    known_day = _date(known_on, "--known-on") if known_on is not None else day
    registry = _registry(parameter_id, directory)
    resolved = registry.resolve(
        parameter_id, on=day, known_on=known_day, purpose=_purpose(purpose, list(Purpose))
    )
    if as_json:
        document = _resolved_document(registry, resolved, on=day, known_on=known_day)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    language = language_from(os.environ)
    for line in show_lines(registry, resolved, language, on=day, known_on=known_day):
        typer.echo(line)


def _registry(parameter_id: str | None, directory: Path | None) -> PolicyRegistry:
    """The one parameter, if there is a file for it; else all, so that a near id can be named."""
    from arrears.bootstrap import policy_registry  # noqa: PLC0415 - start-up
    from arrears.kernel.errors import ArrearsError  # noqa: PLC0415 - start-up

    if parameter_id is None:
        return policy_registry(lender_directory=directory)
    try:
        return policy_registry((parameter_id,), lender_directory=directory)
    except ArrearsError as error:
        if error.code != "policy.unknown":
            raise
        return policy_registry(lender_directory=directory)


def _purpose(word: str, purposes: list[Purpose]) -> Purpose:
    from arrears.kernel.errors import ArrearsError  # noqa: PLC0415 - start-up

    for purpose in purposes:
        if purpose.value == word:
            return purpose
    raise ArrearsError(
        "cli.usage",
        where="arrears policy show, option --for",
        expected=", ".join(purpose.value for purpose in purposes),
        got=repr(word),
    )


def _date(text: str, option: str) -> date:
    from datetime import date  # noqa: PLC0415 - start-up

    from arrears.kernel.errors import ArrearsError  # noqa: PLC0415 - start-up

    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ArrearsError(
            "date.malformed",
            where=f"arrears policy show, option {option}",
            expected="a date such as 2026-07-01",
            got=repr(text),
        )
    return day


def _citation_document(citation: Citation) -> dict[str, object]:
    return {
        "title": citation.title,
        "locator": citation.locator,
        "url": None if citation.url == "none" else citation.url,
        "published_on": citation.published_on.isoformat(),
        "published_is_exact": citation.published_is_exact,
    }


def _step_document(step: Step) -> dict[str, object]:
    return {
        "value": step.value.text,
        "from": step.from_on.isoformat(),
        "from_is_exact": step.from_is_exact,
        "until": step.until_on.isoformat() if step.until_on else None,
        "source": _citation_document(step.citation),
    }


def _parameter_document(registry: PolicyRegistry, parameter_id: str) -> dict[str, object]:
    lowest, _ = latest(registry, parameter_id)
    return {
        "id": lowest.id,
        "meaning": lowest.meaning,
        "type": lowest.type,
        "unit": lowest.unit,
        "anchor": lowest.anchor,
        "level": lowest.level,
        "force": lowest.force,
        "effect": lowest.effect,
        "stricter": lowest.stricter,
        "scope": lowest.scope.as_document(),
        "yields_to": list(lowest.yields_to) or ["none"],
        "values": [_step_document(step) for step in lowest.steps],
        "verified_through": lowest.verified_through.isoformat(),
        "status": lowest.status,
        "note": lowest.note,
    }


def _ratification_document(resolved: Resolved) -> dict[str, str] | None:
    found = resolved.ratification
    if found is None:
        return None
    return {
        "person": found.person,
        "text_read": found.text_read,
        "text_sha256": found.text_sha256,
        "ratified_on": found.ratified_on.isoformat(),
        "expires_on": found.expires_on.isoformat(),
    }


def _resolved_document(
    registry: PolicyRegistry, resolved: Resolved, *, on: date, known_on: date
) -> dict[str, object]:
    parameter = registry.parameter(resolved.parameter_id)
    return {
        "id": resolved.parameter_id,
        "meaning": parameter.meaning,
        "on": on.isoformat(),
        "known_on": known_on.isoformat(),
        "value": resolved.value.text,
        "type": parameter.type,
        "unit": parameter.unit,
        "status": resolved.status,
        "force": resolved.force,
        "level": resolved.level,
        "effect": resolved.effect,
        "assumed": resolved.assumed,
        "needs_ratification": resolved.needs_ratification,
        "ratification": _ratification_document(resolved),
        "from": resolved.from_on.isoformat(),
        "from_is_exact": resolved.from_is_exact,
        "until": resolved.until_on.isoformat() if resolved.until_on else None,
        "source": _citation_document(resolved.citation),
        "scope": resolved.scope.as_document(),
        "anchor": resolved.anchor,
        "yields_to": list(parameter.yields_to) or ["none"],
        "verified_through": parameter.verified_through.isoformat(),
        "note": resolved.note,
    }
