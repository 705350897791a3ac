"""The door of the command line: what comes out of it, whatever happens inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from arrears.entrypoints.cli import main as door
from arrears.entrypoints.cli.main import COMMANDS, run
from arrears.kernel.error_catalogue import CATALOGUE
from arrears.kernel.errors import InvariantError

PROGRAM = "from arrears.entrypoints.cli.main import main; main()"
BUGGY = (
    "import arrears.entrypoints.cli.main as door\ndoor.dispatch = lambda *_: {}['x']\ndoor.main()"
)


def process(program: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program as a process of its own, in English unless told."""
    return subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-c", program, *words],
        env=os.environ | {"ARREARS_LANG": "en"} | variables,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's language, these tests read English."""
    monkeypatch.setenv("ARREARS_LANG", "en")
    monkeypatch.delenv("ARREARS_TRACEBACK", raising=False)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"], ["--json", "--help"]])
def test_help_lists_the_commands(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """However one asks, the table of commands is the answer, in order, each with its line."""
    assert run(words) == 0
    out = capsys.readouterr().out
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    assert shown == [name for name, (module, _) in COMMANDS.items() if find_spec(module)]


def test_help_speaks_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ARREARS_LANG=zh` turns the help."""
    monkeypatch.setenv("ARREARS_LANG", "zh")
    assert run([]) == 0
    assert "[选项]" in capsys.readouterr().out


def test_help_imports_no_command() -> None:
    """The table is shown without Typer, numpy or any command being loaded: start-up stays short."""
    program = (
        "import sys\nfrom arrears.entrypoints.cli.main import run\nrun(['--help'])\n"
        "print(sorted(set(sys.modules) & {'typer', 'numpy', 'numba', 'polars', 'psycopg', 'pydantic'}))\n"
        "print([name for name in sys.modules if name.startswith('arrears.entrypoints.cli.')])"
    )
    lines = process(program).stdout.splitlines()
    assert lines[-2] == "[]"
    assert set(json.loads(lines[-1].replace("'", '"'))) == {
        "arrears.entrypoints.cli.main",
        "arrears.entrypoints.cli.plain",
        "arrears.entrypoints.cli.rendering",
    }


@pytest.mark.parametrize("name", [name for name in COMMANDS if find_spec(COMMANDS[name][0])])
def test_every_command_tells_what_it_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`arrears NAME --help` works for each command that is there, under its own name."""
    assert run([name, "--help"]) == 0
    assert f"arrears {name}" in capsys.readouterr().out


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """`arrears --version` prints one line."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("arrears 0.")


def test_a_near_miss_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped command is answered with the command meant."""
    assert run(["eror"]) == CATALOGUE["cli.unknown_command"].exit_code
    assert "did you mean errors?" in capsys.readouterr().err


def test_json_may_stand_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Before or after the command, --json turns the error into one object."""
    for words in (["--json", "errors", "no.code"], ["errors", "--json", "no.code"]):
        assert run(words) == 2
        assert json.loads(capsys.readouterr().err)["code"] == "cli.unknown_code"


def test_the_catalogue_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """`arrears errors` tells every code once; with --json the same as data."""
    assert run(["errors"]) == 0
    heads = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line[0] != " "]
    assert heads == sorted(CATALOGUE)
    assert run(["errors", "--json"]) == 0
    assert [row["code"] for row in json.loads(capsys.readouterr().out)] == sorted(CATALOGUE)


def test_a_broken_invariant_is_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug says which rule broke, with its facts, and leaves with 70; as JSON its code is "bug"."""

    def broken(*_: object) -> int:
        raise InvariantError("ledger.unbalanced", {"batch": 7})

    monkeypatch.setattr(door, "dispatch", broken)
    assert run(["close"]) == 70
    assert capsys.readouterr().err.startswith("a bug: ledger.unbalanced (batch=7)\n")
    assert run(["close", "--json"]) == 70
    assert json.loads(capsys.readouterr().err)["code"] == "bug"
    monkeypatch.setenv("ARREARS_TRACEBACK", "1")
    with pytest.raises(InvariantError):
        run(["close"])


def test_what_nobody_expected_is_one_message() -> None:
    """An exception that nothing names ends as one message and 70, with no traceback."""
    ended = process(BUGGY)
    assert (ended.returncode, ended.stdout) == (70, "")
    assert ended.stderr.startswith("a bug: KeyError: 'x'\n")
    assert "Traceback" not in ended.stderr
    assert json.loads(process(BUGGY, "--json").stderr)["what"] == "KeyError: 'x'"


def test_whoever_mends_it_may_see_the_traceback() -> None:
    """`ARREARS_TRACEBACK=1` leaves Python's own report in place."""
    assert "Traceback" in process(BUGGY, ARREARS_TRACEBACK="1").stderr


def test_an_interrupt_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends with 130 and says nothing."""

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(door, "dispatch", interrupted)
    assert run(["close"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_leaves_is_no_error() -> None:
    """`arrears errors | head -1`: the pipe closes early, and nothing is said about it."""
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-c", PROGRAM, "errors"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="only Linux has a disk that is always full"
)
def test_a_full_disk_is_the_machines_error() -> None:
    """Output that cannot be written is told as such, with exit code 4."""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(  # noqa: S603 - our own words, no shell
            [sys.executable, "-c", PROGRAM, "errors"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ended.returncode == 4
    assert ended.stderr.startswith(b"cli.machine: ")
    assert ended.stderr.count(b"cli.machine") == 1


@pytest.mark.parametrize(
    ("words", "closed", "code", "told"),
    [("quote", "<&-", 2, "document.not_json: "), ("errors", ">&-", 4, "cli.machine: ")],
)
def test_a_stream_that_was_never_open_is_one_message(
    words: str, closed: str, code: int, told: str
) -> None:
    """A scheduler may start a command without input or output: a message and its code, no bug."""
    ended = subprocess.run(  # noqa: S603 - our own words; the shell closes the stream
        ["/bin/sh", "-c", f'exec "$0" -c "$1" {words} {closed}', sys.executable, PROGRAM],
        env=os.environ | {"ARREARS_LANG": "en"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.startswith(told)


def test_pipes_carry_utf8() -> None:
    """Into a pipe goes UTF-8, even where the locale says otherwise."""
    ended = process(PROGRAM, "--help", ARREARS_LANG="zh", LC_ALL="POSIX", PYTHONIOENCODING="ascii")
    assert "用法" in ended.stdout
