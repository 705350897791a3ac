"""The sentences of the product: both languages say the same things, and somebody asks for each."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
import yaml

from arrears.entrypoints.messages import Language, language_from, message, messages_of
from arrears.kernel.errors import ArrearsError, InvariantError

SOURCE = Path(__file__).resolve().parents[2] / "src" / "arrears"


def fields_of(sentence: str) -> set[str]:
    """The names in a sentence's braces."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def words_of_the_code() -> tuple[set[str], set[str]]:
    """Every literal text of the source, and how every f-string begins."""
    literals, beginnings = set(), set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(node.values[0].value)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
    return literals, {begin for begin in beginnings if "." in begin}


def test_neither_language_lacks_a_message() -> None:
    """English and Chinese have the same keys, in the same order, and no empty sentence."""
    english, chinese = messages_of(Language.ENGLISH), messages_of(Language.CHINESE)
    assert list(english) == list(chinese)
    assert all(text.strip() for text in [*english.values(), *chinese.values()])


@pytest.mark.parametrize("key", sorted(messages_of(Language.ENGLISH)))
def test_neither_language_lacks_a_field(key: str) -> None:
    """What one language tells of a case (an amount, a date), the other tells too."""
    english, chinese = messages_of(Language.ENGLISH)[key], messages_of(Language.CHINESE)[key]
    assert fields_of(english) == fields_of(chinese)
    assert "" not in fields_of(english), "a field needs a name"


def test_no_key_stands_twice() -> None:
    """YAML keeps the last of two equal keys in silence; here that is an error."""
    for language in Language:
        path = SOURCE / "entrypoints" / "messages" / f"{language.value}.yaml"
        node = yaml.compose(path.read_text(encoding="utf-8"))
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)


def test_somebody_asks_for_every_message() -> None:
    """A key stands in the code as a literal, or begins as one of its f-strings does."""
    literals, beginnings = words_of_the_code()
    unused = [
        key
        for key in messages_of(Language.ENGLISH)
        if key not in literals and not any(key.startswith(begin) for begin in beginnings)
    ]
    assert not unused


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.ENGLISH),
        ({"LANG": "zh_CN.UTF-8"}, Language.CHINESE),
        ({"LANG": "fr_FR.UTF-8"}, Language.ENGLISH),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, Language.ENGLISH),
        ({"ARREARS_LANG": "zh", "LANG": "en_GB.UTF-8"}, Language.CHINESE),
        ({"ARREARS_LANG": "EN", "LANG": "zh_CN.UTF-8"}, Language.ENGLISH),
        ({"ARREARS_LANG": "", "LANG": "zh_TW"}, Language.CHINESE),
    ],
)
def test_the_language_is_asked_for_or_the_locales(
    environment: dict[str, str], language: Language
) -> None:
    """`ARREARS_LANG` first, then the locale in the order of POSIX, then English."""
    assert language_from(environment) is language


def test_a_language_we_do_not_speak_is_refused() -> None:
    """Asked for by name, an unknown language is an error and not silently English."""
    with pytest.raises(ArrearsError) as caught:
        language_from({"ARREARS_LANG": "fr"})
    assert caught.value.code == "cli.unknown_language"


def test_an_unknown_key_is_a_bug() -> None:
    """Asking for a sentence nobody wrote stops, for the reader would get nothing."""
    with pytest.raises(InvariantError):
        message("no.such_key", Language.ENGLISH)


def test_a_sentence_takes_its_fields() -> None:
    """Fields are filled in as given, in either language."""
    assert message("error.mend", Language.CHINESE, mend="重试") == "处理办法  重试"
