"""How far each stage is, and whether what a position names has arrived everywhere.

Every stage writes one row of `consumed` for each range of a partition it has done, after everything it wrote for it.
`produced` says how far its own output in other topics reaches by then (cumulative), so one can follow a position:
events → recorder → touched → profiler, events → recorder → identity → resolver → touched → profiler, and events →
recorder → dead letters → undertaker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from projections.database import Database

RECORDER = "recorder"
RESOLVER = "resolver"
PROFILER = "profiler"
UNDERTAKER = "undertaker"
GOVERNOR = "governor"

TopicPartition = tuple[str, int]
Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Range:
    """Offsets of one partition a stage has done: first and last, both included."""

    topic: str
    partition: int
    first: int
    last: int
    events: int
    watermark: datetime
    produced: Offsets = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The last offset of a partition a stage has done, and when that record was appended."""

    last: int
    watermark: datetime


_HEADS = """
SELECT toString(stage), toString(topic), log_partition, max(last), max(watermark)
FROM heads GROUP BY stage, topic, log_partition
"""

_PRODUCED_BY = """
SELECT produced FROM consumed
WHERE stage = {stage:String} AND topic = {topic:String} AND log_partition = {partition:UInt16}
  AND last >= {offset:UInt64}
ORDER BY stage, topic, log_partition, last LIMIT 1
"""

_LAST_PRODUCED = """
SELECT produced FROM consumed
WHERE stage = {stage:String} AND topic = {topic:String} AND log_partition = {partition:UInt16}
ORDER BY stage DESC, topic DESC, log_partition DESC, last DESC LIMIT 1
"""


_LATEST_PRODUCED = """
SELECT produced FROM consumed
WHERE stage = {stage:String} AND (stage, topic, log_partition, last) IN (
    SELECT stage, topic, log_partition, max(last) FROM heads
    WHERE stage = {stage:String} GROUP BY stage, topic, log_partition)
"""


def write_ranges(database: Database, stage: str, ranges: Sequence[Range]) -> None:
    """Say that a stage is done with ranges."""
    database.insert(
        "consumed",
        {
            "stage": [stage] * len(ranges),
            "topic": [r.topic for r in ranges],
            "log_partition": [r.partition for r in ranges],
            "first": [r.first for r in ranges],
            "last": [r.last for r in ranges],
            "events": [r.events for r in ranges],
            "watermark": [r.watermark for r in ranges],
            "produced": [[(t, p, o) for (t, p), o in sorted(r.produced.items())] for r in ranges],
        },
    )


def heads(database: Database) -> dict[str, dict[TopicPartition, Head]]:
    """Per stage and partition, how far it is."""
    found: dict[str, dict[TopicPartition, Head]] = {}
    for stage, topic, partition, last, watermark in database.tuples(_HEADS):
        found.setdefault(stage, {})[topic, partition] = Head(last, watermark)
    return found


def last_produced(database: Database, stage: str, topic: str, partition: int) -> dict[TopicPartition, int]:
    """How far a stage's output reached when it last finished a range of this partition; empty before the first."""
    row = database.one(_LAST_PRODUCED, {"stage": stage, "topic": topic, "partition": partition})
    return _offsets(row["produced"]) if row else {}


def produced_by(database: Database, stage: str, place: TopicPartition, offset: int) -> dict[TopicPartition, int] | None:
    """How far a stage's output reached when it had done `offset` of a partition; None when it has not yet."""
    topic, partition = place
    parameters = {"stage": stage, "topic": topic, "partition": partition, "offset": offset}
    row = database.one(_PRODUCED_BY, parameters)
    return _offsets(row["produced"]) if row else None


def latest_produced(database: Database, stage: str) -> dict[TopicPartition, int]:
    """How far a stage's output reaches now."""
    return merge([_offsets(row["produced"]) for row in database.rows(_LATEST_PRODUCED, {"stage": stage})])


def merge(many: Sequence[Offsets]) -> dict[TopicPartition, int]:
    """The greatest offset of each partition."""
    merged: dict[TopicPartition, int] = {}
    for offsets in many:
        for place, offset in offsets.items():
            merged[place] = max(offset, merged.get(place, -1))
    return merged


def _offsets(produced: Sequence[Mapping[str, object] | Sequence[object]]) -> dict[TopicPartition, int]:
    result: dict[TopicPartition, int] = {}
    for item in produced:
        topic, partition, offset = item.values() if isinstance(item, Mapping) else item
        result[str(topic), int(str(partition))] = int(str(offset))
    return result
