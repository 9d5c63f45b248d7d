"""Dead letters: what was refused, why, and its bytes, so that it can be read, mended and replayed.

Several share one record as NDJSON. `message` never repeats a value of the event; `original` is all of it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
import orjson

from schemas.times import format_time, parse_time

MAX_ORIGINAL_BYTES = 4 * 2**20
"""All that one request may have: whatever ingest takes is kept whole."""

Origin = Literal["ingest", "recorder"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One refused event. `topic`, `partition` and `offset` are its record's, None when ingest refused it."""

    code: str
    pointer: str
    message: str
    source: str
    event_id: str | None
    origin: Origin
    index: int
    """Its place in the request, or in the record."""
    received_at: datetime
    """Aware."""
    original: bytes
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    truncated: bool = False
    """Whether `original` is only the beginning; such a letter cannot be replayed as it is."""
    version: str = ""
    """The record's header `v`, as it came; '' for the current version of events."""
    format: str = ""
    """Whose form `original` has: '' a native event, else the channel's that translates it (`ingest.channels`)."""


class _Written(msgspec.Struct):
    """A dead letter as JSON: the original as text, or as base64 where it is not UTF-8."""

    code: str
    pointer: str
    message: str
    source: str
    event_id: str | None
    origin: Origin
    topic: str | None
    partition: int | None
    offset: int | None
    index: int
    received_at: str
    original: str
    encoding: Literal["base64"] | None = None
    truncated: bool = False
    version: str = ""
    format: str = ""


_SMALL = 64 * 1024
"""Originals that are read by people rather than counted by the byte."""
_DECODER = msgspec.json.Decoder(_Written)


def encode(letter: DeadLetter) -> bytes:
    """Write a letter as one line of JSON; of an original only the first MAX_ORIGINAL_BYTES are kept."""
    original, encoding = _readable(letter.original)
    said = {
        "code": letter.code,
        "pointer": letter.pointer,
        "message": letter.message,
        "source": letter.source,
        "event_id": letter.event_id,
        "origin": letter.origin,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "index": letter.index,
        "received_at": format_time(letter.received_at),
        "original": original,
        **encoding,
    }
    if letter.truncated or len(letter.original) > MAX_ORIGINAL_BYTES:
        said["truncated"] = True
    if letter.version:
        said["version"] = letter.version
    if letter.format:
        said["format"] = letter.format
    return orjson.dumps(said)


def decode(line: bytes) -> DeadLetter:
    """Read what `encode` wrote. Raises ValueError (msgspec's errors are) for anything else."""
    said = _DECODER.decode(line)
    return DeadLetter(
        code=said.code,
        pointer=said.pointer,
        message=said.message,
        source=said.source,
        event_id=said.event_id,
        origin=said.origin,
        index=said.index,
        received_at=parse_time(said.received_at).utc,
        original=b64decode(said.original) if said.encoding else said.original.encode(),
        topic=said.topic,
        partition=said.partition,
        offset=said.offset,
        truncated=said.truncated,
        version=said.version,
        format=said.format,
    )


def _readable(original: bytes) -> tuple[str, dict[str, str]]:
    """Text where it is UTF-8, else base64, as also where escapes would make text the longer of the two.

    A cut may fall inside a character: that character goes.
    """
    kept = original[:MAX_ORIGINAL_BYTES]
    try:
        original.decode()
    except UnicodeDecodeError:
        return b64encode(kept).decode(), {"encoding": "base64"}
    text = kept.decode(errors="ignore")
    if 3 * len(orjson.dumps(text)) > 4 * len(kept) + _SMALL:
        return b64encode(text.encode()).decode(), {"encoding": "base64"}
    return text, {}
