"""The door of the command line: find the command, run it, and let no traceback out.

Commands are found in a table and imported when they are asked for, so that a command on one
account never waits for what another needs. A command is a module with `app: typer.Typer`.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from arrears.entrypoints.cli.plain import answer, plainly
from arrears.entrypoints.cli.rendering import render_bug, render_error, render_help
from arrears.entrypoints.messages import Language, language_from
from arrears.kernel.errors import ArrearsError, InvariantError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import TypeAlias

    import typer
    from typer.core import TyperCommand, TyperGroup

    #: The command that will run, if any, and the names on the way to it.
    Leaf: TypeAlias = tuple[TyperCommand | TyperGroup | None, list[str]]

#: Name -> (module with `app`, message key of its line of help), in the order a reader meets them.
COMMANDS: dict[str, tuple[str, str]] = {
    "quote": ("arrears.entrypoints.cli.quote", "help.quote"),
    "apr": ("arrears.entrypoints.cli.apr", "help.apr"),
    "balance": ("arrears.entrypoints.cli.balance", "help.balance"),
    "schema": ("arrears.entrypoints.cli.schema", "help.schema"),
    "policy": ("arrears.entrypoints.cli.policy", "help.policy"),
    "rights": ("arrears.entrypoints.cli.rights", "help.rights"),
    "product": ("arrears.entrypoints.cli.product", "help.product"),
    "book": ("arrears.entrypoints.cli.book", "help.book"),
    "post": ("arrears.entrypoints.cli.post", "help.post"),
    "payments": ("arrears.entrypoints.cli.payments", "help.payments"),
    "receive": ("arrears.entrypoints.cli.receive", "help.receive"),
    "receipts": ("arrears.entrypoints.cli.receipts", "help.receipts"),
    "line": ("arrears.entrypoints.cli.line", "help.line"),
    "collect": ("arrears.entrypoints.cli.collect", "help.collect"),
    "refunds": ("arrears.entrypoints.cli.refunds", "help.refunds"),
    "close": ("arrears.entrypoints.cli.close", "help.close"),
    "case": ("arrears.entrypoints.cli.case", "help.case"),
    "runs": ("arrears.entrypoints.cli.runs", "help.runs"),
    "periods": ("arrears.entrypoints.cli.periods", "help.periods"),
    "parked": ("arrears.entrypoints.cli.parked", "help.parked"),
    "export": ("arrears.entrypoints.cli.export", "help.export"),
    "value": ("arrears.entrypoints.cli.value", "help.value"),
    "tape": ("arrears.entrypoints.cli.tape", "help.tape"),
    "audit": ("arrears.entrypoints.cli.audit", "help.audit"),
    "demo": ("arrears.entrypoints.cli.demo", "help.demo"),
    "bench": ("arrears.entrypoints.cli.bench", "help.bench"),
    "errors": ("arrears.entrypoints.cli.errors", "help.errors"),
}

EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    open_streams()
    speak_utf8()
    if not os.environ.get("ARREARS_TRACEBACK"):
        sys.excepthook = last_words
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run one command line, in this process.

    Args:
        words: What stands after `arrears`.

    Returns:
        The exit code: 0 done; 2 bad input, 3 refused by the state of the book, 4 the machine (see
        `CATALOGUE`); 70 a bug; 130 interrupted; 141 whoever read our output has gone.
    """
    language, as_json = Language.ENGLISH, "--json" in words
    try:
        language = language_from(os.environ)
        code = dispatch(list(words), language)
        sys.stdout.flush()
    except ArrearsError as error:
        tell(render_error(error, language, as_json=as_json))
        return error.entry.exit_code
    except InvariantError as error:
        if os.environ.get("ARREARS_TRACEBACK"):
            raise
        tell(render_bug(str(error), language, as_json=as_json))
        return EXIT_BUG
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        close_output()
        return EXIT_PIPE_CLOSED
    except (OSError, UnicodeDecodeError) as error:
        close_output()
        told = machine_error(error)
        tell(render_error(told, language, as_json=as_json))
        return told.entry.exit_code
    return code


def dispatch(words: list[str], language: Language) -> int:
    """Find the command that the first word names, and run it.

    Raises:
        ArrearsError: `cli.unknown_command`, `cli.usage`, and whatever the command raises.
    """
    while words and words[0] == "--json":
        del words[0]
    if not words or words[0] in {"--help", "-h", "help"}:
        known = {name: key for name, (_, key) in COMMANDS.items() if is_installed(name)}
        sys.stdout.write(render_help(known, language) + "\n")
        return 0
    if words[0] == "--version":
        version = import_module("importlib.metadata").version("arrears")
        sys.stdout.write(f"arrears {version}\n")
        return 0
    name, *rest = words
    if name not in COMMANDS or not is_installed(name):
        from difflib import get_close_matches  # noqa: PLC0415 - only whoever mistyped waits for it

        near = get_close_matches(name, [name for name in COMMANDS if is_installed(name)], n=1)
        raise ArrearsError(
            "cli.unknown_command",
            where="command line",
            expected="a command that arrears --help lists",
            got=repr(name),
            mend=f"did you mean {near[0]}?" if near else "",
        )
    return invoke(name, rest)


def is_installed(name: str) -> bool:
    """Whether this installation has the command's module; asks without importing it."""
    return find_spec(COMMANDS[name][0]) is not None


def invoke(name: str, words: list[str]) -> int:
    """Run one command through Typer, its own error pages and exits switched off.

    A question in plain words is answered without Typer.

    Raises:
        ArrearsError: `cli.usage` for words the command does not take.
    """
    options = plainly(name, words)
    if options is not None:
        answer(name, **options)
        return 0
    import typer  # noqa: PLC0415 - help and unknown commands do without it
    from typer.exceptions import TyperException  # noqa: PLC0415 - as above

    app: typer.Typer = import_module(COMMANDS[name][0]).app
    command = cast("TyperCommand | TyperGroup", typer.main.get_command(app))
    leaf, path = leaf_of(command, words)
    if leaf is None:
        words = [*words, "--help"]
    elif not any("--json" in parameter.opts for parameter in leaf.params):
        words = [word for word in words if word != "--json"]
    try:
        with command.make_context(f"arrears {name}", words) as context:
            command.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort:
        return EXIT_INTERRUPTED
    except TyperException as error:
        raise ArrearsError(
            "cli.usage",
            where=" ".join(["arrears", name, *path]),
            expected="the words its --help lists",
            got=error.format_message(),
        ) from None
    return 0


def leaf_of(command: TyperCommand | TyperGroup, words: Sequence[str]) -> Leaf:
    """Follow the words through groups of commands to the one that will run.

    Args:
        command: Of the first word.
        words: What comes after it.

    Returns:
        The command that takes the options, and the names passed on the way; no command where the
        words stop at a group that does nothing of itself.
    """
    from typer.core import TyperGroup  # noqa: PLC0415 - help and unknown commands do without it

    path: list[str] = []
    for word in words:
        if not isinstance(command, TyperGroup):
            break
        if word.startswith("-"):
            continue
        if word not in command.commands:
            return command, path
        command = cast("TyperCommand | TyperGroup", command.commands[word])
        path.append(word)
    stops_at_group = isinstance(command, TyperGroup) and not command.invoke_without_command
    if stops_at_group and "--help" not in words:
        return None, path
    return command, path


def machine_error(error: OSError | UnicodeDecodeError) -> ArrearsError:
    """What the machine or the input's bytes refused, as an error with a code and a way out."""
    if isinstance(error, UnicodeDecodeError):
        return ArrearsError(
            "cli.not_utf8",
            where=f"input, byte {error.start}",
            expected="text in UTF-8",
            got=f"byte 0x{error.object[error.start]:02x}",
        )
    return ArrearsError(
        "cli.machine",
        where=str(error.filename) if error.filename else "input or output",
        expected="a file or stream that can be read or written",
        got=error.strerror or type(error).__name__,
    )


def tell(text: str) -> None:
    """Write a message to standard error; if nobody can read it, there is nobody to tell."""
    with suppress(OSError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def close_output() -> None:
    """Flush the output; if it cannot be written, drop it, so that leaving does not fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def open_streams() -> None:
    """Stand in for streams closed before we began, as some schedulers start a command.

    Input is empty, messages go nowhere; an answer that nobody can take is an error of the machine,
    so output is a stream that refuses to be written.
    """
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - open to the end
            setattr(sys, name, nowhere)


def speak_utf8() -> None:
    """Write UTF-8 into pipes and files; on a terminal its own encoding, with ? for what it lacks."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")


def last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> NoReturn:
    """What nobody expected is a bug: say so in one message and leave; installed as excepthook.

    `ARREARS_TRACEBACK=1` leaves Python's own hook in place, for whoever mends it.
    """
    del trace
    tell(render_bug(f"{kind.__name__}: {error}", Language.ENGLISH, as_json="--json" in sys.argv))
    raise SystemExit(EXIT_BUG)
