"""Errors and bugs as a reader sees them: one message in words, or one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from arrears.entrypoints.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arrears.entrypoints.messages import Language
    from arrears.kernel.errors import ArrearsError

#: A value as JSON on one line; the encoder is made once.
one_line = json.JSONEncoder(ensure_ascii=False).encode


def render_document(document: Mapping[str, object]) -> str:
    """An answer as JSON that people read too: a field a line, of a list of objects an object a line.

    Each line is written by the encoder in C; one that indents everything takes as long to print
    fifty thousand movements as the fold to find them.

    Returns:
        The text without a final newline.

    Example:
        >>> print(render_document({"rows": [{"seq": 1}, {"seq": 2}], "currency": "CNY"}))
        {
          "rows": [
            {"seq": 1},
            {"seq": 2}
          ],
          "currency": "CNY"
        }
    """
    fields = (f"  {one_line(name)}: {field_text(value)}" for name, value in document.items())
    return "{\n" + ",\n".join(fields) + "\n}"


def field_text(value: object) -> str:
    """The value of a field: on its own line, or an object of a list on each."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return "[\n" + ",\n".join(f"    {one_line(each)}" for each in value) + "\n  ]"
    return one_line(value)


def render_error(error: ArrearsError, language: Language, *, as_json: bool) -> str:
    """An operating error for the terminal, in the reader's language; values as given.

    Args:
        error: What went wrong.
        language: Of the words; as JSON all is English, for programs read it.
        as_json: One JSON object on one line instead of words.

    Returns:
        The text without a final newline.
    """
    if as_json:
        return json.dumps(error.as_document(), ensure_ascii=False)
    from arrears.entrypoints.messages.phrases import told  # noqa: PLC0415 - where nothing fails

    document = told(error, language)
    lines = [message("error.where", language, code=document["code"], where=document["where"])]
    lines += [
        "  " + message("error.what", language, what=document["what"]),
        "  "
        + message("error.expected", language, expected=document["expected"], got=document["got"]),
        "  " + message("error.mend", language, mend=document["mend"]),
    ]
    return "\n".join(lines)


def render_bug(what: str, language: Language, *, as_json: bool) -> str:
    """A bug for the terminal: what broke, and whom to tell; never a traceback.

    Args:
        what: The broken invariant with its facts, or an exception nobody expected.
        language: Of the sentence around it.
        as_json: One JSON object on one line, its `code` "bug".
    """
    mend = message("error.bug_mend", language)
    if as_json:
        return json.dumps({"code": "bug", "what": what, "mend": mend}, ensure_ascii=False)
    told = message("error.bug", language, what=what)
    return f"{told}\n  {message('error.mend', language, mend=mend)}"


def render_help(commands: dict[str, str], language: Language) -> str:
    """What `arrears --help` prints: the commands, one line each.

    Args:
        commands: Name -> message key of its line of help.
        language: Of the lines.
    """
    width = max(map(len, commands), default=0)
    rows = [f"  {name:<{width}}  {message(key, language)}" for name, key in commands.items()]
    return "\n".join(
        [
            message("help.usage", language),
            "",
            message("help.commands", language),
            *rows,
            "",
            message("help.more", language),
            message("help.everywhere", language),
        ]
    )
