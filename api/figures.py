"""How answers write times, numbers and means. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from schemas.times import format_time

_FOUR_DECIMALS = Decimal("0.0001")


def time(moment: datetime | None) -> str | None:
    """RFC 3339 UTC, or null."""
    return None if moment is None else format_time(moment)


def number(value: Decimal) -> int | float:
    """A JSON number, an integer where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def mean(total: Decimal | int, count: Decimal | int) -> Decimal | None:
    """Rounded half-even to 4 decimals; none over nothing."""
    return (Decimal(total) / count).quantize(_FOUR_DECIMALS, ROUND_HALF_EVEN) if count else None


def mean_number(total: Decimal | int, count: Decimal | int) -> int | float | None:
    """A mean, or a share, as a number."""
    found = mean(total, count)
    return None if found is None else number(found)
