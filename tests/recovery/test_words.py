"""Words of a text: what it asks, threatens and reveals is found whatever its sender calls it."""

from __future__ import annotations

import pytest

from arrears.recovery.words import (
    RefusedPhrase,
    asks_for_payment,
    mentions_debt,
    refused_phrases,
    threatens,
)

P = RefusedPhrase


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Borrow from another app and pay us.", P.BORROW_ELSEWHERE),
        ("你可以向其他平台借一笔来还。", P.BORROW_ELSEWHERE),
        ("Ask your parents to help.", P.ASK_RELATIVES),
        ("让你的家人帮你还。", P.ASK_RELATIVES),
        ("You could sell your car.", P.SELL_NECESSITIES),
        ("把手机卖掉也行。", P.SELL_NECESSITIES),
        ("This is your final warning.", P.FALSE_DEADLINE),
        ("限你24小时内处理。", P.FALSE_DEADLINE),
        ("You are hereby notified of case no. 12.", P.COURT_STYLE),
        ("法院传票已寄出，警方将介入。", P.COURT_STYLE),
    ],
)
def test_refused_phrases_are_found(text: str, kind: RefusedPhrase) -> None:
    """Borrowing elsewhere, relatives, necessities, false deadlines, the style of courts; both languages."""
    assert kind in refused_phrases(text)


@pytest.mark.parametrize(
    "text", ["You can talk to a person at any time.", "你随时可以找人工客服。"]
)
def test_a_plain_sentence_says_none_of_it(text: str) -> None:
    """An offer of help is no debt, no request, no threat, and holds no refused phrase."""
    assert not refused_phrases(text)
    assert not any(asked(text) for asked in (mentions_debt, asks_for_payment, threatens))


@pytest.mark.parametrize(
    ("text", "asks", "is_threat"),
    [
        ("Please pay 100.00 by Friday.", True, False),
        ("请于周五前还款 100 元。", True, False),
        ("We will report it, otherwise.", False, True),
        ("将报送征信，否则后果严重。", False, True),
        ("Your instalment of 100.00 is due on Friday.", False, False),
        ("你的一期 100 元将于周五到期。", False, False),
    ],
)
def test_what_asks_or_threatens_is_found(text: str, *, asks: bool, is_threat: bool) -> None:
    """A reminder is neither; a request is one however polite; an announcement of harm is a threat."""
    assert (asks_for_payment(text), threatens(text)) == (asks, is_threat)
