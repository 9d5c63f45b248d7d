"""Amounts of money: read strictly, kept as Decimal, printed in the currency's minor digits. Never a float."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from schemas.currencies import MINOR_DIGITS
from schemas.errors import InvalidValue

MAX_DECIMALS = 4
MAX_INTEGER_DIGITS = 13
AMOUNT_PATTERN = r"^-?0*[0-9]{1,13}(\.[0-9]{1,4}0*)?$"

_AMOUNT = re.compile(AMOUNT_PATTERN.removesuffix("$") + r"\Z")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")


def parse_amount(value: object) -> Decimal:
    """Read a decimal string or number of at most 13 digits before and 4 after the point.

    Floats are refused: JSON is decoded with decimals, so a float here has already lost what was sent.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, Decimal):
        return _in_range(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _in_range(Decimal(value))
    raise InvalidValue("invalid_money", 'should be an amount, as a decimal string such as "268.00" or a number')


def canonical(amount: Decimal) -> str:
    """Write an amount in its one spelling: no exponent, no trailing zeros, no negative zero."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def format_money(amount: Decimal, currency: str) -> str:
    """Print with the currency's minor digits, more only where non-zero: 268.00 and 12.345 CNY, 100 JPY."""
    whole, _, decimals = canonical(amount).partition(".")
    decimals = decimals.ljust(MINOR_DIGITS.get(currency, 2), "0")
    return f"{whole}.{decimals}" if decimals else whole


def valid_currency(code: str) -> bool:
    """Tell whether this is a currency of ISO 4217."""
    return code in MINOR_DIGITS


@lru_cache(maxsize=8192)
def _from_text(text: str) -> Decimal:
    if _AMOUNT.match(text):
        return Decimal(text)
    if _NUMBER.match(text):
        return _in_range(Decimal(text))
    raise InvalidValue("invalid_money", 'should be a plain decimal such as "268.00": digits, at most one point')


def _in_range(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise InvalidValue("invalid_money", "should be a finite amount")
    if not amount:
        return Decimal(0)
    if amount.adjusted() >= MAX_INTEGER_DIGITS:
        raise InvalidValue("invalid_money", f"should have at most {MAX_INTEGER_DIGITS} digits before the point")
    if _decimals(amount) > MAX_DECIMALS:
        raise InvalidValue("invalid_money", f"should have at most {MAX_DECIMALS} decimals")
    return amount


def _decimals(amount: Decimal) -> int:
    """Count the decimals up to the last that is not zero."""
    _, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or exponent >= 0:
        return 0
    zeros = next(count for count, digit in enumerate(reversed(digits)) if digit)
    return max(0, -exponent - zeros)
