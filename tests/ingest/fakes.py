"""A log for tests that acknowledges at once, or as told; a clock that tests move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.testclient import TestClient

from projections.log.records import OnDone, Outcome, Placed, Record
from schemas.errors import Unavailable

PARTITIONS = 4
NOW = datetime(2026, 11, 22, tzinfo=UTC)

Start = Callable[..., TestClient]


@dataclass
class FakeLog:
    """Keeps records; `away` makes Kafka not answer, `silent` makes it say nothing at all."""

    records: list[Record] = field(default_factory=list)
    away: bool = False
    silent: bool = False
    free: int = 2**40
    unsettled: list[Callable[[], None]] = field(default_factory=list)

    def partition_for(self, topic: str, key: bytes) -> int:
        """Choose by length: enough to have several."""
        return len(key) % PARTITIONS

    def send(self, record: Record, on_done: OnDone) -> None:
        """Keep the record and say so."""
        self.records.append(record)
        partition = record.partition or 0
        offset = sum(each.topic == record.topic and (each.partition or 0) == partition for each in self.records) - 1
        placed: Outcome = Placed(record.topic, partition, offset)
        outcome = Unavailable("kafka", "gone") if self.away else placed
        if self.silent:
            self.unsettled.append(lambda: on_done(outcome))
        else:
            on_done(outcome)

    def values(self, topic: str) -> list[bytes]:
        """Give the lines written to a topic."""
        return [line for each in self.records if each.topic == topic for line in each.value.split(b"\n")]


class Hands:
    """The hands of a clock."""

    seconds = 0.0

    def __call__(self) -> float:
        """Tell the seconds."""
        return self.seconds
