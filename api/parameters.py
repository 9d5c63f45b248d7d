"""Query parameters, read once and the same way everywhere. A bad one is a RequestError that names it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import orjson
from fastapi import Depends, Query

from projections.resolution import FOREVER, AsOf
from schemas.errors import InvalidValue, RequestError
from schemas.positions import Position, merge
from schemas.times import parse_time

MAX_LIMIT = 200
MAX_TIMEOUT = 30.0
# "+08:00" that came unescaped in a query string reads as " 08:00".
_LOST_PLUS = re.compile(r" (\d{2}:\d{2})$")
_LATEST = datetime(2261, 1, 1, tzinfo=UTC)


def read_time(name: str, text: str) -> datetime:
    """An RFC 3339 time with offset."""
    try:
        moment = parse_time(_LOST_PLUS.sub(r"+\1", text)).utc
    except InvalidValue as wrong:
        raise RequestError("bad_parameter", f"{name}: {wrong.message}", f"/query/{name}") from None
    if moment > _LATEST:
        raise RequestError("bad_parameter", f"{name} lies too far ahead.", f"/query/{name}")
    return moment


@dataclass(frozen=True, slots=True)
class Asked:
    """The moment a request asks about."""

    moment: AsOf
    live: bool
    """No `as_of`: what is kept now may answer."""


def asked_moment(
    as_of: Annotated[str | None, Query(description="as of this time (RFC 3339); without it, now")] = None,
    by: Annotated[
        str,
        Query(description="occurred_at: all facts known now that occurred by then; received_at: what was known then"),
    ] = "occurred_at",
) -> Asked:
    """Read `as_of` and `by`."""
    if by not in {"occurred_at", "received_at"}:
        raise RequestError("bad_parameter", "by is occurred_at or received_at.", "/query/by")
    if as_of is None:
        return Asked(AsOf(datetime.now(UTC), kept=True), live=True)
    at = read_time("as_of", as_of)
    return Asked(AsOf(at, at if by == "received_at" else FOREVER), live=False)


@dataclass(frozen=True, slots=True)
class Awaited:
    """What the answer must include, and how long to wait for it."""

    position: Position
    timeout: float


def awaited(
    after: Annotated[list[str] | None, Query(description="positions from ingest that the answer must include")] = None,
    timeout: Annotated[str, Query(description="seconds to wait for them, at most 30")] = "5",
) -> Awaited:
    """Read `after` and `timeout`."""
    try:
        seconds = float(timeout)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MAX_TIMEOUT:
        raise RequestError("bad_parameter", "timeout is a number of seconds from 0 to 30.", "/query/timeout")
    return Awaited(merge(after or []), seconds)


def page_limit(limit: Annotated[str, Query(description="rows of a page, 1 to 200")] = "50") -> int:
    """Read `limit`."""
    if not (limit.isascii() and limit.isdigit() and len(limit) < 6 and 1 <= int(limit) <= MAX_LIMIT):
        raise RequestError("bad_parameter", f"limit is a whole number from 1 to {MAX_LIMIT}.", "/query/limit")
    return int(limit)


def write_cursor(values: Sequence[Any]) -> str:
    """An opaque cursor of the values the last row was sorted by; times as microseconds."""
    plain = [_micros(value) if isinstance(value, datetime) else value for value in values]
    return urlsafe_b64encode(orjson.dumps(plain)).rstrip(b"=").decode()


def read_cursor(cursor: str, shape: type[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The values of a cursor this API gave out. Raises RequestError `bad_cursor` for anything else."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values: tuple[Any, ...] = msgspec.json.decode(text, type=shape)
    except (ValueError, msgspec.MsgspecError):
        raise RequestError("bad_cursor", "This cursor is not one this list gave out.", "/query/cursor") from None
    return values


def _micros(moment: datetime) -> int:
    whole = moment - datetime.fromtimestamp(0, UTC)
    return (whole.days * 86_400 + whole.seconds) * 1_000_000 + whole.microseconds


def from_micros(micros: int) -> datetime:
    """The time a cursor holds. Raises RequestError `bad_cursor` for one that cannot be."""
    try:
        return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    except (ValueError, OverflowError, OSError):
        raise RequestError("bad_cursor", "This cursor is not one this list gave out.", "/query/cursor") from None


AskedMoment = Annotated[Asked, Depends(asked_moment)]
After = Annotated[Awaited, Depends(awaited)]
Limit = Annotated[int, Depends(page_limit)]
Cursor = Annotated[str | None, Query(description="where the last page ended")]
