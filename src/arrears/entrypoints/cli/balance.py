"""`arrears balance`: what one account owes on a day, and why, from JSON on standard input."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arrears.app.owing import Owing
    from arrears.policy.snapshot import PolicySnapshot

app = typer.Typer(add_completion=False)


def documents_of(now: Owing, snapshot: PolicySnapshot, *, explain: bool) -> dict[str, object]:
    """The answer for one day, with its movements where asked for."""
    from arrears.entrypoints.answering import (  # noqa: PLC0415 - start-up
        movement_documents,
        state_document,
    )
    from arrears.entrypoints.messages import language_from  # noqa: PLC0415 - start-up

    document = state_document(now)
    if explain:
        language = language_from(os.environ)
        document["movements"] = movement_documents(now, snapshot, language)
    return document


@app.command()
def balance(
    *,
    until: Annotated[str, typer.Option(help="Project to this day, step by step.")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Add every movement and why.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Errors as one JSON object.")] = False,
) -> None:
    """Fold an account to a day: per instalment and component due, paid, waived, outstanding."""
    from arrears.app.owing import (  # noqa: PLC0415 - start-up
        AGEING_IDS,
        owing,
        read_account,
        steps_until,
    )
    from arrears.bootstrap import policy_registry  # noqa: PLC0415 - start-up
    from arrears.entrypoints.answering import state_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.reading import calendar_for, read_document  # noqa: PLC0415 - start-up
    from arrears.entrypoints.requests_balance import BalanceRequest  # noqa: PLC0415 - start-up
    from arrears.kernel.dates import parse_date  # noqa: PLC0415 - start-up
    from arrears.policy.snapshot import take_snapshot  # noqa: PLC0415 - start-up
    from arrears.servicing.events import read_instant  # noqa: PLC0415 - start-up
    from arrears.servicing.explanation import PARAMETERS  # noqa: PLC0415 - start-up

    del json_
    request = read_document(sys.stdin.read(), BalanceRequest).model_dump(
        mode="json", exclude_unset=True, exclude_none=True
    )
    calendar = calendar_for(request["contract"]["terms"])
    contract, events = read_account(request["contract"], request["events"], calendar)
    as_of = parse_date(request["as_of"], where="as_of")
    known_at = None
    if "known_at" in request:
        known_at = read_instant(request["known_at"], as_of, where="known_at")
    behind = {each for ids in PARAMETERS.values() for each in ids} if explain else set()
    snapshot = take_snapshot(policy_registry([*AGEING_IDS, *sorted(behind)]))
    now = owing(contract, events, as_of, snapshot, known_at=known_at, posting=0 if explain else -1)
    document = documents_of(now, snapshot, explain=explain)
    if until:
        end = parse_date(until, where="--until")
        if end < as_of:
            raise typer.BadParameter(f"{until} lies before {as_of}", param_hint="--until")
        steps = steps_until(contract, events, as_of, end, snapshot, known_at)
        document["projection"] = [state_document(step) for step in steps]
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
