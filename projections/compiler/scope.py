"""The parameters of a compiled statement: every value of a definition reaches the server as one, never as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from projections.database import time_parameter

T = "{at:DateTime64(6, 'UTC')}"
"""The moment a statement is asked about."""
Instant = Callable[[datetime, ZoneInfo], datetime]


@dataclass(slots=True)
class Scope:
    """Collects the parameters while definitions are compiled; the same value of the same type is one parameter."""

    _values: dict[str, object] = field(default_factory=dict)
    _instants: dict[str, Instant] = field(default_factory=dict)
    _names: dict[tuple[str, bytes], str] = field(default_factory=dict)

    def value(self, value: object, kind: str) -> str:
        """The placeholder of a value of a ClickHouse type, as `{v0:String}`; datetimes, lists of them included."""
        key = (kind, orjson.dumps(_plain(value), option=orjson.OPT_PASSTHROUGH_DATETIME))
        name = self._names.setdefault(key, f"v{len(self._names)}")
        self._values[name] = _plain(value)
        return f"{{{name}:{kind}}}"

    def instant(self, name: str, instant: Instant) -> str:
        """The placeholder of a moment that follows from T and the platform's zone; `name` tells it from others."""
        key = ("instant", name.encode())
        parameter = self._names.setdefault(key, f"t{len(self._names)}")
        self._instants[parameter] = instant
        return f"{{{parameter}:DateTime64(6, 'UTC')}}"

    def parameters(self, at: datetime, zone: str) -> Mapping[str, object]:
        """All parameters for a moment, the day it is then among them."""
        there = ZoneInfo(zone)
        moved = {name: time_parameter(instant(at, there)) for name, instant in self._instants.items()}
        today = at.astimezone(there).date()
        return {**self._values, **moved, "today": today.isoformat(), "day": f"{today:%Y%m%d}"}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return time_parameter(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) else str(value)
