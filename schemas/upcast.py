"""Older versions of the native event, brought to the current one before they are read: one step a version.

The version is the record's `v` header. Steps work on decoded JSON and do not judge: what is odd is left for
the models to refuse with a pointer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from schemas.errors import Rejected
from schemas.numbers import Json

CURRENT_VERSION = 1

Decoded = dict[str, Any]


def upcast(event: Decoded, version: int) -> Decoded:
    """Bring a decoded event of this version to CURRENT_VERSION; the argument is not changed."""
    if version == CURRENT_VERSION:
        return event
    if version not in _STEPS:
        raise Rejected(
            "unknown_version",
            "",
            f"Version {version} of events is not known; the current is {CURRENT_VERSION}.",
        )
    while version < CURRENT_VERSION:
        event = _STEPS[version](event)
        version += 1
    return event


def _from_0(event: Decoded) -> Decoded:
    """Version 0 said `time` and `customer`, and its amounts were binary floats with their dust."""
    renamed = {_RENAMED_IN_1.get(name, name): value for name, value in event.items()}
    data = renamed.get("data")
    return {**renamed, "data": _without_dust(data)} if isinstance(data, dict) else renamed


def _without_dust(data: Decoded) -> Decoded:
    clean = {name: _rounded(value) if name in _AMOUNTS_OF_0 else value for name, value in data.items()}
    lines = clean.get("lines")
    if isinstance(lines, list):
        clean["lines"] = [_without_dust(line) if isinstance(line, dict) else line for line in lines]
    return clean


def _rounded(value: Json) -> Json:
    if isinstance(value, Decimal) and abs(value) < _GREATEST_OF_0:
        return value.quantize(_CENT_OF_CENT)
    return value


_RENAMED_IN_1 = {"time": "occurred_at", "customer": "ids"}
_AMOUNTS_OF_0 = frozenset({"total", "amount", "discount", "shipping", "price"})
_GREATEST_OF_0 = Decimal(10) ** 13
_CENT_OF_CENT = Decimal("0.0001")
_STEPS: Mapping[int, Callable[[Decoded], Decoded]] = MappingProxyType({0: _from_0})
