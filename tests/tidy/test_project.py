"""The frame around the code: pinned versions, explained libraries, links that lead somewhere."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")],
)


def plain(name: str) -> str:
    """A package's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=! ]", name)[0]).lower()


@cache
def project() -> dict[str, list[str]]:
    """The direct dependencies by what they are for."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = document["project"]["optional-dependencies"]
    return {
        "build": document["build-system"]["requires"],
        "run": document["project"]["dependencies"],
        **extras,
    }


@cache
def pinned() -> dict[str, str]:
    """Name -> version, as `constraints.txt` pins them."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs), "a line is NAME==VERSION"
    names = [plain(name) for name, _ in pairs]
    assert len(names) == len(set(names)), "a package is pinned twice"
    return dict(zip(names, (version for _, version in pairs), strict=True))


def environment_tool() -> ModuleType:
    """`tools/environment.py`, loaded."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools/environment.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def test_every_dependency_is_pinned() -> None:
    """What `pyproject.toml` asks for stands in `constraints.txt` with one version."""
    wanted = {plain(name) for names in project().values() for name in names}
    assert not wanted - set(pinned())


def test_pins_bind_a_clone_to_no_index() -> None:
    """Versions alone: no address and no digest, which would tie the project to one host."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|sha256|--hash| @ ", text)


def test_every_dependency_is_explained() -> None:
    """Decision 0002 names each direct dependency."""
    text = (ROOT / "docs" / "decisions" / "0002-libraries.md").read_text(encoding="utf-8").lower()
    unexplained = [
        n
        for group in ("run", "spark", "otel", "dev")
        for n in project()[group]
        if plain(n) not in plain_text(text)
    ]
    assert not unexplained


def plain_text(text: str) -> str:
    """A page with package names spelt as an index compares them."""
    return text.replace("_", "-")


def test_an_old_python_reaches_the_message() -> None:
    """`tools/environment.py` is read by Python 3.7, so that its check can speak at all."""
    text = (ROOT / "tools" / "environment.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 7))
    assert "from __future__" not in text
    top = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "tomllib" not in {alias.name for node in top for alias in node.names}


def test_what_is_missing_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too old a Python, or one without venv, ends in one message with the line for apt."""
    tool = environment_tool()
    monkeypatch.setattr(tool.sys, "argv", ["environment.py", "run"])
    monkeypatch.setattr(tool, "PYTHON_OLDEST", (99, 0))
    with pytest.raises(SystemExit) as old:
        tool.main()
    assert "Python 99.0 or newer" in str(old.value.code)
    assert "apt-get install python3 python3-venv make" in str(old.value.code)
    monkeypatch.setattr(tool, "PYTHON_OLDEST", (3, 11))
    monkeypatch.setattr(
        tool.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name
    )
    with pytest.raises(SystemExit) as bare:
        tool.main()
    assert "without ensurepip" in str(bare.value.code)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("python", ["/bin/false", "no-such-python"])
def test_a_python_that_does_not_run_is_told_by_make(python: str) -> None:
    """One that is absent, and one that is there and broken, end in the line for apt."""
    words = ["make", "--no-print-directory", "python", f"PYTHON={python}"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert told.returncode
    assert f"no Python that runs as {python}" in told.stderr
    assert "apt-get install python3 python3-venv make" in told.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file that is there."""
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert not [target for target in local if not (page.parent / target).exists()]


def test_every_page_is_found_from_the_index() -> None:
    """`docs/index.md` links every other page of the documentation."""
    docs = ROOT / "docs"
    targets = re.findall(r"\]\(([^)#\s]+)", (docs / "index.md").read_text(encoding="utf-8"))
    linked = {(docs / target).resolve() for target in targets}
    pages = set(docs.rglob("*.md")) - {docs / "index.md"}
    assert not sorted(page.relative_to(docs).as_posix() for page in pages - linked)


def test_the_rule_book_names_every_file_of_its_room() -> None:
    """Whoever reads the fold for the first time finds each file in the table of its page."""
    page = (ROOT / "docs" / "rooms" / "servicing.md").read_text(encoding="utf-8")
    files = {path.stem for path in (ROOT / "src/arrears/servicing").glob("*.py")} - {"__init__"}
    assert not files - set(re.findall(r"`([a-z_]+)`", page))


def test_what_is_imported_is_asked_for() -> None:
    """Each library the source imports stands in `pyproject.toml`, not only under another's."""
    known = {
        "yaml": "pyyaml",
        "chinese_calendar": "chinesecalendar",
        "llvmlite": "numba",
        "opentelemetry": "opentelemetry-api",
    }
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    libraries = imported - set(sys.stdlib_module_names) - {"arrears", ""}
    wanted = {plain(known.get(name, name)) for name in libraries}
    assert not wanted - {plain(name) for name in project()["run"] + project()["spark"]}
