"""One sample per error code: what provokes it, and the exact message the reader gets.

A sample is a folder named as the code. `command` holds command lines as one would type them, run in
order in a copy of the folder: the last one fails with the code, those before it succeed. `stdin`
feeds the last one. Where no command can provoke the code, `provoke.py` raises it instead.
`expected` is the message; `ARREARS_WRITE_GOLDENS=1` writes it anew, to be read before it is kept.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arrears.entrypoints.cli.main import run
from arrears.entrypoints.cli.rendering import render_error
from arrears.entrypoints.messages import Language
from arrears.kernel.error_catalogue import CATALOGUE
from arrears.kernel.errors import ArrearsError

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "errors" / "samples"
CODES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
COMMAND_CODES = [code for code in CODES if (SAMPLES / code / "command").is_file()]
#: Also run as a process of their own, for what only a process shows: exit code, streams, no traceback.
PROCESS_CODES = ["cli.unknown_code", "cli.unknown_command", "cli.unknown_language"]


@dataclass(frozen=True)
class Line:
    """One command line: variables set in front of it, and its words after `arrears`."""

    variables: dict[str, str]
    words: list[str]


def lines_of(code: str) -> list[Line]:
    """The command lines of a sample."""
    lines = []
    for text in (SAMPLES / code / "command").read_text(encoding="utf-8").splitlines():
        words = shlex.split(text)
        at = words.index("arrears")
        variables = dict(word.split("=", 1) for word in words[:at])
        lines.append(Line(variables, words[at + 1 :]))
    return lines


def stdin_of(code: str) -> bytes:
    """What the last command of a sample reads."""
    path = SAMPLES / code / "stdin"
    return path.read_bytes() if path.is_file() else b""


def environment(folder: Path, line: Line) -> dict[str, str]:
    """The variables a sample runs under: nothing of the reader's own language or book."""
    foreign = re.compile(r"LANG|LC_.*|ARREARS_.*")
    kept = {name: value for name, value in os.environ.items() if not foreign.fullmatch(name)}
    return kept | {"ARREARS_HOME": str(folder / "home")} | line.variables


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample's folder, and the current directory."""
    copy = tmp_path / "sample"
    shutil.copytree(SAMPLES / request.node.callspec.params["code"], copy)
    monkeypatch.chdir(copy)
    return copy


@pytest.fixture
def in_process(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # noqa: ANN201 - a function
    """Run one command line in this process: (exit code, output, error output)."""

    def call(line: Line, stdin: bytes, extra: Sequence[str] = ()) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for name in set(os.environ) - set(environment(folder, line)):
                patch.delenv(name)
            for name, value in environment(folder, line).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            exit_code = run([*line.words, *extra])
        captured = capsys.readouterr()
        return exit_code, captured.out, captured.err.replace(str(folder), "FOLDER")

    return call


def compare(code: str, told: str) -> None:
    """The message against the one that is kept."""
    path = SAMPLES / code / "expected"
    if os.environ.get("ARREARS_WRITE_GOLDENS"):
        path.write_text(told, encoding="utf-8")
    assert path.is_file(), f"no expected message yet; ARREARS_WRITE_GOLDENS=1 writes it:\n{told}"
    assert told == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", CODES)
def test_a_sample_provokes_a_code_that_exists(code: str) -> None:
    """Each folder is named as a code of the catalogue and has exactly one way to provoke it."""
    assert code in CATALOGUE
    assert (SAMPLES / code / "command").is_file() != (SAMPLES / code / "provoke.py").is_file()


@pytest.mark.parametrize("code", COMMAND_CODES)
def test_the_reader_gets_one_message(code: str, in_process) -> None:  # noqa: ANN001 - see the fixture
    """The command fails with the catalogue's exit code, says what is kept, and prints no answer."""
    *before, last = lines_of(code)
    for line in before:
        assert in_process(line, b"")[0] == 0
    exit_code, out, told = in_process(last, stdin_of(code))
    assert exit_code == CATALOGUE[code].exit_code, told
    assert told.startswith(f"{code}: "), told
    assert out == ""
    compare(code, told)


@pytest.mark.parametrize("code", COMMAND_CODES)
def test_a_program_gets_one_object(code: str, in_process) -> None:  # noqa: ANN001 - see the fixture
    """With --json the same failure is one JSON object on one line, fields as the message tells them."""
    *before, last = lines_of(code)
    for line in before:
        assert in_process(line, b"")[0] == 0
    exit_code, out, told = in_process(last, stdin_of(code), ["--json"])
    document = json.loads(told)
    assert (exit_code, out, told.count("\n")) == (CATALOGUE[code].exit_code, "", 1)
    assert document["code"] == code
    assert set(document) == {"code", "what", "where", "expected", "got", "mend"}
    assert all(value.strip() for value in document.values())


@pytest.mark.parametrize("code", [code for code in CODES if code not in COMMAND_CODES])
def test_what_no_command_provokes_is_raised_where_it_stands(code: str, folder: Path) -> None:
    """The sample's few lines raise the code; its message is the one that is kept."""
    with pytest.raises(ArrearsError) as caught:
        runpy.run_path(str(folder / "provoke.py"))
    assert caught.value.code == code
    told = render_error(caught.value, Language.ENGLISH, as_json=False) + "\n"
    compare(code, told.replace(str(folder), "FOLDER"))


@pytest.mark.parametrize("code", PROCESS_CODES)
def test_a_process_ends_as_told(code: str, folder: Path) -> None:
    """As a process of its own: the same exit code and message, and never a traceback."""
    line = lines_of(code)[-1]
    program = "from arrears.entrypoints.cli.main import main; main()"
    ended = subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-c", program, *line.words],
        input=stdin_of(code),
        env=environment(folder, line),
        capture_output=True,
        check=False,
    )
    told = ended.stderr.decode().replace(str(folder), "FOLDER")
    assert (ended.returncode, ended.stdout) == (CATALOGUE[code].exit_code, b"")
    assert told == (SAMPLES / code / "expected").read_text(encoding="utf-8")
    assert "Traceback" not in told


def test_the_reference_page_is_current() -> None:
    """`docs/reference/errors.md` says what the catalogue and the samples say; `make docs` writes it."""
    spec = importlib.util.spec_from_file_location(
        "error_reference", ROOT / "tools/error_reference.py"
    )
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    kept = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    assert kept == tool.page(), "run make docs"
