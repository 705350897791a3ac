"""Amounts and rates as text: what is not plainly a decimal is refused, and nothing is ever dropped."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.kernel.decimals import CHARACTERS_MAX, SHOWN_MAX, read_decimal
from arrears.kernel.errors import ArrearsError
from arrears.kernel.money import (
    AMOUNT_MINOR_MAX,
    EXPONENTS,
    Currency,
    currency_of,
    format_minor,
    parse_minor,
)
from arrears.kernel.rates import (
    PPM,
    RATE_ANNUAL_PPM_MAX,
    format_rate,
    parse_rate,
    parse_rate_ppm,
)
from arrears.servicing.contract import read_contract

CNY = Currency("CNY", 2)
#: Digits of a Chinese keyboard: for Python digits, for us none.
FULLWIDTH = "\uff11\uff12"
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
CURRENCIES = st.sampled_from(sorted(EXPONENTS)).map(lambda code: currency_of(code, where="test"))
#: Texts that look like numbers, and now and then are.
NEARLY = st.text(alphabet="0019.-+eE_ ,'١１²½∞xNaInf", max_size=60)
DECIMALS = st.from_regex(r"-?[0-9]{1,16}(\.[0-9]{1,12})?", fullmatch=True)
NOT_DECIMALS = [
    "1e1000000", "1E5", "1e-2", "NaN", "nan", "sNaN", "Infinity", "-inf", FULLWIDTH, "١٢", "²",
    "+1", " 1", "1 ", "1\n", "1_000", "1,000", "0x1F", "", "-", ".", "1.", ".5", "1.2.3", "--1",
    "1.-5", "9" * (CHARACTERS_MAX + 1), "0." + "0" * 1_000_000,
]  # fmt: skip


def minor_or_code(text: str, currency: Currency) -> int | str:
    """Minor units, or the code of the error."""
    try:
        return parse_minor(text, currency, where="here", negative=True)
    except ArrearsError as error:
        return error.code


@pytest.mark.parametrize("text", NOT_DECIMALS, ids=lambda text: repr(text)[:12])
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    """Exponents, other scripts, signs, spaces, underscores, NaN: one error, and a short one."""
    for parse, code in ((parse_minor, "money.malformed"), (parse_rate_ppm, "rate.malformed")):
        with pytest.raises(ArrearsError) as caught:
            parse(text, *([CNY] if parse is parse_minor else []), where="here")
        assert caught.value.code == code
        assert len(caught.value.got) <= SHOWN_MAX


@pytest.mark.parametrize("given_", [None, 12, 12.5, True, b"12", ["12"]])
def test_only_text_is_a_decimal(given_: object) -> None:
    """A number that came as a number has been through somebody's float: it is refused."""
    assert read_decimal(given_) is None


@given(text=st.one_of(NEARLY, DECIMALS, st.text(max_size=50)), currency=CURRENCIES)
def test_an_amount_is_exactly_its_text_or_refused(text: str, currency: Currency) -> None:
    """Whatever comes, the answer is the text's own value in minor units or a code of money."""
    answer = minor_or_code(text, currency)
    if isinstance(answer, int):
        assert PLAIN.fullmatch(text)
        assert Fraction(text) * 10**currency.exponent == answer
    elif PLAIN.fullmatch(text) and len(text) <= CHARACTERS_MAX:
        scaled = Fraction(text) * 10**currency.exponent
        too_fine, too_big = scaled.denominator != 1, abs(scaled) > AMOUNT_MINOR_MAX
        assert answer == ("money.malformed" if too_fine else "money.absurd")
        assert too_fine or too_big
    else:
        assert answer == "money.malformed"


@given(amount_minor=st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX), currency=CURRENCIES)
def test_an_amount_written_reads_back(amount_minor: int, currency: Currency) -> None:
    """Every amount of every currency: written, then read, it is the same."""
    text = format_minor(amount_minor, currency)
    assert parse_minor(text, currency, where="here", negative=True) == amount_minor


@given(text=st.one_of(NEARLY, DECIMALS, st.from_regex(r"[0-9]\.[0-9]{1,12}", fullmatch=True)))
def test_a_rate_is_exactly_its_text_or_refused(text: str) -> None:
    """A rate is the text's own value, in whole ppm where asked for; anything else is refused."""
    try:
        rate: Fraction | str = parse_rate(text, where="here")
    except ArrearsError as error:
        rate = error.code
    plain = PLAIN.fullmatch(text) is not None and len(text) <= CHARACTERS_MAX
    if not plain or not 0 <= Fraction(text) * PPM <= RATE_ANNUAL_PPM_MAX:
        assert rate == "rate.malformed"
        return
    assert rate == Fraction(text)
    if (Fraction(text) * PPM).denominator == 1:
        assert parse_rate_ppm(text, where="here") == Fraction(text) * PPM
        return
    with pytest.raises(ArrearsError, match="too_fine"):
        parse_rate_ppm(text, where="here")


@given(rate_ppm=st.integers(0, RATE_ANNUAL_PPM_MAX))
def test_a_rate_written_reads_back(rate_ppm: int) -> None:
    """Every rate that may stand in a contract: written, then read, it is the same."""
    assert parse_rate_ppm(format_rate(rate_ppm), where="here") == rate_ppm


@pytest.mark.parametrize(
    ("text", "amount_minor"),
    [("12.37", 1237), ("12.3700000", 1237), ("-0", 0), ("007", 700), ("-0.01", -1)],
)
def test_zeros_that_say_nothing_do_not_count(text: str, amount_minor: int) -> None:
    """Zeros before and after change no amount."""
    assert parse_minor(text, CNY, where="here", negative=True) == amount_minor


def test_below_zero_only_where_it_may_be() -> None:
    """An amount below zero has its own error where none may stand."""
    with pytest.raises(ArrearsError, match=r"money\.negative"):
        parse_minor("-0.01", CNY, where="here")


@pytest.mark.parametrize("daily_rate", ["1e1000000", "-0.0005", "NaN", "0.03", "10"])
def test_a_daily_rate_is_held_to_the_same_bounds(daily_rate: str) -> None:
    """A rate a day is no way around the bound of a rate a year: 1,000 %."""
    terms = {"principal": "100", "disbursed_on": "2026-01-05", "instalments": 2}
    penalty = {"mode": "adds", "daily_rate": daily_rate}
    with pytest.raises(ArrearsError, match=r"rate\.malformed"):
        read_contract({"terms": terms, "penalty": penalty})
