"""One command that writes to the book: JSON from standard input, one use case, JSON out."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from arrears.app.ports import Document


def carry_out(
    schema: str,
    use_case: Callable[..., Document],
    key: str,
    default_key: Callable[[Document], str],
) -> None:
    """Read a document, run the use case once under its key, and print the answer.

    Args and errors are those of `answer_of`.
    """
    show(answer_of(schema, use_case, key, default_key))


def answer_of(
    schema: str,
    use_case: Callable[..., Document],
    key: str,
    default_key: Callable[[Document], str],
) -> Document:
    """Read a document and run the use case once under its key.

    Args:
        schema: What standard input must hold; also the command under which keys are kept.
        use_case: Takes (store, command, recorded_at=, frame=).
        key: Idempotency key as given; empty: the default.
        default_key: The key that a document has of itself.

    Raises:
        ArrearsError: of documents, of the store, and of the use case.
    """
    from arrears import bootstrap  # noqa: PLC0415 - start-up
    from arrears.app.booking import Command  # noqa: PLC0415 - start-up
    from arrears.entrypoints.reading import read_fields  # noqa: PLC0415 - start-up

    body = read_fields(sys.stdin.read(), schema)
    command = Command(caller="cli", command=schema, key=key or default_key(body), body=body)
    with closing(bootstrap.open_store()) as store:
        return use_case(
            store, command, recorded_at=bootstrap.now(), frame=bootstrap.frame(compiled=False)
        )


def list_out(listed: Callable[..., Document], **options: bool) -> None:
    """Print what a use case lists.

    Raises:
        ArrearsError: of the store.
    """
    from arrears import bootstrap  # noqa: PLC0415 - start-up

    with closing(bootstrap.open_store()) as store:
        show(listed(store, **options))


def show(answer: Document) -> None:
    """Print an answer as one JSON document."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
