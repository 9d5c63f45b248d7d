"""A Kafka record as the steps see it, whatever client fetched it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from projections.progress import Offsets, Range


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `appended_at` is the broker's append time."""

    topic: str
    partition: int
    offset: int
    appended_at: datetime
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes] = field(default_factory=dict)


def by_partition(records: Iterable[Record]) -> dict[tuple[str, int], list[Record]]:
    """The records of each partition, in their order."""
    groups: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        groups.setdefault((record.topic, record.partition), []).append(record)
    return groups


def portions(records: Sequence[Record], most_bytes: int) -> Iterator[list[Record]]:
    """The records in their order, in portions of at most so many bytes (or one record)."""
    portion: list[Record] = []
    size = 0
    for record in records:
        length = len(record.value or b"")
        if portion and size + length > most_bytes:
            yield portion
            portion, size = [], 0
        portion.append(record)
        size += length
    if portion:
        yield portion


def ranges(records: Sequence[Record], events: int, produced: Mapping[tuple[str, int], Offsets]) -> list[Range]:
    """What a stage has done when it has done these records; `events` is counted on the first range."""
    done = [
        Range(
            topic=topic,
            partition=partition,
            first=group[0].offset,
            last=group[-1].offset,
            events=0,
            watermark=group[-1].appended_at,
            produced=produced.get((topic, partition), {}),
        )
        for (topic, partition), group in by_partition(records).items()
    ]
    return [_counting(done[0], events), *done[1:]] if done else []


def _counting(done: Range, events: int) -> Range:
    return Range(done.topic, done.partition, done.first, done.last, events, done.watermark, done.produced)
