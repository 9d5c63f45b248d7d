"""JSON numbers that are not money, in their one spelling: 1, 1.0 and 1.00 are the same number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Json = Any
"""Decoded JSON."""

LEAST_INT = -(2**63)
GREATEST_INT = 2**64 - 1


def plain_number(number: int | Decimal) -> int | float | str:
    """Give a number as any JSON reader takes it: a 64-bit integer where it is whole, else the nearest double.

    Integers too long for either are identifiers that some channel did not quote: they stay exact, as text.
    """
    if isinstance(number, int):
        return number if LEAST_INT <= number <= GREATEST_INT else str(number)
    if number.is_zero():
        return 0
    nearest = float(number)
    if not nearest.is_integer():
        return nearest
    return int(nearest) if abs(nearest) < 2**53 and nearest == number else _large(number, nearest)


def plain(value: Json) -> Json:
    """Give decoded JSON with every number plain, so that any JSON writer takes it."""
    kind = type(value)
    if kind is str:
        return value
    if kind is dict:
        return {name: plain(part) for name, part in value.items()}
    if kind is list:
        return [plain(part) for part in value]
    return plain_number(value) if kind is int or kind is Decimal else value


def _large(number: Decimal, nearest: float) -> int | float | str:
    if number != number.to_integral_value():
        return nearest
    if LEAST_INT <= number <= GREATEST_INT:
        return int(number)
    return nearest if Decimal(repr(nearest)) == number else format(number, "f")
