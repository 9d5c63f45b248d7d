"""Times: RFC 3339 with an offset in, UTC inside, RFC 3339 `Z` out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from schemas.errors import InvalidValue

_RFC3339 = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ]"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?|(:60(?:\.[0-9]+)?))"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\Z"
)
_NO_OFFSET = timedelta()


class Moment(NamedTuple):
    """An instant, and the offset it was written with."""

    utc: datetime
    """Aware, in UTC, to the microsecond."""
    offset: int
    """Minutes east of UTC."""


def parse_time(text: object) -> Moment:
    """Read RFC 3339; the offset is required. Digits beyond the microsecond are cut off.

    A leap second (:60) is read as the last microsecond before the next minute: it keeps its day.
    """
    match = _RFC3339.match(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidValue("invalid_time", _advice(text))
    try:
        return _moment(match[0], match[1])
    except (ValueError, OverflowError):
        raise InvalidValue("invalid_time", "is a date that does not exist") from None


def format_time(moment: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC; the fraction only where it is not zero."""
    text = moment.astimezone(UTC).isoformat()
    return (text[:-6].rstrip("0") if moment.microsecond else text[:-6]) + "Z"


def _moment(text: str, leap_second: str | None) -> Moment:
    if leap_second:
        text = text.replace(leap_second, ":59.999999", 1)
    written = datetime.fromisoformat(text.upper())
    if written.tzinfo is UTC:
        return Moment(written, 0)
    offset = written.utcoffset() or _NO_OFFSET
    return Moment(written.astimezone(UTC), offset.days * 1440 + offset.seconds // 60)


def _advice(text: object) -> str:
    if not isinstance(text, str):
        return 'should be a time as a string, such as "2026-11-22T08:00:00+08:00"'
    if re.match(r"[0-9-]{10}[Tt ][0-9:.]{8,}\Z", text):
        return "has no offset: end it with Z, or with one such as +08:00"
    return 'should be RFC 3339, such as "2026-11-22T08:00:00+08:00"'
