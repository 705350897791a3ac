"""`arrears policy list | show`: what the law and the lender say, on a date, with its source."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from arrears.policy.parameter import Citation, Parameter, Step
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

_WIDTH = 96
_LABEL = 13
_ALWAYS_YEAR = 1


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
    for line in _list_lines(registry):
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
    for line in _show_lines(registry, resolved, on=day, known_on=known_day):
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


def _value_words(text: str, unit: str) -> str:
    """A value as a reader says it: 24 % a year."""
    spoken = {
        "percent_per_year": f"{text} % a year",
        "percent_per_day": f"{text} % a day",
        "percent_of_contract_rate": f"{text} % of the contract's rate",
        "times_lpr_1y": f"{text} x the one-year LPR",
        "days_past_due_over": f"{text} (more than so many days past due)",
        "days": f"{text} days",
        "years": f"{text} years",
    }
    return spoken.get(unit, text).replace("..", " to ")


def _day_words(day: date) -> str:
    return "the beginning" if day.year == _ALWAYS_YEAR else day.isoformat()


def _span_words(resolved: Resolved) -> str:
    from_words = f"from {_day_words(resolved.from_on)}"
    if not resolved.from_is_exact:
        from_words += " (the earliest day the source proves)"
    until_words = f"until {resolved.until_on}" if resolved.until_on else "no end known"
    return f"{from_words}, {until_words}"


def _show_lines(
    registry: PolicyRegistry, resolved: Resolved, *, on: date, known_on: date
) -> list[str]:
    parameter = registry.parameter(resolved.parameter_id)
    citation = resolved.citation
    published = f"published {_day_words(citation.published_on)}"
    if not citation.published_is_exact:
        published += " at the latest"
    status = {
        "verified": "verified: the article's own text was read",
        "unverified": "UNVERIFIED: no text that it rests on was read",
    }[resolved.status]
    rows = [
        ("value", _value_words(resolved.value.text, parameter.unit)),
        ("asked for", f"{on}, as known on {known_on}"),
        ("in force", _span_words(resolved)),
        ("status", status),
        ("read up to", parameter.verified_through.isoformat()),
        ("source", citation.title),
        ("", citation.locator),
        ("", citation.url if citation.url != "none" else "no address"),
        ("", published),
        ("force", f"{resolved.force} (set by: {resolved.level}; a {resolved.effect})"),
        ("scope", str(resolved.scope)),
        ("anchor", f"the {resolved.anchor} date of the case selects the value"),
        ("yields to", ", ".join(parameter.yields_to) or "nothing"),
        ("note", resolved.note or "none"),
    ]
    if resolved.assumed:
        rows.insert(1, ("ASSUMED", "carried past the day the source was read up to"))
    if resolved.needs_ratification:
        rows.insert(1, ("RATIFY", "an unverified permission: not relied on until the lender does"))
    return [
        resolved.parameter_id,
        *textwrap.wrap(parameter.meaning, _WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
        *(line for label, text in rows for line in _wrapped(label, text)),
    ]


def _list_lines(registry: PolicyRegistry) -> list[str]:
    width = max(map(len, registry.ids), default=0)
    rows = []
    for name in registry.ids:
        lowest, step = _latest(registry, name)
        words = _value_words(step.value.text, lowest.unit)
        status = lowest.status.value
        rows.append(f"{name:<{width}}  {status:<10}  {lowest.force:<14}  {words}")
    verified = sum(_latest(registry, name)[0].status == "verified" for name in registry.ids)
    return [
        f"{'id':<{width}}  {'status':<10}  {'force':<14}  latest value",
        *rows,
        "",
        f"{len(rows)} parameters, {verified} verified.",
        "One with its source: arrears policy show ID --on DATE",
    ]


def _latest(registry: PolicyRegistry, parameter_id: str) -> tuple[Parameter, Step]:
    """The lowest level of a parameter, and its last step, in force or still to come."""
    lowest, *_ = registry.levels(parameter_id)
    return lowest, lowest.steps[-1]


def _wrapped(label: str, text: str) -> list[str]:
    """A label in its column and a text beside it, wrapped; addresses and dates stay whole."""
    margin = " " * (2 + _LABEL)
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"  {label:<{_LABEL}}",
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


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
    lowest, _ = _latest(registry, parameter_id)
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
        "yields_to": list(lowest.yields_to),
        "values": [_step_document(step) for step in lowest.steps],
        "verified_through": lowest.verified_through.isoformat(),
        "status": lowest.status,
        "note": lowest.note,
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
        "from": resolved.from_on.isoformat(),
        "from_is_exact": resolved.from_is_exact,
        "until": resolved.until_on.isoformat() if resolved.until_on else None,
        "source": _citation_document(resolved.citation),
        "scope": resolved.scope.as_document(),
        "anchor": resolved.anchor,
        "yields_to": list(parameter.yields_to),
        "verified_through": parameter.verified_through.isoformat(),
        "note": resolved.note,
    }
