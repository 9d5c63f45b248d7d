"""A ledger of stages that tests write themselves, and the ends of a log that does not exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.stages import Standing, Topics
from projections.log.admin import Readers
from projections.log.peek import Peeked
from projections.progress import Head, TopicPartition
from schemas.errors import Unavailable

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOPICS = Topics("events", "identity", "touched", "letters", "control")


@dataclass
class Ledger:
    """Stands for `Stages`."""

    heads: dict[str, dict[TopicPartition, Head]] = field(default_factory=dict)
    outputs: dict[tuple[TopicPartition, int], dict[TopicPartition, int]] = field(default_factory=dict)
    latest: dict[str, dict[TopicPartition, int]] = field(default_factory=dict)
    built: set[int] = field(default_factory=set)
    away: bool = False
    asked: int = 0
    topics: Topics = TOPICS

    def done(self, stage: str, topic: str, partition: int, last: int, at: datetime = NOW) -> None:
        """A stage is through with a partition up to an offset."""
        self.heads.setdefault(stage, {})[topic, partition] = Head(last, at)

    async def standing(self) -> Standing:
        self.asked += 1
        if self.away:
            raise Unavailable("clickhouse", "gone")
        return Standing({stage: dict(heads) for stage, heads in self.heads.items()})

    async def produced(self, stage: str, place: TopicPartition, offset: int) -> Mapping[TopicPartition, int] | None:
        return self.outputs.get((place, offset))

    async def is_building(self, version: int) -> bool:
        return any(each <= version for each in self.built)

    async def latest_produced(self, stage: str) -> Mapping[TopicPartition, int]:
        return self.latest.get(stage, {})


@dataclass
class Log:
    """The ends of topics, what a group committed, who reads, and when records were appended."""

    ends: dict[TopicPartition, int] = field(default_factory=dict)
    committed_offsets: dict[TopicPartition, int] = field(default_factory=dict)
    members: tuple[str, ...] = ("worker",)
    assigned: frozenset[TopicPartition] | None = None
    begins: dict[TopicPartition, int] = field(default_factory=dict)
    kept: dict[str, float] = field(default_factory=dict)
    appended: dict[tuple[TopicPartition, int], datetime] = field(default_factory=dict)
    read: list[dict[TopicPartition, int]] = field(default_factory=list)
    away: bool = False

    def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        if self.away:
            raise Unavailable("kafka", "gone")
        return {place: end for place, end in self.ends.items() if place[0] in topics}

    def committed(self, group: str) -> dict[TopicPartition, int]:
        return dict(self.committed_offsets)

    def begin_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        return {place: self.begins.get(place, 0) for place in self.ends if place[0] in topics}

    def readers(self, group: str) -> Readers:
        return Readers(list(self.members), frozenset(self.ends if self.assigned is None else self.assigned))

    def retention(self, topics: Sequence[str]) -> dict[str, float | None]:
        return {topic: self.kept.get(topic) for topic in topics}

    def first(self, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, Peeked]:
        self.read.append(dict(places))
        return {p: Peeked(o, self.appended[p, o], None, b"") for p, o in places.items() if (p, o) in self.appended}
