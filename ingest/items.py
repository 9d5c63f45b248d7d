"""From a body to its events, each as the very bytes that were sent: no number passes through a float."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from msgspec import Raw

from schemas.errors import RequestError

MAX_EVENTS = 5000
NDJSON_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ARRAY = msgspec.json.Decoder(list[Raw])
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u([dD][89a-fA-F]..)|.)", re.DOTALL)


def split(body: bytes, content_type: str) -> list[bytes]:
    """Give the events of a body in order.

    NDJSON goes by its content type: one event a line, blank lines do not count. Anything else is read as JSON:
    one event, an array, or an object whose `events` is an array and that has no `type` (other members are ignored).
    Raises RequestError: unreadable_body if it is none of these or holds no event, too_many_events.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    kind = content_type.partition(";")[0].strip().lower()
    events = _lines(body) if kind in NDJSON_TYPES else _values(body)
    if not events:
        raise RequestError("unreadable_body", "The body holds no event.")
    if len(events) > MAX_EVENTS:
        raise RequestError("too_many_events", f"The request has {len(events)} events; it may have {MAX_EVENTS}.")
    return events


def _lines(body: bytes) -> list[bytes]:
    return [line for line in (each.strip(b" \t\r") for each in body.split(b"\n")) if line]


def _values(body: bytes) -> list[bytes]:
    """Split JSON. Where halves of surrogate pairs are the only fault, one event is bad, not all."""
    try:
        return [bytes(raw) for raw in _parts(body)]
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        mended = without_half_pairs(body)
        if mended == body:
            raise unreadable(error) from None
    try:
        return cut_alike(body, mended, _parts(mended))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise unreadable(error) from None


def _parts(body: bytes) -> list[Raw]:
    text = body.lstrip(b" \t\r\n")
    if text[:1] == b"[":
        return _ARRAY.decode(body)
    members = _OBJECT.decode(body)
    events = members.get("events")
    if events is None or "type" in members or bytes(events)[:1] != b"[":
        return [Raw(body.strip(b" \t\r\n"))]
    return _ARRAY.decode(events)


def without_half_pairs(body: bytes) -> bytes:
    """Put U+FFFD for escaped halves of surrogate pairs: as long as before, and readable."""
    return _ESCAPE.sub(_mended, body)


def _mended(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape[1] else escape[0]


def cut_alike(body: bytes, mended: bytes, parts: Iterable[Raw]) -> list[bytes]:
    """Cut the original where its mended twin of the same length is; an equal text ahead of it is as good."""
    events, start = [], 0
    for part in map(bytes, parts):
        start = mended.index(part, start)
        events.append(body[start : start + len(part)])
        start += len(part)
    return events


def unreadable(error: Exception) -> RequestError:
    """Say why a body cannot be read, whatever the decoder raised."""
    if isinstance(error, RecursionError):
        return RequestError("unreadable_body", "The body is nested far too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return RequestError("unreadable_body", "The body is not UTF-8.")
    if isinstance(error, msgspec.ValidationError):
        return RequestError("unreadable_body", "The body is neither an event nor a list of events.")
    return RequestError("unreadable_body", f"The body is not JSON: {error}. (NDJSON is application/x-ndjson.)")
