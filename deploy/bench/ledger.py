"""When events were current, as the stages' own ledger tells afterwards: to the millisecond, and at no cost meanwhile.

A chunk of the recorder is current when everybody it touched has been folded and evaluated: its output reaches some
offsets of other topics, and the stages that read those note when they had passed them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from projections.database import Database
from projections.progress import PROFILER, RECORDER, RESOLVER, TopicPartition

_ROWS = """
SELECT toString(stage), toString(topic), log_partition, last, events,
       toUnixTimestamp64Milli(watermark) / 1000, toUnixTimestamp64Milli(done_at) / 1000,
       arrayMap(each -> each.1, produced), arrayMap(each -> each.2, produced), arrayMap(each -> each.3, produced)
FROM consumed
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A range of a partition that a stage had done. Moments in Unix seconds."""

    stage: str
    place: TopicPartition
    last: int
    events: int
    """Of the whole chunk or round, on its first range."""
    appended: float
    """When Kafka took its last record."""
    done: float
    produced: Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events that were recorded together."""

    events: int
    first: float
    """Kafka took none of them earlier."""
    last: float
    current: float | None
    """When profiles and memberships had all of them; None: not yet."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Of the profiler: how many, and for how many persons in all."""

    rounds: int
    persons: int


def read_rows(database: Database) -> list[Row]:
    """All that the stages have noted."""
    return [
        Row(stage, (topic, partition), last, events, appended, done, _places(*produced))
        for stage, topic, partition, last, events, appended, done, *produced in database.tuples(_ROWS)
    ]


def chunks(rows: Sequence[Row], followed: Collection[str], began: float) -> list[Chunk]:
    """Those that were recorded since it began, in order; through the topics that lead to profiles."""
    readers = _Readers(rows, followed)
    appended: dict[TopicPartition, float] = {}
    found = []
    recorded = sorted((row for row in rows if row.stage == RECORDER), key=attrgetter("done"))
    for _, group in groupby(recorded, attrgetter("done")):
        chunk = list(group)
        first = min(max(appended.get(row.place, began), began) for row in chunk)
        appended |= {row.place: row.appended for row in chunk}
        if chunk[0].done >= began:
            last = max(row.appended for row in chunk)
            found.append(Chunk(sum(row.events for row in chunk), first, last, readers.current(chunk)))
    return found


def rounds(rows: Iterable[Row], since: float) -> Rounds:
    """How the profiler went on, from some moment on; rounds that were for nobody do not count."""
    persons: dict[float, int] = {}
    for row in rows:
        if row.stage == PROFILER and row.done >= since:
            persons[row.done] = persons.get(row.done, 0) + row.events
    counted = [each for each in persons.values() if each]
    return Rounds(len(counted), sum(counted))


class _Readers:
    """The stages behind the recorder, by what they read."""

    def __init__(self, rows: Iterable[Row], followed: Collection[str]) -> None:
        self._followed = followed
        self._rows: dict[TopicPartition, list[Row]] = {}
        for row in sorted((row for row in rows if row.stage in {RESOLVER, PROFILER}), key=attrgetter("last", "done")):
            self._rows.setdefault(row.place, []).append(row)

    def current(self, ranges: Sequence[Row]) -> float | None:
        """When all that follows from some ranges was done; None when it is not yet."""
        latest = max(row.done for row in ranges)
        wanted = {each for row in ranges for each in row.produced.items() if each[0][0] in self._followed}
        for place, offset in wanted:
            reader = self._first_beyond(place, offset)
            moment = self.current([reader]) if reader else None
            if moment is None:
                return None
            latest = max(latest, moment)
        return latest

    def _first_beyond(self, place: TopicPartition, offset: int) -> Row | None:
        """The range of a partition with which this offset was done."""
        known = self._rows.get(place, [])
        at = bisect_left(known, offset, key=attrgetter("last"))
        return known[at] if at < len(known) else None


def _places(topics: Sequence[str], partitions: Sequence[int], offsets: Sequence[int]) -> dict[TopicPartition, int]:
    return {(topic, partition): offset for topic, partition, offset in zip(topics, partitions, offsets, strict=True)}
