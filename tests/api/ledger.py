"""A ledger of stages that tests write themselves, and the ends of a log that does not exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.stages import Standing, Topics
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
    """The ends of topics, what a group committed, and whether it has members."""

    ends: dict[TopicPartition, int] = field(default_factory=dict)
    committed_offsets: dict[TopicPartition, int] = field(default_factory=dict)
    members: tuple[str, ...] = ("worker",)
    away: bool = False

    def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        if self.away:
            raise Unavailable("kafka", "gone")
        return {place: end for place, end in self.ends.items() if place[0] in topics}

    def committed(self, group: str) -> dict[TopicPartition, int]:
        return dict(self.committed_offsets)

    def group_members(self, group: str) -> list[str]:
        return list(self.members)
