"""Looking for an event in what the stages have not read yet: it was acknowledged, so it lies in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.stages import Standing, Topics
from projections.log.consumer import Lying
from projections.progress import RECORDER, UNDERTAKER, TopicPartition
from schemas.bundle import HEADER_SOURCE, HEADER_TAKEN, split
from schemas.dead_letter import DeadLetter, decode
from schemas.decoding import event_id_of
from schemas.errors import InvalidValue, Rejected
from schemas.times import parse_time

Spans = Mapping[TopicPartition, tuple[int, int]]
_SECONDS = 5.0
_BYTES = 64 * 2**20


class Ends(Protocol):
    """Who knows how far the log reaches."""

    def begin_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The offset of each partition's first record."""
        ...

    def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The offset each partition's next record will have."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event in the log that is not recorded yet, and how many records of its partition are before it."""

    partition: int
    offset: int
    index: int
    appended_at: datetime
    taken_at: datetime | None
    ahead: int


@dataclass(frozen=True, slots=True)
class Unread:
    """The log beyond the stages' heads, as far as it can be read in some seconds."""

    ends: Ends
    topics: Topics
    read: Callable[[Spans, float, int], Iterator[Lying]]

    def event(self, standing: Standing, source: str, event_id: str) -> Waiting | None:
        """Where an event waits for the recorder. Blocks. Raises Unavailable."""
        spans = self._beyond(standing, RECORDER, self.topics.events)
        for record in self.read(spans, _SECONDS, _BYTES):
            if record.headers.get(HEADER_SOURCE, b"").decode("utf-8", "replace") == source:
                index = _index_of(record.value, event_id)
                if index is not None:
                    ahead = record.offset - spans[record.topic, record.partition][0]
                    return Waiting(record.partition, record.offset, index, record.appended_at, taken_at(record), ahead)
        return None

    def letter(self, standing: Standing, source: str, event_id: str) -> DeadLetter | None:
        """A dead letter of an event that waits for the undertaker. Blocks. Raises Unavailable."""
        spans = self._beyond(standing, UNDERTAKER, self.topics.dead_letters)
        letters = (decode(line) for record in self.read(spans, _SECONDS, _BYTES) for line in record.value.splitlines())
        return next((each for each in letters if (each.source, each.event_id) == (source, event_id)), None)

    def taken_at(self, place: TopicPartition, offset: int) -> datetime | None:
        """When ingest took up the events of a record; None when a channel wrote it, or it cannot be read now."""
        found = next(self.read({place: (offset, offset + 1)}, _SECONDS, _BYTES), None)
        return taken_at(found) if found else None

    def _beyond(self, standing: Standing, stage: str, topic: str) -> Spans:
        heads = standing.stages.get(stage, {})
        begins = self.ends.begin_offsets([topic])
        return {
            place: (heads[place].last + 1 if place in heads else begins.get(place, 0), end)
            for place, end in self.ends.end_offsets([topic]).items()
        }


def taken_at(record: Lying) -> datetime | None:
    """What ingest wrote beside the events."""
    try:
        return parse_time(record.headers.get(HEADER_TAKEN, b"").decode("ascii", "replace")).utc
    except InvalidValue:
        return None


def _index_of(value: bytes, event_id: str) -> int | None:
    try:
        lines = split(value)
    except Rejected:
        return None
    return next((index for index, line in enumerate(lines) if event_id_of(line) == event_id), None)
