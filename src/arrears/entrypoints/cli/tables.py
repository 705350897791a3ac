"""Answers as tables for people: words in the reader's language, values as given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.entrypoints.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from arrears.entrypoints.messages import Language


def print_table(
    title: str,
    columns: Mapping[str, str],
    rows: Iterable[Mapping[str, object]],
    language: Language,
    *,
    right: Sequence[str] = (),
) -> None:
    """Print rows under a title; nothing is cut, long values go on in the next line.

    Args:
        title: Above the table, in the reader's words.
        columns: Field of a row -> message key of its heading.
        rows: What is printed; None and empty lists are left blank.
        language: Of the headings.
        right: Fields whose values stand to the right, as amounts do.
    """
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.table import Table  # noqa: PLC0415 - start-up

    table = Table(title=title, title_justify="left")
    for field, heading in columns.items():
        justify = "right" if field in right else "left"
        table.add_column(message(heading, language), justify=justify, overflow="fold")  # type: ignore[arg-type]  # one of rich's own words
    for row in rows:
        table.add_row(*(cell(row.get(field)) for field in columns))
    Console().print(table)


def cell(value: object) -> str:
    """A value as a cell holds it.

    Example:
        >>> cell(["L-1", "L-2"]), cell(None), cell(3)
        ('L-1 L-2', '', '3')
    """
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
