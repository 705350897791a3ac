"""What errors say in Chinese: every code, every sentence of the source, and nothing that nobody says."""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path

import pytest
import yaml

from arrears.entrypoints.cli.rendering import render_error
from arrears.entrypoints.messages import Language
from arrears.entrypoints.messages.phrases import PLACE, phrase_of, phrasebook, told, translated
from arrears.kernel.error_catalogue import CATALOGUE
from arrears.kernel.errors import ArrearsError

SOURCE = Path(__file__).resolve().parents[2] / "src" / "arrears"
PAGE = SOURCE / "entrypoints" / "messages" / "errors.zh.yaml"
#: Functions that raise for others: place of the sentence among their arguments.
RAISERS = {"refused": {"expected": 1, "got": 2}, "out_of_bounds": {"expected": 1}}
#: The same in a table of `checks`: (holds, field, expected, got).
CHECKS = {"expected": 2, "got": 3}
#: Sentences of the readers of models, JSON and words, which are not ours, and one put together.
FOREIGN = (
    "a valid ", "greater than or ", "less than or ", "{a} or {b}", "Expecting ", "Extra data",
    "Invalid control ", "Unterminated ", "No such option", "{a}; optional {b}",
)  # fmt: skip
#: Words that no value and no name of a command holds: a sentence is told by halves.
ENGLISH = re.compile(r"\b(?:a|an|the|no|of|one) [a-z]")
#: What stands in for a value.
VALUE = "7"


def words_within(part: ast.expr) -> list[str]:
    """What stands in a value's place where there is no value: {since or 'a disbursement'}."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    return texts_of(value) if isinstance(value, ast.BoolOp | ast.IfExp) else []


def texts_of(node: ast.expr) -> list[str]:
    """Every text an expression may be, values replaced; none where it holds no words of its own."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=values):
            parts = [
                [str(part.value)]
                if isinstance(part, ast.Constant)
                else [VALUE, *words_within(part)]
                for part in values
            ]
            return ["".join(chosen) for chosen in product(*parts)]
        case ast.IfExp(body=body, orelse=other):
            return texts_of(body) + texts_of(other)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [one + other for one, other in product(texts_of(left), texts_of(right))]
        case ast.BoolOp(values=values):
            return [text for value in values for text in texts_of(value)]
        case ast.Dict(values=values):
            return [text for value in values for text in texts_of(value)]
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.GeneratorExp(elt=each)]):
            return texts_of(each)
    return []


def given_in(node: ast.AST, section: str) -> list[ast.expr]:
    """The expressions of a node that become a section of an error."""
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            place = RAISERS.get(getattr(func, "id", ""), {}).get(section, len(args))
            return [word.value for word in keywords if word.arg == section] + args[
                place : place + 1
            ]
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            if name == "checks" and isinstance(value, ast.Tuple):
                return [
                    row.elts[CHECKS[section]] for row in value.elts if isinstance(row, ast.Tuple)
                ]
            is_form = name.lower().rpartition("_")[2] in {"expected", "form"}
            return [value] if section == "expected" and is_form else []
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            pairs = zip(names, values, strict=False)
            return [value for name, value in pairs if getattr(name, "id", "") == section]
    return []


def said(section: str) -> set[str]:
    """Every text of the source that stands as what was expected, or what came instead."""
    return {
        text
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for each in given_in(node, section)
        for text in texts_of(each)
        if any(map(str.isalpha, text))
    }


def test_every_code_is_told_in_chinese() -> None:
    """The catalogue and its Chinese have the same codes; none says nothing."""
    document = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    assert set(document["what"]) == set(CATALOGUE)
    assert {code for code in document["mend"] if " " not in code} == set(CATALOGUE)
    assert all(text.strip() for section in document.values() for text in section.values())


@pytest.mark.parametrize("section", ["expected", "got"])
def test_every_sentence_of_the_source_is_told_in_chinese(section: str) -> None:
    """Whatever an error says it expected or got, in words, has its Chinese."""
    sentences = {text for text in said(section) if " " in text.strip()}
    silent = {
        text
        for text in sentences
        if translated(text, section) == text or ENGLISH.search(translated(text, section))
    }
    assert not silent, f"add to errors.zh.yaml, {section}"


def test_nothing_is_kept_that_nobody_says() -> None:
    """Each phrase is still a sentence of the source, or of the reader of models."""
    document = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    for section in ("expected", "got"):
        texts = said(section)
        for english in document[section]:
            pattern = phrase_of(english, "").pattern
            is_said = any(pattern.fullmatch(text) for text in texts)
            assert is_said or english.startswith(FOREIGN), (section, english)


@pytest.mark.parametrize("section", ["where", "mend", "expected", "got"])
def test_no_value_is_lost(section: str) -> None:
    """A translation has the same places for values as its sentence, each once."""
    document = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    for english, chinese in document[section].items():
        assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(chinese)), english


def test_the_phrase_that_says_more_is_meant() -> None:
    """Of two phrases that fit, the longer is taken, and values come through as they are."""
    book = phrasebook().phrases["expected"]
    assert [phrase.words for phrase in book] == sorted((p.words for p in book), reverse=True)
    assert translated("at most 6 decimals", "expected") == "最多 6 位小数"
    assert translated("at most 100000.00", "expected") == "最多 100000.00"
    assert translated("CNY", "expected") == "CNY"


def test_an_error_reads_as_one_piece() -> None:
    """A whole message in Chinese; to programs the same error stays English."""
    error = ArrearsError(
        "money.malformed", where="terms.principal", got="'12,50'",
        expected="a decimal string with at most 2 decimals",
    )  # fmt: skip
    assert render_error(error, Language.CHINESE, as_json=False) == (
        "money.malformed：terms.principal\n"
        "  说明      这不是金额。\n"
        "  应为      小数文本，最多 2 位小数，实为 '12,50'\n"
        '  处理办法  金额写作文本，例如 "12.30"'
    )
    assert "This is not an amount." in render_error(error, Language.CHINESE, as_json=True)
    assert told(error, Language.ENGLISH) == error.as_document()
