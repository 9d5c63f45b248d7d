"""Times and dates as files write them. Without a format the year comes first: anything else has two readings."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

ReadTime = Callable[[str], datetime]
"""Text to a naive or aware time. Raises ValueError."""

_YEAR_FIRST = re.compile(
    r"([0-9]{4})[-/.年]\s?([0-9]{1,2})[-/.月]\s?([0-9]{1,2})日?"
    r"(?:[T\s]+([0-9]{1,2})[:时点]([0-9]{1,2})分?(?::?([0-9]{1,2})秒?(?:\.[0-9]+)?)?)?\Z"
)
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\s?(?:([0-9]{2})([0-9]{2})([0-9]{2})?)?\Z")
_UNITS = {"unix": 1, "unix_ms": 1000}


def time_reader(form: str | None) -> ReadTime:
    """How times are read: by strptime's format, as seconds or milliseconds since 1970, or year first."""
    if form is None:
        return year_first
    if form in _UNITS:
        unit = _UNITS[form]
        return lambda text: datetime.fromtimestamp(_number(text) / unit, UTC)
    return _by(form)


def year_first(text: str) -> datetime:
    """Read ISO 8601, 2026/1/2 8:05, 2026年1月2日, 20260102 or 20260102080500."""
    if text[4:5] == "-":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    found = _YEAR_FIRST.match(text) or _DIGITS.match(text)
    if found is None:
        raise ValueError(text)
    return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 -- the zone comes later


def in_zone(read: ReadTime, zone: tzinfo) -> ReadTime:
    """The same, aware: what has no offset is in this zone."""

    def aware(text: str) -> datetime:
        found = read(text)
        return found.replace(tzinfo=zone) if found.tzinfo is None else found

    return aware


def _by(form: str) -> ReadTime:
    """Cached, for strptime takes 5 µs. What a spreadsheet keeps as a time comes year first, whatever it shows."""

    @lru_cache(maxsize=65536)
    def read(text: str) -> datetime:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 -- the zone comes later
        except ValueError:
            return year_first(text)

    return read


def _number(text: str) -> float:
    number = float(text)
    if not abs(number) < 1e15:
        raise ValueError(text)
    return number
