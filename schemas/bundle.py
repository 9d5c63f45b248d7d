"""Bundles: one Kafka record carries one event, or up to 100 as NDJSON. The names of the record's headers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from schemas.errors import Rejected

MAX_BUNDLE_EVENTS = 100
MAX_BUNDLE_BYTES = 512 * 1024
HEADER_SOURCE = "source"
HEADER_VERSION = "v"
HEADER_REPLAY = "replay"
"""Of a record with replayed events: the id of the replay."""
HEADER_LETTERS = "letters"
"""Beside it, for each of its events in order the id of the dead letter it comes from, with commas between."""
HEADER_TAKEN = "taken"
"""When ingest took up the first of the record's events, RFC 3339; for whoever follows an event's way."""


def split(value: bytes) -> list[bytes]:
    """Give the events of a record's value, in order; blank lines do not count.

    A single event may be printed over many lines: then not every line is an object, and the whole is one.
    """
    lines = [line for line in (each.strip() for each in value.split(b"\n")) if line]
    if len(lines) > 1 and not all(line[0] == _OPEN and line[-1] == _CLOSE for line in lines):
        lines = _as_one(value) or lines
    if len(lines) > MAX_BUNDLE_EVENTS:
        sentence = f"The record carries {len(lines)} events; it may carry {MAX_BUNDLE_EVENTS}."
        raise Rejected("bundle_too_large", "", sentence)
    return lines


def join(events: Sequence[bytes]) -> bytes:
    """Make the value of a record; each event must be `one_line`."""
    return b"\n".join(events)


def one_line(raw: bytes) -> bytes:
    """Take the line breaks out of an event; decimals, order and repetition stay as they are."""
    if b"\n" not in raw and b"\r" not in raw:
        return raw
    try:
        return msgspec.json.format(raw, indent=-1)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("unreadable", "", f"The event is not JSON: {error}.") from None


_OPEN, _CLOSE = b"{}"


def _as_one(value: bytes) -> list[bytes]:
    try:
        return [one_line(value)]
    except Rejected:
        return []
