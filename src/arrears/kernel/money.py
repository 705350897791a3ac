"""Money: whole minor units of one currency; text at the edges is a decimal string."""

from __future__ import annotations

from dataclasses import dataclass

from arrears.kernel.decimals import read_decimal, shown
from arrears.kernel.errors import ArrearsError

#: Digits after the point, ISO 4217. A currency that is not here is refused, never guessed.
EXPONENTS: dict[str, int] = {
    "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "CZK": 2, "DKK": 2, "EUR": 2,
    "GBP": 2, "HKD": 2, "IDR": 2, "INR": 2, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "MXN": 2,
    "MYR": 2, "NOK": 2, "NZD": 2, "OMR": 3, "PHP": 2, "PLN": 2, "SEK": 2, "SGD": 2, "THB": 2,
    "TND": 3, "TWD": 2, "USD": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip

#: Above this many minor units an amount is taken for a mistake, and the fold's bounds would not hold.
AMOUNT_MINOR_MAX = 10**13


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and how many decimals its minor unit has (fen: 2, yen: 0, fils: 3)."""

    code: str
    exponent: int


def currency_of(code: str, *, where: str) -> Currency:
    """The currency of an ISO 4217 code.

    Raises:
        ArrearsError: `money.unknown_currency`.
    """
    if code not in EXPONENTS:
        raise ArrearsError(
            "money.unknown_currency", where=where, expected=", ".join(EXPONENTS), got=repr(code)
        )
    return Currency(code, EXPONENTS[code])


def parse_minor(text: str, currency: Currency, *, where: str, negative: bool = False) -> int:
    """Read a decimal string as whole minor units; more decimals than the currency has are refused.

    Args:
        text: Such as "1200.50": digits and a point, nothing scientific; see `read_decimal`.
        currency: Whose exponent applies.
        where: For the message, such as "terms.principal".
        negative: Whether an amount below zero may stand here.

    Returns:
        Minor units, |amount| <= `AMOUNT_MINOR_MAX`.

    Raises:
        ArrearsError: `money.malformed`, `money.negative`, `money.absurd`.

    Example:
        >>> parse_minor("12.37", Currency("CNY", 2), where="amount")
        1237
    """
    expected = f"a decimal string with at most {currency.exponent} decimals"
    written = read_decimal(text)
    if written is None or written[1] > currency.exponent:
        raise ArrearsError("money.malformed", where=where, expected=expected, got=shown(text))
    digits, places = written
    amount_minor: int = digits * 10 ** (currency.exponent - places)
    if abs(amount_minor) > AMOUNT_MINOR_MAX:
        most = format_minor(AMOUNT_MINOR_MAX, currency)
        raise ArrearsError("money.absurd", where=where, expected=f"at most {most}", got=repr(text))
    if amount_minor < 0 and not negative:
        raise ArrearsError("money.negative", where=where, expected="0 or more", got=repr(text))
    return amount_minor


def format_minor(amount_minor: int, currency: Currency) -> str:
    """Write minor units as a decimal string with exactly the currency's decimals.

    Example:
        >>> format_minor(-5, Currency("CNY", 2))
        '-0.05'
    """
    if currency.exponent == 0:
        return str(amount_minor)
    whole, part = divmod(abs(amount_minor), 10**currency.exponent)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole}.{part:0{currency.exponent}d}"
