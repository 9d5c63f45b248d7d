"""Mended events packed into records as ingest packs them, each saying which letters its events come from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from api.mending import Mended
from projections.log.records import Record
from schemas.bundle import (
    HEADER_LETTERS,
    HEADER_REPLAY,
    HEADER_SOURCE,
    HEADER_VERSION,
    MAX_BUNDLE_BYTES,
    MAX_BUNDLE_EVENTS,
    join,
)

_Destination = tuple[str, str, int]


def bundles(
    mended: Iterable[Mended], topic: str, replay_id: str, partition_for: Callable[[str, bytes], int]
) -> list[Record]:
    """The records: events of one source, version and partition together, in their order."""
    groups: dict[_Destination, list[Mended]] = {}
    for each in mended:
        partition = partition_for(topic, _key(each))
        groups.setdefault((each.event.source, each.version, partition), []).append(each)
    return [
        _record(part, topic, destination, replay_id)
        for destination, group in groups.items()
        for part in _portions(group)
    ]


def _key(each: Mended) -> bytes:
    event = each.event
    return (event.subject or event.thing or event.event_id).encode()


def _portions(group: Sequence[Mended]) -> Iterator[list[Mended]]:
    portion: list[Mended] = []
    size = 0
    for each in group:
        if portion and (len(portion) == MAX_BUNDLE_EVENTS or size + len(each.raw) >= MAX_BUNDLE_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(each)
        size += len(each.raw) + 1
    if portion:
        yield portion


def _record(part: Sequence[Mended], topic: str, destination: _Destination, replay_id: str) -> Record:
    source, version, partition = destination
    headers = (
        (HEADER_SOURCE, source.encode()),
        (HEADER_VERSION, version.encode()),
        (HEADER_REPLAY, replay_id.encode()),
        (HEADER_LETTERS, ",".join(each.letter_id for each in part).encode()),
    )
    return Record(topic, partition, _key(part[0]), join([each.raw for each in part]), headers)
