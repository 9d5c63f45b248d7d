"""Durations as definitions write them: 90s, 15m, 24h, 30d, 12w. A day has 24 hours."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from schemas.definitions.limits import MAX_DURATION
from schemas.errors import InvalidValue

DURATION_PATTERN = r"^[0-9]{1,9}[smhdw]$"
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])\Z")
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


def parse_duration(text: object) -> timedelta:
    """Read a duration, which may be zero."""
    match = _DURATION.match(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidValue("invalid_value", 'should be a duration such as "30d": a whole number and s, m, h, d or w')
    duration = int(match[1]) * _UNITS[match[2]]
    if duration > MAX_DURATION:
        raise InvalidValue("invalid_value", f"should be at most ten years ({MAX_DURATION.days}d)")
    return duration


def parse_span(text: object) -> timedelta:
    """Read a duration that is longer than nothing."""
    duration = parse_duration(text)
    if not duration:
        raise InvalidValue("invalid_value", "should be longer than nothing")
    return duration


def format_duration(duration: timedelta) -> str:
    """Write it in the greatest unit, up to days, that leaves it whole."""
    return next(f"{duration // _UNITS[name]}{name}" for name in "dhms" if not duration % _UNITS[name])


Duration = Annotated[
    timedelta,
    PlainValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["30d"]}),
]
Span = Annotated[
    timedelta,
    PlainValidator(parse_span),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["30d"]}),
]
