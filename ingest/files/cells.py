"""Typed cells (of Excel, of Parquet) as the text that a CSV file would have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType
from typing import Any


def text_of(cell: object) -> str:
    """Whole numbers without a point, others without the dust of binary floats, times as ISO 8601 with a space."""
    return _WRITE.get(type(cell), str)(cell)


def _of_float(number: float) -> str:
    """As many digits as a spreadsheet shows: 15."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return format(Decimal(format(number, ".15g")), "f")


_WRITE: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "",
    str: str,
    bool: lambda cell: "true" if cell else "false",
    float: _of_float,
    Decimal: lambda cell: format(cell, "f"),
    datetime: lambda cell: cell.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
}
