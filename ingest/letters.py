"""Refused events on their way to the dead letters: kept with their bytes, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ingest.admission import Refused
from projections.log.records import Record
from schemas.dead_letter import DeadLetter, encode

MAX_RECORD_BYTES = 512 * 1024


def letter_records(topic: str, source: str, refused: Sequence[Refused], received_at: datetime) -> list[Record]:
    """Write refused events as records of one or more lines, keyed by source."""
    lines = (encode(_letter(each, source, received_at)) for each in refused)
    return [Record(topic, None, source.encode(), b"\n".join(chunk)) for chunk in _chunks(lines)]


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Gather lines up to MAX_RECORD_BYTES; a longer line stands alone."""
    chunk: list[bytes] = []
    size = 0
    for line in lines:
        if chunk and size + len(line) > MAX_RECORD_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line) + 1
    if chunk:
        yield chunk


def _letter(refused: Refused, source: str, received_at: datetime) -> DeadLetter:
    why = refused.why
    return DeadLetter(
        code=why.code,
        pointer=why.pointer,
        message=why.message,
        source=source,
        event_id=why.event_id,
        origin="ingest",
        index=refused.index,
        received_at=received_at,
        original=refused.raw,
        format=refused.format,
    )
