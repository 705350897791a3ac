"""What linters cannot see: sizes, names, float money, numbers of law, reasons for every exception.

Each test is one rule. It looks over the source, counts what breaks the rule by place, and compares
that with the signed exceptions of `allowed.yaml`; too many and too few both fail.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import subprocess
import tokenize
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from arrears.kernel.error_catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "tests", "tools", "bench")
MONEY_ROOMS = {"kernel", "policy", "ledger", "servicing", "delinquency", "hardship"}
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 600
ALLOWED_FIELDS = {"rule", "place", "number", "reason", "who", "when"}
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file of the project."""

    place: str  #: relative to the root, with slashes
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room it lies in, as in "ledger"; empty outside `src`."""
        parts = Path(self.place).parts
        return parts[2].removesuffix(".py") if parts[:2] == ("src", "arrears") else ""

    def walk(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Every node of these kinds."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))


def files(*patterns: str) -> list[Path]:
    """Files of the project by pattern, in order; caches are none of ours."""
    found = {
        path
        for folder in FOLDERS
        for pattern in patterns
        for path in (ROOT / folder).rglob(pattern)
    }
    return sorted(path for path in found if "__pycache__" not in path.parts and path.is_file())


def place_of(path: Path) -> str:
    """A path as the exceptions write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file, parsed once."""
    texts = [(place_of(path), path.read_text(encoding="utf-8")) for path in files("*.py")]
    assert len(texts) > 10, "the tidy tests look at the wrong folder"
    return tuple(Source(place, text, ast.parse(text)) for place, text in texts)


@cache
def exceptions() -> tuple[Mapping[str, object], ...]:
    """What stands in `allowed.yaml`."""
    text = (ROOT / "tests" / "tidy" / "allowed.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text) or ())


def judge(rule: str, found: Mapping[str, int]) -> None:
    """Compare what a rule found, by place, with what is allowed; too little fails as well."""
    permitted = {str(e["place"]): int(str(e["number"])) for e in exceptions() if e["rule"] == rule}
    complaints = [
        f"{place}: {number}, allowed {permitted.get(place, 0)}"
        for place, number in sorted(found.items())
        if number > permitted.get(place, 0)
    ]
    complaints += [
        f"{place}: {found.get(place, 0)}, allowed {number}; write the lower number down"
        for place, number in sorted(permitted.items())
        if number > found.get(place, 0)
    ]
    assert not complaints, f"{rule}:\n  " + "\n  ".join(complaints)


def functions_of(source: Source) -> Iterator[FunctionNode]:
    """Every function and method."""
    for node in source.walk(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, FunctionNode)
        yield node


def comments_of(source: Source) -> Iterator[tuple[int, str]]:
    """Line and text of every comment."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def names_in(node: ast.AST | None) -> set[str]:
    """The last names an expression mentions: `Exception`, and `Exception` of `builtins.Exception`."""
    if node is None:
        return set()
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return found | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


def test_exceptions_are_signed() -> None:
    """Every exception says place, number, reason, who and when, and stands once."""
    for entry in exceptions():
        assert set(entry) == ALLOWED_FIELDS, f"an exception has exactly {sorted(ALLOWED_FIELDS)}"
        assert all(str(value).strip() for value in entry.values()), f"a field is empty: {entry}"
    doubles = Counter((entry["rule"], entry["place"]) for entry in exceptions())
    assert not [key for key, count in doubles.items() if count > 1]


def test_functions_fit_on_a_screen() -> None:
    """No function has more than 70 lines, docstring included."""
    lengths = {
        f"{source.place}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for source in sources()
        for node in functions_of(source)
    }
    judge("function-lines", {k: n for k, n in lengths.items() if n > FUNCTION_LINES_MAX})


def test_modules_have_one_subject() -> None:
    """No module has more than 600 lines."""
    lengths = {source.place: len(source.text.splitlines()) for source in sources()}
    judge("module-lines", {k: n for k, n in lengths.items() if n > MODULE_LINES_MAX})


def test_the_first_line_says_what_lives_there() -> None:
    """Every file opens with a sentence: a docstring, or a comment in SQL, YAML and shell."""
    openings = {".py": '"""', ".sql": "-- ", ".yaml": "# "}
    silent = {
        place_of(path): 1
        for path in files(*(f"*{ending}" for ending in openings))
        if not path.read_text(encoding="utf-8").startswith(openings[path.suffix])
    }
    judge("first-line", silent)


def test_no_float_near_money() -> None:
    """The money rooms have no float: no literal, no `float`, no floating dtype."""
    found: Counter[str] = Counter()
    for source in sources():
        if source.room not in MONEY_ROOMS:
            continue
        for node in source.walk(ast.Constant, ast.Name, ast.Attribute):
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
            named = {getattr(node, "id", ""), getattr(node, "attr", "")}
            if is_float or any(re.fullmatch(r"float(\d+|ing)?_?", name) for name in named):
                found[source.place] += 1
    judge("float", found)


def test_rules_of_law_hold_no_number() -> None:
    """A number of law is a dated parameter: `policy/rules*.py` has no literal but 0 and 1."""
    found: Counter[str] = Counter()
    for source in sources():
        if not re.search(r"/policy/rules[^/]*\.py$", source.place):
            continue
        for node in source.walk(ast.Constant):
            assert isinstance(node, ast.Constant)
            value = node.value
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if is_number and value not in {0, 1}:
                found[source.place] += 1
    judge("number-of-law", found)


def test_names_say_what_a_thing_does() -> None:
    """Nothing is called utils, helpers or manager: such a name says nothing of what lives there."""
    empty = re.compile(r"(?i)(^|_)(utils?|helpers?|manager)(_|$)|(Utils?|Helpers?|Manager)$")
    found: Counter[str] = Counter()
    for source in sources():
        names = [Path(part).stem for part in Path(source.place).parts]
        names += [node.name for node in functions_of(source)]
        names += [n.name for n in source.walk(ast.ClassDef) if isinstance(n, ast.ClassDef)]
        found[source.place] += sum(bool(empty.search(name)) for name in names)
    judge("empty-name", {k: n for k, n in found.items() if n})


def test_nobody_catches_everything() -> None:
    """Catch only what you can name and mend: no bare except, no Exception, no suppress(Exception)."""
    broad = {"Exception", "BaseException"}
    found: Counter[str] = Counter()
    for source in sources():
        for node in source.walk(ast.ExceptHandler, ast.Call):
            if isinstance(node, ast.ExceptHandler):
                found[source.place] += node.type is None or bool(names_in(node.type) & broad)
            elif isinstance(node, ast.Call) and "suppress" in names_in(node.func):
                found[source.place] += any(names_in(argument) & broad for argument in node.args)
    judge("broad-except", {k: n for k, n in found.items() if n})


def undocumented(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    """Public functions and classes without a docstring, methods included, closures not."""
    for node in body:
        if not isinstance(node, FunctionNode | ast.ClassDef) or node.name.startswith("_"):
            continue
        is_overload = any("overload" in names_in(d) for d in node.decorator_list)
        if not is_overload and not ast.get_docstring(node):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{prefix}{node.name}.")


def test_what_is_public_is_explained() -> None:
    """Every public function, method and class of the source has a docstring."""
    found = {
        f"{source.place}:{name}": 1
        for source in sources()
        if source.room or source.place.startswith("tools/")
        for name in undocumented(source.tree.body, "")
    }
    judge("docstring", found)


def test_tests_say_what_they_prove() -> None:
    """Every test has a docstring, for a name is too short for a reason."""
    found = {
        f"{source.place}:{node.name}": 1
        for source in sources()
        if source.place.startswith("tests/")
        for node in functions_of(source)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    }
    judge("test-docstring", found)


def test_silenced_checks_say_why() -> None:
    """Every noqa names its rule, every ignored type its kind, and both give a reason after it."""
    marks = re.compile(r"#\s*(noqa|type:\s*ignore)", re.IGNORECASE)
    told = re.compile(
        r"#\s*(noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w,\s-]+\])\s*(#|-|:)\s*\w"
    )
    found: Counter[str] = Counter()
    for source in sources():
        for _, comment in comments_of(source):
            found[source.place] += bool(marks.search(comment)) and not told.search(comment)
    judge("silent-noqa", {k: n for k, n in found.items() if n})


def gives_reason(call: ast.Call) -> bool:
    """Whether a call that skips a test says why."""
    reasons = [k.value for k in call.keywords if k.arg == "reason"]
    if isinstance(call.func, ast.Attribute) and names_in(call.func) >= {"pytest"}:
        is_mark = "mark" in names_in(call.func)
        reasons += [] if is_mark and call.func.attr == "skipif" else call.args[:1]
    return any(not (isinstance(r, ast.Constant) and not str(r.value).strip()) for r in reasons)


def test_skipped_tests_say_why() -> None:
    """Every skip and xfail gives its reason, as a mark or as a call."""
    found: Counter[str] = Counter()
    for source in sources():
        called = {id(node.func) for node in source.walk(ast.Call) if isinstance(node, ast.Call)}
        for node in source.walk(ast.Call, ast.Attribute):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                skips = node.func.attr in {"skip", "skipif", "xfail"} and "pytest" in names_in(
                    node.func
                )
                found[source.place] += skips and not gives_reason(node)
            elif isinstance(node, ast.Attribute) and id(node) not in called:
                bare = node.attr in {"skip", "xfail"} and names_in(node) >= {"pytest", "mark"}
                found[source.place] += bare
    judge("silent-skip", {k: n for k, n in found.items() if n})


def test_every_room_has_its_page() -> None:
    """Each room that holds anything is described in `docs/rooms`."""
    rooms = {source.room for source in sources() if not source.place.endswith("__init__.py")}
    folders = {room for room in rooms if (ROOT / "src" / "arrears" / room).is_dir() and room}
    pages = ROOT / "docs" / "rooms"
    judge("room-page", {room: 1 for room in folders if not (pages / f"{room}.md").is_file()})


def test_every_error_code_has_a_sample() -> None:
    """How many codes nobody has provoked yet; the number may only fall."""
    samples = {
        path.parent.name for path in (ROOT / "tests" / "errors" / "samples").glob("*/expected")
    }
    lacking = sum(code not in samples for code in CATALOGUE)
    judge("error-without-sample", {"src/arrears/kernel/error_catalogue.py": lacking})


def test_nothing_tells_of_one_machine() -> None:
    """No tracked file names a folder of the machine it was written on."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("only a git checkout knows which files are tracked")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - fixed words
    homes = re.compile(rb"(?<![\w.~-])/(work|root|home|Users)/\w")
    found: Counter[str] = Counter()
    for place in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / place
        if path.is_file():
            found[place] += len(homes.findall(path.read_bytes()))
    judge("machine-path", {k: n for k, n in found.items() if n})
